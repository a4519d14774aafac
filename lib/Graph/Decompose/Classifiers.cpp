// Linear models and support vector machines (ai.onnx.ml), as matrix products; their scores and labels.
#include "Classify.h"
#include "Common.h"
#include "m2c/Graph/Rewrite.h"
#include <cmath>
#include <numbers>
#include <numeric>

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {

Value column(Composer &c, Value matrix, int64_t i) { return c.slice(matrix, 1, i, i + 1); }

Value joinColumns(Composer &c, Value a, Value b) { return c.make("Concat", {a, b}, c.attr("axis", int64_t{1})); }

Value bestOf(Composer &c, Value scores) {
  return c.make("ArgMax", {scores}, {c.attr("axis", int64_t{1}), c.attr("keepdims", int64_t{0})});
}

Value labelOf(Composer &c, Value index, std::optional<ArrayRef<int64_t>> labels) {
  if (!labels || labels->empty())
    return index;
  return c.make("Gather", {c.ints(*labels), index}, c.attr("axis", int64_t{0}));
}

/// Winitzki's approximation of the inverse of the error function, which defines PROBIT for runtimes.
static Value probit(Composer &c, Value p) {
  Value x = c.add(c.mul(p, 2), -1);
  Value log = c.make("Log", {c.sub(c.scalarLike(1, x), c.mul(x, x))});
  Value v = c.add(c.mul(log, 0.5), 2 / (std::numbers::pi * 0.147));
  Value inner = c.sub(c.sqrt(c.sub(c.mul(v, v), c.mul(log, 1 / 0.147))), v);
  return c.mul(c.mul(c.make("Sign", {x}), c.sqrt(inner)), 1.41421356);
}

/// Softmax in which scores of 0 stay near 0.
static Value softmaxZero(Composer &c, Value x) {
  Value most = c.reduce("ReduceMax", x, {1}), zero = c.scalarLike(0, x);
  Value isZero = c.make("LessOrEqual", {c.make("Abs", {x}), c.scalarLike(1e-7, x)});
  Value part =
      c.make("Where", {isZero, c.mul(x, c.make("Exp", {c.make("Neg", {most})})), c.make("Exp", {c.sub(x, most)})});
  Value sum = c.reduce("ReduceSum", part, {1});
  Value isNothing = c.make("Equal", {sum, zero});
  return c.make("Where", {isNothing, c.scalarLike(0.5, x), c.div(part, sum)});
}

Value postTransform(Composer &c, StringRef transform, Value scores) {
  if (transform == "SOFTMAX")
    return c.make("Softmax", {scores}, c.attr("axis", int64_t{1}));
  if (transform == "LOGISTIC")
    return c.make("Sigmoid", {scores});
  if (transform == "SOFTMAX_ZERO")
    return softmaxZero(c, scores);
  if (transform == "PROBIT")
    return probit(c, scores);
  return scores;
}

Value writeTwice(Composer &c, StringRef transform, Value score, bool complement) {
  Value opposite = c.make("Neg", {score});
  if (transform == "LOGISTIC")
    return joinColumns(c, c.make("Sigmoid", {opposite}), c.make("Sigmoid", {score}));
  if (complement || transform == "PROBIT")
    opposite = c.sub(c.scalarLike(1, score), score);
  Value both = joinColumns(c, opposite, score);
  return transform == "PROBIT" ? probit(c, both) : both;
}

namespace {

/// X as rows [N, C] of float32.
Value toRows(Composer &c, Value x) {
  if (Composer::shape(x).size() == 1)
    x = c.reshape(x, {1, Composer::shape(x)[0]});
  return c.cast(x, Float32Type::get(x.getContext()));
}

/// X W^T + b with W [E, C].
Value linear(Composer &c, Value x, ArrayRef<float> coefficients, std::optional<ArrayRef<float>> intercepts) {
  int64_t features = Composer::shape(x)[1], scores = static_cast<int64_t>(coefficients.size()) / features;
  Value weights = c.constant(Composer::element(x), {scores, features}, toDoubles(coefficients));
  SmallVector<Value> operands{x, weights};
  if (intercepts && !intercepts->empty())
    operands.push_back(c.constant(Composer::element(x), {scores}, toDoubles(*intercepts)));
  return c.make("Gemm", operands, c.attr("transB", int64_t{1}));
}

Composed composeLinearRegressor(MlLinearRegressorOp op, Composer &c) {
  Value y = linear(c, toRows(c, op.getX()), *op.getCoefficients(), op.getIntercepts());
  return {{postTransform(c, op.getPostTransform(), y)}};
}

/// One score of two labels is that of the second; a single label is chosen above a threshold.
Composed composeLinearClassifier(MlLinearClassifierOp op, Composer &c) {
  Value scores = linear(c, toRows(c, op.getX()), op.getCoefficients(), op.getIntercepts());
  std::optional<ArrayRef<int64_t>> labels = op.getClasslabelsInts();
  StringRef transform = op.getPostTransform();
  if (Composer::shape(scores)[1] == 1 && labels && labels->size() == 2) {
    Value isSecond = c.make("Greater", {scores, c.scalarLike(0, scores)});
    isSecond = c.reshape(isSecond, Composer::shape(scores).take_front(1));
    Value label = c.make("Where", {isSecond, c.ints((*labels)[1]), c.ints((*labels)[0])});
    return {{label, writeTwice(c, transform, scores, /*complement=*/true)}};
  }
  Value transformed = postTransform(c, transform, scores), index;
  if (Composer::shape(scores)[1] > 1) {
    index = labelOf(c, bestOf(c, scores), labels);
  } else {
    double threshold = transform == "NONE" ? 0 : 0.5;
    Value isAbove = c.make("GreaterOrEqual", {transformed, c.scalarLike(threshold, transformed)});
    isAbove = c.reshape(isAbove, Composer::shape(scores).take_front(1));
    Value label = c.ints(labels && !labels->empty() ? labels->front() : 1);
    index = c.make("Where", {isAbove, label, c.ints(0)});
  }
  return {{index, transformed}};
}

//===- Support vector machines -===//

/// The kernel of each row with each support vector, [N, V].
Value kernels(Composer &c, StringRef kind, std::optional<ArrayRef<float>> parameters, Value x, ArrayRef<float> vectors,
              int64_t count) {
  int64_t rows = Composer::shape(x)[0], features = Composer::shape(x)[1];
  auto parameter = [&](unsigned i) { return parameters && i < parameters->size() ? double((*parameters)[i]) : 0.0; };
  Type element = Composer::element(x);
  if (kind == "RBF") {
    // By differences: |x|^2 + |v|^2 - 2 x v would cancel where they are close.
    Value all = c.constant(element, {1, count, features}, toDoubles(vectors));
    Value difference = c.sub(c.reshape(x, {rows, 1, features}), all);
    Value square = c.reduce("ReduceSum", c.mul(difference, difference), {2}, /*keep=*/false);
    return c.make("Exp", {c.mul(square, -parameter(0))});
  }
  Value product =
      c.make("Gemm", {x, c.constant(element, {count, features}, toDoubles(vectors))}, c.attr("transB", int64_t{1}));
  if (kind == "LINEAR")
    return product;
  product = c.add(c.mul(product, parameter(0)), parameter(1));
  if (kind == "SIGMOID")
    return c.make("Tanh", {product});
  return c.make("Pow", {product, c.scalarLike(std::floor(parameter(2)), product)});
}

Composed composeSvmRegressor(MlSVMRegressorOp op, Composer &c) {
  Value x = toRows(c, op.getX());
  auto coefficients = op.getCoefficients().value_or(ArrayRef<float>());
  auto rho = op.getRho().value_or(ArrayRef<float>());
  int64_t count = op.getNSupports();
  Value y;
  if (count > 0) {
    Value k = kernels(c, op.getKernelType(), op.getKernelParams(), x, *op.getSupportVectors(), count);
    y = linear(c, k, coefficients, std::nullopt);
  } else {
    y = linear(c, x, coefficients, std::nullopt);
  }
  y = c.add(y, rho.empty() ? 0.0 : double(rho[0]));
  if (op.getOneClass()) {
    Value isInside = c.make("Greater", {y, c.scalarLike(0, y)});
    y = c.make("Where", {isInside, c.scalarLike(1, y), c.scalarLike(-1, y)});
  }
  return {{postTransform(c, op.getPostTransform(), y)}};
}

/// The decision of each pair of classes (i < j): the kernels weighted by row j - 1 of the coefficients for the vectors
/// of class i, and by row i for those of class j.
Value pairScores(MlSVMClassifierOp op, Composer &c, Value k, ArrayRef<int64_t> vectorsPerClass) {
  auto classes = static_cast<int64_t>(vectorsPerClass.size()), vectors = Composer::shape(k)[1];
  ArrayRef<float> coefficients = *op.getCoefficients(), rho = *op.getRho();
  int64_t pairs = classes * (classes - 1) / 2;
  SmallVector<int64_t> start{0};
  for (int64_t count : vectorsPerClass)
    start.push_back(start.back() + count);
  std::vector<double> weights(vectors * pairs, 0);
  int64_t pair = 0;
  for (int64_t i = 0; i < classes; ++i)
    for (int64_t j = i + 1; j < classes; ++j, ++pair) {
      for (int64_t v = start[i]; v < start[i + 1]; ++v)
        weights[v * pairs + pair] = coefficients[(j - 1) * vectors + v];
      for (int64_t v = start[j]; v < start[j + 1]; ++v)
        weights[v * pairs + pair] = coefficients[i * vectors + v];
    }
  Value scores = c.make("MatMul", {k, c.constant(Composer::element(k), {vectors, pairs}, weights)});
  return c.add(scores, c.constant(Composer::element(k), {pairs}, toDoubles(rho.take_front(pairs))));
}

/// How many pairs each class wins, [N, classes].
Value countVotes(Composer &c, Value pairs, int64_t classes) {
  Type element = Composer::element(pairs);
  int64_t count = Composer::shape(pairs)[1];
  std::vector<double> win(count * classes, 0), lose(count * classes, 0);
  int64_t pair = 0;
  for (int64_t i = 0; i < classes; ++i)
    for (int64_t j = i + 1; j < classes; ++j, ++pair) {
      win[pair * classes + i] = 1;
      lose[pair * classes + j] = 1;
    }
  Value first = c.cast(c.make("Greater", {pairs, c.scalarLike(0, pairs)}), element);
  Value second = c.sub(c.scalarLike(1, first), first);
  return c.add(c.make("MatMul", {first, c.constant(element, {count, classes}, win)}),
               c.make("MatMul", {second, c.constant(element, {count, classes}, lose)}));
}

/// Platt's probabilities of each pair, coupled to those of the classes.
Value probabilities(MlSVMClassifierOp op, Composer &c, Value pairs) {
  int64_t count = Composer::shape(pairs)[1];
  Type element = Composer::element(pairs);
  Value slope = c.constant(element, {count}, toDoubles(op.getProbA()->take_front(count)));
  Value shift = c.constant(element, {count}, toDoubles(op.getProbB()->take_front(count)));
  Value p = c.make("Sigmoid", {c.make("Neg", {c.add(c.mul(pairs, slope), shift)})});
  p = c.make("Clip", {p, c.scalarLike(1e-7, p), c.scalarLike(1 - 1e-7, p)});
  return c.make("m2c.PairwiseCoupling", {p});
}

Composed composeSvmClassifier(MlSVMClassifierOp op, Composer &c) {
  Value x = toRows(c, op.getX());
  std::optional<ArrayRef<int64_t>> labels = op.getClasslabelsInts();
  int64_t classes = labels ? static_cast<int64_t>(labels->size()) : 1, rows = Composer::shape(x)[0];
  auto vectorsPerClass = op.getVectorsPerClass().value_or(ArrayRef<int64_t>());
  ArrayRef<float> coefficients = *op.getCoefficients(), rho = *op.getRho();
  StringRef transform = op.getPostTransform();
  Value scores, votes;
  bool hasProbabilities = false;
  if (vectorsPerClass.empty()) {
    scores = c.add(linear(c, x, coefficients, std::nullopt), double(rho[0]));
  } else {
    int64_t vectors = std::accumulate(vectorsPerClass.begin(), vectorsPerClass.end(), int64_t{0});
    Value k = kernels(c, op.getKernelType(), op.getKernelParams(), x, *op.getSupportVectors(), vectors);
    Value pairs = pairScores(op, c, k, vectorsPerClass);
    votes = countVotes(c, pairs, classes);
    hasProbabilities = op.getProbA() && !op.getProbA()->empty();
    scores = hasProbabilities ? probabilities(op, c, pairs) : pairs;
  }
  // The class with the most votes, or the best score; of two without probabilities the decision's sign.
  Value deciding = votes ? votes : scores;
  Value index = bestOf(c, deciding);
  if (rho.size() == 1 && classes != 2) {
    Value most = c.reshape(c.reduce("ReduceMax", deciding, {1}), {rows});
    index = c.cast(c.make("Greater", {most, c.scalarLike(0, most)}), c.rewriter.getI64Type());
    return {{index, postTransform(c, transform, scores)}};
  }
  Value label = labelOf(c, index, labels);
  if (Composer::shape(scores)[1] == 1)
    return {{label, writeTwice(c, transform, scores, /*complement=*/transform.starts_with("SOFTMAX"))}};
  return {{label, postTransform(c, transform, scores)}};
}

} // namespace

void addClassifierDecompositions(RewritePatternSet &patterns) {
  MLIRContext *context = patterns.getContext();
  patterns.add<Decomposition<MlLinearRegressorOp>>(context, composeLinearRegressor);
  patterns.add<Decomposition<MlLinearClassifierOp>>(context, composeLinearClassifier);
  patterns.add<Decomposition<MlSVMRegressorOp>>(context, composeSvmRegressor);
  patterns.add<Decomposition<MlSVMClassifierOp>>(context, composeSvmClassifier);
}

} // namespace m2c::graph
