// What the sizes in bufferized code are, as numbers and expressions in the model's symbols.
#pragma once

#include "m2c/IR/Dim.h"
#include "mlir/IR/OpDefinition.h"

namespace m2c {

/// The size that an index value is, found through kernel.size, constants and arithmetic; unknown if it is something
/// else.
Dim getSize(mlir::Value index);
Dim getSize(mlir::OpFoldResult size);

/// The sizes of a buffer's dimensions, found through the views that it is made of. A function's argument states its own
/// in `m2c.shape`.
Dims getBufferDims(mlir::Value memref);

/// The same of its strides, in elements; an argument states those that its type leaves open in `m2c.strides`.
Dims getBufferStrides(mlir::Value memref);

/// The strides of rows that follow one another.
Dims getContiguousStrides(llvm::ArrayRef<Dim> shape);

/// The attribute of a list of sizes: affine_map<()[s0] -> (s0, 64)>.
mlir::AffineMapAttr toAttribute(llvm::ArrayRef<Dim> dims, mlir::MLIRContext *context);

} // namespace m2c
