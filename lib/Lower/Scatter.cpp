// Operators that write where run-time indices say, in loops over what is written: scattering, unpooling, sums of
// patches; and running sums. Indices are never trusted: negative ones count from the end, and all are clamped.
#include "ScalarBuilder.h"
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Lower/Lower.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace m2c;
using lower::ScalarBuilder;
using Compare = ScalarBuilder::Compare;

namespace {

Value number(OpBuilder &b, Location loc, const Dim &value) {
  return getValueOrCreateConstantIndexOp(b, loc, createSize(b, loc, value));
}

/// Whether a tensor has no elements for sure.
bool isEmpty(RankedTensorType type) { return llvm::is_contained(type.getShape(), 0); }

bool areKnown(std::initializer_list<RankedTensorType> types) {
  return llvm::all_of(types, [](RankedTensorType type) { return type && allKnown(getDims(type)); });
}

bool isUnsigned(Value value) { return cast<ShapedType>(value.getType()).getElementType().isUnsignedInteger(); }

/// `value` as an index into [0, extent), from the end if negative.
Value toIndex(OpBuilder &b, Location loc, Value value, const Dim &extent) {
  if (extent == 1)
    return number(b, loc, 0);
  ScalarBuilder s{b, loc};
  Value index = arith::IndexCastOp::create(b, loc, b.getIndexType(), value), zero = number(b, loc, 0);
  index = s.select(s.compare(Compare::Less, index, zero), s.add(index, number(b, loc, extent)), index);
  return s.min(s.max(index, zero), number(b, loc, extent - 1));
}

/// Loops over `extents` around `body`, which gets the indices and the carried values and gives their next ones.
SmallVector<Value> loop(OpBuilder &b, Location loc, ArrayRef<Dim> extents, ValueRange start,
                        llvm::function_ref<SmallVector<Value>(OpBuilder &, Location, ValueRange, ValueRange)> body) {
  SmallVector<Value> low, high, step;
  for (const Dim &extent : extents) {
    low.push_back(number(b, loc, 0));
    high.push_back(number(b, loc, extent));
    step.push_back(number(b, loc, 1));
  }
  return scf::buildLoopNest(b, loc, low, high, step, start,
                            [&](OpBuilder &inner, Location l, ValueRange indices, ValueRange carried) {
                              SmallVector<Value> next = body(inner, l, indices, carried);
                              return scf::ValueVector(next.begin(), next.end());
                            })
      .results;
}

/// The element stored where `old` was: ONNX's attribute `reduction`.
Value reduce(const ScalarBuilder &s, StringRef reduction, Value old, Value update) {
  bool isBool = old.getType().isInteger(1);
  if (reduction == "add")
    return isBool ? arith::OrIOp::create(s.builder, s.loc, old, update).getResult() : s.add(old, update);
  if (reduction == "mul")
    return isBool ? arith::AndIOp::create(s.builder, s.loc, old, update).getResult() : s.mul(old, update);
  if (reduction == "max")
    return isBool ? arith::OrIOp::create(s.builder, s.loc, old, update).getResult() : s.max(old, update);
  if (reduction == "min")
    return isBool ? arith::AndIOp::create(s.builder, s.loc, old, update).getResult() : s.min(old, update);
  return update;
}

Value update(OpBuilder &b, Location loc, StringRef reduction, bool isUnsigned, Value tensor, ValueRange at,
             Value value) {
  ScalarBuilder s{b, loc, isUnsigned};
  if (reduction != "none")
    value = reduce(s, reduction, tensor::ExtractOp::create(b, loc, tensor, at), value);
  return tensor::InsertOp::create(b, loc, value, tensor, at);
}

struct LowerScatterElements : OpConversionPattern<onnx::ScatterElementsOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::ScatterElementsOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    auto data = tensorType(adaptor.getData()), indices = tensorType(adaptor.getIndices());
    if (!areKnown({data, indices}) || isEmpty(data))
      return rewriter.notifyMatchFailure(op, "has a shape that depends on data, or no data");
    int64_t axis = op.getAxis() < 0 ? op.getAxis() + data.getRank() : op.getAxis();
    rewriter.replaceOp(op,
                       loop(rewriter, op.getLoc(), getDims(indices), adaptor.getData(),
                            [&](OpBuilder &b, Location l, ValueRange at, ValueRange carried) -> SmallVector<Value> {
                              Value index = tensor::ExtractOp::create(b, l, adaptor.getIndices(), at);
                              Value value = tensor::ExtractOp::create(b, l, adaptor.getUpdates(), at);
                              SmallVector<Value> to(at);
                              to[axis] = toIndex(b, l, index, getDims(data)[axis]);
                              return {update(b, l, op.getReduction(), isUnsigned(op.getData()), carried[0], to, value)};
                            }));
    return success();
  }
};

struct LowerScatterND : OpConversionPattern<onnx::ScatterNDOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::ScatterNDOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    auto data = tensorType(adaptor.getData()), indices = tensorType(adaptor.getIndices()),
         updates = tensorType(adaptor.getUpdates());
    if (!areKnown({data, indices, updates}) || isEmpty(data) || indices.isDynamicDim(indices.getRank() - 1))
      return rewriter.notifyMatchFailure(op, "has a shape that depends on data, or no data");
    int64_t outer = indices.getRank() - 1, depth = indices.getShape().back();
    rewriter.replaceOp(op,
                       loop(rewriter, op.getLoc(), getDims(updates), adaptor.getData(),
                            [&](OpBuilder &b, Location l, ValueRange at, ValueRange carried) -> SmallVector<Value> {
                              Value value = tensor::ExtractOp::create(b, l, adaptor.getUpdates(), at);
                              SmallVector<Value> tuple(at.take_front(outer)), to;
                              tuple.push_back(Value());
                              for (int64_t d = 0; d < depth; ++d) {
                                tuple.back() = number(b, l, d);
                                to.push_back(toIndex(b, l, tensor::ExtractOp::create(b, l, adaptor.getIndices(), tuple),
                                                     getDims(data)[d]));
                              }
                              llvm::append_range(to, at.drop_front(outer));
                              return {update(b, l, op.getReduction(), isUnsigned(op.getData()), carried[0], to, value)};
                            }));
    return success();
  }
};

/// The update [B, .., L, ..] goes to positions write_indices[b] .. of the cache's axis, round its end if circular.
struct LowerTensorScatter : OpConversionPattern<onnx::TensorScatterOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::TensorScatterOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    auto cache = tensorType(adaptor.getPastCache()), part = tensorType(adaptor.getUpdate());
    if (!cache.hasStaticShape() || !part.hasStaticShape() || cache.getNumElements() == 0)
      return rewriter.notifyMatchFailure(op, "has no static shape, or no data");
    int64_t axis = op.getAxis() < 0 ? op.getAxis() + cache.getRank() : op.getAxis(), extent = cache.getDimSize(axis);
    bool circular = op.getMode() == "circular";
    rewriter.replaceOp(op,
                       loop(rewriter, op.getLoc(), getDims(part), adaptor.getPastCache(),
                            [&](OpBuilder &b, Location l, ValueRange at, ValueRange carried) -> SmallVector<Value> {
                              ScalarBuilder s{b, l};
                              SmallVector<Value> to(at);
                              if (adaptor.getWriteIndices()) {
                                Value first = tensor::ExtractOp::create(b, l, adaptor.getWriteIndices(), at.front());
                                to[axis] = s.add(to[axis], arith::IndexCastOp::create(b, l, b.getIndexType(), first));
                              }
                              Value zero = number(b, l, 0), size = number(b, l, extent);
                              if (circular)
                                to[axis] = arith::RemUIOp::create(b, l, s.max(to[axis], zero), size);
                              else
                                to[axis] = s.min(s.max(to[axis], zero), number(b, l, extent - 1));
                              Value value = tensor::ExtractOp::create(b, l, adaptor.getUpdate(), at);
                              return {tensor::InsertOp::create(b, l, value, carried[0], to)};
                            }));
    return success();
  }
};

/// Zeros, but the pooled values where their indices say; those count through the unpadded input of the pool.
struct LowerMaxUnpool : OpConversionPattern<onnx::MaxUnpoolOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::MaxUnpoolOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    auto x = tensorType(adaptor.getX());
    auto type = dyn_cast<RankedTensorType>(op.getOutput().getType());
    if (!type || !type.hasStaticShape() || !x.hasStaticShape() || type.getNumElements() == 0)
      return rewriter.notifyMatchFailure(op, "has no static shape, or no elements");
    Location loc = op.getLoc();
    // With output_shape the indices refer to the shape that the window alone gives.
    SmallVector<int64_t> inferred(x.getShape());
    for (int64_t d = 0; d < x.getRank() - 2; ++d) {
      int64_t stride = op.getStrides() ? (*op.getStrides())[d] : 1;
      int64_t pads = op.getPads() ? (*op.getPads())[d] + (*op.getPads())[d + x.getRank() - 2] : 0;
      inferred[d + 2] = (x.getDimSize(d + 2) - 1) * stride + op.getKernelShape()[d] - pads;
    }
    Value zeros = lower::createFilled(rewriter, loc, RankedTensorType::get(type.getShape(), x.getElementType()), 0);
    rewriter.replaceOp(op, loop(rewriter, loc, getDims(x), zeros,
                                [&](OpBuilder &b, Location l, ValueRange at, ValueRange carried) -> SmallVector<Value> {
                                  Value raw = tensor::ExtractOp::create(b, l, adaptor.getI(), at);
                                  int64_t count = 1;
                                  for (int64_t extent : inferred)
                                    count *= extent;
                                  Value flat = toIndex(b, l, raw, count);
                                  SmallVector<Value> to(inferred.size());
                                  for (size_t d = inferred.size(); d-- > 0;) {
                                    Value extent = number(b, l, inferred[d]);
                                    to[d] = arith::RemUIOp::create(b, l, flat, extent);
                                    to[d] = ScalarBuilder{b, l}.min(to[d], number(b, l, type.getDimSize(d) - 1));
                                    flat = arith::DivUIOp::create(b, l, flat, extent);
                                  }
                                  Value value = tensor::ExtractOp::create(b, l, adaptor.getX(), at);
                                  return {tensor::InsertOp::create(b, l, value, carried[0], to)};
                                }));
    return success();
  }
};

/// Columns [N, C * taps, positions] are added up into the image that im2col would make them of.
struct LowerCol2Im : OpConversionPattern<onnx::Col2ImOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::Col2ImOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    auto type = dyn_cast<RankedTensorType>(op.getOutput().getType());
    auto block = onnx::getConstantIntegers(op.getBlockShape());
    auto input = tensorType(adaptor.getInput());
    if (!type || !type.hasStaticShape() || !input.hasStaticShape() || !block)
      return rewriter.notifyMatchFailure(op, "image_shape and block_shape are not constant");
    Location loc = op.getLoc();
    int64_t dims = block->size();
    auto at = [](std::optional<ArrayRef<int64_t>> values, int64_t i, int64_t otherwise) {
      return values ? (*values)[i] : otherwise;
    };
    // Loops: image, channel, tap.., position..
    SmallVector<int64_t> extents{type.getDimSize(0), type.getDimSize(1)}, positions;
    llvm::append_range(extents, *block);
    for (int64_t d = 0; d < dims; ++d) {
      int64_t padded = type.getDimSize(d + 2) + at(op.getPads(), d, 0) + at(op.getPads(), d + dims, 0);
      positions.push_back((padded - at(op.getDilations(), d, 1) * ((*block)[d] - 1) - 1) / at(op.getStrides(), d, 1) +
                          1);
    }
    llvm::append_range(extents, positions);
    int64_t taps = 1;
    for (int64_t extent : *block)
      taps *= extent;
    Value zeros = lower::createFilled(rewriter, loc, RankedTensorType::get(type.getShape(), input.getElementType()), 0);
    rewriter.replaceOp(
        op, loop(rewriter, loc, toDims(extents), zeros,
                 [&](OpBuilder &b, Location l, ValueRange i, ValueRange carried) -> SmallVector<Value> {
                   ScalarBuilder s{b, l};
                   Value row = s.mul(i[1], number(b, l, taps)), column = number(b, l, 0), inside;
                   Value tap = number(b, l, 0);
                   SmallVector<Value> to{i[0], i[1]};
                   for (int64_t d = 0; d < dims; ++d) {
                     tap = s.add(s.mul(tap, number(b, l, (*block)[d])), i[2 + d]);
                     column = s.add(s.mul(column, number(b, l, positions[d])), i[2 + dims + d]);
                     Value y = s.add(s.mul(i[2 + dims + d], number(b, l, at(op.getStrides(), d, 1))),
                                     s.mul(i[2 + d], number(b, l, at(op.getDilations(), d, 1))));
                     y = s.sub(y, number(b, l, at(op.getPads(), d, 0)));
                     Value last = number(b, l, type.getDimSize(d + 2) - 1);
                     Value within = arith::AndIOp::create(b, l, s.compare(Compare::GreaterOrEqual, y, number(b, l, 0)),
                                                          s.compare(Compare::LessOrEqual, y, last));
                     inside = inside ? arith::AndIOp::create(b, l, inside, within).getResult() : within;
                     to.push_back(s.min(s.max(y, number(b, l, 0)), last));
                   }
                   Value value =
                       tensor::ExtractOp::create(b, l, adaptor.getInput(), ValueRange{i[0], s.add(row, tap), column});
                   value = s.select(inside, value, s.constantLike(value, 0));
                   Value old = tensor::ExtractOp::create(b, l, carried[0], to);
                   return {tensor::InsertOp::create(b, l, s.add(old, value), carried[0], to)};
                 }));
    return success();
  }
};

/// Running sums and products: loops over the rows, one along the axis that carries the sum.
template <class Op>
struct LowerCumulative : OpConversionPattern<Op> {
  using OpConversionPattern<Op>::OpConversionPattern;

  LogicalResult matchAndRewrite(Op op, typename Op::Adaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    auto type = tensorType(adaptor.getX());
    auto axes = onnx::getConstantIntegers(op.getAxis());
    if (!areKnown({type}) || !axes || axes->size() != 1)
      return rewriter.notifyMatchFailure(op, "axis is not constant");
    int64_t axis = axes->front() < 0 ? axes->front() + type.getRank() : axes->front();
    Dims rows = getDims(type);
    Dim length = rows[axis];
    rows.erase(rows.begin() + axis);
    bool product = std::is_same_v<Op, onnx::CumProdOp>, exclusive = op.getExclusive() != 0;
    Location loc = op.getLoc();
    Value empty = createEmpty(rewriter, loc, type);
    auto row = [&](OpBuilder &b, Location l, ValueRange outer, ValueRange carried) -> SmallVector<Value> {
      Value start = ScalarBuilder{b, l}.constant(type.getElementType(), product ? 1 : 0);
      return {loop(b, l, length, {carried[0], start},
                   [&](OpBuilder &bi, Location li, ValueRange inner, ValueRange state) -> SmallVector<Value> {
                     ScalarBuilder s{bi, li};
                     SmallVector<Value> at(outer);
                     Value i = op.getReverse() ? s.sub(number(bi, li, length - 1), inner[0]) : inner[0];
                     at.insert(at.begin() + axis, i);
                     Value x = tensor::ExtractOp::create(bi, li, adaptor.getX(), at);
                     Value next = product ? s.mul(state[1], x) : s.add(state[1], x);
                     Value y = tensor::InsertOp::create(bi, li, exclusive ? state[1] : next, state[0], at);
                     return {y, next};
                   })
                  .front()};
    };
    rewriter.replaceOp(op, rows.empty() ? row(rewriter, loc, {}, empty) : loop(rewriter, loc, rows, empty, row));
    return success();
  }
};

/// The k best of each row in order: each is the best of those that come after the one before it. Equal elements come in
/// the order of their indices.
struct LowerTopK : OpConversionPattern<onnx::TopKOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::TopKOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    auto source = tensorType(adaptor.getX());
    auto type = dyn_cast<RankedTensorType>(op.getValues().getType());
    if (!areKnown({type, source}))
      return rewriter.notifyMatchFailure(op, "k depends on data");
    int64_t axis = op.getAxis() < 0 ? op.getAxis() + type.getRank() : op.getAxis();
    Dims rows = getDims(type);
    Dim length = getDims(source)[axis], taken = rows[axis];
    Location loc = op.getLoc();
    auto valuesType = getTensorType(rows, source.getElementType());
    auto indexType = getTensorType(rows, rewriter.getI64Type());
    SmallVector<Value> start{createEmpty(rewriter, loc, valuesType), createEmpty(rewriter, loc, indexType)};
    if (isEmpty(type)) {
      rewriter.replaceOp(op, start);
      return success();
    }
    rows.erase(rows.begin() + axis);
    bool largest = op.getLargest() != 0;
    auto row = [&](OpBuilder &b, Location l, ValueRange outer, ValueRange carried) -> SmallVector<Value> {
      ScalarBuilder s{b, l, isUnsigned(op.getX())};
      auto at = [&](Value i) {
        SmallVector<Value> index(outer);
        index.insert(index.begin() + axis, i);
        return index;
      };
      auto load = [&](OpBuilder &bi, Location li, Value i) -> Value {
        return tensor::ExtractOp::create(bi, li, adaptor.getX(), at(i));
      };
      // Whether element (x, i) comes before (y, j).
      auto before = [&](const ScalarBuilder &t, Value x, Value i, Value y, Value j) -> Value {
        Value better = t.compare(largest ? Compare::Greater : Compare::Less, x, y);
        Value equal = t.compare(Compare::Equal, x, y);
        Value first = ScalarBuilder{t.builder, t.loc}.compare(Compare::Less, i, j);
        Value tie = arith::AndIOp::create(t.builder, t.loc, equal, first);
        return arith::OrIOp::create(t.builder, t.loc, better, tie);
      };
      Value none = number(b, l, -1);
      SmallVector<Value> state(carried);
      state.append({s.constant(source.getElementType(), 0), none}); // there may be no elements
      auto results =
          loop(b, l, taken, state,
               [&](OpBuilder &bk, Location lk, ValueRange k, ValueRange outerState) -> SmallVector<Value> {
                 Value lastValue = outerState[2], lastIndex = outerState[3];
                 Value first = load(bk, lk, number(bk, lk, 0));
                 auto best =
                     loop(bk, lk, length, {first, number(bk, lk, -1)},
                          [&](OpBuilder &bi, Location li, ValueRange i, ValueRange found) -> SmallVector<Value> {
                            ScalarBuilder t{bi, li, s.isUnsigned}, plain{bi, li};
                            Value x = load(bi, li, i[0]), zero = number(bi, li, 0);
                            Value unset = plain.compare(Compare::Less, lastIndex, zero);
                            Value left = arith::OrIOp::create(bi, li, unset, before(t, lastValue, lastIndex, x, i[0]));
                            Value nothing = plain.compare(Compare::Less, found[1], zero);
                            Value better =
                                arith::OrIOp::create(bi, li, nothing, before(t, x, i[0], found[0], found[1]));
                            Value take = arith::AndIOp::create(bi, li, left, better);
                            return {t.select(take, x, found[0]), t.select(take, i[0], found[1])};
                          });
                 Value position = arith::IndexCastOp::create(bk, lk, bk.getI64Type(), best[1]);
                 Value values = tensor::InsertOp::create(bk, lk, best[0], outerState[0], at(k[0]));
                 Value indices = tensor::InsertOp::create(bk, lk, position, outerState[1], at(k[0]));
                 return {values, indices, best[0], best[1]};
               });
      return {results[0], results[1]};
    };
    rewriter.replaceOp(op, rows.empty() ? row(rewriter, loc, {}, start) : loop(rewriter, loc, rows, start, row));
    return success();
  }
};

} // namespace

void lower::populateScatterPatterns(OnnxTypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<LowerScatterElements, LowerScatterND, LowerTensorScatter, LowerMaxUnpool, LowerCol2Im,
               LowerCumulative<onnx::CumSumOp>, LowerCumulative<onnx::CumProdOp>, LowerTopK>(converter,
                                                                                             patterns.getContext());
}
