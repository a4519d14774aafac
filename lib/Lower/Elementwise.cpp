// Element-wise operators: one linalg.generic each, with the operator's formula as scalar code.
#include "Cast.h"
#include "ScalarBuilder.h"
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include <numbers>

using namespace mlir;
using namespace m2c;
using lower::castElement;
using lower::ScalarBuilder;
using Compare = ScalarBuilder::Compare;

namespace {

bool isUnsigned(Value value) {
  auto integer = dyn_cast<IntegerType>(cast<ShapedType>(value.getType()).getElementType());
  return integer && integer.isUnsigned();
}

/// The formula of an operator: from its op (for attributes), a builder and the operands' elements.
template <class Op>
using Formula = Value (*)(Op, const ScalarBuilder &, ValueRange);

/// Broadcasts the operands to the result and computes `Formula`.
template <class Op>
struct LowerElementwise : OpConversionPattern<Op> {
  LowerElementwise(const TypeConverter &converter, MLIRContext *context, Formula<Op> formula)
      : OpConversionPattern<Op>(converter, context), formula(formula) {}

  LogicalResult matchAndRewrite(Op op, typename Op::Adaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = lower::getResult(op, this->getTypeConverter(), rewriter);
    if (!type)
      return failure();
    bool unsignedOperands = op->getNumOperands() > 0 && isUnsigned(op->getOperands().back());
    rewriter.replaceOp(op, lower::createElementwise(rewriter, op.getLoc(), type, adaptor.getOperands(),
                                                    [&](OpBuilder &builder, Location loc, ValueRange elements) {
                                                      return formula(op, ScalarBuilder{builder, loc, unsignedOperands},
                                                                     elements);
                                                    }));
    return success();
  }

  Formula<Op> formula;
};

/// An operator that is one op of the math dialect.
template <class MathOp>
struct Math {
  template <class Op>
  static Value formula(Op, const ScalarBuilder &s, ValueRange x) {
    return s.math<MathOp>(x[0]);
  }
};

template <class Op, Compare what>
Value comparison(Op, const ScalarBuilder &s, ValueRange x) {
  return s.compare(what, x[0], x[1]);
}

/// Folds any number of operands: Sum, Max, Min, Mean.
template <class Combine>
Value foldAll(ValueRange x, Combine combine) {
  Value result = x.front();
  for (Value next : x.drop_front())
    result = combine(result, next);
  return result;
}

/// 0.5 x (1 + erf(x / sqrt 2)), or with tanh: 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))).
Value gelu(onnx::GeluOp op, const ScalarBuilder &s, ValueRange x) {
  Value half = s.constantLike(x[0], 0.5), one = s.constantLike(x[0], 1), inner;
  if (op.getApproximate() == "tanh") {
    Value cube = s.mul(s.mul(x[0], x[0]), x[0]);
    Value polynomial = s.add(x[0], s.mul(cube, s.constantLike(x[0], 0.044715)));
    inner = s.math<math::TanhOp>(s.mul(polynomial, s.constantLike(x[0], std::sqrt(2 / std::numbers::pi))));
  } else {
    inner = s.math<math::ErfOp>(s.mul(x[0], s.constantLike(x[0], std::numbers::sqrt2 / 2)));
  }
  return s.mul(s.mul(x[0], half), s.add(inner, one));
}

/// Integer powers of constants become products; others call pow. The exponent is converted to the base's type.
Value power(onnx::PowOp op, const ScalarBuilder &s, ValueRange x) {
  Value base = x[0], exponent = x[1];
  if (auto constant = exponent.getDefiningOp<arith::ConstantOp>()) {
    double value = 0;
    if (auto real = dyn_cast<FloatAttr>(constant.getValue()))
      value = real.getValueAsDouble();
    else
      value = static_cast<double>(cast<IntegerAttr>(constant.getValue()).getInt());
    if (value == 1)
      return base;
    if (value == 2)
      return s.mul(base, base);
    if (value == 3)
      return s.mul(s.mul(base, base), base);
    if (value == 0.5 && ScalarBuilder::isFloat(base))
      return s.math<math::SqrtOp>(base);
  }
  Type computeType = ScalarBuilder::isFloat(base) ? base.getType() : s.builder.getF64Type();
  Value result =
      math::PowFOp::create(s.builder, s.loc, s.cast(base, computeType, false),
                           ScalarBuilder{s.builder, s.loc, isUnsigned(op.getY())}.cast(exponent, computeType, false));
  return s.cast(result, base.getType(), s.isUnsigned);
}

/// Mod: the sign of the divisor (integers), or with fmod = 1 that of the dividend.
Value modulo(onnx::ModOp op, const ScalarBuilder &s, ValueRange x) {
  if (ScalarBuilder::isFloat(x[0])) {
    Value remainder = arith::RemFOp::create(s.builder, s.loc, x[0], x[1]);
    if (op.getFmod())
      return remainder;
    Value zero = s.constantLike(x[0], 0);
    Value differs = s.compare(Compare::Less, s.mul(remainder, x[1]), zero);
    return s.select(differs, s.add(remainder, x[1]), remainder);
  }
  if (s.isUnsigned)
    return arith::RemUIOp::create(s.builder, s.loc, x[0], x[1]);
  Value remainder = arith::RemSIOp::create(s.builder, s.loc, x[0], x[1]);
  if (op.getFmod())
    return remainder;
  Value zero = s.constantLike(x[0], 0);
  Value signs = arith::XOrIOp::create(s.builder, s.loc, remainder, x[1]);
  Value differs = arith::AndIOp::create(s.builder, s.loc, s.compare(Compare::Less, signs, zero),
                                        s.compare(Compare::NotEqual, remainder, zero));
  return s.select(differs, s.add(remainder, x[1]), remainder);
}

Value clip(onnx::ClipOp op, const ScalarBuilder &s, ValueRange x) {
  Value result = x[0];
  unsigned next = 1;
  if (op.getMin())
    result = s.max(result, x[next++]);
  if (op.getMax())
    result = s.min(result, x[next]);
  return result;
}

Value infinite(onnx::IsInfOp op, const ScalarBuilder &s, ValueRange x) {
  Value infinity = s.constantLike(x[0], std::numeric_limits<double>::infinity());
  if (op.getDetectPositive() && op.getDetectNegative())
    return s.compare(Compare::Equal, s.abs(x[0]), infinity);
  if (op.getDetectPositive())
    return s.compare(Compare::Equal, x[0], infinity);
  if (op.getDetectNegative())
    return s.compare(Compare::Equal, x[0], s.neg(infinity));
  return s.constant(s.builder.getI1Type(), 0);
}

Value sign(onnx::SignOp, const ScalarBuilder &s, ValueRange x) {
  Value zero = s.constantLike(x[0], 0), one = s.constantLike(x[0], 1);
  Value positive = s.select(s.compare(Compare::Greater, x[0], zero), one, x[0]);
  return s.isUnsigned ? positive : s.select(s.compare(Compare::Less, x[0], zero), s.constantLike(x[0], -1), positive);
}

/// Clip(alpha x + beta, 0, 1)
Value hardSigmoid(const ScalarBuilder &s, Value x, double alpha, double beta) {
  Value line = s.add(s.mul(x, s.constantLike(x, alpha)), s.constantLike(x, beta));
  return s.max(s.min(line, s.constantLike(x, 1)), s.constantLike(x, 0));
}

/// gamma * (x > 0 ? x : alpha (exp(x / scale) - 1)): Elu, Selu, Celu.
Value exponentialLinear(const ScalarBuilder &s, Value x, double alpha, double gamma, double scale) {
  Value scaled = scale == 1 ? x : s.div(x, s.constantLike(x, scale));
  Value negative = s.mul(s.math<math::ExpM1Op>(scaled), s.constantLike(x, alpha * gamma));
  Value positive = gamma == 1 ? x : s.mul(x, s.constantLike(x, gamma));
  return s.select(s.compare(Compare::Greater, x, s.constantLike(x, 0)), positive, negative);
}

/// BitShift: a shift by the width or more leaves nothing.
Value shift(onnx::BitShiftOp op, const ScalarBuilder &s, ValueRange x) {
  Value width = s.constantLike(x[0], x[0].getType().getIntOrFloatBitWidth());
  Value inside = ScalarBuilder{s.builder, s.loc, true}.compare(Compare::Less, x[1], width);
  Value zero = s.constantLike(x[0], 0), by = s.select(inside, x[1], zero), shifted;
  if (op.getDirection() == "LEFT")
    shifted = arith::ShLIOp::create(s.builder, s.loc, x[0], by);
  else if (s.isUnsigned)
    shifted = arith::ShRUIOp::create(s.builder, s.loc, x[0], by);
  else
    shifted = arith::ShRSIOp::create(s.builder, s.loc, x[0], by);
  Value beyond = zero;
  if (!s.isUnsigned && op.getDirection() != "LEFT")
    beyond = s.select(s.compare(Compare::Less, x[0], zero), s.constantLike(x[0], -1), zero);
  return s.select(inside, shifted, beyond);
}

Type elementOf(Value value) { return cast<ShapedType>(value.getType()).getElementType(); }

struct Registrar {
  lower::OnnxTypeConverter &converter;
  RewritePatternSet &patterns;

  template <class Op>
  void add(Formula<Op> formula) {
    patterns.add<LowerElementwise<Op>>(converter, patterns.getContext(), formula);
  }
  template <class Op, class MathOp>
  void addMath() {
    add<Op>(&Math<MathOp>::template formula<Op>);
  }
};

void addArithmetic(Registrar &r) {
  r.add<onnx::AddOp>([](onnx::AddOp, const ScalarBuilder &s, ValueRange x) { return s.add(x[0], x[1]); });
  r.add<onnx::SubOp>([](onnx::SubOp, const ScalarBuilder &s, ValueRange x) { return s.sub(x[0], x[1]); });
  r.add<onnx::MulOp>([](onnx::MulOp, const ScalarBuilder &s, ValueRange x) { return s.mul(x[0], x[1]); });
  r.add<onnx::DivOp>([](onnx::DivOp, const ScalarBuilder &s, ValueRange x) { return s.div(x[0], x[1]); });
  r.add<onnx::NegOp>([](onnx::NegOp, const ScalarBuilder &s, ValueRange x) { return s.neg(x[0]); });
  r.add<onnx::AbsOp>(
      [](onnx::AbsOp, const ScalarBuilder &s, ValueRange x) { return s.isUnsigned ? x[0] : s.abs(x[0]); });
  r.add<onnx::ReciprocalOp>(
      [](onnx::ReciprocalOp, const ScalarBuilder &s, ValueRange x) { return s.div(s.constantLike(x[0], 1), x[0]); });
  r.add<onnx::PowOp>(power);
  r.add<onnx::ModOp>(modulo);
  r.add<onnx::ClipOp>(clip);
  r.add<onnx::SignOp>(sign);
  r.add<onnx::SumOp>([](onnx::SumOp, const ScalarBuilder &s, ValueRange x) {
    return foldAll(x, [&](Value a, Value b) { return s.add(a, b); });
  });
  r.add<onnx::MaxOp>([](onnx::MaxOp, const ScalarBuilder &s, ValueRange x) {
    return foldAll(x, [&](Value a, Value b) { return s.max(a, b); });
  });
  r.add<onnx::MinOp>([](onnx::MinOp, const ScalarBuilder &s, ValueRange x) {
    return foldAll(x, [&](Value a, Value b) { return s.min(a, b); });
  });
  r.add<onnx::MeanOp>([](onnx::MeanOp, const ScalarBuilder &s, ValueRange x) {
    Value sum = foldAll(x, [&](Value a, Value b) { return s.add(a, b); });
    return s.div(sum, s.constantLike(sum, static_cast<double>(x.size())));
  });
}

void addMathFunctions(Registrar &r) {
  r.addMath<onnx::ExpOp, math::ExpOp>();
  r.addMath<onnx::LogOp, math::LogOp>();
  r.addMath<onnx::SqrtOp, math::SqrtOp>();
  r.addMath<onnx::ErfOp, math::ErfOp>();
  r.addMath<onnx::TanhOp, math::TanhOp>();
  r.addMath<onnx::SinOp, math::SinOp>();
  r.addMath<onnx::CosOp, math::CosOp>();
  r.addMath<onnx::TanOp, math::TanOp>();
  r.addMath<onnx::AsinOp, math::AsinOp>();
  r.addMath<onnx::AcosOp, math::AcosOp>();
  r.addMath<onnx::AtanOp, math::AtanOp>();
  r.addMath<onnx::SinhOp, math::SinhOp>();
  r.addMath<onnx::CoshOp, math::CoshOp>();
  r.addMath<onnx::AsinhOp, math::AsinhOp>();
  r.addMath<onnx::AcoshOp, math::AcoshOp>();
  r.addMath<onnx::AtanhOp, math::AtanhOp>();
  r.addMath<onnx::FloorOp, math::FloorOp>();
  r.addMath<onnx::CeilOp, math::CeilOp>();
  r.addMath<onnx::RoundOp, math::RoundEvenOp>();
}

void addActivations(Registrar &r) {
  r.add<onnx::ReluOp>(
      [](onnx::ReluOp, const ScalarBuilder &s, ValueRange x) { return s.max(x[0], s.constantLike(x[0], 0)); });
  r.add<onnx::SigmoidOp>([](onnx::SigmoidOp, const ScalarBuilder &s, ValueRange x) { return s.sigmoid(x[0]); });
  r.add<onnx::SwishOp>([](onnx::SwishOp op, const ScalarBuilder &s, ValueRange x) {
    double alpha = op.getAlpha();
    return s.mul(x[0], s.sigmoid(alpha == 1 ? x[0] : s.mul(x[0], s.constantLike(x[0], alpha))));
  });
  r.add<onnx::GeluOp>(gelu);
  r.add<onnx::SoftplusOp>([](onnx::SoftplusOp, const ScalarBuilder &s, ValueRange x) { return s.softplus(x[0]); });
  r.add<onnx::MishOp>([](onnx::MishOp, const ScalarBuilder &s, ValueRange x) {
    return s.mul(x[0], s.math<math::TanhOp>(s.softplus(x[0])));
  });
  r.add<onnx::SoftsignOp>([](onnx::SoftsignOp, const ScalarBuilder &s, ValueRange x) {
    return s.div(x[0], s.add(s.constantLike(x[0], 1), s.abs(x[0])));
  });
  r.add<onnx::LeakyReluOp>([](onnx::LeakyReluOp op, const ScalarBuilder &s, ValueRange x) {
    return s.select(s.compare(Compare::Less, x[0], s.constantLike(x[0], 0)),
                    s.mul(x[0], s.constantLike(x[0], op.getAlpha())), x[0]);
  });
  r.add<onnx::PReluOp>([](onnx::PReluOp, const ScalarBuilder &s, ValueRange x) {
    return s.select(s.compare(Compare::Less, x[0], s.constantLike(x[0], 0)), s.mul(x[0], x[1]), x[0]);
  });
  r.add<onnx::ThresholdedReluOp>([](onnx::ThresholdedReluOp op, const ScalarBuilder &s, ValueRange x) {
    return s.select(s.compare(Compare::Greater, x[0], s.constantLike(x[0], op.getAlpha())), x[0],
                    s.constantLike(x[0], 0));
  });
  r.add<onnx::EluOp>([](onnx::EluOp op, const ScalarBuilder &s, ValueRange x) {
    return exponentialLinear(s, x[0], op.getAlpha(), 1, 1);
  });
  r.add<onnx::SeluOp>([](onnx::SeluOp op, const ScalarBuilder &s, ValueRange x) {
    return exponentialLinear(s, x[0], op.getAlpha(), op.getGamma(), 1);
  });
  r.add<onnx::CeluOp>([](onnx::CeluOp op, const ScalarBuilder &s, ValueRange x) {
    return exponentialLinear(s, x[0], op.getAlpha(), 1, op.getAlpha());
  });
  r.add<onnx::HardSigmoidOp>([](onnx::HardSigmoidOp op, const ScalarBuilder &s, ValueRange x) {
    return hardSigmoid(s, x[0], op.getAlpha(), op.getBeta());
  });
  r.add<onnx::HardSwishOp>([](onnx::HardSwishOp, const ScalarBuilder &s, ValueRange x) {
    return s.mul(x[0], hardSigmoid(s, x[0], 1.0 / 6, 0.5));
  });
  r.add<onnx::ShrinkOp>([](onnx::ShrinkOp op, const ScalarBuilder &s, ValueRange x) {
    Value bias = s.constantLike(x[0], op.getBias()), zero = s.constantLike(x[0], 0);
    Value high =
        s.select(s.compare(Compare::Greater, x[0], s.constantLike(x[0], op.getLambd())), s.sub(x[0], bias), zero);
    return s.select(s.compare(Compare::Less, x[0], s.constantLike(x[0], -op.getLambd())), s.add(x[0], bias), high);
  });
}

void addLogic(Registrar &r) {
  r.add<onnx::EqualOp>(comparison<onnx::EqualOp, Compare::Equal>);
  r.add<onnx::LessOp>(comparison<onnx::LessOp, Compare::Less>);
  r.add<onnx::LessOrEqualOp>(comparison<onnx::LessOrEqualOp, Compare::LessOrEqual>);
  r.add<onnx::GreaterOp>(comparison<onnx::GreaterOp, Compare::Greater>);
  r.add<onnx::GreaterOrEqualOp>(comparison<onnx::GreaterOrEqualOp, Compare::GreaterOrEqual>);
  r.add<onnx::AndOp>([](onnx::AndOp, const ScalarBuilder &s, ValueRange x) -> Value {
    return arith::AndIOp::create(s.builder, s.loc, x[0], x[1]);
  });
  r.add<onnx::OrOp>([](onnx::OrOp, const ScalarBuilder &s, ValueRange x) -> Value {
    return arith::OrIOp::create(s.builder, s.loc, x[0], x[1]);
  });
  r.add<onnx::XorOp>([](onnx::XorOp, const ScalarBuilder &s, ValueRange x) -> Value {
    return arith::XOrIOp::create(s.builder, s.loc, x[0], x[1]);
  });
  r.add<onnx::NotOp>([](onnx::NotOp, const ScalarBuilder &s, ValueRange x) -> Value {
    return arith::XOrIOp::create(s.builder, s.loc, x[0], s.constantLike(x[0], 1));
  });
  r.add<onnx::BitwiseAndOp>([](onnx::BitwiseAndOp, const ScalarBuilder &s, ValueRange x) -> Value {
    return arith::AndIOp::create(s.builder, s.loc, x[0], x[1]);
  });
  r.add<onnx::BitwiseOrOp>([](onnx::BitwiseOrOp, const ScalarBuilder &s, ValueRange x) -> Value {
    return arith::OrIOp::create(s.builder, s.loc, x[0], x[1]);
  });
  r.add<onnx::BitwiseXorOp>([](onnx::BitwiseXorOp, const ScalarBuilder &s, ValueRange x) -> Value {
    return arith::XOrIOp::create(s.builder, s.loc, x[0], x[1]);
  });
  r.add<onnx::BitwiseNotOp>([](onnx::BitwiseNotOp, const ScalarBuilder &s, ValueRange x) -> Value {
    return arith::XOrIOp::create(s.builder, s.loc, x[0], s.constantLike(x[0], -1));
  });
  r.add<onnx::IsNaNOp>(
      [](onnx::IsNaNOp, const ScalarBuilder &s, ValueRange x) { return s.compare(Compare::NotEqual, x[0], x[0]); });
  r.add<onnx::IsInfOp>(infinite);
  r.add<onnx::WhereOp>([](onnx::WhereOp, const ScalarBuilder &s, ValueRange x) { return s.select(x[0], x[1], x[2]); });
  r.add<onnx::CastOp>([](onnx::CastOp op, const ScalarBuilder &s, ValueRange x) {
    return castElement(s, x[0], elementOf(op.getInput()), elementOf(op.getOutput()), op.getSaturate() != 0,
                       op.getRoundMode());
  });
  r.add<onnx::BitCastOp>([](onnx::BitCastOp op, const ScalarBuilder &s, ValueRange x) -> Value {
    Type to = elementOf(op.getOutput());
    if (to.isUnsignedInteger())
      to = IntegerType::get(op.getContext(), to.getIntOrFloatBitWidth());
    if (to == x[0].getType())
      return x[0];
    if (to.isInteger(1) || x[0].getType().isInteger(1)) // a bool is a byte
      return s.cast(x[0], to, true);
    return arith::BitcastOp::create(s.builder, s.loc, to, x[0]);
  });
  r.add<onnx::BitShiftOp>(shift);
}

} // namespace

void lower::populateElementwisePatterns(OnnxTypeConverter &converter, RewritePatternSet &patterns) {
  Registrar registrar{converter, patterns};
  addArithmetic(registrar);
  addMathFunctions(registrar);
  addActivations(registrar);
  addLogic(registrar);
}
