// Kernels run their vectors along the last dimension; an operand whose last dimension is strided (a slice with a step,
// say) is copied into a buffer where it is not. Contractions and arg-reductions read any strides themselves.
#include "m2c/Dialect/Kernel/Kernel.h"
#include "m2c/Plan/Passes.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace m2c {
#define GEN_PASS_DEF_CONTIGUOUSROWSPASS
#include "m2c/Plan/Passes.h.inc"
} // namespace m2c

using namespace mlir;

namespace {

bool hasStridedRows(MemRefType type) {
  if (type.getRank() == 0 || type.getShape().back() == 1)
    return false;
  SmallVector<int64_t> strides;
  int64_t offset;
  return succeeded(type.getStridesAndOffset(strides, offset)) && strides.back() != 1;
}

struct ContiguousRows : m2c::impl::ContiguousRowsPassBase<ContiguousRows> {
  void runOnOperation() override {
    OpBuilder builder(&getContext());
    getOperation().walk([&](m2c::kernel::KernelOpInterface kernel) {
      if (isa<m2c::kernel::ContractOp, m2c::kernel::ArgReduceOp, m2c::kernel::PadBorderOp>(kernel))
        return;
      MutableOperandRange extras = kernel.getExtrasMutable();
      for (OpOperand &operand : kernel->getOpOperands()) {
        auto type = dyn_cast<MemRefType>(operand.get().getType());
        bool isExtra = llvm::any_of(extras, [&](OpOperand &extra) { return &extra == &operand; });
        if (!type || isExtra || !hasStridedRows(type))
          continue; // epilogues load extras by their strides
        Value strided = operand.get();
        builder.setInsertionPoint(kernel);
        Value rows =
            memref::AllocOp::create(builder, kernel.getLoc(), MemRefType::get(type.getShape(), type.getElementType()));
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
