// Inference of random numbers.
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Graph/Infer.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

/// `dtype` is absent or a number.
Type elementOr(Inference &i, std::optional<int64_t> dtype, Type otherwise) {
  return dtype ? getElementType(i.context(), *dtype) : otherwise;
}

template <class Op>
LogicalResult inferRandom(Op op, Inference &i) {
  Type element = getElementType(i.context(), op.getDtype());
  return element ? i.set(0, element, toDims(op.getShape()))
                 : LogicalResult(i.error() << "unknown element type " << op.getDtype());
}

template <class Op>
LogicalResult inferRandomLike(Op op, Inference &i) {
  auto dtype = op.getDtype() ? std::optional<int64_t>(*op.getDtype()) : std::nullopt;
  Type element = elementOr(i, dtype, i.element(op.getInput()));
  return element ? i.set(0, element, i.shape(op.getInput())) : LogicalResult(i.error() << "unknown element type");
}

LogicalResult inferMultinomial(MultinomialOp op, Inference &i) {
  if (failed(i.expectRank(op.getInput(), 2)))
    return failure();
  Type element = getElementType(i.context(), op.getDtype());
  if (!element)
    return i.error() << "unknown element type " << op.getDtype();
  return i.set(0, element, {i.shape(op.getInput())[0], Dim(op.getSampleSize())});
}

} // namespace

void addRandomInference(InferenceRegistry &r) {
  r.add<RandomNormalOp>(inferRandom<RandomNormalOp>);
  r.add<RandomUniformOp>(inferRandom<RandomUniformOp>);
  r.add<RandomNormalLikeOp>(inferRandomLike<RandomNormalLikeOp>);
  r.add<RandomUniformLikeOp>(inferRandomLike<RandomUniformLikeOp>);
  r.add<BernoulliOp>(inferRandomLike<BernoulliOp>);
  r.add<MultinomialOp>(inferMultinomial);
}

} // namespace m2c::graph
