// The registry of evaluators, the limits on what is evaluated, and the building blocks of all families.
#include "m2c/Graph/Evaluate.h"
#include <cstring>

using namespace mlir;

namespace m2c::graph {

const EvaluatorRegistry &EvaluatorRegistry::get() {
  static const EvaluatorRegistry registry = [] {
    EvaluatorRegistry r;
    addElementwiseEvaluators(r);
    addMathEvaluators(r);
    addShapeEvaluators(r);
    addIndexEvaluators(r);
    addReduceEvaluators(r);
    addMatMulEvaluators(r);
    return r;
  }();
  return registry;
}

bool Evaluation::load() {
  for (Value operand : op->getOperands()) {
    if (find(operand))
      continue;
    auto tensor = ConstantTensor::get(operand);
    if (!tensor)
      return false;
    operands.emplace_back(operand, std::move(*tensor));
  }
  return true;
}

const ConstantTensor *Evaluation::find(Value operand) const {
  for (const auto &[value, tensor] : operands)
    if (value == operand)
      return &tensor;
  return nullptr;
}

std::optional<SmallVector<ConstantTensor>> evaluate(Operation *op) {
  const Evaluator *evaluator = EvaluatorRegistry::get().find(op->getName().getStringRef());
  if (!evaluator)
    return std::nullopt;
  size_t resultBytes = 0;
  for (Type type : op->getResultTypes()) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor || !tensor.hasStaticShape() || !getDomain(tensor.getElementType()))
      return std::nullopt;
    resultBytes += tensor.getNumElements() * getElementBytes(tensor.getElementType());
  }
  Evaluation evaluation(op);
  if (evaluator->readsValues && !evaluation.load())
    return std::nullopt;
  size_t operandBytes = 0;
  for (const auto &[value, tensor] : evaluation.operands)
    operandBytes += tensor.getBytes();
  // 8-bit weights grow to four times their size.
  if (resultBytes > std::max<size_t>(64 << 10, 4 * operandBytes) || !evaluator->run(op, evaluation))
    return std::nullopt;
  SmallVector<ConstantTensor> results;
  for (auto &result : evaluation.results)
    results.push_back(std::move(*result));
  return results;
}

SmallVector<int64_t> stridesOf(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(shape.size(), 1);
  for (int64_t d = int64_t(shape.size()) - 2; d >= 0; --d)
    strides[d] = strides[d + 1] * shape[d + 1];
  return strides;
}

SmallVector<int64_t> broadcastStrides(ArrayRef<int64_t> from, ArrayRef<int64_t> to) {
  SmallVector<int64_t> strides(to.size(), 0), own = stridesOf(from);
  size_t skip = to.size() - from.size();
  for (size_t d = 0; d < from.size(); ++d)
    strides[skip + d] = from[d] == 1 ? 0 : own[d];
  return strides;
}

ConstantTensor takeStrided(const ConstantTensor &source, ArrayRef<int64_t> shape, ArrayRef<int64_t> strides,
                           int64_t offset) {
  ConstantTensor out(source.getElementType(), shape);
  size_t bytes = source.getElementBytes();
  char *next = out.mutableData();
  forEachStrided(shape, strides, offset, [&](int64_t i) {
    std::memcpy(next, source.data() + i * bytes, bytes);
    next += bytes;
  });
  return out;
}

ConstantTensor takeMapped(const ConstantTensor &source, ArrayRef<int64_t> shape, ArrayRef<int64_t> map,
                          const ConstantTensor *fill) {
  ConstantTensor out(source.getElementType(), shape);
  size_t bytes = source.getElementBytes();
  char *next = out.mutableData();
  for (int64_t i : map) {
    if (i >= 0)
      std::memcpy(next, source.data() + i * bytes, bytes);
    else if (fill)
      std::memcpy(next, fill->data(), bytes);
    next += bytes;
  }
  return out;
}

ConstantTensor broadcastTo(const ConstantTensor &tensor, ArrayRef<int64_t> shape) {
  return takeStrided(tensor, shape, broadcastStrides(tensor.getShape(), shape));
}

ConstantTensor transpose(const ConstantTensor &tensor, ArrayRef<int64_t> perm) {
  SmallVector<int64_t> shape, strides, own = stridesOf(tensor.getShape());
  for (int64_t axis : perm) {
    shape.push_back(tensor.getShape()[axis]);
    strides.push_back(own[axis]);
  }
  return takeStrided(tensor, shape, strides);
}

ConstantTensor castTo(const ConstantTensor &tensor, Type elementType) {
  if (tensor.getElementType() == elementType)
    return tensor;
  return visitDomain(tensor.getElementType(), [&]<class T>(T) {
    // Unsigned and signed integers wrap into each other, so the source's domain serves for every destination.
    return ConstantTensor::from<T>(elementType, tensor.getShape(), tensor.values<T>());
  });
}

} // namespace m2c::graph
