// Evaluators of reductions and cumulative operators.
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Graph/Evaluate.h"
#include "m2c/Graph/ShapeMath.h"
#include <cmath>

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

/// The reduced axes of any Reduce op; empty for "none" (noop_with_empty_axes).
template <class Op>
SmallVector<int64_t> reducedAxes(Op op, Evaluation &e, int64_t rank) {
  std::vector<int64_t> axes;
  if (op.getAxes())
    axes = e.ints(op.getAxes());
  if (axes.empty())
    return op.getNoopWithEmptyAxes() ? SmallVector<int64_t>() : identityPermutation(rank);
  return *normalizeAxes(axes, rank);
}

/// Folds the reduced elements by `combine(acc, map(x))` from `initial` (or from the first element), then `finish(acc,
/// count)`, in double for floats.
template <class Op, class Combine, class Map, class Finish>
void addReduce(EvaluatorRegistry &r, std::optional<double> initial, Combine combine, Map map, Finish finish) {
  r.addAll<Op>([=](Operation *untyped, Evaluation &e) {
    auto op = cast<Op>(untyped);
    const ConstantTensor &data = e[op.getData()];
    SmallVector<int64_t> axes = reducedAxes(op, e, data.getRank());
    // The input's strides with the kept dimensions first, so that the elements of one result follow each other.
    SmallVector<int64_t> shape, strides, own = stridesOf(data.getShape());
    for (bool reduced : {false, true})
      for (int64_t d = 0; d < data.getRank(); ++d)
        if (llvm::is_contained(axes, d) == reduced) {
          shape.push_back(data.getShape()[d]);
          strides.push_back(own[d]);
        }
    int64_t outputs = e.type().getNumElements();
    if (outputs == 0 || data.size() == 0)
      return false;
    int64_t count = data.size() / outputs;
    return visitDomain(data.getElementType(), [&]<class T>(T) {
      std::vector<T> values = data.values<T>(), out;
      T acc = 0;
      int64_t seen = 0;
      forEachStrided(shape, strides, 0, [&](int64_t i) {
        T x = static_cast<T>(map(values[i]));
        acc = seen != 0 ? static_cast<T>(combine(acc, x)) : initial ? static_cast<T>(combine(T(*initial), x)) : x;
        if (++seen == count) {
          out.push_back(static_cast<T>(finish(acc, count)));
          seen = 0;
        }
      });
      return e.set(ConstantTensor::from<T>(e.type().getElementType(), e.shape(), out));
    });
  });
}

template <class Op, bool isMax>
bool evaluateArg(Op op, Evaluation &e) {
  const ConstantTensor &data = e[op.getData()];
  int64_t axis = *normalizeAxis(op.getAxis(), data.getRank()), size = data.getShape()[axis];
  int64_t inner = countElements(data.getShape().drop_front(axis + 1));
  int64_t outer = countElements(data.getShape().take_front(axis));
  if (size == 0)
    return false;
  return visitDomain(data.getElementType(), [&]<class T>(T) {
    std::vector<T> values = data.values<T>();
    std::vector<int64_t> out;
    for (int64_t o = 0; o < outer; ++o)
      for (int64_t i = 0; i < inner; ++i) {
        int64_t best = 0;
        auto at = [&](int64_t j) { return values[(o * size + j) * inner + i]; };
        for (int64_t j = 1; j < size; ++j)
          if ((isMax ? at(j) > at(best) : at(j) < at(best)) || (op.getSelectLastIndex() && at(j) == at(best)))
            best = j;
        out.push_back(best);
      }
    return e.set(ConstantTensor::from<int64_t>(e.type().getElementType(), e.shape(), out));
  });
}

template <class Op, bool isProduct>
bool evaluateCumulative(Op op, Evaluation &e) {
  const ConstantTensor &x = e[op.getX()];
  int64_t axis = *normalizeAxis(e[op.getAxis()].getInt(0), x.getRank()), size = x.getShape()[axis];
  int64_t inner = countElements(x.getShape().drop_front(axis + 1));
  int64_t outer = countElements(x.getShape().take_front(axis));
  return visitDomain(x.getElementType(), [&]<class T>(T) {
    std::vector<T> values = x.values<T>();
    for (int64_t o = 0; o < outer; ++o)
      for (int64_t i = 0; i < inner; ++i) {
        T acc = isProduct ? 1 : 0;
        for (int64_t j = 0; j < size; ++j) {
          T &v = values[(o * size + (op.getReverse() ? size - 1 - j : j)) * inner + i];
          T next = isProduct ? T(acc * v) : T(acc + v);
          v = op.getExclusive() ? acc : next;
          acc = next;
        }
      }
    return e.set(ConstantTensor::from<T>(x.getElementType(), e.shape(), values));
  });
}

} // namespace

void addReduceEvaluators(EvaluatorRegistry &r) {
  auto add = [](auto a, auto b) { return a + b; };
  auto same = [](auto x) { return x; };
  auto square = [](auto x) { return x * x; };
  auto keep = [](auto acc, int64_t) { return acc; };
  addReduce<ReduceSumOp>(r, 0, add, same, keep);
  addReduce<ReduceMeanOp>(r, 0, add, same, []<class T>(T acc, int64_t n) { return acc / T(n); });
  addReduce<ReduceProdOp>(r, 1, [](auto a, auto b) { return a * b; }, same, keep);
  addReduce<ReduceMaxOp>(r, std::nullopt, [](auto a, auto b) { return a < b || b != b ? b : a; }, same, keep);
  addReduce<ReduceMinOp>(r, std::nullopt, [](auto a, auto b) { return b < a || b != b ? b : a; }, same, keep);
  addReduce<ReduceL1Op>(r, 0, add, [](auto x) { return x < 0 ? 0 - x : x; }, keep);
  addReduce<ReduceL2Op>(r, 0, add, square, [](auto acc, int64_t) { return std::sqrt(double(acc)); });
  addReduce<ReduceSumSquareOp>(r, 0, add, square, keep);
  addReduce<ReduceLogSumOp>(r, 0, add, same, [](auto acc, int64_t) { return std::log(double(acc)); });
  r.add<ArgMaxOp>(evaluateArg<ArgMaxOp, true>);
  r.add<ArgMinOp>(evaluateArg<ArgMinOp, false>);
  r.add<CumSumOp>(evaluateCumulative<CumSumOp, false>);
  r.add<CumProdOp>(evaluateCumulative<CumProdOp, true>);
}

} // namespace m2c::graph
