// Evaluates what only moves the elements of a constant: transposes, reshapes and slices of weights never reach run time.
#include "SinkTransposes.h"
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Optimize/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
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
    gather(source + i * strides[0] * bytes, target + i * inner * bytes, bytes, shape.drop_front(), strides.drop_front());
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

struct FoldConstants : m2c::impl::FoldConstantsPassBase<FoldConstants> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FoldTranspose, FoldSlice, FoldReshape<tensor::CollapseShapeOp>, FoldReshape<tensor::ExpandShapeOp>>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
