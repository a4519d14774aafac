// Sizes that operands state: shapes, counts and ends that are computed, or inputs of the model.
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Graph/FindSizes.h"
#include "m2c/Graph/Rewrite.h"
#include "m2c/Graph/ShapeMath.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

int64_t countOf(Value list) { return cast<RankedTensorType>(list.getType()).getNumElements(); }

/// The op with another operand; the rest of inference is that of symbolic shapes.
template <class Op>
Composed withOperand(Op op, SizeComposer &c, Value old, Value found) {
  IRMapping mapping;
  mapping.map(old, found);
  Operation *clone = c.rewriter.clone(*op.getOperation(), mapping);
  for (Value result : clone->getResults())
    result.setType(onnx::getUnknownType(op.getContext()));
  inferResults(clone);
  return SmallVector<Value>(clone->getResults());
}

Composed findReshape(ReshapeOp op, SizeComposer &c) {
  if (c.isKnown(op.getShape()) || !c.isList(op.getShape()))
    return std::nullopt;
  Dims in = getDims(op.getData());
  Value shape = c.list(op.getShape());
  int64_t rank = countOf(shape);
  if (rank == 0)
    return std::nullopt;
  if (!op.getAllowzero()) {
    Dims copied = in;
    copied.resize(rank, Dim(0));
    shape = c.where(c.equal(shape, 0), c.sizes(copied), shape);
  }
  Value isInferred = c.equal(shape, -1);
  Value known = c.reduce("ReduceProd", c.where(isInferred, c.ints(1), shape), {0});
  Value inferred = c.div(c.size(product(in)), c.max(known, c.ints(1)));
  Value found = c.find(c.where(isInferred, inferred, shape));
  return SmallVector<Value>{c.make("Reshape", {op.getData(), found}, c.attr("allowzero", int64_t(1)))};
}

Composed findExpand(ExpandOp op, SizeComposer &c) {
  if (c.isKnown(op.getShape()) || !c.isList(op.getShape()))
    return std::nullopt;
  Dims in = getDims(op.getInput());
  Value shape = c.list(op.getShape());
  int64_t missing = static_cast<int64_t>(in.size()) - countOf(shape);
  if (missing > 0)
    shape = c.concat({c.ints(SmallVector<int64_t>(missing, 1)), shape});
  in.insert(in.begin(), std::max<int64_t>(-missing, 0), Dim(1));
  if (in.empty())
    return std::nullopt;
  return withOperand(op, c, op.getShape(), c.find(c.where(c.equal(shape, 1), c.sizes(in), shape)));
}

Composed findTile(TileOp op, SizeComposer &c) {
  if (c.isKnown(op.getRepeats()) || !c.isList(op.getRepeats()))
    return std::nullopt;
  return withOperand(op, c, op.getRepeats(), c.find(c.list(op.getRepeats())));
}

Composed findConstantOfShape(ConstantOfShapeOp op, SizeComposer &c) {
  if (c.isKnown(op.getInput()) || !c.isList(op.getInput()) || countOf(op.getInput()) == 0)
    return std::nullopt;
  return withOperand(op, c, op.getInput(), c.find(c.list(op.getInput())));
}

/// ceil((limit - start) / delta) elements: start + i * delta.
Composed findRange(RangeOp op, SizeComposer &c) {
  Value start = op.getStart(), limit = op.getLimit(), delta = op.getDelta();
  auto isOne = [](Value value) {
    auto constant = onnx::getConstantIntegers(value);
    return constant && constant->size() == 1 && constant->front() == 1;
  };
  if (c.isKnown(start) && c.isKnown(limit) && c.isKnown(delta) &&
      (isOne(delta) || (ConstantTensor::get(start) && ConstantTensor::get(limit))))
    return std::nullopt;
  Type f64 = c.rewriter.getF64Type();
  auto list = [&](Value value) { return c.reshape(value, {1}); };
  Value span = c.cast(c.sub(list(limit), list(start)), f64);
  Value steps = c.make("Ceil", {c.div(span, c.cast(list(delta), f64))});
  // What is no number is too large, which the run reports.
  Value most = c.constant(f64, {1}, double(1 << 25)), zero = c.constant(f64, {1}, 0.0);
  steps = c.max(c.where(c.make("Less", {steps, most}), steps, most), zero);
  Value found = c.find(c.cast(steps, c.rewriter.getI64Type()));
  Value i = c.cast(c.count(found), Composer::element(start));
  return SmallVector<Value>{c.add(c.mul(i, delta), start)};
}

Composed findTopK(TopKOp op, SizeComposer &c) {
  if (c.isKnown(op.getK()) || !c.isList(op.getK()))
    return std::nullopt;
  Dims in = getDims(op.getX());
  auto axis = normalizeAxis(op.getAxis(), in.size());
  if (!axis)
    return std::nullopt;
  return withOperand(op, c, op.getK(), c.find(c.list(op.getK()), in[*axis]));
}

Composed findOneHot(OneHotOp op, SizeComposer &c) {
  auto type = cast<RankedTensorType>(op.getDepth().getType());
  if (c.isKnown(op.getDepth()) || !type.hasStaticShape() || type.getNumElements() != 1)
    return std::nullopt;
  Value depth = c.cast(c.reshape(op.getDepth(), {1}), c.rewriter.getI64Type());
  return withOperand(op, c, op.getDepth(), c.find(depth));
}

Composed findSplit(SplitOp op, SizeComposer &c) {
  if (!op.getSplit() || c.isKnown(op.getSplit()) || !c.isList(op.getSplit()))
    return std::nullopt;
  auto axis = normalizeAxis(op.getAxis(), getDims(op.getInput()).size());
  if (!axis)
    return std::nullopt;
  return withOperand(op, c, op.getSplit(),
                     c.find(c.list(op.getSplit()), Dims(countOf(op.getSplit()), getDims(op.getInput())[*axis])));
}

/// The axes of Slice or Pad as an int64 list with no negative ones; absent ones are all, in order.
Value getAxes(SizeComposer &c, Value axes, int64_t count, int64_t rank) {
  if (!axes)
    return c.ints(llvm::to_vector(llvm::seq<int64_t>(0, count)));
  Value list = c.list(axes);
  return c.where(c.make("Less", {list, c.ints(0)}), c.add(list, static_cast<double>(rank)), list);
}

/// Values for some axes as a list for all of them.
Value spread(SizeComposer &c, ArrayRef<int64_t> otherwise, Value axes, Value values) {
  return c.make("ScatterElements", {c.ints(otherwise), axes, values}, c.attr("axis", int64_t(0)));
}

/// Starts and ends are clamped and counted as ONNX says, for all axes at once; then each axis is a slice whose start
/// and size are found, or, where a step is not known at conversion, a Gather.
Composed findSlice(SliceOp op, SizeComposer &c) {
  SmallVector<Value> lists{op.getStarts(), op.getEnds()};
  for (Value value : {op.getAxes(), op.getSteps()})
    if (value)
      lists.push_back(value);
  Dims dims = getDims(op.getData());
  auto rank = static_cast<int64_t>(dims.size());
  bool isKnown = llvm::all_of(lists, [&](Value list) { return c.isKnown(list); });
  if (isKnown || rank == 0 || !llvm::all_of(lists, [&](Value list) { return c.isList(list); }))
    return std::nullopt;
  int64_t count = countOf(op.getStarts());
  // Only the axes that are sliced, where they are known.
  SmallVector<int64_t> sliced = llvm::to_vector(llvm::seq<int64_t>(0, op.getAxes() ? rank : count));
  auto constantAxes = op.getAxes() ? onnx::getConstantIntegers(op.getAxes()) : std::nullopt;
  if (constantAxes) {
    auto normal = normalizeAxes(*constantAxes, rank);
    if (!normal)
      return std::nullopt;
    sliced = *normal;
  }
  if (sliced.empty())
    return std::nullopt;
  Value starts = c.list(op.getStarts()), ends = c.list(op.getEnds());
  Value steps = op.getSteps() ? c.list(op.getSteps()) : c.ints(SmallVector<int64_t>(count, 1));
  std::optional<SmallVector<int64_t>> constantSteps = onnx::getConstantIntegers(steps);
  if (op.getAxes() && !constantAxes) {
    Value axes = getAxes(c, op.getAxes(), count, rank);
    constexpr int64_t open = std::numeric_limits<int64_t>::max() / 2;
    starts = spread(c, SmallVector<int64_t>(rank, 0), axes, starts);
    ends = spread(c, SmallVector<int64_t>(rank, open), axes, ends);
    bool areOnes = constantSteps && llvm::all_of(*constantSteps, [](int64_t step) { return step == 1; });
    steps = areOnes ? c.ints(SmallVector<int64_t>(rank, 1)) : spread(c, SmallVector<int64_t>(rank, 1), axes, steps);
    constantSteps = onnx::getConstantIntegers(steps);
  }
  Dims extents;
  for (int64_t axis : sliced)
    extents.push_back(dims[axis]);
  Value size = c.sizes(extents), zero = c.ints(0), one = c.ints(1);
  Value isForward = c.make("Greater", {steps, zero});
  // Forwards positions lie in [0, n], backwards in [-1, n - 1].
  Value low = c.where(isForward, zero, c.ints(-1)), high = c.where(isForward, size, c.sub(size, one));
  auto clamp = [&](Value position, Value least) {
    position = c.max(position, c.ints(-(int64_t(1) << 40))); // adding must not overflow
    position = c.where(c.make("Less", {position, zero}), c.add(position, size), position);
    return c.min(c.max(position, least), high);
  };
  Value start = clamp(starts, c.where(isForward, zero, c.min(zero, high))), end = clamp(ends, low);
  Value span = c.where(isForward, c.sub(end, start), c.sub(start, end));
  Value stride = c.max(c.make("Abs", {steps}), one);
  Value counts = c.max(c.div(c.sub(c.add(span, stride), one), stride), zero);
  counts = c.where(c.equal(steps, 0), c.ints(-1), counts); // which the run reports
  if (!constantSteps) {
    Value result = op.getData(), found = c.find(counts, extents);
    for (auto [i, axis] : llvm::enumerate(sliced)) {
      auto at = [&](Value list) { return c.slice(list, 0, i, i + 1); };
      Value indices = c.add(c.mul(c.count(at(found)), at(steps)), at(start));
      result = c.make("Gather", {result, indices}, c.attr("axis", axis));
    }
    return SmallVector<Value>{result};
  }
  start = c.where(c.equal(counts, 0), zero, start);
  Dims bounds = extents;
  bounds.append(extents);
  Value found = c.find(c.concat({start, counts}), bounds);
  auto n = static_cast<int64_t>(sliced.size());
  Value first = c.slice(found, 0, 0, n), taken = c.slice(found, 0, n, 2 * n);
  // The element behind the last one that is taken.
  SmallVector<int64_t> signs;
  for (int64_t step : *constantSteps)
    signs.push_back(step > 0 ? 1 : -1);
  Value last = c.add(c.add(first, c.mul(c.sub(taken, one), steps)), c.ints(signs));
  return SmallVector<Value>{c.make("Slice", {op.getData(), first, last, c.ints(sliced), steps})};
}

/// Each axis is a Gather of computed positions; for a constant border, elements outside are replaced.
Composed findPad(PadOp op, SizeComposer &c) {
  Dims dims = getDims(op.getData());
  auto rank = static_cast<int64_t>(dims.size());
  bool isKnown = c.isKnown(op.getPads()) && c.isKnown(op.getAxes());
  if (isKnown || !c.isList(op.getPads()) || (op.getAxes() && !c.isList(op.getAxes())))
    return std::nullopt;
  int64_t count = countOf(op.getPads()) / 2;
  Value pads = c.list(op.getPads()), low = c.slice(pads, 0, 0, count), high = c.slice(pads, 0, count, 2 * count);
  SmallVector<int64_t> padded = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  auto constantAxes = op.getAxes() ? onnx::getConstantIntegers(op.getAxes()) : std::nullopt;
  if (constantAxes) {
    auto normal = normalizeAxes(*constantAxes, rank);
    if (!normal)
      return std::nullopt;
    padded = *normal;
  } else if (op.getAxes()) {
    Value axes = getAxes(c, op.getAxes(), count, rank);
    low = spread(c, SmallVector<int64_t>(rank, 0), axes, low);
    high = spread(c, SmallVector<int64_t>(rank, 0), axes, high);
  }
  if (padded.empty() || countOf(low) != static_cast<int64_t>(padded.size()))
    return std::nullopt;
  Dims extents;
  for (int64_t axis : padded)
    extents.push_back(dims[axis]);
  Value found = c.find(c.add(c.add(low, high), c.sizes(extents))), result = op.getData();
  Value border =
      op.getConstantValue() ? c.reshape(op.getConstantValue(), ArrayRef<int64_t>()) : c.scalarLike(0, op.getData());
  StringRef mode = op.getMode();
  for (auto [i, axis] : llvm::enumerate(padded)) {
    auto at = [&](Value list) { return c.slice(list, 0, i, i + 1); };
    Value zero = c.ints(0), size = c.size(dims[axis]), last = c.sub(size, c.ints(1));
    Value index = c.sub(c.count(at(found)), at(low)), position = index;
    if (mode == "wrap") {
      position = c.make("Mod", {index, c.max(size, c.ints(1))});
    } else if (mode == "reflect") { // runs back in the second half of its period
      Value period = c.max(c.mul(last, c.ints(2)), c.ints(1));
      position = c.make("Mod", {index, period});
      position = c.min(position, c.sub(period, position));
    }
    position = c.max(c.min(position, last), zero);
    result = c.make("Gather", {result, position}, c.attr("axis", axis));
    if (mode != "constant")
      continue;
    Value isInside = c.make("And", {c.make("GreaterOrEqual", {index, zero}), c.make("Less", {index, size})});
    SmallVector<int64_t> behind;
    for (int64_t d = axis + 1; d < rank; ++d)
      behind.push_back(d - axis);
    if (!behind.empty())
      isInside = c.make("Unsqueeze", {isInside, c.ints(behind)});
    result = c.where(isInside, result, border);
  }
  return SmallVector<Value>{result};
}

} // namespace

void addShapeFinders(FinderRegistry &r) {
  r.addWithDeclared<ReshapeOp>(findReshape);
  r.addWithDeclared<ExpandOp>(findExpand);
  r.addWithDeclared<TileOp>(findTile);
  r.addWithDeclared<ConstantOfShapeOp>(findConstantOfShape);
  r.add<RangeOp>(findRange);
  r.add<TopKOp>(findTopK);
  r.addWithDeclared<OneHotOp>(findOneHot);
  r.addWithDeclared<SplitOp>(findSplit);
  r.addWithDeclared<SliceOp>(findSlice);
  r.addWithDeclared<PadOp>(findPad);
}

} // namespace m2c::graph
