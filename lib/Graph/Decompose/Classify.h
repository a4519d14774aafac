// What classifiers of ai.onnx.ml do with their scores.
#pragma once

#include "m2c/Graph/Decompose.h"

namespace m2c::graph {

/// The attribute post_transform, on scores [N, E]: NONE, SOFTMAX, LOGISTIC, SOFTMAX_ZERO or PROBIT.
mlir::Value postTransform(Composer &c, llvm::StringRef transform, mlir::Value scores);

/// The only score [N, 1] of two classes, that of the second, as two: with LOGISTIC the functions of -s and s, else
/// 1 - s (`complement`) or -s beside s, as onnxruntime writes them, which then leaves SOFTMAX out.
mlir::Value writeTwice(Composer &c, llvm::StringRef transform, mlir::Value score, bool complement);

/// The label of each index [N]; the index itself where there are no labels.
mlir::Value labelOf(Composer &c, mlir::Value index, std::optional<llvm::ArrayRef<int64_t>> labels);

/// The index of the largest score of each row, [N].
mlir::Value bestOf(Composer &c, mlir::Value scores);

/// Column `i` of a matrix, as a matrix of one column.
mlir::Value column(Composer &c, mlir::Value matrix, int64_t i);

/// [N, 2] of two columns.
mlir::Value joinColumns(Composer &c, mlir::Value a, mlir::Value b);

} // namespace m2c::graph
