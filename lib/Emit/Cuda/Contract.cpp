// Launches of contractions.
#include "Cpp/Loops.h"
#include "Functor.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::emit;

namespace {

/// The stride of iteration dimension `dim` in `buffer`; 0 if the operand does not vary along it.
int64_t strideOf(const Buffer &buffer, AffineMap map, unsigned dim) {
  for (auto [i, expr] : llvm::enumerate(map.getResults()))
    if (cast<AffineDimExpr>(expr).getPosition() == dim)
      return buffer.strides[i].getNumber();
  return 0;
}

LogicalResult emitContract(kernel::ContractOp op, Printer &printer) {
  printer.require("gemm.h");
  Buffer lhs = printer.buffer(op.getLhs()), rhs = printer.buffer(op.getRhs()), out = printer.buffer(op.getInits()[0]);
  if (printer.failed() || failed(cuda::checkSameElements(op, {lhs, rhs, out})))
    return failure();
  AffineMap lhsMap = op.getMap(0), rhsMap = op.getMap(1), outMap = op.getMap(2);
  SmallVector<int64_t> extents = op.getIterationShape();
  auto dims = static_cast<unsigned>(extents.size());
  unsigned m = dims - 3, n = dims - 2, k = dims - 1;
  if (strideOf(out, outMap, n) != 1 && extents[n] != 1)
    return op.emitOpError("writes columns that are ")
           << strideOf(out, outMap, n) << " elements apart, expected consecutive ones";
  std::optional<int64_t> panel;
  if (op.getPanel())
    panel = static_cast<int64_t>(*op.getPanel());
  SmallVector<ShapeField> shape{{"m", extents[m]},
                                {"n", extents[n]},
                                {"k", extents[k]},
                                {"a_row", strideOf(lhs, lhsMap, m)},
                                {"a_column", extents[k] == 1 ? 1 : strideOf(lhs, lhsMap, k)},
                                {"b_row", panel ? *panel : strideOf(rhs, rhsMap, k)},
                                {"b_column", panel || extents[n] == 1 ? 1 : strideOf(rhs, rhsMap, n)},
                                {"c_row", strideOf(out, outMap, m)}};
  // The batch, dimensions that step through memory as one merged.
  SmallVector<Loop> batch;
  for (unsigned d = 0; d < m; ++d)
    batch.push_back({extents[d], toDims({strideOf(lhs, lhsMap, d), panel ? 0 : strideOf(rhs, rhsMap, d),
                                         strideOf(out, outMap, d)})});
  batch = mergeLoops(batch);
  int64_t batches = 1;
  for (const Loop &loop : batch)
    batches *= loop.extent.getNumber();
  if (failed(cuda::checkBatches(op, batches)))
    return failure();
  constexpr size_t batchDims = 3;
  if (batch.size() > batchDims)
    return op.emitOpError("has ") << batch.size()
                                  << " batch dimensions that cannot be merged, but the kernel for GPUs "
                                     "has "
                                  << batchDims << "; use --target cpu";
  while (batch.size() < batchDims)
    batch.insert(batch.begin(), {1, Dims(3, Dim(0))});
  for (auto [i, loop] : llvm::enumerate(batch))
    shape.emplace_back("batch_" + std::to_string(i), loop.extent);
  const char *const operands[] = {"a", "b", "c"};
  for (auto [side, name] : llvm::enumerate(operands))
    for (auto [i, loop] : llvm::enumerate(batch))
      shape.emplace_back(name + std::string("_batch_") + std::to_string(i), loop.strides[side]);
  shape.emplace_back("b_padded", panel.has_value());

  SmallVector<std::string> digits = cuda::splitIndex("batch", ArrayRef(extents).take_front(m)), indices;
  for (AffineExpr expr : outMap.getResults()) {
    unsigned dim = cast<AffineDimExpr>(expr).getPosition();
    indices.push_back(extents[dim] == 1 ? "0" : dim == m ? "m" : dim == n ? "n" : digits[dim]);
  }
  std::string epilogue = cuda::printEpilogue(op, printer, {"batch", "m", "n"}, indices);
  printer.call("rt::gemm<" + printer.shapeStruct("gemm", shape) + ">",
               {lhs.pointer(), rhs.pointer(), out.pointer(), epilogue});
  return failure(epilogue.empty());
}

} // namespace

void cuda::registerContractEmitters(EmitterRegistry &registry) { registry.add(emitContract); }
