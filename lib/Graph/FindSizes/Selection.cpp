// Sizes that are how many elements an operator selects.
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Graph/FindSizes.h"
#include "m2c/Graph/ShapeMath.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

/// The first `count` elements along dimension 0.
Value takeFirst(SizeComposer &c, Value value, Value count) {
  return c.make("Slice", {value, c.ints(0), count, c.ints(0)});
}

/// The positions [rank, n] of the elements that are not 0.
Value findPositions(SizeComposer &c, Value x) {
  Dims dims = getDims(x);
  if (dims.empty())
    x = c.reshape(x, {1});
  Value isSet = c.cast(x, c.rewriter.getI1Type()), counted = c.cast(isSet, c.rewriter.getI64Type());
  Value total = c.reshape(c.make("ReduceSum", {counted}, c.attr("keepdims", int64_t(0))), {1});
  return c.make("m2c.NonZero", {isSet, c.find(total, product(dims))});
}

Composed findNonZero(NonZeroOp op, SizeComposer &c) {
  if (ConstantTensor::get(op.getX()))
    return std::nullopt;
  return SmallVector<Value>{findPositions(c, op.getX())};
}

Composed findCompress(CompressOp op, SizeComposer &c) {
  Value input = op.getInput();
  if (ConstantTensor::get(op.getCondition()))
    return std::nullopt;
  Dims dims = getDims(input);
  int64_t axis = 0;
  if (!op.getAxis()) {
    input = c.make("Reshape", {input, c.ints(-1)});
  } else if (auto normal = normalizeAxis(*op.getAxis(), dims.size())) {
    axis = *normal;
  } else {
    return std::nullopt;
  }
  Value positions = c.make("Squeeze", {findPositions(c, op.getCondition()), c.ints(0)});
  return SmallVector<Value>{c.make("Gather", {input, positions}, c.attr("axis", axis))};
}

/// Boxes [B, N, 4] and scores [B, C, N]: at most as many rows as there are scores, or as the constant limit says.
Composed findNonMaxSuppression(NonMaxSuppressionOp op, SizeComposer &c) {
  Dims boxes = getDims(op.getBoxes()), scores = getDims(op.getScores());
  Type f32 = c.rewriter.getF32Type();
  if (boxes.size() != 3 || scores.size() != 3 || Composer::element(op.getBoxes()) != f32 ||
      Composer::element(op.getScores()) != f32)
    return std::nullopt;
  auto operand = [&](Value value, Type type, double otherwise) {
    return value ? c.cast(c.reshape(value, {1}), type) : c.constant(type, {1}, otherwise);
  };
  Value most = operand(op.getMaxOutputBoxesPerClass(), c.rewriter.getI64Type(), 0);
  Dim perClass = boxes[1];
  if (auto constant = onnx::getConstantIntegers(most); constant && constant->size() == 1) {
    int64_t limit = std::max<int64_t>(constant->front(), 0);
    perClass = perClass.isNumber() ? Dim(std::min(perClass.getNumber(), limit)) : Dim(limit);
  }
  Dim rows = scores[0] * scores[1] * perClass;
  Value threshold = operand(op.getScoreThreshold(), f32, -std::numeric_limits<double>::infinity());
  ValueRange selected =
      c.makeAll("m2c.NonMaxSuppression",
                {op.getBoxes(), op.getScores(), most, operand(op.getIouThreshold(), f32, 0), threshold, c.size(rows)},
                c.attr("center_point_box", int64_t(op.getCenterPointBox())), 2);
  return SmallVector<Value>{takeFirst(c, selected[0], c.find(selected[1], rows))};
}

/// Rows are compared as wholes: an axis is moved to the front, and what is there once is gathered back.
Composed findUnique(UniqueOp op, SizeComposer &c) {
  Value x = op.getX();
  Dims dims = getDims(x);
  int64_t axis = 0;
  if (op.getAxis()) {
    auto normal = normalizeAxis(*op.getAxis(), dims.size());
    if (!normal)
      return std::nullopt;
    axis = *normal;
  }
  Type element = Composer::element(x);
  auto integer = dyn_cast<IntegerType>(element);
  if (!isa<FloatType>(element) && (!integer || (integer.isUnsigned() && integer.getWidth() == 64)))
    return std::nullopt;
  Value rows = x, source = x;
  if (!op.getAxis()) {
    source = c.make("Reshape", {x, c.ints(-1)});
    rows = c.make("Reshape", {x, c.ints({-1, 1})});
    dims = {product(dims)};
  } else {
    SmallVector<int64_t> front = identityPermutation(dims.size());
    front.erase(front.begin() + axis);
    front.insert(front.begin(), axis);
    rows = c.make("Flatten", {axis == 0 ? x : c.transpose(x, front)}, c.attr("axis", int64_t(1)));
  }
  // Compared in a type that the kernel knows.
  if (integer && (integer.isUnsigned() || integer.getWidth() < 8))
    rows = c.cast(rows, c.rewriter.getI64Type());
  else if (!integer && !element.isF64())
    rows = c.cast(rows, c.rewriter.getF32Type());
  ValueRange made = c.makeAll("m2c.Unique", {rows}, c.attr("sorted", int64_t(op.getSorted())), 4);
  SmallVector<Value> all(made);
  Value count = c.find(all[3], dims[axis]);
  Value first = takeFirst(c, all[0], count);
  SmallVector<Value> results{c.make("Gather", {source, first}, c.attr("axis", axis)), first, all[1],
                             takeFirst(c, all[2], count)};
  SmallVector<Value> present;
  for (auto [result, value] : llvm::zip_equal(
           std::array<Value, 4>{op.getY(), op.getIndices(), op.getInverseIndices(), op.getCounts()}, results))
    if (result)
      present.push_back(value);
  return present;
}

} // namespace

void addSelectionFinders(FinderRegistry &r) {
  r.add<NonZeroOp>(findNonZero);
  r.add<CompressOp>(findCompress);
  r.add<NonMaxSuppressionOp>(findNonMaxSuppression);
  r.add<UniqueOp>(findUnique);
}

} // namespace m2c::graph
