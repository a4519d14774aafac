// Says which kernels are worth splitting among threads (m2c.parts), and which buffers each part needs for itself
// (m2c.own):
//
//   kernel.conv ... scratch(%s)  ==>  %s = memref.alloc() {m2c.own}    kernel.conv ... {m2c.parts = affine_map<() ->
//   (9)>}
#include "m2c/Dialect/Kernel/Kernel.h"
#include "m2c/Dialect/Kernel/Parts.h"
#include "m2c/Dialect/Kernel/Sizes.h"
#include "m2c/IR/Symbols.h"
#include "m2c/Plan/Passes.h"
#include "m2c/Plan/Work.h"
#include "m2c/Target/PassTarget.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace m2c {
#define GEN_PASS_DEF_SPLITKERNELSPASS
#include "m2c/Plan/Passes.h.inc"
} // namespace m2c

using namespace mlir;
using namespace m2c;

namespace {

/// Whether all that is computed in parallel is an output's own element: then any loop over it may be split.
bool hasOwnOutputs(linalg::LinalgOp op) {
  if (isa<linalg::FillOp>(op) || op.getNumParallelLoops() == 0)
    return false;
  SmallVector<unsigned> parallel;
  op.getParallelDims(parallel);
  for (OpOperand &init : op.getDpsInitsMutable()) {
    AffineMap map = op.getMatchingIndexingMap(&init);
    for (unsigned dim : parallel)
      if (!map.getResultPosition(getAffineDimExpr(dim, op.getContext())))
        return false;
  }
  return true;
}

bool isGlobalPool(kernel::PoolOp op) {
  ArrayRef<int64_t> shape = cast<MemRefType>(op.getInits()[0].getType()).getShape();
  return shape[1] == 1 && shape[2] == 1;
}

/// Whether threads can share the operation's work.
bool canSplit(Operation *op) {
  if (auto pool = dyn_cast<kernel::PoolOp>(op))
    return !isGlobalPool(pool);
  if (auto region = dyn_cast<scf::ExecuteRegionOp>(op))
    return region.walk([](kernel::PartRangeOp) { return WalkResult::interrupt(); }).wasInterrupted();
  if (auto structured = dyn_cast<linalg::LinalgOp>(op))
    return hasOwnOutputs(structured);
  if (isa<kernel::SoftmaxOp, kernel::NormalizeOp>(op)) // along rows, of which there may be only one
    return llvm::any_of(cast<MemRefType>(op->getOperand(0).getType()).getShape().drop_back(),
                        [](int64_t extent) { return extent != 1; });
  return isa<kernel::ContractOp, kernel::ConvOp, kernel::DepthwiseConvOp, kernel::ResizeOp, kernel::AttentionOp,
             kernel::LstmOp, kernel::GruOp, kernel::RnnOp>(op);
}

/// The batch dimension of a contraction that is split: the longest, if it is long enough for several threads.
std::optional<unsigned> chooseBatchDim(kernel::ContractOp op) {
  constexpr int64_t enough = 4;
  SmallVector<int64_t> extents = op.getIterationShape();
  std::optional<unsigned> best;
  for (unsigned dim = 0; dim + 3 < extents.size(); ++dim) {
    if (ShapedType::isDynamic(extents[dim]))
      return dim;
    if (extents[dim] >= enough && (!best || extents[dim] > extents[*best]))
      best = dim;
  }
  return best;
}

struct SplitKernels : m2c::impl::SplitKernelsPassBase<SplitKernels> {
  using SplitKernelsPassBase::SplitKernelsPassBase;

  LogicalResult initialize(MLIRContext *context) override { return parseTarget(march, context, target); }

  void runOnOperation() override {
    getOperation().walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (canSplit(op))
        split(op);
      // What is inside runs as one kernel.
      return isa<scf::ExecuteRegionOp, linalg::LinalgOp, kernel::KernelOpInterface>(op) ? WalkResult::skip()
                                                                                        : WalkResult::advance();
    });
  }

private:
  void split(Operation *op) {
    Dim parts = chooseParts(estimateWork(op, target));
    if ((parts.isNumber() && parts.getNumber() < 2) || hasFoundScratch(op))
      return;
    setParts(op, parts);
    if (auto contract = dyn_cast<kernel::ContractOp>(op))
      if (std::optional<unsigned> dim = chooseBatchDim(contract))
        op->setAttr(splitDimAttrName, Builder(op).getI64IntegerAttr(*dim));
    // A recurrence's state has the batch's rows, each in one part. Other scratch memory is overwritten by each part.
    if (auto kernel = dyn_cast<kernel::KernelOpInterface>(op);
        kernel && !isa<kernel::LstmOp, kernel::GruOp, kernel::RnnOp>(op))
      for (OpOperand &scratch : kernel.getScratchMutable())
        scratch.get().getDefiningOp()->setAttr(ownAttrName, UnitAttr::get(op->getContext()));
    if (auto region = dyn_cast<scf::ExecuteRegionOp>(op))
      markInner(region);
  }

  /// Whether the operation uses scratch memory of a size that the run finds in data: threads get theirs before it
  /// starts.
  bool hasFoundScratch(Operation *op) {
    std::vector<FoundSize> found = getFoundSizes(getOperation());
    if (found.empty())
      return false;
    auto isFound = [&](unsigned symbol) {
      return llvm::any_of(found, [&](const FoundSize &size) { return size.symbol == symbol; });
    };
    return op
        ->walk([&](Operation *nested) {
          for (Value operand : nested->getOperands())
            if (auto alloc = operand.getDefiningOp<memref::AllocOp>();
                alloc && product(getBufferDims(alloc)).dependsOn(isFound) &&
                llvm::all_of(alloc->getUsers(), [&](Operation *user) { return op->isAncestor(user); }))
              return WalkResult::interrupt();
          return WalkResult::advance();
        })
        .wasInterrupted();
  }

  /// Buffers that only the operations of `region` use.
  void markInner(scf::ExecuteRegionOp region) {
    llvm::SetVector<Operation *> allocations;
    region.walk([&](Operation *op) {
      for (Value operand : op->getOperands())
        if (auto alloc = operand.getDefiningOp<memref::AllocOp>())
          allocations.insert(alloc);
    });
    for (Operation *alloc : allocations)
      if (llvm::all_of(alloc->getUsers(), [&](Operation *user) { return region->isAncestor(user); }))
        alloc->setAttr(ownAttrName, UnitAttr::get(&getContext()));
  }

  Target target;
};

} // namespace
