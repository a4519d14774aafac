// Inference of normalisations and softmax.
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Graph/Infer.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

template <class Op>
LogicalResult inferAlongAxis(Op op, Inference &i) {
  Value input = op->getOperand(0);
  // A scalar has no axis, but exporters leave the default -1 there.
  if (i.rank(input) > 0 && failed(i.axis(op.getAxis(), i.rank(input))))
    return failure();
  return i.setLike(input);
}

/// Every per-channel operand has one value per channel of the input.
LogicalResult checkChannels(Inference &i, Value x, ValueRange channels) {
  if (failed(i.expectRank(x, 2, std::numeric_limits<int64_t>::max())))
    return failure();
  for (Value value : channels)
    if (failed(i.expectRank(value, 1)) || failed(i.expectSameDim(value, 0, x, 1)))
      return failure();
  return success();
}

LogicalResult inferBatchNorm(BatchNormalizationOp op, Inference &i) {
  if (failed(checkChannels(i, op.getX(), op->getOperands().drop_front())))
    return failure();
  for (Value statistic : {Value(op.getRunningMean()), Value(op.getRunningVar())})
    if (failed(i.set(statistic, i.element(op.getInputMean()), i.shape(op.getInputMean()))))
      return failure();
  return i.setLike(op.getX());
}

LogicalResult inferInstanceNorm(InstanceNormalizationOp op, Inference &i) {
  return failed(checkChannels(i, op.getInput(), {op.getScale(), op.getB()})) ? failure() : i.setLike(op.getInput());
}

LogicalResult inferGroupNorm(GroupNormalizationOp op, Inference &i) {
  if (failed(checkChannels(i, op.getX(), {op.getScale(), op.getBias()})))
    return failure();
  Dim channels = i.shape(op.getX())[1];
  int64_t groups = op.getNumGroups();
  if (groups < 1 || (channels.isNumber() && channels.getNumber() % groups != 0))
    return i.error() << "num_groups " << groups << " does not divide the " << channels.str() << " channels of "
                     << describe(op.getX());
  return i.setLike(op.getX());
}

LogicalResult inferDropout(DropoutOp op, Inference &i) {
  if (failed(i.set(Value(op.getMask()), i.boolean(), i.shape(op.getData()))))
    return failure();
  return i.setLike(op.getData());
}

/// Scale and bias are broadcast to x, never the other way round.
LogicalResult checkScale(Inference &i, Value x, ValueRange parameters) {
  for (Value value : parameters) {
    if (!value)
      continue;
    auto shape = i.broadcast({x, value});
    if (failed(shape))
      return failure();
    if (int64_t(shape->size()) != i.rank(x))
      return i.error() << describe(value) << " cannot be broadcast to " << describe(x);
  }
  return success();
}

LogicalResult inferLayerNorm(LayerNormalizationOp op, Inference &i) {
  Value x = op.getX();
  auto axis = i.axis(op.getAxis(), i.rank(x));
  if (failed(axis) || failed(checkScale(i, x, {op.getScale(), op.getB()})))
    return failure();
  Dims reduced(i.shape(x));
  std::fill(reduced.begin() + *axis, reduced.end(), Dim(1));
  Type stash =
      op.getStashType() == 1 ? Type(Float32Type::get(i.context())) : getElementType(i.context(), op.getStashType());
  for (Value statistic : {Value(op.getMean()), Value(op.getInvStdDev())})
    if (failed(i.set(statistic, stash ? stash : i.element(x), reduced)))
      return failure();
  return i.setLike(x);
}

LogicalResult inferRmsNorm(RMSNormalizationOp op, Inference &i) {
  if (failed(i.axis(op.getAxis(), i.rank(op.getX()))) || failed(checkScale(i, op.getX(), {op.getScale()})))
    return failure();
  return i.setLike(op.getX());
}

LogicalResult inferLrn(LRNOp op, Inference &i) {
  return failed(i.expectRank(op.getX(), 2, std::numeric_limits<int64_t>::max())) ? failure() : i.setLike(op.getX());
}

LogicalResult inferMvn(MeanVarianceNormalizationOp op, Inference &i) {
  return failed(i.axes(op.getAxes(), i.rank(op.getX()))) ? failure() : i.setLike(op.getX());
}

} // namespace

void addNormalizeInference(InferenceRegistry &r) {
  r.add<SoftmaxOp>(inferAlongAxis<SoftmaxOp>);
  r.add<LogSoftmaxOp>(inferAlongAxis<LogSoftmaxOp>);
  r.add<HardmaxOp>(inferAlongAxis<HardmaxOp>);
  r.add<LpNormalizationOp>(inferAlongAxis<LpNormalizationOp>);
  r.add<BatchNormalizationOp>(inferBatchNorm);
  r.add<InstanceNormalizationOp>(inferInstanceNorm);
  r.add<GroupNormalizationOp>(inferGroupNorm);
  r.add<DropoutOp>(inferDropout);
  r.add<LayerNormalizationOp>(inferLayerNorm);
  r.add<RMSNormalizationOp>(inferRmsNorm);
  r.add<LRNOp>(inferLrn);
  r.add<MeanVarianceNormalizationOp>(inferMvn);
}

} // namespace m2c::graph
