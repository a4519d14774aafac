// Shape arithmetic in symbols: Shape -> Gather -> Mul -> Concat ... comes to expressions in the inputs' dimensions.
#include "m2c/Graph/Sizes.h"
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Graph/Evaluate.h"
#include "m2c/Graph/ShapeMath.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

constexpr int64_t kMostSizes = 256; // longer lists are data

using Result = std::optional<SizeTensor>;

Result evaluateShape(ShapeOp op) {
  auto type = dyn_cast<RankedTensorType>(op.getData().getType());
  if (!type)
    return std::nullopt;
  Dims dims = getDims(type);
  auto clamp = [&](int64_t v) { return std::clamp<int64_t>(v < 0 ? v + int64_t(dims.size()) : v, 0, dims.size()); };
  int64_t first = clamp(op.getStart()), last = op.getEnd() ? clamp(*op.getEnd()) : dims.size();
  Dims part(dims.begin() + first, dims.begin() + std::max(first, last));
  return SizeTensor{IntegerType::get(op.getContext(), 64), {int64_t(part.size())}, part};
}

Result evaluateSize(SizeOp op) {
  auto type = dyn_cast<RankedTensorType>(op.getData().getType());
  if (!type)
    return std::nullopt;
  return SizeTensor{IntegerType::get(op.getContext(), 64), {}, {product(getDims(type))}};
}

/// The same values in the order and the shape that a constant of their indices would get.
Result rearrange(Operation *op, unsigned operand) {
  Result data = getSizes(op->getOperand(operand));
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (!data || !type || !type.hasStaticShape())
    return std::nullopt;
  SizeTensor out{data->element, SmallVector<int64_t>(type.getShape()), {}};
  if (isa<ReshapeOp, SqueezeOp, UnsqueezeOp, FlattenOp, IdentityOp>(op)) {
    out.values = data->values;
    return out;
  }
  if (data->shape.size() != 1)
    return std::nullopt;
  int64_t size = data->values.size();
  if (auto gather = dyn_cast<GatherOp>(op)) {
    auto indices = getConstantIntegers(gather.getIndices());
    if (!indices)
      return std::nullopt;
    for (int64_t index : *indices) {
      if (index < -size || index >= size)
        return std::nullopt;
      out.values.push_back(data->values[index < 0 ? index + size : index]);
    }
    return out;
  }
  auto slice = cast<SliceOp>(op);
  auto starts = getConstantIntegers(slice.getStarts()), ends = getConstantIntegers(slice.getEnds());
  auto steps = slice.getSteps() ? getConstantIntegers(slice.getSteps()) : std::optional(SmallVector<int64_t>{1});
  if (!starts || !ends || !steps || starts->size() != 1 || ends->size() != 1 || steps->size() != 1 ||
      steps->front() == 0)
    return std::nullopt;
  SliceRange range = resolveSlice(size, starts->front(), ends->front(), steps->front());
  for (int64_t i = 0; i < range.count; ++i)
    out.values.push_back(data->values[range.start + i * range.step]);
  return out;
}

Result evaluateConcat(ConcatOp op) {
  SizeTensor out{{}, {0}, {}};
  for (Value input : op.getInputs()) {
    Result part = getSizes(input);
    if (!part || part->shape.size() != 1)
      return std::nullopt;
    out.element = part->element;
    out.values.append(part->values);
  }
  out.shape[0] = out.values.size();
  return out;
}

/// f on the elements of both operands, broadcast together; nothing where f cannot tell.
template <class F>
Result evaluateBinary(Operation *op, Type element, F f) {
  Result a = getSizes(op->getOperand(0)), b = getSizes(op->getOperand(1));
  if (!a || !b)
    return std::nullopt;
  auto shape = broadcastShapes(a->shape, b->shape);
  if (!shape)
    return std::nullopt;
  SizeTensor out{element ? element : a->element, *shape, {}};
  SmallVector<int64_t> left, right;
  forEachStrided(*shape, broadcastStrides(a->shape, *shape), 0, [&](int64_t i) { left.push_back(i); });
  forEachStrided(*shape, broadcastStrides(b->shape, *shape), 0, [&](int64_t i) { right.push_back(i); });
  for (auto [i, j] : llvm::zip_equal(left, right)) {
    std::optional<Dim> value = f(a->values[i], b->values[j]);
    if (!value)
      return std::nullopt;
    out.values.push_back(*value);
  }
  return out;
}

/// Whether a < b for all sizes of the symbols (which are 0 or more) or for none; nothing where that depends.
std::optional<bool> isLess(const Dim &a, const Dim &b) {
  Dim difference = b - a;
  if (auto number = difference.asNumber())
    return *number > 0;
  // An expression without subtraction is at least what it is for symbols of size 0.
  auto isSum = [](const Dim &dim) { return !StringRef(dim.str()).contains('-'); };
  SmallVector<int64_t> zeros(64, 0);
  if (isSum(difference) && difference.evaluate(zeros) > 0)
    return true;
  Dim opposite = a - b;
  if (isSum(opposite) && opposite.evaluate(zeros) >= 0)
    return false;
  return std::nullopt;
}

std::optional<Dim> toDim(std::optional<bool> value) {
  return value ? std::optional<Dim>(int64_t(*value)) : std::nullopt;
}

Result evaluateWhere(WhereOp op) {
  Result condition = getSizes(op.getCondition()), x = getSizes(op.getX()), y = getSizes(op.getY());
  if (!condition || !x || !y)
    return std::nullopt;
  auto first = broadcastShapes(condition->shape, x->shape);
  auto shape = first ? broadcastShapes(*first, y->shape) : std::nullopt;
  if (!shape)
    return std::nullopt;
  SizeTensor out{x->element, *shape, {}};
  SmallVector<Dim> chosen[3];
  for (auto [n, part] : llvm::enumerate(std::array{&*condition, &*x, &*y}))
    forEachStrided(*shape, broadcastStrides(part->shape, *shape), 0,
                   [&](int64_t i) { chosen[n].push_back(part->values[i]); });
  for (auto [c, a, b] : llvm::zip_equal(chosen[0], chosen[1], chosen[2])) {
    if (!c.isNumber())
      return std::nullopt;
    out.values.push_back(c.getNumber() != 0 ? a : b);
  }
  return out;
}

template <class Op>
Result evaluateReduction(Op op, bool isProduct) {
  Result data = getSizes(op.getData());
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (!data || !type || !type.hasStaticShape() || type.getNumElements() != 1)
    return std::nullopt;
  Dim total = isProduct ? 1 : 0;
  for (const Dim &value : data->values)
    total = isProduct ? total * value : total + value;
  return SizeTensor{data->element, SmallVector<int64_t>(type.getShape()), {total}};
}

Result evaluateExpand(ExpandOp op) {
  Result data = getSizes(op.getInput());
  auto type = dyn_cast<RankedTensorType>(op.getOutput().getType());
  if (!data || !type || !type.hasStaticShape() || type.getNumElements() > kMostSizes)
    return std::nullopt;
  SizeTensor out{data->element, SmallVector<int64_t>(type.getShape()), {}};
  forEachStrided(out.shape, broadcastStrides(data->shape, out.shape), 0,
                 [&](int64_t i) { out.values.push_back(data->values[i]); });
  return out;
}

} // namespace

Result getSizes(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || !type.hasStaticShape() || !type.getElementType().isIntOrIndex() || type.getNumElements() > kMostSizes)
    return std::nullopt;
  SizeTensor sizes{type.getElementType(), SmallVector<int64_t>(type.getShape()), {}};
  if (auto op = value.getDefiningOp<SizesOp>()) {
    for (AffineExpr expr : op.getValues().getResults())
      sizes.values.push_back(Dim(expr));
    return sizes;
  }
  if (auto op = value.getDefiningOp<OwnFoundSizesOp>()) {
    for (int64_t symbol : op.getSymbols())
      sizes.values.push_back(Dim(getAffineSymbolExpr(symbol, op.getContext())));
    return sizes;
  }
  auto constant = getConstantIntegers(value);
  if (!constant)
    return std::nullopt;
  sizes.values = toDims(*constant);
  return sizes;
}

Result evaluateSizes(Operation *op) {
  if (op->getNumResults() != 1)
    return std::nullopt;
  Type boolean = IntegerType::get(op->getContext(), 1);
  Result result =
      llvm::TypeSwitch<Operation *, Result>(op)
          .Case([](ShapeOp op) { return evaluateShape(op); })
          .Case([](SizeOp op) { return evaluateSize(op); })
          .Case<ReshapeOp, SqueezeOp, UnsqueezeOp, FlattenOp, IdentityOp, GatherOp, SliceOp>(
              [](Operation *op) { return rearrange(op, 0); })
          .Case([](ConcatOp op) { return evaluateConcat(op); })
          .Case([](CastOp op) -> Result {
            Result data = getSizes(op.getInput());
            auto type = dyn_cast<RankedTensorType>(op.getType());
            if (!data || !type || !type.getElementType().isIntOrIndex() || type.getElementType().isInteger(1))
              return std::nullopt;
            data->element = type.getElementType();
            return data;
          })
          .Case([](AddOp op) { return evaluateBinary(op, {}, [](Dim a, Dim b) { return std::optional(a + b); }); })
          .Case([](SubOp op) { return evaluateBinary(op, {}, [](Dim a, Dim b) { return std::optional(a - b); }); })
          .Case([](MulOp op) { return evaluateBinary(op, {}, [](Dim a, Dim b) { return std::optional(a * b); }); })
          .Case([](DivOp op) {
            return evaluateBinary(op, {}, [](Dim a, Dim b) { return std::optional(a.floorDiv(b)); });
          })
          .Case([&](EqualOp op) {
            return evaluateBinary(op, boolean, [](Dim a, Dim b) {
              if (a == b)
                return std::optional<Dim>(1);
              auto less = isLess(a, b), greater = isLess(b, a);
              return less == true || greater == true ? std::optional<Dim>(0) : std::nullopt;
            });
          })
          .Case(
              [&](LessOp op) { return evaluateBinary(op, boolean, [](Dim a, Dim b) { return toDim(isLess(a, b)); }); })
          .Case([&](GreaterOp op) {
            return evaluateBinary(op, boolean, [](Dim a, Dim b) { return toDim(isLess(b, a)); });
          })
          .Case([](WhereOp op) { return evaluateWhere(op); })
          .Case([](ReduceProdOp op) { return evaluateReduction(op, true); })
          .Case([](ReduceSumOp op) { return evaluateReduction(op, false); })
          .Case([](ExpandOp op) { return evaluateExpand(op); })
          .Default([](Operation *) { return Result(); });
  if (!result || !allKnown(result->values) || result->values.size() > size_t(kMostSizes))
    return std::nullopt;
  return result;
}

Value createSizes(OpBuilder &builder, Location loc, const SizeTensor &sizes) {
  auto type = RankedTensorType::get(sizes.shape, sizes.element);
  if (auto numbers = asNumbers(sizes.values)) {
    ElementsAttr attr = ConstantTensor::from<int64_t>(sizes.element, sizes.shape, *numbers).toAttr();
    return ConstantOp::create(builder, loc, attr.getShapedType(), attr);
  }
  unsigned symbols = 0;
  SmallVector<AffineExpr> exprs;
  for (const Dim &dim : sizes.values) {
    exprs.push_back(dim.getExpr(builder.getContext()));
    exprs.back().walk([&](AffineExpr part) {
      if (auto symbol = dyn_cast<AffineSymbolExpr>(part))
        symbols = std::max(symbols, symbol.getPosition() + 1);
    });
  }
  return SizesOp::create(builder, loc, type, AffineMap::get(0, symbols, exprs, builder.getContext()));
}

Value createSizes(OpBuilder &builder, Location loc, ArrayRef<Dim> dims) {
  return createSizes(builder, loc, SizeTensor{builder.getI64Type(), {int64_t(dims.size())}, Dims(dims)});
}

} // namespace m2c::graph
