// m2c: turns ONNX models into C++. Subcommands are in the files of their names.
#include "Commands.h"
#include "m2c/Driver/Diagnostics.h"
#include "m2c/Support/Signals.h"
#include "m2c/Support/Version.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Support/Timing.h"
#include "llvm/Support/CommandLine.h"
#include <exception>

/// Takes MLIR's own options, which all begin with --mlir-, off the command line and lets LLVM parse them.
static std::vector<char *> takeMlirOptions(int argc, char **argv) {
  mlir::registerAsmPrinterCLOptions();
  mlir::registerMLIRContextCLOptions();
  mlir::registerPassManagerCLOptions();
  mlir::registerDefaultTimingManagerCLOptions();
  std::vector<char *> rest;
  std::vector<const char *> options = {argv[0]};
  for (int i = 0; i < argc; ++i) {
    if (llvm::StringRef(argv[i]).starts_with("--mlir-"))
      options.push_back(argv[i]);
    else
      rest.push_back(argv[i]);
  }
  if (options.size() > 1)
    llvm::cl::ParseCommandLineOptions(static_cast<int>(options.size()), options.data());
  return rest;
}

int main(int argc, char **argv) {
  m2c::installSignalHandlers(m2c::exitInternal);
  std::vector<char *> arguments = takeMlirOptions(argc, argv);
  CLI::App app("Turns ONNX models into fast C++ that needs nothing but a compiler.", "m2c");
  app.require_subcommand(1);
  app.set_version_flag("--version", "m2c " M2C_VERSION);
  app.footer("MLIR's own debugging options are accepted by their names: --mlir-print-ir-after-all, --mlir-timing ...");
  m2c::addConvert(app);
  m2c::addBuild(app);
  m2c::addRun(app);
  m2c::addVerify(app);
  m2c::addInspect(app);
  m2c::addQuantize(app);
  try {
    app.parse(static_cast<int>(arguments.size()), arguments.data());
  } catch (const CLI::RuntimeError &done) { // a subcommand's exit status
    return done.get_exit_code();
  } catch (const CLI::ParseError &error) {
    return app.exit(error) == 0 ? m2c::exitOk : m2c::exitUsage;
  } catch (const std::exception &error) {
    return m2c::failInternally(error.what());
  }
  return m2c::exitOk;
}
