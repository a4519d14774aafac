// Inference of reductions and cumulative operators.
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Graph/Infer.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

template <class Op>
LogicalResult inferReduce(Op op, Inference &i) {
  Value data = op.getData(), axesOperand = op.getAxes();
  SmallVector<int64_t> axes;
  if (axesOperand) {
    auto values = i.ints(axesOperand);
    if (!values) { // unknown axes, but the rank may be known
      if (op.getKeepdims())
        return i.set(0, i.element(data), Dims(i.rank(data), Dim::unknown()));
      return i.unknown();
    }
    auto normal = i.axes(*values, i.rank(data));
    if (failed(normal))
      return failure();
    axes = *normal;
  }
  if (axes.empty() && op.getNoopWithEmptyAxes())
    return i.setLike(data);
  Dims shape;
  for (int64_t d = 0; d < i.rank(data); ++d)
    if (!axes.empty() && !llvm::is_contained(axes, d))
      shape.push_back(i.shape(data)[d]);
    else if (op.getKeepdims())
      shape.push_back(1);
  return i.set(0, i.element(data), shape);
}

template <class Op>
LogicalResult inferArg(Op op, Inference &i) {
  Value data = op.getData();
  auto axis = i.axis(op.getAxis(), i.rank(data));
  if (failed(axis))
    return failure();
  Dims shape(i.shape(data));
  if (op.getKeepdims())
    shape[*axis] = 1;
  else
    shape.erase(shape.begin() + *axis);
  return i.set(0, i.i64(), shape);
}

template <class Op>
LogicalResult inferCumulative(Op op, Inference &i) {
  if (auto axis = i.ints(op.getAxis()); axis && axis->size() == 1)
    if (failed(i.axis(axis->front(), i.rank(op.getX()))))
      return failure();
  return i.setLike(op.getX());
}

/// Losses: the shape of the labels, or a scalar.
template <class Op>
LogicalResult setLoss(Op op, Inference &i, Value scores, Value labels) {
  if (op.getReduction() == "none")
    return i.set(0, i.element(scores), i.shape(labels));
  return i.set(0, i.element(scores), {});
}

LogicalResult inferNll(NegativeLogLikelihoodLossOp op, Inference &i) {
  return setLoss(op, i, op.getInput(), op.getTarget());
}

LogicalResult inferCrossEntropy(SoftmaxCrossEntropyLossOp op, Inference &i) {
  if (failed(i.set(Value(op.getLogProb()), i.element(op.getScores()), i.shape(op.getScores()))))
    return failure();
  return setLoss(op, i, op.getScores(), op.getLabels());
}

template <class... Ops>
void addReduces(InferenceRegistry &r) {
  (r.add<Ops>(inferReduce<Ops>), ...);
}

} // namespace

void addReduceInference(InferenceRegistry &r) {
  addReduces<ReduceL1Op, ReduceL2Op, ReduceLogSumOp, ReduceLogSumExpOp, ReduceMaxOp, ReduceMeanOp, ReduceMinOp,
             ReduceProdOp, ReduceSumOp, ReduceSumSquareOp>(r);
  r.add<ArgMaxOp>(inferArg<ArgMaxOp>);
  r.add<ArgMinOp>(inferArg<ArgMinOp>);
  r.add<CumSumOp>(inferCumulative<CumSumOp>);
  r.add<CumProdOp>(inferCumulative<CumProdOp>);
  r.add<NegativeLogLikelihoodLossOp>(inferNll);
  r.add<SoftmaxCrossEntropyLossOp>(inferCrossEntropy);
}

} // namespace m2c::graph
