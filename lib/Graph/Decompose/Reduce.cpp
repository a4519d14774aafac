// Losses, and norms over planes.
#include "m2c/Graph/Decompose.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

/// -weight[target] * scores[n, target, ..], where the target is not `ignored`; then the sum or the weighted mean.
Value composeLoss(Composer &c, Value scores, Value target, Value weight, std::optional<int64_t> ignored,
                  StringRef reduction) {
  int64_t classes = Composer::shape(scores)[1];
  Type element = Composer::element(scores);
  Value kept, safe = target;
  if (ignored) {
    Value other = c.scalarLike(static_cast<double>(*ignored), target);
    Value isIgnored = c.make("Equal", {target, other});
    safe = c.make("Where", {isIgnored, c.scalarLike(0, target), target});
    kept = c.cast(c.make("Not", {isIgnored}), element);
  }
  SmallVector<int64_t> column(Composer::shape(target));
  column.insert(column.begin() + 1, 1);
  Value picked = c.make("GatherElements", {scores, c.reshape(safe, column)}, c.attr("axis", int64_t{1}));
  Value loss = c.make("Neg", {c.reshape(picked, Composer::shape(target))});
  Value weights = kept;
  if (weight) {
    weights = c.make("Gather", {c.reshape(weight, {classes}), safe});
    if (kept)
      weights = c.mul(weights, kept);
  }
  if (weights)
    loss = c.mul(loss, weights);
  if (reduction == "none")
    return loss;
  if (reduction == "mean" && !weights)
    return c.make("ReduceMean", {loss}, c.attr("keepdims", int64_t{0}));
  Value sum = c.make("ReduceSum", {loss}, c.attr("keepdims", int64_t{0}));
  return reduction == "sum" ? sum : c.div(sum, c.make("ReduceSum", {weights}, c.attr("keepdims", int64_t{0})));
}

std::optional<int64_t> toOptional(std::optional<int64_t> value) { return value; }

Composed composeNll(NegativeLogLikelihoodLossOp op, Composer &c) {
  return {{composeLoss(c, op.getInput(), op.getTarget(), op.getWeight(), toOptional(op.getIgnoreIndex()),
                       op.getReduction())}};
}

Composed composeCrossEntropy(SoftmaxCrossEntropyLossOp op, Composer &c) {
  Value logs = c.make("LogSoftmax", {op.getScores()}, c.attr("axis", int64_t{1}));
  SmallVector<Value> results{
      composeLoss(c, logs, op.getLabels(), op.getWeights(), toOptional(op.getIgnoreIndex()), op.getReduction())};
  if (op.getLogProb())
    results.push_back(logs);
  return results;
}

/// (sum |x|^p)^(1/p) over the spatial dimensions.
Composed composeGlobalLpPool(GlobalLpPoolOp op, Composer &c) {
  Value x = op.getX();
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(2, Composer::shape(x).size()));
  if (op.getP() == 1 || op.getP() == 2)
    return {{c.reduce(op.getP() == 1 ? "ReduceL1" : "ReduceL2", x, axes)}};
  Value powers = c.make("Pow", {c.make("Abs", {x}), c.scalarLike(static_cast<double>(op.getP()), x)});
  Value sum = c.reduce("ReduceSum", powers, axes);
  return {{c.make("Pow", {sum, c.scalarLike(1 / static_cast<double>(op.getP()), x)})}};
}

} // namespace

void addReduceDecompositions(RewritePatternSet &patterns) {
  MLIRContext *context = patterns.getContext();
  patterns.add<Decomposition<NegativeLogLikelihoodLossOp>>(context, composeNll);
  patterns.add<Decomposition<SoftmaxCrossEntropyLossOp>>(context, composeCrossEntropy);
  patterns.add<Decomposition<GlobalLpPoolOp>>(context, composeGlobalLpPool);
}

} // namespace m2c::graph
