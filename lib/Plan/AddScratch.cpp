// Allocates the scratch buffers that kernels ask for, each live at its kernel alone.
#include "m2c/Dialect/Kernel/Kernel.h"
#include "m2c/Dialect/Kernel/Tensors.h"
#include "m2c/Plan/Passes.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace m2c {
#define GEN_PASS_DEF_ADDSCRATCHPASS
#include "m2c/Plan/Passes.h.inc"
} // namespace m2c

using namespace mlir;
using namespace m2c;

namespace {

struct AddScratch : m2c::impl::AddScratchPassBase<AddScratch> {
  using AddScratchPassBase::AddScratchPassBase;

  void runOnOperation() override {
    OpBuilder builder(&getContext());
    getOperation().walk([&](m2c::kernel::KernelOpInterface kernel) {
      if (stateOnly && !isa<m2c::kernel::LstmOp, m2c::kernel::GruOp, m2c::kernel::RnnOp>(kernel))
        return;
      builder.setInsertionPoint(kernel);
      bool isSymbolic = llvm::any_of(kernel->getOperandTypes(), [](Type type) {
        auto buffer = dyn_cast<MemRefType>(type);
        return buffer && !buffer.hasStaticShape();
      });
      if (!isSymbolic) {
        if (MemRefType type = kernel.getScratchType())
          kernel.getScratchMutable().assign(memref::AllocOp::create(builder, kernel.getLoc(), type).getResult());
        return;
      }
      auto [elements, element] = m2c::kernel::getScratchSize(kernel);
      if (elements == 0)
        return;
      OpFoldResult size = createSize(builder, kernel.getLoc(), elements);
      auto type = MemRefType::get({elements.getTypeDim()}, element);
      SmallVector<Value> sizes;
      if (auto value = dyn_cast<Value>(size))
        sizes.push_back(value);
      kernel.getScratchMutable().assign(memref::AllocOp::create(builder, kernel.getLoc(), type, sizes).getResult());
    });
  }
};

} // namespace
