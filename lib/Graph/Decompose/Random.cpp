// Random tensors like another one, of other types than float32 and float64; Bernoulli's.
#include "m2c/Graph/Decompose.h"
#include "m2c/Graph/Infer.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

bool isDrawn(Type element) { return element.isF32() || element.isF64(); }

/// The operator without Like, in float64 where that is wanted, else in float32.
template <class Op>
Value draw(Op op, Composer &c, StringRef opType, StringRef a, float aValue, StringRef b, float bValue) {
  auto type = cast<RankedTensorType>(op.getOutput().getType());
  Type element = type.getElementType().isF64() ? type.getElementType() : c.rewriter.getF32Type();
  SmallVector<NamedAttribute> attributes{c.attr("dtype", getDataType(element)), c.attr("shape", type.getShape()),
                                         c.attr(a, aValue), c.attr(b, bValue)};
  if (op.getSeed())
    attributes.push_back(c.attr("seed", float(*op.getSeed())));
  return c.cast(c.make(opType, {}, attributes), type.getElementType());
}

Composed composeNormalLike(RandomNormalLikeOp op, Composer &c) {
  return {{draw(op, c, "RandomNormal", "mean", op.getMean(), "scale", op.getScale())}};
}

Composed composeUniformLike(RandomUniformLikeOp op, Composer &c) {
  return {{draw(op, c, "RandomUniform", "low", op.getLow(), "high", op.getHigh())}};
}

Composed composeNormal(RandomNormalOp op, Composer &c) {
  if (isDrawn(Composer::element(op.getOutput())))
    return std::nullopt;
  return {{draw(op, c, "RandomNormal", "mean", op.getMean(), "scale", op.getScale())}};
}

Composed composeUniform(RandomUniformOp op, Composer &c) {
  if (isDrawn(Composer::element(op.getOutput())))
    return std::nullopt;
  return {{draw(op, c, "RandomUniform", "low", op.getLow(), "high", op.getHigh())}};
}

/// A uniform number below the probability.
Composed composeBernoulli(BernoulliOp op, Composer &c) {
  Value p = op.getInput();
  Type element = Composer::element(p).isF64() ? c.rewriter.getF64Type() : Type(c.rewriter.getF32Type());
  SmallVector<NamedAttribute> attributes{c.attr("dtype", getDataType(element)), c.attr("shape", Composer::shape(p))};
  if (op.getSeed())
    attributes.push_back(c.attr("seed", float(*op.getSeed())));
  Value isOne = c.make("Less", {c.make("RandomUniform", {}, attributes), c.cast(p, element)});
  return {{c.cast(isOne, Composer::element(op.getOutput()))}};
}

Composed composeMultinomial(MultinomialOp op, Composer &c) {
  if (isDrawn(Composer::element(op.getInput())))
    return std::nullopt;
  SmallVector<NamedAttribute> attributes{c.attr("dtype", int64_t(op.getDtype())),
                                         c.attr("sample_size", int64_t(op.getSampleSize()))};
  if (op.getSeed())
    attributes.push_back(c.attr("seed", float(*op.getSeed())));
  return {{c.make("Multinomial", {c.cast(op.getInput(), c.rewriter.getF32Type())}, attributes)}};
}

} // namespace

void addRandomDecompositions(RewritePatternSet &patterns) {
  MLIRContext *context = patterns.getContext();
  patterns.add<Decomposition<RandomNormalLikeOp>>(context, composeNormalLike);
  patterns.add<Decomposition<RandomUniformLikeOp>>(context, composeUniformLike);
  patterns.add<Decomposition<RandomNormalOp>>(context, composeNormal);
  patterns.add<Decomposition<RandomUniformOp>>(context, composeUniform);
  patterns.add<Decomposition<BernoulliOp>>(context, composeBernoulli);
  patterns.add<Decomposition<MultinomialOp>>(context, composeMultinomial);
}

} // namespace m2c::graph
