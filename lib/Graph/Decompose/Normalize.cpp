// Normalisations that are not a kernel's.
#include "m2c/Graph/Decompose.h"
#include "m2c/Graph/ShapeMath.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

/// (x - mean) / (standard deviation + 1e-9)
Composed composeMvn(MeanVarianceNormalizationOp op, Composer &c) {
  Value x = op.getX();
  SmallVector<int64_t> axes(op.getAxes());
  Value centered = c.sub(x, c.reduce("ReduceMean", x, axes));
  Value variance = c.reduce("ReduceMean", c.mul(centered, centered), axes);
  return {{c.div(centered, c.add(c.sqrt(variance), 1e-9))}};
}

/// x / norm, and 0 where the norm is 0.
Composed composeLpNorm(LpNormalizationOp op, Composer &c) {
  Value x = op.getInput();
  Value norm = c.reduce(op.getP() == 1 ? "ReduceL1" : "ReduceL2", x, {op.getAxis()});
  Value isZero = c.make("Equal", {norm, c.scalarLike(0, norm)});
  return {{c.div(x, c.make("Where", {isZero, c.scalarLike(1, norm), norm}))}};
}

/// x / (bias + alpha / size * sum of squares over `size` neighbouring channels) ^ beta. The mean of a window that
/// counts its padding is that sum / size.
Composed composeLrn(LRNOp op, Composer &c) {
  Value x = op.getX();
  ArrayRef<int64_t> shape = Composer::shape(x);
  int64_t size = op.getSize(), plane = 1, before = (size - 1) / 2;
  for (int64_t extent : shape.drop_front(2))
    plane *= extent;
  Value squares = c.reshape(c.mul(x, x), {shape[0], 1, shape[1], plane});
  Value means = c.make("AveragePool", {squares},
                       {c.attr("kernel_shape", ArrayRef<int64_t>{size, 1}),
                        c.attr("pads", ArrayRef<int64_t>{before, 0, size - 1 - before, 0}),
                        c.attr("count_include_pad", int64_t{1})});
  Value sum = c.add(c.mul(c.reshape(means, shape), op.getAlpha()), op.getBias());
  return {{c.div(x, c.make("Pow", {sum, c.scalarLike(op.getBeta(), x)}))}};
}

/// 1 at the first largest element of each row, else 0.
Composed composeHardmax(HardmaxOp op, Composer &c) {
  Value x = op.getInput();
  int64_t rank = Composer::shape(x).size(), axis = op.getAxis() < 0 ? op.getAxis() + rank : op.getAxis();
  Value position = c.make("ArgMax", {x}, {c.attr("axis", axis), c.attr("keepdims", int64_t{0})});
  Value depth = c.ints(Composer::shape(x)[axis]);
  Value values = c.constant(Composer::element(x), {2}, {0.0, 1.0});
  return {{c.make("OneHot", {position, depth, values}, c.attr("axis", axis))}};
}

/// With its mean and inverse deviation as outputs, which the kernel does not keep.
Composed composeLayerNorm(LayerNormalizationOp op, Composer &c) {
  bool used = (op.getMean() && !op.getMean().use_empty()) || (op.getInvStdDev() && !op.getInvStdDev().use_empty());
  if (!used && !Composer::element(op.getX()).isF64())
    return std::nullopt;
  Value x = op.getX();
  int64_t rank = Composer::shape(x).size(), first = op.getAxis() < 0 ? op.getAxis() + rank : op.getAxis();
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq(first, rank));
  Value mean = c.reduce("ReduceMean", x, axes), centered = c.sub(x, mean);
  Value variance = c.reduce("ReduceMean", c.mul(centered, centered), axes);
  Value inverse = c.make("Reciprocal", {c.sqrt(c.add(variance, op.getEpsilon()))});
  Value y = c.mul(c.mul(centered, inverse), op.getScale());
  SmallVector<Value> results{op.getB() ? c.add(y, op.getB()) : y};
  for (auto [result, value] : {std::pair<Value, Value>{op.getMean(), mean}, {op.getInvStdDev(), inverse}})
    if (result)
      results.push_back(c.cast(value, Composer::element(result)));
  return results;
}

/// A copy, and a mask of nothing but true: what inference does, and a ratio of 0.
Composed composeDropout(DropoutOp op, Composer &c) {
  auto isZero = [](Value value) {
    auto constant = value ? ConstantTensor::get(value) : std::nullopt;
    return constant && constant->size() == 1 && constant->getDouble(0) == 0;
  };
  if (op.getTrainingMode() && !isZero(op.getTrainingMode()) && !isZero(op.getRatio()))
    return std::nullopt;
  SmallVector<Value> results{op.getData()};
  if (op.getMask()) {
    Value yes = c.constant(c.rewriter.getI1Type(), {}, 1.0);
    results.push_back(c.make("Expand", {yes, c.ints(Composer::shape(op.getMask()))}));
  }
  return results;
}

/// exp(x - max) / sum, or its logarithm, in float64: the kernel has float32.
template <class Op>
Composed composeSoftmax(Op op, Composer &c) {
  Value x = op.getInput();
  if (!Composer::element(x).isF64())
    return std::nullopt;
  int64_t axis = op.getAxis();
  Value shifted = c.sub(x, c.reduce("ReduceMax", x, {axis})), e = c.make("Exp", {shifted});
  Value sum = c.reduce("ReduceSum", e, {axis});
  return {{std::is_same_v<Op, SoftmaxOp> ? c.div(e, sum) : c.sub(shifted, c.make("Log", {sum}))}};
}

/// Training: the statistics of the batch, and running ones as outputs.
Composed composeBatchNorm(BatchNormalizationOp op, Composer &c) {
  if (!op.getTrainingMode())
    return std::nullopt;
  Value x = op.getX();
  int64_t rank = Composer::shape(x).size(), channels = Composer::shape(x)[1];
  SmallVector<int64_t> axes{0}, perChannel(rank - 1, 1);
  for (int64_t axis = 2; axis < rank; ++axis)
    axes.push_back(axis);
  perChannel[0] = channels;
  auto spread = [&](Value value) { return c.reshape(value, perChannel); };
  Value mean = c.reduce("ReduceMean", x, axes), centered = c.sub(x, mean);
  Value variance = c.reduce("ReduceMean", c.mul(centered, centered), axes);
  Value normal = c.div(centered, c.sqrt(c.add(variance, op.getEpsilon())));
  Value y = c.add(c.mul(normal, spread(op.getScale())), spread(op.getB()));
  SmallVector<Value> results{y};
  double momentum = op.getMomentum();
  auto running = [&](Value before, Value now) {
    return c.add(c.mul(before, momentum),
                 c.cast(c.mul(c.reshape(now, {channels}), 1 - momentum), Composer::element(before)));
  };
  if (op.getRunningMean())
    results.push_back(running(op.getInputMean(), mean));
  if (op.getRunningVar())
    results.push_back(running(op.getInputVar(), variance));
  return results;
}

} // namespace

void addNormalizeDecompositions(RewritePatternSet &patterns) {
  MLIRContext *context = patterns.getContext();
  patterns.add<Decomposition<MeanVarianceNormalizationOp>>(context, composeMvn);
  patterns.add<Decomposition<LpNormalizationOp>>(context, composeLpNorm);
  patterns.add<Decomposition<LRNOp>>(context, composeLrn);
  patterns.add<Decomposition<HardmaxOp>>(context, composeHardmax);
  patterns.add<Decomposition<LayerNormalizationOp>>(context, composeLayerNorm);
  patterns.add<Decomposition<BatchNormalizationOp>>(context, composeBatchNorm);
  patterns.add<Decomposition<DropoutOp>>(context, composeDropout);
  patterns.add<Decomposition<SoftmaxOp>>(context, composeSoftmax<SoftmaxOp>);
  patterns.add<Decomposition<LogSoftmaxOp>>(context, composeSoftmax<LogSoftmaxOp>);
}

} // namespace m2c::graph
