// Random numbers: counter-based, so that a run of the model draws the same ones wherever and however often it runs.
#include "Call.h"
#include "m2c/Dialect/Onnx/Names.h"
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/xxhash.h"

using namespace mlir;
using namespace m2c;

namespace {

/// Nodes with a seed draw what the seed says, the others each a stream of their own, by their name.
template <class Op>
SmallVector<std::pair<StringRef, Dim>> getStream(Op op, int64_t count) {
  int64_t seed = 0, stream = 0;
  if (op.getSeed())
    seed = llvm::bit_cast<uint32_t>(static_cast<float>(*op.getSeed()));
  else
    stream = static_cast<int64_t>(llvm::xxh3_64bits(onnx::getNodeName(op.getLoc())) >> 1) | 1;
  return {{"count", count}, {"seed", seed}, {"stream", stream}};
}

bool isDrawn(RankedTensorType type) { return type && (type.getElementType().isF32() || type.getElementType().isF64()); }

struct LowerRandomNormal : OpConversionPattern<onnx::RandomNormalOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::RandomNormalOp op, OpAdaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = lower::getStaticResult(op, getTypeConverter(), rewriter);
    if (!isDrawn(type))
      return rewriter.notifyMatchFailure(op, "its type is neither float32 nor float64");
    rewriter.replaceOp(op, lower::createCall(rewriter, op.getLoc(), "random_normal", "random.h", {}, {type},
                                             getStream(op, type.getNumElements()),
                                             {{"mean", op.getMean()}, {"scale", op.getScale()}}));
    return success();
  }
};

struct LowerRandomUniform : OpConversionPattern<onnx::RandomUniformOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::RandomUniformOp op, OpAdaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = lower::getStaticResult(op, getTypeConverter(), rewriter);
    if (!isDrawn(type))
      return rewriter.notifyMatchFailure(op, "its type is neither float32 nor float64");
    rewriter.replaceOp(op, lower::createCall(rewriter, op.getLoc(), "random_uniform", "random.h", {}, {type},
                                             getStream(op, type.getNumElements()),
                                             {{"low", op.getLow()}, {"high", op.getHigh()}}));
    return success();
  }
};

struct LowerMultinomial : OpConversionPattern<onnx::MultinomialOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::MultinomialOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = lower::getStaticResult(op, getTypeConverter(), rewriter);
    auto input = tensorType(adaptor.getInput());
    if (!isDrawn(input) || !type)
      return rewriter.notifyMatchFailure(op, "its input is neither float32 nor float64");
    SmallVector<std::pair<StringRef, Dim>> integers = getStream(op, type.getNumElements());
    integers.append({{"rows", type.getDimSize(0)}, {"samples", type.getDimSize(1)}, {"classes", input.getDimSize(1)}});
    rewriter.replaceOp(
        op, lower::createCall(rewriter, op.getLoc(), "multinomial", "random.h", adaptor.getInput(), {type}, integers));
    return success();
  }
};

} // namespace

void lower::populateRandomPatterns(OnnxTypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<LowerRandomNormal, LowerRandomUniform, LowerMultinomial>(converter, patterns.getContext());
}
