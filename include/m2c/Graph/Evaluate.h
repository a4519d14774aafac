// Constant evaluation: what an operator yields when its operands are constants.
#pragma once

#include "m2c/Graph/ConstantTensor.h"
#include "mlir/IR/Operation.h"
#include "llvm/ADT/StringMap.h"
#include <functional>

namespace m2c::graph {

/// The constant operands of one op, and the results that its evaluator fills in. The op's result types are inferred and
/// static before evaluation, so evaluators take output shapes from there.
class Evaluation {
public:
  explicit Evaluation(mlir::Operation *op) : op(op), results(op->getNumResults()) {}

  /// Reads the operands; false if one is not a constant.
  bool load();

  /// The value of an operand that must be present.
  const ConstantTensor &operator[](mlir::Value operand) const { return *find(operand); }

  /// The value of an optional operand; null if `operand` is.
  const ConstantTensor *find(mlir::Value operand) const;

  /// The integers of an operand (shape, axes ...).
  std::vector<int64_t> ints(mlir::Value operand) const { return (*this)[operand].values<int64_t>(); }

  mlir::RankedTensorType type(unsigned result = 0) const {
    return mlir::cast<mlir::RankedTensorType>(op->getResult(result).getType());
  }
  llvm::ArrayRef<int64_t> shape(unsigned result = 0) const { return type(result).getShape(); }

  /// Sets a result and returns true, which is what evaluators return when they succeed.
  bool set(ConstantTensor tensor, unsigned result = 0) {
    results[result] = std::move(tensor);
    return true;
  }

  mlir::Operation *op;
  llvm::SmallVector<std::pair<mlir::Value, ConstantTensor>> operands;
  llvm::SmallVector<std::optional<ConstantTensor>> results;
};

/// Returns whether it could evaluate this case.
using EvaluateFunction = std::function<bool(mlir::Operation *, Evaluation &)>;

struct Evaluator {
  EvaluateFunction run;
  bool readsValues; // otherwise types are enough, and operands need not be constants
};

class EvaluatorRegistry {
public:
  /// All operators' evaluators (lib/Graph/Evaluate/<Family>.cpp).
  static const EvaluatorRegistry &get();

  template <class Op>
  void add(bool (*evaluator)(Op, Evaluation &), bool readsValues = true) {
    auto run = [evaluator](mlir::Operation *op, Evaluation &e) { return evaluator(mlir::cast<Op>(op), e); };
    evaluators[Op::getOperationName()] = {run, readsValues};
  }

  /// An evaluator that only reads the types of its operands.
  template <class Op>
  void addOfTypes(bool (*evaluator)(Op, Evaluation &)) {
    add(evaluator, /*readsValues=*/false);
  }

  /// The same evaluator for several ops that need no accessor of their own.
  template <class... Ops>
  void addAll(const EvaluateFunction &run) {
    ((evaluators[Ops::getOperationName()] = {run, /*readsValues=*/true}), ...);
  }

  const Evaluator *find(llvm::StringRef opName) const {
    auto it = evaluators.find(opName);
    return it == evaluators.end() ? nullptr : &it->second;
  }

private:
  llvm::StringMap<Evaluator> evaluators;
};

void addElementwiseEvaluators(EvaluatorRegistry &);
void addMathEvaluators(EvaluatorRegistry &);
void addShapeEvaluators(EvaluatorRegistry &);
void addIndexEvaluators(EvaluatorRegistry &);
void addReduceEvaluators(EvaluatorRegistry &);
void addMatMulEvaluators(EvaluatorRegistry &);

/// The results of `op` if all operands that its evaluator reads are constants, its result types static, and the outcome
/// not larger than worth keeping: up to 64 KiB, or up to twice the operands, so that Expand and ConstantOfShape stay
/// operators.
std::optional<llvm::SmallVector<ConstantTensor>> evaluate(mlir::Operation *op);

//===-- Building blocks of evaluators -----------------------------------------------------------------------------===//

/// Row-major strides of `shape` in elements.
llvm::SmallVector<int64_t> stridesOf(llvm::ArrayRef<int64_t> shape);

/// Strides for reading a tensor of shape `from` as if broadcast to `to`: 0 along broadcast dimensions.
llvm::SmallVector<int64_t> broadcastStrides(llvm::ArrayRef<int64_t> from, llvm::ArrayRef<int64_t> to);

/// Calls `f(source)` for every element of `shape` in order, source = offset + sum of index * stride.
template <class F>
void forEachStrided(llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> strides, int64_t offset, F f) {
  int64_t count = countElements(shape), rank = shape.size();
  llvm::SmallVector<int64_t> index(rank);
  for (int64_t i = 0, source = offset; i < count; ++i) {
    f(source);
    for (int64_t d = rank - 1; d >= 0; --d) {
      source += strides[d];
      if (++index[d] < shape[d])
        break;
      source -= strides[d] * shape[d];
      index[d] = 0;
    }
  }
}

/// The elements at offset + sum of index * stride: transposes, slices, broadcasts.
ConstantTensor takeStrided(const ConstantTensor &source, llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> strides,
                           int64_t offset = 0);

/// The elements at the flat indices `map`, `fill` (a scalar of the same type, or zero) where an index is -1.
ConstantTensor takeMapped(const ConstantTensor &source, llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> map,
                          const ConstantTensor *fill = nullptr);

/// `tensor` broadcast to `shape`.
ConstantTensor broadcastTo(const ConstantTensor &tensor, llvm::ArrayRef<int64_t> shape);

/// `tensor` with its dimensions permuted.
ConstantTensor transpose(const ConstantTensor &tensor, llvm::ArrayRef<int64_t> perm);

/// `tensor` converted to another element type, as Cast does.
ConstantTensor castTo(const ConstantTensor &tensor, mlir::Type elementType);

/// Elements broadcast to `shape` and converted to T.
template <class T>
std::vector<T> broadcastValues(const ConstantTensor &tensor, llvm::ArrayRef<int64_t> shape) {
  std::vector<T> values = tensor.values<T>(), out;
  if (tensor.getShape() == shape)
    return values;
  out.reserve(countElements(shape));
  forEachStrided(shape, broadcastStrides(tensor.getShape(), shape), 0, [&](int64_t i) { out.push_back(values[i]); });
  return out;
}

} // namespace m2c::graph
