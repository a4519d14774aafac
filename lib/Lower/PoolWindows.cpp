// Pools of any rank and type, LpPool, and MaxPool with its indices: one loop nest over outputs and taps that reads the
// input where the window lies inside. Pools of float32 images have a kernel instead (Pool.cpp).
#include "PoolWindows.h"
#include "ScalarBuilder.h"
#include "m2c/Dialect/Onnx/OnnxOps.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::lower;
using Compare = ScalarBuilder::Compare;

namespace {

/// What the body of a pool sees of one tap.
struct Tap {
  Value element; ///< undefined unless `inside`
  Value inside;  ///< i1: the tap lies in the input
  Value padded;  ///< i1: it lies in the padded input
  SmallVector<Value> position;
};

using PoolBody = llvm::function_ref<SmallVector<Value>(const ScalarBuilder &, const Tap &, ValueRange state)>;

/// Folds the taps of each window into states that start from `starts`, one tensor of shape `shape` each.
SmallVector<Value> poolWindows(OpBuilder &builder, Location loc, Value source, ArrayRef<int64_t> shape,
                               const Window &window, ArrayRef<TypedAttr> starts, PoolBody body) {
  auto type = tensorType(source);
  int64_t rank = type.getRank(), spatial = rank - 2, first = window.kernel.size() - spatial;
  int64_t loops = rank + spatial;
  MLIRContext *context = builder.getContext();
  SmallVector<int64_t> taps(window.kernel.begin() + first, window.kernel.end());
  SmallVector<AffineExpr> tapDims, outDims;
  for (int64_t d = 0; d < rank; ++d)
    outDims.push_back(getAffineDimExpr(d, context));
  for (int64_t d = 0; d < spatial; ++d)
    tapDims.push_back(getAffineDimExpr(rank + d, context));
  // Nothing is read of the first operand: it tells how many taps there are.
  Value extents = tensor::EmptyOp::create(builder, loc, taps, builder.getI8Type());
  SmallVector<AffineMap> maps{AffineMap::get(loops, 0, tapDims, context)};
  SmallVector<Value> inits;
  SmallVector<Type> types;
  for (TypedAttr start : starts) {
    types.push_back(RankedTensorType::get(shape, start.getType()));
    Value scalar = arith::ConstantOp::create(builder, loc, start);
    Value empty = tensor::EmptyOp::create(builder, loc, shape, start.getType());
    inits.push_back(linalg::FillOp::create(builder, loc, scalar, empty).getResult(0));
    maps.push_back(AffineMap::get(loops, 0, outDims, context));
  }
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  iterators.append(spatial, utils::IteratorType::reduction);
  auto generic = linalg::GenericOp::create(
      builder, loc, types, ValueRange{extents}, inits, maps, iterators, [&](OpBuilder &b, Location l, ValueRange x) {
        ScalarBuilder s{b, l};
        auto number = [&](int64_t value) -> Value { return arith::ConstantIndexOp::create(b, l, value); };
        Tap tap;
        for (int64_t d = 0; d < 2; ++d)
          tap.position.push_back(linalg::IndexOp::create(b, l, d));
        auto both = [&](Value &all, Value one) { all = all ? arith::AndIOp::create(b, l, all, one).getResult() : one; };
        for (int64_t d = 0; d < spatial; ++d) {
          int64_t w = first + d, extent = type.getDimSize(d + 2);
          Value at = s.add(s.mul(linalg::IndexOp::create(b, l, d + 2), number(window.strides[w])),
                           s.mul(linalg::IndexOp::create(b, l, rank + d), number(window.dilations[w])));
          at = s.sub(at, number(window.low[w]));
          both(tap.inside, s.compare(Compare::GreaterOrEqual, at, number(0)));
          both(tap.inside, s.compare(Compare::Less, at, number(extent)));
          both(tap.padded, s.compare(Compare::Less, at, number(extent + window.high[w])));
          tap.position.push_back(s.min(s.max(at, number(0)), number(extent - 1)));
        }
        tap.element = tensor::ExtractOp::create(b, l, source, tap.position);
        linalg::YieldOp::create(b, l, body(s, tap, x.drop_front()));
      });
  return llvm::to_vector_of<Value>(generic.getResults());
}

} // namespace

SmallVector<Value> m2c::lower::poolMaximum(OpBuilder &builder, Location loc, Value source, ArrayRef<int64_t> shape,
                                           const Window &window, bool isUnsigned, bool columnMajor) {
  auto type = tensorType(source);
  Type element = type.getElementType();
  unsigned bits = element.getIntOrFloatBitWidth();
  TypedAttr lowest;
  if (auto real = dyn_cast<FloatType>(element))
    lowest = builder.getFloatAttr(real, -std::numeric_limits<double>::infinity());
  else
    lowest = builder.getIntegerAttr(element, isUnsigned ? APInt::getMinValue(bits) : APInt::getSignedMinValue(bits));
  TypedAttr none = builder.getI64IntegerAttr(-1);
  return poolWindows(builder, loc, source, shape, window, {lowest, none},
                     [&](const ScalarBuilder &s, const Tap &tap, ValueRange state) -> SmallVector<Value> {
                       // The flat position: row-major over all dimensions, or column-major within an image.
                       auto number = [&](int64_t value) -> Value {
                         return arith::ConstantIndexOp::create(s.builder, s.loc, value);
                       };
                       Value flat = tap.position[0];
                       int64_t rank = type.getRank(), plane = 1;
                       for (int64_t d = 1; d < (columnMajor ? 2 : rank); ++d)
                         flat = s.add(s.mul(flat, number(type.getDimSize(d))), tap.position[d]);
                       if (columnMajor) {
                         Value inner = number(0);
                         for (int64_t d = rank - 1; d >= 2; --d) {
                           inner = s.add(s.mul(inner, number(type.getDimSize(d))), tap.position[d]);
                           plane *= type.getDimSize(d);
                         }
                         flat = s.add(s.mul(flat, number(plane)), inner);
                       }
                       Value index = arith::IndexCastOp::create(s.builder, s.loc, s.builder.getI64Type(), flat);
                       ScalarBuilder ordered{s.builder, s.loc, isUnsigned};
                       Value larger = ordered.compare(Compare::Greater, tap.element, state[0]);
                       Value unset = s.compare(Compare::Less, state[1], s.constantLike(state[1], 0));
                       larger = arith::OrIOp::create(s.builder, s.loc, larger, unset);
                       Value take = arith::AndIOp::create(s.builder, s.loc, tap.inside, larger);
                       return {s.select(take, tap.element, state[0]), s.select(take, index, state[1])};
                     });
}

Value m2c::lower::poolAverage(OpBuilder &builder, Location loc, Value source, ArrayRef<int64_t> shape,
                              const Window &window, bool countPadding) {
  Type element = tensorType(source).getElementType();
  TypedAttr zero = cast<TypedAttr>(builder.getZeroAttr(element));
  SmallVector<Value> sums =
      poolWindows(builder, loc, source, shape, window, {zero, zero},
                  [&](const ScalarBuilder &s, const Tap &tap, ValueRange state) -> SmallVector<Value> {
                    Value none = s.constantLike(state[0], 0), one = s.constantLike(state[0], 1);
                    Value counted = countPadding ? tap.padded : tap.inside;
                    return {s.add(state[0], s.select(tap.inside, tap.element, none)),
                            s.add(state[1], s.select(counted, one, none))};
                  });
  return createElementwise(builder, loc, RankedTensorType::get(shape, element), sums,
                           [](OpBuilder &b, Location l, ValueRange x) { return ScalarBuilder{b, l}.div(x[0], x[1]); });
}

Value m2c::lower::poolNorm(OpBuilder &builder, Location loc, Value source, ArrayRef<int64_t> shape,
                           const Window &window, int64_t p) {
  Type element = tensorType(source).getElementType();
  TypedAttr zero = cast<TypedAttr>(builder.getZeroAttr(element));
  auto power = [](const ScalarBuilder &s, Value x, double exponent) -> Value {
    if (exponent == 1)
      return x;
    if (exponent == 2)
      return s.mul(x, x);
    if (exponent == 0.5)
      return s.math<math::SqrtOp>(x);
    return math::PowFOp::create(s.builder, s.loc, x, s.constantLike(x, exponent));
  };
  Value sum = poolWindows(builder, loc, source, shape, window, {zero},
                          [&](const ScalarBuilder &s, const Tap &tap, ValueRange state) -> SmallVector<Value> {
                            Value term = power(s, s.abs(tap.element), static_cast<double>(p));
                            return {s.add(state[0], s.select(tap.inside, term, s.constantLike(term, 0)))};
                          })
                  .front();
  return createElementwise(builder, loc, RankedTensorType::get(shape, element), sum,
                           [&](OpBuilder &b, Location l, ValueRange x) {
                             return power(ScalarBuilder{b, l}, x[0], 1 / static_cast<double>(p));
                           });
}
