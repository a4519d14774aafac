// The way in: the file is mapped, its tensors' data set apart, the rest parsed by protobuf.
#include "m2c/Import/Import.h"
#include "DetachData.h"
#include "GraphImporter.h"
#include "m2c/Dialect/Onnx/Onnx.h"
#include "mlir/IR/Verifier.h"
#include "onnx-ml.pb.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::importer;

FailureOr<OwningOpRef<ModuleOp>> m2c::importOnnx(StringRef path, const ImportOptions &options,
                                                 MLIRContext &mlirContext) {
  mlirContext.loadDialect<onnx::OnnxDialect, func::FuncDialect>();
  Context context(path, options, mlirContext);
  llvm::Expected<std::shared_ptr<MappedFile>> file = MappedFile::open(path);
  if (!file)
    return context.error() << "cannot read the model: " << llvm::toString(file.takeError());
  context.file = *file;
  if (context.file->getBytes().empty())
    return context.error() << "the file is empty";

  ::onnx::ModelProto model;
  std::string rest;
  std::string damage = detachTensorData(context.file->getBytes(), rest);
  if (!damage.empty())
    return context.error() << "this is no ONNX model, or it is damaged: " << damage;
  if (rest.size() > INT32_MAX || !model.ParseFromString(rest))
    return context.error()
           << "this is no ONNX model, or it is damaged: a field has a wrong type or is nested too deeply";
  rest = std::string();
  if (!model.has_graph())
    return context.error() << "this is no ONNX model: it has no graph";
  context.file->release(context.file->getBytes());

  FailureOr<OwningOpRef<ModuleOp>> module = GraphImporter(context, model).run();
  if (failed(module) || failed(verify(**module)))
    return failure();
  return module;
}
