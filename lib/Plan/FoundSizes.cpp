// The order of a function whose sizes are found during the run.
#include "FoundSizes.h"
#include "m2c/Dialect/Kernel/Kernel.h"
#include "m2c/Dialect/Kernel/Sizes.h"
#include "m2c/IR/Symbols.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace m2c;

namespace {

/// Where each found symbol is defined.
using Definitions = DenseMap<unsigned, SmallVector<kernel::DefineSizesOp, 1>>;

Definitions getDefinitions(func::FuncOp function) {
  Definitions definitions;
  for (const FoundSize &size : getFoundSizes(function))
    definitions[size.symbol];
  function.walk([&](kernel::DefineSizesOp op) {
    for (int64_t symbol : op.getSymbols())
      definitions[symbol].push_back(op);
  });
  return definitions;
}

/// The definition in whose block, or inside whose block, `op` stands; null if there is none.
kernel::DefineSizesOp getDefinition(Operation *op, unsigned symbol, const Definitions &definitions) {
  for (kernel::DefineSizesOp define : definitions.lookup(symbol))
    if (define->getBlock()->findAncestorOpInBlock(*op))
      return define;
  return {};
}

bool isBehind(Operation *op, kernel::DefineSizesOp define) {
  return define->isBeforeInBlock(define->getBlock()->findAncestorOpInBlock(*op));
}

/// The found symbols in `dim`.
SmallVector<unsigned> getFound(const Dim &dim, const Definitions &definitions) {
  SmallVector<unsigned> found;
  dim.dependsOn([&](unsigned symbol) {
    if (definitions.contains(symbol) && !llvm::is_contained(found, symbol))
      found.push_back(symbol);
    return false;
  });
  return found;
}

} // namespace

void m2c::placeBehindSizes(func::FuncOp function) {
  Definitions definitions = getDefinitions(function);
  if (definitions.empty())
    return;
  SmallVector<memref::AllocOp> allocations;
  function.walk([&](memref::AllocOp alloc) { allocations.push_back(alloc); });
  OpBuilder builder(function.getContext());
  for (memref::AllocOp alloc : allocations)
    for (unsigned symbol : getFound(product(getBufferDims(alloc)), definitions)) {
      kernel::DefineSizesOp define = getDefinition(alloc, symbol, definitions);
      if (!define || isBehind(alloc, define))
        continue;
      alloc->moveAfter(define);
      for (OpOperand &size : alloc.getDynamicSizesMutable())
        if (auto own = size.get().getDefiningOp();
            own && own->getBlock() == define->getBlock() && !own->isBeforeInBlock(alloc)) {
          builder.setInsertionPoint(alloc);
          size.set(kernel::SizeOp::create(builder, alloc.getLoc(), builder.getIndexType(),
                                          toAttribute({getSize(size.get())}, function.getContext())));
        }
    }
}

LogicalResult m2c::verifyFoundSizes(func::FuncOp function) {
  Definitions definitions = getDefinitions(function);
  bool isRight = true;
  // Sizes flow through arithmetic and views to what works with them.
  function.walk([&](kernel::SizeOp size) {
    for (unsigned symbol : getFound(Dim(size.getSize().getResult(0)), definitions)) {
      SmallVector<Operation *> pending(size->getUsers());
      SmallPtrSet<Operation *, 16> seen;
      while (!pending.empty()) {
        Operation *user = pending.pop_back_val();
        if (!seen.insert(user).second)
          continue;
        bool passesOn =
            isa<memref::AllocOp, ViewLikeOpInterface>(user) ||
            (user->getNumResults() == 1 && user->getResult(0).getType().isIndex() && isMemoryEffectFree(user));
        if (passesOn) {
          pending.append(user->user_begin(), user->user_end());
          continue;
        }
        kernel::DefineSizesOp define = getDefinition(user, symbol, definitions);
        if (isa<memref::DeallocOp>(user) || (define && isBehind(user, define)))
          continue;
        user->emitError("internal error: uses the size '")
            << getSymbolNames(function)[symbol] << "' before it is found";
        isRight = false;
      }
    }
  });
  return success(isRight);
}
