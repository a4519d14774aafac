// Lowers MaxPool, AveragePool and the global pools to channels-last kernels that clip their windows.
#include "PoolWindows.h"
#include "m2c/Dialect/Onnx/OnnxOps.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::lower;

namespace {

/// kernel.pool of `input`, channels last.
Value createPool(OpBuilder &builder, Location loc, StringRef kind, Value input, RankedTensorType type,
                 const Window &window, bool countPadding) {
  auto pool = kernel::PoolOp::create(builder, loc, TypeRange{type}, input, ValueRange{},
                                     ValueRange{createEmpty(builder, loc, type)}, kind, window.kernel, window.strides,
                                     window.dilations,
                                     ArrayRef<int64_t>{window.low[0], window.low[1], window.high[0], window.high[1]},
                                     countPadding, builder.getAffineMapArrayAttr({}));
  kernel::buildIdentityEpilogue(builder, loc, pool.getEpilogue(), type.getElementType());
  return pool->getResult(0);
}

template <class Op>
LogicalResult lowerWindowed(Op op, Value x, RankedTensorType type, StringRef kind, bool countPadding,
                            ConversionPatternRewriter &rewriter) {
  if (!type)
    return failure();
  Window window = getWindow({op.getAutoPad(), op.getKernelShape(), op.getStrides(), op.getDilations(), op.getPads()},
                            tensorType(x), type);
  // 16-bit integers are centred codes.
  bool hasKernel = type.getElementType().isF32() || (type.getElementType().isInteger(16) && kind == "max");
  if ((type.getRank() != 3 && type.getRank() != 4) || !hasKernel) {
    if (!type.hasStaticShape() || type.getNumElements() == 0 || tensorType(x).getNumElements() == 0)
      return rewriter.notifyMatchFailure(op, "has no static shape, or no elements");
    bool isUnsigned = cast<ShapedType>(op.getX().getType()).getElementType().isUnsignedInteger();
    SmallVector<Value> results =
        kind == "max"
            ? poolMaximum(rewriter, op.getLoc(), x, type.getShape(), window, isUnsigned, /*columnMajor=*/false)
            : SmallVector<Value>{poolAverage(rewriter, op.getLoc(), x, type.getShape(), window, countPadding)};
    results.resize(op->getNumResults());
    rewriter.replaceOp(op, results);
    return success();
  }
  Value input = toChannelsLast(rewriter, op.getLoc(), x);
  Value result = createPool(rewriter, op.getLoc(), kind, input, channelsLastType(type), window, countPadding);
  SmallVector<Value> results(op->getNumResults());
  results[0] = fromChannelsLast(rewriter, op.getLoc(), result, type);
  if (op->getNumResults() == 1)
    rewriter.replaceOp(op, results[0]);
  else
    rewriter.replaceOp(op, results);
  return success();
}

struct LowerMaxPool : OpConversionPattern<onnx::MaxPoolOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::MaxPoolOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = getImageResult(op, getTypeConverter(), rewriter);
    if (op.getIndices() && !op.getIndices().use_empty()) {
      auto inputType = tensorType(adaptor.getX());
      if (!type || !type.hasStaticShape() || inputType.getNumElements() == 0)
        return rewriter.notifyMatchFailure(op, "has no static shape, or no elements");
      Window window = getWindow(
          {op.getAutoPad(), op.getKernelShape(), op.getStrides(), op.getDilations(), op.getPads()}, inputType, type);
      bool isUnsigned = cast<ShapedType>(op.getX().getType()).getElementType().isUnsignedInteger();
      rewriter.replaceOp(op, poolMaximum(rewriter, op.getLoc(), adaptor.getX(), type.getShape(), window, isUnsigned,
                                         op.getStorageOrder() != 0));
      return success();
    }
    return lowerWindowed(op, adaptor.getX(), type, "max", false, rewriter);
  }
};

struct LowerAveragePool : OpConversionPattern<onnx::AveragePoolOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::AveragePoolOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = getImageResult(op, getTypeConverter(), rewriter);
    return lowerWindowed(op, adaptor.getX(), type, "average", op.getCountIncludePad() != 0, rewriter);
  }
};

struct LowerLpPool : OpConversionPattern<onnx::LpPoolOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::LpPoolOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    auto type = dyn_cast<RankedTensorType>(op.getY().getType());
    auto inputType = tensorType(adaptor.getX());
    if (!type || !type.hasStaticShape() || !inputType.hasStaticShape() || inputType.getNumElements() == 0)
      return rewriter.notifyMatchFailure(op, "has no static shape, or no elements");
    Window window = getWindow({op.getAutoPad(), op.getKernelShape(), op.getStrides(), op.getDilations(), op.getPads()},
                              inputType, type);
    rewriter.replaceOp(op, poolNorm(rewriter, op.getLoc(), adaptor.getX(), type.getShape(), window, op.getP()));
    return success();
  }
};

/// A global pool of any rank is one window over the plane.
template <class Op>
struct LowerGlobalPool : OpConversionPattern<Op> {
  LowerGlobalPool(const TypeConverter &converter, MLIRContext *context, StringRef kind)
      : OpConversionPattern<Op>(converter, context), kind(kind) {}

  LogicalResult matchAndRewrite(Op op, typename Op::Adaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    Value x = adaptor.getX();
    if (!getImageResult(op, this->getTypeConverter(), rewriter))
      return failure();
    RankedTensorType inputType = tensorType(x);
    if (inputType.getRank() < 3)
      return rewriter.notifyMatchFailure(op, "needs a shape [N, C, ..]");
    Location loc = op.getLoc();
    Dims in = getDims(inputType), outShape(ArrayRef<Dim>(in).take_front(2));
    outShape.append(inputType.getRank() - 2, Dim(1));
    if (inputType.getRank() > 4)
      x = createReshape(rewriter, loc, x, {in[0], in[1], product(ArrayRef<Dim>(in).drop_front(2))});
    Value input = toChannelsLast(rewriter, loc, x);
    ArrayRef<int64_t> plane = tensorType(input).getShape().slice(1, 2);
    Window window{{plane[0], plane[1]}, {1, 1}, {1, 1}, {0, 0}, {0, 0}};
    int64_t rank = tensorType(x).getRank();
    auto pooled = getTensorType(ArrayRef<Dim>(outShape).take_front(rank), inputType.getElementType());
    Value result = createPool(rewriter, loc, kind, input, channelsLastType(pooled), window, false);
    result = fromChannelsLast(rewriter, loc, result, pooled);
    rewriter.replaceOp(op, createReshape(rewriter, loc, result, outShape));
    return success();
  }

  StringRef kind;
};

} // namespace

void lower::populatePoolPatterns(OnnxTypeConverter &converter, RewritePatternSet &patterns) {
  MLIRContext *context = patterns.getContext();
  patterns.add<LowerMaxPool, LowerAveragePool, LowerLpPool>(converter, context);
  patterns.add<LowerGlobalPool<onnx::GlobalAveragePoolOp>>(converter, context, "average");
  patterns.add<LowerGlobalPool<onnx::GlobalMaxPoolOp>>(converter, context, "max");
}
