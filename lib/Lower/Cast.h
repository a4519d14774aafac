// Conversion between any two element types of ONNX.
#pragma once

#include "ScalarBuilder.h"

namespace m2c::lower {

/// Cast of an element of type `from` to `to`, which are ONNX's: also unsigned integers, and integers of 2 and 4 bits.
/// With `saturate` what is too large for a float of 8 bits becomes its largest number; `roundMode` is that of the
/// format without a mantissa ("up", "down", "nearest").
mlir::Value castElement(const ScalarBuilder &s, mlir::Value x, mlir::Type from, mlir::Type to, bool saturate = true,
                        llvm::StringRef roundMode = "up");

} // namespace m2c::lower
