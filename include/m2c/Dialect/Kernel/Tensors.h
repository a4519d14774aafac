// Values that are tensors: what the stations that rewrite them share.
//
// A dimension that only the run knows is `?`. In the Lower station the tensor's encoding says which expression in
// symbols it is (Dim.h); behind it, the sizes are kernel.size ops, found through tensor.dim.
#pragma once

#include "m2c/IR/Dim.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"

namespace m2c {

/// The type of `value` as a ranked tensor.
mlir::RankedTensorType tensorType(mlir::Value value);

/// A number as an attribute, an expression in symbols as a kernel.size.
mlir::OpFoldResult createSize(mlir::OpBuilder &builder, mlir::Location loc, const Dim &dim);
llvm::SmallVector<mlir::OpFoldResult> createSizes(mlir::OpBuilder &builder, mlir::Location loc,
                                                  llvm::ArrayRef<Dim> dims);

/// The sizes of a tensor's dimensions, from its encoding or its function's argument attributes where they are there.
llvm::SmallVector<mlir::OpFoldResult> getSizes(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value);

/// tensor.empty of this type, whose encoding says what its symbolic dimensions are.
mlir::Value createEmpty(mlir::OpBuilder &builder, mlir::Location loc, mlir::RankedTensorType type);

/// linalg.transpose of `value` into a new tensor: out dimension i = in dimension permutation[i].
mlir::Value createTranspose(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value,
                            mlir::ArrayRef<int64_t> permutation);

} // namespace m2c
