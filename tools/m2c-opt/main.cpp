// m2c-opt: runs the compiler's passes on textual IR, for tests and for looking inside. `m2c-opt --describe=operators`
// and
// `--describe=stages` print what scripts/make-docs makes tables of.
#include "m2c/Pipeline/Describe.h"
#include "m2c/Pipeline/Pipeline.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  llvm::StringRef described = argc == 2 ? argv[1] : "";
  if (described == "--describe=operators" || described == "--describe=stages") {
    (described == "--describe=operators" ? m2c::describeOperators : m2c::describeStages)(llvm::outs());
    return 0;
  }
  mlir::DialectRegistry registry;
  m2c::registerDialects(registry);
  m2c::registerPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "m2c optimizer driver\n", registry));
}
