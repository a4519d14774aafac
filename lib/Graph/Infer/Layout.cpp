// Inference of operators that move elements: Transpose, Concat, Split, Slice, Pad, DepthToSpace ...
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Graph/Infer.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

LogicalResult inferTranspose(TransposeOp op, Inference &i) {
  Value data = op.getData();
  SmallVector<int64_t> perm = op.getPerm() ? SmallVector<int64_t>(*op.getPerm()) : reversePermutation(i.rank(data));
  SmallVector<int64_t> sorted = perm, shape;
  llvm::sort(sorted);
  if (int64_t(perm.size()) != i.rank(data) || !isIdentityPermutation(sorted))
    return i.error() << "perm " << formatShape(perm) << " is no permutation of the dimensions of " << describe(data);
  for (int64_t axis : perm)
    shape.push_back(i.shape(data)[axis]);
  return i.set(0, i.element(data), shape);
}

LogicalResult inferConcat(ConcatOp op, Inference &i) {
  Value first = op.getInputs().front();
  auto axis = i.axis(op.getAxis(), i.rank(first));
  if (failed(axis))
    return failure();
  SmallVector<int64_t> shape(i.shape(first));
  for (Value input : op.getInputs().drop_front()) {
    if (failed(i.expectSameElement(first, input)))
      return failure();
    if (i.rank(input) != i.rank(first))
      return i.error() << describe(input) << " has rank " << i.rank(input) << " but " << describe(first) << " has rank "
                       << i.rank(first);
    for (int64_t d = 0; d < i.rank(first); ++d) {
      int64_t dim = i.shape(input)[d];
      if (d == *axis)
        shape[d] = shape[d] == kDynamic || dim == kDynamic ? kDynamic : shape[d] + dim;
      else if (shape[d] == kDynamic)
        shape[d] = dim;
      else if (dim != kDynamic && dim != shape[d])
        return i.error() << describe(input) << " and " << describe(first) << " differ in dimension " << d
                         << ", which is not the axis " << *axis;
    }
  }
  return i.set(0, i.element(first), shape);
}

LogicalResult inferSplit(SplitOp op, Inference &i) {
  Value input = op.getInput();
  auto axis = i.axis(op.getAxis(), i.rank(input));
  if (failed(axis))
    return failure();
  int64_t outputs = op->getNumResults(), size = i.shape(input)[*axis];
  SmallVector<int64_t> parts(outputs, kDynamic);
  if (op.getSplit()) {
    auto given = i.ints(op.getSplit());
    if (given) {
      int64_t sum = 0;
      for (int64_t part : *given)
        sum += part;
      if (int64_t(given->size()) != outputs)
        return i.error() << "split has " << given->size() << " values but the node has " << outputs << " outputs";
      if (size != kDynamic && sum != size)
        return i.error() << "the parts " << formatShape(*given) << " add up to " << sum << " but dimension " << *axis
                         << " of " << describe(input) << " is " << size;
      parts = *given;
    }
  } else if (size != kDynamic) {
    if (op.getNumOutputs() && *op.getNumOutputs() != outputs)
      return i.error() << "num_outputs is " << *op.getNumOutputs() << " but the node has " << outputs << " outputs";
    int64_t part = (size + outputs - 1) / outputs; // the last may be smaller
    for (int64_t o = 0; o < outputs; ++o)
      parts[o] = std::max<int64_t>(0, std::min(part, size - o * part));
  }
  SmallVector<int64_t> shape(i.shape(input));
  for (int64_t o = 0; o < outputs; ++o) {
    shape[*axis] = parts[o];
    if (failed(i.set(o, i.element(input), shape)))
      return failure();
  }
  return success();
}

LogicalResult inferSlice(SliceOp op, Inference &i) {
  Value data = op.getData();
  SmallVector<int64_t> unknown(i.rank(data), kDynamic);
  auto starts = i.ints(op.getStarts()), ends = i.ints(op.getEnds()), steps = i.ints(op.getSteps());
  std::optional<SmallVector<int64_t>> given;
  if (op.getAxes())
    given = i.ints(op.getAxes());
  else if (auto count = i.dims(op.getStarts()))
    given = identityPermutation(count->size());
  if (!given)
    return i.set(0, i.element(data), unknown);
  auto axes = i.axes(*given, i.rank(data));
  if (failed(axes))
    return failure();
  SmallVector<int64_t> shape(i.shape(data));
  for (auto [list, name] : {std::pair(&starts, "starts"), std::pair(&ends, "ends"), std::pair(&steps, "steps")})
    if (*list && (*list)->size() != axes->size())
      return i.error() << name << " has " << (*list)->size() << " values but there are " << axes->size() << " axes";
  for (auto [n, axis] : llvm::enumerate(*axes)) {
    int64_t step = steps ? (*steps)[n] : 1;
    if (step == 0)
      return i.error() << "step 0 along axis " << axis;
    bool known = starts && ends && (steps || !op.getSteps()) && shape[axis] != kDynamic;
    shape[axis] = known ? resolveSlice(shape[axis], (*starts)[n], (*ends)[n], step).count : kDynamic;
  }
  return i.set(0, i.element(data), shape);
}

LogicalResult inferPad(PadOp op, Inference &i) {
  Value data = op.getData();
  if (op.getConstantValue() && failed(i.expectSameElement(data, op.getConstantValue())))
    return failure();
  SmallVector<int64_t> axes = identityPermutation(i.rank(data)), shape(i.rank(data), kDynamic);
  auto pads = i.ints(op.getPads());
  if (op.getAxes()) {
    auto given = i.ints(op.getAxes());
    if (!given)
      return i.set(0, i.element(data), shape);
    auto normal = i.axes(*given, i.rank(data));
    if (failed(normal))
      return failure();
    axes = *normal;
  }
  if (!pads)
    return i.set(0, i.element(data), shape);
  if (pads->size() != 2 * axes.size())
    return i.error() << "pads has " << pads->size() << " values but must have " << 2 * axes.size()
                     << ", two for each of " << axes.size() << " axes";
  shape.assign(i.shape(data).begin(), i.shape(data).end());
  for (auto [n, axis] : llvm::enumerate(axes))
    if (shape[axis] != kDynamic)
      shape[axis] += (*pads)[n] + (*pads)[n + axes.size()];
  return i.set(0, i.element(data), shape);
}

LogicalResult inferCenterCropPad(CenterCropPadOp op, Inference &i) {
  Value data = op.getInputData();
  SmallVector<int64_t> axes = identityPermutation(i.rank(data)), shape(i.shape(data));
  if (op.getAxes()) {
    auto normal = i.axes(*op.getAxes(), i.rank(data));
    if (failed(normal))
      return failure();
    axes = *normal;
  }
  auto target = i.dims(op.getShape());
  if (target && target->size() != axes.size())
    return i.error() << "shape has " << target->size() << " values but there are " << axes.size() << " axes";
  for (auto [n, axis] : llvm::enumerate(axes))
    shape[axis] = target ? (*target)[n] : kDynamic;
  return i.set(0, i.element(data), shape);
}

LogicalResult inferDepthToSpace(DepthToSpaceOp op, Inference &i) {
  Value input = op.getInput();
  int64_t b = op.getBlocksize();
  if (failed(i.expectRank(input, 4)))
    return failure();
  SmallVector<int64_t> shape(i.shape(input));
  if (b < 1 || (shape[1] != kDynamic && shape[1] % (b * b) != 0))
    return i.error() << "blocksize " << b << " squared does not divide the " << shape[1] << " channels of "
                     << describe(input);
  shape[1] = shape[1] == kDynamic ? kDynamic : shape[1] / (b * b);
  for (int64_t d : {2, 3})
    shape[d] = shape[d] == kDynamic ? kDynamic : shape[d] * b;
  return i.set(0, i.element(input), shape);
}

LogicalResult inferSpaceToDepth(SpaceToDepthOp op, Inference &i) {
  Value input = op.getInput();
  int64_t b = op.getBlocksize();
  if (failed(i.expectRank(input, 4)))
    return failure();
  SmallVector<int64_t> shape(i.shape(input));
  shape[1] = shape[1] == kDynamic ? kDynamic : shape[1] * b * b;
  for (int64_t d : {2, 3}) {
    if (b < 1 || (shape[d] != kDynamic && shape[d] % b != 0))
      return i.error() << "blocksize " << b << " does not divide dimension " << d << " of " << describe(input);
    shape[d] = shape[d] == kDynamic ? kDynamic : shape[d] / b;
  }
  return i.set(0, i.element(input), shape);
}

LogicalResult inferTrilu(TriluOp op, Inference &i) {
  return failed(i.expectRank(op.getInput(), 2, std::numeric_limits<int64_t>::max())) ? failure()
                                                                                     : i.setLike(op.getInput());
}

} // namespace

void addLayoutInference(InferenceRegistry &r) {
  r.add<TransposeOp>(inferTranspose);
  r.add<ConcatOp>(inferConcat);
  r.add<SplitOp>(inferSplit);
  r.add<SliceOp>(inferSlice);
  r.add<PadOp>(inferPad);
  r.add<CenterCropPadOp>(inferCenterCropPad);
  r.add<DepthToSpaceOp>(inferDepthToSpace);
  r.add<SpaceToDepthOp>(inferSpaceToDepth);
  r.add<TriluOp>(inferTrilu);
}

} // namespace m2c::graph
