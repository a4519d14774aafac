// Moves element-wise consumers into the epilogue of the kernel op that feeds them.
//
// One pattern serves every kernel op: the consumer's scalar code is inlined behind the epilogue's, its other operands
// become extras whose maps are rewritten from the consumer's loops to the kernel's output dimensions. Runs before
// element-wise fusion, which would otherwise merge a residual addition into the consumer after it (a pooling window,
// say), where it is recomputed.
#include "m2c/Dialect/Kernel/Kernel.h"
#include "m2c/Dialect/Kernel/Tensors.h"
#include "m2c/Optimize/Passes.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace m2c {
#define GEN_PASS_DEF_FUSEEPILOGUEPASS
#include "m2c/Optimize/Passes.h.inc"
} // namespace m2c

using namespace mlir;
using namespace m2c;

namespace {

/// Whether `generic` computes each output element from one element of each operand.
bool isElementwise(linalg::GenericOp generic) {
  if (generic.getNumParallelLoops() != generic.getNumLoops() || generic.getNumDpsInits() != 1)
    return false;
  if (!generic.getMatchingIndexingMap(generic.getDpsInitOperand(0)).isIdentity() ||
      generic.payloadUsesValueFromOperand(generic.getDpsInitOperand(0)))
    return false;
  return generic.getBody()
             ->walk([](Operation *op) {
               return isa<linalg::IndexOp, tensor::ExtractOp>(op) ? WalkResult::interrupt() : WalkResult::advance();
             })
             .wasInterrupted() == false;
}

/// A kernel's init that is also one of the consumer's operands has no use after fusion; every other operand must be
/// computed before the kernel, or be movable there. Here: it dominates the kernel, or the kernel can move down to the
/// consumer because nothing between uses its results (it has one use: the consumer).
struct FuseConsumer : OpRewritePattern<linalg::GenericOp> {
  FuseConsumer(MLIRContext *context, bool keepTypes) : OpRewritePattern(context), keepTypes(keepTypes) {}

  LogicalResult matchAndRewrite(linalg::GenericOp generic, PatternRewriter &rewriter) const override {
    if (!isElementwise(generic) || !generic.hasPureTensorSemantics())
      return rewriter.notifyMatchFailure(generic, "not element-wise on tensors");
    for (OpOperand *input : generic.getDpsInputOperands()) {
      auto kernel = input->get().getDefiningOp<kernel::KernelOpInterface>();
      if (kernel && canFuse(kernel, generic, *input)) {
        fuse(kernel, generic, *input, rewriter);
        return success();
      }
    }
    return rewriter.notifyMatchFailure(generic, "no operand is a kernel's result with this only use");
  }

private:
  /// Whether `generic` keeps the type of its operand, or turns it into another one by way of types that have as many
  /// lanes in a register, or more.
  bool suitsTypes(kernel::KernelOpInterface kernel, linalg::GenericOp generic, OpOperand &input) const {
    if (getElementTypeOrSelf(generic.getResult(0)) == getElementTypeOrSelf(input.get()))
      return true;
    auto isNarrow = [](Type type) {
      return type.isIntOrFloat() && !type.isInteger(1) && type.getIntOrFloatBitWidth() <= 32;
    };
    if (keepTypes || !kernel.canChangeType() || !isNarrow(getElementTypeOrSelf(generic.getResult(0))))
      return false;
    return !generic.getBody()
                ->walk([&](Operation *op) {
                  bool wide = llvm::any_of(op->getOperandTypes(), [](Type type) {
                    return !type.isIntOrFloat() || type.getIntOrFloatBitWidth() > 32;
                  });
                  return wide ? WalkResult::interrupt() : WalkResult::advance();
                })
                .wasInterrupted();
  }

  bool canFuse(kernel::KernelOpInterface kernel, linalg::GenericOp generic, OpOperand &input) const {
    if (!kernel.hasOutputEpilogue() || kernel->getNumResults() != 1 || !input.get().hasOneUse())
      return false;
    if (!suitsTypes(kernel, generic, input))
      return false;
    // The other inputs' reads in the same generic must not be of the kernel itself (one use), and must be full rank
    // maps.
    return generic.getMatchingIndexingMap(&input).isIdentity() && kernel->getBlock() == generic->getBlock();
  }

  static void fuse(kernel::KernelOpInterface kernel, linalg::GenericOp generic, OpOperand &input,
                   PatternRewriter &rewriter) {
    Location loc = rewriter.getFusedLoc({kernel.getLoc(), generic.getLoc()});
    auto resultType = cast<RankedTensorType>(generic.getResult(0).getType());

    // The consumer's inputs but the kernel's result become extras; those that broadcast keep their projected maps.
    SmallVector<Value> extras;
    SmallVector<Attribute> maps(kernel.getExtraMaps().begin(), kernel.getExtraMaps().end());
    for (OpOperand &extra : kernel.getExtrasMutable())
      extras.push_back(extra.get());
    for (OpOperand *other : generic.getDpsInputOperands())
      if (other != &input) {
        extras.push_back(other->get());
        maps.push_back(AffineMapAttr::get(generic.getMatchingIndexingMap(other)));
      }

    // The kernel moves to its only user, where all of the extras are at hand.
    rewriter.setInsertionPoint(generic);
    Value init = kernel.getDpsInits()[0];
    if (cast<RankedTensorType>(init.getType()) != resultType)
      init = tensor::EmptyOp::create(rewriter, loc, getSizes(rewriter, loc, init), resultType.getElementType());
    auto fused = cast<kernel::KernelOpInterface>(rewriter.clone(*kernel));
    fused->setLoc(loc);
    fused->getResult(0).setType(resultType);
    fused.getDpsInitsMutable()[0].set(init);
    fused.getExtrasMutable().assign(extras);
    fused.setExtraMapsAttr(rewriter.getArrayAttr(maps));

    // Append the consumer's scalar code to the epilogue.
    Block &epilogue = fused.getEpilogueRegion()->front();
    Block &body = generic.getRegion().front();
    Operation *yield = epilogue.getTerminator();
    IRMapping mapping;
    for (OpOperand *operand : generic.getDpsInputOperands()) {
      BlockArgument argument = body.getArgument(operand->getOperandNumber());
      mapping.map(argument, operand == &input ? yield->getOperand(0)
                                              : epilogue.addArgument(argument.getType(), argument.getLoc()));
    }
    rewriter.setInsertionPoint(yield);
    for (Operation &op : body.without_terminator())
      rewriter.clone(op, mapping);
    rewriter.modifyOpInPlace(
        yield, [&] { yield->setOperand(0, mapping.lookupOrDefault(body.getTerminator()->getOperand(0))); });

    rewriter.replaceOp(generic, fused->getResult(0));
    rewriter.eraseOp(kernel);
  }

  bool keepTypes;
};

/// Whether the operand is a reshape of a kernel's result that only this op reads: then the op, not the kernel, changes
/// its shape, and joins the kernel.
bool isReshapedKernel(OpOperand *operand) {
  Value reshaped = operand->get();
  Operation *reshape = reshaped.getDefiningOp();
  if (!reshape || !isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(reshape) || !reshaped.hasOneUse())
    return false;
  auto kernel = reshape->getOperand(0).getDefiningOp<kernel::KernelOpInterface>();
  auto consumer = dyn_cast<linalg::GenericOp>(operand->getOwner());
  return kernel && kernel.hasOutputEpilogue() && reshape->getOperand(0).hasOneUse() && consumer &&
         isElementwise(consumer) && consumer.getMatchingIndexingMap(operand).isIdentity();
}

struct FuseEpilogue : m2c::impl::FuseEpiloguePassBase<FuseEpilogue> {
  using FuseEpiloguePassBase::FuseEpiloguePassBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FuseConsumer>(&getContext(), keepTypes);
    linalg::populateFoldReshapeOpsByCollapsingPatterns(patterns, isReshapedKernel);
    linalg::populateFoldReshapeOpsByExpansionPatterns(patterns, isReshapedKernel);
    tensor::populateReassociativeReshapeFoldingPatterns(patterns);
    // An iteration may fuse no more than one op of a chain, and the chain of a quantised layer is long.
    GreedyRewriteConfig config;
    config.setMaxIterations(GreedyRewriteConfig::kNoLimit);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns), config)))
      signalPassFailure();
  }
};

} // namespace
