// What the lowerings of convolution, pooling and resampling share.
#include "Spatial.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace m2c::lower {

Window getWindow(const WindowAttributes &attributes, RankedTensorType input, RankedTensorType output) {
  Window window;
  int64_t spatial = input.getRank() - 2;
  auto add = [&](int64_t kernel, int64_t stride, int64_t dilation, int64_t low, int64_t high) {
    window.kernel.push_back(kernel);
    window.strides.push_back(stride);
    window.dilations.push_back(dilation);
    window.low.push_back(low);
    window.high.push_back(high);
  };
  if (spatial == 1)
    add(1, 1, 1, 0, 0);
  for (int64_t d = 0; d < spatial; ++d) {
    int64_t kernel = attributes.kernel[d];
    int64_t stride = attributes.strides ? (*attributes.strides)[d] : 1;
    int64_t dilation = attributes.dilations ? (*attributes.dilations)[d] : 1;
    int64_t low = 0, high = 0;
    if (attributes.autoPad.starts_with("SAME")) {
      int64_t needed = (output.getDimSize(d + 2) - 1) * stride + (kernel - 1) * dilation + 1;
      int64_t total = std::max<int64_t>(needed - input.getDimSize(d + 2), 0);
      low = attributes.autoPad == "SAME_UPPER" ? total / 2 : total - total / 2;
      high = total - low;
    } else if (attributes.autoPad != "VALID" && attributes.pads) {
      low = (*attributes.pads)[d];
      high = (*attributes.pads)[d + spatial];
    }
    add(kernel, stride, dilation, low, high);
  }
  return window;
}

RankedTensorType getImageResult(Operation *op, const TypeConverter *converter, RewriterBase &rewriter,
                                unsigned result) {
  RankedTensorType type = getResult(op, converter, rewriter, result);
  if (!type)
    return {};
  auto isFixed = [](Type operand) {
    auto tensor = dyn_cast<RankedTensorType>(operand);
    return !tensor || tensor.getRank() == 0 || !ShapedType::isDynamicShape(tensor.getShape().drop_front());
  };
  if (isFixed(type) && llvm::all_of(op->getOperandTypes(), isFixed))
    return type;
  (void)rewriter.notifyMatchFailure(
      op, "of its dimensions only the batch can be left to the run; pin the others with --dim NAME=SIZE");
  return {};
}

Value toChannelsLast(OpBuilder &builder, Location loc, Value value) {
  RankedTensorType type = tensorType(value);
  if (type.getRank() == 4)
    return createTranspose(builder, loc, value, {0, 2, 3, 1});
  // The transpose stays next to the graph's other operators of rank 3, so that pairs of them cancel.
  Value transposed = createTranspose(builder, loc, value, {0, 2, 1});
  Dims dims = getDims(type);
  return createReshape(builder, loc, transposed, {dims[0], Dim(1), dims[2], dims[1]});
}

RankedTensorType channelsLastType(RankedTensorType type) {
  Dims shape = getDims(type);
  if (shape.size() == 3)
    return getTensorType({shape[0], Dim(1), shape[2], shape[1]}, type.getElementType());
  return getTensorType({shape[0], shape[2], shape[3], shape[1]}, type.getElementType());
}

Value fromChannelsLast(OpBuilder &builder, Location loc, Value value, RankedTensorType type) {
  Dims shape = getDims(type);
  if (shape.size() == 4)
    return createTranspose(builder, loc, value, {0, 3, 1, 2});
  Value collapsed = createReshape(builder, loc, value, {shape[0], shape[2], shape[1]});
  return createTranspose(builder, loc, collapsed, {0, 2, 1});
}

void buildBiasEpilogue(OpBuilder &builder, Location loc, Region &region, Type element, bool hasBias) {
  if (!hasBias)
    return kernel::buildIdentityEpilogue(builder, loc, region, element);
  OpBuilder::InsertionGuard guard(builder);
  Block *block = builder.createBlock(&region, {}, {element, element}, {loc, loc});
  Value acc = block->getArgument(0), bias = block->getArgument(1);
  Value sum = isa<FloatType>(element) ? arith::AddFOp::create(builder, loc, acc, bias).getResult()
                                      : arith::AddIOp::create(builder, loc, acc, bias).getResult();
  kernel::YieldOp::create(builder, loc, sum);
}

Value createConv(OpBuilder &builder, Location loc, Value input, Value filter, Value bias, RankedTensorType type,
                 const Window &window, int64_t groups) {
  MLIRContext *context = builder.getContext();
  Value init = createEmpty(builder, loc, type);
  SmallVector<Value> extras;
  SmallVector<AffineMap> maps;
  if (bias) {
    extras.push_back(bias);
    maps.push_back(AffineMap::get(4, 0, builder.getAffineDimExpr(3), context));
  }
  ArrayAttr extraMaps = builder.getAffineMapArrayAttr(maps);
  ArrayRef<int64_t> filterShape = tensorType(filter).getShape();
  int64_t channels = tensorType(input).getDimSize(3);
  Operation *op;
  Region *epilogue;
  if (groups > 1 && groups == channels && filterShape[0] == channels) {
    Value perTap = createReshape(builder, loc, filter, {Dim(channels), Dim(filterShape[2]), Dim(filterShape[3])});
    perTap = createTranspose(builder, loc, perTap, {1, 2, 0});
    auto depthwise = kernel::DepthwiseConvOp::create(builder, loc, TypeRange{type}, input, perTap, extras,
                                                     ValueRange{init}, window.strides, window.dilations, extraMaps);
    op = depthwise;
    epilogue = &depthwise.getEpilogue();
  } else {
    auto conv = kernel::ConvOp::create(builder, loc, TypeRange{type}, input, filter, extras, ValueRange{init},
                                       /*scratch=*/Value(), window.kernel, window.strides, window.dilations,
                                       static_cast<uint64_t>(groups), extraMaps, /*panel=*/IntegerAttr(),
                                       /*winograd_tile=*/DenseI64ArrayAttr());
    op = conv;
    epilogue = &conv.getEpilogue();
  }
  buildBiasEpilogue(builder, loc, *epilogue, type.getElementType(), bias != nullptr);
  return op->getResult(0);
}

} // namespace m2c::lower
