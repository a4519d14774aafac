// Shared by the patterns that move transposes and those by which kernels absorb them.
#pragma once

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/PatternMatch.h"

namespace m2c {

/// The permutation q with q[p[i]] = i.
mlir::SmallVector<int64_t> inversePermutation(mlir::ArrayRef<int64_t> permutation);

/// linalg.transpose of `source` into a new tensor: out dimension i = in dimension permutation[i].
mlir::Value createTranspose(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value source,
                            mlir::ArrayRef<int64_t> permutation);

/// The transpose that makes `value`, or null.
mlir::linalg::TransposeOp getTranspose(mlir::Value value);

/// Contractions and attention read and write through indexing maps; constant weights absorb a flatten's transpose.
void populateAbsorbTransposePatterns(mlir::RewritePatternSet &patterns);

} // namespace m2c
