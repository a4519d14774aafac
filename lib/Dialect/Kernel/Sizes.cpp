// Sizes of bufferized code in symbols.
#include "m2c/Dialect/Kernel/Sizes.h"
#include "m2c/Dialect/Kernel/Kernel.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace m2c {

Dim getSize(OpFoldResult size) {
  if (auto attr = dyn_cast<Attribute>(size))
    return cast<IntegerAttr>(attr).getInt();
  return getSize(cast<Value>(size));
}

Dim getSize(Value index) {
  APInt constant;
  if (matchPattern(index, m_ConstantInt(&constant)))
    return constant.getSExtValue();
  Operation *op = index.getDefiningOp();
  if (!op)
    return Dim::unknown();
  auto of = [&](unsigned operand) { return getSize(op->getOperand(operand)); };
  return llvm::TypeSwitch<Operation *, Dim>(op)
      .Case([](kernel::SizeOp op) { return Dim(op.getSize().getResult(0)); })
      .Case([&](arith::AddIOp) { return of(0) + of(1); })
      .Case([&](arith::SubIOp) { return of(0) - of(1); })
      .Case([&](arith::MulIOp) { return of(0) * of(1); })
      .Case<arith::DivSIOp, arith::DivUIOp, arith::FloorDivSIOp>([&](Operation *) { return of(0).floorDiv(of(1)); })
      .Case([](affine::AffineApplyOp op) {
        SmallVector<AffineExpr> dims, symbols;
        for (auto [i, operand] : llvm::enumerate(op.getMapOperands())) {
          Dim value = getSize(operand);
          if (value.isUnknown())
            return value;
          (i < op.getAffineMap().getNumDims() ? dims : symbols).push_back(value.getExpr(op.getContext()));
        }
        return Dim(op.getAffineMap().getResult(0).replaceDimsAndSymbols(dims, symbols));
      })
      .Case([](memref::DimOp op) {
        std::optional<int64_t> index = op.getConstantIndex();
        return index ? getBufferDims(op.getSource())[*index] : Dim::unknown();
      })
      .Default([](Operation *) { return Dim::unknown(); });
}

/// The sizes that the type states, those left open from `open`, in order.
static Dims fill(MemRefType type, ValueRange open) {
  Dims dims;
  for (int64_t extent : type.getShape()) {
    if (!ShapedType::isDynamic(extent)) {
      dims.push_back(extent);
      continue;
    }
    dims.push_back(open.empty() ? Dim::unknown() : getSize(open.front()));
    open = open.drop_front(open.empty() ? 0 : 1);
  }
  return dims;
}

/// What the function of an argument states in an attribute.
static std::optional<Dims> getStated(BlockArgument argument, StringRef name) {
  auto function = dyn_cast<func::FuncOp>(argument.getOwner()->getParentOp());
  auto map = function ? function.getArgAttrOfType<AffineMapAttr>(argument.getArgNumber(), name) : AffineMapAttr();
  if (!map)
    return std::nullopt;
  return llvm::map_to_vector(map.getValue().getResults(), [](AffineExpr expr) { return Dim(expr); });
}

AffineMapAttr toAttribute(ArrayRef<Dim> dims, MLIRContext *context) {
  unsigned symbols = 0;
  SmallVector<AffineExpr> exprs;
  for (const Dim &dim : dims) {
    exprs.push_back(dim.getExpr(context));
    exprs.back().walk([&](AffineExpr part) {
      if (auto symbol = dyn_cast<AffineSymbolExpr>(part))
        symbols = std::max(symbols, symbol.getPosition() + 1);
    });
  }
  return AffineMapAttr::get(AffineMap::get(0, symbols, exprs, context));
}

Dims getContiguousStrides(ArrayRef<Dim> shape) {
  Dims strides(shape.size(), Dim(1));
  for (int64_t d = int64_t(shape.size()) - 2; d >= 0; --d)
    strides[d] = strides[d + 1] * shape[d + 1];
  return strides;
}

Dims getBufferStrides(Value memref) {
  auto type = cast<MemRefType>(memref.getType());
  SmallVector<int64_t> known;
  int64_t offset;
  if (succeeded(type.getStridesAndOffset(known, offset)) && !llvm::is_contained(known, ShapedType::kDynamic))
    return toDims(known);
  Dims shape = getBufferDims(memref);
  if (auto argument = dyn_cast<BlockArgument>(memref)) {
    if (auto stated = getStated(argument, "m2c.strides"))
      return *stated;
    return type.getLayout().isIdentity() ? getContiguousStrides(shape) : Dims(shape.size(), Dim::unknown());
  }
  return llvm::TypeSwitch<Operation *, Dims>(memref.getDefiningOp())
      .Case<memref::AllocOp, memref::ViewOp, memref::GetGlobalOp>(
          [&](Operation *) { return getContiguousStrides(shape); })
      .Case([](memref::CastOp op) { return getBufferStrides(op.getSource()); })
      .Case([&](memref::ExpandShapeOp op) {
        Dims source = getBufferStrides(op.getSrc()), strides(shape.size(), Dim(1));
        for (auto [i, group] : llvm::enumerate(op.getReassociationIndices())) {
          Dim stride = source[i];
          for (int64_t dim : llvm::reverse(group)) {
            strides[dim] = stride;
            stride *= shape[dim];
          }
        }
        return strides;
      })
      .Case([](memref::CollapseShapeOp op) {
        Dims sizes = getBufferDims(op.getSrc()), source = getBufferStrides(op.getSrc()), strides;
        for (const ReassociationIndices &group : op.getReassociationIndices()) {
          const int64_t *last =
              llvm::find_if(llvm::reverse(group), [&](int64_t dim) { return sizes[dim] != 1; }).base();
          strides.push_back(last == group.begin() ? Dim(1) : source[*(last - 1)]);
        }
        return strides;
      })
      .Case([](memref::SubViewOp op) {
        Dims source = getBufferStrides(op.getSource()), strides;
        llvm::SmallBitVector dropped = op.getDroppedDims();
        for (auto [i, step] : llvm::enumerate(op.getMixedStrides()))
          if (!dropped.test(i))
            strides.push_back(source[i] * getSize(step));
        return strides;
      })
      .Case([](memref::ReinterpretCastOp op) {
        return llvm::map_to_vector(op.getMixedStrides(), [](OpFoldResult stride) { return getSize(stride); });
      })
      .Default([&](Operation *) { return Dims(shape.size(), Dim::unknown()); });
}

Dims getBufferDims(Value memref) {
  auto type = cast<MemRefType>(memref.getType());
  if (type.hasStaticShape())
    return toDims(type.getShape());
  if (auto argument = dyn_cast<BlockArgument>(memref))
    return getStated(argument, "m2c.shape").value_or(fill(type, {}));
  auto mixed = [](ArrayRef<OpFoldResult> sizes) {
    return llvm::map_to_vector(sizes, [](OpFoldResult size) { return getSize(size); });
  };
  return llvm::TypeSwitch<Operation *, Dims>(memref.getDefiningOp())
      .Case([&](memref::AllocOp op) { return fill(type, op.getDynamicSizes()); })
      .Case([&](memref::ViewOp op) { return fill(type, op.getSizes()); })
      .Case([&](memref::ExpandShapeOp op) { return mixed(op.getMixedOutputShape()); })
      .Case([&](memref::ReinterpretCastOp op) { return mixed(op.getMixedSizes()); })
      .Case([](memref::CastOp op) { return getBufferDims(op.getSource()); })
      .Case([&](memref::SubViewOp op) {
        Dims dims;
        llvm::SmallBitVector dropped = op.getDroppedDims();
        for (auto [i, size] : llvm::enumerate(op.getMixedSizes()))
          if (!dropped.test(i))
            dims.push_back(getSize(size));
        return dims;
      })
      .Case([](memref::CollapseShapeOp op) {
        Dims source = getBufferDims(op.getSrc()), dims;
        for (const ReassociationIndices &group : op.getReassociationIndices()) {
          dims.push_back(1);
          for (int64_t dim : group)
            dims.back() *= source[dim];
        }
        return dims;
      })
      .Default([&](Operation *) { return fill(type, {}); });
}

} // namespace m2c
