// com.microsoft's attention: projections, masks and rotary embeddings around ONNX's Attention.
#include "m2c/Graph/Decompose.h"
#include "m2c/Graph/Diagnostics.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

/// What keeps a query from a key, to be added to its score; null for nothing.
struct Bias {
  Composer &c;
  Type element;
  Value value;

  void add(Value more) { value = value ? c.add(value, more) : more; }

  /// `filter` where `visible` is false.
  void hide(Value visible, float filter) {
    add(c.make("Where", {visible, c.constant(element, {}, 0.0), c.constant(element, {}, double(filter))}));
  }
};

/// A mask of integers: lengths [B], or whether a key is visible, [B, keys], [B, queries, keys] or [B, 1, queries,
/// keys]. False where it has another form.
bool addMask(Bias &bias, Value mask, int64_t batch, int64_t queries, int64_t keys, float filter) {
  Composer &c = bias.c;
  SmallVector<int64_t> shape(Composer::shape(mask));
  if (shape == SmallVector<int64_t>{batch} || shape == SmallVector<int64_t>{batch, 1}) {
    if (keys == 1 && shape.size() == 2)
      return false; // which of both it is, only its values tell
    Value positions = c.cast(c.ints(llvm::to_vector(llvm::seq<int64_t>(0, keys))), Composer::element(mask));
    bias.hide(c.make("Less", {positions, c.reshape(mask, {batch, 1, 1, 1})}), filter);
    return true;
  }
  if (shape == SmallVector<int64_t>{batch, keys})
    shape = {batch, 1, 1, keys};
  else if (shape == SmallVector<int64_t>{batch, queries, keys})
    shape = {batch, 1, queries, keys};
  else if (shape != SmallVector<int64_t>{batch, 1, queries, keys})
    return false;
  Value visible = c.reshape(mask, shape);
  visible = c.make("Greater", {visible, c.scalarLike(0, visible)});
  bias.hide(visible, filter);
  return true;
}

struct Attend {
  Value query, key, value, mask, pastKey, pastValue;
  int64_t heads = 1, kvHeads = 1;
  bool causal = false;
  std::optional<float> scale;
  float softcap = 0;
  int64_t window = -1;
};

/// Makes a's mask of the op's mask of integers (may be null), which an error names, and of its attention_bias.
template <class Op>
LogicalResult addMasks(Composer &c, Attend &a, Op op, Value input, std::pair<Value, StringRef> mask, int64_t batch,
                       int64_t queries, int64_t keys) {
  Bias bias{c, Composer::element(input), {}};
  if (mask.first && !addMask(bias, mask.first, batch, queries, keys, op.getMaskFilterValue()))
    return emitNodeError(op)
           << "a " << mask.second
           << " of another form than [batch], [batch, keys] and [batch, queries, keys] is not supported";
  if (op.getAttentionBias())
    bias.add(op.getAttentionBias());
  a.mask = bias.value;
  return success();
}

/// ONNX's Attention: output and, if they are wanted, the present keys and values.
ValueRange attend(Composer &c, const Attend &a, bool present) {
  SmallVector<NamedAttribute> attributes{c.attr("is_causal", int64_t(a.causal)), c.attr("q_num_heads", a.heads),
                                         c.attr("kv_num_heads", a.kvHeads)};
  if (a.scale && *a.scale != 0)
    attributes.push_back(c.attr("scale", *a.scale));
  if (a.softcap != 0)
    attributes.push_back(c.attr("softcap", a.softcap));
  if (a.window >= 0)
    attributes.push_back(c.attr("left_window_size", a.window));
  return c.makeAll("Attention", {a.query, a.key, a.value, a.mask, a.pastKey, a.pastValue}, attributes, present ? 3 : 1);
}

/// Attention whose op has outputs present_key and present_value of their own.
template <class Op>
SmallVector<Value> attend(Composer &c, const Attend &a, Op op) {
  ValueRange results = attend(c, a, op.getPresentKey() || op.getPresentValue() || a.pastKey);
  SmallVector<Value> outputs{results[0]};
  if (op.getPresentKey())
    outputs.push_back(results[1]);
  if (op.getPresentValue())
    outputs.push_back(results[2]);
  return outputs;
}

Composed composeAttention(MicrosoftAttentionOp op, Composer &c) {
  ArrayRef<int64_t> in = Composer::shape(op.getInput());
  int64_t batch = in[0], length = in[1], all = Composer::shape(op.getWeights())[1];
  SmallVector<int64_t> sizes{all / 3, all / 3, all / 3};
  if (op.getQkvHiddenSizes() && op.getQkvHiddenSizes()->size() == 3)
    sizes.assign(op.getQkvHiddenSizes()->begin(), op.getQkvHiddenSizes()->end());
  Value packed = c.make("MatMul", {op.getInput(), op.getWeights()});
  if (op.getBias())
    packed = c.add(packed, op.getBias());
  Attend a;
  a.query = c.slice(packed, 2, 0, sizes[0]);
  a.key = c.slice(packed, 2, sizes[0], sizes[0] + sizes[1]);
  a.value = c.slice(packed, 2, sizes[0] + sizes[1], all);
  a.heads = a.kvHeads = op.getNumHeads();
  a.causal = op.getUnidirectional() != 0;
  a.scale = op.getScale();
  int64_t keys = length;
  if (op.getPast()) {
    SmallVector<int64_t> shape(Composer::shape(op.getPast()).drop_front());
    a.pastKey = c.reshape(c.slice(op.getPast(), 0, 0, 1), shape);
    a.pastValue = c.reshape(c.slice(op.getPast(), 0, 1, 2), shape);
    keys += shape[2];
  }
  if (failed(addMasks(c, a, op, op.getInput(), {op.getMaskIndex(), "mask_index"}, batch, length, keys)))
    return std::nullopt;
  bool present = static_cast<bool>(op.getPresent());
  ValueRange results = attend(c, a, present || a.pastKey);
  SmallVector<Value> outputs{results[0]};
  if (present) {
    SmallVector<int64_t> half(Composer::shape(op.getPresent()));
    half[0] = 1;
    outputs.push_back(
        c.make("Concat", {c.reshape(results[1], half), c.reshape(results[2], half)}, c.attr("axis", int64_t{0})));
  }
  return outputs;
}

Composed composeMultiHead(MicrosoftMultiHeadAttentionOp op, Composer &c) {
  Attend a;
  a.query = op.getQuery();
  a.key = op.getKey();
  a.value = op.getValue();
  a.heads = a.kvHeads = op.getNumHeads();
  a.causal = op.getUnidirectional() != 0;
  a.scale = op.getScale();
  a.pastKey = op.getPastKey();
  a.pastValue = op.getPastValue();
  if (Value bias = op.getBias()) {
    int64_t q = Composer::shape(a.query)[2];
    a.query = c.add(a.query, c.slice(bias, 0, 0, q));
    if (Composer::shape(a.key).size() == 3) { // else they were projected elsewhere
      int64_t k = Composer::shape(a.key)[2], v = Composer::shape(a.value)[2];
      a.key = c.add(a.key, c.slice(bias, 0, q, q + k));
      a.value = c.add(a.value, c.slice(bias, 0, q + k, q + k + v));
    }
  }
  int64_t batch = Composer::shape(a.query)[0], queries = Composer::shape(a.query)[1];
  ArrayRef<int64_t> keyShape = Composer::shape(a.key);
  int64_t keys = keyShape[keyShape.size() - 2] + (a.pastKey ? Composer::shape(a.pastKey)[2] : 0);
  if (failed(addMasks(c, a, op, op.getQuery(), {op.getKeyPaddingMask(), "key_padding_mask"}, batch, queries, keys)))
    return std::nullopt;
  return attend(c, a, op);
}

/// ONNX's RotaryEmbedding of packed heads, or of [B, N, S, H].
Value rotate(Composer &c, Value x, Value cosine, Value sine, Value positions, int64_t heads, int64_t width,
             bool interleaved) {
  SmallVector<NamedAttribute> attributes{c.attr("interleaved", int64_t(interleaved)), c.attr("num_heads", heads),
                                         c.attr("rotary_embedding_dim", width)};
  return c.make("RotaryEmbedding", {x, cosine, sine, positions}, attributes);
}

/// 0, 1 .. length - 1 for each of the batch, from `start` (a scalar; null for 0) on.
Value countPositions(Composer &c, int64_t batch, int64_t length, Value start) {
  SmallVector<int64_t> numbers;
  for (int64_t b = 0; b < batch; ++b)
    llvm::append_range(numbers, llvm::seq<int64_t>(0, length));
  Value positions = c.reshape(c.ints(numbers), {batch, length});
  return start ? c.add(positions, c.cast(c.reshape(start, {}), c.rewriter.getI64Type())) : positions;
}

Composed composeGroupQuery(MicrosoftGroupQueryAttentionOp op, Composer &c) {
  int64_t heads = op.getNumHeads(), kvHeads = op.getKvNumHeads();
  Attend a;
  a.query = op.getQuery();
  a.key = op.getKey();
  a.value = op.getValue();
  ArrayRef<int64_t> out = Composer::shape(op.getOutput());
  int64_t batch = out[0], length = out[1], width = out[2] / heads;
  if (!a.key) {
    Value packed = op.getQuery();
    int64_t q = heads * width, k = kvHeads * width;
    a.query = c.slice(packed, 2, 0, q);
    a.key = c.slice(packed, 2, q, q + k);
    a.value = c.slice(packed, 2, q + k, q + 2 * k);
  }
  if (op.getDoRotary()) {
    Value positions = op.getPositionIds() ? op.getPositionIds() : countPositions(c, batch, length, {});
    int64_t rotated = 2 * Composer::shape(op.getCosCache())[1];
    bool interleaved = op.getRotaryInterleaved() != 0;
    a.query = rotate(c, a.query, op.getCosCache(), op.getSinCache(), positions, heads, rotated, interleaved);
    a.key = rotate(c, a.key, op.getCosCache(), op.getSinCache(), positions, kvHeads, rotated, interleaved);
  }
  a.heads = heads;
  a.kvHeads = kvHeads;
  a.causal = true; // so the padding behind a row's end hides itself
  a.scale = op.getScale();
  a.softcap = op.getSoftcap();
  a.mask = op.getAttentionBias();
  a.window = static_cast<int64_t>(op.getLocalWindowSize()) - 1; // its size counts the query's own position
  return attend(c, a, op);
}

Composed composeRotary(MicrosoftRotaryEmbeddingOp op, Composer &c) {
  ArrayRef<int64_t> shape = Composer::shape(op.getInput());
  int64_t rotated = op.getRotaryEmbeddingDim() ? static_cast<int64_t>(op.getRotaryEmbeddingDim())
                                               : 2 * Composer::shape(op.getCosCache())[1];
  int64_t heads = shape.size() == 4  ? shape[1]
                  : op.getNumHeads() ? static_cast<int64_t>(op.getNumHeads())
                                     : shape[2] / rotated;
  Value positions = op.getPositionIds();
  if (Composer::shape(positions).size() != 2)
    positions = countPositions(c, shape[0], shape[shape.size() == 4 ? 2 : 1], positions);
  return {{rotate(c, op.getInput(), op.getCosCache(), op.getSinCache(), positions, heads, rotated,
                  op.getInterleaved() != 0)}};
}

} // namespace

void addMicrosoftAttentionDecompositions(RewritePatternSet &patterns) {
  MLIRContext *context = patterns.getContext();
  patterns.add<Decomposition<MicrosoftAttentionOp>>(context, composeAttention);
  patterns.add<Decomposition<MicrosoftMultiHeadAttentionOp>>(context, composeMultiHead);
  patterns.add<Decomposition<MicrosoftGroupQueryAttentionOp>>(context, composeGroupQuery);
  patterns.add<Decomposition<MicrosoftRotaryEmbeddingOp>>(context, composeRotary);
}

} // namespace m2c::graph
