// Declarations of the Emit station's passes, generated from Passes.td.
#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace m2c {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "m2c/Emit/Passes.h.inc"
} // namespace m2c
