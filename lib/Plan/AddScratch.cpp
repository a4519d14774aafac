// Allocates the scratch buffers that kernels ask for, each live at its kernel alone.
#include "m2c/Dialect/Kernel/Kernel.h"
#include "m2c/Plan/Passes.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace m2c {
#define GEN_PASS_DEF_ADDSCRATCHPASS
#include "m2c/Plan/Passes.h.inc"
} // namespace m2c

using namespace mlir;

namespace {

struct AddScratch : m2c::impl::AddScratchPassBase<AddScratch> {
  using AddScratchPassBase::AddScratchPassBase;

  void runOnOperation() override {
    OpBuilder builder(&getContext());
    getOperation().walk([&](m2c::kernel::KernelOpInterface kernel) {
      MemRefType type = kernel.getScratchType();
      if (!type || (stateOnly && !isa<m2c::kernel::LstmOp, m2c::kernel::GruOp, m2c::kernel::RnnOp>(kernel)))
        return;
      builder.setInsertionPoint(kernel);
      kernel.getScratchMutable().assign(memref::AllocOp::create(builder, kernel.getLoc(), type).getResult());
    });
  }
};

} // namespace
