// Inference of recurrent networks.
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Graph/Infer.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

/// `gates` rows of W and R per hidden unit.
template <class Op>
LogicalResult inferRecurrent(Op op, Inference &i, int64_t gates) {
  Value x = op.getX(), w = op.getW(), r = op.getR();
  for (Value value : {x, w, r})
    if (failed(i.expectRank(value, 3)))
      return failure();
  StringRef direction = op.getDirection();
  if (direction != "forward" && direction != "reverse" && direction != "bidirectional")
    return i.error() << "unknown direction '" << direction << "'";
  int64_t directions = direction == "bidirectional" ? 2 : 1;
  Dim hidden = i.shape(r)[2];
  for (Value value : {w, r})
    if (Dim d = i.shape(value)[0]; !i.unify(d, directions))
      return i.error() << describe(value) << " has " << d.str() << " directions but direction '" << direction
                       << "' has " << directions;
  if (failed(i.expectSameDim(x, 2, w, 2)) || failed(i.expectSameDim(w, 1, r, 1)))
    return failure();
  if (!i.unify(i.shape(r)[1], hidden * gates))
    return i.error() << describe(r) << " has " << i.shape(r)[1].str() << " rows but " << gates << " gates of "
                     << hidden.str() << " units need " << (hidden * gates).str();
  if (op.getHiddenSize() && !i.unify(hidden, int64_t(*op.getHiddenSize())))
    return i.error() << "hidden_size is " << *op.getHiddenSize() << " but " << describe(r) << " has " << hidden.str()
                     << " units";
  if (Value bias = op.getB())
    if (failed(i.expectRank(bias, 2)) || !i.unify(i.shape(bias)[1], hidden * (2 * gates)))
      return i.error() << "bias " << describe(bias) << " must have shape "
                       << formatShape(op, {Dim(directions), hidden * (2 * gates)});
  bool batchFirst = op.getLayout() != 0;
  Dim steps = i.shape(x)[batchFirst ? 1 : 0], batch = i.shape(x)[batchFirst ? 0 : 1];
  Dims y = batchFirst ? Dims{batch, steps, directions, hidden} : Dims{steps, directions, batch, hidden};
  Dims state = batchFirst ? Dims{batch, directions, hidden} : Dims{directions, batch, hidden};
  SmallVector<Value> initials{op.getInitialH()};
  if constexpr (requires { op.getInitialC(); })
    initials.push_back(op.getInitialC());
  for (Value initial : initials)
    if (initial) {
      auto both = i.broadcast(i.shape(initial), state);
      if (i.rank(initial) != 3 || !both || (*both != state && asNumbers(state)))
        return i.error() << "initial state " << describe(initial) << " must have shape " << formatShape(op, state);
    }
  Type element = i.element(x);
  if constexpr (requires { op.getYC(); })
    if (failed(i.set(Value(op.getYC()), element, state)))
      return failure();
  return failed(i.set(Value(op.getYH()), element, state)) ? failure() : i.set(Value(op.getY()), element, y);
}

LogicalResult inferLstm(LSTMOp op, Inference &i) { return inferRecurrent(op, i, 4); }
LogicalResult inferGru(GRUOp op, Inference &i) { return inferRecurrent(op, i, 3); }
LogicalResult inferRnn(RNNOp op, Inference &i) { return inferRecurrent(op, i, 1); }

} // namespace

void addRecurrentInference(InferenceRegistry &r) {
  r.add<LSTMOp>(inferLstm);
  r.add<GRUOp>(inferGru);
  r.add<RNNOp>(inferRnn);
}

} // namespace m2c::graph
