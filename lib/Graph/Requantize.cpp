// What stands between sums of integers and the next codes: scales that become one factor, activations that become
// bounds, and operators that move codes as they are.
#include "Integer.h"
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Graph/Decompose.h"
#include "m2c/Graph/Rewrite.h"
#include <cmath>

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

Type elementOf(Value value) { return cast<ShapedType>(value.getType()).getElementType(); }

/// Least and largest code of an 8-bit type.
std::pair<int64_t, int64_t> codeRange(Type type) {
  return type.isUnsignedInteger() ? std::pair<int64_t, int64_t>(0, 255) : std::pair<int64_t, int64_t>(-128, 127);
}

/// The zero point that an optional operand says; nothing for one that is no constant for all.
std::optional<int64_t> getZero(Value zero) {
  auto value = zero ? getScalar(zero) : 0.0;
  return value ? std::optional(static_cast<int64_t>(*value)) : std::nullopt;
}

/// The positive scale for all of a tensor.
std::optional<double> getScale(Value scale) {
  auto value = getScalar(scale);
  return value && *value > 0 && std::isfinite(*value) && elementOf(scale).isF32() ? value : std::nullopt;
}

NamedAttribute intAttr(OpBuilder &builder, StringRef name, int64_t value) {
  return builder.getNamedAttr(name, builder.getI64IntegerAttr(value));
}

Value quantize(Composer &c, Value x, int64_t low, int64_t high) {
  return c.make("m2c.Quantize", {x}, {intAttr(c.rewriter, "low", low), intAttr(c.rewriter, "high", high)});
}

/// Centre(QuantizeLinear(x, scale, zero), zero) -> Quantize(x / scale) within the codes' range.
struct CentreOfQuantize : OpRewritePattern<OwnCentreOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(OwnCentreOp op, PatternRewriter &rewriter) const override {
    auto codes = op.getX().getDefiningOp<QuantizeLinearOp>();
    auto zero = getZero(op.getZeroPoint());
    auto scale = codes ? getScale(codes.getYScale()) : std::nullopt;
    if (!scale || !zero || getZero(codes.getYZeroPoint()) != zero || codes.getBlockSize() != 0 ||
        !elementOf(codes.getX()).isF32())
      return rewriter.notifyMatchFailure(op, "not of codes with the same constant zero point");
    Composer c(rewriter, fuseLocs({codes, op}));
    auto [low, high] = codeRange(elementOf(op.getX()));
    Value divided = c.div(codes.getX(), c.constant(rewriter.getF32Type(), {}, *scale));
    rewriter.replaceOp(op, quantize(c, divided, low - *zero, high - *zero));
    return success();
  }
};

/// DequantizeLinear of 8-bit codes that QuantizeLinear makes -> centred codes as float32, scaled.
struct DequantizeCentred : OpRewritePattern<DequantizeLinearOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(DequantizeLinearOp op, PatternRewriter &rewriter) const override {
    auto codes = op.getX().getDefiningOp<QuantizeLinearOp>();
    auto scale = getScale(op.getXScale());
    auto zero = getZero(op.getXZeroPoint());
    if (!codes || !scale || !zero || !elementOf(op.getX()).isInteger(8) || !elementOf(op.getY()).isF32() ||
        !elementOf(codes.getX()).isF32() || op.getBlockSize() != 0 || getZero(codes.getYZeroPoint()) != zero ||
        !getScale(codes.getYScale()))
      return rewriter.notifyMatchFailure(op, "not of 8-bit codes with constant parameters");
    Composer c(rewriter, op.getLoc());
    Value point = op.getXZeroPoint();
    Value centred = c.make("m2c.Centre", {op.getX(), point ? c.reshape(point, {}) : point});
    Value y = c.mul(c.cast(centred, rewriter.getF32Type()), c.constant(rewriter.getF32Type(), {}, *scale));
    rewriter.replaceOp(op, y);
    return success();
  }
};

/// `value` = integers * constant: both factors.
struct Scaled {
  CastOp integers;
  ConstantTensor scale;
};
std::optional<Scaled> getScaled(Value value) {
  auto product = value.getDefiningOp<MulOp>();
  auto integers = product ? product.getA().getDefiningOp<CastOp>() : CastOp();
  auto scale = product ? ConstantTensor::get(product.getB()) : std::nullopt;
  if (!integers || !scale || !isa<IntegerType>(elementOf(integers.getInput())) || !elementOf(value).isF32())
    return std::nullopt;
  return Scaled{integers, *scale};
}

/// Whether x / constant can be had by dividing the constants in x.
bool isDivisible(Value x) {
  if (getConstant(x))
    return ConstantTensor::get(x).has_value();
  if (!x.hasOneUse() && !(getScaled(x) && elementOf(getScaled(x)->integers.getInput()).isInteger(16)))
    return false;
  if (auto sum = x.getDefiningOp<AddOp>())
    return isDivisible(sum.getA()) && isDivisible(sum.getB());
  return getScaled(x).has_value();
}

Value divide(Composer &c, Value x, double divisor) {
  auto constant = [&](const ConstantTensor &tensor, Location loc) {
    std::vector<double> values = tensor.values<double>();
    for (double &v : values)
      v = static_cast<float>(v) / static_cast<float>(divisor);
    return createConstant(c.rewriter, loc,
                          ConstantTensor::from<double>(c.rewriter.getF32Type(), tensor.getShape(), values));
  };
  if (auto tensor = ConstantTensor::get(x))
    return constant(*tensor, x.getLoc());
  if (auto sum = x.getDefiningOp<AddOp>())
    return c.add(divide(c, sum.getA(), divisor), divide(c, sum.getB(), divisor));
  auto scaled = getScaled(x);
  return c.mul(scaled->integers, constant(scaled->scale, c.loc));
}

/// Quantize(Relu(x) / s) and Clip -> Quantize(x / s) with narrower bounds; Quantize(x / s) where x has constant factors
/// -> Quantize of the product with the factors divided.
struct FoldQuantize : OpRewritePattern<OwnQuantizeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(OwnQuantizeOp op, PatternRewriter &rewriter) const override {
    auto quotient = op.getX().getDefiningOp<DivOp>();
    auto scale = quotient ? getScale(quotient.getB()) : std::nullopt;
    if (!scale || cast<ShapedType>(quotient.getB().getType()).getRank() != 0)
      return rewriter.notifyMatchFailure(op, "not of something over a constant");
    Value x = quotient.getA();
    Composer c(rewriter, fuseLocs({op}));
    int64_t low = op.getLow(), high = op.getHigh();
    // A bound of the value is one of the codes, for rounding keeps the order.
    auto codeOf = [&](double bound) {
      double code = std::nearbyint(static_cast<float>(bound) / static_cast<float>(*scale));
      return static_cast<int64_t>(
          std::clamp(code, static_cast<double>(op.getLow()), static_cast<double>(op.getHigh())));
    };
    Value clipped;
    if (auto relu = x.getDefiningOp<ReluOp>()) {
      clipped = relu.getX();
      low = codeOf(0);
    } else if (auto clip = x.getDefiningOp<ClipOp>()) {
      auto least = clip.getMin() ? getScalar(clip.getMin()) : -INFINITY,
           most = clip.getMax() ? getScalar(clip.getMax()) : INFINITY;
      if (least && most && *least <= *most) {
        clipped = clip.getInput();
        low = codeOf(*least);
        high = codeOf(*most);
      }
    }
    if (clipped && x.hasOneUse()) {
      rewriter.replaceOp(op, quantize(c, c.div(clipped, quotient.getB()), low, high));
      return success();
    }
    if (!isDivisible(x))
      return rewriter.notifyMatchFailure(op, "the dividend has no constant factor");
    rewriter.replaceOp(op, quantize(c, divide(c, x, *scale), low, high));
    return success();
  }
};

/// Quantize(move(x) / s) -> move(Quantize(x / s)): the codes are moved, and the quantisation follows what made x.
struct HoistQuantize : OpRewritePattern<OwnQuantizeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(OwnQuantizeOp op, PatternRewriter &rewriter) const override {
    auto quotient = op.getX().getDefiningOp<DivOp>();
    Operation *move = quotient ? quotient.getA().getDefiningOp() : nullptr;
    if (!isa_and_nonnull<ReshapeOp, TransposeOp, FlattenOp, SqueezeOp, UnsqueezeOp>(move) || !move->hasOneUse() ||
        !quotient->hasOneUse() || !getScale(quotient.getB()) ||
        cast<ShapedType>(quotient.getB().getType()).getRank() != 0)
      return rewriter.notifyMatchFailure(op, "not of something moved, over a constant");
    Composer c(rewriter, op.getLoc());
    IRMapping mapping;
    mapping.map(move->getOperand(0),
                quantize(c, c.div(move->getOperand(0), quotient.getB()), op.getLow(), op.getHigh()));
    Operation *moved = rewriter.clone(*move, mapping);
    moved->getResult(0).setType(op.getType());
    rewriter.replaceOp(op, moved->getResult(0));
    return success();
  }
};

/// The range that 16-bit codes are known to be in.
std::optional<std::pair<int64_t, int64_t>> getRange(Value codes) {
  if (auto quantize = codes.getDefiningOp<OwnQuantizeOp>())
    return std::pair<int64_t, int64_t>(quantize.getLow(), quantize.getHigh());
  auto centre = codes.getDefiningOp<OwnCentreOp>();
  auto zero = centre ? getZero(centre.getZeroPoint()) : std::nullopt;
  if (!zero)
    if (Operation *op = codes.getDefiningOp(); isa_and_nonnull<MaxPoolOp, ReshapeOp, TransposeOp, FlattenOp>(op))
      return getRange(op->getOperand(0));
  if (!zero)
    return std::nullopt;
  auto [low, high] = codeRange(elementOf(centre.getX()));
  return std::pair<int64_t, int64_t>(low - *zero, high - *zero);
}

/// Codes that are dequantised and quantised again by the same scale are what they were, or clipped: Quantize(codes * 1)
/// -> the codes.
struct QuantizeOfCodes : OpRewritePattern<OwnQuantizeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(OwnQuantizeOp op, PatternRewriter &rewriter) const override {
    auto scaled = getScaled(op.getX());
    if (!scaled || scaled->scale.size() != 1 || scaled->scale.getDouble(0) != 1 ||
        !elementOf(scaled->integers.getInput()).isInteger(16))
      return rewriter.notifyMatchFailure(op, "not of scaled codes");
    Value codes = scaled->integers.getInput();
    auto range = getRange(codes);
    if (!range || range->first < op.getLow() || range->second > op.getHigh() || codes.getType() != op.getType())
      return rewriter.notifyMatchFailure(op, "the codes may be out of range");
    rewriter.replaceOp(op, codes);
    return success();
  }
};

/// An operator that moves or chooses elements, on dequantised codes -> on the codes.
template <class Op>
struct MoveCodes : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;

  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    auto scaled = getScaled(op->getOperand(0));
    if (!scaled || scaled->scale.size() != 1 || !(scaled->scale.getDouble(0) > 0) ||
        !elementOf(scaled->integers.getInput()).isInteger(16) || op->getNumResults() != 1 ||
        !op->getOperand(0).hasOneUse())
      return rewriter.notifyMatchFailure(op, "not of codes with one scale");
    Composer c(rewriter, op.getLoc());
    IRMapping mapping;
    mapping.map(op->getOperand(0), scaled->integers.getInput());
    Operation *moved = rewriter.clone(*op, mapping);
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    moved->getResult(0).setType(type.clone(elementOf(scaled->integers.getInput())));
    Value y = c.mul(c.cast(moved->getResult(0), rewriter.getF32Type()),
                    createConstant(rewriter, op.getLoc(), scaled->scale.reshape({})));
    rewriter.replaceOp(op, y);
    return success();
  }
};

} // namespace

void addRequantizePatterns(RewritePatternSet &patterns) {
  patterns.add<CentreOfQuantize, DequantizeCentred, FoldQuantize, HoistQuantize, QuantizeOfCodes, MoveCodes<MaxPoolOp>,
               MoveCodes<ReshapeOp>, MoveCodes<FlattenOp>, MoveCodes<TransposeOp>, MoveCodes<SqueezeOp>,
               MoveCodes<UnsqueezeOp>>(patterns.getContext());
}

} // namespace m2c::graph
