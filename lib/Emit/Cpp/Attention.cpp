// Prints attention.
#include "m2c/Emit/Cpp/Expression.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::emit;

namespace {

LogicalResult emitAttention(kernel::AttentionOp op, Printer &printer) {
  printer.require("attention.h");
  const char *const prefixes[] = {"q", "k", "v", "out"};
  const char *const dims[] = {"batch", "head", "row", "column"};
  SmallVector<Value> operands{op.getQuery(), op.getKey(), op.getValue(), op.getInits()[0]};
  SmallVector<ShapeField> strides;
  SmallVector<std::string> pointers;
  SmallVector<Dims> extents(4, Dims(4, Dim(1)));
  for (auto [i, operand] : llvm::enumerate(operands)) {
    Buffer view = printer.buffer(operand);
    if (printer.failed())
      return failure();
    pointers.push_back(view.pointer());
    AffineMap map = op.getMap(static_cast<unsigned>(i));
    Dims steps(4, Dim(0));
    for (auto [physical, expr] : llvm::enumerate(map.getResults())) {
      unsigned logical = cast<AffineDimExpr>(expr).getPosition();
      steps[logical] = view.strides[physical];
      extents[i][logical] = view.shape[physical];
    }
    if (i == 3 && steps[3] != 1 && extents[3][3] != 1)
      return op.emitOpError("has an output whose rows are not consecutive elements");
    for (unsigned d = 0; d < (i == 3 ? 3 : 4); ++d)
      strides.emplace_back((Twine(prefixes[i]) + "_" + dims[d]).str(), steps[d]);
  }
  SmallVector<ShapeField> shape{{"batch", extents[0][0]}, {"heads", extents[0][1]}, {"queries", extents[0][2]},
                                {"keys", extents[1][2]},  {"width", extents[0][3]}, {"value_width", extents[2][3]}};
  llvm::append_range(shape, strides);
  shape.emplace_back("causal", op.getCausal());
  std::string scale = printConstant(Builder(op.getContext()).getF32FloatAttr(op.getScale().convertToFloat()));
  if (!op.getScratch())
    return op.emitOpError("needs scratch memory (pass add-scratch)");
  Buffer scratch = printer.buffer(op.getScratch());
  std::string epilogue = printer.epilogue(op);
  if (printer.failed())
    return failure();
  SmallVector<std::string> arguments(pointers);
  arguments.append({scratch.pointer(), scale, epilogue});
  Printer::addPart(op, arguments);
  printer.callShaped(op, "attention", shape, arguments,
                     {"batch", "queries", "keys", "q_batch", "q_head", "q_row", "q_column", "k_batch", "k_head",
                      "k_row", "k_column", "v_batch", "v_head", "v_row", "v_column", "out_batch", "out_head",
                      "out_row"});
  return failure(printer.failed());
}

} // namespace

void m2c::emit::registerAttentionEmitters(EmitterRegistry &registry) { registry.add(emitAttention); }
