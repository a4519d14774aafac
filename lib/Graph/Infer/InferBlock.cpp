// The walk over a graph: infer, evaluate, go on.
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Graph/Evaluate.h"
#include "m2c/Graph/FindSizes.h"
#include "m2c/Graph/Infer.h"
#include "m2c/Graph/Sequences.h"
#include "m2c/Graph/Sizes.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

bool isKnown(Type type) {
  auto tensor = dyn_cast<TensorType>(type);
  return !tensor || (tensor.hasRank() && !isa<UnknownType>(tensor.getElementType()));
}

/// Puts the ops of the branch that a constant condition takes in place of the If. Returns the first of them.
Operation *inlineBranch(IfOp op, bool taken) {
  Block &branch = (taken ? op.getThenBranch() : op.getElseBranch()).front();
  Operation *yield = branch.getTerminator(), *first = &branch.front() == yield ? op->getNextNode() : &branch.front();
  for (auto [result, value] : llvm::zip(op->getResults(), yield->getOperands()))
    result.replaceAllUsesWith(value);
  yield->erase();
  op->getBlock()->getOperations().splice(op->getIterator(), branch.getOperations());
  op->erase();
  return first;
}

} // namespace

bool replaceByConstants(Operation *op, ArrayRef<ConstantTensor> tensors) {
  OpBuilder builder(op);
  for (auto [result, tensor] : llvm::zip(op->getResults(), tensors)) {
    ElementsAttr attr = tensor.toAttr();
    result.replaceAllUsesWith(ConstantOp::create(builder, op->getLoc(), attr.getShapedType(), attr));
  }
  op->erase();
  return true;
}

LogicalResult inferBlock(Block &block, bool evaluating, int64_t &evaluated) {
  bool failed = false;
  for (Operation *op = block.empty() ? nullptr : &block.front(), *next; op; op = next) {
    next = op->getNextNode();
    if (!isa<OnnxOp>(op) || isa<ConstantOp>(op) || !llvm::all_of(op->getOperandTypes(), isKnown))
      continue;
    if (evaluating)
      if (Operation *first = resolveSequence(op)) {
        next = first;
        continue;
      }
    if (auto branch = dyn_cast<IfOp>(op); branch && evaluating)
      if (auto condition = ConstantTensor::get(branch.getCond()); condition && condition->size() == 1) {
        next = inlineBranch(branch, condition->getInt(0) != 0);
        ++evaluated;
        continue;
      }
    if (evaluating && !isa<LoopOp>(op))
      if (Operation *first = findSizes(op)) {
        next = first;
        continue;
      }
    const InferFunction *infer = InferenceRegistry::get().find(op->getName().getStringRef());
    if (!infer)
      continue;
    Inference inference(op, evaluating, evaluated);
    if (llvm::failed((*infer)(op, inference))) {
      failed = true;
      continue;
    }
    evaluated = inference.evaluated;
    if (evaluating && isa<LoopOp>(op))
      if (Operation *first = findSizes(op)) {
        next = first;
        continue;
      }
    // Quantised weights stay as they are: whoever multiplies them decides how.
    if (!evaluating || isa<DequantizeLinearOp>(op) || !llvm::all_of(op->getResultTypes(), isKnown))
      continue;
    if (auto results = evaluate(op)) {
      evaluated += replaceByConstants(op, *results);
    } else if (auto sizes = evaluateSizes(op)) {
      OpBuilder builder(op);
      op->getResult(0).replaceAllUsesWith(createSizes(builder, op->getLoc(), *sizes));
      op->erase();
      ++evaluated;
    }
  }
  if (evaluating)
    eraseUnusedSequences(block);
  return failure(failed);
}

} // namespace m2c::graph
