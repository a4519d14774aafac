// Writes scalar arith and math code; one notation for floats, integers and bools.
#pragma once

#include "m2c/Lower/Lower.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

namespace m2c::lower {

/// Code for operands of one type. Integers are compared and divided as signed unless `isUnsigned`.
struct ScalarBuilder {
  mlir::OpBuilder &builder;
  mlir::Location loc;
  bool isUnsigned = false;

  static bool isFloat(mlir::Value value) { return llvm::isa<mlir::FloatType>(value.getType()); }

  mlir::Value constant(mlir::Type type, double value) const { return createScalar(builder, loc, type, value); }
  mlir::Value constantLike(mlir::Value like, double value) const { return constant(like.getType(), value); }

  mlir::Value add(mlir::Value a, mlir::Value b) const { return pick<mlir::arith::AddFOp, mlir::arith::AddIOp>(a, b); }
  mlir::Value sub(mlir::Value a, mlir::Value b) const { return pick<mlir::arith::SubFOp, mlir::arith::SubIOp>(a, b); }
  mlir::Value mul(mlir::Value a, mlir::Value b) const { return pick<mlir::arith::MulFOp, mlir::arith::MulIOp>(a, b); }
  mlir::Value div(mlir::Value a, mlir::Value b) const {
    return isUnsigned ? pick<mlir::arith::DivFOp, mlir::arith::DivUIOp>(a, b)
                      : pick<mlir::arith::DivFOp, mlir::arith::DivSIOp>(a, b);
  }
  /// NaN if either is NaN.
  mlir::Value max(mlir::Value a, mlir::Value b) const {
    return isUnsigned ? pick<mlir::arith::MaximumFOp, mlir::arith::MaxUIOp>(a, b)
                      : pick<mlir::arith::MaximumFOp, mlir::arith::MaxSIOp>(a, b);
  }
  mlir::Value min(mlir::Value a, mlir::Value b) const {
    return isUnsigned ? pick<mlir::arith::MinimumFOp, mlir::arith::MinUIOp>(a, b)
                      : pick<mlir::arith::MinimumFOp, mlir::arith::MinSIOp>(a, b);
  }
  mlir::Value neg(mlir::Value a) const {
    return isFloat(a) ? mlir::arith::NegFOp::create(builder, loc, a).getResult() : sub(constantLike(a, 0), a);
  }
  mlir::Value select(mlir::Value condition, mlir::Value a, mlir::Value b) const {
    return mlir::arith::SelectOp::create(builder, loc, condition, a, b);
  }

  enum class Compare { Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual };
  /// False if either is NaN, but NotEqual true.
  mlir::Value compare(Compare what, mlir::Value a, mlir::Value b) const;

  template <class MathOp>
  mlir::Value math(mlir::Value a) const {
    return MathOp::create(builder, loc, a);
  }
  mlir::Value exp(mlir::Value a) const { return math<mlir::math::ExpOp>(a); }
  mlir::Value abs(mlir::Value a) const {
    return isFloat(a) ? math<mlir::math::AbsFOp>(a) : math<mlir::math::AbsIOp>(a);
  }
  /// 1 / (1 + exp(-a))
  mlir::Value sigmoid(mlir::Value a) const;
  /// log(1 + exp(a)), without overflow
  mlir::Value softplus(mlir::Value a) const;

  /// Conversion as ONNX's Cast does it: floats truncate to integers, anything but zero is true.
  mlir::Value cast(mlir::Value a, mlir::Type to, bool toUnsigned) const;

private:
  template <class FloatOp, class IntOp>
  mlir::Value pick(mlir::Value a, mlir::Value b) const {
    return isFloat(a) ? FloatOp::create(builder, loc, a, b).getResult() : IntOp::create(builder, loc, a, b).getResult();
  }
};

} // namespace m2c::lower
