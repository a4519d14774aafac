// Evaluators of gathering, scattering, sorting.
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Graph/Evaluate.h"
#include "m2c/Graph/ShapeMath.h"
#include <algorithm>
#include <cstring>

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

/// Indices counted from the end made positive; false if one is outside.
bool normalizeIndices(std::vector<int64_t> &indices, int64_t size) {
  for (int64_t &i : indices) {
    auto normal = normalizeAxis(i, size);
    if (!normal)
      return false;
    i = *normal;
  }
  return true;
}

bool evaluateGather(GatherOp op, Evaluation &e) {
  const ConstantTensor &data = e[op.getData()];
  std::vector<int64_t> indices = e.ints(op.getIndices()), map;
  int64_t axis = *normalizeAxis(op.getAxis(), data.getRank()), size = data.getShape()[axis];
  if (!normalizeIndices(indices, size))
    return false;
  int64_t outer = countElements(data.getShape().take_front(axis));
  int64_t inner = countElements(data.getShape().drop_front(axis + 1));
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t index : indices)
      for (int64_t i = 0; i < inner; ++i)
        map.push_back((o * size + index) * inner + i);
  return e.set(takeMapped(data, e.shape(), map));
}

/// Flat positions in a tensor of shape `data` of the elements that GatherElements and ScatterElements name.
std::vector<int64_t> elementPositions(ArrayRef<int64_t> data, ArrayRef<int64_t> shape, ArrayRef<int64_t> indices,
                                      int64_t axis) {
  SmallVector<int64_t> strides = stridesOf(data);
  int64_t along = strides[axis];
  strides[axis] = 0;
  std::vector<int64_t> map;
  forEachStrided(shape, strides, 0, [&](int64_t base) { map.push_back(base + indices[map.size()] * along); });
  return map;
}

bool evaluateGatherElements(GatherElementsOp op, Evaluation &e) {
  const ConstantTensor &data = e[op.getData()];
  std::vector<int64_t> indices = e.ints(op.getIndices());
  int64_t axis = *normalizeAxis(op.getAxis(), data.getRank());
  if (!normalizeIndices(indices, data.getShape()[axis]))
    return false;
  return e.set(takeMapped(data, e.shape(), elementPositions(data.getShape(), e.shape(), indices, axis)));
}

bool evaluateScatterElements(ScatterElementsOp op, Evaluation &e) {
  const ConstantTensor &data = e[op.getData()], &updates = e[op.getUpdates()];
  std::vector<int64_t> indices = e.ints(op.getIndices());
  int64_t axis = *normalizeAxis(op.getAxis(), data.getRank());
  if (op.getReduction() != "none" || !normalizeIndices(indices, data.getShape()[axis]))
    return false;
  ConstantTensor out = takeStrided(data, e.shape(), stridesOf(e.shape()));
  size_t bytes = data.getElementBytes(), i = 0;
  for (int64_t position : elementPositions(data.getShape(), updates.getShape(), indices, axis))
    std::memcpy(out.mutableData() + position * bytes, updates.data() + i++ * bytes, bytes);
  return e.set(out);
}

/// Start of the slice that each index tuple of GatherND and ScatterND names; nothing if one is outside.
std::optional<std::vector<int64_t>> sliceStarts(const ConstantTensor &data, const ConstantTensor &indices,
                                                int64_t batchDims) {
  std::vector<int64_t> values = indices.values<int64_t>(), starts;
  int64_t depth = indices.getShape().back(), tuples = depth == 0 ? 0 : values.size() / depth;
  int64_t batches = countElements(data.getShape().take_front(batchDims));
  SmallVector<int64_t> strides = stridesOf(data.getShape());
  for (int64_t t = 0; t < tuples; ++t) {
    int64_t start = batches == 0 ? 0 : t / (tuples / batches) * (data.size() / batches);
    for (int64_t d = 0; d < depth; ++d) {
      auto index = normalizeAxis(values[t * depth + d], data.getShape()[batchDims + d]);
      if (!index)
        return std::nullopt;
      start += *index * strides[batchDims + d];
    }
    starts.push_back(start);
  }
  return starts;
}

bool evaluateGatherND(GatherNDOp op, Evaluation &e) {
  const ConstantTensor &data = e[op.getData()], &indices = e[op.getIndices()];
  auto starts = sliceStarts(data, indices, op.getBatchDims());
  if (!starts || starts->empty())
    return false;
  int64_t run = countElements(e.shape()) / int64_t(starts->size());
  std::vector<int64_t> map;
  for (int64_t start : *starts)
    for (int64_t i = 0; i < run; ++i)
      map.push_back(start + i);
  return e.set(takeMapped(data, e.shape(), map));
}

bool evaluateScatterND(ScatterNDOp op, Evaluation &e) {
  const ConstantTensor &data = e[op.getData()], &updates = e[op.getUpdates()];
  auto starts = sliceStarts(data, e[op.getIndices()], 0);
  if (op.getReduction() != "none" || !starts || starts->empty())
    return false;
  ConstantTensor out = takeStrided(data, e.shape(), stridesOf(e.shape()));
  size_t bytes = data.getElementBytes(), run = updates.getBytes() / starts->size();
  for (size_t i = 0; i < starts->size(); ++i)
    std::memcpy(out.mutableData() + (*starts)[i] * bytes, updates.data() + i * run, run);
  return e.set(out);
}

bool evaluateOneHot(OneHotOp op, Evaluation &e) {
  const ConstantTensor &values = e[op.getValues()];
  std::vector<int64_t> indices = e.ints(op.getIndices()), map;
  int64_t axis = *normalizeAxis(op.getAxis(), e.type().getRank()), depth = e.shape()[axis];
  int64_t inner = countElements(e.shape().drop_front(axis + 1));
  for (int64_t i = 0, count = e.type().getNumElements(); i < count; ++i) {
    int64_t index = indices[i / (inner * depth) * inner + i % inner];
    map.push_back((index < 0 ? index + depth : index) == i / inner % depth);
  }
  return e.set(takeMapped(values, e.shape(), map));
}

bool evaluateNonZero(NonZeroOp op, Evaluation &e) {
  const ConstantTensor &x = e[op.getX()];
  std::vector<double> values = x.values<double>();
  SmallVector<int64_t> strides = stridesOf(x.getShape());
  std::vector<int64_t> found, out;
  for (size_t i = 0; i < values.size(); ++i)
    if (values[i] != 0)
      found.push_back(i);
  for (int64_t d = 0; d < x.getRank(); ++d)
    for (int64_t i : found)
      out.push_back(i / strides[d] % x.getShape()[d]);
  return e.set(ConstantTensor::from<int64_t>(e.type().getElementType(), e.shape(), out));
}

bool evaluateTopK(TopKOp op, Evaluation &e) {
  const ConstantTensor &x = e[op.getX()];
  int64_t axis = *normalizeAxis(op.getAxis(), x.getRank()), size = x.getShape()[axis], k = e.shape()[axis];
  int64_t inner = countElements(x.getShape().drop_front(axis + 1));
  int64_t outer = countElements(x.getShape().take_front(axis));
  return visitDomain(x.getElementType(), [&]<class T>(T) {
    std::vector<T> values = x.values<T>(), top(outer * k * inner);
    std::vector<int64_t> indices(top.size()), order(size);
    for (int64_t o = 0; o < outer; ++o)
      for (int64_t i = 0; i < inner; ++i) {
        for (int64_t j = 0; j < size; ++j)
          order[j] = j;
        auto at = [&](int64_t j) { return values[(o * size + j) * inner + i]; };
        std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
          return at(a) != at(b) ? (op.getLargest() ? at(a) > at(b) : at(a) < at(b)) : a < b;
        });
        for (int64_t j = 0; j < k; ++j) {
          top[(o * k + j) * inner + i] = at(order[j]);
          indices[(o * k + j) * inner + i] = order[j];
        }
      }
    e.set(ConstantTensor::from<T>(x.getElementType(), e.shape(), top));
    return e.set(ConstantTensor::from<int64_t>(e.type(1).getElementType(), e.shape(1), indices), 1);
  });
}

} // namespace

void addIndexEvaluators(EvaluatorRegistry &r) {
  r.add<GatherOp>(evaluateGather);
  r.add<GatherElementsOp>(evaluateGatherElements);
  r.add<ScatterElementsOp>(evaluateScatterElements);
  r.add<GatherNDOp>(evaluateGatherND);
  r.add<ScatterNDOp>(evaluateScatterND);
  r.add<OneHotOp>(evaluateOneHot);
  r.add<NonZeroOp>(evaluateNonZero);
  r.add<TopKOp>(evaluateTopK);
}

} // namespace m2c::graph
