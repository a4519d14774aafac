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
  void runOnOperation() override {
    OpBuilder builder(&getContext());
    getOperation().walk([&](m2c::kernel::KernelOpInterface kernel) {
      int64_t size = kernel.getScratchSize();
      if (size == 0)
        return;
      builder.setInsertionPoint(kernel);
      kernel.setScratch(
          memref::AllocOp::create(builder, kernel.getLoc(), MemRefType::get({size}, builder.getF32Type())));
    });
  }
};

} // namespace
