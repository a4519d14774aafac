// The onnx dialect, its types and interfaces; its operators are in OnnxOps.h or, family by family, in
// Ops/<Family>.h.inc.
#pragma once

#include "m2c/Dialect/Onnx/Schema.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "m2c/Dialect/Onnx/OnnxDialect.h.inc"
#include "m2c/Dialect/Onnx/OnnxInterfaces.h.inc"
#define GET_TYPEDEF_CLASSES
#include "m2c/Dialect/Onnx/OnnxTypes.h.inc"

namespace m2c::onnx {
/// `tensor<*x!onnx.unknown>`: what a value is before type inference.
mlir::Type getUnknownType(mlir::MLIRContext *context);
} // namespace m2c::onnx
