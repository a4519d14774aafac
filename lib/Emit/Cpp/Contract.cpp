// Prints contractions: one call of the matrix product, in loops over the batch dimensions.
#include "Loops.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::emit;

namespace {

/// The stride of iteration dimension `dim` in `buffer`; 0 if the operand does not vary along it.
Dim strideOf(const Buffer &buffer, AffineMap map, unsigned dim) {
  for (auto [i, expr] : llvm::enumerate(map.getResults()))
    if (cast<AffineDimExpr>(expr).getPosition() == dim)
      return buffer.strides[i];
  return 0;
}

/// What the batch loops add to an operand's pointer: "b0*4096 + b1*64".
std::string batchTerms(Printer &printer, const Buffer &buffer, AffineMap map, ArrayRef<std::string> loops) {
  std::string terms;
  for (auto [dim, loop] : llvm::enumerate(loops)) {
    Dim stride = strideOf(buffer, map, dim);
    if (loop.empty() || stride == 0)
      continue;
    terms += (terms.empty() ? "" : " + ") + loop + (stride == 1 ? "" : "*" + printer.text(stride));
  }
  return terms;
}

LogicalResult emitContract(kernel::ContractOp op, Printer &printer) {
  printer.require("gemm.h");
  Buffer lhs = printer.buffer(op.getLhs()), rhs = printer.buffer(op.getRhs()), out = printer.buffer(op.getInits()[0]);
  if (printer.failed())
    return failure();
  AffineMap lhsMap = op.getMap(0), rhsMap = op.getMap(1), outMap = op.getMap(2);
  SmallVector<int64_t> fixed = op.getIterationShape();
  auto dims = static_cast<unsigned>(fixed.size());
  Dims extents = toDims(fixed);
  for (auto [buffer, map] : {std::pair(&lhs, lhsMap), std::pair(&rhs, rhsMap), std::pair(&out, outMap)})
    for (auto [d, expr] : llvm::enumerate(map.getResults()))
      if (Dim &extent = extents[cast<AffineDimExpr>(expr).getPosition()]; extent.isUnknown())
        extent = buffer->shape[d];
  unsigned m = dims - 3, n = dims - 2, k = dims - 1;
  Dim outColumn = strideOf(out, outMap, n);
  if (outColumn != 1 && extents[n] != 1)
    return op.emitOpError("writes columns that are ")
           << outColumn.str() << " elements apart, expected consecutive ones";

  SmallVector<ShapeField> shape{{"m", extents[m]}, {"n", extents[n]}, {"k", extents[k]}};
  // A stride over one element only is never used; 1 chooses the fast kernel.
  auto stride = [&](const Buffer &buffer, AffineMap map, unsigned dim) {
    return extents[dim] == 1 ? Dim(1) : strideOf(buffer, map, dim);
  };
  shape.emplace_back("a_row", stride(lhs, lhsMap, m));
  shape.emplace_back("a_column", stride(lhs, lhsMap, k));
  shape.emplace_back("c_row", stride(out, outMap, m));
  bool packed = op.getPanel().has_value();
  if (packed) {
    shape.emplace_back("panel", static_cast<int64_t>(*op.getPanel()));
  } else {
    shape.emplace_back("b_row", stride(rhs, rhsMap, k));
    shape.emplace_back("b_column", stride(rhs, rhsMap, n));
  }
  std::string epilogue = printer.epilogue(cast<kernel::KernelOpInterface>(op.getOperation()));

  // The loops over the batch, and the indices of the output in its own order.
  SmallVector<std::string> loops(m);
  for (unsigned d = 0; d < m; ++d)
    if (extents[d] != 1)
      loops[d] = printer.freshName("b");
  if (Printer::hasEpilogue(cast<kernel::KernelOpInterface>(op.getOperation())) &&
      !(dims == 3 && outMap.getResult(0) == getAffineDimExpr(m, op.getContext()))) {
    std::string finish = printer.freshName("finish"), arguments;
    printer.code().line("const auto " + finish + " = " + epilogue + ";");
    for (AffineExpr expr : outMap.getResults()) {
      unsigned dim = cast<AffineDimExpr>(expr).getPosition();
      arguments += ", " + (dim == m ? "m" : dim == n ? "n" : loops[dim].empty() ? "rt::idx{0}" : loops[dim]);
    }
    bool usesM = arguments.find(", m") != std::string::npos;
    epilogue = "[&](auto acc, rt::idx" + std::string(usesM ? " m" : "") + ", rt::idx n) { return " + finish + "(acc" +
               arguments + "); }";
  }
  auto splitDim = op->getAttrOfType<IntegerAttr>(splitDimAttrName); // else the product is split
  std::string own;
  if (splitDim)
    own = printOwnRange(printer, extents[splitDim.getInt()]);
  for (unsigned d = 0; d < m; ++d)
    if (!loops[d].empty()) {
      bool isOwn = splitDim && splitDim.getInt() == d;
      printer.code().open("for (rt::idx " + loops[d] + " = " + (isOwn ? own + ".begin" : "0") + "; " + loops[d] +
                          " < " + (isOwn ? own + ".end" : printer.text(extents[d])) + "; ++" + loops[d] + ") {");
    }
  SmallVector<std::string> arguments{lhs.pointer(batchTerms(printer, lhs, lhsMap, loops)),
                                     rhs.pointer(packed ? std::string() : batchTerms(printer, rhs, rhsMap, loops)),
                                     out.pointer(batchTerms(printer, out, outMap, loops))};
  bool isSymbolic = llvm::any_of(shape, [](const ShapeField &field) { return field.isSymbolic(); });
  if (!packed && !isSymbolic)
    arguments.push_back(op.getScratch() ? printer.buffer(op.getScratch()).pointer()
                                        : "static_cast<" + lhs.element + "*>(nullptr)");
  arguments.push_back(epilogue);
  if (!splitDim)
    Printer::addPart(op, arguments);
  if (isSymbolic) // sizes and strides as arguments: of all, or of the rows alone where B is packed
    printer.callShaped(op, packed ? "gemm" : "product", shape, arguments,
                       packed ? ArrayRef<StringRef>{"m", "a_row", "c_row"}
                              : ArrayRef<StringRef>{"m", "n", "k", "a_row", "a_column", "c_row", "b_row", "b_column"});
  else
    printer.call((packed ? "rt::gemm<" : "rt::gemm_any<") + printer.shapeStruct("gemm", shape) + ">", arguments);
  for (const std::string &loop : llvm::reverse(loops))
    if (!loop.empty())
      printer.code().close();
  return success();
}

} // namespace

void m2c::emit::registerContractEmitters(EmitterRegistry &registry) { registry.add(emitContract); }
