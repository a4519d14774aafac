// Gives every memref.alloc a place in one arena, which becomes the function's last argument.
//
// Buffers of known size get offsets. Behind them lie those whose size is an expression in symbols: buffers that never
// live at the same time share a part of the arena, as large as the largest of them turns out to be. Where a part begins
// is itself a symbol, which the run computes before it starts.
#include "m2c/Dialect/Kernel/Sizes.h"
#include "m2c/Dialect/Kernel/Tensors.h"
#include "m2c/IR/Symbols.h"
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
    SmallVector<memref::AllocOp> allocations, symbolic;
    function.walk(
        [&](memref::AllocOp alloc) { (alloc.getType().hasStaticShape() ? allocations : symbolic).push_back(alloc); });
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
    std::vector<BufferLifetime> symbolicLifetimes;
    for (memref::AllocOp alloc : symbolic) {
      FailureOr<BufferLifetime> lifetime = lifetimeOf(alloc, steps, views);
      if (failed(lifetime))
        return signalPassFailure();
      symbolicLifetimes.push_back(*lifetime);
    }
    Value arena = rewrite(function, allocations, plan);
    if (!arena || failed(placeSymbolic(function, arena, symbolic, symbolicLifetimes)))
      signalPassFailure();
  }

private:
  /// The bytes of a buffer.
  static Dim bytesOf(memref::AllocOp alloc) {
    Type element = alloc.getType().getElementType();
    int64_t bits = element.isIndex() ? 64 : element.getIntOrFloatBitWidth();
    return product(getBufferDims(alloc)) * ((bits + 7) / 8);
  }

  /// Parts of the arena behind the static one, shared by buffers that live one after another; the largest first, by
  /// sizes that are typical.
  LogicalResult placeSymbolic(func::FuncOp function, Value arena, ArrayRef<memref::AllocOp> allocations,
                              const std::vector<BufferLifetime> &lifetimes) {
    if (allocations.empty())
      return success();
    constexpr int64_t typicalSize = 64;
    SmallVector<int64_t> typical = getSymbolBounds(function);
    for (int64_t &size : typical)
      size = size < 0 ? typicalSize : size;
    struct Part {
      SmallVector<size_t> buffers;
      SmallVector<Dim> sizes;
      int64_t typicalBytes = 0;
    };
    SmallVector<size_t> order = llvm::to_vector(llvm::seq<size_t>(0, allocations.size()));
    SmallVector<Dim> sizes;
    SmallVector<int64_t> bytes;
    for (memref::AllocOp alloc : allocations) {
      sizes.push_back(bytesOf(alloc));
      if (sizes.back().isUnknown())
        return alloc.emitOpError("has a size that is not known in the model's symbols");
      bytes.push_back(sizes.back().evaluate(typical));
    }
    llvm::sort(order, [&](size_t a, size_t b) { return bytes[a] != bytes[b] ? bytes[a] > bytes[b] : a < b; });
    SmallVector<Part> parts;
    for (size_t buffer : order) {
      auto isFree = [&](const Part &part) {
        return llvm::none_of(part.buffers, [&](size_t other) {
          return lifetimes[buffer].first <= lifetimes[other].last && lifetimes[other].first <= lifetimes[buffer].last;
        });
      };
      auto part = llvm::find_if(parts, isFree);
      if (part == parts.end())
        part = parts.insert(parts.end(), Part());
      part->buffers.push_back(buffer);
      if (!llvm::is_contained(part->sizes, sizes[buffer]))
        part->sizes.push_back(sizes[buffer]);
    }
    OpBuilder builder(function.getBody());
    SmallVector<Attribute> stated;
    for (auto [i, part] : llvm::enumerate(parts)) {
      Dim start = getSymbol(function, "", "arena_part" + std::to_string(i));
      stated.push_back(toAttribute(part.sizes, &getContext()));
      for (size_t buffer : part.buffers) {
        memref::AllocOp alloc = allocations[buffer];
        builder.setInsertionPoint(alloc);
        Value shift = cast<Value>(createSize(builder, alloc.getLoc(), start));
        auto view =
            memref::ViewOp::create(builder, alloc.getLoc(), alloc.getType(), arena, shift, alloc.getDynamicSizes());
        view->setDiscardableAttrs(alloc->getDiscardableAttrDictionary());
        alloc.replaceAllUsesWith(view.getResult());
        alloc.erase();
      }
    }
    function->setAttr("m2c.arena_parts", builder.getArrayAttr(stated));
    return success();
  }

  static FailureOr<BufferLifetime> lifetimeOf(memref::AllocOp alloc, const Steps &steps,
                                              const BufferViewFlowAnalysis &views) {
    MemRefType type = alloc.getType();
    BufferLifetime lifetime;
    int64_t bits = type.getElementType().isIndex() ? 64 : type.getElementTypeBitWidth();
    lifetime.bytes = type.hasStaticShape() ? type.getNumElements() * ((bits + 7) / 8) : 0;
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

  /// Replaces the buffers of known size; returns the arena, null if there is none.
  Value rewrite(func::FuncOp function, ArrayRef<memref::AllocOp> allocations, const ArenaPlan &plan) {
    OpBuilder builder(function.getBody());
    auto arenaType = MemRefType::get({plan.bytes}, builder.getI8Type());
    unsigned position = function.getNumArguments();
    if (failed(function.insertArgument(position, arenaType, {}, function.getLoc())))
      return {};
    function.setArgAttr(position, "m2c.arena", builder.getUnitAttr());
    Value arena = function.getArgument(position);
    for (auto [i, offset] : llvm::enumerate(plan.offsets)) {
      memref::AllocOp alloc = allocations[i];
      builder.setInsertionPoint(alloc);
      Value shift = arith::ConstantIndexOp::create(builder, alloc.getLoc(), offset);
      auto view = memref::ViewOp::create(builder, alloc.getLoc(), alloc.getType(), arena, shift, ValueRange());
      view->setDiscardableAttrs(alloc->getDiscardableAttrDictionary());
      alloc.replaceAllUsesWith(view.getResult());
      alloc.erase();
    }
    SmallVector<Operation *> frees;
    function.walk([&](memref::DeallocOp dealloc) { frees.push_back(dealloc); });
    for (Operation *dealloc : frees)
      dealloc->erase();
    return arena;
  }
};

} // namespace
