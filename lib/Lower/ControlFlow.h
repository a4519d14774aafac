// Lowering of branches and loops, in two steps: their types are converted with those of all other operators; they
// become scf ops when all of their regions are lowered.
#pragma once

#include "m2c/Lower/Lower.h"
#include "mlir/IR/BuiltinOps.h"

namespace m2c::lower {

/// Whether `op` is a branch or loop, or ends the body of one.
bool isControlFlow(mlir::Operation *op);

/// Branches and loops are legal once their types are those of what surrounds them.
void allowControlFlow(const OnnxTypeConverter &converter, mlir::ConversionTarget &target);

/// If, Loop and Scan with lowered bodies -> scf.if, scf.for and scf.while.
mlir::LogicalResult lowerControlFlow(mlir::ModuleOp module);

} // namespace m2c::lower
