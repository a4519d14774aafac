// Kernels of no elements and sums of no terms become what they are, so that no kernel and no printer meets them.
#include "m2c/Dialect/Kernel/Kernel.h"
#include "m2c/Dialect/Kernel/Tensors.h"
#include "m2c/Optimize/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace m2c {
#define GEN_PASS_DEF_FOLDEMPTYPASS
#include "m2c/Optimize/Passes.h.inc"
} // namespace m2c

using namespace mlir;
using namespace m2c;

namespace {

bool isEmpty(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.hasStaticShape() && type.getNumElements() == 0;
}

/// A tensor like `like`, full of zeros.
Value createZeros(OpBuilder &builder, Location loc, Value like) {
  RankedTensorType type = tensorType(like);
  Value zero = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type.getElementType()));
  Value init = tensor::EmptyOp::create(builder, loc, getSizes(builder, loc, like), type.getElementType());
  return linalg::FillOp::create(builder, loc, zero, init).getResult(0);
}

/// A kernel all of whose results are empty -> tensor.empty.
struct FoldEmptyResults : OpInterfaceRewritePattern<kernel::KernelOpInterface> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(kernel::KernelOpInterface op, PatternRewriter &rewriter) const override {
    if (op->getNumResults() == 0 || !llvm::all_of(op->getResults(), isEmpty))
      return rewriter.notifyMatchFailure(op, "has elements");
    SmallVector<Value> results;
    for (Value result : op->getResults())
      results.push_back(createEmpty(rewriter, op.getLoc(), tensorType(result)));
    rewriter.replaceOp(op, results);
    return success();
  }
};

/// A contraction of depth 0 -> its epilogue on zeros.
struct FoldEmptyContraction : OpRewritePattern<kernel::ContractOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(kernel::ContractOp op, PatternRewriter &rewriter) const override {
    if (op->getNumResults() != 1 || op.getPanel() || op.getIterationShape().back() != 0)
      return rewriter.notifyMatchFailure(op, "has terms to add up");
    Value zeros = createZeros(rewriter, op.getLoc(), op->getResult(0));
    RankedTensorType type = tensorType(zeros);
    SmallVector<Value> inputs{zeros};
    llvm::append_range(inputs, op.getExtras());
    SmallVector<AffineMap> maps{rewriter.getMultiDimIdentityMap(type.getRank())};
    llvm::append_range(maps, op.getExtraMaps().getAsValueRange<AffineMapAttr>());
    maps.push_back(maps.front());
    Block &epilogue = op.getEpilogue().front();
    rewriter.replaceOpWithNewOp<linalg::GenericOp>(
        op, type, inputs, op.getInits()[0], maps,
        SmallVector<utils::IteratorType>(type.getRank(), utils::IteratorType::parallel),
        [&](OpBuilder &builder, Location loc, ValueRange elements) {
          IRMapping mapping;
          mapping.map(epilogue.getArguments(), elements.drop_back());
          for (Operation &inner : epilogue.without_terminator())
            builder.clone(inner, mapping);
          linalg::YieldOp::create(builder, loc, mapping.lookupOrDefault(epilogue.getTerminator()->getOperand(0)));
        });
    return success();
  }
};

/// Attention to no keys -> zeros.
struct FoldEmptyAttention : OpRewritePattern<kernel::AttentionOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(kernel::AttentionOp op, PatternRewriter &rewriter) const override {
    if (op->getNumResults() != 1 || !isEmpty(op.getValue()))
      return rewriter.notifyMatchFailure(op, "has values to add up");
    rewriter.replaceOp(op, createZeros(rewriter, op.getLoc(), op->getResult(0)));
    return success();
  }
};

struct FoldEmpty : m2c::impl::FoldEmptyPassBase<FoldEmpty> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FoldEmptyResults, FoldEmptyContraction, FoldEmptyAttention>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
