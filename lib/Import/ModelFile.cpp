// The way in: the file is mapped, its tensors' data set apart, the rest parsed by protobuf.
#include "m2c/Import/ModelFile.h"
#include "Context.h"
#include "DetachData.h"
#include "Sort.h"
#include "Tensors.h"
#include "onnx-ml.pb.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::importer;

ModelFile::ModelFile(StringRef path, std::shared_ptr<MappedFile> file, std::unique_ptr<::onnx::ModelProto> model)
    : path(path), file(std::move(file)), model(std::move(model)) {}
ModelFile::ModelFile(ModelFile &&) noexcept = default;
ModelFile &ModelFile::operator=(ModelFile &&) noexcept = default;
ModelFile::~ModelFile() = default;

ModelFile ModelFile::clone() const { return ModelFile(path, file, std::make_unique<::onnx::ModelProto>(*model)); }

uint64_t ModelFile::getFileBytes() const { return file->getBytes().size(); }

FailureOr<ModelFile> ModelFile::read(StringRef path, MLIRContext &mlirContext) {
  ImportOptions options;
  Context context(path, options, mlirContext);
  llvm::Expected<std::shared_ptr<MappedFile>> file = MappedFile::open(path);
  if (!file)
    return context.error() << "cannot read the model: " << llvm::toString(file.takeError());
  StringRef bytes = (*file)->getBytes();
  if (bytes.empty())
    return context.error() << "the file is empty";

  auto model = std::make_unique<::onnx::ModelProto>();
  std::string rest;
  std::string damage = detachTensorData(bytes, rest);
  if (!damage.empty())
    return context.error() << "this is no ONNX model, or it is damaged: " << damage;
  if (rest.size() > INT32_MAX || !model->ParseFromString(rest))
    return context.error()
           << "this is no ONNX model, or it is damaged: a field has a wrong type or is nested too deeply";
  if (!model->has_graph())
    return context.error() << "this is no ONNX model: it has no graph";
  (*file)->release(bytes);
  return ModelFile(path, *file, std::move(model));
}

LogicalResult ModelFile::sortNodes(MLIRContext &mlirContext) {
  ImportOptions options;
  Context context(path, options, mlirContext);
  auto &nodes = *model->mutable_graph()->mutable_node();
  std::vector<const ::onnx::NodeProto *> list;
  for (const auto &node : nodes)
    list.push_back(&node);
  FailureOr<std::vector<const ::onnx::NodeProto *>> sorted = importer::sortNodes(list, context);
  if (failed(sorted))
    return failure();
  if (*sorted == list)
    return success();
  std::remove_reference_t<decltype(nodes)> ordered;
  for (const ::onnx::NodeProto *node : *sorted)
    *ordered.Add() = *node;
  nodes.Swap(&ordered);
  return success();
}

FailureOr<ElementsAttr> ModelFile::readTensor(const ::onnx::TensorProto &tensor, const Twine &where,
                                              MLIRContext &mlirContext) const {
  ImportOptions options;
  Context context(path, options, mlirContext);
  context.file = file;
  return TensorReader(context).read(tensor, where);
}

FailureOr<StringRef> ModelFile::readDetached(const ::onnx::TensorProto &tensor, const Twine &where,
                                             MLIRContext &mlirContext, std::shared_ptr<MappedFile> &owner) const {
  if (tensor.data_location() != ::onnx::TensorProto::EXTERNAL)
    return StringRef();
  ImportOptions options;
  Context context(path, options, mlirContext);
  context.file = file;
  return TensorReader(context).readDetached(tensor, where, owner);
}
