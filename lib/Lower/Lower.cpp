// Helpers that the lowering patterns of all operator families share.
#include "m2c/Lower/Lower.h"
#include "m2c/Dialect/Onnx/Constants.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/ReshapeOpsUtils.h"

using namespace mlir;

namespace m2c::lower {

OnnxTypeConverter::OnnxTypeConverter() {
  addConversion([](Type type) { return type; });
  addConversion([](RankedTensorType type) -> Type {
    auto integer = dyn_cast<IntegerType>(type.getElementType());
    if (!integer || (integer.isSignless() && (integer.getWidth() == 1 || integer.getWidth() >= 8)))
      return type;
    return RankedTensorType::get(type.getShape(), IntegerType::get(type.getContext(), std::max(8u, integer.getWidth())),
                                 type.getEncoding());
  });
  auto cast = [](OpBuilder &builder, Type type, ValueRange inputs, Location loc) -> Value {
    return UnrealizedConversionCastOp::create(builder, loc, type, inputs).getResult(0);
  };
  addSourceMaterialization(cast);
  addTargetMaterialization(cast);
}

RankedTensorType getStaticResult(Operation *op, const TypeConverter *converter, RewriterBase &rewriter,
                                 unsigned result) {
  auto isStatic = [](Type type) {
    auto tensor = dyn_cast_or_null<RankedTensorType>(type);
    return tensor && tensor.hasStaticShape();
  };
  Type type = converter->convertType(op->getResult(result).getType());
  if (isStatic(type) && llvm::all_of(op->getOperandTypes(), isStatic))
    return cast<RankedTensorType>(type);
  (void)rewriter.notifyMatchFailure(op, "needs static shapes");
  return {};
}

Value createScalar(OpBuilder &builder, Location loc, Type type, double value) {
  if (auto floatType = dyn_cast<FloatType>(type))
    return arith::ConstantOp::create(builder, loc, builder.getFloatAttr(floatType, value));
  return arith::ConstantOp::create(builder, loc, builder.getIntegerAttr(type, static_cast<int64_t>(value)));
}

Value createFilled(OpBuilder &builder, Location loc, RankedTensorType type, double value) {
  Value scalar = createScalar(builder, loc, type.getElementType(), value);
  return linalg::FillOp::create(builder, loc, scalar, createEmpty(builder, loc, type)).getResult(0);
}

Value createReshape(OpBuilder &builder, Location loc, Value value, ArrayRef<int64_t> shape) {
  auto from = tensorType(value);
  auto to = RankedTensorType::get(shape, from.getElementType());
  if (from == to)
    return value;
  if (auto groups = getReassociationIndicesForReshape(from, to)) {
    if (from.getRank() > to.getRank())
      return tensor::CollapseShapeOp::create(builder, loc, to, value, *groups);
    if (from.getRank() < to.getRank())
      return tensor::ExpandShapeOp::create(builder, loc, to, value, *groups);
  }
  if (from.getNumElements() == 0) // products of extents tell nothing, and there is nothing to carry over
    return createEmpty(builder, loc, to);
  // By way of the finest shape that both refine, without unit dimensions: groups of dimensions with equal products.
  SmallVector<int64_t> common;
  for (size_t i = 0, j = 0; i < from.getShape().size() && j < shape.size();) {
    int64_t a = from.getDimSize(i++), b = shape[j++];
    while (a != b) {
      if (a < b)
        a *= from.getDimSize(i++);
      else
        b *= shape[j++];
    }
    if (a != 1)
      common.push_back(a);
  }
  auto commonType = RankedTensorType::get(common, from.getElementType());
  auto groupsOf = [&](RankedTensorType type) {
    SmallVector<ReassociationIndices> groups(common.size());
    int64_t dim = 0, rank = type.getRank();
    for (size_t g = 0; g < common.size(); ++g) {
      for (int64_t product = 1; product != common[g] || groups[g].empty(); ++dim) {
        product *= type.getDimSize(dim);
        groups[g].push_back(dim);
      }
      for (; dim < rank && type.getDimSize(dim) == 1; ++dim)
        groups[g].push_back(dim);
    }
    return groups;
  };
  if (commonType != from)
    value = tensor::CollapseShapeOp::create(builder, loc, commonType, value, groupsOf(from));
  if (commonType != to)
    value = tensor::ExpandShapeOp::create(builder, loc, to, value, groupsOf(to));
  return value;
}

Value createPad(OpBuilder &builder, Location loc, Value value, ArrayRef<int64_t> low, ArrayRef<int64_t> high,
                double padding) {
  auto isZero = [](int64_t width) { return width == 0; };
  if (llvm::all_of(low, isZero) && llvm::all_of(high, isZero))
    return value;
  Value scalar = createScalar(builder, loc, tensorType(value).getElementType(), padding);
  return tensor::PadOp::create(builder, loc, Type(), value, getAsIndexOpFoldResult(builder.getContext(), low),
                               getAsIndexOpFoldResult(builder.getContext(), high), scalar);
}

Value createSlice(OpBuilder &builder, Location loc, Value value, ArrayRef<int64_t> offsets, ArrayRef<int64_t> sizes,
                  ArrayRef<int64_t> strides) {
  SmallVector<int64_t> ones(offsets.size(), 1);
  MLIRContext *context = builder.getContext();
  return tensor::ExtractSliceOp::create(
      builder, loc, value, getAsIndexOpFoldResult(context, offsets), getAsIndexOpFoldResult(context, sizes),
      getAsIndexOpFoldResult(context, strides.empty() ? ArrayRef<int64_t>(ones) : strides));
}

AffineMap getBroadcastMap(MLIRContext *context, ArrayRef<int64_t> shape, ArrayRef<int64_t> result) {
  SmallVector<AffineExpr> exprs;
  size_t shift = result.size() - shape.size();
  for (size_t i = 0; i < shape.size(); ++i) {
    bool broadcast = shape[i] == 1 && result[i + shift] != 1;
    exprs.push_back(broadcast ? getAffineConstantExpr(0, context) : getAffineDimExpr(i + shift, context));
  }
  return AffineMap::get(result.size(), 0, exprs, context);
}

Value createElementwise(OpBuilder &builder, Location loc, RankedTensorType type, ValueRange inputs, ScalarFn body) {
  MLIRContext *context = builder.getContext();
  SmallVector<Value> operands;
  SmallVector<AffineMap> maps;
  SmallVector<std::optional<TypedAttr>> constants; // per input: its one value, if it is such a constant
  for (Value input : inputs) {
    std::optional<TypedAttr> splat;
    if (auto constant = input.getDefiningOp<arith::ConstantOp>())
      if (auto elements = dyn_cast<ElementsAttr>(constant.getValue()))
        if (std::optional<double> value = onnx::getSplat(elements)) {
          Type element = tensorType(input).getElementType();
          if (isa<FloatType>(element))
            splat = builder.getFloatAttr(element, *value);
          else if (auto integers = onnx::getIntegers(elements); integers && !integers->empty())
            splat = builder.getIntegerAttr(element, integers->front());
        }
    constants.push_back(splat);
    if (splat)
      continue;
    operands.push_back(input);
    maps.push_back(getBroadcastMap(context, tensorType(input).getShape(), type.getShape()));
  }
  maps.push_back(AffineMap::getMultiDimIdentityMap(type.getRank(), context));
  SmallVector<utils::IteratorType> iterators(type.getRank(), utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      builder, loc, type, operands, createEmpty(builder, loc, type), maps, iterators,
      [&](OpBuilder &inner, Location innerLoc, ValueRange arguments) {
        SmallVector<Value> scalars;
        size_t next = 0;
        for (const std::optional<TypedAttr> &constant : constants)
          scalars.push_back(constant ? arith::ConstantOp::create(inner, innerLoc, *constant).getResult()
                                     : arguments[next++]);
        linalg::YieldOp::create(inner, innerLoc, body(inner, innerLoc, scalars));
      });
  return generic.getResult(0);
}

} // namespace m2c::lower
