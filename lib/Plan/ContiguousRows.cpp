// Kernels run their vectors along the last dimension, and some want weights and states in one run of memory: an operand
// that lies otherwise (a slice with a step, a part of a concatenation) is copied into a buffer of its own.
#include "m2c/Dialect/Kernel/Kernel.h"
#include "m2c/Dialect/Kernel/Sizes.h"
#include "m2c/Dialect/Kernel/Tensors.h"
#include "m2c/Plan/Passes.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace m2c {
#define GEN_PASS_DEF_CONTIGUOUSROWSPASS
#include "m2c/Plan/Passes.h.inc"
} // namespace m2c

using namespace mlir;
using namespace m2c;

namespace {

bool hasStridedRows(MemRefType type) {
  if (type.getRank() == 0 || type.getShape().back() == 1)
    return false;
  SmallVector<int64_t> strides;
  int64_t offset;
  return succeeded(type.getStridesAndOffset(strides, offset)) && strides.back() != 1;
}

bool isContiguous(Value buffer) {
  Dims shape = getBufferDims(buffer), strides = getBufferStrides(buffer);
  Dim expected = 1;
  for (auto [extent, stride] : llvm::reverse(llvm::zip_equal(shape, strides))) {
    if (extent != 1 && stride != expected)
      return false;
    expected *= extent;
  }
  return true;
}

struct ContiguousRows : m2c::impl::ContiguousRowsPassBase<ContiguousRows> {
  void runOnOperation() override {
    OpBuilder builder(&getContext());
    getOperation().walk([&](m2c::kernel::KernelOpInterface kernel) {
      MutableOperandRange extras = kernel.getExtrasMutable();
      for (OpOperand &operand : kernel->getOpOperands()) {
        auto type = dyn_cast<MemRefType>(operand.get().getType());
        bool isExtra = llvm::any_of(extras, [&](OpOperand &extra) { return &extra == &operand; });
        if (!type || isExtra) // epilogues load extras by their strides
          continue;
        if (!(kernel.needsConsecutiveRows(operand) && hasStridedRows(type)) &&
            !(kernel.needsContiguous(operand) && !isContiguous(operand.get())))
          continue;
        Value strided = operand.get();
        builder.setInsertionPoint(kernel);
        SmallVector<Value> sizes;
        for (const Dim &size : getBufferDims(strided))
          if (!size.isNumber())
            sizes.push_back(cast<Value>(createSize(builder, kernel.getLoc(), size)));
        Value rows = memref::AllocOp::create(builder, kernel.getLoc(),
                                             MemRefType::get(type.getShape(), type.getElementType()), sizes);
        if (kernel.isDpsInit(&operand))
          builder.setInsertionPointAfter(kernel);
        memref::CopyOp::create(builder, kernel.getLoc(), kernel.isDpsInit(&operand) ? rows : strided,
                               kernel.isDpsInit(&operand) ? strided : rows);
        operand.set(rows);
      }
    });
  }
};

} // namespace
