// What the attention kernel does not do, as matrix products; rotary embeddings; gated linear units.
#include "Common.h"
#include "m2c/Graph/ShapeMath.h"
#include <cmath>

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// [B, L, H * D] -> [B, H, L, D]
Value splitHeads(Composer &c, Value value, std::optional<int64_t> heads) {
  SmallVector<int64_t> shape(Composer::shape(value));
  if (shape.size() == 4)
    return value;
  return c.transpose(c.reshape(value, {shape[0], shape[1], *heads, shape[2] / *heads}), {0, 2, 1, 3});
}

/// Positions 0, 1 .. n - 1 along dimension `dim` of a tensor of rank 4.
Value positions(Composer &c, int64_t n, unsigned dim) {
  SmallVector<int64_t> shape(4, 1);
  shape[dim] = n;
  return c.reshape(c.ints(llvm::to_vector(llvm::seq<int64_t>(0, n))), shape);
}

/// Which keys a query may see by causality, window and padding; null for all.
Value visibleKeys(AttentionOp op, Composer &c, int64_t queries, int64_t keys, int64_t past) {
  Value visible;
  auto restrictTo = [&](StringRef comparison, Value a, Value b) {
    Value allowed = c.make(comparison, {a, b});
    visible = visible ? c.make("And", {visible, allowed}) : allowed;
  };
  Value key = positions(c, keys, 3), length;
  if (op.getNonpadKvSeqlen())
    length = c.reshape(op.getNonpadKvSeqlen(), {Composer::shape(op.getNonpadKvSeqlen())[0], 1, 1, 1});
  Value offset = length && !op.getPastKey() ? c.add(length, static_cast<double>(-queries))
                                            : c.scalarLike(static_cast<double>(past), key);
  Value position = c.add(positions(c, queries, 2), offset);
  if (op.getIsCausal())
    restrictTo("LessOrEqual", key, position);
  if (op.getLeftWindowSize() >= 0)
    restrictTo("GreaterOrEqual", key, c.add(position, -static_cast<double>(op.getLeftWindowSize())));
  if (op.getRightWindowSize() >= 0)
    restrictTo("LessOrEqual", key, c.add(position, static_cast<double>(op.getRightWindowSize())));
  if (length)
    restrictTo("Less", key, length);
  return visible;
}

/// Softmax that is 0 in rows of nothing but -inf.
Value maskedSoftmax(Composer &c, Value scores) {
  Value nothing = c.make("Equal", {c.reduce("ReduceMax", scores, {3}), c.scalarLike(-kInfinity, scores)});
  return c.make("Where", {nothing, c.scalarLike(0, scores), c.make("Softmax", {scores}, c.attr("axis", int64_t{-1}))});
}

Composed composeAttention(AttentionOp op, Composer &c) {
  bool scoresUsed = op.getQkMatmulOutput() && !op.getQkMatmulOutput().use_empty();
  bool window = op.getLeftWindowSize() != -1 || op.getRightWindowSize() != -1;
  Value mask = op.getAttnMask();
  int64_t keysOfMask = !mask ? 0 : Composer::shape(mask).empty() ? 1 : Composer::shape(mask).back();
  int64_t keys = Composer::shape(op.getK())[Composer::shape(op.getK()).size() - 2];
  int64_t past = op.getPastKey() ? Composer::shape(op.getPastKey())[2] : 0;
  keys += past;
  bool isKernel = Composer::element(op.getQ()).isF32() && !scoresUsed && !window && !op.getNonpadKvSeqlen() &&
                  (!mask || (keysOfMask == keys && !Composer::element(mask).isInteger(1)));
  if (isKernel)
    return std::nullopt;

  Value query = splitHeads(c, op.getQ(), op.getQNumHeads()), key = splitHeads(c, op.getK(), op.getKvNumHeads()),
        value = splitHeads(c, op.getV(), op.getKvNumHeads());
  if (op.getPastKey()) {
    key = c.make("Concat", {op.getPastKey(), key}, c.attr("axis", int64_t{2}));
    value = c.make("Concat", {op.getPastValue(), value}, c.attr("axis", int64_t{2}));
  }
  Value presentKey = key, presentValue = value;
  int64_t heads = Composer::shape(query)[1], queries = Composer::shape(query)[2], width = Composer::shape(query)[3];
  int64_t group = heads / Composer::shape(key)[1];
  key = repeatHeads(c, key, group);
  value = repeatHeads(c, value, group);
  double scale = std::sqrt(op.getScale() ? double(*op.getScale()) : 1 / std::sqrt(double(width)));
  Value scores = c.make("MatMul", {c.mul(query, scale), c.transpose(c.mul(key, scale), {0, 1, 3, 2})});
  SmallVector<Value> stages{scores};
  if (op.getSoftcap() != 0)
    scores = c.mul(c.make("Tanh", {c.mul(scores, 1 / double(op.getSoftcap()))}), op.getSoftcap());
  stages.push_back(scores);
  Value hidden = c.scalarLike(-kInfinity, scores);
  if (mask) {
    bool isBool = Composer::element(mask).isInteger(1);
    if (keysOfMask < keys && keysOfMask != 1) {
      SmallVector<int64_t> pads(2 * Composer::shape(mask).size(), 0);
      pads.back() = keys - keysOfMask;
      mask = c.make("Pad", {mask, c.ints(pads), c.scalarLike(isBool ? 0 : -kInfinity, mask)});
    }
    scores = isBool ? c.make("Where", {mask, scores, hidden}) : c.add(scores, c.cast(mask, Composer::element(scores)));
  }
  if (Value visible = visibleKeys(op, c, queries, keys, past))
    scores = c.make("Where", {visible, scores, hidden});
  stages.push_back(scores);
  Value weights = maskedSoftmax(c, scores);
  stages.push_back(weights);
  Value y = c.make("MatMul", {weights, value});
  if (Composer::shape(op.getY()).size() == 3)
    y = c.reshape(c.transpose(y, {0, 2, 1, 3}), Composer::shape(op.getY()));
  SmallVector<Value> results{y};
  if (op.getPresentKey())
    results.push_back(presentKey);
  if (op.getPresentValue())
    results.push_back(presentValue);
  if (op.getQkMatmulOutput())
    results.push_back(stages[op.getQkMatmulOutputMode()]);
  return results;
}

/// Pairs of features (the halves, or neighbours if `interleaved`) are turned by the angle of their position.
Composed composeRotary(RotaryEmbeddingOp op, Composer &c) {
  Value x = op.getX();
  SmallVector<int64_t> shape(Composer::shape(x));
  bool packed = shape.size() == 3; // [B, L, H * D], else [B, H, L, D]
  if (packed) {
    int64_t heads = *op.getNumHeads();
    x = c.reshape(x, {shape[0], shape[1], heads, shape[2] / heads});
  } else {
    x = c.transpose(x, {0, 2, 1, 3});
  }
  SmallVector<int64_t> split(Composer::shape(x)); // [B, L, H, D]
  int64_t width = op.getRotaryEmbeddingDim() ? op.getRotaryEmbeddingDim() : split[3], half = width / 2;
  auto angles = [&](Value cache) {
    if (op.getPositionIds())
      cache = c.make("Gather", {cache, op.getPositionIds()});
    return c.reshape(cache, {Composer::shape(cache)[0], split[1], 1, half});
  };
  Value cosine = angles(op.getCosCache()), sine = angles(op.getSinCache());
  bool interleaved = op.getInterleaved() != 0;
  Value first = interleaved ? c.slice(x, 3, 0, width, 2) : c.slice(x, 3, 0, half);
  Value second = interleaved ? c.slice(x, 3, 1, width, 2) : c.slice(x, 3, half, width);
  Value real = c.sub(c.mul(cosine, first), c.mul(sine, second));
  Value imaginary = c.add(c.mul(sine, first), c.mul(cosine, second));
  Value turned;
  if (interleaved) {
    SmallVector<int64_t> column{split[0], split[1], split[2], half, 1};
    turned = c.make("Concat", {c.reshape(real, column), c.reshape(imaginary, column)}, c.attr("axis", int64_t{4}));
    turned = c.reshape(turned, {split[0], split[1], split[2], width});
  } else {
    turned = c.make("Concat", {real, imaginary}, c.attr("axis", int64_t{3}));
  }
  if (width < split[3])
    turned = c.make("Concat", {turned, c.slice(x, 3, width, split[3])}, c.attr("axis", int64_t{3}));
  return {{packed ? c.reshape(turned, shape) : c.transpose(turned, {0, 2, 1, 3})}};
}

} // namespace

void addAttentionDecompositions(RewritePatternSet &patterns) {
  MLIRContext *context = patterns.getContext();
  patterns.add<Decomposition<AttentionOp>>(context, composeAttention);
  patterns.add<Decomposition<RotaryEmbeddingOp>>(context, composeRotary);
}

} // namespace m2c::graph
