// Launches of attention.
#include "Functor.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::emit;

static LogicalResult emitAttention(kernel::AttentionOp op, Printer &printer) {
  printer.require("attention.h");
  const char *const prefixes[] = {"q", "k", "v", "out"};
  const char *const dims[] = {"batch", "head", "row", "column"};
  SmallVector<ShapeField> strides;
  SmallVector<std::string> pointers;
  SmallVector<Buffer> views;
  int64_t extents[4][4];
  SmallVector<Value> operands{op.getQuery(), op.getKey(), op.getValue(), op.getInits()[0]};
  for (auto [i, operand] : llvm::enumerate(operands)) {
    Buffer view = printer.buffer(operand);
    if (printer.failed())
      return failure();
    views.push_back(view);
    pointers.push_back(view.pointer());
    int64_t steps[4];
    for (auto [physical, expr] : llvm::enumerate(op.getMap(static_cast<unsigned>(i)).getResults())) {
      unsigned logical = cast<AffineDimExpr>(expr).getPosition();
      steps[logical] = view.strides[physical].getNumber();
      extents[i][logical] = view.shape[physical].getNumber();
    }
    if (i == 3 && steps[3] != 1 && extents[3][3] != 1)
      return op.emitOpError("has an output whose rows are not consecutive elements");
    for (unsigned d = 0; d < (i == 3 ? 3 : 4); ++d)
      strides.emplace_back((Twine(prefixes[i]) + "_" + dims[d]).str(), steps[d]);
  }
  if (failed(cuda::checkSameElements(op, views)))
    return failure();
  constexpr int64_t widest = 256; // a tile of queries, keys and values in shared memory
  if (extents[0][3] > widest || extents[2][3] > widest)
    return op.emitOpError("has heads of width ") << std::max(extents[0][3], extents[2][3]) << ", but the kernel for "
                                                 << "GPUs is made for at most " << widest << "; use --target cpu";
  if (failed(cuda::checkBatches(op, extents[0][0] * extents[0][1])))
    return failure();
  SmallVector<ShapeField> shape{{"batch", extents[0][0]}, {"heads", extents[0][1]}, {"queries", extents[0][2]},
                                {"keys", extents[1][2]},  {"width", extents[0][3]}, {"value_width", extents[2][3]}};
  llvm::append_range(shape, strides);
  shape.emplace_back("causal", op.getCausal());
  std::string scale = printConstant(Builder(op.getContext()).getF32FloatAttr(op.getScale().convertToFloat()));
  std::string epilogue = cuda::printEpilogue(op, printer, {"b", "h", "q", "k"}, {"b", "h", "q", "k"});
  printer.call("rt::attention<" + printer.shapeStruct("attention", shape) + ">",
               {pointers[0], pointers[1], pointers[2], pointers[3], scale, epilogue});
  return failure(epilogue.empty());
}

void cuda::registerAttentionEmitters(EmitterRegistry &registry) { registry.add(emitAttention); }
