// Operators that become one call of an m2crt function that nothing is fused into.
#pragma once

#include "m2c/Dialect/Kernel/Kernel.h"
#include "m2c/Lower/Lower.h"

namespace m2c::lower {

/// kernel.call: m2crt's `callee` from `header`, with results (or scratch memory) of `types`. Where a size is symbolic,
/// it is callee_sized.
mlir::ValueRange createCall(mlir::OpBuilder &builder, mlir::Location loc, mlir::StringRef callee,
                            mlir::StringRef header, mlir::ValueRange inputs,
                            mlir::ArrayRef<mlir::RankedTensorType> types,
                            mlir::ArrayRef<std::pair<mlir::StringRef, Dim>> sizes,
                            mlir::ArrayRef<std::pair<mlir::StringRef, double>> numbers = {});

} // namespace m2c::lower
