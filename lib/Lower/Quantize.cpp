// Quantisation: element-wise, with a scale and a zero point per tensor, per index of an axis, or per block of one.
#include "Cast.h"
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Lower/Lower.h"

using namespace mlir;
using namespace m2c;
using lower::castElement;
using lower::ScalarBuilder;

namespace {

Type elementOf(Value value) { return cast<ShapedType>(value.getType()).getElementType(); }

/// `parameter` (scale or zero point) in a shape that broadcasts to `shape`: each block's value repeated.
Value spread(OpBuilder &builder, Location loc, Value parameter, ArrayRef<int64_t> shape, int64_t axis,
             int64_t blockSize) {
  auto type = tensorType(parameter);
  if (type.getNumElements() == 1)
    return lower::createReshape(builder, loc, parameter, {});
  if (blockSize == 0) {
    SmallVector<int64_t> aligned(shape.size(), 1);
    aligned[axis] = type.getNumElements();
    return lower::createReshape(builder, loc, parameter, toDims(aligned));
  }
  return lower::createElementwise(
      builder, loc, RankedTensorType::get(shape, type.getElementType()), {}, [&](OpBuilder &b, Location l, ValueRange) {
        SmallVector<Value> at;
        for (int64_t d = 0; d < static_cast<int64_t>(shape.size()); ++d) {
          at.push_back(linalg::IndexOp::create(b, l, d));
          if (d == axis)
            at.back() = arith::DivUIOp::create(b, l, at.back(), arith::ConstantIndexOp::create(b, l, blockSize));
        }
        return tensor::ExtractOp::create(b, l, parameter, at).getResult();
      });
}

/// x, and the parameters that are there (scale, zero point) spread over its shape.
template <class Op>
SmallVector<Value> getInputs(OpBuilder &builder, Op op, ArrayRef<int64_t> shape, Value x, ArrayRef<Value> parameters) {
  int64_t axis = op.getAxis() < 0 ? op.getAxis() + static_cast<int64_t>(shape.size()) : op.getAxis();
  SmallVector<Value> inputs{x};
  for (Value parameter : parameters)
    if (parameter)
      inputs.push_back(spread(builder, op.getLoc(), parameter, shape, axis, op.getBlockSize()));
  return inputs;
}

struct LowerQuantize : OpConversionPattern<onnx::QuantizeLinearOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::QuantizeLinearOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = lower::getStaticResult(op, getTypeConverter(), rewriter);
    if (!type)
      return failure();
    Location loc = op.getLoc();
    SmallVector<Value> inputs =
        getInputs(rewriter, op, type.getShape(), adaptor.getX(), {adaptor.getYScale(), adaptor.getYZeroPoint()});
    Type to = elementOf(op.getY()), from = elementOf(op.getX()), f32 = rewriter.getF32Type();
    Value result = lower::createElementwise(rewriter, loc, type, inputs, [&](OpBuilder &b, Location l, ValueRange x) {
      ScalarBuilder s{b, l};
      Value scale = castElement(s, x[1], elementOf(op.getYScale()), f32);
      Value y = s.div(castElement(s, x[0], from, f32), scale);
      Value zero = x.size() == 3 ? castElement(s, x[2], to, f32) : Value();
      if (isa<FloatType>(to))
        return castElement(s, zero ? s.add(y, zero) : y, f32, to, op.getSaturate() != 0);
      y = s.math<math::RoundEvenOp>(y);
      if (zero)
        y = s.add(y, zero);
      unsigned width = to.getIntOrFloatBitWidth();
      bool isUnsigned = to.isUnsignedInteger();
      double low = isUnsigned ? 0 : -std::ldexp(1.0, static_cast<int>(width) - 1);
      double high = std::ldexp(1.0, static_cast<int>(isUnsigned ? width : width - 1)) - 1;
      y = s.min(s.max(y, s.constantLike(y, low)), s.constantLike(y, high));
      return castElement(s, y, f32, to);
    });
    rewriter.replaceOp(op, result);
    return success();
  }
};

/// The printer writes this form as one call (rt::quantize).
struct LowerOwnQuantize : OpConversionPattern<onnx::OwnQuantizeOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::OwnQuantizeOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = lower::getResult(op, getTypeConverter(), rewriter);
    if (!type)
      return failure();
    auto code = [&](OpBuilder &b, Location l, ValueRange x) -> Value {
      ScalarBuilder s{b, l};
      Value low = s.constantLike(x[0], static_cast<double>(op.getLow())),
            high = s.constantLike(x[0], static_cast<double>(op.getHigh()));
      Value rounded = s.math<math::RoundEvenOp>(s.min(s.max(x[0], low), high));
      return arith::FPToSIOp::create(b, l, type.getElementType(), rounded);
    };
    rewriter.replaceOp(op, lower::createElementwise(rewriter, op.getLoc(), type, {adaptor.getX()}, code));
    return success();
  }
};

struct LowerCentre : OpConversionPattern<onnx::OwnCentreOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::OwnCentreOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = lower::getResult(op, getTypeConverter(), rewriter);
    if (!type)
      return failure();
    SmallVector<Value> inputs{adaptor.getX()};
    if (adaptor.getZeroPoint())
      inputs.push_back(adaptor.getZeroPoint());
    Type wide = type.getElementType();
    auto difference = [&](OpBuilder &b, Location l, ValueRange x) -> Value {
      ScalarBuilder s{b, l};
      Value code = castElement(s, x[0], elementOf(op.getX()), wide);
      return x.size() == 1 ? code : s.sub(code, castElement(s, x[1], elementOf(op.getZeroPoint()), wide));
    };
    rewriter.replaceOp(op, lower::createElementwise(rewriter, op.getLoc(), type, inputs, difference));
    return success();
  }
};

struct LowerDequantize : OpConversionPattern<onnx::DequantizeLinearOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::DequantizeLinearOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = lower::getStaticResult(op, getTypeConverter(), rewriter);
    if (!type)
      return failure();
    Location loc = op.getLoc();
    SmallVector<Value> inputs =
        getInputs(rewriter, op, type.getShape(), adaptor.getX(), {adaptor.getXScale(), adaptor.getXZeroPoint()});
    Type from = elementOf(op.getX()), to = elementOf(op.getY()), f32 = rewriter.getF32Type();
    // Differences of integers are exact.
    Type difference = isa<FloatType>(from) ? f32 : Type(rewriter.getI32Type());
    Value result = lower::createElementwise(rewriter, loc, type, inputs, [&](OpBuilder &b, Location l, ValueRange x) {
      ScalarBuilder s{b, l};
      Value value = castElement(s, x[0], from, difference);
      if (x.size() == 3)
        value = s.sub(value, castElement(s, x[2], elementOf(op.getXZeroPoint()), difference));
      Value scale = castElement(s, x[1], elementOf(op.getXScale()), f32);
      return castElement(s, s.mul(castElement(s, value, difference, f32), scale), f32, to);
    });
    rewriter.replaceOp(op, result);
    return success();
  }
};

} // namespace

void lower::populateQuantizePatterns(OnnxTypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<LowerQuantize, LowerDequantize, LowerOwnQuantize, LowerCentre>(converter, patterns.getContext());
}
