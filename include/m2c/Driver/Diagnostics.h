// Prints MLIR's diagnostics the way users read them: file, node, reason.
#pragma once

#include "m2c/Driver/Driver.h"
#include "mlir/IR/Diagnostics.h"
#include <string>
#include <vector>

namespace m2c {

/// While it lives, the context's errors, warnings and notes go to stderr as
///   error: model.onnx: node '/conv1/Conv': what is wrong
///   note: ...
class DiagnosticPrinter {
public:
  DiagnosticPrinter(mlir::MLIRContext *context, llvm::StringRef model);
  /// From now on errors, with their notes, go into `list` instead of to stderr.
  void collectErrors(std::vector<std::string> &list) { collected = &list; }

private:
  mlir::LogicalResult print(mlir::Diagnostic &diagnostic);

  std::string model;
  std::vector<std::string> *collected = nullptr;
  mlir::ScopedDiagnosticHandler handler;
};

/// An error that is not about IR, in the same form.
void reportError(const llvm::Twine &message);

/// Reports a mistake of m2c; exitInternal.
ExitStatus failInternally(const llvm::Twine &message);

} // namespace m2c
