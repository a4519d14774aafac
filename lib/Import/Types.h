// ONNX types as MLIR types.
#pragma once

#include "mlir/IR/BuiltinTypes.h"

namespace m2c {

/// The element type with this number in TensorProto.DataType; null if there is none or it has no form in MLIR.
mlir::Type getElementType(mlir::MLIRContext *context, int32_t dataType);

/// Its name in ONNX: "float", "uint8" ... or "type 77".
std::string getDataTypeName(int32_t dataType);

/// The product of the sizes; nothing if one is negative or it is absurd, even if another one is 0.
std::optional<int64_t> countElements(llvm::ArrayRef<int64_t> shape);

/// "[1, 3]".
std::string formatShape(llvm::ArrayRef<int64_t> shape);

} // namespace m2c
