// Reductions: one linalg.generic that folds, with scalar code before and after it; arg-reductions are a kernel.
#include "ScalarBuilder.h"
#include "m2c/Dialect/Kernel/Kernel.h"
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Lower/Lower.h"

using namespace mlir;
using namespace m2c;
using lower::ScalarBuilder;

namespace {

enum class Fold { Sum, Product, Max, Min };

/// What a fold starts from.
TypedAttr neutral(Builder &builder, Fold fold, Type type, bool isUnsigned) {
  bool product = fold == Fold::Product;
  if (auto real = dyn_cast<FloatType>(type)) {
    double infinity = std::numeric_limits<double>::infinity();
    return builder.getFloatAttr(real, fold == Fold::Max ? -infinity : fold == Fold::Min ? infinity : product ? 1 : 0);
  }
  unsigned bits = type.getIntOrFloatBitWidth();
  isUnsigned |= bits == 1;
  switch (fold) {
  case Fold::Max:
    return builder.getIntegerAttr(type, isUnsigned ? APInt::getMinValue(bits) : APInt::getSignedMinValue(bits));
  case Fold::Min:
    return builder.getIntegerAttr(type, isUnsigned ? APInt::getMaxValue(bits) : APInt::getSignedMaxValue(bits));
  default:
    return builder.getIntegerAttr(type, product ? 1 : 0);
  }
}

/// A fold of two elements. Bools are ordered false, true.
Value combine(const ScalarBuilder &s, Fold fold, Value a, Value b) {
  bool isBool = a.getType().isInteger(1);
  switch (fold) {
  case Fold::Sum:
    return s.add(a, b);
  case Fold::Product:
    return s.mul(a, b);
  case Fold::Max:
    return isBool ? arith::OrIOp::create(s.builder, s.loc, a, b).getResult() : s.max(a, b);
  case Fold::Min:
    return isBool ? arith::AndIOp::create(s.builder, s.loc, a, b).getResult() : s.min(a, b);
  }
  llvm_unreachable("covered");
}

/// Folds `before` of each element along `axes` (kept as extent 1 in the result if `keep`).
Value createReduction(OpBuilder &builder, Location loc, Value input, ArrayRef<int64_t> axes, Fold fold, bool isUnsigned,
                      lower::ScalarFn before) {
  auto type = tensorType(input);
  SmallVector<utils::IteratorType> iterators(type.getRank(), utils::IteratorType::parallel);
  SmallVector<AffineExpr> kept;
  Dims dims = getDims(type), shape;
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    if (llvm::is_contained(axes, dim)) {
      iterators[dim] = utils::IteratorType::reduction;
    } else {
      kept.push_back(builder.getAffineDimExpr(dim));
      shape.push_back(dims[dim]);
    }
  }
  auto resultType = getTensorType(shape, type.getElementType());
  Value start = arith::ConstantOp::create(builder, loc, neutral(builder, fold, type.getElementType(), isUnsigned));
  Value init = linalg::FillOp::create(builder, loc, start, createEmpty(builder, loc, resultType)).getResult(0);
  SmallVector<AffineMap> maps{builder.getMultiDimIdentityMap(type.getRank()),
                              AffineMap::get(type.getRank(), 0, kept, builder.getContext())};
  return linalg::GenericOp::create(builder, loc, resultType, input, init, maps, iterators,
                                   [&](OpBuilder &b, Location l, ValueRange x) {
                                     ScalarBuilder s{b, l, isUnsigned};
                                     Value element = before(b, l, x[0]);
                                     linalg::YieldOp::create(b, l, combine(s, fold, x[1], element));
                                   })
      .getResult(0);
}

/// What distinguishes the Reduce operators: fold(before(x)), then after(folded, number of elements).
struct Reduction {
  Fold fold = Fold::Sum;
  Value (*before)(const ScalarBuilder &, Value) = nullptr;
  Value (*after)(const ScalarBuilder &, Value, const Dim &count) = nullptr;
};

Value mapElements(OpBuilder &builder, Location loc, ValueRange inputs, lower::ScalarFn body) {
  return lower::createElementwise(builder, loc, tensorType(inputs[0]), inputs, body);
}

template <class Op>
struct LowerReduce : OpConversionPattern<Op> {
  LowerReduce(const TypeConverter &converter, MLIRContext *context, Reduction reduction)
      : OpConversionPattern<Op>(converter, context), reduction(reduction) {}

  LogicalResult matchAndRewrite(Op op, typename Op::Adaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = lower::getResult(op, this->getTypeConverter(), rewriter);
    if (!type)
      return failure();
    auto source = tensorType(adaptor.getData());
    SmallVector<int64_t> axes;
    if (op.getAxes()) {
      auto constant = onnx::getConstantIntegers(op.getAxes());
      if (!constant)
        return rewriter.notifyMatchFailure(op, "axes are not constant");
      for (int64_t axis : *constant)
        axes.push_back(axis < 0 ? axis + source.getRank() : axis);
    }
    bool identity = axes.empty() && op.getNoopWithEmptyAxes();
    if (axes.empty() && !identity)
      axes = llvm::to_vector(llvm::seq<int64_t>(0, source.getRank()));
    Dim count = 1;
    for (int64_t axis : axes)
      count *= getDims(source)[axis];

    Location loc = op.getLoc();
    auto integer = dyn_cast<IntegerType>(cast<ShapedType>(op.getData().getType()).getElementType());
    bool isUnsigned = integer && integer.isUnsigned();
    // Roots, logarithms and means of integers are computed in double.
    constexpr bool isReal =
        llvm::is_one_of<Op, onnx::ReduceLogSumExpOp, onnx::ReduceLogSumOp, onnx::ReduceL2Op, onnx::ReduceMeanOp>::value;
    Value data = adaptor.getData(), value;
    auto convert = [&](Value from, Type element, bool fromUnsigned) {
      return lower::createElementwise(rewriter, loc, tensorType(from).clone(element), from,
                                      [&](OpBuilder &b, Location l, ValueRange x) {
                                        return ScalarBuilder{b, l, fromUnsigned}.cast(x[0], element, isUnsigned);
                                      });
    };
    if (isReal && integer)
      data = convert(data, rewriter.getF64Type(), isUnsigned);
    if constexpr (std::is_same_v<Op, onnx::ReduceLogSumExpOp>) {
      // log(sum(exp(x - max))) + max
      auto same = [](OpBuilder &, Location, ValueRange x) { return x[0]; };
      Value largest = createReduction(rewriter, loc, data, axes, Fold::Max, false, same);
      Dims keptShape = getDims(source);
      for (int64_t axis : axes)
        keptShape[axis] = 1;
      Value kept = lower::createReshape(rewriter, loc, largest, keptShape);
      Value shifted = mapElements(rewriter, loc, {data, kept}, [](OpBuilder &b, Location l, ValueRange x) {
        ScalarBuilder s{b, l};
        return s.exp(s.sub(x[0], x[1]));
      });
      Value sum = createReduction(rewriter, loc, shifted, axes, Fold::Sum, false, same);
      value = mapElements(rewriter, loc, {sum, largest}, [](OpBuilder &b, Location l, ValueRange x) {
        ScalarBuilder s{b, l};
        return s.add(s.math<math::LogOp>(x[0]), x[1]);
      });
    } else {
      auto before = [&](OpBuilder &b, Location l, ValueRange x) {
        return reduction.before ? reduction.before(ScalarBuilder{b, l, isUnsigned}, x[0]) : x[0];
      };
      value = identity ? mapElements(rewriter, loc, data, before)
                       : createReduction(rewriter, loc, data, axes, reduction.fold, isUnsigned, before);
      if (reduction.after)
        value = mapElements(rewriter, loc, value, [&](OpBuilder &b, Location l, ValueRange x) {
          return reduction.after(ScalarBuilder{b, l, isUnsigned}, x[0], count);
        });
    }
    if (isReal && integer)
      value = convert(value, type.getElementType(), false);
    rewriter.replaceOp(op, lower::createReshape(rewriter, loc, value, getDims(type)));
    return success();
  }

  Reduction reduction;
};

template <class Op>
struct LowerArgReduce : OpConversionPattern<Op> {
  using OpConversionPattern<Op>::OpConversionPattern;

  LogicalResult matchAndRewrite(Op op, typename Op::Adaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = lower::getResult(op, this->getTypeConverter(), rewriter);
    if (!type)
      return failure();
    auto source = tensorType(adaptor.getData());
    int64_t axis = op.getAxis() < 0 ? op.getAxis() + source.getRank() : op.getAxis();
    Dims shape = getDims(source);
    shape.erase(shape.begin() + axis);
    Value init = createEmpty(rewriter, op.getLoc(), getTensorType(shape, type.getElementType()));
    StringRef kind = std::is_same_v<Op, onnx::ArgMaxOp> ? "max" : "min";
    Value data = adaptor.getData();
    if (cast<ShapedType>(op.getData().getType()).getElementType().isUnsignedInteger())
      // The kernel compares signed integers: with the highest bit flipped these have the same order.
      data = mapElements(rewriter, op.getLoc(), data, [](OpBuilder &b, Location l, ValueRange x) -> Value {
        auto integer = cast<IntegerType>(x[0].getType());
        Value sign = arith::ConstantOp::create(b, l, b.getIntegerAttr(integer, APInt::getSignMask(integer.getWidth())));
        return arith::XOrIOp::create(b, l, x[0], sign);
      });
    Value index = kernel::ArgReduceOp::create(rewriter, op.getLoc(), TypeRange(init.getType()), data, ValueRange(init),
                                              kind, static_cast<uint64_t>(axis), op.getSelectLastIndex() != 0)
                      ->getResult(0);
    rewriter.replaceOp(op, lower::createReshape(rewriter, op.getLoc(), index, getDims(type)));
    return success();
  }
};

Value square(const ScalarBuilder &s, Value x) { return s.mul(x, x); }
Value magnitude(const ScalarBuilder &s, Value x) { return s.isUnsigned ? x : s.abs(x); }
Value logarithm(const ScalarBuilder &s, Value x, const Dim &) { return s.math<math::LogOp>(x); }
Value root(const ScalarBuilder &s, Value x, const Dim &) { return s.math<math::SqrtOp>(x); }
Value average(const ScalarBuilder &s, Value x, const Dim &dim) {
  if (!dim.isNumber()) {
    Value n = arith::IndexCastOp::create(s.builder, s.loc, s.builder.getI64Type(),
                                         cast<Value>(createSize(s.builder, s.loc, dim)));
    return s.div(x, s.cast(n, x.getType(), false));
  }
  int64_t count = dim.getNumber();
  double n = static_cast<double>(count);
  return ScalarBuilder::isFloat(x) ? s.mul(x, s.constantLike(x, 1 / n)) : s.div(x, s.constantLike(x, n));
}

} // namespace

void lower::populateReducePatterns(OnnxTypeConverter &converter, RewritePatternSet &patterns) {
  MLIRContext *context = patterns.getContext();
  patterns.add<LowerReduce<onnx::ReduceSumOp>>(converter, context, Reduction{Fold::Sum});
  patterns.add<LowerReduce<onnx::ReduceMeanOp>>(converter, context, Reduction{Fold::Sum, nullptr, average});
  patterns.add<LowerReduce<onnx::ReduceMaxOp>>(converter, context, Reduction{Fold::Max});
  patterns.add<LowerReduce<onnx::ReduceMinOp>>(converter, context, Reduction{Fold::Min});
  patterns.add<LowerReduce<onnx::ReduceProdOp>>(converter, context, Reduction{Fold::Product});
  patterns.add<LowerReduce<onnx::ReduceL1Op>>(converter, context, Reduction{Fold::Sum, magnitude});
  patterns.add<LowerReduce<onnx::ReduceL2Op>>(converter, context, Reduction{Fold::Sum, square, root});
  patterns.add<LowerReduce<onnx::ReduceSumSquareOp>>(converter, context, Reduction{Fold::Sum, square});
  patterns.add<LowerReduce<onnx::ReduceLogSumOp>>(converter, context, Reduction{Fold::Sum, nullptr, logarithm});
  patterns.add<LowerReduce<onnx::ReduceLogSumExpOp>>(converter, context, Reduction{});
  patterns.add<LowerArgReduce<onnx::ArgMaxOp>, LowerArgReduce<onnx::ArgMinOp>>(converter, context);
}
