// Inference of com.microsoft.
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Graph/Infer.h"
#include "m2c/Graph/Windows.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

template <class Op>
LogicalResult inferLikeFirst(Op op, Inference &i) {
  return i.setLike(op->getOperand(0));
}

//===- Products and convolutions -===//

LogicalResult inferFusedConv(MicrosoftFusedConvOp op, Inference &i) {
  Value x = op.getX(), w = op.getW();
  if (failed(i.expectRank(x, 3, std::numeric_limits<int64_t>::max())) || failed(i.expectRank(w, i.rank(x))))
    return failure();
  auto kernel = asNumbers(i.shape(w).drop_front(2));
  if (!kernel)
    return i.error() << "the size of its filter " << describe(w) << " must be known at conversion";
  WindowAttrs attrs = getWindowAttrs(op);
  attrs.kernel = *kernel;
  std::string problem;
  auto window = resolveWindow(attrs, i.shape(x).drop_front(2), problem);
  if (!window)
    return i.error() << problem;
  Dims shape{i.shape(x)[0], i.shape(w)[0]};
  llvm::append_range(shape, window->output);
  return i.set(0, i.element(x), shape);
}

LogicalResult inferFusedGemm(MicrosoftFusedGemmOp op, Inference &i) {
  Value a = op.getA(), b = op.getB();
  if (failed(i.expectRank(a, 2)) || failed(i.expectRank(b, 2)) ||
      failed(i.expectSameDim(a, op.getTransA() ? 0 : 1, b, op.getTransB() ? 1 : 0)))
    return failure();
  return i.set(0, i.element(a), {i.shape(a)[op.getTransA() ? 1 : 0], i.shape(b)[op.getTransB() ? 0 : 1]});
}

LogicalResult setProduct(Inference &i, Value a, bool transA, Value b, bool transB, Type element) {
  if (failed(i.expectRank(a, 2, std::numeric_limits<int64_t>::max())) ||
      failed(i.expectRank(b, 2, std::numeric_limits<int64_t>::max())) ||
      failed(i.expectSameDim(a, i.rank(a) - (transA ? 2 : 1), b, i.rank(b) - (transB ? 1 : 2))))
    return failure();
  auto shape = i.broadcast(i.shape(a).drop_back(2), i.shape(b).drop_back(2));
  if (!shape)
    return i.error() << "cannot broadcast the outer dimensions of " << describe(a) << " and " << describe(b);
  shape->push_back(i.shape(a)[i.rank(a) - (transA ? 1 : 2)]);
  shape->push_back(i.shape(b)[i.rank(b) - (transB ? 2 : 1)]);
  return i.set(0, element, *shape);
}

LogicalResult inferFusedMatMul(MicrosoftFusedMatMulOp op, Inference &i) {
  if (op.getTransBatchA() || op.getTransBatchB())
    return i.error() << "transBatchA and transBatchB are not supported";
  return setProduct(i, op.getA(), op.getTransA() != 0, op.getB(), op.getTransB() != 0, i.element(op.getA()));
}

/// The sizes of the weight's packed blocks follow from the attributes.
LogicalResult inferMatMulNBits(MicrosoftMatMulNBitsOp op, Inference &i) {
  int64_t k = op.getK(), n = op.getN(), bits = op.getBits(), size = op.getBlockSize();
  if (bits != 2 && bits != 4 && bits != 8)
    return i.error() << "bits is " << bits << "; 2, 4 and 8 are supported";
  if (k < 1 || n < 1 || size < 16 || (size & (size - 1)) != 0)
    return i.error() << "K " << k << ", N " << n << " and block_size " << size
                     << " do not fit: all are positive, the last a power of 2 from 16 on";
  if (op.getGIdx())
    return i.error() << "its input 'g_idx' is not supported";
  int64_t blocks = (k + size - 1) / size, bytes = n * blocks * size * bits / 8;
  if (Dim stored = product(i.shape(op.getB())); stored.isNumber() && stored.getNumber() != bytes)
    return i.error() << describe(op.getB()) << " has " << stored.getNumber()
                     << " bytes but K, N, bits and block_size need " << bytes;
  Dims shape(i.shape(op.getA()));
  if (shape.empty() || !i.unify(shape.back(), k))
    return i.error() << describe(op.getA()) << " should end in a dimension of size K " << k;
  shape.back() = n;
  return i.set(0, i.element(op.getA()), shape);
}

//===- Normalisation -===//

template <class Op>
LogicalResult inferSkipNorm(Op op, Inference &i) {
  Value x = op.getInput();
  Dims row(i.shape(x));
  row.back() = 1;
  Type f32 = Float32Type::get(i.context());
  if (failed(i.setLike(x)) || failed(i.set(op.getMean(), f32, row)) || failed(i.set(op.getInvStdVar(), f32, row)))
    return failure();
  return i.set(op.getInputSkipBiasSum(), i.element(x), i.shape(x));
}

LogicalResult inferEmbedNorm(MicrosoftEmbedLayerNormalizationOp op, Inference &i) {
  Value ids = op.getInputIds(), words = op.getWordEmbedding();
  if (failed(i.expectRank(ids, 2)) || failed(i.expectRank(words, 2)))
    return failure();
  Dims shape{i.shape(ids)[0], i.shape(ids)[1], i.shape(words)[1]};
  if (failed(i.set(0, i.element(words), shape)) ||
      failed(i.set(op.getMaskIndex(), IntegerType::get(i.context(), 32), {shape[0]})))
    return failure();
  return i.set(op.getEmbeddingSum(), i.element(words), shape);
}

//===- Attention -===//

LogicalResult inferAttention(MicrosoftAttentionOp op, Inference &i) {
  if (failed(i.expectRank(op.getInput(), 3)) || failed(i.expectRank(op.getWeights(), 2)))
    return failure();
  if (op.getDoRotary() || op.getPastPresentShareBuffer() || op.getPastSequenceLength())
    return i.error() << "do_rotary, past_present_share_buffer and past_sequence_length are not supported";
  ArrayRef<Dim> x = i.shape(op.getInput());
  Dim hidden = op.getQkvHiddenSizes() && !op.getQkvHiddenSizes()->empty() ? Dim(op.getQkvHiddenSizes()->back())
                                                                          : i.shape(op.getWeights())[1].floorDiv(3);
  int64_t heads = op.getNumHeads();
  if (heads < 1 || (hidden.isNumber() && hidden.getNumber() % heads != 0))
    return i.error() << "num_heads " << heads << " does not divide the " << hidden.str() << " features of a value";
  Dim total = op.getPast() ? x[1] + i.shape(op.getPast())[3] : x[1];
  Type element = i.element(op.getInput());
  if (failed(i.set(op.getPresent(), element, {2, x[0], heads, total, hidden.floorDiv(heads)})))
    return failure();
  return i.set(0, element, {x[0], x[1], hidden});
}

LogicalResult inferMultiHead(MicrosoftMultiHeadAttentionOp op, Inference &i) {
  if (!op.getKey() || !op.getValue())
    return i.error() << "packed queries, keys and values are not supported; give key and value";
  if (op.getPastSequenceLength() || op.getCacheIndirection() || op.getQk())
    return i.error() << "past_sequence_length, cache_indirection and the output qk are not supported";
  Value q = op.getQuery(), k = op.getKey(), v = op.getValue();
  if (failed(i.expectRank(q, 3)) || failed(i.expectRank(k, 3, 4)) || failed(i.expectRank(v, i.rank(k))))
    return failure();
  int64_t heads = op.getNumHeads();
  if (heads < 1)
    return i.error() << "num_heads is " << heads << " but must be positive";
  auto widthOf = [&](Value value) {
    return i.rank(value) == 4 ? i.shape(value).back() : i.shape(value).back().floorDiv(heads);
  };
  Dim keys = i.shape(k)[i.rank(k) - 2], batch = i.shape(q)[0];
  if (op.getPastKey())
    keys += i.shape(op.getPastKey())[2];
  Type element = i.element(q);
  if (failed(i.set(op.getPresentKey(), element, {batch, heads, keys, widthOf(k)})) ||
      failed(i.set(op.getPresentValue(), element, {batch, heads, keys, widthOf(v)})))
    return failure();
  return i.set(0, element, {batch, i.shape(q)[1], widthOf(v) * heads});
}

LogicalResult inferGroupQuery(MicrosoftGroupQueryAttentionOp op, Inference &i) {
  Value q = op.getQuery();
  if (failed(i.expectRank(q, 3)))
    return failure();
  auto isEmpty = [&](Value past) { return !past || llvm::is_contained(i.shape(past), Dim(0)); };
  if (!isEmpty(op.getPastKey()) || !isEmpty(op.getPastValue()))
    return i.error() << "past keys and values are not supported; export the model without a cache";
  if (op.getHeadSink() || op.getQkOutput() || op.getOutputQk() || op.getSmoothSoftmax() > 0)
    return i.error() << "head_sink, smooth_softmax and the output of scores are not supported";
  if (op.getDoRotary() && (!op.getCosCache() || !op.getSinCache()))
    return i.error() << "do_rotary needs cos_cache and sin_cache";
  int64_t heads = op.getNumHeads(), kvHeads = op.getKvNumHeads(), all = op.getKey() ? heads : heads + 2 * kvHeads;
  Dim last = i.shape(q)[2];
  if (heads < 1 || kvHeads < 1 || heads % kvHeads != 0 || (last.isNumber() && last.getNumber() % all != 0))
    return i.error() << "num_heads " << heads << " and kv_num_heads " << kvHeads << " do not fit " << describe(q);
  Dim width = last.floorDiv(all), batch = i.shape(q)[0], length = i.shape(q)[1];
  Type element = i.element(q);
  if (failed(i.set(op.getPresentKey(), element, {batch, kvHeads, length, width})) ||
      failed(i.set(op.getPresentValue(), element, {batch, kvHeads, length, width})))
    return failure();
  return i.set(0, element, {batch, length, width * heads});
}

LogicalResult inferRotary(MicrosoftRotaryEmbeddingOp op, Inference &i) {
  if (op.getIsPackedBatching() || op.getScale() != 1)
    return i.error() << "is_packed_batching and scale are not supported";
  return failed(i.expectRank(op.getInput(), 3, 4)) ? failure() : i.setLike(op.getInput());
}

//===- Quantized -===//

template <class Op>
LogicalResult inferQLinearBinary(Op op, Inference &i) {
  auto shape = i.broadcast({op.getA(), op.getB()});
  return failed(shape) ? failure() : i.set(0, i.element(op.getA()), *shape);
}

/// [N, C, ...], or with channels last [N, ..., C]: the spatial extents.
Dims spatialOf(Inference &i, Value x, bool channelsLast) {
  ArrayRef<Dim> shape = i.shape(x);
  return Dims(channelsLast ? shape.drop_front(1).drop_back(1) : shape.drop_front(2));
}

LogicalResult setPooled(Inference &i, Value x, bool channelsLast, ArrayRef<Dim> spatial) {
  Dims shape{i.shape(x)[0]};
  if (!channelsLast)
    shape.push_back(i.shape(x)[1]);
  llvm::append_range(shape, spatial);
  if (channelsLast)
    shape.push_back(i.shape(x).back());
  return i.set(0, i.element(x), shape);
}

LogicalResult inferQLinearPool(MicrosoftQLinearAveragePoolOp op, Inference &i) {
  Value x = op.getX();
  if (failed(i.expectRank(x, 3, std::numeric_limits<int64_t>::max())))
    return failure();
  std::string problem;
  auto window = resolveWindow(getWindowAttrs(op), spatialOf(i, x, op.getChannelsLast() != 0), problem);
  if (!window)
    return i.error() << problem;
  return setPooled(i, x, op.getChannelsLast() != 0, window->output);
}

LogicalResult inferQLinearGlobalPool(MicrosoftQLinearGlobalAveragePoolOp op, Inference &i) {
  Value x = op.getX();
  if (failed(i.expectRank(x, 3, std::numeric_limits<int64_t>::max())))
    return failure();
  return setPooled(i, x, op.getChannelsLast() != 0, Dims(i.rank(x) - 2, Dim(1)));
}

LogicalResult inferQLinearConcat(MicrosoftQLinearConcatOp op, Inference &i) {
  if (op.getInputs().size() % 3 != 0)
    return i.error() << "it has " << op.getInputs().size() << " inputs behind the first two, but each part has three";
  Value first = op.getInputs()[0];
  auto axis = i.axis(op.getAxis(), i.rank(first));
  if (failed(axis))
    return failure();
  Dims shape(i.shape(first));
  for (size_t part = 3; part < op.getInputs().size(); part += 3) {
    if (failed(i.expectRank(op.getInputs()[part], i.rank(first))))
      return failure();
    shape[*axis] += i.shape(op.getInputs()[part])[*axis];
  }
  return i.set(0, i.element(op.getYZeroPoint()), shape);
}

template <class Op>
LogicalResult inferScaledProduct(Op op, Inference &i) {
  return setProduct(i, op.getA(), false, op.getB(), false, i.element(op.getBScale()));
}

} // namespace

void addMicrosoftInference(InferenceRegistry &r) {
  r.add<MicrosoftFusedConvOp>(inferFusedConv);
  r.add<MicrosoftFusedGemmOp>(inferFusedGemm);
  r.add<MicrosoftFusedMatMulOp>(inferFusedMatMul);
  r.add<MicrosoftMatMulNBitsOp>(inferMatMulNBits);
  r.add<MicrosoftGeluOp>(inferLikeFirst<MicrosoftGeluOp>);
  r.add<MicrosoftBiasGeluOp>(inferLikeFirst<MicrosoftBiasGeluOp>);
  r.add<MicrosoftFastGeluOp>(inferLikeFirst<MicrosoftFastGeluOp>);
  r.add<MicrosoftQuickGeluOp>(inferLikeFirst<MicrosoftQuickGeluOp>);
  r.add<MicrosoftSkipLayerNormalizationOp>(inferSkipNorm<MicrosoftSkipLayerNormalizationOp>);
  r.add<MicrosoftSkipSimplifiedLayerNormalizationOp>(inferSkipNorm<MicrosoftSkipSimplifiedLayerNormalizationOp>);
  r.add<MicrosoftEmbedLayerNormalizationOp>(inferEmbedNorm);
  r.add<MicrosoftAttentionOp>(inferAttention);
  r.add<MicrosoftMultiHeadAttentionOp>(inferMultiHead);
  r.add<MicrosoftGroupQueryAttentionOp>(inferGroupQuery);
  r.add<MicrosoftRotaryEmbeddingOp>(inferRotary);
  r.add<MicrosoftQLinearAddOp>(inferQLinearBinary<MicrosoftQLinearAddOp>);
  r.add<MicrosoftQLinearMulOp>(inferQLinearBinary<MicrosoftQLinearMulOp>);
  r.add<MicrosoftQLinearSigmoidOp>(inferLikeFirst<MicrosoftQLinearSigmoidOp>);
  r.add<MicrosoftQLinearLeakyReluOp>(inferLikeFirst<MicrosoftQLinearLeakyReluOp>);
  r.add<MicrosoftQLinearAveragePoolOp>(inferQLinearPool);
  r.add<MicrosoftQLinearGlobalAveragePoolOp>(inferQLinearGlobalPool);
  r.add<MicrosoftQLinearConcatOp>(inferQLinearConcat);
  r.add<MicrosoftDynamicQuantizeMatMulOp>(inferScaledProduct<MicrosoftDynamicQuantizeMatMulOp>);
  r.add<MicrosoftMatMulIntegerToFloatOp>(inferScaledProduct<MicrosoftMatMulIntegerToFloatOp>);
}

} // namespace m2c::graph
