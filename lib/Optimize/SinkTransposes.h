// Shared by the patterns that move transposes and those by which kernels absorb them.
#pragma once

#include "m2c/Dialect/Kernel/Tensors.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/PatternMatch.h"

namespace m2c {

/// The transpose that makes `value`, or null.
mlir::linalg::TransposeOp getTranspose(mlir::Value value);

/// Contractions and attention read and write through indexing maps; constant weights absorb a flatten's transpose.
void populateAbsorbTransposePatterns(mlir::RewritePatternSet &patterns);

} // namespace m2c
