// The printer as a pass, for tests and for looking at one kernel's text.
#include "m2c/Emit/EmitCpp.h"
#include "m2c/Emit/Passes.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/Support/raw_ostream.h"

namespace m2c {
#define GEN_PASS_DEF_PRINTCPPPASS
#include "m2c/Emit/Passes.h.inc"
} // namespace m2c

using namespace m2c;

namespace {

struct PrintCpp : m2c::impl::PrintCppPassBase<PrintCpp> {
  using PrintCppPassBase::PrintCppPassBase;

  void runOnOperation() override {
    EmitOptions options;
    options.name = modelName;
    options.main = withMain;
    if (weights != "embed" && weights != "file" && weights != "inline") {
      getOperation().emitError("unknown weights='") << weights << "'; use embed, file or inline";
      return signalPassFailure();
    }
    options.weights = weights == "file"     ? WeightsMode::File
                      : weights == "inline" ? WeightsMode::Inline
                                            : WeightsMode::Embed;
    mlir::FailureOr<EmittedModel> files = emitCpp(getOperation(), options);
    if (failed(files) || (!folder.empty() && failed(writeModel(getOperation(), *files, folder, ".cpp"))))
      return signalPassFailure();
    if (!folder.empty())
      return;
    llvm::outs() << (header ? files->header : files->source);
  }
};

} // namespace
