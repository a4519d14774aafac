// Inference of operators that make shapes or change them: Shape, Reshape, Squeeze, Expand, Range ...
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Graph/Infer.h"
#include <cmath>

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

/// [first, last) of the dimensions that Shape returns.
std::pair<int64_t, int64_t> shapeRange(ShapeOp op, int64_t rank) {
  auto clamp = [&](int64_t v) { return std::min(std::max<int64_t>(v < 0 ? v + rank : v, 0), rank); };
  int64_t first = clamp(op.getStart()), last = op.getEnd() ? clamp(*op.getEnd()) : rank;
  return {first, std::max(first, last)};
}

LogicalResult inferShape(ShapeOp op, Inference &i) {
  auto [first, last] = shapeRange(op, i.rank(op.getData()));
  return i.set(0, i.i64(), {last - first});
}

LogicalResult inferSize(SizeOp op, Inference &i) { return i.set(0, i.i64(), {}); }

LogicalResult inferReshape(ReshapeOp op, Inference &i) {
  Value data = op.getData();
  if (failed(i.expectRank(op.getShape(), 1)))
    return failure();
  auto target = i.dims(op.getShape());
  if (!target)
    return i.unknown();
  ArrayRef<Dim> in = i.shape(data);
  int64_t inferred = -1;
  Dims shape;
  Dim total = product(in), known = 1;
  for (auto [d, value] : llvm::enumerate(*target)) {
    Dim dim = value;
    if (dim == 0 && !op.getAllowzero()) {
      if (d >= in.size())
        return i.error() << "shape " << formatShape(op, *target) << " copies dimension " << d << " of "
                         << describe(data) << " which has rank " << in.size();
      dim = in[d];
    } else if (dim == -1) {
      if (inferred >= 0)
        return i.error() << "shape " << formatShape(op, *target) << " has more than one -1";
      inferred = d;
      dim = 1;
    }
    known *= dim;
    shape.push_back(dim);
  }
  if (inferred >= 0)
    shape[inferred] = total.divideExactly(known).value_or(total.floorDiv(known));
  bool numbers = total.isNumber() && known.isNumber();
  if (numbers && (inferred >= 0 ? !total.divideExactly(known) : total != known))
    return i.error() << "cannot reshape " << describe(data) << " with " << total.getNumber() << " elements to "
                     << formatShape(op, *target) << (inferred >= 0 ? ", a multiple of " : ", which has ")
                     << known.getNumber();
  // What only the run knows: that nothing is left over.
  if (!numbers && !total.isUnknown() && !known.isUnknown())
    (void)i.unify(total, inferred >= 0 ? known * shape[inferred] : known);
  return i.set(0, i.element(data), shape);
}

LogicalResult inferFlatten(FlattenOp op, Inference &i) {
  ArrayRef<Dim> in = i.shape(op.getInput());
  int64_t rank = in.size(), axis = op.getAxis() < 0 ? op.getAxis() + rank : op.getAxis();
  if (axis < 0 || axis > rank)
    return i.error() << "axis " << op.getAxis() << " is outside [" << -rank << ", " << rank << "]";
  return i.set(0, i.element(op.getInput()), {product(in.take_front(axis)), product(in.drop_front(axis))});
}

LogicalResult inferSqueeze(SqueezeOp op, Inference &i) {
  Value data = op.getData();
  SmallVector<int64_t> axes;
  Dims shape;
  if (op.getAxes()) {
    auto values = i.ints(op.getAxes());
    if (!values)
      return i.unknown();
    auto normal = i.axes(*values, i.rank(data));
    if (failed(normal))
      return failure();
    axes = *normal;
    for (int64_t a : axes)
      if (Dim dim = i.shape(data)[a]; !i.unify(dim, 1))
        return i.error() << "cannot remove dimension " << a << " of " << describe(data) << ", which is " << dim.str()
                         << " and not 1";
  }
  for (auto [d, dim] : llvm::enumerate(i.shape(data)))
    if (op.getAxes() ? !llvm::is_contained(axes, d) : dim != 1) {
      if (!op.getAxes() && !dim.isNumber())
        return i.unknown();
      shape.push_back(dim);
    }
  return i.set(0, i.element(data), shape);
}

LogicalResult inferUnsqueeze(UnsqueezeOp op, Inference &i) {
  Value data = op.getData();
  auto values = i.ints(op.getAxes());
  if (!values)
    return i.unknown();
  auto axes = i.axes(*values, i.rank(data) + int64_t(values->size()));
  if (failed(axes))
    return failure();
  Dims shape;
  for (int64_t d = 0, next = 0; d < i.rank(data) + int64_t(axes->size()); ++d)
    shape.push_back(llvm::is_contained(*axes, d) ? Dim(1) : i.shape(data)[next++]);
  return i.set(0, i.element(data), shape);
}

LogicalResult inferExpand(ExpandOp op, Inference &i) {
  Value input = op.getInput();
  auto target = i.dims(op.getShape());
  if (!target)
    return i.unknown();
  auto shape = i.broadcast(i.shape(input), *target);
  if (!shape)
    return i.error() << "cannot broadcast " << describe(input) << " to " << formatShape(op, *target);
  return i.set(0, i.element(input), *shape);
}

LogicalResult inferTile(TileOp op, Inference &i) {
  Value input = op.getInput();
  auto repeats = i.dims(op.getRepeats());
  if (!repeats)
    return i.set(0, i.element(input), Dims(i.rank(input), Dim::unknown()));
  if (int64_t(repeats->size()) != i.rank(input))
    return i.error() << "repeats has " << repeats->size() << " values but " << describe(input) << " has rank "
                     << i.rank(input);
  Dims shape;
  for (auto [dim, n] : llvm::zip(i.shape(input), *repeats))
    shape.push_back(dim * n);
  return i.set(0, i.element(input), shape);
}

LogicalResult inferConstantOfShape(ConstantOfShapeOp op, Inference &i) {
  auto shape = i.dims(op.getInput());
  if (!shape)
    return i.unknown();
  Type element = op.getValue() ? op.getValue()->getShapedType().getElementType() : Float32Type::get(i.context());
  return i.set(0, element, *shape);
}

LogicalResult inferRange(RangeOp op, Inference &i) {
  auto start = i.floats(op.getStart()), limit = i.floats(op.getLimit()), delta = i.floats(op.getDelta());
  Dim count = Dim::unknown();
  if (start && limit && delta && start->size() == 1 && limit->size() == 1 && delta->size() == 1) {
    if (delta->front() == 0)
      return i.error() << "delta is 0";
    double n = std::ceil((limit->front() - start->front()) / delta->front());
    if (!(n < 0x1p40))
      return i.error() << "would have " << n << " elements";
    count = std::max<int64_t>(0, int64_t(n));
  } else if (auto first = i.knownDims(op.getStart()), last = i.knownDims(op.getLimit()),
             step = i.knownDims(op.getDelta());
             first && last && step && first->size() == 1 && last->size() == 1 && step->size() == 1 && (*step)[0] == 1) {
    count = (*last)[0] - (*first)[0];
  }
  return i.set(0, i.element(op.getStart()), {count});
}

LogicalResult inferEyeLike(EyeLikeOp op, Inference &i) {
  if (failed(i.expectRank(op.getInput(), 2)))
    return failure();
  Type element = op.getDtype() ? getElementType(i.context(), *op.getDtype()) : i.element(op.getInput());
  if (!element)
    return i.error() << "unknown element type " << *op.getDtype();
  return i.set(0, element, i.shape(op.getInput()));
}

} // namespace

void addShapeInference(InferenceRegistry &r) {
  r.add<ShapeOp>(inferShape);
  r.add<SizeOp>(inferSize);
  r.add<ReshapeOp>(inferReshape);
  r.add<FlattenOp>(inferFlatten);
  r.add<SqueezeOp>(inferSqueeze);
  r.add<UnsqueezeOp>(inferUnsqueeze);
  r.add<ExpandOp>(inferExpand);
  r.add<TileOp>(inferTile);
  r.add<ConstantOfShapeOp>(inferConstantOfShape);
  r.add<RangeOp>(inferRange);
  r.add<EyeLikeOp>(inferEyeLike);
}

} // namespace m2c::graph
