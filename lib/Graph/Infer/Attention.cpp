// Inference of attention.
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Graph/Infer.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

/// Batch, heads, length and width of Q, K or V, whether given as [B, L, H*D] or [B, H, L, D].
struct Heads {
  Dim batch, heads, length, width;
};

FailureOr<Heads> splitHeads(Inference &i, Value value, std::optional<int64_t> heads, StringRef attribute) {
  ArrayRef<Dim> shape = i.shape(value);
  if (shape.size() == 4)
    return Heads{shape[0], shape[1], shape[2], shape[3]};
  if (failed(i.expectRank(value, 3)))
    return failure();
  if (!heads || *heads < 1)
    return i.error() << describe(value) << " has rank 3, which needs " << attribute;
  if (shape[2].isNumber() && shape[2].getNumber() % *heads != 0)
    return i.error() << attribute << " " << *heads << " does not divide the " << shape[2].str() << " features of "
                     << describe(value);
  return Heads{shape[0], *heads, shape[1], shape[2].floorDiv(*heads)};
}

LogicalResult inferAttention(AttentionOp op, Inference &i) {
  auto toOptional = [](auto v) { return v ? std::optional<int64_t>(*v) : std::nullopt; };
  auto q = splitHeads(i, op.getQ(), toOptional(op.getQNumHeads()), "q_num_heads");
  auto k = splitHeads(i, op.getK(), toOptional(op.getKvNumHeads()), "kv_num_heads");
  auto v = splitHeads(i, op.getV(), toOptional(op.getKvNumHeads()), "kv_num_heads");
  if (failed(q) || failed(k) || failed(v))
    return failure();
  if (!i.unify(q->width, k->width))
    return i.error() << "query heads have " << q->width.str() << " features but key heads " << k->width.str();
  if (!i.unify(k->length, v->length))
    return i.error() << "there are " << k->length.str() << " keys but " << v->length.str() << " values";
  Type element = i.element(op.getQ());
  Dim total = k->length;
  if (Value past = op.getPastKey()) {
    if (failed(i.expectRank(past, 4)))
      return failure();
    total += i.shape(past)[2];
  }
  if (failed(i.set(Value(op.getPresentKey()), i.element(op.getK()), {k->batch, k->heads, total, k->width})) ||
      failed(i.set(Value(op.getPresentValue()), i.element(op.getV()), {v->batch, v->heads, total, v->width})) ||
      failed(i.set(Value(op.getQkMatmulOutput()), element, {q->batch, q->heads, q->length, total})))
    return failure();
  if (i.rank(op.getQ()) == 4)
    return i.set(0, element, {q->batch, q->heads, q->length, v->width});
  return i.set(0, element, {q->batch, q->length, q->heads * v->width});
}

LogicalResult inferFlexAttention(PreviewFlexAttentionOp op, Inference &i) {
  for (Value value : op->getOperands())
    if (failed(i.expectRank(value, 4)))
      return failure();
  ArrayRef<Dim> q = i.shape(op.getQ()), k = i.shape(op.getK());
  if (failed(i.expectSameDim(op.getQ(), 3, op.getK(), 3)) || failed(i.expectSameDim(op.getK(), 2, op.getV(), 2)) ||
      failed(i.expectSameDim(op.getK(), 1, op.getV(), 1)))
    return failure();
  if (q[1].isNumber() && k[1].isNumber() && (k[1].getNumber() < 1 || q[1].getNumber() % k[1].getNumber() != 0))
    return i.error() << "its " << k[1].getNumber() << " heads of keys do not divide the " << q[1].getNumber()
                     << " heads of queries";
  Type precise = getFlexAttentionPrecision(op);
  if (!precise)
    return i.error() << "softmax_precision " << *op.getSoftmaxPrecision() << " is no float type";
  auto scores = getTensorType({q[0], q[1], q[2], k[2]}, precise);
  for (auto [name, region] : {std::pair("score_mod", &op.getScoreMod()), std::pair("prob_mod", &op.getProbMod())}) {
    if (region->empty())
      continue;
    Block &body = region->front();
    if (body.getNumArguments() != 1 || body.getTerminator()->getNumOperands() != 1)
      return i.error() << name << " has " << body.getNumArguments() << " inputs and "
                       << body.getTerminator()->getNumOperands() << " outputs, not 1 and 1";
    body.getArgument(0).setType(scores);
    if (failed(inferBlock(body, i.evaluating, i.evaluated)))
      return failure();
    auto result = dyn_cast<RankedTensorType>(body.getTerminator()->getOperand(0).getType());
    if (result && result.hasStaticShape() && scores.hasStaticShape() && result != scores)
      return i.error() << name << " makes " << result << " of " << scores;
  }
  Dims shape(q);
  shape[3] = i.shape(op.getV())[3];
  return i.set(0, i.element(op.getQ()), shape);
}

/// Packed heads: query and key [B, L, heads * dk], value [B, L, kv_heads * dv], state [B, kv_heads, dk, dv].
LogicalResult inferLinearAttention(LinearAttentionOp op, Inference &i) {
  for (Value value : {op.getQuery(), op.getKey(), op.getValue()})
    if (failed(i.expectRank(value, 3)))
      return failure();
  int64_t heads = op.getQNumHeads(), kvHeads = op.getKvNumHeads();
  auto k = splitHeads(i, op.getKey(), kvHeads, "kv_num_heads"),
       v = splitHeads(i, op.getValue(), kvHeads, "kv_num_heads");
  if (failed(k) || failed(v))
    return failure();
  Type element = i.element(op.getQuery()), state = op.getPastState() ? i.element(op.getPastState()) : element;
  if (failed(i.set(1, state, {k->batch, kvHeads, k->width, v->width})))
    return failure();
  return i.set(0, element, {v->batch, v->length, v->width * heads});
}

LogicalResult inferRotary(RotaryEmbeddingOp op, Inference &i) {
  return failed(i.expectRank(op.getX(), 3, 4)) ? failure() : i.setLike(op.getX());
}

} // namespace

Type getFlexAttentionPrecision(Operation *operation) {
  auto op = cast<PreviewFlexAttentionOp>(operation);
  if (op.getSoftmaxPrecision())
    return dyn_cast_or_null<FloatType>(getElementType(op.getContext(), *op.getSoftmaxPrecision()));
  auto element = cast<RankedTensorType>(op.getQ().getType()).getElementType();
  return element.getIntOrFloatBitWidth() < 32 ? Float32Type::get(op.getContext()) : element;
}

void addAttentionInference(InferenceRegistry &r) {
  r.add<AttentionOp>(inferAttention);
  r.add<PreviewFlexAttentionOp>(inferFlexAttention);
  r.add<LinearAttentionOp>(inferLinearAttention);
  r.add<RotaryEmbeddingOp>(inferRotary);
}

} // namespace m2c::graph
