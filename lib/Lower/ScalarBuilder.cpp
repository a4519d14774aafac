// Scalar code that is more than one op.
#include "ScalarBuilder.h"

using namespace mlir;

namespace m2c::lower {

Value ScalarBuilder::compare(Compare what, Value a, Value b) const {
  if (isFloat(a)) {
    static constexpr arith::CmpFPredicate predicates[] = {arith::CmpFPredicate::OEQ, arith::CmpFPredicate::UNE,
                                                          arith::CmpFPredicate::OLT, arith::CmpFPredicate::OLE,
                                                          arith::CmpFPredicate::OGT, arith::CmpFPredicate::OGE};
    return arith::CmpFOp::create(builder, loc, predicates[static_cast<int>(what)], a, b);
  }
  static constexpr arith::CmpIPredicate signedPredicates[] = {arith::CmpIPredicate::eq,  arith::CmpIPredicate::ne,
                                                              arith::CmpIPredicate::slt, arith::CmpIPredicate::sle,
                                                              arith::CmpIPredicate::sgt, arith::CmpIPredicate::sge};
  static constexpr arith::CmpIPredicate unsignedPredicates[] = {arith::CmpIPredicate::eq,  arith::CmpIPredicate::ne,
                                                                arith::CmpIPredicate::ult, arith::CmpIPredicate::ule,
                                                                arith::CmpIPredicate::ugt, arith::CmpIPredicate::uge};
  bool unsignedCompare = isUnsigned || a.getType().isInteger(1);
  return arith::CmpIOp::create(builder, loc,
                               (unsignedCompare ? unsignedPredicates : signedPredicates)[static_cast<int>(what)], a, b);
}

Value ScalarBuilder::sigmoid(Value a) const {
  Value one = constantLike(a, 1);
  return div(one, add(one, exp(neg(a))));
}

Value ScalarBuilder::softplus(Value a) const {
  // log(1 + exp(a)) = max(a, 0) + log1p(exp(-|a|))
  return add(max(a, constantLike(a, 0)), math<math::Log1pOp>(exp(neg(abs(a)))));
}

Value ScalarBuilder::cast(Value a, Type to, bool toUnsigned) const {
  Type from = a.getType();
  if (from == to)
    return a;
  bool fromFloat = isa<FloatType>(from), toFloat = isa<FloatType>(to);
  if (to.isInteger(1))
    return compare(Compare::NotEqual, a, constant(from, 0));
  if (fromFloat && toFloat)
    return to.getIntOrFloatBitWidth() > from.getIntOrFloatBitWidth()
               ? arith::ExtFOp::create(builder, loc, to, a).getResult()
               : arith::TruncFOp::create(builder, loc, to, a).getResult();
  if (fromFloat)
    return toUnsigned ? arith::FPToUIOp::create(builder, loc, to, a).getResult()
                      : arith::FPToSIOp::create(builder, loc, to, a).getResult();
  bool zeroExtend = isUnsigned || from.isInteger(1);
  if (toFloat)
    return zeroExtend ? arith::UIToFPOp::create(builder, loc, to, a).getResult()
                      : arith::SIToFPOp::create(builder, loc, to, a).getResult();
  if (to.getIntOrFloatBitWidth() < from.getIntOrFloatBitWidth())
    return arith::TruncIOp::create(builder, loc, to, a);
  return zeroExtend ? arith::ExtUIOp::create(builder, loc, to, a).getResult()
                    : arith::ExtSIOp::create(builder, loc, to, a).getResult();
}

} // namespace m2c::lower
