// Sampling grids, crops and Fourier transforms.
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Graph/Decompose.h"
#include "m2c/Graph/ShapeMath.h"
#include <cmath>
#include <numbers>

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

/// grid = base * theta^T, where the base's rows are (x, y, 1) or (x, y, z, 1) of the output's points in [-1, 1].
Composed composeAffineGrid(AffineGridOp op, Composer &c) {
  Value theta = op.getTheta();
  ArrayRef<int64_t> grid = Composer::shape(op.getGrid());
  ArrayRef<int64_t> extents = grid.drop_front().drop_back();
  int64_t points = countElements(extents), dims = extents.size();
  std::vector<double> base;
  for (int64_t point = 0; point < points; ++point) {
    int64_t rest = point;
    SmallVector<double> coordinates;
    for (int64_t extent : llvm::reverse(extents)) {
      auto at = static_cast<double>(rest % extent), n = static_cast<double>(extent);
      rest /= extent;
      coordinates.push_back(op.getAlignCorners() ? (extent == 1 ? -1 : -1 + 2 * at / (n - 1)) : (2 * at + 1) / n - 1);
    }
    llvm::append_range(base, coordinates); // the last dimension is x
    base.push_back(1);
  }
  Value table = c.constant(Composer::element(theta), {points, dims + 1}, base);
  Value y = c.make("MatMul", {table, c.transpose(theta, {0, 2, 1})});
  return {{c.reshape(y, grid)}};
}

/// Each dimension is cropped in the middle or padded on both sides.
Composed composeCenterCropPad(CenterCropPadOp op, Composer &c) {
  Value value = op.getInputData();
  SmallVector<int64_t> from(Composer::shape(value)), to(Composer::shape(op.getOutputData()));
  int64_t rank = from.size();
  SmallVector<int64_t> pads(2 * rank, 0);
  for (int64_t d = 0; d < rank; ++d) {
    if (from[d] > to[d]) {
      int64_t start = (from[d] - to[d]) / 2;
      value = c.slice(value, d, start, start + to[d]);
    } else {
      pads[d] = (to[d] - from[d]) / 2;
      pads[rank + d] = to[d] - from[d] - pads[d];
    }
  }
  return {{c.make("Pad", {value, c.ints(pads)})}};
}

/// The matrix of a transform: [inputs, outputs] of cos or sin of 2 pi i k / length.
Value fourierMatrix(Composer &c, Type element, int64_t inputs, int64_t outputs, int64_t length, bool sine,
                    double scale) {
  std::vector<double> values;
  for (int64_t i = 0; i < inputs; ++i)
    for (int64_t k = 0; k < outputs; ++k) {
      double angle = 2 * std::numbers::pi * static_cast<double>(i * k % length) / static_cast<double>(length);
      values.push_back(scale * (sine ? std::sin(angle) : std::cos(angle)));
    }
  return c.constant(element, {inputs, outputs}, values);
}

/// The transform of `real` + i `imaginary` (null: 0) along the last dimension: real and imaginary part.
std::pair<Value, Value> transform(Composer &c, Value real, Value imaginary, int64_t outputs, int64_t length,
                                  bool inverse) {
  int64_t inputs = Composer::shape(real).back();
  Type element = Composer::element(real);
  double scale = inverse ? 1 / static_cast<double>(length) : 1;
  Value cosine = fourierMatrix(c, element, inputs, outputs, length, false, scale);
  Value sine = fourierMatrix(c, element, inputs, outputs, length, true, inverse ? scale : -scale);
  Value re = c.make("MatMul", {real, cosine}), im = c.make("MatMul", {real, sine});
  if (imaginary) {
    re = c.sub(re, c.make("MatMul", {imaginary, sine}));
    im = c.add(im, c.make("MatMul", {imaginary, cosine}));
  }
  return {re, im};
}

/// `value` with its last dimension cut or filled with zeros.
Value fit(Composer &c, Value value, int64_t length) {
  int64_t rank = Composer::shape(value).size(), extent = Composer::shape(value).back();
  if (extent > length)
    return c.slice(value, rank - 1, 0, length);
  if (extent == length)
    return value;
  SmallVector<int64_t> pads(2 * rank, 0);
  pads.back() = length - extent;
  return c.make("Pad", {value, c.ints(pads)});
}

Composed composeDft(DFTOp op, Composer &c) {
  Value input = op.getInput();
  int64_t rank = Composer::shape(input).size(), given = -2;
  if (op.getAxis()) {
    auto constant = getConstantIntegers(op.getAxis());
    if (!constant)
      return std::nullopt;
    given = constant->front();
  }
  int64_t axis = given < 0 ? given + rank : given;
  ArrayRef<int64_t> out = Composer::shape(op.getOutput());
  bool inverse = op.getInverse() != 0, onesided = op.getOnesided() != 0;
  int64_t length = Composer::shape(input)[axis];
  if (op.getDftLength()) {
    auto constant = getConstantIntegers(op.getDftLength());
    if (!constant)
      return std::nullopt;
    length = constant->front();
  } else if (inverse && onesided) {
    length = out[axis];
  }
  // The axis last, the parts apart.
  SmallVector<int64_t> order;
  for (int64_t d = 0; d < rank - 1; ++d)
    if (d != axis)
      order.push_back(d);
  order.push_back(axis);
  auto part = [&](int64_t which) {
    Value sliced = c.slice(input, rank - 1, which, which + 1);
    return c.transpose(c.reshape(sliced, Composer::shape(input).drop_back()), order);
  };
  bool complex = Composer::shape(input).back() == 2;
  Value real = part(0), imaginary = complex ? part(1) : Value();
  if (inverse && onesided) { // the other half of the spectrum is the conjugate
    int64_t half = length / 2 + 1, last = order.size() - 1;
    real = fit(c, real, half);
    imaginary = imaginary ? fit(c, imaginary, half) : imaginary;
    auto mirror = [&](Value value, bool negate) {
      Value rest = c.slice(value, last, length - half, 0, -1);
      return c.make("Concat", {value, negate ? c.make("Neg", {rest}) : rest}, c.attr("axis", last));
    };
    if (length > half) {
      real = mirror(real, false);
      imaginary = imaginary ? mirror(imaginary, true) : imaginary;
    }
  } else {
    real = fit(c, real, length);
    imaginary = imaginary ? fit(c, imaginary, length) : imaginary;
  }
  auto [re, im] = transform(c, real, imaginary, out[axis], length, inverse);
  SmallVector<int64_t> back(rank - 1), column;
  for (auto [position, d] : llvm::enumerate(order))
    back[d] = position;
  auto restore = [&](Value value) {
    value = c.transpose(value, back);
    SmallVector<int64_t> shape(Composer::shape(value));
    shape.push_back(1);
    return c.reshape(value, shape);
  };
  if (out.back() == 1)
    return {{restore(re)}};
  return {{c.make("Concat", {restore(re), restore(im)}, c.attr("axis", rank - 1))}};
}

/// Frames of the signal, windowed, transformed.
Composed composeStft(STFTOp op, Composer &c) {
  Value signal = op.getSignal();
  ArrayRef<int64_t> out = Composer::shape(op.getOutput());
  auto step = getConstantIntegers(op.getFrameStep());
  if (!step)
    return std::nullopt;
  int64_t frames = out[1], length = op.getWindow() ? Composer::shape(op.getWindow())[0] : 0;
  if (op.getFrameLength()) {
    auto constant = getConstantIntegers(op.getFrameLength());
    if (!constant)
      return std::nullopt;
    length = constant->front();
  }
  SmallVector<int64_t> positions;
  for (int64_t frame = 0; frame < frames; ++frame)
    for (int64_t i = 0; i < length; ++i)
      positions.push_back(frame * step->front() + i);
  Value index = c.reshape(c.ints(positions), {frames, length});
  ArrayRef<int64_t> shape = Composer::shape(signal);
  auto part = [&](int64_t which) {
    Value flat = shape.size() == 3 ? c.slice(signal, 2, which, which + 1) : signal;
    Value gathered = c.make("Gather", {c.reshape(flat, {shape[0], shape[1]}), index}, c.attr("axis", int64_t{1}));
    return op.getWindow() ? c.mul(gathered, op.getWindow()) : gathered;
  };
  bool complex = shape.size() == 3 && shape[2] == 2;
  auto [re, im] = transform(c, part(0), complex ? part(1) : Value(), out[2], length, false);
  SmallVector<int64_t> column{out[0], out[1], out[2], 1};
  return {{c.make("Concat", {c.reshape(re, column), c.reshape(im, column)}, c.attr("axis", int64_t{3}))}};
}

/// a0 - a1 cos(2 pi i / N) + a2 cos(4 pi i / N): a constant, for the size is one.
template <class Op>
Composed composeWindow(Op op, Composer &c, double a0, double a1, double a2) {
  auto type = cast<RankedTensorType>(op.getOutput().getType());
  int64_t size = type.getDimSize(0);
  double period = static_cast<double>(op.getPeriodic() ? size : size - 1);
  std::vector<double> values;
  for (int64_t i = 0; i < size; ++i) {
    double angle = period == 0 ? 0 : 2 * std::numbers::pi * static_cast<double>(i) / period;
    values.push_back(a0 - a1 * std::cos(angle) + a2 * std::cos(2 * angle));
  }
  return {{c.constant(type.getElementType(), type.getShape(), values)}};
}

Composed composeHann(HannWindowOp op, Composer &c) { return composeWindow(op, c, 0.5, 0.5, 0); }
Composed composeHamming(HammingWindowOp op, Composer &c) { return composeWindow(op, c, 25.0 / 46, 1 - 25.0 / 46, 0); }
Composed composeBlackman(BlackmanWindowOp op, Composer &c) { return composeWindow(op, c, 0.42, 0.5, 0.08); }

/// Triangles over the bins of a spectrum, spaced evenly on the mel scale: a constant, for all operands are.
Composed composeMel(MelWeightMatrixOp op, Composer &c) {
  auto number = [](Value value) {
    auto values = getConstantFloats(value);
    return values && values->size() == 1 ? std::optional(values->front()) : std::nullopt;
  };
  auto length = number(op.getDftLength()), rate = number(op.getSampleRate()), low = number(op.getLowerEdgeHertz()),
       high = number(op.getUpperEdgeHertz());
  if (!length || !rate || !low || !high)
    return std::nullopt;
  auto type = cast<RankedTensorType>(op.getOutput().getType());
  int64_t spectrum = type.getDimSize(0), bins = type.getDimSize(1);
  auto toMel = [](double hertz) { return 2595 * std::log1p(hertz / 700) / std::log(10.0); };
  double step = (toMel(*high) - toMel(*low)) / static_cast<double>(bins + 2);
  SmallVector<int64_t> edges;
  for (int64_t i = 0; i < bins + 2; ++i) {
    double hertz = 700 * std::expm1((static_cast<double>(i) * step + toMel(*low)) / 2595 * std::log(10.0));
    auto edge = static_cast<int64_t>(std::floor((*length + 1) * hertz / *rate));
    edges.push_back(std::clamp<int64_t>(edge, 0, spectrum - 1));
  }
  std::vector<double> values(spectrum * bins, 0);
  for (int64_t i = 0; i < bins; ++i) {
    int64_t left = edges[i], center = edges[i + 1], right = edges[i + 2];
    for (int64_t j = left; j <= center; ++j)
      values[j * bins + i] = left == center ? 1 : static_cast<double>(j - left) / static_cast<double>(center - left);
    for (int64_t j = center; j < right; ++j)
      values[j * bins + i] = static_cast<double>(right - j) / static_cast<double>(right - center);
  }
  return {{c.constant(type.getElementType(), type.getShape(), values)}};
}

} // namespace

void addImageDecompositions(RewritePatternSet &patterns) {
  MLIRContext *context = patterns.getContext();
  patterns.add<Decomposition<AffineGridOp>>(context, composeAffineGrid);
  patterns.add<Decomposition<CenterCropPadOp>>(context, composeCenterCropPad);
  patterns.add<Decomposition<DFTOp>>(context, composeDft);
  patterns.add<Decomposition<STFTOp>>(context, composeStft);
  patterns.add<Decomposition<MelWeightMatrixOp>>(context, composeMel);
  patterns.add<Decomposition<HannWindowOp>>(context, composeHann);
  patterns.add<Decomposition<HammingWindowOp>>(context, composeHamming);
  patterns.add<Decomposition<BlackmanWindowOp>>(context, composeBlackman);
}

} // namespace m2c::graph
