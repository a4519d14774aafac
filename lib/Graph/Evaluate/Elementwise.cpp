// Evaluators of binary, comparing, logical and selecting operators and of type conversions.
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Graph/Evaluate.h"
#include <cmath>

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

/// Applies `f(a, b, out) -> bool` to all elements of two broadcast operands in the domain of the operands; `out` is a
/// T. False from `f` (division by zero) gives up.
template <class F>
bool binary(Operation *op, Evaluation &e, F f) {
  const ConstantTensor &lhs = e[op->getOperand(0)], &rhs = e[op->getOperand(1)];
  return visitDomain(lhs.getElementType(), [&]<class T>(T) {
    std::vector<T> a = broadcastValues<T>(lhs, e.shape()), b = broadcastValues<T>(rhs, e.shape());
    for (size_t i = 0; i < a.size(); ++i)
      if (!f(a[i], b[i], a[i]))
        return false;
    return e.set(ConstantTensor::from<T>(e.type().getElementType(), e.shape(), a));
  });
}

/// Registers `f(a, b) -> value` for `Op`.
template <class Op, class F>
void addBinary(EvaluatorRegistry &r, F f) {
  r.addAll<Op>([f](Operation *op, Evaluation &e) {
    return binary(op, e, [&]<class T>(T a, T b, T &out) {
      out = static_cast<T>(f(a, b));
      return true;
    });
  });
}

/// Registers a fold over any number of broadcast operands.
template <class Op, class F>
void addVariadic(EvaluatorRegistry &r, F f) {
  r.addAll<Op>([f](Operation *op, Evaluation &e) {
    return visitDomain(e.type().getElementType(), [&]<class T>(T) {
      std::vector<T> out = broadcastValues<T>(e[op->getOperand(0)], e.shape());
      for (Value operand : op->getOperands().drop_front()) {
        std::vector<T> next = broadcastValues<T>(e[operand], e.shape());
        for (size_t i = 0; i < out.size(); ++i)
          out[i] = f(out[i], next[i]);
      }
      if (isa<MeanOp>(op))
        for (T &v : out)
          v /= T(op->getNumOperands());
      return e.set(ConstantTensor::from<T>(e.type().getElementType(), e.shape(), out));
    });
  });
}

/// Two's complement arithmetic without undefined overflow.
template <class T, class F>
T wrapping(T a, T b, F f) {
  if constexpr (std::is_integral_v<T>)
    return static_cast<T>(f(static_cast<uint64_t>(a), static_cast<uint64_t>(b)));
  else
    return f(a, b);
}

template <class T>
bool divide(T a, T b, T &out) {
  if constexpr (std::is_integral_v<T>) {
    if (b == 0)
      return false;
    out = b == T(-1) && std::is_signed_v<T> ? T(0 - uint64_t(a)) : a / b;
  } else {
    out = a / b;
  }
  return true;
}

bool evaluateMod(ModOp op, Evaluation &e) {
  return binary(op, e, [&]<class T>(T a, T b, T &out) {
    if constexpr (std::is_integral_v<T>) {
      if (b == 0)
        return false;
      out = b == T(-1) ? T(0) : T(a % b);
      if (!op.getFmod() && out != 0 && (out < 0) != (b < 0))
        out += b; // the sign of the divisor
    } else {
      out = std::fmod(a, b);
      if (!op.getFmod() && out != 0 && (out < 0) != (b < 0))
        out += b;
    }
    return true;
  });
}

bool evaluatePow(PowOp op, Evaluation &e) {
  const ConstantTensor &base = e[op->getOperand(0)], &exponent = e[op->getOperand(1)];
  Type type = e.type().getElementType();
  if (getDomain(type) == Domain::Float || getDomain(exponent.getElementType()) == Domain::Float) {
    std::vector<double> a = broadcastValues<double>(base, e.shape()), b = broadcastValues<double>(exponent, e.shape());
    for (size_t i = 0; i < a.size(); ++i)
      a[i] = std::pow(a[i], b[i]);
    return e.set(ConstantTensor::from<double>(type, e.shape(), a));
  }
  std::vector<uint64_t> a = broadcastValues<uint64_t>(base, e.shape());
  std::vector<int64_t> b = broadcastValues<int64_t>(exponent, e.shape());
  for (size_t i = 0; i < a.size(); ++i) {
    if (b[i] < 0)
      return false;
    uint64_t power = 1, square = a[i];
    for (uint64_t n = b[i]; n != 0; n >>= 1, square *= square)
      power *= n & 1 ? square : 1;
    a[i] = power;
  }
  return e.set(ConstantTensor::from<uint64_t>(type, e.shape(), a));
}

bool evaluateBitShift(BitShiftOp op, Evaluation &e) {
  bool left = op.getDirection() == "LEFT";
  return binary(op, e, [&]<class T>(T a, T b, T &out) {
    if constexpr (std::is_integral_v<T>) {
      uint64_t n = b; // a negative shift counts as a huge one
      if (left)
        out = n >= 64 ? T(0) : T(uint64_t(a) << n);
      else
        out = a >> std::min<uint64_t>(n, 63); // arithmetic if signed
      if (!left && n >= 64 && std::is_unsigned_v<T>)
        out = 0;
      return true;
    }
    return false;
  });
}

bool evaluateWhere(WhereOp op, Evaluation &e) {
  std::vector<uint64_t> condition = broadcastValues<uint64_t>(e[op.getCondition()], e.shape());
  const ConstantTensor &x = e[op.getX()], &y = e[op.getY()];
  ConstantTensor a = takeStrided(x, e.shape(), broadcastStrides(x.getShape(), e.shape()));
  ConstantTensor b = takeStrided(y, e.shape(), broadcastStrides(y.getShape(), e.shape()));
  size_t bytes = a.getElementBytes();
  for (size_t i = 0; i < condition.size(); ++i)
    if (!condition[i])
      std::copy_n(b.data() + i * bytes, bytes, a.mutableData() + i * bytes);
  return e.set(a);
}

bool evaluateClip(ClipOp op, Evaluation &e) {
  const ConstantTensor &input = e[op.getInput()], *low = op.getMin() ? &e[op.getMin()] : nullptr,
                       *high = op.getMax() ? &e[op.getMax()] : nullptr;
  return visitDomain(input.getElementType(), [&]<class T>(T) {
    std::vector<T> v = input.values<T>();
    for (T &x : v) {
      if (low)
        x = std::max(x, low->values<T>()[0]);
      if (high)
        x = std::min(x, high->values<T>()[0]);
    }
    return e.set(ConstantTensor::from<T>(input.getElementType(), e.shape(), v));
  });
}

bool evaluatePRelu(PReluOp op, Evaluation &e) {
  return binary(op, e, [&]<class T>(T x, T slope, T &out) {
    out = x < 0 ? T(x * slope) : x;
    return true;
  });
}

bool evaluateCast(Operation *op, Evaluation &e) {
  return e.set(castTo(e[op->getOperand(0)], e.type().getElementType()));
}

} // namespace

void addElementwiseEvaluators(EvaluatorRegistry &r) {
  addBinary<AddOp>(r, []<class T>(T a, T b) { return wrapping(a, b, [](auto x, auto y) { return x + y; }); });
  addBinary<SubOp>(r, []<class T>(T a, T b) { return wrapping(a, b, [](auto x, auto y) { return x - y; }); });
  addBinary<MulOp>(r, []<class T>(T a, T b) { return wrapping(a, b, [](auto x, auto y) { return x * y; }); });
  r.addAll<DivOp>([](Operation *op, Evaluation &e) {
    return binary(op, e, []<class T>(T a, T b, T &out) { return divide(a, b, out); });
  });
  r.add<ModOp>(evaluateMod);
  r.add<PowOp>(evaluatePow);
  r.add<BitShiftOp>(evaluateBitShift);
  r.add<WhereOp>(evaluateWhere);
  r.add<ClipOp>(evaluateClip);
  r.add<PReluOp>(evaluatePRelu);
  r.addAll<CastOp, CastLikeOp>(evaluateCast);
  r.addAll<IdentityOp>([](Operation *op, Evaluation &e) { return e.set(e[op->getOperand(0)]); });

  addBinary<EqualOp>(r, [](auto a, auto b) { return a == b; });
  addBinary<GreaterOp>(r, [](auto a, auto b) { return a > b; });
  addBinary<GreaterOrEqualOp>(r, [](auto a, auto b) { return a >= b; });
  addBinary<LessOp>(r, [](auto a, auto b) { return a < b; });
  addBinary<LessOrEqualOp>(r, [](auto a, auto b) { return a <= b; });
  addBinary<AndOp>(r, [](auto a, auto b) { return a != 0 && b != 0; });
  addBinary<OrOp>(r, [](auto a, auto b) { return a != 0 || b != 0; });
  addBinary<XorOp>(r, [](auto a, auto b) { return (a != 0) != (b != 0); });
  addBinary<BitwiseAndOp>(r, [](auto a, auto b) { return int64_t(a) & int64_t(b); });
  addBinary<BitwiseOrOp>(r, [](auto a, auto b) { return int64_t(a) | int64_t(b); });
  addBinary<BitwiseXorOp>(r, [](auto a, auto b) { return int64_t(a) ^ int64_t(b); });

  addVariadic<MaxOp>(r, [](auto a, auto b) { return a < b || b != b ? b : a; });
  addVariadic<MinOp>(r, [](auto a, auto b) { return b < a || b != b ? b : a; });
  addVariadic<SumOp>(r, [](auto a, auto b) { return a + b; });
  addVariadic<MeanOp>(r, [](auto a, auto b) { return a + b; });
}

} // namespace m2c::graph
