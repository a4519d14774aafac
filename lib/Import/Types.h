// ONNX types as MLIR types.
#pragma once

#include "mlir/IR/BuiltinTypes.h"

namespace m2c {

/// The element type with this number in TensorProto.DataType; null if there is none or it has no form in MLIR.
mlir::Type getElementType(mlir::MLIRContext *context, int32_t dataType);

/// Its name in ONNX: "float", "uint8" ... or "type 77".
std::string getDataTypeName(int32_t dataType);

} // namespace m2c
