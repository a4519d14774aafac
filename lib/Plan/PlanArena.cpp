// Gives every memref.alloc a place in one arena, which becomes the function's last argument.
//
// Buffers of known size get offsets. Behind them lie those whose size is an expression in symbols: buffers that never
// live at the same time share a part of the arena, as large as the largest of them turns out to be. Where a part begins
// is itself a symbol, which the run computes before it starts.
//
// A buffer whose size is found in data during the run gets the place of the largest it can be. Without such a bound it
// lies outside the arena, in memory that the instance reserves behind the op that defines the size (kernel.reserve).
#include "FoundSizes.h"
#include "m2c/Dialect/Kernel/Kernel.h"
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
    placeBehindSizes(function);
    if (failed(verifyFoundSizes(function)))
      return signalPassFailure();
    SmallVector<memref::AllocOp> allocations, symbolic, growing;
    function.walk([&](memref::AllocOp alloc) {
      Dim bytes = mostBytesOf(alloc);
      (bytes.isNumber() ? allocations : bytes.isSymbolic() ? symbolic : growing).push_back(alloc);
    });
    Steps steps(function);
    BufferViewFlowAnalysis views(function);
    std::vector<BufferLifetime> lifetimes;
    for (memref::AllocOp alloc : allocations) {
      FailureOr<BufferLifetime> lifetime = lifetimeOf(alloc, steps, views);
      if (failed(lifetime))
        return signalPassFailure();
      lifetime->bytes = mostBytesOf(alloc).getNumber();
      lifetimes.push_back(*lifetime);
    }
    ArenaPlan plan = planArena(lifetimes, alignment);
    if (!isValidPlan(lifetimes, plan)) {
      function.emitError("internal error: the arena plan overlaps buffers that live at the same time");
      return signalPassFailure();
    }
    auto lifetimesOf = [&](ArrayRef<memref::AllocOp> buffers) -> FailureOr<std::vector<BufferLifetime>> {
      std::vector<BufferLifetime> found;
      for (memref::AllocOp alloc : buffers) {
        FailureOr<BufferLifetime> lifetime = lifetimeOf(alloc, steps, views);
        if (failed(lifetime))
          return failure();
        found.push_back(*lifetime);
      }
      return found;
    };
    FailureOr<std::vector<BufferLifetime>> symbolicLifetimes = lifetimesOf(symbolic),
                                           growingLifetimes = lifetimesOf(growing);
    if (failed(symbolicLifetimes) || failed(growingLifetimes))
      return signalPassFailure();
    Value arena = rewrite(function, allocations, plan);
    if (!arena || failed(placeGrowing(growing, *growingLifetimes)))
      return signalPassFailure();
    placeSymbolic(function, arena, symbolic, *symbolicLifetimes);
  }

private:
  /// The bytes of a buffer.
  static Dim bytesOf(memref::AllocOp alloc, const Dim &elements) {
    Type element = alloc.getType().getElementType();
    int64_t bits = element.isIndex() ? 64 : element.getIntOrFloatBitWidth();
    return elements * ((bits + 7) / 8);
  }
  static Dim bytesOf(memref::AllocOp alloc) { return bytesOf(alloc, product(getBufferDims(alloc))); }

  /// The most that it can have.
  static Dim mostBytesOf(memref::AllocOp alloc) {
    return bytesOf(alloc, getLargest(alloc, product(getBufferDims(alloc))));
  }

  /// Buffers that share memory, one after another.
  struct Part {
    SmallVector<size_t> buffers;
    Dims sizes;
  };

  /// Parts for buffers in this order.
  static SmallVector<Part> shareParts(ArrayRef<size_t> order, ArrayRef<Dim> sizes,
                                      const std::vector<BufferLifetime> &lifetimes) {
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
    return parts;
  }

  static void replaceByView(OpBuilder &builder, memref::AllocOp alloc, Value memory, Value shift) {
    auto view =
        memref::ViewOp::create(builder, alloc.getLoc(), alloc.getType(), memory, shift, alloc.getDynamicSizes());
    view->setDiscardableAttrs(alloc->getDiscardableAttrDictionary());
    alloc.replaceAllUsesWith(view.getResult());
    alloc.erase();
  }

  /// Parts of the arena behind the static one; the largest first, by sizes that are typical.
  void placeSymbolic(func::FuncOp function, Value arena, ArrayRef<memref::AllocOp> allocations,
                     const std::vector<BufferLifetime> &lifetimes) {
    if (allocations.empty())
      return;
    constexpr int64_t typicalSize = 64;
    SmallVector<int64_t> typical = getSymbolBounds(function);
    for (int64_t &size : typical)
      size = size < 0 ? typicalSize : size;
    SmallVector<size_t> order = llvm::to_vector(llvm::seq<size_t>(0, allocations.size()));
    SmallVector<Dim> sizes;
    SmallVector<int64_t> bytes;
    for (memref::AllocOp alloc : allocations) {
      sizes.push_back(mostBytesOf(alloc));
      bytes.push_back(sizes.back().evaluate(typical));
    }
    llvm::sort(order, [&](size_t a, size_t b) { return bytes[a] != bytes[b] ? bytes[a] > bytes[b] : a < b; });
    OpBuilder builder(function.getBody());
    SmallVector<Attribute> stated;
    for (auto [i, part] : llvm::enumerate(shareParts(order, sizes, lifetimes))) {
      Dim start = getSymbol(function, "", "arena_part" + std::to_string(i));
      stated.push_back(toAttribute(part.sizes, &getContext()));
      for (size_t buffer : part.buffers) {
        memref::AllocOp alloc = allocations[buffer];
        builder.setInsertionPoint(alloc);
        replaceByView(builder, alloc, arena, cast<Value>(createSize(builder, alloc.getLoc(), start)));
      }
    }
    function->setAttr("m2c.arena_parts", builder.getArrayAttr(stated));
  }

  /// Memory of the instance, which grows; the order is that of the program.
  LogicalResult placeGrowing(ArrayRef<memref::AllocOp> allocations, const std::vector<BufferLifetime> &lifetimes) {
    Dims sizes;
    for (memref::AllocOp alloc : allocations) {
      sizes.push_back(bytesOf(alloc));
      if (sizes.back().isUnknown())
        return alloc.emitOpError("has a size that is not known in the model's symbols");
    }
    SmallVector<size_t> order = llvm::to_vector(llvm::seq<size_t>(0, allocations.size()));
    OpBuilder builder(&getContext());
    auto memory = MemRefType::get({ShapedType::kDynamic}, builder.getI8Type());
    for (auto [i, part] : llvm::enumerate(shareParts(order, sizes, lifetimes)))
      for (size_t buffer : part.buffers) {
        memref::AllocOp alloc = allocations[buffer];
        builder.setInsertionPoint(alloc);
        Value reserved = m2c::kernel::ReserveOp::create(builder, alloc.getLoc(), memory, builder.getI64IntegerAttr(i),
                                                        toAttribute({sizes[buffer]}, &getContext()));
        replaceByView(builder, alloc, reserved, arith::ConstantIndexOp::create(builder, alloc.getLoc(), 0));
      }
    return success();
  }

  static FailureOr<BufferLifetime> lifetimeOf(memref::AllocOp alloc, const Steps &steps,
                                              const BufferViewFlowAnalysis &views) {
    BufferLifetime lifetime;
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

  /// Replaces the buffers of known or bounded size; returns the arena, null if there is none.
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
      replaceByView(builder, alloc, arena, shift);
    }
    SmallVector<Operation *> frees;
    function.walk([&](memref::DeallocOp dealloc) { frees.push_back(dealloc); });
    for (Operation *dealloc : frees)
      dealloc->erase();
    return arena;
  }
};

} // namespace
