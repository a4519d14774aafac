// TensorProto and SparseTensorProto as attributes.
#pragma once

#include "Context.h"
#include "mlir/IR/BuiltinAttributes.h"

namespace onnx {
class TensorProto;
class SparseTensorProto;
} // namespace onnx

namespace m2c::importer {

/// Converts tensors of one model; keeps the files of their data mapped.
class TensorReader {
public:
  explicit TensorReader(Context &context) : context(context) {}

  /// `where` says in messages whose tensor it is.
  mlir::FailureOr<mlir::ElementsAttr> read(const ::onnx::TensorProto &tensor, const llvm::Twine &where);
  /// Makes it dense.
  mlir::FailureOr<mlir::ElementsAttr> read(const ::onnx::SparseTensorProto &tensor, const llvm::Twine &where);
  /// The bytes of a tensor whose data is not in the message, which lie in `owner`.
  mlir::FailureOr<llvm::StringRef> readDetached(const ::onnx::TensorProto &tensor, const llvm::Twine &where,
                                                std::shared_ptr<MappedFile> &owner);

private:
  struct Data {
    llvm::StringRef bytes;
    std::shared_ptr<MappedFile> file; // null if `bytes` belong to protobuf
  };
  mlir::FailureOr<Data> findExternal(const ::onnx::TensorProto &tensor, int64_t expectedBytes,
                                     const llvm::Twine &where);
  mlir::FailureOr<std::shared_ptr<MappedFile>> openExternal(llvm::StringRef location, const llvm::Twine &where);
  mlir::FailureOr<Data> findRaw(const ::onnx::TensorProto &tensor, int64_t expectedBytes, const llvm::Twine &where);
  mlir::ElementsAttr readRaw(Data data, mlir::RankedTensorType type, llvm::StringRef name);

  Context &context;
  llvm::StringMap<std::shared_ptr<MappedFile>> files;
};

} // namespace m2c::importer
