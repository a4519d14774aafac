// Element-wise fusion of linalg ops: upstream's patterns under m2c's rules of what may be computed more than once.
#include "m2c/Optimize/Passes.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace m2c {
#define GEN_PASS_DEF_FUSEELEMENTWISEPASS
#include "m2c/Optimize/Passes.h.inc"
} // namespace m2c

using namespace mlir;

namespace {

/// Operations that cost more than a few cycles a lane: never to be repeated.
bool isExpensive(linalg::GenericOp generic) {
  return generic.getBody()
      ->walk([](Operation *op) {
        return isa<math::MathDialect>(op->getDialect()) &&
                       !isa<math::AbsFOp, math::FloorOp, math::CeilOp, math::RoundEvenOp>(op)
                   ? WalkResult::interrupt()
                   : WalkResult::advance();
      })
      .wasInterrupted();
}

int64_t iterations(linalg::GenericOp generic) {
  int64_t count = 1;
  for (int64_t extent : generic.getStaticLoopRanges())
    count *= ShapedType::isDynamic(extent) ? 1 : extent;
  return count;
}

/// A producer is merged where it has one use and where merging repeats no costly work: the consumer reads it once per
/// element (its map is a permutation of the consumer's loops), or it is cheap and not reread by a window or a
/// broadcast. What is computed before a loop stays before it.
bool mayFuse(OpOperand *operand) {
  auto producer = operand->get().getDefiningOp<linalg::GenericOp>();
  auto consumer = dyn_cast<linalg::GenericOp>(operand->getOwner());
  if (!producer || !consumer || !operand->get().hasOneUse() || producer->getBlock() != consumer->getBlock())
    return false;
  AffineMap map = consumer.getMatchingIndexingMap(operand);
  if (!map.isProjectedPermutation())
    return false;
  return iterations(consumer) <= iterations(producer) || !isExpensive(producer);
}

struct FuseElementwise : m2c::impl::FuseElementwisePassBase<FuseElementwise> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    linalg::populateElementwiseOpsFusionPatterns(patterns, mayFuse);
    linalg::populateFoldReshapeOpsByExpansionPatterns(patterns, [](OpOperand *operand) {
      // Only across reshapes between two generics, where it leads to a fusion.
      Operation *producer = operand->get().getDefiningOp();
      return producer && operand->get().hasOneUse() && isa<linalg::GenericOp>(operand->getOwner()) &&
             producer->getBlock() == operand->getOwner()->getBlock();
    });
    linalg::populateEraseUnusedOperandsAndResultsPatterns(patterns);
    tensor::populateReassociativeReshapeFoldingPatterns(patterns);
    linalg::GenericOp::getCanonicalizationPatterns(patterns, &getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
