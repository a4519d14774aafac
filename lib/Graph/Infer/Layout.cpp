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
  SmallVector<int64_t> sorted = perm;
  Dims shape;
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
  Dims shape(i.shape(first));
  for (Value input : op.getInputs().drop_front()) {
    if (failed(i.expectSameElement(first, input)))
      return failure();
    if (i.rank(input) != i.rank(first))
      return i.error() << describe(input) << " has rank " << i.rank(input) << " but " << describe(first) << " has rank "
                       << i.rank(first);
    for (int64_t d = 0; d < i.rank(first); ++d) {
      Dim dim = i.shape(input)[d];
      if (d == *axis) {
        shape[d] += dim;
        continue;
      }
      auto both = i.unify(shape[d], dim);
      if (!both)
        return i.error() << describe(input) << " and " << describe(first) << " differ in dimension " << d
                         << ", which is not the axis " << *axis;
      shape[d] = *both;
    }
  }
  return i.set(0, i.element(first), shape);
}

LogicalResult inferSplit(SplitOp op, Inference &i) {
  Value input = op.getInput();
  auto axis = i.axis(op.getAxis(), i.rank(input));
  if (failed(axis))
    return failure();
  int64_t outputs = op->getNumResults();
  Dim size = i.shape(input)[*axis];
  Dims parts(outputs, Dim::unknown());
  if (op.getSplit()) {
    auto given = i.knownDims(op.getSplit());
    if (given) {
      Dim sum = 0;
      for (const Dim &part : *given)
        sum += part;
      if (int64_t(given->size()) != outputs)
        return i.error() << "split has " << given->size() << " values but the node has " << outputs << " outputs";
      if (!i.unify(size, sum))
        return i.error() << "the parts " << formatShape(op, *given) << " add up to " << sum.str() << " but dimension "
                         << *axis << " of " << describe(input) << " is " << size.str();
      parts = *given;
    }
  } else if (!size.isUnknown()) {
    if (op.getNumOutputs() && *op.getNumOutputs() != outputs)
      return i.error() << "num_outputs is " << *op.getNumOutputs() << " but the node has " << outputs << " outputs";
    Dim part = size.ceilDiv(outputs); // the last may be smaller
    for (int64_t o = 0; o < outputs; ++o)
      parts[o] = size.isNumber()
                     ? Dim(std::clamp<int64_t>(size.getNumber() - o * part.getNumber(), 0, part.getNumber()))
                 : o + 1 < outputs ? part
                                   : size - part * o;
  }
  Dims shape(i.shape(input));
  for (int64_t o = 0; o < outputs; ++o) {
    shape[*axis] = parts[o];
    if (failed(i.set(o, i.element(input), shape)))
      return failure();
  }
  return success();
}

LogicalResult inferSlice(SliceOp op, Inference &i) {
  Value data = op.getData();
  Dims unknown(i.rank(data), Dim::unknown());
  auto starts = i.knownDims(op.getStarts()), ends = i.knownDims(op.getEnds()), steps = i.knownDims(op.getSteps());
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
  Dims shape(i.shape(data));
  for (auto [list, name] : {std::pair(&starts, "starts"), std::pair(&ends, "ends"), std::pair(&steps, "steps")})
    if (*list && (*list)->size() != axes->size())
      return i.error() << name << " has " << (*list)->size() << " values but there are " << axes->size() << " axes";
  for (auto [n, axis] : llvm::enumerate(*axes)) {
    Dim step = steps ? (*steps)[n] : op.getSteps() ? Dim::unknown() : Dim(1);
    if (step == 0)
      return i.error() << "step 0 along axis " << axis;
    auto range = starts && ends ? resolveSlice(op, shape[axis], (*starts)[n], (*ends)[n], step) : std::nullopt;
    shape[axis] = range ? range->count : Dim::unknown();
  }
  return i.set(0, i.element(data), shape);
}

LogicalResult inferPad(PadOp op, Inference &i) {
  Value data = op.getData();
  if (op.getConstantValue() && failed(i.expectSameElement(data, op.getConstantValue())))
    return failure();
  SmallVector<int64_t> axes = identityPermutation(i.rank(data));
  Dims shape(i.rank(data), Dim::unknown());
  auto pads = i.knownDims(op.getPads());
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
    shape[axis] += (*pads)[n] + (*pads)[n + axes.size()];
  return i.set(0, i.element(data), shape);
}

LogicalResult inferCenterCropPad(CenterCropPadOp op, Inference &i) {
  Value data = op.getInputData();
  SmallVector<int64_t> axes = identityPermutation(i.rank(data));
  Dims shape(i.shape(data));
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
    shape[axis] = target ? (*target)[n] : Dim::unknown();
  return i.set(0, i.element(data), shape);
}

LogicalResult inferDepthToSpace(DepthToSpaceOp op, Inference &i) {
  Value input = op.getInput();
  int64_t b = op.getBlocksize();
  if (failed(i.expectRank(input, 4)))
    return failure();
  Dims shape(i.shape(input));
  if (b < 1 || (shape[1].isNumber() && shape[1].getNumber() % (b * b) != 0))
    return i.error() << "blocksize " << b << " squared does not divide the " << shape[1].str() << " channels of "
                     << describe(input);
  shape[1] = shape[1].floorDiv(b * b);
  for (int64_t d : {2, 3})
    shape[d] *= b;
  return i.set(0, i.element(input), shape);
}

LogicalResult inferSpaceToDepth(SpaceToDepthOp op, Inference &i) {
  Value input = op.getInput();
  int64_t b = op.getBlocksize();
  if (failed(i.expectRank(input, 4)))
    return failure();
  Dims shape(i.shape(input));
  shape[1] *= b * b;
  for (int64_t d : {2, 3}) {
    if (b < 1 || (shape[d].isNumber() && shape[d].getNumber() % b != 0))
      return i.error() << "blocksize " << b << " does not divide dimension " << d << " of " << describe(input);
    shape[d] = shape[d].floorDiv(b);
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
