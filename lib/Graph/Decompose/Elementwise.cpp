// Conversions to the type of another tensor, gated units, steps of optimizers.
#include "m2c/Graph/Decompose.h"
#include "m2c/Graph/Infer.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

Composed composeCastLike(CastLikeOp op, Composer &c) {
  return {{c.make("Cast", {op.getInput()},
                  {c.attr("to", getDataType(Composer::element(op.getTargetType()))),
                   c.attr("saturate", int64_t(op.getSaturate())), c.attr("round_mode", op.getRoundMode())})}};
}

Composed composeSwiGlu(SwiGLUOp op, Composer &c) {
  return {{c.mul(c.make("Swish", {op.getA()}, c.attr("alpha", op.getAlpha())), op.getB())}};
}

/// The operands of one tensor in a step of an optimizer.
struct Step {
  Value rate, count, x, gradient, state, secondState;

  /// The gradient with that of the regularisation.
  Value regularized(Composer &c, double coefficient) const { return c.add(c.mul(x, coefficient), gradient); }
  /// `later` in all steps but the first one, which is number 0.
  Value afterFirst(Composer &c, Value later, Value first) const {
    return c.make("Where", {c.make("Greater", {count, c.scalarLike(0, count)}), later, first});
  }
};

template <class Op>
SmallVector<Step> stepsOf(Op op, Composer &c, int64_t lists) {
  SmallVector<Step> steps;
  int64_t n = op.getInputs().size() / lists;
  for (int64_t i = 0; i < n; ++i) {
    auto at = [&](int64_t list) -> Value { return op.getInputs()[list * n + i]; };
    Type element = Composer::element(at(0));
    steps.push_back({c.cast(c.reshape(op.getR(), {}), element), c.cast(c.reshape(op.getT(), {}), element), at(0), at(1),
                     at(2), lists > 3 ? at(3) : Value()});
  }
  return steps;
}

Composed composeAdagrad(TrainingAdagradOp op, Composer &c) {
  SmallVector<Value> tensors, states;
  for (const Step &step : stepsOf(op, c, 3)) {
    Value rate = c.div(step.rate, c.add(c.mul(step.count, op.getDecayFactor()), 1));
    Value g = step.regularized(c, op.getNormCoefficient()), h = c.add(step.state, c.mul(g, g));
    tensors.push_back(c.sub(step.x, c.div(c.mul(rate, g), c.add(c.sqrt(h), op.getEpsilon()))));
    states.push_back(h);
  }
  llvm::append_range(tensors, states);
  return tensors;
}

Composed composeMomentum(TrainingMomentumOp op, Composer &c) {
  SmallVector<Value> tensors, states;
  for (const Step &step : stepsOf(op, c, 3)) {
    Value g = step.regularized(c, op.getNormCoefficient());
    Value beta = step.afterFirst(c, c.scalarLike(op.getBeta(), g), c.scalarLike(1, g));
    Value v = c.add(c.mul(step.state, op.getAlpha()), c.mul(beta, g));
    Value move = op.getMode() == "nesterov" ? c.add(g, c.mul(v, op.getAlpha())) : v;
    tensors.push_back(c.sub(step.x, c.mul(step.rate, move)));
    states.push_back(v);
  }
  llvm::append_range(tensors, states);
  return tensors;
}

Composed composeAdam(TrainingAdamOp op, Composer &c) {
  SmallVector<Value> tensors, states, secondStates;
  for (const Step &step : stepsOf(op, c, 4)) {
    double alpha = op.getAlpha(), beta = op.getBeta();
    Value g = step.regularized(c, op.getNormCoefficient());
    Value v = c.add(c.mul(step.state, alpha), c.mul(g, 1 - alpha));
    Value h = c.add(c.mul(step.secondState, beta), c.mul(c.mul(g, g), 1 - beta));
    auto unbias = [&](double base) { // 1 - base^T
      return c.sub(c.scalarLike(1, g), c.make("Pow", {c.scalarLike(base, g), step.count}));
    };
    Value corrected = c.div(c.mul(step.rate, c.sqrt(unbias(beta))), unbias(alpha));
    Value rate = step.afterFirst(c, corrected, step.rate);
    Value x = c.sub(step.x, c.mul(rate, c.div(v, c.add(c.sqrt(h), op.getEpsilon()))));
    tensors.push_back(c.mul(x, 1 - double(op.getNormCoefficientPost())));
    states.push_back(v);
    secondStates.push_back(h);
  }
  llvm::append_range(tensors, states);
  llvm::append_range(tensors, secondStates);
  return tensors;
}

} // namespace

void addElementwiseDecompositions(RewritePatternSet &patterns) {
  MLIRContext *context = patterns.getContext();
  patterns.add<Decomposition<CastLikeOp>>(context, composeCastLike);
  patterns.add<Decomposition<SwiGLUOp>>(context, composeSwiGlu);
  patterns.add<Decomposition<TrainingAdagradOp>>(context, composeAdagrad);
  patterns.add<Decomposition<TrainingMomentumOp>>(context, composeMomentum);
  patterns.add<Decomposition<TrainingAdamOp>>(context, composeAdam);
}

} // namespace m2c::graph
