// Convolutions that are others with something before and behind.
#include "m2c/Graph/Decompose.h"
#include "m2c/Graph/Windows.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

/// A depthwise convolution over the last positions of the run before, then those of this one.
Composed composeCausalConv(CausalConvWithStateOp op, Composer &c) {
  Value input = op.getInput();
  ArrayRef<int64_t> shape = Composer::shape(input), state = Composer::shape(op.getPresentState());
  int64_t channels = shape[1], kept = state[2];
  Value past = op.getPastState();
  if (!past && kept != 0)
    past = c.make("Expand", {c.scalarLike(0, input), c.ints(state)});
  Value joined = kept == 0 ? input : c.make("Concat", {past, input}, c.attr("axis", int64_t{2}));
  Value y = c.make("Conv", {joined, op.getWeight(), op.getBias()}, c.attr("group", channels));
  if (op.getActivation() != "none")
    y = c.make("Swish", {y});
  int64_t length = shape[2] + kept;
  return {{y, c.slice(joined, 2, length - kept, length)}};
}

/// Where tap (ky, kx) of output (y, x) reads without an offset, along one dimension: [taps, outputs, 1] or [taps, 1,
/// outputs].
Value tapPositions(Composer &c, Type element, const Window &window, unsigned dim) {
  int64_t taps = window.kernel[0] * window.kernel[1], outputs = window.output[dim].getNumber();
  std::vector<double> positions;
  for (int64_t tap = 0; tap < taps; ++tap)
    for (int64_t o = 0; o < outputs; ++o) {
      int64_t k = dim == 0 ? tap / window.kernel[1] : tap % window.kernel[1];
      positions.push_back(static_cast<double>(o * window.strides[dim] - window.pads[dim] + k * window.dilations[dim]));
    }
  SmallVector<int64_t> shape{taps, 1, 1};
  shape[dim + 1] = outputs;
  return c.constant(element, shape, positions);
}

/// The taps are sampled where their offsets say (0 outside), masked, and multiplied by the filter.
Composed composeDeformConv(DeformConvOp op, Composer &c) {
  Value x = op.getX(), w = op.getW();
  ArrayRef<int64_t> in = Composer::shape(x), out = Composer::shape(op.getY()), filter = Composer::shape(w);
  if (in.size() != 4)
    return std::nullopt;
  std::string problem;
  WindowAttrs attrs = getWindowAttrs(op);
  attrs.kernel = filter.drop_front(2);
  auto window = resolveWindow(attrs, toDims(in.drop_front(2)), problem);
  if (!window)
    return std::nullopt;
  Type element = Composer::element(x);
  int64_t n = in[0], channels = in[1], offsets = op.getOffsetGroup(), group = op.getGroup();
  int64_t taps = filter[2] * filter[3], rows = out[2], columns = out[3];
  Value offset = c.reshape(op.getOffset(), {n * offsets, taps, 2, rows, columns});
  // Coordinates as GridSample has them: pixel p of extent e is (2 p + 1) / e - 1.
  auto coordinate = [&](unsigned dim) {
    Value moved = c.reshape(c.slice(offset, 2, dim, dim + 1), {n * offsets, taps, rows, columns});
    Value position = c.add(moved, tapPositions(c, element, *window, dim));
    double extent = static_cast<double>(in[dim + 2]);
    Value scaled = c.add(c.mul(position, 2 / extent), 1 / extent - 1);
    return c.reshape(scaled, {n * offsets, taps * rows, columns, 1});
  };
  Value grid = c.make("Concat", {coordinate(1), coordinate(0)}, c.attr("axis", int64_t{3}));
  Value sampled = c.make("GridSample", {c.reshape(x, {n * offsets, channels / offsets, in[2], in[3]}), grid},
                         {c.attr("mode", StringRef("linear")), c.attr("padding_mode", StringRef("zeros")),
                          c.attr("align_corners", int64_t{0})});
  if (op.getMask()) {
    Value mask = c.reshape(op.getMask(), {n * offsets, 1, taps * rows, columns});
    sampled = c.mul(sampled, mask);
  }
  Value patches = c.reshape(sampled, {n, group, channels / group * taps, rows * columns});
  Value weights = c.reshape(w, {group, out[1] / group, channels / group * taps});
  Value y = c.reshape(c.make("MatMul", {weights, patches}), out);
  if (op.getB())
    y = c.add(y, c.reshape(op.getB(), {out[1], 1, 1}));
  return {{y}};
}

} // namespace

void addConvDecompositions(RewritePatternSet &patterns) {
  patterns.add<Decomposition<CausalConvWithStateOp>>(patterns.getContext(), composeCausalConv);
  patterns.add<Decomposition<DeformConvOp>>(patterns.getContext(), composeDeformConv);
}

} // namespace m2c::graph
