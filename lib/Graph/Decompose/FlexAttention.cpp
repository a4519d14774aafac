// Attention whose scores and probabilities the model's own subgraphs change.
#include "Common.h"
#include "m2c/Graph/Infer.h"
#include "mlir/IR/IRMapping.h"
#include <cmath>

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

/// The subgraph's ops on `value`; `value` itself if there is none.
Value inlineSubgraph(Composer &c, Region &region, Value value) {
  if (region.empty())
    return value;
  IRMapping mapping;
  mapping.map(region.getArgument(0), value);
  for (Operation &op : region.front().without_terminator())
    c.rewriter.clone(op, mapping);
  return mapping.lookupOrDefault(region.front().getTerminator()->getOperand(0));
}

Composed composeFlexAttention(PreviewFlexAttentionOp op, Composer &c) {
  Value query = op.getQ(), key = op.getK(), value = op.getV();
  Type element = Composer::element(query), precise = getFlexAttentionPrecision(op);
  int64_t group = Composer::shape(query)[1] / Composer::shape(key)[1], width = Composer::shape(query)[3];
  key = repeatHeads(c, key, group);
  value = repeatHeads(c, value, group);
  // Both factors take the root of the scale, which is rounded to float32 and to their type.
  double scale = op.getScale() ? double(*op.getScale()) : 1 / std::sqrt(double(width));
  double root = std::sqrt(static_cast<float>(scale));
  Value scores = c.make("MatMul", {c.mul(query, root), c.transpose(c.mul(key, root), {0, 1, 3, 2})});
  scores = inlineSubgraph(c, op.getScoreMod(), c.cast(scores, precise));
  Value weights = c.make("Softmax", {scores}, c.attr("axis", int64_t{-1}));
  weights = inlineSubgraph(c, op.getProbMod(), weights);
  return {{c.cast(c.make("MatMul", {weights, c.cast(value, precise)}), element)}};
}

} // namespace

void addFlexAttentionDecompositions(RewritePatternSet &patterns) {
  patterns.add<Decomposition<PreviewFlexAttentionOp>>(patterns.getContext(), composeFlexAttention);
}

} // namespace m2c::graph
