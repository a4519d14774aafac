// Evaluates what the lowering and the layout passes leave of constants alone: transposes, reshapes, slices,
// element-wise code and products of weights never reach run time.
#include "EvaluateScalars.h"
#include "SinkTransposes.h"
#include "m2c/Dialect/Kernel/Kernel.h"
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Optimize/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace m2c {
#define GEN_PASS_DEF_FOLDCONSTANTSPASS
#include "m2c/Optimize/Passes.h.inc"
} // namespace m2c

using namespace mlir;
using namespace m2c;

namespace {

ElementsAttr getConstant(Value value) {
  auto constant = value.getDefiningOp<arith::ConstantOp>();
  return constant ? dyn_cast<ElementsAttr>(constant.getValue()) : ElementsAttr();
}

SmallVector<int64_t> rowMajorStrides(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;)
    strides[i - 1] = strides[i] * shape[i];
  return strides;
}

/// Copies elements of `bytes` size into row-major order from a strided source.
void gather(const char *source, char *target, int64_t bytes, ArrayRef<int64_t> shape, ArrayRef<int64_t> strides) {
  if (shape.empty()) {
    std::memcpy(target, source, static_cast<size_t>(bytes));
    return;
  }
  int64_t inner = 1;
  for (int64_t extent : shape.drop_front())
    inner *= extent;
  if (shape.size() == 1 && strides[0] == 1) {
    std::memcpy(target, source, static_cast<size_t>(bytes * shape[0]));
    return;
  }
  for (int64_t i = 0; i < shape[0]; ++i)
    gather(source + i * strides[0] * bytes, target + i * inner * bytes, bytes, shape.drop_front(),
           strides.drop_front());
}

/// Replaces `op` by the constant of its type whose elements lie in the source at `offset` with `strides`.
LogicalResult replaceByGather(Operation *op, ElementsAttr source, int64_t offset, ArrayRef<int64_t> strides,
                              PatternRewriter &rewriter) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  std::optional<onnx::ConstantData> data = onnx::readConstant(source);
  int64_t bytes = onnx::getElementBytes(type.getElementType());
  if (!data || bytes == 0)
    return rewriter.notifyMatchFailure(op, "the constant's data cannot be read");
  onnx::ConstantBuffer buffer(type);
  if (type.getNumElements() != 0)
    gather(data->getBytes().data() + offset * bytes, buffer.getBytes().data(), bytes, type.getShape(), strides);
  rewriter.replaceOpWithNewOp<arith::ConstantOp>(op, type, cast<TypedAttr>(std::move(buffer).finish()));
  return success();
}

/// Calls f(offsets) for every point of `shape`, with the offset of each operand there.
template <class F>
bool forEachPoint(ArrayRef<int64_t> shape, ArrayRef<SmallVector<int64_t>> strides, F f) {
  SmallVector<int64_t> index(shape.size(), 0), offsets(strides.size(), 0);
  for (int64_t count = ShapedType::getNumElements(shape); count > 0; --count) {
    if (!f(ArrayRef<int64_t>(offsets)))
      return false;
    for (size_t dim = shape.size(); dim-- > 0;) {
      ++index[dim];
      for (auto [offset, stride] : llvm::zip_equal(offsets, strides))
        offset += stride[dim];
      if (index[dim] < shape[dim])
        break;
      for (auto [offset, stride] : llvm::zip_equal(offsets, strides))
        offset -= stride[dim] * shape[dim];
      index[dim] = 0;
    }
  }
  return true;
}

// Larger results stay code: a broadcast may be far larger than what it is made of.
constexpr int64_t largestResult = int64_t{4} << 20;

struct FoldTranspose : OpRewritePattern<linalg::TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::TransposeOp op, PatternRewriter &rewriter) const override {
    ElementsAttr source = op.hasPureTensorSemantics() ? getConstant(op.getInput()) : ElementsAttr();
    if (!source)
      return rewriter.notifyMatchFailure(op, "operand is not constant");
    SmallVector<int64_t> strides = rowMajorStrides(cast<ShapedType>(source.getType()).getShape());
    auto permuted = llvm::map_to_vector(op.getPermutation(), [&](int64_t axis) { return strides[axis]; });
    return replaceByGather(op, source, 0, permuted, rewriter);
  }
};

struct FoldSlice : OpRewritePattern<tensor::ExtractSliceOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::ExtractSliceOp op, PatternRewriter &rewriter) const override {
    ElementsAttr source = getConstant(op.getSource());
    if (!source || !op.getType().hasStaticShape() || ShapedType::isDynamicShape(op.getStaticOffsets()) ||
        ShapedType::isDynamicShape(op.getStaticStrides()))
      return rewriter.notifyMatchFailure(op, "operand or position is not constant");
    SmallVector<int64_t> strides = rowMajorStrides(cast<ShapedType>(source.getType()).getShape()), kept;
    llvm::SmallBitVector dropped = op.getDroppedDims();
    int64_t offset = 0;
    for (size_t dim = 0; dim < strides.size(); ++dim) {
      offset += op.getStaticOffsets()[dim] * strides[dim];
      if (!dropped.test(dim))
        kept.push_back(strides[dim] * op.getStaticStrides()[dim]);
    }
    return replaceByGather(op, source, offset, kept, rewriter);
  }
};

struct FoldPad : OpRewritePattern<tensor::PadOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::PadOp op, PatternRewriter &rewriter) const override {
    ElementsAttr source = getConstant(op.getSource());
    RankedTensorType type = op.getResultType();
    Attribute value;
    if (!source || !type.hasStaticShape() || type.getNumElements() > largestResult || !op.getConstantPaddingValue() ||
        !matchPattern(op.getConstantPaddingValue(), m_Constant(&value)) ||
        ShapedType::isDynamicShape(op.getStaticLow()))
      return rewriter.notifyMatchFailure(op, "operand, padding or position is not constant");
    ArrayRef<int64_t> inner = cast<ShapedType>(source.getType()).getShape();
    std::optional<onnx::ConstantData> from = onnx::readConstant(source),
                                      fill = onnx::readConstant(DenseElementsAttr::get(
                                          RankedTensorType::get({1}, type.getElementType()), value));
    auto bytes = static_cast<size_t>(onnx::getElementBytes(type.getElementType()));
    if (!from || !fill || bytes == 0)
      return rewriter.notifyMatchFailure(op, "the constant's data cannot be read");
    onnx::ConstantBuffer buffer(type);
    char *to = buffer.getBytes().data();
    for (int64_t i = 0; i < type.getNumElements(); ++i)
      std::memcpy(to + static_cast<size_t>(i) * bytes, fill->getBytes().data(), bytes);
    SmallVector<int64_t> strides = rowMajorStrides(type.getShape());
    int64_t offset = 0, next = 0;
    for (auto [low, stride] : llvm::zip_equal(op.getStaticLow(), strides))
      offset += low * stride;
    forEachPoint(inner, {strides}, [&](ArrayRef<int64_t> at) {
      std::memcpy(to + static_cast<size_t>(offset + at[0]) * bytes,
                  from->getBytes().data() + static_cast<size_t>(next++) * bytes, bytes);
      return true;
    });
    rewriter.replaceOpWithNewOp<arith::ConstantOp>(op, type, cast<TypedAttr>(std::move(buffer).finish()));
    return success();
  }
};

template <class Op>
struct FoldReshape : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;

  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    ElementsAttr source = getConstant(op.getSrc());
    auto type = cast<RankedTensorType>(op.getResult().getType());
    if (!source || !type.hasStaticShape())
      return rewriter.notifyMatchFailure(op, "operand is not constant");
    return replaceByGather(op, source, 0, rowMajorStrides(type.getShape()), rewriter);
  }
};

/// The float32 numbers of a constant; empty for anything else.
ArrayRef<float> getFloats(Value value, std::optional<onnx::ConstantData> &storage) {
  ElementsAttr constant = getConstant(value);
  if (!constant || !constant.getElementType().isF32())
    return {};
  storage = onnx::readConstant(constant);
  return storage ? storage->as<float>() : ArrayRef<float>();
}

/// Where an operand's element lies for given loop indices: the row-major offset as sums of strides, per loop.
SmallVector<int64_t> getLoopStrides(AffineMap map, ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides = rowMajorStrides(shape), perLoop(map.getNumDims(), 0);
  for (auto [result, expr] : llvm::enumerate(map.getResults()))
    if (auto dim = dyn_cast<AffineDimExpr>(expr))
      perLoop[dim.getPosition()] += strides[result];
  return perLoop; // other results are the constant 0
}

bool isBroadcastMap(AffineMap map) { return map.isProjectedPermutation(/*allowZeroInResults=*/true); }

/// An element-wise op of constants.
struct FoldElementwise : OpRewritePattern<linalg::GenericOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::GenericOp op, PatternRewriter &rewriter) const override {
    if (!op.hasPureTensorSemantics() || op.getNumResults() != 1 || op.getNumParallelLoops() != op.getNumLoops() ||
        op.getNumDpsInputs() == 0 || !op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isIdentity())
      return rewriter.notifyMatchFailure(op, "not an element-wise op with inputs");
    auto type = cast<RankedTensorType>(op.getResult(0).getType());
    if (!type.hasStaticShape() || !type.getElementType().isF32() || type.getNumElements() > largestResult)
      return rewriter.notifyMatchFailure(op, "result is not float32, or too large");
    SmallVector<std::optional<onnx::ConstantData>> storage(op.getNumDpsInputs());
    SmallVector<ArrayRef<float>> inputs;
    SmallVector<SmallVector<int64_t>> strides;
    for (OpOperand *input : op.getDpsInputOperands()) {
      AffineMap map = op.getMatchingIndexingMap(input);
      auto shaped = dyn_cast<ShapedType>(input->get().getType());
      inputs.push_back(getFloats(input->get(), storage[inputs.size()]));
      if (!shaped || inputs.back().empty() || !isBroadcastMap(map))
        return rewriter.notifyMatchFailure(op, "an input is not a float32 constant");
      strides.push_back(getLoopStrides(map, shaped.getShape()));
    }
    onnx::ConstantBuffer buffer(type);
    float *next = buffer.as<float>().data();
    SmallVector<float> arguments(inputs.size());
    bool known = forEachPoint(type.getShape(), strides, [&](ArrayRef<int64_t> offsets) {
      for (size_t i = 0; i < inputs.size(); ++i)
        arguments[i] = inputs[i][offsets[i]];
      std::optional<float> value = evaluateScalars(*op.getBody(), arguments);
      *next++ = value.value_or(0);
      return value.has_value();
    });
    if (!known)
      return rewriter.notifyMatchFailure(op, "its scalar code has operations that are not evaluated");
    rewriter.replaceOpWithNewOp<arith::ConstantOp>(op, type, cast<TypedAttr>(std::move(buffer).finish()));
    return success();
  }
};

/// A matrix product of constants, summed in double, with its epilogue.
struct FoldContract : OpRewritePattern<kernel::ContractOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(kernel::ContractOp op, PatternRewriter &rewriter) const override {
    std::optional<onnx::ConstantData> lhsStorage, rhsStorage;
    if (op->getNumResults() != 1 || op.getPanel())
      return rewriter.notifyMatchFailure(op, "bufferized or packed");
    ArrayRef<float> lhs = getFloats(op.getLhs(), lhsStorage), rhs = getFloats(op.getRhs(), rhsStorage);
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    if (lhs.empty() || rhs.empty() || type.getNumElements() > largestResult || !op.getMap(2).isProjectedPermutation())
      return rewriter.notifyMatchFailure(op, "operands are not float32 constants");
    SmallVector<std::optional<onnx::ConstantData>> storage(op.getExtras().size());
    SmallVector<ArrayRef<float>> extras;
    for (auto [i, extra] : llvm::enumerate(op.getExtras())) {
      extras.push_back(getFloats(extra, storage[i]));
      if (extras.back().empty() || !isBroadcastMap(cast<AffineMapAttr>(op.getExtraMaps()[i]).getValue()))
        return rewriter.notifyMatchFailure(op, "an extra is not a float32 constant");
    }
    // Loops over the output's dimensions, then over k. Output dimension i is iteration dimension outDims[i].
    SmallVector<int64_t> iteration = op.getIterationShape();
    int64_t depth = iteration.back();
    auto perIteration = [&](unsigned i, Value operand) {
      return getLoopStrides(op.getMap(i), cast<ShapedType>(operand.getType()).getShape());
    };
    SmallVector<int64_t> lhsStrides = perIteration(0, op.getLhs()), rhsStrides = perIteration(1, op.getRhs());
    SmallVector<SmallVector<int64_t>> strides(2);
    for (AffineExpr expr : op.getMap(2).getResults()) {
      unsigned dim = cast<AffineDimExpr>(expr).getPosition();
      strides[0].push_back(lhsStrides[dim]);
      strides[1].push_back(rhsStrides[dim]);
    }
    for (auto [extra, map] : llvm::zip_equal(op.getExtras(), op.getExtraMaps()))
      strides.push_back(
          getLoopStrides(cast<AffineMapAttr>(map).getValue(), cast<ShapedType>(extra.getType()).getShape()));
    onnx::ConstantBuffer buffer(type);
    float *next = buffer.as<float>().data();
    SmallVector<float> arguments(1 + extras.size());
    bool known = forEachPoint(type.getShape(), strides, [&](ArrayRef<int64_t> offsets) {
      double sum = 0;
      for (int64_t k = 0; k < depth; ++k)
        sum += static_cast<double>(lhs[offsets[0] + k * lhsStrides.back()]) * rhs[offsets[1] + k * rhsStrides.back()];
      arguments[0] = static_cast<float>(sum);
      for (size_t i = 0; i < extras.size(); ++i)
        arguments[1 + i] = extras[i][offsets[2 + i]];
      std::optional<float> value = evaluateScalars(op.getEpilogue().front(), arguments);
      *next++ = value.value_or(0);
      return value.has_value();
    });
    if (!known)
      return rewriter.notifyMatchFailure(op, "its epilogue has operations that are not evaluated");
    rewriter.replaceOpWithNewOp<arith::ConstantOp>(op, type, cast<TypedAttr>(std::move(buffer).finish()));
    return success();
  }
};

struct FoldConstants : m2c::impl::FoldConstantsPassBase<FoldConstants> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FoldElementwise, FoldContract, FoldTranspose, FoldSlice, FoldPad, FoldReshape<tensor::CollapseShapeOp>,
                 FoldReshape<tensor::ExpandShapeOp>>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
