// Attention: one kernel; masks, caps and biases are code on the scores.
#include "ScalarBuilder.h"
#include "m2c/Dialect/Kernel/Kernel.h"
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Lower/Lower.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::lower;

namespace {

/// [B, L, H * D] -> [B, H, L, D] as a transposed view; [B, H, L, D] stays.
Value splitHeads(OpBuilder &builder, Location loc, Value value, std::optional<int64_t> heads) {
  auto type = tensorType(value);
  if (type.getRank() == 4)
    return value;
  Dims dims = getDims(type);
  value = createReshape(builder, loc, value, {dims[0], dims[1], Dim(*heads), dims[2].floorDiv(*heads)});
  return createTranspose(builder, loc, value, {0, 2, 1, 3});
}

/// Each key or value head serves `group` query heads.
Value repeatHeads(OpBuilder &builder, Location loc, Value value, int64_t group) {
  if (group == 1)
    return value;
  auto type = tensorType(value);
  Dims dims = getDims(type);
  Dim b = dims[0], h = dims[1], l = dims[2], d = dims[3];
  value = createReshape(builder, loc, value, {b, h, Dim(1), l, d});
  value = createElementwise(builder, loc, getTensorType({b, h, Dim(group), l, d}, type.getElementType()), value,
                            [](OpBuilder &, Location, ValueRange x) { return x[0]; });
  return createReshape(builder, loc, value, {b, h * group, l, d});
}

struct LowerAttention : OpConversionPattern<onnx::AttentionOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::AttentionOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    auto outType = dyn_cast<RankedTensorType>(op.getY().getType());
    if (!outType || !outType.getElementType().isF32())
      return rewriter.notifyMatchFailure(op, "not a float32 tensor");
    if (op.getNonpadKvSeqlen())
      return rewriter.notifyMatchFailure(op, "input nonpad_kv_seqlen is not supported");
    if (op.getLeftWindowSize() != -1 || op.getRightWindowSize() != -1)
      return rewriter.notifyMatchFailure(op, "sliding windows are not supported");
    if (op.getQkMatmulOutput() && !op.getQkMatmulOutput().use_empty())
      return rewriter.notifyMatchFailure(op,
                                         "output qk_matmul_output is not supported: the scores are never in memory");

    Location loc = op.getLoc();
    auto heads = [](std::optional<int64_t> count) { return count; };
    Value query = splitHeads(rewriter, loc, adaptor.getQ(), heads(op.getQNumHeads()));
    Value key = splitHeads(rewriter, loc, adaptor.getK(), heads(op.getKvNumHeads()));
    Value value = splitHeads(rewriter, loc, adaptor.getV(), heads(op.getKvNumHeads()));
    Dim past = 0;
    if (adaptor.getPastKey()) {
      past = getDims(adaptor.getPastKey())[2];
      key = createConcat(rewriter, loc, 2, ValueRange{adaptor.getPastKey(), key});
      value = createConcat(rewriter, loc, 2, ValueRange{adaptor.getPastValue(), value});
    }
    Value presentKey = key, presentValue = value;
    Dims queryDims = getDims(query), keyDims = getDims(key);
    Dim b = queryDims[0], lq = queryDims[2], lk = keyDims[2], dv = getDims(value)[3];
    if (!queryDims[1].isNumber() || !queryDims[3].isNumber() || !keyDims[1].isNumber() || !dv.isNumber())
      return rewriter.notifyMatchFailure(op, "the number of heads and their width must be known at conversion");
    int64_t h = queryDims[1].getNumber(), d = queryDims[3].getNumber();
    if (d == 0)
      return rewriter.notifyMatchFailure(op, "heads of width 0 are not supported");
    key = repeatHeads(rewriter, loc, key, h / keyDims[1].getNumber());
    value = repeatHeads(rewriter, loc, value, h / keyDims[1].getNumber());

    SmallVector<Value> extras;
    SmallVector<AffineMap> extraMaps;
    auto addExtra = [&](Value extra) {
      // What is broadcast loses its dimension.
      SmallVector<AffineExpr> exprs;
      Dims shape = getDims(extra), kept;
      for (auto [i, extent] : llvm::enumerate(shape))
        if (extent != 1) {
          kept.push_back(extent);
          exprs.push_back(rewriter.getAffineDimExpr(4 - shape.size() + i));
        }
      extras.push_back(createReshape(rewriter, loc, extra, kept));
      extraMaps.push_back(AffineMap::get(4, 0, exprs, getContext()));
    };
    if (Value mask = adaptor.getAttnMask()) {
      Dims shape = getDims(mask);
      Dim length = shape.empty() ? Dim(1) : shape.back();
      if (length.isNumber() && lk.isNumber() && length != lk && length != 1)
        return rewriter.notifyMatchFailure(op, [&](Diagnostic &diagnostic) {
          diagnostic << "attn_mask covers " << length.str() << " keys of " << lk.str();
        });
      addExtra(mask);
    }
    bool causal = op.getIsCausal() != 0, causalByMask = causal && past != 0;
    if (causalByMask) { // key j is visible to query i if j <= i + past
      extras.push_back(createElementwise(
          rewriter, loc, getTensorType({lq, lk}, rewriter.getI1Type()), {}, [&](OpBuilder &b, Location l, ValueRange) {
            ScalarBuilder s{b, l};
            Value i = linalg::IndexOp::create(b, l, 0), j = linalg::IndexOp::create(b, l, 1);
            Value last = s.add(i, getValueOrCreateConstantIndexOp(b, l, createSize(b, l, past)));
            return s.compare(ScalarBuilder::Compare::LessOrEqual, j, last);
          }));
      extraMaps.push_back(
          AffineMap::get(4, 0, {rewriter.getAffineDimExpr(2), rewriter.getAffineDimExpr(3)}, getContext()));
    }

    double scale = op.getScale() ? *op.getScale() : 1 / std::sqrt(static_cast<double>(d));
    auto type = getTensorType({b, Dim(h), lq, dv}, outType.getElementType());
    AffineMap identity = rewriter.getMultiDimIdentityMap(4);
    auto attention = kernel::AttentionOp::create(
        rewriter, loc, TypeRange(type), query, key, value, extras, ValueRange(createEmpty(rewriter, loc, type)),
        Value(), rewriter.getF64FloatAttr(scale), causal && !causalByMask ? rewriter.getUnitAttr() : UnitAttr(),
        rewriter.getAffineMapArrayAttr({identity, identity, identity, identity}),
        rewriter.getAffineMapArrayAttr(extraMaps));
    buildScoreCode(op, rewriter, attention);
    Value result = attention->getResult(0);
    if (outType.getRank() == 3) {
      result = createTranspose(rewriter, loc, result, {0, 2, 1, 3});
      result = createReshape(rewriter, loc, result, getDims(outType));
    }
    SmallVector<Value> results{result};
    if (op.getPresentKey())
      results.push_back(presentKey);
    if (op.getPresentValue())
      results.push_back(presentValue);
    if (op.getQkMatmulOutput())
      results.push_back(createEmpty(rewriter, loc, cast<RankedTensorType>(op.getQkMatmulOutput().getType())));
    rewriter.replaceOp(op, results);
    return success();
  }

private:
  /// softcap * tanh(score / softcap), then masks: -inf where a bool mask is false, plus a float mask.
  static void buildScoreCode(onnx::AttentionOp op, ConversionPatternRewriter &rewriter, kernel::AttentionOp attention) {
    OpBuilder::InsertionGuard guard(rewriter);
    Location loc = op.getLoc();
    SmallVector<Type> types{tensorType(attention.getQuery()).getElementType()};
    for (Value extra : attention.getExtras())
      types.push_back(tensorType(extra).getElementType());
    Block *block = rewriter.createBlock(&attention.getEpilogue(), {}, types, SmallVector<Location>(types.size(), loc));
    ScalarBuilder s{rewriter, loc};
    Value score = block->getArgument(0);
    if (op.getSoftcap() != 0) {
      Value cap = s.constantLike(score, op.getSoftcap());
      score = s.mul(cap, s.math<math::TanhOp>(s.div(score, cap)));
    }
    for (BlockArgument mask : block->getArguments().drop_front()) {
      if (mask.getType().isInteger(1))
        score = s.select(mask, score, s.constantLike(score, -std::numeric_limits<double>::infinity()));
      else
        score = s.add(score, mask);
    }
    kernel::YieldOp::create(rewriter, loc, score);
  }
};

} // namespace

void lower::populateAttentionPatterns(OnnxTypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<LowerAttention>(converter, patterns.getContext());
}
