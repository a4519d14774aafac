// Lowers Resize to separable taps: both axes of an image at once, any other axes one after the other.
#include "ResizeTaps.h"
#include "Spatial.h"
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::lower;

namespace {

ResizeTaps identityTaps(int64_t size) {
  ResizeTaps taps;
  for (int64_t i = 0; i < size; ++i) {
    taps.index.push_back(static_cast<int32_t>(i));
    taps.weight.push_back(1);
  }
  return taps;
}

/// kernel.resize of a channels-last image.
Value createResize(OpBuilder &builder, Location loc, Value input, const ResizeTaps &rows, const ResizeTaps &columns) {
  RankedTensorType inType = tensorType(input);
  auto constant = [&](ArrayRef<int64_t> shape, Type element, auto values, StringRef name) -> Value {
    auto type = RankedTensorType::get(shape, element);
    ElementsAttr attribute = onnx::createConstant(type, values, name);
    return arith::ConstantOp::create(builder, loc, type, cast<TypedAttr>(attribute));
  };
  SmallVector<Value> tables;
  for (const ResizeTaps *taps : {&rows, &columns}) {
    SmallVector<int64_t> shape{static_cast<int64_t>(taps->index.size()) / taps->taps, taps->taps};
    tables.push_back(constant(shape, builder.getI32Type(), ArrayRef<int32_t>(taps->index), "resize_index"));
    tables.push_back(constant(shape, builder.getF32Type(), ArrayRef<float>(taps->weight), "resize_weight"));
  }
  auto type = RankedTensorType::get({inType.getDimSize(0), tensorType(tables[0]).getDimSize(0),
                                     tensorType(tables[2]).getDimSize(0), inType.getDimSize(3)},
                                    inType.getElementType());
  auto resize = kernel::ResizeOp::create(builder, loc, TypeRange{type}, input, tables[0], tables[1], tables[2],
                                         tables[3], ValueRange{}, ValueRange{createEmpty(builder, loc, type)},
                                         builder.getAffineMapArrayAttr({}));
  kernel::buildIdentityEpilogue(builder, loc, resize.getEpilogue(), type.getElementType());
  return resize->getResult(0);
}

struct LowerResize : OpConversionPattern<onnx::ResizeOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::ResizeOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = lower::getStaticResult(op, getTypeConverter(), rewriter);
    if (!type)
      return failure();
    auto inType = tensorType(adaptor.getX());
    int64_t rank = type.getRank();
    SmallVector<int64_t> axes;
    if (std::optional<ArrayRef<int64_t>> given = op.getAxes())
      for (int64_t axis : *given)
        axes.push_back(axis < 0 ? axis + rank : axis);
    else
      axes = llvm::to_vector(llvm::seq<int64_t>(0, rank));
    auto scales = adaptor.getScales() ? onnx::getConstantFloats(op.getScales()) : std::nullopt;
    auto sizes = adaptor.getSizes() ? onnx::getConstantIntegers(op.getSizes()) : std::nullopt;
    auto roi = adaptor.getRoi() ? onnx::getConstantFloats(op.getRoi()) : std::nullopt;
    bool byScales = scales && !scales->empty();
    if (!byScales && !(sizes && !sizes->empty()))
      return rewriter.notifyMatchFailure(op, "scales or sizes must be constant");
    ResizeMode mode{op.getMode(),           op.getCoordinateTransformationMode(), op.getNearestMode(),
                    op.getAntialias() != 0, op.getExcludeOutside() != 0,          op.getCubicCoeffA()};
    if (mode.coordinates == "tf_crop_and_resize" && (!roi || roi->size() != 2 * axes.size()))
      return rewriter.notifyMatchFailure(op, "roi must be constant");
    if (mode.mode != "nearest" && !inType.getElementType().isF32())
      return rewriter.notifyMatchFailure(op, "interpolation is supported for float32 only");

    SmallVector<std::optional<ResizeTaps>> tables(rank);
    double common = 0; // the one scale of keep_aspect_ratio_policy
    if (!byScales && op.getKeepAspectRatioPolicy() != "stretch") {
      bool smaller = op.getKeepAspectRatioPolicy() == "not_larger";
      for (auto [i, axis] : llvm::enumerate(axes)) {
        double scale = static_cast<double>((*sizes)[i]) / static_cast<double>(inType.getDimSize(axis));
        common = i == 0 ? scale : smaller ? std::min(common, scale) : std::max(common, scale);
      }
    }
    for (auto [i, axis] : llvm::enumerate(axes)) {
      int64_t in = inType.getDimSize(axis), out = type.getDimSize(axis);
      // ORT and the reference take a given scale as float32.
      double scale = byScales      ? (*scales)[i]
                     : common != 0 ? common
                                   : static_cast<double>(out) / static_cast<double>(in);
      if (in == out && scale == 1 && mode.coordinates != "tf_crop_and_resize")
        continue;
      double start = roi && roi->size() == 2 * axes.size() ? (*roi)[i] : 0;
      double end = roi && roi->size() == 2 * axes.size() ? (*roi)[i + axes.size()] : 1;
      if (in == out && start == 0 && end == 1 && mode.coordinates == "tf_crop_and_resize")
        continue;
      tables[axis] = getResizeTaps(mode, in, out, scale, start, end);
      if (tables[axis]->leavesInput && (op.getExtrapolationValue() != 0 || mode.mode == "nearest"))
        return rewriter.notifyMatchFailure(op, "extrapolation is supported with the value 0 and interpolation only");
    }

    Location loc = op.getLoc();
    Value value = adaptor.getX();
    bool image = (rank == 3 || rank == 4) && !tables[0] && !tables[1];
    if (image) {
      Value input = toChannelsLast(rewriter, loc, value);
      ArrayRef<int64_t> shape = tensorType(input).getShape();
      ResizeTaps rows = rank == 4 && tables[2] ? *tables[2] : identityTaps(shape[1]);
      ResizeTaps columns = tables[rank - 1] ? *tables[rank - 1] : identityTaps(shape[2]);
      value = fromChannelsLast(rewriter, loc, createResize(rewriter, loc, input, rows, columns),
                               RankedTensorType::get(type.getShape(), inType.getElementType()));
    } else {
      for (int64_t axis = 0; axis < rank; ++axis)
        if (tables[axis])
          value = resizeAxis(rewriter, loc, value, axis, *tables[axis]);
    }
    rewriter.replaceOp(op, value);
    return success();
  }

private:
  /// Any axis: what is before it is the batch, what is behind it the channels.
  static Value resizeAxis(OpBuilder &builder, Location loc, Value value, int64_t axis, const ResizeTaps &taps) {
    SmallVector<int64_t> shape(tensorType(value).getShape());
    int64_t before = 1, behind = 1;
    for (int64_t d = 0; d < axis; ++d)
      before *= shape[d];
    for (size_t d = axis + 1; d < shape.size(); ++d)
      behind *= shape[d];
    Value image = createReshape(builder, loc, value, toDims({before, 1, shape[axis], behind}));
    image = createResize(builder, loc, image, identityTaps(1), taps);
    shape[axis] = tensorType(image).getDimSize(2);
    return createReshape(builder, loc, image, toDims(shape));
  }
};

} // namespace

void lower::populateResizePatterns(OnnxTypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<LowerResize>(converter, patterns.getContext());
}
