// Convolutions that are others with something before and behind.
#include "m2c/Graph/Decompose.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

/// A depthwise convolution over the last positions of the run before, then those of this one.
Composed composeCausalConv(CausalConvWithStateOp op, Composer &c) {
  Value input = op.getInput();
  ArrayRef<int64_t> shape = Composer::shape(input), state = Composer::shape(op.getPresentState());
  int64_t channels = shape[1], kept = state[2];
  Value past = op.getPastState();
  if (!past && kept != 0)
    past = c.make("Expand", {c.scalarLike(0, input), c.ints(state)});
  Value joined = kept == 0 ? input : c.make("Concat", {past, input}, c.attr("axis", int64_t{2}));
  Value y = c.make("Conv", {joined, op.getWeight(), op.getBias()}, c.attr("group", channels));
  if (op.getActivation() != "none")
    y = c.make("Swish", {y});
  int64_t length = shape[2] + kept;
  return {{y, c.slice(joined, 2, length - kept, length)}};
}

} // namespace

void addConvDecompositions(RewritePatternSet &patterns) {
  patterns.add<Decomposition<CausalConvWithStateOp>>(patterns.getContext(), composeCausalConv);
}

} // namespace m2c::graph
