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
  int64_t directions = direction == "bidirectional" ? 2 : 1, hidden = i.shape(r)[2];
  for (Value value : {w, r})
    if (int64_t d = i.shape(value)[0]; d != kDynamic && d != directions)
      return i.error() << describe(value) << " has " << d << " directions but direction '" << direction << "' has "
                       << directions;
  if (failed(i.expectSameDim(x, 2, w, 2)) || failed(i.expectSameDim(w, 1, r, 1)))
    return failure();
  if (hidden != kDynamic && i.shape(r)[1] != kDynamic && i.shape(r)[1] != gates * hidden)
    return i.error() << describe(r) << " has " << i.shape(r)[1] << " rows but " << gates << " gates of " << hidden
                     << " units need " << gates * hidden;
  if (op.getHiddenSize() && hidden != kDynamic && int64_t(*op.getHiddenSize()) != hidden)
    return i.error() << "hidden_size is " << *op.getHiddenSize() << " but " << describe(r) << " has " << hidden
                     << " units";
  if (Value bias = op.getB())
    if (failed(i.expectRank(bias, 2)) ||
        (hidden != kDynamic && i.shape(bias)[1] != kDynamic && i.shape(bias)[1] != 2 * gates * hidden))
      return i.error() << "bias " << describe(bias) << " must have shape "
                       << formatShape({directions, 2 * gates * hidden});
  bool batchFirst = op.getLayout() != 0;
  int64_t steps = i.shape(x)[batchFirst ? 1 : 0], batch = i.shape(x)[batchFirst ? 0 : 1];
  SmallVector<int64_t> y = batchFirst ? SmallVector<int64_t>{batch, steps, directions, hidden}
                                      : SmallVector<int64_t>{steps, directions, batch, hidden};
  SmallVector<int64_t> state =
      batchFirst ? SmallVector<int64_t>{batch, directions, hidden} : SmallVector<int64_t>{directions, batch, hidden};
  SmallVector<Value> initials{op.getInitialH()};
  if constexpr (requires { op.getInitialC(); })
    initials.push_back(op.getInitialC());
  for (Value initial : initials)
    if (initial) {
      auto both = broadcastShapes(i.shape(initial), state);
      if (i.rank(initial) != 3 || !both || (*both != state && llvm::none_of(state, ShapedType::isDynamic)))
        return i.error() << "initial state " << describe(initial) << " must have shape " << formatShape(state);
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
