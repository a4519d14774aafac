// What operations do to buffers, as outlining and printing both need to know it.
#pragma once

#include "mlir/IR/Operation.h"

namespace m2c::emit {

/// Whether the owner of `use` writes the buffer, itself or through a view. What a loop or a branch carries is taken for
/// written.
bool writesBuffer(mlir::OpOperand &use);

/// Whether `op` fills the buffer that the next operation reduces into: that one then starts from the value itself.
bool isAbsorbedFill(mlir::Operation *op);
/// The value that a fill before the reduction `op` gave the buffer `output`; null if there is none.
mlir::Value getFilledValue(mlir::Operation *op, mlir::Value output);

} // namespace m2c::emit
