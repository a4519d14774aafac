#include "m2c/Emit/Access.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;

// ---- effects ------------------------------------------------------------------------------------------------------

bool m2c::emit::writesBuffer(OpOperand &use) {
  Operation *op = use.getOwner();
  if (isa<ViewLikeOpInterface>(op))
    return llvm::any_of(op->getResult(0).getUses(), writesBuffer);
  if (op->getNumRegions() != 0 && !isa<DestinationStyleOpInterface>(op))
    return true;
  auto effects = dyn_cast<MemoryEffectOpInterface>(op);
  if (!effects)
    return op->hasTrait<OpTrait::IsTerminator>();
  SmallVector<MemoryEffects::EffectInstance> instances;
  effects.getEffects(instances);
  return llvm::any_of(instances, [&](const MemoryEffects::EffectInstance &effect) {
    return isa<MemoryEffects::Write>(effect.getEffect()) && effect.getEffectValue<OpOperand *>() == &use;
  });
}

// ---- fills --------------------------------------------------------------------------------------------------------

static bool isFillOfConstant(Operation *op) {
  auto fill = dyn_cast_or_null<linalg::FillOp>(op);
  return fill && matchPattern(fill.getInputs()[0], m_Constant());
}

/// Views and constants are no code: they may stand between.
static bool isNothing(Operation *op) { return isMemoryEffectFree(op) && op->getNumRegions() == 0; }

static bool reducesInto(Operation *op, Value buffer) {
  auto structured = dyn_cast<linalg::LinalgOp>(op);
  if (!structured || structured.getNumReductionLoops() == 0)
    return false;
  for (auto [i, init] : llvm::enumerate(structured.getDpsInits()))
    if (init == buffer)
      return true;
  return false;
}

bool m2c::emit::isAbsorbedFill(Operation *op) {
  if (!isFillOfConstant(op))
    return false;
  Operation *next = op->getNextNode();
  while (next && (isNothing(next) || isFillOfConstant(next)))
    next = next->getNextNode();
  return next && reducesInto(next, cast<linalg::FillOp>(op).getOutputs()[0]);
}

Value m2c::emit::getFilledValue(Operation *op, Value output) {
  for (Operation *before = op->getPrevNode(); before && (isNothing(before) || isFillOfConstant(before));
       before = before->getPrevNode())
    if (auto fill = dyn_cast<linalg::FillOp>(before); fill && fill.getOutputs()[0] == output)
      return fill.getInputs()[0];
  return nullptr;
}
