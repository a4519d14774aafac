// What all parts of the importer share: the model's file, options and diagnostics.
#pragma once

#include "MappedFile.h"
#include "m2c/Import/Import.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringMap.h"

namespace onnx {
class NodeProto;
}

namespace m2c::importer {

/// `'name'` with what could upset a terminal replaced, cut if very long.
std::string quote(llvm::StringRef name);

/// How messages name a node: "node 'conv1' (Conv)" or "the Conv node that makes 'y'".
std::string describe(const ::onnx::NodeProto &node);

class Context {
public:
  Context(llvm::StringRef path, const ImportOptions &options, mlir::MLIRContext &mlirContext)
      : path(path), options(options), mlirContext(mlirContext) {}

  /// An error in the model's file. `where` is a node, tensor, input ...; may be empty.
  mlir::InFlightDiagnostic error(const llvm::Twine &where = "");

  /// Records what m2c cannot import, to be reported when the whole model has been seen.
  void addUnsupported(const llvm::Twine &what, llvm::StringRef node);
  /// Reports all of it, if any.
  mlir::LogicalResult reportUnsupported();

  const std::string path;
  const ImportOptions &options;
  mlir::MLIRContext &mlirContext;
  std::shared_ptr<MappedFile> file;
  std::vector<std::string> externalFiles; ///< files beside it that hold data, each once

private:
  llvm::MapVector<std::string, std::vector<std::string>, llvm::StringMap<unsigned>> unsupported;
};

} // namespace m2c::importer
