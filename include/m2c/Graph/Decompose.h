// Decomposition: operators that are written as others, because no kernel of their own would pay.
#pragma once

#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Graph/ConstantTensor.h"
#include "mlir/IR/PatternMatch.h"

namespace m2c::graph {

/// Writes the operators that take the place of one. Types are inferred as it goes, so that a decomposition can ask for
/// the shape of what it has made.
class Composer {
public:
  Composer(mlir::PatternRewriter &rewriter, mlir::Location loc) : rewriter(rewriter), loc(loc) {}

  /// The results of operator `opType` (of ai.onnx, or "m2c." and its name); null operands are absent.
  mlir::ValueRange makeAll(llvm::StringRef opType, mlir::ArrayRef<mlir::Value> operands,
                           mlir::ArrayRef<mlir::NamedAttribute> attributes = {}, unsigned results = 1);
  /// The first one.
  mlir::Value make(llvm::StringRef opType, mlir::ArrayRef<mlir::Value> operands,
                   mlir::ArrayRef<mlir::NamedAttribute> attributes = {}) {
    return makeAll(opType, operands, attributes).front();
  }

  mlir::NamedAttribute attr(llvm::StringRef name, int64_t value) {
    return rewriter.getNamedAttr(name, rewriter.getI64IntegerAttr(value));
  }
  mlir::NamedAttribute attr(llvm::StringRef name, float value) {
    return rewriter.getNamedAttr(name, rewriter.getF32FloatAttr(value));
  }
  mlir::NamedAttribute attr(llvm::StringRef name, llvm::StringRef value) {
    return rewriter.getNamedAttr(name, rewriter.getStringAttr(value));
  }
  mlir::NamedAttribute attr(llvm::StringRef name, mlir::ArrayRef<int64_t> values) {
    return rewriter.getNamedAttr(name, rewriter.getDenseI64ArrayAttr(values));
  }

  mlir::Value ints(mlir::ArrayRef<int64_t> values);
  /// A constant of any shape, from row-major numbers.
  mlir::Value constant(mlir::Type element, mlir::ArrayRef<int64_t> shape, mlir::ArrayRef<double> values);
  /// A scalar of the element type of `like`.
  mlir::Value scalarLike(double value, mlir::Value like) { return constant(element(like), {}, value); }

  mlir::Value add(mlir::Value a, mlir::Value b) { return make("Add", {a, b}); }
  mlir::Value sub(mlir::Value a, mlir::Value b) { return make("Sub", {a, b}); }
  mlir::Value mul(mlir::Value a, mlir::Value b) { return make("Mul", {a, b}); }
  mlir::Value div(mlir::Value a, mlir::Value b) { return make("Div", {a, b}); }
  mlir::Value add(mlir::Value a, double b) { return add(a, scalarLike(b, a)); }
  mlir::Value mul(mlir::Value a, double b) { return mul(a, scalarLike(b, a)); }
  mlir::Value sqrt(mlir::Value a) { return make("Sqrt", {a}); }
  mlir::Value reshape(mlir::Value value, mlir::ArrayRef<int64_t> shape);
  mlir::Value transpose(mlir::Value value, mlir::ArrayRef<int64_t> permutation);
  mlir::Value cast(mlir::Value value, mlir::Type element);
  mlir::Value slice(mlir::Value value, int64_t axis, int64_t start, int64_t end, int64_t step = 1);
  mlir::Value reduce(llvm::StringRef opType, mlir::Value value, mlir::ArrayRef<int64_t> axes, bool keep = true) {
    return make(opType, {value, ints(axes)}, attr("keepdims", int64_t(keep)));
  }

  static mlir::ArrayRef<int64_t> shape(mlir::Value value) {
    return mlir::cast<mlir::RankedTensorType>(value.getType()).getShape();
  }
  static mlir::Type element(mlir::Value value) {
    return mlir::cast<mlir::RankedTensorType>(value.getType()).getElementType();
  }

  mlir::PatternRewriter &rewriter;
  mlir::Location loc;
};

/// A pattern from a function that gives the op's results, or nothing where the op stays.
template <class Op>
struct Decomposition : mlir::OpRewritePattern<Op> {
  using Results = std::optional<llvm::SmallVector<mlir::Value>>;
  Decomposition(mlir::MLIRContext *context, Results (*compose)(Op, Composer &))
      : mlir::OpRewritePattern<Op>(context), compose(compose) {}

  llvm::LogicalResult matchAndRewrite(Op op, mlir::PatternRewriter &rewriter) const override {
    for (mlir::Value value : llvm::concat<mlir::Value>(llvm::to_vector_of<mlir::Value>(op->getOperands()),
                                                       llvm::to_vector_of<mlir::Value>(op->getResults())))
      if (auto type = mlir::dyn_cast<mlir::RankedTensorType>(value.getType()); !type || !type.hasStaticShape())
        return rewriter.notifyMatchFailure(op, "has no static shape");
    Composer composer(rewriter, op.getLoc());
    Results results = compose(op, composer);
    if (!results)
      return rewriter.notifyMatchFailure(op, "stays");
    rewriter.replaceOp(op, *results);
    return llvm::success();
  }

  Results (*compose)(Op, Composer &);
};

/// What a decomposition gives.
using Composed = std::optional<llvm::SmallVector<mlir::Value>>;

// One per family (lib/Graph/Decompose/<Family>.cpp).
void addAttentionDecompositions(mlir::RewritePatternSet &patterns);
void addConvDecompositions(mlir::RewritePatternSet &patterns);
void addElementwiseDecompositions(mlir::RewritePatternSet &patterns);
void addImageDecompositions(mlir::RewritePatternSet &patterns);
void addMatMulDecompositions(mlir::RewritePatternSet &patterns);
void addClassifierDecompositions(mlir::RewritePatternSet &patterns);
void addFlexAttentionDecompositions(mlir::RewritePatternSet &patterns);
void addGradientDecompositions(mlir::RewritePatternSet &patterns);
void addMicrosoftDecompositions(mlir::RewritePatternSet &patterns);
void addMicrosoftAttentionDecompositions(mlir::RewritePatternSet &patterns);
void addMicrosoftQuantizeDecompositions(mlir::RewritePatternSet &patterns);
void addMlDecompositions(mlir::RewritePatternSet &patterns);
void addRandomDecompositions(mlir::RewritePatternSet &patterns);
void addTextDecompositions(mlir::RewritePatternSet &patterns);
void addTreeDecompositions(mlir::RewritePatternSet &patterns);
void addNormalizeDecompositions(mlir::RewritePatternSet &patterns);
void addQuantizeDecompositions(mlir::RewritePatternSet &patterns);
/// Those of them, and of Microsoft's, that are float32 between DequantizeLinear and QuantizeLinear.
void addQLinearDecompositions(mlir::RewritePatternSet &patterns);
void addMicrosoftQLinearDecompositions(mlir::RewritePatternSet &patterns);
void addReduceDecompositions(mlir::RewritePatternSet &patterns);
/// All of them.
void addDecompositions(mlir::RewritePatternSet &patterns);

} // namespace m2c::graph
