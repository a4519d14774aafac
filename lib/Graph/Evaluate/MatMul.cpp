// Evaluators of matrix products and of linear quantisation.
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Graph/Evaluate.h"
#include "m2c/Graph/ShapeMath.h"
#include <cmath>

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

/// More multiplications than this are left to run time.
constexpr int64_t kMostMultiplications = 200'000'000;

/// out[M,N] = a[M,K] b[K,N], accumulated in double for floats.
template <class T>
void multiply(const T *a, const T *b, T *out, int64_t m, int64_t k, int64_t n) {
  std::fill_n(out, m * n, T(0));
  for (int64_t i = 0; i < m; ++i)
    for (int64_t p = 0; p < k; ++p)
      for (int64_t j = 0; j < n; ++j)
        out[i * n + j] += a[i * k + p] * b[p * n + j];
}

bool evaluateMatMul(MatMulOp op, Evaluation &e) {
  ConstantTensor a = e[op.getA()], b = e[op.getB()];
  if (a.getRank() == 1)
    a = a.reshape({1, a.size()});
  if (b.getRank() == 1)
    b = b.reshape({b.size(), 1});
  int64_t m = a.getShape().drop_back().back(), k = a.getShape().back(), n = b.getShape().back();
  if (m * n == 0 || e.type().getNumElements() > kMostMultiplications / std::max<int64_t>(k, 1))
    return false;
  ArrayRef<int64_t> outerA = a.getShape().drop_back(2), outerB = b.getShape().drop_back(2);
  SmallVector<int64_t> outer = *broadcastShapes(outerA, outerB);
  return visitDomain(a.getElementType(), [&]<class T>(T) {
    std::vector<T> x = a.values<T>(), y = b.values<T>(), out(e.type().getNumElements());
    std::vector<int64_t> starts;
    forEachStrided(outer, broadcastStrides(outerA, outer), 0, [&](int64_t i) { starts.push_back(i); });
    int64_t batch = 0;
    forEachStrided(outer, broadcastStrides(outerB, outer), 0, [&](int64_t i) {
      multiply(&x[starts[batch] * m * k], &y[i * k * n], &out[batch * m * n], m, k, n);
      ++batch;
    });
    return e.set(ConstantTensor::from<T>(e.type().getElementType(), e.shape(), out));
  });
}

bool evaluateGemm(GemmOp op, Evaluation &e) {
  ConstantTensor a = e[op.getA()], b = e[op.getB()];
  if (op.getTransA())
    a = transpose(a, {1, 0});
  if (op.getTransB())
    b = transpose(b, {1, 0});
  int64_t m = a.getShape()[0], k = a.getShape()[1], n = b.getShape()[1];
  if (e.type().getNumElements() > kMostMultiplications / std::max<int64_t>(k, 1))
    return false;
  std::vector<double> x = a.values<double>(), y = b.values<double>(), out(m * n), c(m * n, 0);
  if (op.getC())
    c = broadcastValues<double>(e[op.getC()], e.shape());
  multiply(x.data(), y.data(), out.data(), m, k, n);
  for (int64_t i = 0; i < m * n; ++i)
    out[i] = op.getAlpha() * out[i] + op.getBeta() * c[i];
  return e.set(ConstantTensor::from<double>(e.type().getElementType(), e.shape(), out));
}

/// Index of the scale of every element: one for all, or one per slice along `axis`. Nothing if blocked.
std::optional<std::vector<int64_t>> scaleIndices(const ConstantTensor &x, const ConstantTensor &scale, int64_t axis) {
  if (scale.size() == 1)
    return std::vector<int64_t>(x.size(), 0);
  auto normal = normalizeAxis(axis, x.getRank());
  if (!normal || scale.getRank() != 1 || scale.size() != x.getShape()[*normal])
    return std::nullopt;
  SmallVector<int64_t> strides(x.getRank(), 0);
  strides[*normal] = 1;
  std::vector<int64_t> indices;
  forEachStrided(x.getShape(), strides, 0, [&](int64_t i) { indices.push_back(i); });
  return indices;
}

bool evaluateDequantize(DequantizeLinearOp op, Evaluation &e) {
  const ConstantTensor &x = e[op.getX()], &scale = e[op.getXScale()];
  auto indices = scaleIndices(x, scale, op.getAxis());
  if (op.getBlockSize() != 0 || !indices)
    return false;
  std::vector<double> values = x.values<double>(), scales = scale.values<double>(), zeros(scales.size(), 0);
  if (op.getXZeroPoint())
    zeros = e[op.getXZeroPoint()].values<double>();
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = (values[i] - zeros[(*indices)[i]]) * scales[(*indices)[i]];
  return e.set(ConstantTensor::from<double>(e.type().getElementType(), e.shape(), values));
}

bool evaluateQuantize(QuantizeLinearOp op, Evaluation &e) {
  const ConstantTensor &x = e[op.getX()], &scale = e[op.getYScale()];
  auto type = dyn_cast<IntegerType>(e.type().getElementType());
  auto indices = scaleIndices(x, scale, op.getAxis());
  if (op.getBlockSize() != 0 || !indices || !type)
    return false;
  std::vector<double> values = x.values<double>(), scales = scale.values<double>(), zeros(scales.size(), 0);
  if (op.getYZeroPoint())
    zeros = e[op.getYZeroPoint()].values<double>();
  double low = type.isUnsigned() ? 0 : -std::ldexp(1, type.getWidth() - 1);
  double high = std::ldexp(1, type.getWidth() - (type.isUnsigned() ? 0 : 1)) - 1;
  bool single = x.getElementType().isF32();
  for (size_t i = 0; i < values.size(); ++i) {
    double quotient = values[i] / scales[(*indices)[i]];
    // Halves decide by the quotient in the operator's precision, so round it as the operator does.
    quotient = std::nearbyint(single ? float(quotient) : quotient) + zeros[(*indices)[i]];
    values[i] = std::min(std::max(quotient, low), high);
  }
  return e.set(ConstantTensor::from<double>(type, e.shape(), values));
}

bool evaluateCentre(OwnCentreOp op, Evaluation &e) {
  std::vector<int64_t> values = e[op.getX()].values<int64_t>();
  if (op.getZeroPoint()) {
    std::vector<int64_t> zeros = broadcastValues<int64_t>(e[op.getZeroPoint()], e.shape());
    for (size_t i = 0; i < values.size(); ++i)
      values[i] -= zeros[i];
  }
  return e.set(ConstantTensor::from<int64_t>(e.type().getElementType(), e.shape(), values));
}

} // namespace

void addMatMulEvaluators(EvaluatorRegistry &r) {
  r.add<MatMulOp>(evaluateMatMul);
  r.add<GemmOp>(evaluateGemm);
  r.add<DequantizeLinearOp>(evaluateDequantize);
  r.add<QuantizeLinearOp>(evaluateQuantize);
  r.add<OwnCentreOp>(evaluateCentre);
}

} // namespace m2c::graph
