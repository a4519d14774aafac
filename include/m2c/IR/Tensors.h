// Values that are tensors: what the stations that rewrite them share.
#pragma once

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"

namespace m2c {

/// The type of `value` as a ranked tensor.
mlir::RankedTensorType tensorType(mlir::Value value);

/// tensor.empty of this type.
mlir::Value createEmpty(mlir::OpBuilder &builder, mlir::Location loc, mlir::RankedTensorType type);

/// linalg.transpose of `value` into a new tensor: out dimension i = in dimension permutation[i].
mlir::Value createTranspose(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value,
                            mlir::ArrayRef<int64_t> permutation);

} // namespace m2c
