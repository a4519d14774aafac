// One C++ function per scalar operation.
#include "EvaluateScalars.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;

namespace {

/// NaN if either is, as arith.maximumf and minimumf have it.
float maximum(float a, float b) { return std::isnan(a) || std::isnan(b) ? std::nanf("") : std::fmax(a, b); }
float minimum(float a, float b) { return std::isnan(a) || std::isnan(b) ? std::nanf("") : std::fmin(a, b); }

std::optional<float> evaluate(Operation &op, ArrayRef<float> x) {
  return llvm::TypeSwitch<Operation *, std::optional<float>>(&op)
      .Case<arith::AddFOp>([&](auto) { return x[0] + x[1]; })
      .Case<arith::SubFOp>([&](auto) { return x[0] - x[1]; })
      .Case<arith::MulFOp>([&](auto) { return x[0] * x[1]; })
      .Case<arith::DivFOp>([&](auto) { return x[0] / x[1]; })
      .Case<arith::NegFOp>([&](auto) { return -x[0]; })
      .Case<arith::MaximumFOp>([&](auto) { return maximum(x[0], x[1]); })
      .Case<arith::MinimumFOp>([&](auto) { return minimum(x[0], x[1]); })
      .Case<math::AbsFOp>([&](auto) { return std::fabs(x[0]); })
      .Case<math::SqrtOp>([&](auto) { return std::sqrt(x[0]); })
      .Case<math::ExpOp>([&](auto) { return std::exp(x[0]); })
      .Case<math::LogOp>([&](auto) { return std::log(x[0]); })
      .Case<math::TanhOp>([&](auto) { return std::tanh(x[0]); })
      .Case<math::ErfOp>([&](auto) { return std::erf(x[0]); })
      .Default([](auto) { return std::nullopt; });
}

} // namespace

std::optional<float> m2c::evaluateScalars(Block &block, ArrayRef<float> arguments) {
  DenseMap<Value, float> values;
  for (auto [argument, value] : llvm::zip(block.getArguments(), arguments))
    values[argument] = value;
  auto lookup = [&](Value value) -> std::optional<float> {
    if (auto known = values.find(value); known != values.end())
      return known->second;
    auto constant = value.getDefiningOp<arith::ConstantOp>();
    auto number = constant ? dyn_cast<FloatAttr>(constant.getValue()) : FloatAttr();
    return number && number.getType().isF32() ? std::optional(number.getValue().convertToFloat()) : std::nullopt;
  };
  auto lookupAll = [&](Operation &op) -> std::optional<SmallVector<float>> {
    SmallVector<float> operands;
    for (Value operand : op.getOperands()) {
      std::optional<float> value = lookup(operand);
      if (!value)
        return std::nullopt;
      operands.push_back(*value);
    }
    return operands;
  };
  for (Operation &op : block.without_terminator()) {
    if (isa<arith::ConstantOp>(op))
      continue;
    std::optional<SmallVector<float>> operands = lookupAll(op);
    std::optional<float> result = operands ? evaluate(op, *operands) : std::nullopt;
    if (!result)
      return std::nullopt;
    values[op.getResult(0)] = *result;
  }
  Operation *yield = block.getTerminator();
  return yield->getNumOperands() == 1 ? lookup(yield->getOperand(0)) : std::nullopt;
}
