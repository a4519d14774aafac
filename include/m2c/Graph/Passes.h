// Declarations of the Graph station's passes, generated from Passes.td.
#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace m2c {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "m2c/Graph/Passes.h.inc"

namespace graph {
/// Makes the type of a function match its arguments and what it returns.
void updateSignature(mlir::func::FuncOp function);
} // namespace graph
} // namespace m2c
