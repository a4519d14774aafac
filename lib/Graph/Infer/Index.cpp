// Inference of gathering, scattering, selecting and sorting.
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Graph/ConstantTensor.h"
#include "m2c/Graph/Infer.h"
#include "m2c/IR/Symbols.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

/// Reports a constant index that lies outside the dimension it selects from.
LogicalResult checkIndices(Inference &i, Value indices, const Dim &dim) {
  auto values = i.ints(indices);
  if (!values || !dim.isNumber())
    return success();
  int64_t size = dim.getNumber();
  for (int64_t index : *values)
    if (index < -size || index >= size)
      return i.error() << "index " << index << " is outside [" << -size << ", " << size - 1 << "]";
  return success();
}

/// What is read or written by `count` indices has to have elements, where only the run knows.
void checkNotEmpty(Inference &i, ArrayRef<Dim> indices, const Dim &extent) {
  Dim count = product(indices);
  if (!extent.isSymbolic() || count.isUnknown() || count == 0)
    return;
  if (count.isNumber())
    addAtMost(i.op, 1, extent);
  else if (count != extent)
    addAtMost(i.op, count, count * extent);
}

LogicalResult inferGather(GatherOp op, Inference &i) {
  Value data = op.getData(), indices = op.getIndices();
  auto axis = i.axis(op.getAxis(), i.rank(data));
  if (failed(axis) || failed(checkIndices(i, indices, i.shape(data)[*axis])))
    return failure();
  checkNotEmpty(i, i.shape(indices), i.shape(data)[*axis]);
  Dims shape(i.shape(data).take_front(*axis));
  llvm::append_range(shape, i.shape(indices));
  llvm::append_range(shape, i.shape(data).drop_front(*axis + 1));
  return i.set(0, i.element(data), shape);
}

LogicalResult inferGatherElements(GatherElementsOp op, Inference &i) {
  Value data = op.getData();
  auto axis = i.axis(op.getAxis(), i.rank(data));
  if (failed(axis) || failed(i.expectRank(op.getIndices(), i.rank(data))) ||
      failed(checkIndices(i, op.getIndices(), i.shape(data)[*axis])))
    return failure();
  checkNotEmpty(i, i.shape(op.getIndices()), i.shape(data)[*axis]);
  return i.set(0, i.element(data), i.shape(op.getIndices()));
}

LogicalResult inferGatherNd(GatherNDOp op, Inference &i) {
  Value data = op.getData(), indices = op.getIndices();
  if (i.rank(indices) == 0 || i.rank(data) == 0)
    return i.error() << describe(i.rank(data) == 0 ? data : indices) << " is a scalar but must have rank 1 or more";
  int64_t batch = op.getBatchDims();
  if (!i.shape(indices).back().isNumber())
    return i.unknown();
  int64_t depth = i.shape(indices).back().getNumber();
  if (batch < 0 || batch >= i.rank(indices) || batch + depth > i.rank(data))
    return i.error() << "index tuples of " << depth << " after " << batch << " batch dimensions do not fit "
                     << describe(data);
  Dims shape(i.shape(indices).drop_back());
  for (int64_t d = 0; d < depth; ++d)
    checkNotEmpty(i, shape, i.shape(data)[batch + d]);
  llvm::append_range(shape, i.shape(data).drop_front(batch + depth));
  return i.set(0, i.element(data), shape);
}

LogicalResult inferScatterElements(ScatterElementsOp op, Inference &i) {
  Value data = op.getData();
  auto axis = i.axis(op.getAxis(), i.rank(data));
  if (failed(axis) || failed(i.expectSameElement(data, op.getUpdates())) ||
      failed(i.expectRank(op.getIndices(), i.rank(data))) || failed(i.expectRank(op.getUpdates(), i.rank(data))))
    return failure();
  for (int64_t d = 0; d < i.rank(data); ++d)
    if (failed(i.expectSameDim(op.getIndices(), d, op.getUpdates(), d)))
      return failure();
  checkNotEmpty(i, i.shape(op.getIndices()), i.shape(data)[*axis]);
  return i.setLike(data);
}

LogicalResult inferScatterNd(ScatterNDOp op, Inference &i) {
  Value data = op.getData(), indices = op.getIndices();
  if (i.rank(indices) == 0)
    return i.error() << describe(indices) << " is a scalar but must have rank 1 or more";
  if (auto known = i.shape(indices).back().asNumber()) {
    int64_t depth = *known;
    if (depth > i.rank(data))
      return i.error() << "index tuples of " << depth << " do not fit " << describe(data);
    if (failed(i.expectRank(op.getUpdates(), i.rank(indices) - 1 + i.rank(data) - depth)))
      return failure();
    for (int64_t d = 0; d < depth; ++d)
      checkNotEmpty(i, i.shape(indices).drop_back(), i.shape(data)[d]);
    // The updates are what the tuples select.
    for (int64_t d = 0; d < i.rank(op.getUpdates()); ++d) {
      int64_t selected = d - (i.rank(indices) - 1);
      if (failed(selected < 0 ? i.expectSameDim(op.getUpdates(), d, indices, d)
                              : i.expectSameDim(op.getUpdates(), d, data, depth + selected)))
        return failure();
    }
  }
  return failed(i.expectSameElement(data, op.getUpdates())) ? failure() : i.setLike(data);
}

LogicalResult inferOneHot(OneHotOp op, Inference &i) {
  auto axis = i.axis(op.getAxis(), i.rank(op.getIndices()) + 1);
  if (failed(axis))
    return failure();
  Dims shape(i.shape(op.getIndices()));
  Dim depth = Dim::unknown();
  if (auto values = i.floats(op.getDepth()); values && values->size() == 1)
    depth = int64_t(values->front());
  else if (auto known = i.knownDims(op.getDepth()); known && known->size() == 1)
    depth = known->front();
  shape.insert(shape.begin() + *axis, depth);
  return i.set(0, i.element(op.getValues()), shape);
}

LogicalResult inferTopK(TopKOp op, Inference &i) {
  Value x = op.getX();
  auto axis = i.axis(op.getAxis(), i.rank(x));
  if (failed(axis))
    return failure();
  Dims shape(i.shape(x));
  Dim size = shape[*axis];
  shape[*axis] = Dim::unknown();
  if (auto k = i.knownDims(op.getK()); k && k->size() == 1) {
    std::optional<int64_t> number = k->front().asNumber();
    if (number && (*number < 0 || (size.isNumber() && *number > size.getNumber())))
      return i.error() << "k is " << *number << " but dimension " << *axis << " of " << describe(x) << " is "
                       << size.str();
    if (!number && !size.isUnknown() && k->front() != size)
      addAtMost(op, k->front(), size);
    shape[*axis] = k->front();
  }
  return failed(i.set(1, i.i64(), shape)) ? failure() : i.set(0, i.element(x), shape);
}

LogicalResult inferNonZero(NonZeroOp op, Inference &i) {
  Dim count = Dim::unknown();
  if (auto x = ConstantTensor::get(op.getX()))
    count = llvm::count_if(x->values<double>(), [](double v) { return v != 0; });
  return i.set(0, i.i64(), {Dim(std::max<int64_t>(i.rank(op.getX()), 1)), count});
}

LogicalResult inferCompress(CompressOp op, Inference &i) {
  Value input = op.getInput();
  Dim count = Dim::unknown();
  if (auto condition = i.ints(op.getCondition()))
    count = llvm::count_if(*condition, [](int64_t v) { return v != 0; });
  if (!op.getAxis())
    return i.set(0, i.element(input), {count});
  auto axis = i.axis(*op.getAxis(), i.rank(input));
  if (failed(axis))
    return failure();
  Dims shape(i.shape(input));
  shape[*axis] = count;
  return i.set(0, i.element(input), shape);
}

LogicalResult inferUnique(UniqueOp op, Inference &i) {
  Value x = op.getX();
  for (Value result : op->getResults().drop_front())
    if (failed(i.set(result, i.i64(), {Dim::unknown()})))
      return failure();
  if (!op.getAxis())
    return i.set(0, i.element(x), {Dim::unknown()});
  auto axis = i.axis(*op.getAxis(), i.rank(x));
  if (failed(axis))
    return failure();
  Dims shape(i.shape(x));
  shape[*axis] = Dim::unknown();
  return i.set(0, i.element(x), shape);
}

LogicalResult inferReverse(ReverseSequenceOp op, Inference &i) {
  if (failed(i.expectRank(op.getInput(), 2, std::numeric_limits<int64_t>::max())))
    return failure();
  return i.setLike(op.getInput());
}

LogicalResult inferTensorScatter(TensorScatterOp op, Inference &i) { return i.setLike(op.getPastCache()); }

LogicalResult inferNms(NonMaxSuppressionOp op, Inference &i) { return i.set(0, i.i64(), {Dim::unknown(), Dim(3)}); }

} // namespace

void addIndexInference(InferenceRegistry &r) {
  r.add<GatherOp>(inferGather);
  r.add<GatherElementsOp>(inferGatherElements);
  r.add<GatherNDOp>(inferGatherNd);
  r.add<ScatterElementsOp>(inferScatterElements);
  r.add<ScatterNDOp>(inferScatterNd);
  r.add<OneHotOp>(inferOneHot);
  r.add<TopKOp>(inferTopK);
  r.add<NonZeroOp>(inferNonZero);
  r.add<CompressOp>(inferCompress);
  r.add<UniqueOp>(inferUnique);
  r.add<ReverseSequenceOp>(inferReverse);
  r.add<TensorScatterOp>(inferTensorScatter);
  r.add<NonMaxSuppressionOp>(inferNms);
}

} // namespace m2c::graph
