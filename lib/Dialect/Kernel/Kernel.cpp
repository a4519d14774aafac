// The kernel dialect: registration, effects and small helpers.
#include "m2c/Dialect/Kernel/Kernel.h"

using namespace mlir;
using namespace m2c::kernel;

#include "m2c/Dialect/Kernel/KernelDialect.cpp.inc"
#include "m2c/Dialect/Kernel/KernelInterfaces.cpp.inc"

#define GET_OP_CLASSES
#include "m2c/Dialect/Kernel/KernelOps.cpp.inc"

void KernelDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "m2c/Dialect/Kernel/KernelOps.cpp.inc"
      >();
}

void m2c::kernel::addDestinationStyleEffects(
    Operation *op, SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  auto kernel = cast<KernelOpInterface>(op);
  MutableOperandRange scratch = kernel.getScratchMutable();
  for (OpOperand &operand : op->getOpOperands()) {
    if (!isa<MemRefType>(operand.get().getType()))
      continue;
    if (kernel.isDpsInit(&operand) || llvm::any_of(scratch, [&](OpOperand &own) { return &own == &operand; }))
      effects.emplace_back(MemoryEffects::Write::get(), &operand);
    else
      effects.emplace_back(MemoryEffects::Read::get(), &operand);
  }
}

void m2c::kernel::buildIdentityEpilogue(OpBuilder &builder, Location loc, Region &region, Type elementType) {
  OpBuilder::InsertionGuard guard(builder);
  Block *block = builder.createBlock(&region, region.end(), {elementType}, {loc});
  YieldOp::create(builder, loc, ValueRange{block->getArgument(0)});
}
