// The printer for GPUs as a pass, for tests and for looking at one kernel's text.
#include "m2c/Emit/Cuda/EmitCuda.h"
#include "m2c/Emit/Passes.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/Support/raw_ostream.h"

namespace m2c {
#define GEN_PASS_DEF_PRINTCUDAPASS
#include "m2c/Emit/Passes.h.inc"
} // namespace m2c

using namespace m2c;

namespace {

struct PrintCuda : m2c::impl::PrintCudaPassBase<PrintCuda> {
  using PrintCudaPassBase::PrintCudaPassBase;

  void runOnOperation() override {
    llvm::Expected<CudaTarget> target = CudaTarget::parse(gpuArch, math);
    if (!target) {
      getOperation().emitError(llvm::toString(target.takeError()));
      return signalPassFailure();
    }
    mlir::FailureOr<EmittedModel> files = emitCuda(getOperation(), EmitOptions(), *target);
    if (failed(files) || (!folder.empty() && failed(writeModel(getOperation(), *files, folder, ".cu"))))
      return signalPassFailure();
    if (folder.empty())
      llvm::outs() << files->source;
  }
};

} // namespace
