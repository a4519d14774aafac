// Inference of resampling, image and signal operators.
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Graph/Infer.h"
#include <cmath>

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

LogicalResult inferResize(ResizeOp op, Inference &i) {
  Value x = op.getX();
  SmallVector<int64_t> axes = identityPermutation(i.rank(x)), shape(i.shape(x));
  if (op.getAxes()) {
    auto normal = i.axes(*op.getAxes(), i.rank(x));
    if (failed(normal))
      return failure();
    axes = *normal;
  }
  auto scales = i.floats(op.getScales());
  auto sizes = i.ints(op.getSizes());
  if (scales && scales->empty())
    scales.reset(); // an empty tensor stands for an absent one
  if (sizes && sizes->empty())
    sizes.reset();
  size_t given = scales ? scales->size() : sizes ? sizes->size() : axes.size();
  if (given != axes.size())
    return i.error() << (scales ? "scales" : "sizes") << " has " << given << " values but there are " << axes.size()
                     << " axes of " << describe(x);
  if (!scales && !sizes) {
    for (int64_t axis : axes)
      shape[axis] = kDynamic;
    return i.set(0, i.element(x), shape);
  }
  auto roi = op.getCoordinateTransformationMode() == "tf_crop_and_resize" ? i.floats(op.getRoi()) : std::nullopt;
  double ratio = 0; // of the policies that keep the aspect ratio
  bool smaller = op.getKeepAspectRatioPolicy() == "not_larger",
       keep = smaller || op.getKeepAspectRatioPolicy() == "not_smaller";
  if (sizes && keep)
    for (auto [n, axis] : llvm::enumerate(axes)) {
      double r = double((*sizes)[n]) / double(shape[axis]);
      ratio = n == 0 ? r : smaller ? std::min(ratio, r) : std::max(ratio, r);
    }
  for (auto [n, axis] : llvm::enumerate(axes)) {
    int64_t in = shape[axis];
    if (sizes && !keep)
      shape[axis] = (*sizes)[n];
    else if (in == kDynamic)
      continue;
    else if (sizes)
      shape[axis] = int64_t(std::floor(in * ratio + 0.5));
    else {
      // Scales are float32: 0.6 * 5 is 3 there.
      double part = roi && roi->size() == 2 * axes.size() ? (*roi)[n + axes.size()] - (*roi)[n] : 1;
      shape[axis] = int64_t(std::floor(float(in * part) * float((*scales)[n])));
    }
    if (shape[axis] < 1 && in > 0)
      return i.error() << "dimension " << axis << " of " << describe(x) << " would shrink to " << shape[axis];
  }
  return i.set(0, i.element(x), shape);
}

LogicalResult inferGridSample(GridSampleOp op, Inference &i) {
  Value x = op.getX(), grid = op.getGrid();
  if (failed(i.expectRank(x, 3, std::numeric_limits<int64_t>::max())) || failed(i.expectRank(grid, i.rank(x))))
    return failure();
  SmallVector<int64_t> shape(i.shape(x).take_front(2));
  llvm::append_range(shape, i.shape(grid).drop_front().drop_back());
  return i.set(0, i.element(x), shape);
}

LogicalResult inferRoiAlign(RoiAlignOp op, Inference &i) {
  if (failed(i.expectRank(op.getX(), 4)) || failed(i.expectRank(op.getRois(), 2)))
    return failure();
  return i.set(
      0, i.element(op.getX()),
      {i.shape(op.getRois())[0], i.shape(op.getX())[1], int64_t(op.getOutputHeight()), int64_t(op.getOutputWidth())});
}

LogicalResult inferAffineGrid(AffineGridOp op, Inference &i) {
  auto size = i.dims(op.getSize());
  if (!size || size->size() < 4)
    return i.unknown();
  SmallVector<int64_t> shape{(*size)[0]};
  llvm::append_range(shape, ArrayRef<int64_t>(*size).drop_front(2));
  shape.push_back(size->size() - 2);
  return i.set(0, i.element(op.getTheta()), shape);
}

template <class Op>
LogicalResult inferWindow(Op op, Inference &i) {
  Type element = getElementType(i.context(), op.getOutputDatatype());
  if (!element)
    return i.error() << "unknown element type " << op.getOutputDatatype();
  auto size = i.ints(op.getSize());
  return i.set(0, element, {size && size->size() == 1 ? size->front() : kDynamic});
}

LogicalResult inferDft(DFTOp op, Inference &i) {
  Value input = op.getInput();
  if (failed(i.expectRank(input, 2, std::numeric_limits<int64_t>::max())))
    return failure();
  SmallVector<int64_t> shape(i.shape(input));
  int64_t given = -2;
  if (auto axis = i.ints(op.getAxis()); axis && axis->size() == 1)
    given = axis->front();
  auto axis = i.axis(given, i.rank(input));
  if (failed(axis))
    return failure();
  if (op.getDftLength()) {
    auto length = i.ints(op.getDftLength());
    shape[*axis] = length && length->size() == 1 ? length->front() : kDynamic;
  }
  bool real = op.getOnesided() && op.getInverse();
  if (real && !op.getDftLength() && shape[*axis] != kDynamic)
    shape[*axis] = 2 * (shape[*axis] - 1); // the input is one half of the spectrum
  if (op.getOnesided() && !op.getInverse() && shape[*axis] != kDynamic)
    shape[*axis] = shape[*axis] / 2 + 1;
  shape.back() = real ? 1 : 2;
  return i.set(0, i.element(input), shape);
}

LogicalResult inferStft(STFTOp op, Inference &i) {
  Value signal = op.getSignal();
  if (failed(i.expectRank(signal, 2, 3)))
    return failure();
  auto step = i.ints(op.getFrameStep()), frame = i.ints(op.getFrameLength());
  int64_t length = frame && frame->size() == 1 ? frame->front()
                   : op.getWindow()            ? i.shape(op.getWindow())[0]
                                               : kDynamic;
  int64_t total = i.shape(signal)[1], frames = kDynamic;
  if (step && step->size() == 1 && step->front() > 0 && length != kDynamic && total != kDynamic)
    frames = (total - length) / step->front() + 1;
  int64_t bins = length == kDynamic ? kDynamic : op.getOnesided() ? length / 2 + 1 : length;
  return i.set(0, i.element(signal), {i.shape(signal)[0], frames, bins, 2});
}

LogicalResult inferCol2Im(Col2ImOp op, Inference &i) {
  auto image = i.dims(op.getImageShape()), block = i.ints(op.getBlockShape());
  if (failed(i.expectRank(op.getInput(), 3)))
    return failure();
  if (!image)
    return i.unknown();
  int64_t channels = i.shape(op.getInput())[1];
  if (block && channels != kDynamic)
    for (int64_t b : *block)
      channels /= std::max<int64_t>(b, 1);
  else
    channels = kDynamic;
  SmallVector<int64_t> shape{i.shape(op.getInput())[0], channels};
  llvm::append_range(shape, *image);
  return i.set(0, i.element(op.getInput()), shape);
}

LogicalResult inferMel(MelWeightMatrixOp op, Inference &i) {
  Type element = getElementType(i.context(), op.getOutputDatatype());
  if (!element)
    return i.error() << "unknown element type " << op.getOutputDatatype();
  auto bins = i.ints(op.getNumMelBins()), length = i.ints(op.getDftLength());
  return i.set(0, element, {length ? length->front() / 2 + 1 : kDynamic, bins ? bins->front() : kDynamic});
}

} // namespace

void addImageInference(InferenceRegistry &r) {
  r.add<ResizeOp>(inferResize);
  r.add<GridSampleOp>(inferGridSample);
  r.add<RoiAlignOp>(inferRoiAlign);
  r.add<AffineGridOp>(inferAffineGrid);
  r.add<BlackmanWindowOp>(inferWindow<BlackmanWindowOp>);
  r.add<HammingWindowOp>(inferWindow<HammingWindowOp>);
  r.add<HannWindowOp>(inferWindow<HannWindowOp>);
  r.add<DFTOp>(inferDft);
  r.add<STFTOp>(inferStft);
  r.add<Col2ImOp>(inferCol2Im);
  r.add<MelWeightMatrixOp>(inferMel);
}

} // namespace m2c::graph
