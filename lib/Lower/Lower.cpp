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

RankedTensorType getResult(Operation *op, const TypeConverter *converter, RewriterBase &rewriter, unsigned result) {
  auto isComplete = [](Type type) {
    auto tensor = dyn_cast_or_null<RankedTensorType>(type);
    return isa_and_nonnull<NoneType>(type) || (tensor && allKnown(getDims(tensor)));
  };
  Type type = converter->convertType(op->getResult(result).getType());
  if (isComplete(type) && llvm::all_of(op->getOperandTypes(), isComplete))
    return cast<RankedTensorType>(type);
  (void)rewriter.notifyMatchFailure(op, "has a shape that depends on data");
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

namespace {
/// Dimensions [fromFirst, fromLast) of one shape that have the elements of [toFirst, toLast) of another.
struct Group {
  Dim size;
  ReassociationIndices from, to;
};
} // namespace

/// The finest groups of dimensions with equal products; dimensions of 1 join a neighbour.
static SmallVector<Group> getGroups(ArrayRef<Dim> from, ArrayRef<Dim> to) {
  SmallVector<Group> groups;
  size_t i = 0, j = 0;
  while (i < from.size() && j < to.size()) {
    Group group{1, {}, {}};
    Dim a = 1, b = 1;
    auto takeFrom = [&] { group.from.push_back(i), a *= from[i++]; };
    auto takeTo = [&] { group.to.push_back(j), b *= to[j++]; };
    takeFrom();
    takeTo();
    while (a != b) {
      bool growFrom = b.divideExactly(a) || (a.isNumber() && b.isNumber() && a.getNumber() < b.getNumber());
      if (i < from.size() && (growFrom || j == to.size()))
        takeFrom();
      else if (j < to.size())
        takeTo();
      else
        break; // equal by a check of the run
    }
    group.size = a;
    bool isUnit = a == 1 && !groups.empty();
    if (isUnit) {
      groups.back().from.append(group.from);
      groups.back().to.append(group.to);
    } else {
      groups.push_back(group);
    }
  }
  for (; i < from.size() && !groups.empty(); ++i)
    groups.back().from.push_back(i);
  for (; j < to.size() && !groups.empty(); ++j)
    groups.back().to.push_back(j);
  return groups;
}

Value createReshape(OpBuilder &builder, Location loc, Value value, ArrayRef<Dim> shape) {
  auto from = tensorType(value);
  auto to = getTensorType(shape, from.getElementType());
  if (from == to)
    return value;
  Dims own = getDims(from);
  if (llvm::is_contained(own, Dim(0))) // products of extents tell nothing, and there is nothing to carry over
    return createEmpty(builder, loc, to);
  auto expand = [&](Value source, RankedTensorType type, ArrayRef<ReassociationIndices> groups) -> Value {
    if (type.hasStaticShape())
      return tensor::ExpandShapeOp::create(builder, loc, type, source, groups);
    return tensor::ExpandShapeOp::create(builder, loc, type, source, groups, createSizes(builder, loc, getDims(type)));
  };
  if (from.hasStaticShape() && to.hasStaticShape())
    if (auto groups = getReassociationIndicesForReshape(from, to)) {
      if (from.getRank() > to.getRank())
        return tensor::CollapseShapeOp::create(builder, loc, to, value, *groups);
      if (from.getRank() < to.getRank())
        return expand(value, to, *groups);
    }
  SmallVector<Group> groups = getGroups(own, shape);
  if (groups.empty()) // a rank of 0
    return from.getRank() == 0
               ? expand(value, to, {})
               : tensor::CollapseShapeOp::create(builder, loc, to, value, ArrayRef<ReassociationIndices>()).getResult();
  // By way of the finest shape that both refine.
  Dims common = llvm::map_to_vector(groups, [](const Group &group) { return group.size; });
  auto commonType = getTensorType(common, from.getElementType());
  if (llvm::any_of(groups, [](const Group &group) { return group.from.size() > 1; }))
    value = tensor::CollapseShapeOp::create(builder, loc, commonType, value,
                                            llvm::map_to_vector(groups, [](const Group &group) { return group.from; }));
  // Sizes that are equal only by a check of the run: one side may be a number.
  Dims target = llvm::map_to_vector(groups, [&](const Group &group) {
    Dim size = 1;
    for (int64_t dim : group.to)
      size *= shape[dim];
    return size;
  });
  if (auto targetType = getTensorType(target, from.getElementType()); targetType.getShape() != commonType.getShape())
    value = tensor::CastOp::create(builder, loc, targetType, value);
  if (llvm::any_of(groups, [](const Group &group) { return group.to.size() > 1; }))
    value = expand(value, to, llvm::map_to_vector(groups, [](const Group &group) { return group.to; }));
  return value;
}

Value createPad(OpBuilder &builder, Location loc, Value value, ArrayRef<int64_t> low, ArrayRef<int64_t> high,
                double padding) {
  auto isZero = [](int64_t width) { return width == 0; };
  if (llvm::all_of(low, isZero) && llvm::all_of(high, isZero))
    return value;
  Value scalar = createScalar(builder, loc, tensorType(value).getElementType(), padding);
  Dims dims = getDims(value);
  for (auto [dim, before, after] : llvm::zip_equal(dims, low, high))
    dim += before + after;
  RankedTensorType type = getTensorType(dims, tensorType(value).getElementType());
  return tensor::PadOp::create(builder, loc, type.hasStaticShape() ? Type() : Type(type), value,
                               getAsIndexOpFoldResult(builder.getContext(), low),
                               getAsIndexOpFoldResult(builder.getContext(), high), scalar);
}

Value createSlice(OpBuilder &builder, Location loc, Value value, ArrayRef<Dim> offsets, ArrayRef<Dim> sizes,
                  ArrayRef<int64_t> strides) {
  SmallVector<int64_t> ones(offsets.size(), 1);
  return tensor::ExtractSliceOp::create(
      builder, loc, getTensorType(sizes, tensorType(value).getElementType()), value, createSizes(builder, loc, offsets),
      createSizes(builder, loc, sizes),
      getAsIndexOpFoldResult(builder.getContext(), strides.empty() ? ArrayRef<int64_t>(ones) : strides));
}

Value createConcat(OpBuilder &builder, Location loc, int64_t axis, ValueRange parts) {
  Dims dims = getDims(parts.front());
  for (Value part : parts.drop_front())
    dims[axis] += getDims(part)[axis];
  return tensor::ConcatOp::create(builder, loc, getTensorType(dims, tensorType(parts.front()).getElementType()), axis,
                                  parts);
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
