// Import: an ONNX file becomes a module of the onnx dialect, upgraded to the newest operator versions.
#pragma once

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Support/LLVM.h"
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace m2c {

/// A function of the user that computes an operator.
struct CustomOp {
  std::string header, function;
};

struct ImportOptions {
  /// Whole shapes of inputs: --shape data:1x3x224x224.
  std::map<std::string, std::vector<int64_t>> shapes;
  /// Values of symbolic dimensions: --dim batch=1.
  std::map<std::string, int64_t> dims;
  /// Largest values of symbolic dimensions that stay symbols: --dim batch=1..64.
  std::map<std::string, int64_t> bounds;
  /// What computes the operators "domain::Op" of other domains, or in the place of m2c's own: --custom-op.
  std::map<std::string, CustomOp> customOps;
  /// Inputs that are an output of the run before, as "output:input": --state.
  std::vector<std::string> states;
};

/// Reads the model. Every problem goes to the context's diagnostic engine, with the file as location and the node in
/// the message; unsupported operators, attributes and opsets come in one diagnostic that lists them all.
///
/// Nothing of the file is trusted: sizes and offsets are checked before anything is allocated, external data must lie
/// in the model's folder. The weights refer to the mapped file, which must not change while the module lives.
mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> importOnnx(llvm::StringRef path, const ImportOptions &options,
                                                              mlir::MLIRContext &context);

} // namespace m2c
