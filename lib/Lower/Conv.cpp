// Lowers Conv and ConvTranspose to channels-last kernels on padded inputs.
#include "ConvLoops.h"
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::lower;

namespace {

/// [O, I, K] to [O, I, 1, K]; a filter of rank 4 as it is.
Value toRank4(OpBuilder &builder, Location loc, Value filter) {
  ArrayRef<int64_t> shape = tensorType(filter).getShape();
  return shape.size() == 4 ? filter
                           : createReshape(builder, loc, filter, {Dim(shape[0]), Dim(shape[1]), Dim(1), Dim(shape[2])});
}

/// Conv, or that of 16-bit integers.
template <class Op>
struct LowerConv : OpConversionPattern<Op> {
  using OpConversionPattern<Op>::OpConversionPattern;

  LogicalResult matchAndRewrite(Op op, typename Op::Adaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = getImageResult(op, this->getTypeConverter(), rewriter);
    if (!type)
      return failure();
    constexpr bool isInteger = std::is_same_v<Op, onnx::OwnIntegerConvOp>;
    Value bias;
    if constexpr (!isInteger)
      bias = adaptor.getB();
    Location loc = op.getLoc();
    ArrayRef<int64_t> kernel = tensorType(adaptor.getW()).getShape().drop_front(2);
    Window window = getWindow({op.getAutoPad(), kernel, op.getStrides(), op.getDilations(), op.getPads()},
                              tensorType(adaptor.getX()), type);
    bool hasKernel = isInteger || isa<FloatType>(type.getElementType());
    if ((type.getRank() != 3 && type.getRank() != 4) || !hasKernel) {
      if (!getStaticResult(op, this->getTypeConverter(), rewriter))
        return failure();
      rewriter.replaceOp(op, createConvLoops(rewriter, loc, adaptor.getX(), adaptor.getW(), bias, type, window,
                                             static_cast<int64_t>(op.getGroup())));
      return success();
    }
    RankedTensorType outType = channelsLastType(type);
    Value input = toChannelsLast(rewriter, loc, adaptor.getX());
    // Padding that no window reaches is left out.
    SmallVector<int64_t> low(4, 0), high(4, 0);
    for (unsigned d = 0; d < 2; ++d) {
      int64_t needed = (outType.getDimSize(d + 1) - 1) * window.strides[d] + window.span(d);
      low[d + 1] = window.low[d];
      high[d + 1] = std::max<int64_t>(needed - tensorType(input).getDimSize(d + 1) - window.low[d], 0);
    }
    input = createPad(rewriter, loc, input, low, high);
    Value result = createConv(rewriter, loc, input, toRank4(rewriter, loc, adaptor.getW()), bias, outType, window,
                              static_cast<int64_t>(op.getGroup()));
    rewriter.replaceOp(op, fromChannelsLast(rewriter, loc, result, type));
    return success();
  }
};

/// The taps of one dimension that meet output positions r, r + stride, r + 2 stride ...: a convolution of stride 1.
struct Phase {
  int64_t first;   ///< r
  int64_t outputs; ///< how many positions
  int64_t tap;     ///< the first tap; the others follow by the stride
  int64_t taps;    ///< how many
  int64_t start;   ///< the input position that the last tap reads for output r; may lie outside
};

/// Splits y = stride * i - pad + k (out from in, by tap k) by y modulo the stride.
SmallVector<Phase> getPhases(int64_t outSize, int64_t kernel, int64_t stride, int64_t pad) {
  SmallVector<Phase> phases;
  for (int64_t r = 0; r < std::min(stride, outSize); ++r) {
    int64_t tap = (r + pad) % stride;
    int64_t taps = tap < kernel ? (kernel - 1 - tap) / stride + 1 : 0;
    phases.push_back({r, (outSize - 1 - r) / stride + 1, tap, taps, (r + pad - tap) / stride - (taps - 1)});
  }
  return phases;
}

/// A transposed convolution is, for each output phase modulo the strides, an ordinary convolution of stride 1 by the
/// taps that meet it, stored to every stride-th pixel: no multiplication by an inserted zero, no sum in memory.
struct LowerConvTranspose : OpConversionPattern<onnx::ConvTransposeOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::ConvTransposeOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = getStaticResult(op, getTypeConverter(), rewriter);
    if (!type)
      return failure();
    Location loc = op.getLoc();
    if (type.getRank() != 3 && type.getRank() != 4) {
      Geometry all =
          getGeometry(op, tensorType(adaptor.getX()), type, tensorType(adaptor.getW()).getShape().drop_front(2));
      auto list = [](ArrayRef<int64_t> values) { return SmallVector<int64_t>(values); };
      TransposedWindow window{list(all.strides), list(all.dilations), list(all.pads)};
      rewriter.replaceOp(op, createConvTransposeLoops(rewriter, loc, adaptor.getX(), adaptor.getW(), adaptor.getB(),
                                                      type, window, all.groups));
      return success();
    }
    Value filter = toRank4(rewriter, loc, adaptor.getW());
    Value input = toChannelsLast(rewriter, loc, adaptor.getX());
    Geometry geometry = getGeometry(op, tensorType(adaptor.getX()), type, tensorType(filter).getShape().drop_front(2));
    bool dilated = llvm::any_of(geometry.dilations, [](int64_t d) { return d != 1; });
    Value result = dilated
                       ? lowerByZeros(rewriter, loc, input, filter, adaptor.getB(), channelsLastType(type), geometry)
                       : lowerByPhases(rewriter, loc, input, filter, adaptor.getB(), channelsLastType(type), geometry);
    rewriter.replaceOp(op, fromChannelsLast(rewriter, loc, result, type));
    return success();
  }

private:
  struct Geometry {
    SmallVector<int64_t, 2> kernel, strides, dilations, pads;
    int64_t groups;
  };

  static Geometry getGeometry(onnx::ConvTransposeOp op, RankedTensorType input, RankedTensorType output,
                              ArrayRef<int64_t> kernel) {
    Geometry geometry{SmallVector<int64_t, 2>(kernel), {}, {}, {}, static_cast<int64_t>(op.getGroup())};
    int64_t spatial = input.getRank() - 2, dims = kernel.size();
    for (int64_t d = spatial - dims; d < spatial; ++d) {
      auto at = [&](std::optional<ArrayRef<int64_t>> values, int64_t otherwise) {
        return d >= 0 && values ? (*values)[d] : otherwise;
      };
      int64_t stride = at(op.getStrides(), 1), dilation = at(op.getDilations(), 1), pad = at(op.getPads(), 0);
      bool same = op.getAutoPad().starts_with("SAME");
      if (d >= 0 && (same || op.getOutputShape())) {
        int64_t total =
            std::max<int64_t>(stride * (input.getDimSize(d + 2) - 1) + at(op.getOutputPadding(), 0) +
                                  (geometry.kernel[d + dims - spatial] - 1) * dilation + 1 - output.getDimSize(d + 2),
                              0);
        pad = op.getAutoPad() == "SAME_UPPER" ? total / 2 : total - total / 2;
      }
      geometry.strides.push_back(stride);
      geometry.dilations.push_back(dilation);
      geometry.pads.push_back(op.getAutoPad() == "VALID" ? 0 : pad);
    }
    return geometry;
  }

  /// W [groups*I, O, KH, KW] to the filter [groups*O, I, .., ..] of the taps tap, tap + step ... backwards.
  static Value turnFilter(OpBuilder &builder, Location loc, Value filter, int64_t groups, ArrayRef<int64_t> tap,
                          ArrayRef<int64_t> taps, ArrayRef<int64_t> step) {
    ArrayRef<int64_t> shape = tensorType(filter).getShape();
    int64_t ins = shape[0] / groups, outs = shape[1];
    auto type = RankedTensorType::get({groups * outs, ins, taps[0], taps[1]}, tensorType(filter).getElementType());
    auto sourceOf = [&](int64_t o, int64_t i, int64_t h, int64_t w) {
      int64_t kh = tap[0] + (taps[0] - 1 - h) * step[0], kw = tap[1] + (taps[1] - 1 - w) * step[1];
      return (((o / outs * ins + i) * outs + o % outs) * shape[2] + kh) * shape[3] + kw;
    };
    ElementsAttr constant;
    Value source = filter;
    while (auto reshape = source.getDefiningOp<tensor::ExpandShapeOp>())
      source = reshape.getSrc();
    if (auto op = source.getDefiningOp<arith::ConstantOp>())
      constant = dyn_cast<ElementsAttr>(op.getValue());
    std::optional<onnx::ConstantData> data = constant ? onnx::readConstant(constant) : std::nullopt;
    if (data && type.getElementType().isF32()) {
      ArrayRef<float> from = data->as<float>();
      onnx::ConstantBuffer buffer(type);
      float *to = buffer.as<float>().begin();
      for (int64_t o = 0; o < groups * outs; ++o)
        for (int64_t i = 0; i < ins; ++i)
          for (int64_t h = 0; h < taps[0]; ++h)
            for (int64_t w = 0; w < taps[1]; ++w)
              *to++ = from[sourceOf(o, i, h, w)];
      return arith::ConstantOp::create(builder, loc, type, cast<TypedAttr>(std::move(buffer).finish("filter")));
    }
    // Known only at run time: gathered tap by tap.
    auto grouped = createReshape(builder, loc, filter, toDims({groups, ins, outs, shape[2], shape[3]}));
    auto wide = RankedTensorType::get({groups, outs, ins, taps[0], taps[1]}, type.getElementType());
    SmallVector<AffineExpr> dims(5);
    bindDimsList(builder.getContext(), MutableArrayRef<AffineExpr>(dims));
    auto reversed = [&](unsigned d) { return dims[3 + d] * -step[d] + (tap[d] + (taps[d] - 1) * step[d]); };
    AffineMap read = AffineMap::get(5, 0, {dims[0], dims[2], dims[1], reversed(0), reversed(1)}, builder.getContext());
    SmallVector<AffineMap> maps{read, AffineMap::getMultiDimIdentityMap(5, builder.getContext())};
    SmallVector<utils::IteratorType> iterators(5, utils::IteratorType::parallel);
    Value turned =
        linalg::GenericOp::create(
            builder, loc, TypeRange{wide}, ValueRange{grouped}, ValueRange{createEmpty(builder, loc, wide)}, maps,
            iterators, [](OpBuilder &b, Location l, ValueRange args) { linalg::YieldOp::create(b, l, args[0]); })
            .getResult(0);
    return createReshape(builder, loc, turned, getDims(type));
  }

  static Value lowerByPhases(OpBuilder &builder, Location loc, Value input, Value filter, Value bias,
                             RankedTensorType type, const Geometry &geometry) {
    SmallVector<Phase> phases[2];
    SmallVector<int64_t> low(4, 0), high(4, 0);
    for (unsigned d = 0; d < 2; ++d) {
      phases[d] = getPhases(type.getDimSize(d + 1), geometry.kernel[d], geometry.strides[d], geometry.pads[d]);
      for (const Phase &phase : phases[d]) {
        if (phase.taps == 0)
          continue;
        low[d + 1] = std::max(low[d + 1], -phase.start);
        high[d + 1] =
            std::max(high[d + 1], phase.start + phase.outputs + phase.taps - 1 - tensorType(input).getDimSize(d + 1));
      }
    }
    Value padded = createPad(builder, loc, input, low, high);
    RankedTensorType paddedType = tensorType(padded);
    Value joined = createEmpty(builder, loc, type);
    int64_t batch = type.getDimSize(0), channels = type.getDimSize(3);
    MLIRContext *context = builder.getContext();
    for (const Phase &y : phases[0]) {
      for (const Phase &x : phases[1]) {
        auto partType = RankedTensorType::get({batch, y.outputs, x.outputs, channels}, type.getElementType());
        Value part;
        if (y.taps == 0 || x.taps == 0) {
          part = bias ? createElementwise(builder, loc, partType, {bias},
                                          [](OpBuilder &, Location, ValueRange args) { return args[0]; })
                      : createFilled(builder, loc, partType, 0);
        } else {
          Value window =
              createSlice(builder, loc, padded, toDims({0, y.start + low[1], x.start + low[2], 0}),
                          toDims({batch, y.outputs + y.taps - 1, x.outputs + x.taps - 1, paddedType.getDimSize(3)}));
          Value taps =
              turnFilter(builder, loc, filter, geometry.groups, {y.tap, x.tap}, {y.taps, x.taps}, geometry.strides);
          Window ones{{y.taps, x.taps}, {1, 1}, {1, 1}, {0, 0}, {0, 0}};
          part = createConv(builder, loc, window, taps, bias, partType, ones, geometry.groups);
        }
        if (partType == type)
          return part;
        joined = tensor::InsertSliceOp::create(
            builder, loc, part, joined, getAsIndexOpFoldResult(context, ArrayRef<int64_t>{0, y.first, x.first, 0}),
            getAsIndexOpFoldResult(context, partType.getShape()),
            getAsIndexOpFoldResult(context, ArrayRef<int64_t>{1, geometry.strides[0], geometry.strides[1], 1}));
      }
    }
    return joined;
  }

  /// With dilated taps: the input spread by zeros, convolved by the filter turned round.
  static Value lowerByZeros(OpBuilder &builder, Location loc, Value input, Value filter, Value bias,
                            RankedTensorType type, const Geometry &geometry) {
    RankedTensorType inType = tensorType(input);
    Window window{geometry.kernel, {1, 1}, geometry.dilations, {0, 0}, {0, 0}};
    SmallVector<int64_t> shape(inType.getShape()), offsets(4, 0), steps(4, 1);
    for (unsigned d = 0; d < 2; ++d) {
      shape[d + 1] = type.getDimSize(d + 1) + window.span(d) - 1;
      offsets[d + 1] = window.span(d) - 1 - geometry.pads[d];
      steps[d + 1] = geometry.strides[d];
    }
    // Input positions that fall outside the spread image reach no output.
    SmallVector<int64_t> from(4, 0), sizes(inType.getShape());
    for (unsigned d = 1; d < 3; ++d) {
      while (offsets[d] < 0) {
        offsets[d] += steps[d];
        ++from[d];
      }
      sizes[d] = std::min(inType.getDimSize(d) - from[d], (shape[d] - 1 - offsets[d]) / steps[d] + 1);
    }
    MLIRContext *context = builder.getContext();
    Value zeros = createFilled(builder, loc, RankedTensorType::get(shape, inType.getElementType()), 0);
    Value used = sizes == inType.getShape() ? input : createSlice(builder, loc, input, toDims(from), toDims(sizes));
    Value spread =
        tensor::InsertSliceOp::create(builder, loc, used, zeros, getAsIndexOpFoldResult(context, offsets),
                                      getAsIndexOpFoldResult(context, sizes), getAsIndexOpFoldResult(context, steps));
    Value turned = turnFilter(builder, loc, filter, geometry.groups, {0, 0}, geometry.kernel, {1, 1});
    return createConv(builder, loc, spread, turned, bias, type, window, geometry.groups);
  }
};

} // namespace

void lower::populateConvPatterns(OnnxTypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<LowerConv<onnx::ConvOp>, LowerConv<onnx::OwnIntegerConvOp>, LowerConvTranspose>(converter,
                                                                                               patterns.getContext());
}
