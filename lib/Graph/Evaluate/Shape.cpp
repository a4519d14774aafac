// Evaluators of operators that move elements without computing: reshapes, slices, joins, borders, ranges.
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Graph/Evaluate.h"
#include "m2c/Graph/ShapeMath.h"
#include <cstring>

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

bool evaluateReshape(Operation *op, Evaluation &e) { return e.set(e[op->getOperand(0)].reshape(e.shape())); }

bool evaluateTranspose(TransposeOp op, Evaluation &e) {
  const ConstantTensor &data = e[op.getData()];
  auto perm = op.getPerm();
  return e.set(transpose(data, perm ? SmallVector<int64_t>(*perm) : reversePermutation(data.getRank())));
}

bool evaluateExpand(ExpandOp op, Evaluation &e) {
  const ConstantTensor &input = e[op.getInput()];
  return e.set(takeStrided(input, e.shape(), broadcastStrides(input.getShape(), e.shape())));
}

bool evaluateConcat(ConcatOp op, Evaluation &e) {
  int64_t axis = *normalizeAxis(op.getAxis(), e.type().getRank());
  int64_t outer = countElements(e.shape().take_front(axis));
  ConstantTensor out(e.type().getElementType(), e.shape());
  char *next = out.mutableData();
  for (int64_t i = 0; i < outer; ++i)
    for (Value input : op.getInputs()) {
      size_t run = e[input].getBytes() / outer;
      std::memcpy(next, e[input].data() + i * run, run);
      next += run;
    }
  return e.set(out);
}

bool evaluateSplit(SplitOp op, Evaluation &e) {
  const ConstantTensor &input = e[op.getInput()];
  int64_t axis = *normalizeAxis(op.getAxis(), input.getRank()), offset = 0;
  SmallVector<int64_t> strides = stridesOf(input.getShape());
  for (unsigned i = 0; i < op->getNumResults(); ++i) {
    e.set(takeStrided(input, e.shape(i), strides, offset), i);
    offset += e.shape(i)[axis] * strides[axis];
  }
  return true;
}

bool evaluateSlice(SliceOp op, Evaluation &e) {
  const ConstantTensor &data = e[op.getData()];
  std::vector<int64_t> starts = e.ints(op.getStarts()), ends = e.ints(op.getEnds()), axes, steps(starts.size(), 1);
  if (op.getAxes())
    axes = e.ints(op.getAxes());
  else
    for (size_t i = 0; i < starts.size(); ++i)
      axes.push_back(i);
  if (op.getSteps())
    steps = e.ints(op.getSteps());
  SmallVector<int64_t> strides = stridesOf(data.getShape());
  int64_t offset = 0;
  for (size_t i = 0; i < axes.size(); ++i) {
    int64_t axis = *normalizeAxis(axes[i], data.getRank());
    SliceRange range = resolveSlice(data.getShape()[axis], starts[i], ends[i], steps[i]);
    offset += range.start * strides[axis];
    if (range.count > 1)
      strides[axis] *= range.step;
  }
  return e.set(takeStrided(data, e.shape(), strides, offset));
}

bool evaluateTile(TileOp op, Evaluation &e) {
  const ConstantTensor &input = e[op.getInput()];
  // [a, b] tiled r, s times = [r, a, s, b] with stride 0 along r and s.
  SmallVector<int64_t> shape, strides, own = stridesOf(input.getShape());
  std::vector<int64_t> repeats = e.ints(op.getRepeats());
  for (int64_t d = 0; d < input.getRank(); ++d) {
    shape.append({repeats[d], input.getShape()[d]});
    strides.append({0, own[d]});
  }
  return e.set(takeStrided(input, shape, strides).reshape(e.shape()));
}

bool evaluatePad(PadOp op, Evaluation &e) {
  const ConstantTensor &data = e[op.getData()];
  std::vector<int64_t> pads = e.ints(op.getPads()), axes;
  if (op.getAxes())
    axes = e.ints(op.getAxes());
  else
    for (int64_t d = 0; d < data.getRank(); ++d)
      axes.push_back(d);
  SmallVector<int64_t> before(data.getRank(), 0);
  for (size_t i = 0; i < axes.size(); ++i)
    before[*normalizeAxis(axes[i], data.getRank())] = pads[i];
  SmallVector<int64_t> own = stridesOf(data.getShape()), out = stridesOf(e.shape());
  std::vector<int64_t> map;
  map.reserve(countElements(e.shape()));
  StringRef mode = op.getMode();
  for (int64_t i = 0, count = countElements(e.shape()); i < count; ++i) {
    int64_t source = 0;
    for (int64_t d = 0; d < data.getRank() && source >= 0; ++d) {
      int64_t size = data.getShape()[d], x = i / out[d] % e.shape()[d] - before[d];
      if (mode == "edge")
        x = std::min(std::max<int64_t>(x, 0), size - 1);
      else if (mode == "wrap" && size != 0)
        x = (x % size + size) % size;
      else if (mode == "reflect" && size > 1) {
        int64_t period = 2 * (size - 1);
        x = (x % period + period) % period;
        x = std::min(x, period - x);
      }
      source = x < 0 || x >= size ? -1 : source + x * own[d];
    }
    map.push_back(source);
  }
  return e.set(takeMapped(data, e.shape(), map, op.getConstantValue() ? &e[op.getConstantValue()] : nullptr));
}

bool evaluateConstantOfShape(ConstantOfShapeOp op, Evaluation &e) {
  auto value = op.getValue() ? ConstantTensor::get(*op.getValue()) : ConstantTensor(e.type().getElementType(), {1});
  if (!value)
    return false;
  return e.set(takeStrided(*value, e.shape(), SmallVector<int64_t>(e.type().getRank(), 0)));
}

bool evaluateRange(RangeOp op, Evaluation &e) {
  return visitDomain(e.type().getElementType(), [&]<class T>(T) {
    T start = e[op.getStart()].values<T>()[0], delta = e[op.getDelta()].values<T>()[0];
    std::vector<T> values;
    for (int64_t i = 0; i < e.shape()[0]; ++i)
      values.push_back(start + T(i) * delta);
    return e.set(ConstantTensor::from<T>(e.type().getElementType(), e.shape(), values));
  });
}

bool evaluateEyeLike(EyeLikeOp op, Evaluation &e) {
  std::vector<double> values(e.type().getNumElements(), 0);
  int64_t rows = e.shape()[0], columns = e.shape()[1];
  for (int64_t i = 0; i < rows; ++i)
    if (int64_t j = i + op.getK(); j >= 0 && j < columns)
      values[i * columns + j] = 1;
  return e.set(ConstantTensor::from<double>(e.type().getElementType(), e.shape(), values));
}

bool evaluateTrilu(TriluOp op, Evaluation &e) {
  const ConstantTensor &input = e[op.getInput()];
  int64_t k = op.getK() ? e[op.getK()].getInt(0) : 0, columns = e.shape().back(), rows = e.shape().drop_back().back();
  std::vector<int64_t> map;
  for (int64_t i = 0; i < input.size(); ++i) {
    int64_t row = i / columns % rows, column = i % columns;
    map.push_back((op.getUpper() ? column - row >= k : column - row <= k) ? i : -1);
  }
  return e.set(takeMapped(input, e.shape(), map));
}

/// The dimensions of the operand, from `start` to `end`.
bool evaluateShape(ShapeOp op, Evaluation &e) {
  auto data = cast<RankedTensorType>(op.getData().getType());
  int64_t first = op.getStart(), rank = data.getRank();
  first = std::clamp<int64_t>(first < 0 ? first + rank : first, 0, rank);
  ArrayRef<int64_t> dims = data.getShape().slice(first, e.shape()[0]);
  return !llvm::is_contained(dims, kDynamic) &&
         e.set(ConstantTensor::from<int64_t>(e.type().getElementType(), e.shape(), dims));
}

bool evaluateSize(SizeOp op, Evaluation &e) {
  auto data = cast<RankedTensorType>(op.getData().getType());
  return data.hasStaticShape() &&
         e.set(ConstantTensor::from<int64_t>(e.type().getElementType(), {}, data.getNumElements()));
}

bool evaluateDepthToSpace(DepthToSpaceOp op, Evaluation &e) {
  const ConstantTensor &input = e[op.getInput()];
  int64_t b = op.getBlocksize();
  ArrayRef<int64_t> s = input.getShape();
  ConstantTensor split = op.getMode() == "CRD" ? input.reshape({s[0], s[1] / (b * b), b, b, s[2], s[3]})
                                               : input.reshape({s[0], b, b, s[1] / (b * b), s[2], s[3]});
  SmallVector<int64_t> perm =
      op.getMode() == "CRD" ? SmallVector<int64_t>{0, 1, 4, 2, 5, 3} : SmallVector<int64_t>{0, 3, 4, 1, 5, 2};
  return e.set(transpose(split, perm).reshape(e.shape()));
}

} // namespace

void addShapeEvaluators(EvaluatorRegistry &r) {
  r.addAll<ReshapeOp, FlattenOp, SqueezeOp, UnsqueezeOp>(evaluateReshape);
  r.add<TransposeOp>(evaluateTranspose);
  r.add<ExpandOp>(evaluateExpand);
  r.add<ConcatOp>(evaluateConcat);
  r.add<SplitOp>(evaluateSplit);
  r.add<SliceOp>(evaluateSlice);
  r.add<TileOp>(evaluateTile);
  r.add<PadOp>(evaluatePad);
  r.add<ConstantOfShapeOp>(evaluateConstantOfShape);
  r.add<RangeOp>(evaluateRange);
  r.addOfTypes<EyeLikeOp>(evaluateEyeLike);
  r.add<TriluOp>(evaluateTrilu);
  r.add<DepthToSpaceOp>(evaluateDepthToSpace);
  r.addOfTypes<ShapeOp>(evaluateShape);
  r.addOfTypes<SizeOp>(evaluateSize);
}

} // namespace m2c::graph
