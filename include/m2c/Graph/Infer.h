// Shape and type inference: a function per operator, from operand types and constant operands to result types.
#pragma once

#include "m2c/Graph/ConstantTensor.h"
#include "m2c/Graph/ShapeMath.h"
#include "m2c/IR/Dim.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Operation.h"
#include "llvm/ADT/StringMap.h"
#include <functional>

namespace m2c::graph {

/// The inference of one op: access to its operands, and the results' types. Dimensions may be symbolic or unknown; when
/// an inference function is called all its tensor operands have a rank and an element type.
class Inference {
public:
  explicit Inference(mlir::Operation *op, bool evaluating = false, int64_t evaluated = 0)
      : op(op), evaluating(evaluating), evaluated(evaluated) {}

  /// The sizes of an operand's dimensions.
  llvm::ArrayRef<Dim> shape(mlir::Value value) const;
  int64_t rank(mlir::Value value) const { return shape(value).size(); }
  mlir::Type element(mlir::Value value) const { return mlir::cast<mlir::TensorType>(value.getType()).getElementType(); }

  /// The integers of a constant operand; nothing if it is absent or not a constant.
  std::optional<llvm::SmallVector<int64_t>> ints(mlir::Value value) const;
  std::optional<llvm::SmallVector<double>> floats(mlir::Value value) const;

  /// A shape operand as dimensions: its values if they are known at conversion, else unknown ones as often as its
  /// length says. Nothing if even the length is unknown.
  std::optional<Dims> dims(mlir::Value value) const;

  /// The values of an integer operand, each a number or an expression in symbols; nothing if one is neither.
  std::optional<Dims> knownDims(mlir::Value value) const;

  /// Sets the type of a result, which may be null (an absent optional one): merges it with the type that the model
  /// declares, and reports a contradiction.
  llvm::LogicalResult set(mlir::Value result, mlir::Type element, llvm::ArrayRef<Dim> shape);
  llvm::LogicalResult set(unsigned result, mlir::Type element, llvm::ArrayRef<Dim> shape) {
    return set(mlir::Value(op->getResult(result)), element, shape);
  }
  /// The same for result 0, with the type of `like`.
  llvm::LogicalResult setLike(mlir::Value like) { return set(0, element(like), shape(like)); }

  /// The result stays unknown: its shape depends on values that only the run knows.
  llvm::LogicalResult unknown() { return llvm::success(); }

  /// `axis` in [0, rank), or an error that says the range.
  mlir::FailureOr<int64_t> axis(int64_t axis, int64_t rank, llvm::StringRef name = "axis");
  mlir::FailureOr<llvm::SmallVector<int64_t>> axes(llvm::ArrayRef<int64_t> axes, int64_t rank);

  /// An error unless `value` has this rank (or one in [rank, most]).
  llvm::LogicalResult expectRank(mlir::Value value, int64_t rank, int64_t most = -1);

  /// An error unless both have one element type.
  llvm::LogicalResult expectSameElement(mlir::Value a, mlir::Value b);

  /// An error unless dimension `i` of `a` can equal dimension `j` of `b`; where only the run knows, it checks.
  llvm::LogicalResult expectSameDim(mlir::Value a, int64_t i, mlir::Value b, int64_t j);

  /// The shape of all `values` broadcast together, or an error naming two that do not fit. A symbolic dimension is not
  /// taken for 1: against another one, or a number other than 1, it has to be equal, which the run checks.
  mlir::FailureOr<Dims> broadcast(mlir::ValueRange values);

  /// Two shapes broadcast together, as above. Nothing if they do not fit, and then `clash` is the output dimension
  /// where.
  std::optional<Dims> broadcast(llvm::ArrayRef<Dim> a, llvm::ArrayRef<Dim> b, size_t *clash = nullptr);

  /// One of two sizes that must be equal, the simpler one; the run checks what conversion cannot. Nothing if they
  /// differ.
  std::optional<Dim> unify(const Dim &a, const Dim &b);

  /// Starts the error message "node 'n' (Op): ".
  mlir::InFlightDiagnostic error() const;

  mlir::MLIRContext *context() const { return op->getContext(); }
  mlir::Type i64() const { return mlir::IntegerType::get(context(), 64); }
  mlir::Type boolean() const { return mlir::IntegerType::get(context(), 1); }

  mlir::Operation *op;
  bool evaluating;   // whether ops may be replaced by constants, also in subgraphs
  int64_t evaluated; // how many were

private:
  mutable llvm::DenseMap<mlir::Value, std::unique_ptr<Dims>> shapes;
};

using InferFunction = std::function<llvm::LogicalResult(mlir::Operation *, Inference &)>;

class InferenceRegistry {
public:
  /// All operators' inference functions (lib/Graph/Infer/<Family>.cpp).
  static const InferenceRegistry &get();

  template <class Op>
  void add(llvm::LogicalResult (*infer)(Op, Inference &)) {
    functions[Op::getOperationName()] = [infer](mlir::Operation *op, Inference &i) {
      return infer(mlir::cast<Op>(op), i);
    };
  }

  /// The same function for several ops that need no accessor of their own.
  template <class... Ops>
  void addAll(const InferFunction &infer) {
    ((functions[Ops::getOperationName()] = infer), ...);
  }

  const InferFunction *find(llvm::StringRef opName) const {
    auto it = functions.find(opName);
    return it == functions.end() ? nullptr : &it->second;
  }

private:
  llvm::StringMap<InferFunction> functions;
};

void addElementwiseInference(InferenceRegistry &);
void addMatMulInference(InferenceRegistry &);
void addConvInference(InferenceRegistry &);
void addPoolInference(InferenceRegistry &);
void addReduceInference(InferenceRegistry &);
void addNormalizeInference(InferenceRegistry &);
void addShapeInference(InferenceRegistry &);
void addLayoutInference(InferenceRegistry &);
void addIndexInference(InferenceRegistry &);
void addQuantizeInference(InferenceRegistry &);
void addRecurrentInference(InferenceRegistry &);
void addAttentionInference(InferenceRegistry &);
void addControlFlowInference(InferenceRegistry &);
void addImageInference(InferenceRegistry &);
void addRandomInference(InferenceRegistry &);
void addMicrosoftInference(InferenceRegistry &);
void addMlInference(InferenceRegistry &);
void addOwnInference(InferenceRegistry &);
void addStringInference(InferenceRegistry &);

/// Infers the types of all ops of `block` and of its subgraphs, in order. If `evaluating`, replaces those whose
/// operands are constants by their values, because the shapes of later ones may depend on them, and counts them. Goes
/// on after an error, to report them all.
llvm::LogicalResult inferBlock(mlir::Block &block, bool evaluating, int64_t &evaluated);

/// The type that FlexAttention computes its scores and probabilities in: softmax_precision, or at least float32.
mlir::Type getFlexAttentionPrecision(mlir::Operation *op);

/// Puts constants in the place of `op`; returns true.
bool replaceByConstants(mlir::Operation *op, llvm::ArrayRef<ConstantTensor> tensors);

/// The type of a TensorProto data type number; null for one that is not known.
mlir::Type getElementType(mlir::MLIRContext *context, int64_t onnxType);

/// The other way round; 0 for a type that ONNX does not have.
int64_t getDataType(mlir::Type elementType);

/// "[1,batch,?]", with the symbols' names as the function around `op` gives them.
std::string formatShape(mlir::Operation *op, llvm::ArrayRef<Dim> shape);

/// "[1,3,?]".
std::string formatShape(llvm::ArrayRef<int64_t> shape);

/// "'name' [1,3,4]", for messages.
std::string describe(mlir::Value value);

} // namespace m2c::graph
