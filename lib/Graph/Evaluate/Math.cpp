// Evaluators of unary functions. All are computed in double and rounded once.
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Graph/Evaluate.h"
#include <cmath>

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

template <class F>
bool mapDoubles(Operation *op, Evaluation &e, F f) {
  std::vector<double> values = e[op->getOperand(0)].values<double>();
  for (double &v : values)
    v = f(v);
  return e.set(ConstantTensor::from<double>(e.type().getElementType(), e.shape(), values));
}

/// A function of floats only.
template <class Op>
void addFloat(EvaluatorRegistry &r, double (*f)(double)) {
  r.addAll<Op>([f](Operation *op, Evaluation &e) { return mapDoubles(op, e, f); });
}

/// A function of floats whose parameters are attributes of the op.
template <class Op>
void addFloat(EvaluatorRegistry &r, double (*f)(Op, double)) {
  r.addAll<Op>(
      [f](Operation *op, Evaluation &e) { return mapDoubles(op, e, [&](double v) { return f(cast<Op>(op), v); }); });
}

/// A function of any number type.
template <class Op, class F>
void addNumber(EvaluatorRegistry &r, F f) {
  r.addAll<Op>([f](Operation *op, Evaluation &e) {
    const ConstantTensor &input = e[op->getOperand(0)];
    return visitDomain(input.getElementType(), [&]<class T>(T) {
      std::vector<T> values = input.values<T>();
      for (T &v : values)
        v = static_cast<T>(f(v));
      return e.set(ConstantTensor::from<T>(e.type().getElementType(), e.shape(), values));
    });
  });
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double softplus(double x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }
double gelu(GeluOp op, double x) {
  if (op.getApproximate() == "tanh")
    return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
  return 0.5 * x * (1 + std::erf(x * M_SQRT1_2));
}

} // namespace

void addMathEvaluators(EvaluatorRegistry &r) {
  addFloat<AcosOp>(r, std::acos);
  addFloat<AcoshOp>(r, std::acosh);
  addFloat<AsinOp>(r, std::asin);
  addFloat<AsinhOp>(r, std::asinh);
  addFloat<AtanOp>(r, std::atan);
  addFloat<AtanhOp>(r, std::atanh);
  addFloat<CeilOp>(r, std::ceil);
  addFloat<CosOp>(r, std::cos);
  addFloat<CoshOp>(r, std::cosh);
  addFloat<ErfOp>(r, std::erf);
  addFloat<ExpOp>(r, std::exp);
  addFloat<FloorOp>(r, std::floor);
  addFloat<LogOp>(r, std::log);
  addFloat<ReciprocalOp>(r, +[](double x) { return 1 / x; });
  addFloat<RoundOp>(r, std::nearbyint);
  addFloat<SigmoidOp>(r, sigmoid);
  addFloat<SinOp>(r, std::sin);
  addFloat<SinhOp>(r, std::sinh);
  addFloat<SoftplusOp>(r, softplus);
  addFloat<SoftsignOp>(r, +[](double x) { return x / (1 + std::fabs(x)); });
  addFloat<SqrtOp>(r, std::sqrt);
  addFloat<TanOp>(r, std::tan);
  addFloat<TanhOp>(r, std::tanh);
  addFloat<MishOp>(r, +[](double x) { return x * std::tanh(softplus(x)); });
  addFloat<HardSwishOp>(r, +[](double x) { return x * std::max(0.0, std::min(1.0, x / 6 + 0.5)); });
  addFloat<GeluOp>(r, gelu);
  addFloat<SwishOp>(r, +[](SwishOp op, double x) { return x * sigmoid(op.getAlpha() * x); });
  addFloat<LeakyReluOp>(r, +[](LeakyReluOp op, double x) { return x < 0 ? op.getAlpha() * x : x; });
  addFloat<EluOp>(r, +[](EluOp op, double x) { return x < 0 ? op.getAlpha() * std::expm1(x) : x; });
  addFloat<HardSigmoidOp>(
      r, +[](HardSigmoidOp op, double x) {
        return std::max(0.0, std::min(1.0, double(op.getAlpha()) * x + op.getBeta()));
      });

  addNumber<AbsOp>(r, []<class T>(T x) {
    if constexpr (std::is_same_v<T, int64_t>)
      return x < 0 ? T(0 - uint64_t(x)) : x;
    else if constexpr (std::is_same_v<T, double>)
      return std::fabs(x);
    else
      return x;
  });
  addNumber<NegOp>(r, []<class T>(T x) {
    if constexpr (std::is_integral_v<T>)
      return T(0 - uint64_t(x));
    else
      return -x;
  });
  addNumber<SignOp>(r, []<class T>(T x) { return T(x > 0 ? T(1) : x < 0 ? T(0) - T(1) : x); });
  addNumber<ReluOp>(r, []<class T>(T x) { return x < 0 ? T(0) : x; });
  addNumber<NotOp>(r, [](auto x) { return x == 0; });
  addNumber<BitwiseNotOp>(r, [](auto x) { return ~int64_t(x); });
  addNumber<IsNaNOp>(r, [](auto x) { return x != x; });
}

} // namespace m2c::graph
