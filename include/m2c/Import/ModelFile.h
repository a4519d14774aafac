// An ONNX file as protobuf's message, for those who change models: the data of large tensors stays in the file.
#pragma once

#include "m2c/Import/Import.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/Twine.h"
#include <memory>

namespace onnx {
class ModelProto;
class TensorProto;
} // namespace onnx

namespace m2c {

class MappedFile;

class ModelFile {
public:
  /// Problems go to the context's diagnostic engine.
  static mlir::FailureOr<ModelFile> read(llvm::StringRef path, mlir::MLIRContext &context);
  ModelFile(ModelFile &&) noexcept;
  ModelFile &operator=(ModelFile &&) noexcept;
  ~ModelFile();

  const std::string &getPath() const { return path; }
  ::onnx::ModelProto &getModel() { return *model; }
  const ::onnx::ModelProto &getModel() const { return *model; }
  const std::shared_ptr<MappedFile> &getFile() const { return file; }
  uint64_t getFileBytes() const;
  /// Another message over the same file.
  ModelFile clone() const;

  /// Puts the main graph's nodes in an order in which each comes after those that make its inputs.
  mlir::LogicalResult sortNodes(mlir::MLIRContext &context);

  /// The elements of a tensor of the message; `where` says in messages whose it is.
  mlir::FailureOr<mlir::ElementsAttr> readTensor(const ::onnx::TensorProto &tensor, const llvm::Twine &where,
                                                 mlir::MLIRContext &context) const;
  /// The bytes of a tensor whose data is not in the message, mapped by what `owner` becomes; empty if it is.
  mlir::FailureOr<llvm::StringRef> readDetached(const ::onnx::TensorProto &tensor, const llvm::Twine &where,
                                                mlir::MLIRContext &context, std::shared_ptr<MappedFile> &owner) const;

private:
  ModelFile(llvm::StringRef path, std::shared_ptr<MappedFile> file, std::unique_ptr<::onnx::ModelProto> model);
  std::string path;
  std::shared_ptr<MappedFile> file;
  std::unique_ptr<::onnx::ModelProto> model;
};

/// As the other importOnnx, from the message.
mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> importOnnx(const ModelFile &file, const ImportOptions &options,
                                                              mlir::MLIRContext &context);

} // namespace m2c
