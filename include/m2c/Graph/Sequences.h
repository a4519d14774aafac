// Sequences and optionals whose number of elements is known at conversion: lists of values, which need no operators.
#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace m2c::graph {

/// Replaces `op`, an operator on sequences or optionals, by what it yields: operators on the elements, or an
/// onnx.SequenceConstruct of them. A Loop that carries sequences is unrolled, one trip at a time. Returns the operation
/// behind which inference goes on, null where the op stays.
mlir::Operation *resolveSequence(mlir::Operation *op);

/// Erases the lists that nothing uses any more.
void eraseUnusedSequences(mlir::Block &block);

/// Outputs of the model that are sequences become one output per element, "name_0", "name_1" ...
void splitSequenceOutputs(mlir::func::FuncOp function);

} // namespace m2c::graph
