// Gives every memref.alloc an offset in one arena, which becomes the function's last argument.
#include "m2c/Plan/ArenaPlanner.h"
#include "m2c/Plan/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/Transforms/BufferViewFlowAnalysis.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/LoopLikeInterface.h"

namespace m2c {
#define GEN_PASS_DEF_PLANARENAPASS
#include "m2c/Plan/Passes.h.inc"
} // namespace m2c

using namespace mlir;
using namespace m2c;

namespace {

/// Numbers the function's operations in program order, and knows each one's last nested step.
struct Steps {
  explicit Steps(func::FuncOp function) {
    function.walk<WalkOrder::PreOrder>([&](Operation *op) { first[op] = next++; });
    function.walk([&](Operation *op) {
      int64_t end = first[op];
      op->walk([&](Operation *nested) { end = std::max(end, first[nested]); });
      last[op] = end;
    });
  }
  DenseMap<Operation *, int64_t> first, last;
  int64_t next = 0;
};

struct PlanArena : m2c::impl::PlanArenaPassBase<PlanArena> {
  using PlanArenaPassBase::PlanArenaPassBase;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal())
      return;
    SmallVector<memref::AllocOp> allocations;
    function.walk([&](memref::AllocOp alloc) { allocations.push_back(alloc); });
    Steps steps(function);
    BufferViewFlowAnalysis views(function);
    std::vector<BufferLifetime> lifetimes;
    for (memref::AllocOp alloc : allocations) {
      FailureOr<BufferLifetime> lifetime = lifetimeOf(alloc, steps, views);
      if (failed(lifetime))
        return signalPassFailure();
      lifetimes.push_back(*lifetime);
    }
    ArenaPlan plan = planArena(lifetimes, alignment);
    if (!isValidPlan(lifetimes, plan)) {
      function.emitError("internal error: the arena plan overlaps buffers that live at the same time");
      return signalPassFailure();
    }
    rewrite(function, allocations, plan);
  }

private:
  static FailureOr<BufferLifetime> lifetimeOf(memref::AllocOp alloc, const Steps &steps,
                                              const BufferViewFlowAnalysis &views) {
    MemRefType type = alloc.getType();
    if (!type.hasStaticShape())
      return alloc.emitOpError("needs a static shape to be planned, but has type ") << type;
    BufferLifetime lifetime;
    int64_t bits = type.getElementType().isIndex() ? 64 : type.getElementTypeBitWidth();
    lifetime.bytes = type.getNumElements() * ((bits + 7) / 8);
    lifetime.first = lifetime.last = steps.first.lookup(alloc);
    for (Value alias : views.resolve(alloc)) {
      if (auto argument = dyn_cast<BlockArgument>(alias))
        if (auto loop = dyn_cast<LoopLikeOpInterface>(argument.getOwner()->getParentOp());
            loop && loop->isProperAncestor(alloc))
          return alloc.emitOpError(
              "is carried into the next trip of its loop, where it would be overwritten while it is read");
      for (Operation *user : alias.getUsers())
        lifetime.last = std::max(lifetime.last, lastStep(user, alloc, steps));
    }
    return lifetime;
  }

  /// A user inside a loop that does not contain the allocation keeps the buffer for the whole loop.
  static int64_t lastStep(Operation *user, Operation *alloc, const Steps &steps) {
    int64_t last = steps.last.lookup(user);
    for (Operation *parent = user->getParentOp(); parent && !parent->isAncestor(alloc); parent = parent->getParentOp())
      if (isa<LoopLikeOpInterface>(parent))
        last = std::max(last, steps.last.lookup(parent));
    return last;
  }

  void rewrite(func::FuncOp function, ArrayRef<memref::AllocOp> allocations, const ArenaPlan &plan) {
    OpBuilder builder(function.getBody());
    auto arenaType = MemRefType::get({plan.bytes}, builder.getI8Type());
    unsigned position = function.getNumArguments();
    if (failed(function.insertArgument(position, arenaType, {}, function.getLoc())))
      return signalPassFailure();
    function.setArgAttr(position, "m2c.arena", builder.getUnitAttr());
    Value arena = function.getArgument(position);
    for (auto [i, offset] : llvm::enumerate(plan.offsets)) {
      memref::AllocOp alloc = allocations[i];
      builder.setInsertionPoint(alloc);
      Value shift = arith::ConstantIndexOp::create(builder, alloc.getLoc(), offset);
      auto view = memref::ViewOp::create(builder, alloc.getLoc(), alloc.getType(), arena, shift, ValueRange());
      alloc.replaceAllUsesWith(view.getResult());
      alloc.erase();
    }
    SmallVector<Operation *> frees;
    function.walk([&](memref::DeallocOp dealloc) { frees.push_back(dealloc); });
    for (Operation *dealloc : frees)
      dealloc->erase();
  }
};

} // namespace
