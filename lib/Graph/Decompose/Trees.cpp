// Ensembles of trees (ai.onnx.ml): tables for the kernel, and what classifiers do with its sums.
#include "Classify.h"
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Graph/Diagnostics.h"
#include "m2c/Graph/Forest.h"
#include "m2c/Graph/Rewrite.h"
#include <set>

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

enum Aggregate { Average, Sum, Minimum, Maximum };

int64_t getAggregate(StringRef name) {
  return name == "AVERAGE" ? Average : name == "MIN" ? Minimum : name == "MAX" ? Maximum : Sum;
}

StringRef getTransform(int64_t number) {
  static constexpr StringRef kNames[] = {"NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"};
  return number >= 0 && number < 5 ? kNames[number] : kNames[0];
}

/// m2c.Trees on X, integers as floats.
Value makeTrees(Composer &c, const Forest &forest, Value x, int64_t aggregate, ArrayRef<double> base) {
  if (!isa<FloatType>(Composer::element(x)))
    x = c.cast(x, c.rewriter.getF32Type());
  Type element = Composer::element(x), i32 = c.rewriter.getI32Type();
  auto table = [&](ArrayRef<int64_t> values, ArrayRef<int64_t> shape) {
    return createConstant(c.rewriter, c.loc, ConstantTensor::from<int64_t>(i32, shape, values), "trees");
  };
  auto size = [](const auto &list) { return static_cast<int64_t>(list.size()); };
  Value nodes = table(forest.nodes, {size(forest.nodes) / forest.words(), forest.words()});
  Value roots = table(forest.roots, {size(forest.roots)});
  Value targets = table(forest.leafTargets, {size(forest.leafTargets)});
  Value weights = c.constant(element, {size(forest.leafWeights)}, forest.leafWeights);
  std::vector<double> start(forest.targets, 0);
  llvm::copy(base, start.begin());
  return c.make("m2c.Trees", {x, nodes, roots, targets, weights, c.constant(element, {forest.targets}, start)},
                {c.attr("aggregate", aggregate), c.attr("missing", int64_t(forest.missing)),
                 c.attr("single", int64_t(forest.single))});
}

Composed composeTreeEnsemble(MlTreeEnsembleOp op, Composer &c) {
  FailureOr<Forest> forest = Forest::build(op, [&] { return emitNodeError(op); });
  if (failed(forest))
    return std::nullopt;
  Value y = makeTrees(c, *forest, op.getX(), op.getAggregateFunction(), {});
  return {{postTransform(c, getTransform(op.getPostTransform()), c.cast(y, Composer::element(op.getY())))}};
}

/// The numbers of base_values in either form.
template <class Op>
std::vector<double> getBase(Op op) {
  if (op.getBaseValuesAsTensor())
    if (auto values = getFloats(*op.getBaseValuesAsTensor()))
      return {values->begin(), values->end()};
  if (!op.getBaseValues())
    return {};
  return {op.getBaseValues()->begin(), op.getBaseValues()->end()};
}

Composed composeTreeRegressor(MlTreeEnsembleRegressorOp op, Composer &c) {
  FailureOr<Forest> forest = Forest::build(op, [&] { return emitNodeError(op); });
  if (failed(forest))
    return std::nullopt;
  Value y = makeTrees(c, *forest, op.getX(), getAggregate(op.getAggregateFunction()), getBase(op));
  return {{postTransform(c, op.getPostTransform(), c.cast(y, c.rewriter.getF32Type()))}};
}

Composed composeTreeClassifier(MlTreeEnsembleClassifierOp op, Composer &c) {
  FailureOr<Forest> forest = Forest::build(op, [&] { return emitNodeError(op); });
  if (failed(forest))
    return std::nullopt;
  std::optional<ArrayRef<int64_t>> labels = op.getClasslabelsInt64s();
  auto ids = op.getClassIds().value_or(ArrayRef<int64_t>());
  std::set<int64_t> classes(ids.begin(), ids.end());
  std::vector<double> base = getBase(op);
  bool allPositive = llvm::all_of(forest->leafWeights, [](double weight) { return weight >= 0; });
  StringRef transform = op.getPostTransform();
  if (forest->targets == 2 && classes.size() == 1) {
    // All leaves speak of one class: their sum is a score of the second label, and its sign or size decides. Leaves of
    // class 1 leave the score of class 0 at 0.
    int64_t spoken = *classes.begin();
    std::vector<double> start(2, 0);
    if (spoken == 0 && !base.empty())
      start[0] = base[0];
    else if (base.size() == 2)
      start = base;
    Value sums = c.cast(makeTrees(c, *forest, op.getX(), Sum, start), c.rewriter.getF32Type());
    Value score = column(c, sums, spoken);
    Value isSecond = c.make("Greater", {score, c.scalarLike(allPositive ? 0.5 : 0, score)});
    isSecond = c.reshape(isSecond, Composer::shape(score).take_front(1));
    Value label = c.make("Where", {isSecond, c.ints((*labels)[1]), c.ints((*labels)[0])});
    return {{label, spoken == 0 ? writeTwice(c, transform, score, allPositive) : postTransform(c, transform, sums)}};
  }
  Value scores = c.cast(makeTrees(c, *forest, op.getX(), Sum, base), c.rewriter.getF32Type());
  return {{labelOf(c, bestOf(c, scores), labels), postTransform(c, transform, scores)}};
}

} // namespace

void addTreeDecompositions(RewritePatternSet &patterns) {
  MLIRContext *context = patterns.getContext();
  patterns.add<Decomposition<MlTreeEnsembleOp>>(context, composeTreeEnsemble);
  patterns.add<Decomposition<MlTreeEnsembleRegressorOp>>(context, composeTreeRegressor);
  patterns.add<Decomposition<MlTreeEnsembleClassifierOp>>(context, composeTreeClassifier);
}

} // namespace m2c::graph
