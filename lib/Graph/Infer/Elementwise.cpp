// Inference of elementwise operators.
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Graph/Infer.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

LogicalResult inferUnary(Operation *op, Inference &i) { return i.setLike(op->getOperand(0)); }

LogicalResult inferPredicate(Operation *op, Inference &i) { return i.set(0, i.boolean(), i.shape(op->getOperand(0))); }

/// Operands of one element type, broadcast together; `isBool` says what the result's element is.
LogicalResult inferBroadcast(Operation *op, Inference &i, bool isBool) {
  for (Value operand : op->getOperands().drop_front())
    if (failed(i.expectSameElement(op->getOperand(0), operand)))
      return failure();
  auto shape = i.broadcast(op->getOperands());
  if (failed(shape))
    return failure();
  return i.set(0, isBool ? i.boolean() : i.element(op->getOperand(0)), *shape);
}

LogicalResult inferArithmetic(Operation *op, Inference &i) { return inferBroadcast(op, i, false); }
LogicalResult inferComparison(Operation *op, Inference &i) { return inferBroadcast(op, i, true); }

LogicalResult inferPow(PowOp op, Inference &i) {
  auto shape = i.broadcast(op->getOperands());
  return failed(shape) ? failure() : i.set(0, i.element(op->getOperand(0)), *shape);
}

LogicalResult inferWhere(WhereOp op, Inference &i) {
  if (failed(i.expectSameElement(op.getX(), op.getY())))
    return failure();
  auto shape = i.broadcast(op->getOperands());
  return failed(shape) ? failure() : i.set(0, i.element(op.getX()), *shape);
}

LogicalResult inferClip(ClipOp op, Inference &i) {
  for (Value bound : {op.getMin(), op.getMax()})
    if (bound && (failed(i.expectSameElement(op.getInput(), bound)) || failed(i.expectRank(bound, 0, 1))))
      return failure();
  return i.setLike(op.getInput());
}

/// The slope is broadcast to x, never the other way round.
LogicalResult inferPRelu(PReluOp op, Inference &i) {
  Value x = op->getOperand(0), slope = op->getOperand(1);
  auto shape = i.broadcast({x, slope});
  if (failed(shape))
    return failure();
  if (int64_t(shape->size()) != i.rank(x))
    return i.error() << "slope " << describe(slope) << " cannot be broadcast to " << describe(x);
  return i.setLike(x);
}

LogicalResult inferCast(CastOp op, Inference &i) {
  Type element = getElementType(i.context(), op.getTo());
  if (!element)
    return i.error() << "unknown element type " << op.getTo();
  return i.set(0, element, i.shape(op.getInput()));
}

LogicalResult inferCastLike(CastLikeOp op, Inference &i) {
  return i.set(0, i.element(op.getTargetType()), i.shape(op.getInput()));
}

LogicalResult inferBitCast(BitCastOp op, Inference &i) {
  Type element = getElementType(i.context(), op.getTo());
  if (!element)
    return i.error() << "unknown element type " << op.getTo();
  return i.set(0, element, i.shape(op.getInput()));
}

/// A step of an optimizer: R, T, then the tensors X.., their gradients G.. and one or two lists of states; the results
/// are the new X.. and states.
template <class Op, int64_t lists>
LogicalResult inferOptimizer(Op op, Inference &i) {
  int64_t operands = op.getInputs().size(), count = operands / lists;
  if (operands % lists != 0 || int64_t(op->getNumResults()) != operands - count)
    return i.error() << "it has " << operands + 2 << " inputs and " << op->getNumResults()
                     << " outputs, but needs 2 and " << lists << " per tensor, and " << lists - 1
                     << " outputs per tensor";
  for (unsigned r = 0; r < op->getNumResults(); ++r) {
    Value like = op.getInputs()[r < count ? r : r + count];
    if (failed(i.set(r, i.element(like), i.shape(like))))
      return failure();
  }
  return success();
}

LogicalResult inferSwiGlu(SwiGLUOp op, Inference &i) { return inferArithmetic(op, i); }

} // namespace

void addElementwiseInference(InferenceRegistry &r) {
  r.addAll<AbsOp, AcosOp, AcoshOp, AsinOp, AsinhOp, AtanOp, AtanhOp, BitwiseNotOp, CeilOp, CeluOp, CosOp, CoshOp, EluOp,
           ErfOp, ExpOp, FloorOp, GeluOp, HardSigmoidOp, HardSwishOp, IdentityOp, LeakyReluOp, LogOp, MishOp, NegOp,
           NotOp, ReciprocalOp, ReluOp, RoundOp, SeluOp, ShrinkOp, SigmoidOp, SignOp, SinOp, SinhOp, SoftplusOp,
           SoftsignOp, SqrtOp, SwishOp, TanOp, TanhOp, ThresholdedReluOp>(inferUnary);
  r.addAll<IsInfOp, IsNaNOp>(inferPredicate);
  r.addAll<AddOp, AndOp, BitShiftOp, BitwiseAndOp, BitwiseOrOp, BitwiseXorOp, DivOp, MaxOp, MeanOp, MinOp, ModOp, MulOp,
           OrOp, SubOp, SumOp, XorOp>(inferArithmetic);
  r.addAll<EqualOp, GreaterOp, GreaterOrEqualOp, LessOp, LessOrEqualOp>(inferComparison);
  r.add<PowOp>(inferPow);
  r.add<WhereOp>(inferWhere);
  r.add<ClipOp>(inferClip);
  r.add<PReluOp>(inferPRelu);
  r.add<CastOp>(inferCast);
  r.add<CastLikeOp>(inferCastLike);
  r.add<BitCastOp>(inferBitCast);
  r.add<SwiGLUOp>(inferSwiGlu);
  r.add<TrainingAdagradOp>(inferOptimizer<TrainingAdagradOp, 3>);
  r.add<TrainingAdamOp>(inferOptimizer<TrainingAdamOp, 4>);
  r.add<TrainingMomentumOp>(inferOptimizer<TrainingMomentumOp, 3>);
}

} // namespace m2c::graph
