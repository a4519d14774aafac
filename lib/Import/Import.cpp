#include "m2c/Import/Import.h"
#include "GraphImporter.h"
#include "m2c/Dialect/Onnx/Onnx.h"
#include "m2c/Import/ModelFile.h"
#include "mlir/IR/Verifier.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::importer;

FailureOr<OwningOpRef<ModuleOp>> m2c::importOnnx(StringRef path, const ImportOptions &options, MLIRContext &context) {
  FailureOr<ModelFile> file = ModelFile::read(path, context);
  if (failed(file))
    return failure();
  return importOnnx(*file, options, context);
}

FailureOr<OwningOpRef<ModuleOp>> m2c::importOnnx(const ModelFile &file, const ImportOptions &options,
                                                 MLIRContext &mlirContext) {
  mlirContext.loadDialect<onnx::OnnxDialect, func::FuncDialect>();
  Context context(file.getPath(), options, mlirContext);
  context.file = file.getFile();
  FailureOr<OwningOpRef<ModuleOp>> module = GraphImporter(context, file.getModel()).run();
  if (failed(module) || failed(verify(**module)))
    return failure();
  return module;
}
