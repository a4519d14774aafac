// Values that are tensors: types, sizes, destinations, transposes.
#include "m2c/Dialect/Kernel/Tensors.h"
#include "m2c/Dialect/Kernel/Kernel.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace m2c {

RankedTensorType tensorType(Value value) { return cast<RankedTensorType>(value.getType()); }

OpFoldResult createSize(OpBuilder &builder, Location loc, const Dim &dim) {
  if (dim.isNumber())
    return builder.getIndexAttr(dim.getNumber());
  AffineExpr expr = dim.getExpr(builder.getContext());
  unsigned symbols = 0;
  expr.walk([&](AffineExpr part) {
    if (auto symbol = dyn_cast<AffineSymbolExpr>(part))
      symbols = std::max(symbols, symbol.getPosition() + 1);
  });
  return kernel::SizeOp::create(builder, loc, builder.getIndexType(), AffineMap::get(0, symbols, expr)).getResult();
}

SmallVector<OpFoldResult> createSizes(OpBuilder &builder, Location loc, ArrayRef<Dim> dims) {
  return llvm::map_to_vector(dims, [&](const Dim &dim) { return createSize(builder, loc, dim); });
}

SmallVector<OpFoldResult> getSizes(OpBuilder &builder, Location loc, Value value) {
  RankedTensorType type = tensorType(value);
  if (type.getEncoding())
    return createSizes(builder, loc, getDims(type));
  if (auto argument = dyn_cast<BlockArgument>(value); argument && !type.hasStaticShape())
    if (auto function = dyn_cast<func::FuncOp>(argument.getOwner()->getParentOp()))
      if (auto shape = function.getArgAttrOfType<AffineMapAttr>(argument.getArgNumber(), "m2c.shape"))
        return createSizes(builder, loc, llvm::map_to_vector(shape.getValue().getResults(), [](AffineExpr expr) {
                             return Dim(expr);
                           }));
  return tensor::getMixedSizes(builder, loc, value);
}

Value createEmpty(OpBuilder &builder, Location loc, RankedTensorType type) {
  SmallVector<Value> sizes;
  for (const Dim &dim : getDims(type))
    if (!dim.isNumber())
      sizes.push_back(cast<Value>(createSize(builder, loc, dim)));
  return tensor::EmptyOp::create(builder, loc, type, sizes);
}

Value createTranspose(OpBuilder &builder, Location loc, Value value, ArrayRef<int64_t> permutation) {
  RankedTensorType type = tensorType(value);
  SmallVector<OpFoldResult> own = getSizes(builder, loc, value), sizes;
  Dims ownDims = getDims(type), dims;
  for (int64_t axis : permutation) {
    sizes.push_back(own[axis]);
    dims.push_back(ownDims[axis]);
  }
  Value init;
  if (type.getEncoding())
    init = createEmpty(builder, loc, getTensorType(dims, type.getElementType()));
  else
    init = tensor::EmptyOp::create(builder, loc, sizes, type.getElementType());
  return linalg::TransposeOp::create(builder, loc, value, init, permutation)->getResult(0);
}

} // namespace m2c
