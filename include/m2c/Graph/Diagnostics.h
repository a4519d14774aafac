// How the Graph station words its messages.
#pragma once

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Operation.h"

namespace m2c::graph {

/// "node 'fc1' (MatMul)".
std::string describeNode(mlir::Operation *op);

/// Starts the error "node 'fc1' (MatMul): ".
mlir::InFlightDiagnostic emitNodeError(mlir::Operation *op);

} // namespace m2c::graph
