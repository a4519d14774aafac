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
  SmallVector<int64_t> axes = identityPermutation(i.rank(x));
  Dims shape(i.shape(x));
  if (op.getAxes()) {
    auto normal = i.axes(*op.getAxes(), i.rank(x));
    if (failed(normal))
      return failure();
    axes = *normal;
  }
  auto scales = i.floats(op.getScales());
  auto sizes = i.knownDims(op.getSizes());
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
      shape[axis] = Dim::unknown();
    return i.set(0, i.element(x), shape);
  }
  auto roi = op.getCoordinateTransformationMode() == "tf_crop_and_resize" ? i.floats(op.getRoi()) : std::nullopt;
  double ratio = 0; // of the policies that keep the aspect ratio
  bool smaller = op.getKeepAspectRatioPolicy() == "not_larger",
       keep = smaller || op.getKeepAspectRatioPolicy() == "not_smaller";
  if (sizes && keep)
    for (auto [n, axis] : llvm::enumerate(axes)) {
      if (!(*sizes)[n].isNumber() || !shape[axis].isNumber())
        return i.error() << "keep_aspect_ratio_policy needs sizes that are known at conversion";
      double r = double((*sizes)[n].getNumber()) / double(shape[axis].getNumber());
      ratio = n == 0 ? r : smaller ? std::min(ratio, r) : std::max(ratio, r);
    }
  for (auto [n, axis] : llvm::enumerate(axes)) {
    Dim in = shape[axis];
    double part = roi && roi->size() == 2 * axes.size() ? (*roi)[n + axes.size()] - (*roi)[n] : 1;
    if (sizes && !keep)
      shape[axis] = (*sizes)[n];
    else if (!in.isNumber()) // a scale by a whole number is an expression
      shape[axis] = scales && part == 1 && (*scales)[n] == std::floor((*scales)[n]) ? in * int64_t((*scales)[n])
                    : scales && part == 1 && 1 / (*scales)[n] == std::floor(1 / (*scales)[n])
                        ? in.floorDiv(int64_t(1 / (*scales)[n]))
                        : Dim::unknown();
    else if (sizes)
      shape[axis] = int64_t(std::floor(in.getNumber() * ratio + 0.5));
    else // Scales are float32: 0.6 * 5 is 3 there.
      shape[axis] = int64_t(std::floor(float(in.getNumber() * part) * float((*scales)[n])));
    if (shape[axis].isNumber() && shape[axis].getNumber() < 1 && in != 0)
      return i.error() << "dimension " << axis << " of " << describe(x) << " would shrink to "
                       << shape[axis].getNumber();
  }
  return i.set(0, i.element(x), shape);
}

LogicalResult inferGridSample(GridSampleOp op, Inference &i) {
  Value x = op.getX(), grid = op.getGrid();
  if (failed(i.expectRank(x, 3, std::numeric_limits<int64_t>::max())) || failed(i.expectRank(grid, i.rank(x))))
    return failure();
  Dims shape(i.shape(x).take_front(2));
  llvm::append_range(shape, i.shape(grid).drop_front().drop_back());
  return i.set(0, i.element(x), shape);
}

LogicalResult inferRoiAlign(RoiAlignOp op, Inference &i) {
  if (failed(i.expectRank(op.getX(), 4)) || failed(i.expectRank(op.getRois(), 2)))
    return failure();
  return i.set(0, i.element(op.getX()),
               {i.shape(op.getRois())[0], i.shape(op.getX())[1], Dim(op.getOutputHeight()), Dim(op.getOutputWidth())});
}

LogicalResult inferAffineGrid(AffineGridOp op, Inference &i) {
  auto size = i.dims(op.getSize());
  if (!size || size->size() < 4)
    return i.unknown();
  Dims shape{(*size)[0]};
  llvm::append_range(shape, ArrayRef<Dim>(*size).drop_front(2));
  shape.push_back(int64_t(size->size()) - 2);
  return i.set(0, i.element(op.getTheta()), shape);
}

template <class Op>
LogicalResult inferWindow(Op op, Inference &i) {
  Type element = getElementType(i.context(), op.getOutputDatatype());
  if (!element)
    return i.error() << "unknown element type " << op.getOutputDatatype();
  auto size = i.knownDims(op.getSize());
  return i.set(0, element, {size && size->size() == 1 ? size->front() : Dim::unknown()});
}

LogicalResult inferDft(DFTOp op, Inference &i) {
  Value input = op.getInput();
  if (failed(i.expectRank(input, 2, std::numeric_limits<int64_t>::max())))
    return failure();
  Dims shape(i.shape(input));
  int64_t given = -2;
  if (auto axis = i.ints(op.getAxis()); axis && axis->size() == 1)
    given = axis->front();
  auto axis = i.axis(given, i.rank(input));
  if (failed(axis))
    return failure();
  if (op.getDftLength()) {
    auto length = i.knownDims(op.getDftLength());
    shape[*axis] = length && length->size() == 1 ? length->front() : Dim::unknown();
  }
  bool real = op.getOnesided() && op.getInverse();
  if (real && !op.getDftLength())
    shape[*axis] = (shape[*axis] - 1) * 2; // the input is one half of the spectrum
  if (op.getOnesided() && !op.getInverse())
    shape[*axis] = shape[*axis].floorDiv(2) + 1;
  shape.back() = Dim(real ? 1 : 2);
  return i.set(0, i.element(input), shape);
}

LogicalResult inferStft(STFTOp op, Inference &i) {
  Value signal = op.getSignal();
  if (failed(i.expectRank(signal, 2, 3)))
    return failure();
  auto step = i.ints(op.getFrameStep()), frame = i.ints(op.getFrameLength());
  Dim length = frame && frame->size() == 1 ? Dim(frame->front())
               : op.getWindow()            ? i.shape(op.getWindow())[0]
                                           : Dim::unknown();
  Dim frames = Dim::unknown();
  if (step && step->size() == 1 && step->front() > 0)
    frames = (i.shape(signal)[1] - length).floorDiv(step->front()) + 1;
  Dim bins = op.getOnesided() ? length.floorDiv(2) + 1 : length;
  return i.set(0, i.element(signal), {i.shape(signal)[0], frames, bins, Dim(2)});
}

LogicalResult inferCol2Im(Col2ImOp op, Inference &i) {
  auto image = i.dims(op.getImageShape());
  auto block = i.ints(op.getBlockShape());
  if (failed(i.expectRank(op.getInput(), 3)))
    return failure();
  if (!image)
    return i.unknown();
  Dim channels = block ? i.shape(op.getInput())[1] : Dim::unknown();
  if (block)
    for (int64_t b : *block)
      channels = channels.floorDiv(std::max<int64_t>(b, 1));
  Dims shape{i.shape(op.getInput())[0], channels};
  llvm::append_range(shape, *image);
  return i.set(0, i.element(op.getInput()), shape);
}

LogicalResult inferMel(MelWeightMatrixOp op, Inference &i) {
  Type element = getElementType(i.context(), op.getOutputDatatype());
  if (!element)
    return i.error() << "unknown element type " << op.getOutputDatatype();
  auto bins = i.ints(op.getNumMelBins()), length = i.ints(op.getDftLength());
  return i.set(0, element,
               {length ? Dim(length->front() / 2 + 1) : Dim::unknown(), bins ? Dim(bins->front()) : Dim::unknown()});
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
