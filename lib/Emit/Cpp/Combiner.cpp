#include "m2c/Emit/Cpp/Combiner.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"
#include <limits>

using namespace mlir;
using namespace m2c::emit;

std::optional<Combiner> m2c::emit::findCombiner(Block &body, BlockArgument accumulator) {
  Operation *join = body.getTerminator()->getOperand(0).getDefiningOp();
  if (!join || !accumulator.hasOneUse() || *accumulator.getUsers().begin() != join || join->getNumOperands() != 2 ||
      !join->getResult(0).hasOneUse())
    return std::nullopt;
  Type type = accumulator.getType();
  unsigned bits = type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
  if (bits < 32)
    return std::nullopt;
  Combiner how{join, join->getOperand(join->getOperand(0) == accumulator ? 1 : 0), "", ""};
  Builder builder(join->getContext());
  double infinity = std::numeric_limits<double>::infinity();
  auto real = [&](double value) { return builder.getFloatAttr(type, value); };
  auto integer = [&](const APInt &value) { return builder.getIntegerAttr(type, value); };
  TypedAttr neutral =
      llvm::TypeSwitch<Operation *, TypedAttr>(join)
          .Case<arith::AddFOp>([&](auto) { return how.functor = "rt::add_op", real(0); })
          .Case<arith::MulFOp>([&](auto) { return how.functor = "rt::mul_op", real(1); })
          .Case<arith::MaximumFOp>([&](auto) { return how.functor = "rt::max_op", real(-infinity); })
          .Case<arith::MinimumFOp>([&](auto) { return how.functor = "rt::min_op", real(infinity); })
          .Case<arith::AddIOp>([&](auto) { return how.functor = "rt::add_op", integer(APInt(bits, 0)); })
          .Case<arith::MulIOp>([&](auto) { return how.functor = "rt::mul_op", integer(APInt(bits, 1)); })
          .Case<arith::MaxSIOp>(
              [&](auto) { return how.functor = "rt::max_op", integer(APInt::getSignedMinValue(bits)); })
          .Case<arith::MinSIOp>(
              [&](auto) { return how.functor = "rt::min_op", integer(APInt::getSignedMaxValue(bits)); })
          .Default([](Operation *) { return TypedAttr(); });
  if (!neutral)
    return std::nullopt;
  how.neutral = printTypedConstant(neutral);
  return how;
}

std::string m2c::emit::printFilled(Value filled, ExpressionPrinter &expressions) {
  TypedAttr constant;
  return matchPattern(filled, m_Constant(&constant)) ? printTypedConstant(constant) : expressions.get(filled).text;
}
