// Inference of m2c's own operators.
#include "m2c/Dialect/Onnx/Names.h"
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Graph/Infer.h"
#include <cmath>

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

/// What the model declares; a result without a declaration has the type of the first input.
LogicalResult inferCustom(OwnCustomOp op, Inference &i) {
  for (Value result : op->getResults()) {
    auto declared = dyn_cast<TensorType>(result.getType());
    if (declared && declared.hasRank() && !isa<UnknownType>(declared.getElementType()))
      continue;
    if (op->getNumResults() != 1 || op->getNumOperands() == 0)
      return i.error() << "the type of '" << getValueName(result)
                       << "', a result of a custom operator, is not known; declare it in the model's value_info";
    return i.setLike(op->getOperand(0));
  }
  return success();
}

LogicalResult inferPairwiseCoupling(OwnPairwiseCouplingOp op, Inference &i) {
  ArrayRef<Dim> shape = i.shape(op.getPairs());
  auto pairs = static_cast<double>(shape[1].getNumber()); // what makes one knows it
  auto classes = static_cast<int64_t>(std::lround((1 + std::sqrt(1 + 8 * pairs)) / 2));
  return i.set(0, i.element(op.getPairs()), {shape[0], Dim(classes)});
}

LogicalResult inferFoundSizes(OwnFoundSizesOp op, Inference &i) { return i.setLike(op.getValues()); }

/// The size that an operand of one element states.
Dim getCount(Inference &i, Value count) {
  auto known = i.knownDims(count);
  return known && known->size() == 1 ? known->front() : Dim::unknown();
}

LogicalResult inferNonZero(OwnNonZeroOp op, Inference &i) {
  return i.set(0, i.i64(), {Dim(i.rank(op.getX())), getCount(i, op.getCount())});
}

LogicalResult inferNonMaxSuppression(OwnNonMaxSuppressionOp op, Inference &i) {
  return failed(i.set(1, i.i64(), {Dim(1)})) ? failure() : i.set(0, i.i64(), {getCount(i, op.getRows()), Dim(3)});
}

LogicalResult inferUnique(OwnUniqueOp op, Inference &i) {
  Dim rows = i.shape(op.getX())[0];
  for (unsigned result = 0; result < 3; ++result)
    if (failed(i.set(result, i.i64(), {rows})))
      return failure();
  return i.set(3, i.i64(), {Dim(1)});
}

} // namespace

void addOwnInference(InferenceRegistry &r) {
  auto centred = [](Operation *op, Inference &i) {
    return i.set(0, IntegerType::get(i.context(), 16), i.shape(op->getOperand(0)));
  };
  r.addAll<OwnCentreOp, OwnQuantizeOp>(centred);
  r.add<OwnCustomOp>(inferCustom);
  r.add<OwnFoundSizesOp>(inferFoundSizes);
  r.add<OwnNonZeroOp>(inferNonZero);
  r.add<OwnNonMaxSuppressionOp>(inferNonMaxSuppression);
  r.add<OwnUniqueOp>(inferUnique);
  r.add<OwnLookUpOp>(
      [](OwnLookUpOp op, Inference &i) { return i.set(0, i.element(op.getValues()), i.shape(op.getX())); });
  r.add<OwnPairwiseCouplingOp>(inferPairwiseCoupling);
  r.add<OwnTreesOp>([](OwnTreesOp op, Inference &i) {
    return i.set(0, i.element(op.getX()), {i.shape(op.getX())[0], i.shape(op.getBase())[0]});
  });
}

} // namespace m2c::graph
