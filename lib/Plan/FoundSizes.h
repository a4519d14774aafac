// The order of a function whose sizes are found during the run.
#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace m2c {

/// Moves each allocation whose size is found in data behind the op that defines that size.
void placeBehindSizes(mlir::func::FuncOp function);

/// An error where something uses a found size that is not defined by then: sizes are no operands, so that no other rule
/// keeps the passes from moving it there.
llvm::LogicalResult verifyFoundSizes(mlir::func::FuncOp function);

} // namespace m2c
