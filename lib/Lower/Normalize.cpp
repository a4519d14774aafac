// Softmax and the normalisations: row kernels along the last dimension; scale and bias are epilogues.
#include "ScalarBuilder.h"
#include "m2c/Dialect/Kernel/Kernel.h"
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Lower/Lower.h"

using namespace mlir;
using namespace m2c;
using lower::ScalarBuilder;

namespace {

bool isFloat(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.getElementType().isF32();
}

bool isStaticFloat(Type type) { return isFloat(type) && cast<RankedTensorType>(type).hasStaticShape(); }

/// A row kernel along the last dimension, storing its result as it is.
template <class KernelOp, class... Attributes>
Value createRows(OpBuilder &builder, Location loc, Value input, Attributes... attributes) {
  auto type = tensorType(input);
  Value init = createEmpty(builder, loc, type);
  auto op = KernelOp::create(builder, loc, TypeRange(type), input, ValueRange(), ValueRange(init), attributes...,
                             builder.getArrayAttr({}));
  kernel::buildIdentityEpilogue(builder, loc, op.getEpilogue(), type.getElementType());
  return op->getResult(0);
}

Value normalizeRows(OpBuilder &builder, Location loc, Value input, StringRef kind, double epsilon) {
  return createRows<kernel::NormalizeOp>(builder, loc, input, builder.getStringAttr(kind),
                                         builder.getF64FloatAttr(epsilon));
}

/// value * scale + bias with NumPy's broadcasting; bias may be null. Becomes the kernel's epilogue by fusion.
Value scaleAndShift(OpBuilder &builder, Location loc, Value value, Value scale, Value bias) {
  SmallVector<Value> inputs{value, scale};
  if (bias)
    inputs.push_back(bias);
  return lower::createElementwise(builder, loc, tensorType(value), inputs, [](OpBuilder &b, Location l, ValueRange x) {
    ScalarBuilder s{b, l};
    Value scaled = s.mul(x[0], x[1]);
    return x.size() == 3 ? s.add(scaled, x[2]) : scaled;
  });
}

/// [C] -> [C, 1, 1 ...] for a value [N, C, spatial...].
Value perChannel(OpBuilder &builder, Location loc, Value parameter, int64_t rank) {
  Dims shape(rank - 1, Dim(1));
  shape[0] = tensorType(parameter).getNumElements();
  return lower::createReshape(builder, loc, parameter, shape);
}

template <class Op>
struct LowerSoftmax : OpConversionPattern<Op> {
  using OpConversionPattern<Op>::OpConversionPattern;

  LogicalResult matchAndRewrite(Op op, typename Op::Adaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    if (!isFloat(op.getType()))
      return rewriter.notifyMatchFailure(op, "not a float32 tensor");
    Location loc = op.getLoc();
    int64_t rank = tensorType(adaptor.getInput()).getRank();
    int64_t axis = op.getAxis() < 0 ? op.getAxis() + rank : op.getAxis();
    SmallVector<int64_t> swap = llvm::to_vector(llvm::seq<int64_t>(0, rank));
    std::swap(swap[axis], swap[rank - 1]); // its own inverse
    Value value = adaptor.getInput();
    if (axis != rank - 1)
      value = createTranspose(rewriter, loc, value, swap);
    UnitAttr log = std::is_same_v<Op, onnx::LogSoftmaxOp> ? rewriter.getUnitAttr() : UnitAttr();
    value = createRows<kernel::SoftmaxOp>(rewriter, loc, value, log);
    if (axis != rank - 1)
      value = createTranspose(rewriter, loc, value, swap);
    rewriter.replaceOp(op, value);
    return success();
  }
};

/// LayerNormalization and RMSNormalization over the dimensions from `axis` on.
template <class Op>
struct LowerLayerNorm : OpConversionPattern<Op> {
  using OpConversionPattern<Op>::OpConversionPattern;

  LogicalResult matchAndRewrite(Op op, typename Op::Adaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    constexpr bool isRms = std::is_same_v<Op, onnx::RMSNormalizationOp>;
    if (!isFloat(op.getY().getType()))
      return rewriter.notifyMatchFailure(op, "not a float32 tensor");
    Value scale, bias;
    if constexpr (isRms) {
      scale = adaptor.getScale();
    } else {
      if ((op.getMean() && !op.getMean().use_empty()) || (op.getInvStdDev() && !op.getInvStdDev().use_empty()))
        return rewriter.notifyMatchFailure(
            op, "its outputs Mean and InvStdDev are used, which m2c computes only inside the kernel");
      scale = adaptor.getScale();
      bias = adaptor.getB();
    }
    Location loc = op.getLoc();
    auto type = tensorType(adaptor.getX());
    int64_t axis = op.getAxis() < 0 ? op.getAxis() + type.getRank() : op.getAxis();
    Dims dims = getDims(type), rows(ArrayRef<Dim>(dims).take_front(axis));
    Dim width = product(ArrayRef<Dim>(dims).drop_front(axis));
    rows.push_back(width);
    Value value = lower::createReshape(rewriter, loc, adaptor.getX(), rows);
    value = normalizeRows(rewriter, loc, value, isRms ? "rms" : "layer", op.getEpsilon());
    // Parameters that span exactly the normalised dimensions join before the reshape back, so that they fuse.
    auto flat = [&](Value parameter) {
      return product(getDims(parameter)) == width ? lower::createReshape(rewriter, loc, parameter, {width}) : Value();
    };
    Value flatScale = flat(scale), flatBias = bias ? flat(bias) : Value();
    if (flatScale && (!bias || flatBias)) {
      value = scaleAndShift(rewriter, loc, value, flatScale, flatBias);
      value = lower::createReshape(rewriter, loc, value, getDims(type));
    } else {
      value = lower::createReshape(rewriter, loc, value, getDims(type));
      value = scaleAndShift(rewriter, loc, value, scale, bias);
    }
    SmallVector<Value> results(op->getNumResults());
    results[0] = value;
    if (op->getNumResults() == 1)
      rewriter.replaceOp(op, results);
    else {
      for (unsigned i = 1; i < results.size(); ++i)
        results[i] = createEmpty(rewriter, loc, cast<RankedTensorType>(op->getResult(i).getType()));
      rewriter.replaceOp(op, results);
    }
    return success();
  }
};

/// InstanceNormalization: rows over the spatial dimensions of each channel.
struct LowerInstanceNorm : OpConversionPattern<onnx::InstanceNormalizationOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::InstanceNormalizationOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    if (!isStaticFloat(op.getType()))
      return rewriter.notifyMatchFailure(op, "not a float32 tensor of static shape");
    auto type = tensorType(adaptor.getInput());
    int64_t n = type.getDimSize(0), c = type.getDimSize(1);
    Location loc = op.getLoc();
    Value value = lower::createReshape(rewriter, loc, adaptor.getInput(), {n, c, type.getNumElements() / (n * c)});
    value = normalizeRows(rewriter, loc, value, "layer", op.getEpsilon());
    value = scaleAndShift(rewriter, loc, value, perChannel(rewriter, loc, adaptor.getScale(), 3),
                          perChannel(rewriter, loc, adaptor.getB(), 3));
    rewriter.replaceOp(op, lower::createReshape(rewriter, loc, value, getDims(type)));
    return success();
  }
};

/// GroupNormalization: rows over the channels and spatial dimensions of each group.
struct LowerGroupNorm : OpConversionPattern<onnx::GroupNormalizationOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::GroupNormalizationOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    if (!isStaticFloat(op.getType()))
      return rewriter.notifyMatchFailure(op, "not a float32 tensor of static shape");
    auto type = tensorType(adaptor.getX());
    int64_t n = type.getDimSize(0), groups = op.getNumGroups();
    Location loc = op.getLoc();
    Value value =
        lower::createReshape(rewriter, loc, adaptor.getX(), {n, groups, type.getNumElements() / (n * groups)});
    value = normalizeRows(rewriter, loc, value, "layer", op.getEpsilon());
    value = lower::createReshape(rewriter, loc, value, getDims(type));
    int64_t rank = type.getRank();
    rewriter.replaceOp(op, scaleAndShift(rewriter, loc, value, perChannel(rewriter, loc, adaptor.getScale(), rank),
                                         perChannel(rewriter, loc, adaptor.getBias(), rank)));
    return success();
  }
};

/// BatchNormalization that no convolution took: (x - mean) / sqrt(var + epsilon) * scale + B.
struct LowerBatchNorm : OpConversionPattern<onnx::BatchNormalizationOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::BatchNormalizationOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    if (!isFloat(op.getY().getType()))
      return rewriter.notifyMatchFailure(op, "not a float32 tensor");
    if (op.getTrainingMode())
      return rewriter.notifyMatchFailure(op, "training_mode = 1 is not supported; export the model for inference");
    auto type = tensorType(adaptor.getX());
    Location loc = op.getLoc();
    SmallVector<Value> inputs{adaptor.getX()};
    for (Value parameter : {adaptor.getScale(), adaptor.getB(), adaptor.getInputMean(), adaptor.getInputVar()})
      inputs.push_back(type.getRank() == 1 ? parameter : perChannel(rewriter, loc, parameter, type.getRank()));
    double epsilon = op.getEpsilon();
    Value value = lower::createElementwise(rewriter, loc, type, inputs, [&](OpBuilder &b, Location l, ValueRange x) {
      ScalarBuilder s{b, l};
      Value deviation = s.math<math::SqrtOp>(s.add(x[4], s.constantLike(x[4], epsilon)));
      return s.add(s.mul(s.sub(x[0], x[3]), s.div(x[1], deviation)), x[2]);
    });
    SmallVector<Value> results{value};
    for (unsigned i = 1; i < op->getNumResults(); ++i)
      results.push_back(i == 1 ? adaptor.getInputMean() : adaptor.getInputVar());
    rewriter.replaceOp(op, results);
    return success();
  }
};

} // namespace

void lower::populateNormalizePatterns(OnnxTypeConverter &converter, RewritePatternSet &patterns) {
  patterns
      .add<LowerSoftmax<onnx::SoftmaxOp>, LowerSoftmax<onnx::LogSoftmaxOp>, LowerLayerNorm<onnx::LayerNormalizationOp>,
           LowerLayerNorm<onnx::RMSNormalizationOp>, LowerInstanceNorm, LowerGroupNorm, LowerBatchNorm>(
          converter, patterns.getContext());
}
