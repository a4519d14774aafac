// m2c-opt: runs the compiler's passes on textual IR, for tests and for looking inside.
#include "m2c/Pipeline/Pipeline.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  m2c::registerDialects(registry);
  m2c::registerPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "m2c optimizer driver\n", registry));
}
