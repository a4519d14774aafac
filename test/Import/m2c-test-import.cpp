// For tests: imports each model named on the command line and prints the module, or with --check only whether it was
// imported or refused. Exits with 1 if a model was refused without a message, with 2 if one was refused, else with 0.
#include "m2c/Import/Import.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Support/LLVM.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

int main(int argc, char **argv) {
  m2c::ImportOptions options;
  std::vector<std::string> models;
  bool checkOnly = false;
  for (StringRef arg : ArrayRef(argv, argc).drop_front()) {
    if (arg == "--check") {
      checkOnly = true;
    } else if (arg == "--static") {
      options.requireStaticShapes = true;
    } else if (arg.consume_front("--dim=")) {
      auto [name, value] = arg.rsplit('=');
      value.getAsInteger(10, options.dims[name.str()]);
    } else if (arg.consume_front("--shape=")) {
      auto [name, extents] = arg.rsplit(':');
      SmallVector<StringRef> parts;
      extents.split(parts, 'x', -1, /*KeepEmpty=*/false);
      for (StringRef part : parts)
        part.getAsInteger(10, options.shapes[name.str()].emplace_back());
    } else {
      models.push_back(arg.str());
    }
  }

  int status = 0;
  for (const std::string &model : models) {
    MLIRContext context(MLIRContext::Threading::DISABLED);
    std::string messages;
    llvm::raw_string_ostream stream(messages);
    ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
      stream << (diagnostic.getSeverity() == DiagnosticSeverity::Error ? "error: " : "note: ") << diagnostic << "\n";
    });
    FailureOr<OwningOpRef<ModuleOp>> module = m2c::importOnnx(model, options, context);
    if (failed(module))
      status = messages.empty() ? 1 : std::max(status, 2);
    if (checkOnly) {
      llvm::outs() << model << ": " << (succeeded(module) ? "imported" : "refused: " + StringRef(messages).rtrim().str())
                   << "\n";
    } else if (succeeded(module)) {
      OpPrintingFlags flags;
      (*module)->print(llvm::outs(), flags.elideLargeResourceString(64).elideLargeElementsAttrs(64));
      llvm::outs() << "\n";
    } else {
      llvm::errs() << messages;
    }
  }
  return status;
}
