// What the rewrites of the Graph station share: constants, reshapes, matching of scalars, the pattern sets.
#pragma once

#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Graph/ConstantTensor.h"
#include "m2c/Graph/ShapeMath.h"
#include "mlir/IR/PatternMatch.h"

namespace m2c::graph {

/// The value of a constant with one element, or with all elements equal.
std::optional<double> getScalar(mlir::Value value);

/// Whether `value` is such a constant and its value is `expected` but for rounding in its own type.
bool isScalar(mlir::Value value, double expected);

/// Whether a and b are equal but for the rounding of float32 arithmetic.
bool isClose(double a, double b, double tolerance = 1e-5);

/// The shape of a value, if it is static.
std::optional<llvm::ArrayRef<int64_t>> getStaticShape(mlir::Value value);

/// The shape of a value, if each dimension is a number or an expression in symbols.
std::optional<Dims> getKnownDims(mlir::Value value);

mlir::Value createConstant(mlir::OpBuilder &builder, mlir::Location loc, const ConstantTensor &tensor,
                           llvm::StringRef name = "folded");

/// A constant of one element repeated.
mlir::Value createSplat(mlir::OpBuilder &builder, mlir::Location loc, mlir::Type element, llvm::ArrayRef<int64_t> shape,
                        double value);

/// `value` with another shape: itself, a reshaped constant, or a Reshape to explicit dimensions.
mlir::Value createReshape(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value, llvm::ArrayRef<Dim> shape);
inline mlir::Value createReshape(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value,
                                 llvm::ArrayRef<int64_t> shape) {
  return createReshape(builder, loc, value, toDims(shape));
}

/// `value` transposed; itself if `perm` is the identity.
mlir::Value createTranspose(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value,
                            llvm::ArrayRef<int64_t> perm);

/// Elements [start, start + count) of `value` along one axis.
mlir::Value createSlice(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value, int64_t axis, int64_t start,
                        int64_t count);

/// Infers the result types of an op that a rewrite has just made.
void inferResults(mlir::Operation *op);

/// One location for the ops that a rewrite merges, the one that makes the result last.
mlir::Location fuseLocs(llvm::ArrayRef<mlir::Operation *> ops);

/// If `op` has two operands and one is `value`: the other.
mlir::Value getOther(mlir::Operation *op, mlir::Value value);

/// `value` without multiplications and divisions by scalar constants; `scale` is multiplied by them, `ops` gets them.
mlir::Value stripScale(mlir::Value value, double &scale, llvm::SmallVectorImpl<mlir::Operation *> &ops);

/// Evaluates ops whose operands are constants.
void addEvaluationPattern(mlir::RewritePatternSet &patterns);

/// All patterns of SimplifyGraph.
void addSimplifyPatterns(mlir::RewritePatternSet &patterns);

// Its families (lib/Graph/Simplify/<Family>.cpp).
void addIdentityPatterns(mlir::RewritePatternSet &patterns);
void addReshapePatterns(mlir::RewritePatternSet &patterns);
void addTransposePatterns(mlir::RewritePatternSet &patterns);
void addSlicePatterns(mlir::RewritePatternSet &patterns);
void addArithmeticPatterns(mlir::RewritePatternSet &patterns);
void addWindowPatterns(mlir::RewritePatternSet &patterns);

/// Applies `patterns` everywhere, to a fixpoint, without merging constants (which would lose their names).
llvm::LogicalResult applyPatterns(mlir::Operation *root, mlir::RewritePatternSet &&patterns);

} // namespace m2c::graph
