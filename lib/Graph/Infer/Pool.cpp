// Inference of pools.
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Graph/Infer.h"
#include "m2c/Graph/Windows.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

constexpr int64_t kAnyRank = std::numeric_limits<int64_t>::max();

template <class Op>
LogicalResult inferPool(Op op, Inference &i) {
  Value x = op.getX();
  if (failed(i.expectRank(x, 3, kAnyRank)))
    return failure();
  std::string problem;
  auto window = resolveWindow(getWindowAttrs(op), i.shape(x).drop_front(2), problem);
  if (!window)
    return i.error() << problem;
  Dims shape(i.shape(x).take_front(2));
  llvm::append_range(shape, window->output);
  if constexpr (std::is_same_v<Op, MaxPoolOp>)
    if (failed(i.set(Value(op.getIndices()), i.i64(), shape)))
      return failure();
  return i.set(0, i.element(x), shape);
}

LogicalResult inferGlobalPool(Operation *op, Inference &i) {
  Value x = op->getOperand(0);
  if (failed(i.expectRank(x, 3, kAnyRank)))
    return failure();
  Dims shape(i.rank(x), Dim(1));
  shape[0] = i.shape(x)[0];
  shape[1] = i.shape(x)[1];
  return i.set(0, i.element(x), shape);
}

LogicalResult inferMaxUnpool(MaxUnpoolOp op, Inference &i) {
  Value x = op.getX();
  if (failed(i.expectRank(x, 3, kAnyRank)))
    return failure();
  if (Value given = op.getOutputShape()) {
    auto shape = i.dims(given);
    return shape ? i.set(0, i.element(x), *shape) : i.unknown();
  }
  std::string problem;
  auto window = resolveTransposedWindow(getWindowAttrs(op), i.shape(x).drop_front(2), problem);
  if (!window)
    return i.error() << problem;
  Dims shape(i.shape(x).take_front(2));
  llvm::append_range(shape, window->output);
  return i.set(0, i.element(x), shape);
}

LogicalResult inferRoiPool(MaxRoiPoolOp op, Inference &i) {
  if (failed(i.expectRank(op.getX(), 4)) || failed(i.expectRank(op.getRois(), 2)))
    return failure();
  if (op.getPooledShape().size() != 2)
    return i.error() << "pooled_shape has " << op.getPooledShape().size() << " values but must have 2";
  return i.set(
      0, i.element(op.getX()),
      {i.shape(op.getRois())[0], i.shape(op.getX())[1], Dim(op.getPooledShape()[0]), Dim(op.getPooledShape()[1])});
}

} // namespace

void addPoolInference(InferenceRegistry &r) {
  r.add<AveragePoolOp>(inferPool<AveragePoolOp>);
  r.add<MaxPoolOp>(inferPool<MaxPoolOp>);
  r.add<LpPoolOp>(inferPool<LpPoolOp>);
  r.addAll<GlobalAveragePoolOp, GlobalMaxPoolOp, GlobalLpPoolOp>(inferGlobalPool);
  r.add<MaxUnpoolOp>(inferMaxUnpool);
  r.add<MaxRoiPoolOp>(inferRoiPool);
}

} // namespace m2c::graph
