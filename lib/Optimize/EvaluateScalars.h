// Evaluates scalar arith and math code on float32 numbers, for constants that meet at conversion.
#pragma once

#include "mlir/IR/Block.h"
#include <optional>

namespace m2c {

/// The value that `block` (of a linalg.generic or an epilogue) yields for these arguments, each operation rounded to
/// float32; nothing if an operation is not one of the float ones known here, or the block yields several values.
std::optional<float> evaluateScalars(mlir::Block &block, mlir::ArrayRef<float> arguments);

} // namespace m2c
