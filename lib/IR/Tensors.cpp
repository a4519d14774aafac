// Values that are tensors: types, destinations, transposes.
#include "m2c/IR/Tensors.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace m2c {

RankedTensorType tensorType(Value value) { return cast<RankedTensorType>(value.getType()); }

Value createEmpty(OpBuilder &builder, Location loc, RankedTensorType type) {
  return tensor::EmptyOp::create(builder, loc, type.getShape(), type.getElementType());
}

Value createTranspose(OpBuilder &builder, Location loc, Value value, ArrayRef<int64_t> permutation) {
  RankedTensorType type = tensorType(value);
  SmallVector<int64_t> shape = llvm::map_to_vector(permutation, [&](int64_t axis) { return type.getDimSize(axis); });
  Value init = createEmpty(builder, loc, RankedTensorType::get(shape, type.getElementType()));
  return linalg::TransposeOp::create(builder, loc, value, init, permutation)->getResult(0);
}

} // namespace m2c
