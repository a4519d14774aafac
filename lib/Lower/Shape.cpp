// Operators that only move elements: reshapes, transposes, slices, joins, padding.
#include "ScalarBuilder.h"
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Graph/ShapeMath.h"
#include "m2c/Graph/Sizes.h"
#include "m2c/Lower/Lower.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"

using namespace mlir;
using namespace m2c;

namespace {

/// Reshape, Flatten, Squeeze, Unsqueeze: the result's shape is known, so they are all the same.
template <class Op>
struct LowerReshape : OpConversionPattern<Op> {
  using OpConversionPattern<Op>::OpConversionPattern;

  LogicalResult matchAndRewrite(Op op, typename Op::Adaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = lower::getResult(op, this->getTypeConverter(), rewriter);
    if (!type)
      return failure();
    rewriter.replaceOp(op, lower::createReshape(rewriter, op.getLoc(), adaptor.getOperands().front(), getDims(type)));
    return success();
  }
};

struct LowerIdentity : OpConversionPattern<onnx::IdentityOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::IdentityOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOp(op, adaptor.getInput());
    return success();
  }
};

struct LowerTranspose : OpConversionPattern<onnx::TransposeOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::TransposeOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    int64_t rank = tensorType(adaptor.getData()).getRank();
    SmallVector<int64_t> permutation = llvm::to_vector(llvm::reverse(llvm::seq<int64_t>(0, rank)));
    if (op.getPerm())
      permutation.assign(op.getPerm()->begin(), op.getPerm()->end());
    rewriter.replaceOp(op, createTranspose(rewriter, op.getLoc(), adaptor.getData(), permutation));
    return success();
  }
};

struct LowerConcat : OpConversionPattern<onnx::ConcatOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::ConcatOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = lower::getResult(op, getTypeConverter(), rewriter);
    if (!type)
      return failure();
    int64_t axis = op.getAxis() < 0 ? op.getAxis() + type.getRank() : op.getAxis();
    SmallVector<Value> parts = llvm::to_vector(llvm::make_filter_range(
        adaptor.getInputs(), [](Value part) { return !llvm::is_contained(tensorType(part).getShape(), 0); }));
    if (parts.size() == 1)
      rewriter.replaceOp(op, parts.front());
    else if (parts.empty())
      rewriter.replaceOp(op, createEmpty(rewriter, op.getLoc(), type));
    else
      rewriter.replaceOpWithNewOp<tensor::ConcatOp>(op, type, axis, parts);
    return success();
  }
};

/// Slice with bounds that are known in symbols; negative steps read backwards by index.
struct LowerSlice : OpConversionPattern<onnx::SliceOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::SliceOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = lower::getResult(op, getTypeConverter(), rewriter);
    if (!type)
      return failure();
    auto knownSizes = [](Value operand) -> std::optional<Dims> {
      auto sizes = graph::getSizes(operand);
      return sizes ? std::optional(sizes->values) : std::nullopt;
    };
    int64_t rank = type.getRank();
    auto starts = knownSizes(op.getStarts()), ends = knownSizes(op.getEnds());
    if (!starts || !ends)
      return rewriter.notifyMatchFailure(op, "starts or ends are not constant");
    SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(0, starts->size())), steps(starts->size(), 1);
    if (op.getAxes()) {
      auto constant = onnx::getConstantIntegers(op.getAxes());
      if (!constant)
        return rewriter.notifyMatchFailure(op, "axes are not constant");
      axes = *constant;
    }
    if (op.getSteps()) {
      auto constant = onnx::getConstantIntegers(op.getSteps());
      if (!constant)
        return rewriter.notifyMatchFailure(op, "steps are not constant");
      steps = *constant;
    }
    Dims offsets(rank, Dim(0)), source = getDims(op.getData());
    SmallVector<int64_t> strides(rank, 1);
    for (auto [axis, start, end, step] : llvm::zip_equal(axes, *starts, *ends, steps)) {
      int64_t dim = axis < 0 ? axis + rank : axis;
      auto range = graph::resolveSlice(op, source[dim], start, end, step);
      if (!range)
        return rewriter.notifyMatchFailure(op, "bounds are not known in the inputs' dimensions");
      offsets[dim] = range->start;
      strides[dim] = step;
    }
    if (llvm::is_contained(type.getShape(), 0)) {
      rewriter.replaceOp(op, createEmpty(rewriter, op.getLoc(), type));
      return success();
    }
    if (llvm::all_of(strides, [](int64_t stride) { return stride > 0; })) {
      rewriter.replaceOp(op,
                         lower::createSlice(rewriter, op.getLoc(), adaptor.getData(), offsets, getDims(type), strides));
      return success();
    }
    Value data = adaptor.getData();
    rewriter.replaceOp(
        op, lower::createElementwise(rewriter, op.getLoc(), type, {}, [&](OpBuilder &b, Location loc, ValueRange) {
          SmallVector<Value> indices;
          for (int64_t dim = 0; dim < type.getRank(); ++dim) {
            Value index = linalg::IndexOp::create(b, loc, dim);
            index = arith::MulIOp::create(b, loc, index, arith::ConstantIndexOp::create(b, loc, strides[dim]));
            indices.push_back(arith::AddIOp::create(
                b, loc, index, getValueOrCreateConstantIndexOp(b, loc, createSize(b, loc, offsets[dim]))));
          }
          return tensor::ExtractOp::create(b, loc, data, indices).getResult();
        }));
    return success();
  }
};

struct LowerSplit : OpConversionPattern<onnx::SplitOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::SplitOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    auto source = tensorType(adaptor.getInput());
    int64_t axis = op.getAxis() < 0 ? op.getAxis() + source.getRank() : op.getAxis();
    Dims offsets(source.getRank(), Dim(0));
    SmallVector<Value> parts;
    for (unsigned i = 0; i < op->getNumResults(); ++i) {
      RankedTensorType type = lower::getResult(op, getTypeConverter(), rewriter, i);
      if (!type)
        return failure();
      parts.push_back(lower::createSlice(rewriter, op.getLoc(), adaptor.getInput(), offsets, getDims(type)));
      offsets[axis] += getDims(type)[axis];
    }
    rewriter.replaceOp(op, parts);
    return success();
  }
};

struct LowerExpand : OpConversionPattern<onnx::ExpandOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::ExpandOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = lower::getResult(op, getTypeConverter(), rewriter);
    if (!type)
      return failure();
    rewriter.replaceOp(op, lower::createElementwise(rewriter, op.getLoc(), type, adaptor.getInput(),
                                                    [](OpBuilder &, Location, ValueRange x) { return x[0]; }));
    return success();
  }
};

/// Tile: [d0, d1 ..] broadcast to [r0, d0, r1, d1 ..], then collapsed.
struct LowerTile : OpConversionPattern<onnx::TileOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::TileOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = lower::getResult(op, getTypeConverter(), rewriter);
    if (!type)
      return failure();
    if (llvm::is_contained(type.getShape(), 0))
      return rewriter.notifyMatchFailure(op, "result has no elements");
    Dims withUnits, repeated;
    for (auto [from, to] : llvm::zip_equal(getDims(adaptor.getInput()), getDims(type))) {
      std::optional<Dim> times = to.divideExactly(from);
      if (!times)
        return rewriter.notifyMatchFailure(op, "how often it repeats a dimension is not known in the model's symbols");
      withUnits.append({1, from});
      repeated.append({*times, from});
    }
    Value value = lower::createReshape(rewriter, op.getLoc(), adaptor.getInput(), withUnits);
    value = lower::createElementwise(rewriter, op.getLoc(), getTensorType(repeated, type.getElementType()), value,
                                     [](OpBuilder &, Location, ValueRange x) { return x[0]; });
    rewriter.replaceOp(op, lower::createReshape(rewriter, op.getLoc(), value, getDims(type)));
    return success();
  }
};

/// Pad: a constant border is tensor.pad (negative widths crop first); reflect, edge and wrap read by index.
struct LowerPad : OpConversionPattern<onnx::PadOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::PadOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = lower::getStaticResult(op, getTypeConverter(), rewriter);
    auto source = tensorType(adaptor.getData());
    auto pads = onnx::getConstantIntegers(op.getPads());
    if (!type || !pads)
      return rewriter.notifyMatchFailure(op, "pads are not constant");
    SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(0, source.getRank()));
    if (op.getAxes()) {
      auto constant = onnx::getConstantIntegers(op.getAxes());
      if (!constant)
        return rewriter.notifyMatchFailure(op, "axes are not constant");
      axes = *constant;
    }
    SmallVector<int64_t> low(source.getRank(), 0), high(source.getRank(), 0);
    for (auto [i, axis] : llvm::enumerate(axes)) {
      low[axis < 0 ? axis + source.getRank() : axis] = (*pads)[i];
      high[axis < 0 ? axis + source.getRank() : axis] = (*pads)[i + axes.size()];
    }
    auto constant = op.getConstantValue() ? onnx::getConstantFloats(op.getConstantValue()) : std::nullopt;
    if (op.getMode() != "constant" || (op.getConstantValue() && !constant))
      return lowerByIndex(op, adaptor.getData(), adaptor.getConstantValue(), type, low, rewriter);

    double padding = 0;
    if (constant)
      padding = constant->empty() ? 0 : constant->front();
    SmallVector<int64_t> offsets, sizes;
    for (int64_t dim = 0; dim < source.getRank(); ++dim) {
      offsets.push_back(std::max<int64_t>(-low[dim], 0));
      sizes.push_back(source.getDimSize(dim) - offsets.back() - std::max<int64_t>(-high[dim], 0));
      low[dim] = std::max<int64_t>(low[dim], 0);
      high[dim] = std::max<int64_t>(high[dim], 0);
    }
    Value value = adaptor.getData();
    if (ArrayRef<int64_t>(sizes) != source.getShape())
      value = lower::createSlice(rewriter, op.getLoc(), value, toDims(offsets), toDims(sizes));
    rewriter.replaceOp(op, lower::createPad(rewriter, op.getLoc(), value, low, high, padding));
    return success();
  }

private:
  /// `padding` is the value of a constant border that only the run knows.
  static LogicalResult lowerByIndex(onnx::PadOp op, Value data, Value padding, RankedTensorType type,
                                    ArrayRef<int64_t> low, ConversionPatternRewriter &rewriter) {
    auto source = tensorType(data);
    if (source.getNumElements() == 0)
      return rewriter.notifyMatchFailure(op, "there is no data");
    StringRef mode = op.getMode();
    rewriter.replaceOp(
        op, lower::createElementwise(rewriter, op.getLoc(), type, {}, [&](OpBuilder &b, Location loc, ValueRange) {
          lower::ScalarBuilder s{b, loc};
          using Compare = lower::ScalarBuilder::Compare;
          SmallVector<Value> indices;
          Value inside;
          for (int64_t dim = 0; dim < type.getRank(); ++dim) {
            int64_t extent = source.getDimSize(dim);
            auto number = [&](int64_t value) -> Value { return arith::ConstantIndexOp::create(b, loc, value); };
            Value index = s.sub(linalg::IndexOp::create(b, loc, dim), number(low[dim]));
            if (extent == type.getDimSize(dim) && low[dim] == 0) {
              indices.push_back(index);
              continue;
            }
            if (mode == "constant") {
              for (Value within : {s.compare(Compare::GreaterOrEqual, index, number(0)),
                                   s.compare(Compare::Less, index, number(extent))})
                inside = inside ? arith::AndIOp::create(b, loc, inside, within).getResult() : within;
            }
            if (mode == "edge" || mode == "constant" || extent == 1) {
              index = s.min(s.max(index, number(0)), number(extent - 1));
            } else { // wrap has period n; reflect has period 2(n - 1) and runs back in its second half
              int64_t period = mode == "wrap" ? extent : 2 * (extent - 1);
              index = arith::RemSIOp::create(b, loc, index, number(period));
              index = s.select(s.compare(lower::ScalarBuilder::Compare::Less, index, number(0)),
                               s.add(index, number(period)), index);
              if (mode == "reflect")
                index = s.min(index, s.sub(number(period), index));
            }
            indices.push_back(index);
          }
          Value element = tensor::ExtractOp::create(b, loc, data, indices);
          if (!inside)
            return element;
          SmallVector<Value> first(tensorType(padding).getRank(), number(b, loc, 0));
          return s.select(inside, element, tensor::ExtractOp::create(b, loc, padding, first));
        }));
    return success();
  }

  static Value number(OpBuilder &b, Location loc, int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  }
};

/// DepthToSpace and SpaceToDepth: a reshape that splits off the blocks, a transpose, a reshape.
template <class Op>
struct LowerBlocks : OpConversionPattern<Op> {
  using OpConversionPattern<Op>::OpConversionPattern;

  LogicalResult matchAndRewrite(Op op, typename Op::Adaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = lower::getStaticResult(op, this->getTypeConverter(), rewriter);
    if (!type)
      return failure();
    ArrayRef<int64_t> shape = tensorType(adaptor.getInput()).getShape();
    int64_t b = op.getBlocksize(), n = shape[0], c = shape[1], h = shape[2], w = shape[3];
    bool crd = op.getMode() == "CRD"; // the channel comes before the place in its block, not behind it
    SmallVector<int64_t> split, permutation;
    if constexpr (std::is_same_v<Op, onnx::SpaceToDepthOp>) {
      split = {n, c, h / b, b, w / b, b};
      permutation = crd ? SmallVector<int64_t>{0, 1, 3, 5, 2, 4} : SmallVector<int64_t>{0, 3, 5, 1, 2, 4};
    } else if (crd) {
      split = {n, c / (b * b), b, b, h, w};
      permutation = {0, 1, 4, 2, 5, 3};
    } else {
      split = {n, b, b, c / (b * b), h, w};
      permutation = {0, 3, 4, 1, 5, 2};
    }
    Value value = lower::createReshape(rewriter, op.getLoc(), adaptor.getInput(), toDims(split));
    value = createTranspose(rewriter, op.getLoc(), value, permutation);
    rewriter.replaceOp(op, lower::createReshape(rewriter, op.getLoc(), value, getDims(type)));
    return success();
  }
};

/// Keeps the upper or lower triangle of the last two dimensions.
struct LowerTrilu : OpConversionPattern<onnx::TriluOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::TriluOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = lower::getResult(op, getTypeConverter(), rewriter);
    std::optional<SmallVector<int64_t>> k = SmallVector<int64_t>{0};
    if (op.getK())
      k = onnx::getConstantIntegers(op.getK());
    if (!type || !k || k->size() != 1)
      return rewriter.notifyMatchFailure(op, "k is not constant");
    rewriter.replaceOp(
        op, lower::createElementwise(
                rewriter, op.getLoc(), type, adaptor.getInput(), [&](OpBuilder &b, Location loc, ValueRange x) {
                  lower::ScalarBuilder s{b, loc};
                  Value row = linalg::IndexOp::create(b, loc, type.getRank() - 2);
                  Value column = linalg::IndexOp::create(b, loc, type.getRank() - 1);
                  Value diagonal = s.add(row, arith::ConstantIndexOp::create(b, loc, k->front()));
                  using Compare = lower::ScalarBuilder::Compare;
                  Value kept =
                      s.compare(op.getUpper() ? Compare::GreaterOrEqual : Compare::LessOrEqual, column, diagonal);
                  return s.select(kept, x[0], s.constantLike(x[0], 0));
                }));
    return success();
  }
};

/// 1 on one diagonal, else 0.
struct LowerEyeLike : OpConversionPattern<onnx::EyeLikeOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::EyeLikeOp op, OpAdaptor, ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = lower::getStaticResult(op, getTypeConverter(), rewriter);
    if (!type)
      return failure();
    rewriter.replaceOp(
        op, lower::createElementwise(rewriter, op.getLoc(), type, {}, [&](OpBuilder &b, Location loc, ValueRange) {
          lower::ScalarBuilder s{b, loc};
          Value row = linalg::IndexOp::create(b, loc, 0), column = linalg::IndexOp::create(b, loc, 1);
          Value diagonal = s.add(row, arith::ConstantIndexOp::create(b, loc, op.getK()));
          return s.select(s.compare(lower::ScalarBuilder::Compare::Equal, column, diagonal),
                          s.constant(type.getElementType(), 1), s.constant(type.getElementType(), 0));
        }));
    return success();
  }
};

/// One number everywhere; small ones have been evaluated.
struct LowerConstantOfShape : OpConversionPattern<onnx::ConstantOfShapeOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::ConstantOfShapeOp op, OpAdaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = lower::getResult(op, getTypeConverter(), rewriter);
    if (!type)
      return failure();
    TypedAttr value = rewriter.getZeroAttr(type.getElementType());
    if (op.getValueAttr()) {
      auto numbers = onnx::readConstant(op.getValueAttr());
      if (!numbers)
        return rewriter.notifyMatchFailure(op, "its value cannot be read");
      APInt bits(type.getElementTypeBitWidth(), 0);
      uint64_t raw = 0;
      std::memcpy(&raw, numbers->getBytes().data(), std::min<size_t>(8, numbers->getBytes().size()));
      bits = APInt(64, raw).trunc(type.getElementTypeBitWidth());
      if (auto real = dyn_cast<FloatType>(type.getElementType()))
        value = rewriter.getFloatAttr(real, APFloat(real.getFloatSemantics(), bits));
      else
        value = rewriter.getIntegerAttr(type.getElementType(), bits);
    }
    Value scalar = arith::ConstantOp::create(rewriter, op.getLoc(), value);
    rewriter.replaceOpWithNewOp<linalg::FillOp>(op, scalar, createEmpty(rewriter, op.getLoc(), type));
    return success();
  }
};

/// Sizes in symbols -> a tensor of them.
struct LowerSizes : OpConversionPattern<onnx::SizesOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::SizesOp op, OpAdaptor, ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = lower::getResult(op, getTypeConverter(), rewriter);
    if (!type)
      return failure();
    SmallVector<Value> elements;
    for (AffineExpr expr : op.getValues().getResults()) {
      Value size = getValueOrCreateConstantIndexOp(rewriter, op.getLoc(), createSize(rewriter, op.getLoc(), Dim(expr)));
      elements.push_back(arith::IndexCastOp::create(rewriter, op.getLoc(), type.getElementType(), size));
    }
    rewriter.replaceOpWithNewOp<tensor::FromElementsOp>(op, type, elements);
    return success();
  }
};

/// start + i * delta
struct LowerRange : OpConversionPattern<onnx::RangeOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::RangeOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = lower::getResult(op, getTypeConverter(), rewriter);
    if (!type)
      return failure();
    Value start = lower::createReshape(rewriter, op.getLoc(), adaptor.getStart(), Dims{}),
          delta = lower::createReshape(rewriter, op.getLoc(), adaptor.getDelta(), Dims{});
    rewriter.replaceOp(op, lower::createElementwise(rewriter, op.getLoc(), type, {start, delta},
                                                    [&](OpBuilder &b, Location loc, ValueRange x) {
                                                      lower::ScalarBuilder s{b, loc};
                                                      Value i = arith::IndexCastOp::create(
                                                          b, loc, b.getI64Type(), linalg::IndexOp::create(b, loc, 0));
                                                      return s.add(x[0], s.mul(s.cast(i, x[0].getType(), false), x[1]));
                                                    }));
    return success();
  }
};

} // namespace

void lower::populateShapePatterns(OnnxTypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<LowerReshape<onnx::ReshapeOp>, LowerReshape<onnx::FlattenOp>, LowerReshape<onnx::SqueezeOp>,
               LowerReshape<onnx::UnsqueezeOp>, LowerIdentity, LowerTranspose, LowerConcat, LowerSlice, LowerSplit,
               LowerExpand, LowerTile, LowerPad, LowerBlocks<onnx::DepthToSpaceOp>, LowerBlocks<onnx::SpaceToDepthOp>,
               LowerTrilu, LowerEyeLike, LowerConstantOfShape, LowerSizes, LowerRange>(converter,
                                                                                       patterns.getContext());
}
