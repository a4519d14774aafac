// Operators that read by run-time indices. An index is never trusted: a negative one counts from the end, and what is
// still outside is clamped, so that no input of the model can make it read out of bounds.
#include "ScalarBuilder.h"
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Lower/Lower.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"

using namespace mlir;
using namespace m2c;
using lower::ScalarBuilder;

namespace {

/// The integer `value` as an index into [0, extent).
Value toIndex(OpBuilder &builder, Location loc, Value value, const Dim &extent) {
  if (extent == 1)
    return arith::ConstantIndexOp::create(builder, loc, 0);
  ScalarBuilder s{builder, loc};
  Value index = arith::IndexCastOp::create(builder, loc, builder.getIndexType(), value);
  Value size = getValueOrCreateConstantIndexOp(builder, loc, createSize(builder, loc, extent)),
        zero = arith::ConstantIndexOp::create(builder, loc, 0);
  index = s.select(s.compare(ScalarBuilder::Compare::Less, index, zero), s.add(index, size), index);
  Value last = getValueOrCreateConstantIndexOp(builder, loc, createSize(builder, loc, extent - 1));
  return s.min(s.max(index, zero), last);
}

/// A generic over `type` whose body sees one element of `indices` (read through `map`) and its own loop indices.
Value createIndexed(OpBuilder &builder, Location loc, RankedTensorType type, Value indices, AffineMap map,
                    llvm::function_ref<Value(OpBuilder &, Location, Value)> body) {
  SmallVector<utils::IteratorType> iterators(type.getRank(), utils::IteratorType::parallel);
  SmallVector<AffineMap> maps{map, builder.getMultiDimIdentityMap(type.getRank())};
  return linalg::GenericOp::create(builder, loc, type, indices, createEmpty(builder, loc, type), maps, iterators,
                                   [&](OpBuilder &b, Location l, ValueRange arguments) {
                                     linalg::YieldOp::create(b, l, body(b, l, arguments[0]));
                                   })
      .getResult(0);
}

/// out[a.., i.., b..] = data[a.., indices[i..], b..]
struct LowerGather : OpConversionPattern<onnx::GatherOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::GatherOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = lower::getResult(op, getTypeConverter(), rewriter);
    auto data = tensorType(adaptor.getData()), indices = tensorType(adaptor.getIndices());
    int64_t axis = op.getAxis() < 0 ? op.getAxis() + data.getRank() : op.getAxis();
    if (!type)
      return failure();
    if (data.getDimSize(axis) == 0)
      return rewriter.notifyMatchFailure(op, "the axis is empty");
    SmallVector<AffineExpr> exprs;
    for (int64_t i = 0; i < indices.getRank(); ++i)
      exprs.push_back(rewriter.getAffineDimExpr(axis + i));
    AffineMap map = AffineMap::get(type.getRank(), 0, exprs, op.getContext());
    rewriter.replaceOp(
        op,
        createIndexed(
            rewriter, op.getLoc(), type, adaptor.getIndices(), map, [&](OpBuilder &b, Location loc, Value index) {
              SmallVector<Value> at;
              for (int64_t dim = 0; dim < data.getRank(); ++dim)
                at.push_back(
                    dim == axis
                        ? toIndex(b, loc, index, getDims(data)[axis])
                        : linalg::IndexOp::create(b, loc, dim < axis ? dim : dim + indices.getRank() - 1).getResult());
              return tensor::ExtractOp::create(b, loc, adaptor.getData(), at).getResult();
            }));
    return success();
  }
};

/// out[i..] = data[i.. with dimension `axis` replaced by indices[i..]]
struct LowerGatherElements : OpConversionPattern<onnx::GatherElementsOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::GatherElementsOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = lower::getResult(op, getTypeConverter(), rewriter);
    auto data = tensorType(adaptor.getData());
    int64_t axis = op.getAxis() < 0 ? op.getAxis() + data.getRank() : op.getAxis();
    if (!type)
      return failure();
    if (data.getDimSize(axis) == 0)
      return rewriter.notifyMatchFailure(op, "the axis is empty");
    AffineMap map = rewriter.getMultiDimIdentityMap(type.getRank());
    rewriter.replaceOp(op, createIndexed(rewriter, op.getLoc(), type, adaptor.getIndices(), map,
                                         [&](OpBuilder &b, Location loc, Value index) {
                                           SmallVector<Value> at;
                                           for (int64_t dim = 0; dim < data.getRank(); ++dim)
                                             at.push_back(dim == axis
                                                              ? toIndex(b, loc, index, getDims(data)[axis])
                                                              : linalg::IndexOp::create(b, loc, dim).getResult());
                                           return tensor::ExtractOp::create(b, loc, adaptor.getData(), at).getResult();
                                         }));
    return success();
  }
};

/// out[b.., i.., r..] = data[b.., indices[b.., i.., 0], indices[b.., i.., 1] .., r..]
struct LowerGatherND : OpConversionPattern<onnx::GatherNDOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::GatherNDOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = lower::getResult(op, getTypeConverter(), rewriter);
    auto data = tensorType(adaptor.getData()), indices = tensorType(adaptor.getIndices());
    if (!type)
      return failure();
    if (llvm::is_contained(data.getShape(), 0))
      return rewriter.notifyMatchFailure(op, "there is no data");
    int64_t batch = op.getBatchDims(), depth = indices.getShape().back(), outer = indices.getRank() - 1;
    rewriter.replaceOp(
        op, lower::createElementwise(rewriter, op.getLoc(), type, {}, [&](OpBuilder &b, Location loc, ValueRange) {
          SmallVector<Value> at, tuple;
          for (int64_t dim = 0; dim < outer; ++dim)
            tuple.push_back(linalg::IndexOp::create(b, loc, dim));
          tuple.push_back(Value());
          for (int64_t dim = 0; dim < data.getRank(); ++dim) {
            if (dim < batch) {
              at.push_back(tuple[dim]);
            } else if (dim < batch + depth) {
              tuple.back() = arith::ConstantIndexOp::create(b, loc, dim - batch);
              at.push_back(
                  toIndex(b, loc, tensor::ExtractOp::create(b, loc, adaptor.getIndices(), tuple), getDims(data)[dim]));
            } else {
              at.push_back(linalg::IndexOp::create(b, loc, outer + dim - batch - depth));
            }
          }
          return tensor::ExtractOp::create(b, loc, adaptor.getData(), at).getResult();
        }));
    return success();
  }
};

/// out[i.., d, j..] = indices[i.., j..] == d ? on : off
struct LowerOneHot : OpConversionPattern<onnx::OneHotOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::OneHotOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = lower::getResult(op, getTypeConverter(), rewriter);
    if (!type)
      return rewriter.notifyMatchFailure(op, "depth is not constant");
    int64_t axis = op.getAxis() < 0 ? op.getAxis() + type.getRank() : op.getAxis();
    Dim depth = getDims(type)[axis];
    Location loc = op.getLoc();
    Dims shape = getDims(adaptor.getIndices());
    shape.insert(shape.begin() + axis, 1);
    Value indices = lower::createReshape(rewriter, loc, adaptor.getIndices(), shape);
    Value off =
        lower::createReshape(rewriter, loc, lower::createSlice(rewriter, loc, adaptor.getValues(), {0}, {1}), {});
    Value on =
        lower::createReshape(rewriter, loc, lower::createSlice(rewriter, loc, adaptor.getValues(), {1}, {1}), {});
    rewriter.replaceOp(
        op,
        lower::createElementwise(rewriter, loc, type, {indices, on, off}, [&](OpBuilder &b, Location l, ValueRange x) {
          ScalarBuilder s{b, l};
          Value index = x[0];
          if (ScalarBuilder::isFloat(index))
            index = s.cast(index, b.getI64Type(), false);
          index = arith::IndexCastOp::create(b, l, b.getIndexType(), index);
          Value zero = arith::ConstantIndexOp::create(b, l, 0);
          Value size = getValueOrCreateConstantIndexOp(b, l, createSize(b, l, depth));
          index = s.select(s.compare(ScalarBuilder::Compare::Less, index, zero), s.add(index, size), index);
          Value here = linalg::IndexOp::create(b, l, axis);
          return s.select(s.compare(ScalarBuilder::Compare::Equal, index, here), x[1], x[2]);
        }));
    return success();
  }
};

/// The first sequence_lens[b] steps of batch entry b run backwards, the others stay.
struct LowerReverseSequence : OpConversionPattern<onnx::ReverseSequenceOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::ReverseSequenceOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = lower::getStaticResult(op, getTypeConverter(), rewriter);
    if (!type || type.getNumElements() == 0)
      return rewriter.notifyMatchFailure(op, "result has no static shape, or no elements");
    auto positive = [&](int64_t axis) { return axis < 0 ? axis + type.getRank() : axis; };
    int64_t batch = positive(op.getBatchAxis()), time = positive(op.getTimeAxis());
    AffineMap map = AffineMap::get(type.getRank(), 0, rewriter.getAffineDimExpr(batch), op.getContext());
    rewriter.replaceOp(op, createIndexed(rewriter, op.getLoc(), type, adaptor.getSequenceLens(), map,
                                         [&](OpBuilder &b, Location loc, Value length) {
                                           ScalarBuilder s{b, loc};
                                           SmallVector<Value> at;
                                           for (int64_t dim = 0; dim < type.getRank(); ++dim)
                                             at.push_back(linalg::IndexOp::create(b, loc, dim));
                                           Value n = arith::IndexCastOp::create(b, loc, b.getIndexType(), length);
                                           n = s.min(n, arith::ConstantIndexOp::create(b, loc, type.getDimSize(time)));
                                           Value one = arith::ConstantIndexOp::create(b, loc, 1);
                                           Value back = s.sub(s.sub(n, one), at[time]);
                                           Value inside = s.compare(ScalarBuilder::Compare::Less, at[time], n);
                                           at[time] = s.select(inside, back, at[time]);
                                           return tensor::ExtractOp::create(b, loc, adaptor.getInput(), at).getResult();
                                         }));
    return success();
  }
};

/// Compress with a constant condition: the positions of its true elements are gathered.
struct LowerCompress : OpConversionPattern<onnx::CompressOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::CompressOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = lower::getStaticResult(op, getTypeConverter(), rewriter);
    auto condition = onnx::getConstantIntegers(op.getCondition());
    auto source = tensorType(adaptor.getInput());
    if (!type || !condition || !source.hasStaticShape())
      return rewriter.notifyMatchFailure(op, "condition is not constant");
    Location loc = op.getLoc();
    Value input = adaptor.getInput();
    if (!op.getAxis())
      input = lower::createReshape(rewriter, loc, input, {source.getNumElements()});
    int64_t axis = op.getAxis() ? *op.getAxis() : 0;
    axis = axis < 0 ? axis + source.getRank() : axis;
    SmallVector<int64_t> chosen;
    for (auto [i, keep] : llvm::enumerate(*condition))
      if (keep)
        chosen.push_back(i);
    auto tableType = RankedTensorType::get({static_cast<int64_t>(chosen.size())}, rewriter.getI64Type());
    if (type.getNumElements() == 0) {
      rewriter.replaceOp(op, createEmpty(rewriter, loc, type));
      return success();
    }
    Value table = arith::ConstantOp::create(
        rewriter, loc, tableType, cast<TypedAttr>(onnx::createConstant<int64_t>(tableType, chosen, "chosen")));
    AffineMap map = AffineMap::get(type.getRank(), 0, rewriter.getAffineDimExpr(axis), op.getContext());
    rewriter.replaceOp(op,
                       createIndexed(rewriter, loc, type, table, map, [&](OpBuilder &b, Location l, Value position) {
                         SmallVector<Value> at;
                         for (int64_t dim = 0; dim < type.getRank(); ++dim)
                           at.push_back(linalg::IndexOp::create(b, l, dim));
                         at[axis] = arith::IndexCastOp::create(b, l, b.getIndexType(), position);
                         return tensor::ExtractOp::create(b, l, input, at).getResult();
                       }));
    return success();
  }
};

} // namespace

void lower::populateIndexPatterns(OnnxTypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<LowerGather, LowerGatherElements, LowerGatherND, LowerOneHot, LowerReverseSequence, LowerCompress>(
      converter, patterns.getContext());
}
