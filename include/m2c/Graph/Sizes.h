// Integer tensors whose elements are numbers or expressions in the model's symbols: what shape arithmetic works on.
#pragma once

#include "m2c/IR/Dim.h"
#include "mlir/IR/Builders.h"

namespace m2c::graph {

struct SizeTensor {
  mlir::Type element;
  llvm::SmallVector<int64_t> shape;
  Dims values; ///< in row-major order
};

/// The elements of an onnx.Sizes, or of a small integer or boolean constant; nothing for other values.
std::optional<SizeTensor> getSizes(mlir::Value value);

/// What `op`, an operator that exporters use on shapes, yields where its operands are known in symbols.
std::optional<SizeTensor> evaluateSizes(mlir::Operation *op);

/// An onnx.Sizes; an onnx.Constant if all values are numbers.
mlir::Value createSizes(mlir::OpBuilder &builder, mlir::Location loc, const SizeTensor &sizes);

/// The dimensions of a shape operand.
mlir::Value createSizes(mlir::OpBuilder &builder, mlir::Location loc, llvm::ArrayRef<Dim> dims);

} // namespace m2c::graph
