// A model's message as the bytes of a file.
#include "m2c/Quantize/Quantize.h"
#include "onnx-ml.pb.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::quantize;
using ::onnx::TensorProto;

namespace {

/// protobuf's own bound for a message.
constexpr size_t kLargestMessage = size_t(INT32_MAX) - (1 << 20);
constexpr size_t kSmallTensor = 1024; // stays in the message

class Serializer {
public:
  Serializer(const ModelFile &file, StringRef dataName, MLIRContext &context, std::string &data)
      : file(file), dataName(dataName), context(context), data(data) {}

  LogicalResult embed(TensorProto &tensor);
  void moveOut(TensorProto &tensor);

private:
  const ModelFile &file;
  StringRef dataName;
  MLIRContext &context;
  std::string &data;
};

} // namespace

static LogicalResult forEachTensor(::onnx::GraphProto &graph, llvm::function_ref<LogicalResult(TensorProto &)> visit);

static LogicalResult forEachTensor(::onnx::NodeProto &node, llvm::function_ref<LogicalResult(TensorProto &)> visit) {
  for (auto &attribute : *node.mutable_attribute()) {
    if (attribute.has_t() && failed(visit(*attribute.mutable_t())))
      return failure();
    for (TensorProto &tensor : *attribute.mutable_tensors())
      if (failed(visit(tensor)))
        return failure();
    if (attribute.has_sparse_tensor() && (failed(visit(*attribute.mutable_sparse_tensor()->mutable_values())) ||
                                          failed(visit(*attribute.mutable_sparse_tensor()->mutable_indices()))))
      return failure();
    if (attribute.has_g() && failed(forEachTensor(*attribute.mutable_g(), visit)))
      return failure();
    for (::onnx::GraphProto &inner : *attribute.mutable_graphs())
      if (failed(forEachTensor(inner, visit)))
        return failure();
  }
  return success();
}

static LogicalResult forEachTensor(::onnx::GraphProto &graph, llvm::function_ref<LogicalResult(TensorProto &)> visit) {
  for (TensorProto &tensor : *graph.mutable_initializer())
    if (failed(visit(tensor)))
      return failure();
  for (auto &sparse : *graph.mutable_sparse_initializer())
    if (failed(visit(*sparse.mutable_values())) || failed(visit(*sparse.mutable_indices())))
      return failure();
  for (::onnx::NodeProto &node : *graph.mutable_node())
    if (failed(forEachTensor(node, visit)))
      return failure();
  return success();
}

/// Data in another place, also at one in the model's own file, comes back into the message.
LogicalResult Serializer::embed(TensorProto &tensor) {
  std::shared_ptr<MappedFile> owner;
  if (tensor.data_location() != TensorProto::EXTERNAL)
    return success();
  FailureOr<StringRef> bytes = file.readDetached(tensor, "initializer '" + tensor.name() + "'", context, owner);
  if (failed(bytes))
    return failure();
  tensor.clear_external_data();
  tensor.clear_data_location();
  tensor.set_raw_data(bytes->data(), bytes->size());
  return success();
}

void Serializer::moveOut(TensorProto &tensor) {
  if (tensor.raw_data().size() < kSmallTensor)
    return;
  auto add = [&](StringRef key, StringRef value) {
    auto &entry = *tensor.add_external_data();
    entry.set_key(key.str());
    entry.set_value(value.str());
  };
  data.resize(llvm::alignTo(data.size(), 64));
  add("location", dataName);
  add("offset", std::to_string(data.size()));
  add("length", std::to_string(tensor.raw_data().size()));
  data += tensor.raw_data();
  tensor.clear_raw_data();
  tensor.set_data_location(TensorProto::EXTERNAL);
}

LogicalResult m2c::quantize::serialize(const ModelFile &file, StringRef dataName, bool externalData,
                                       MLIRContext &context, std::string &model, std::string &data) {
  ModelFile copy = file.clone();
  ::onnx::ModelProto &message = copy.getModel();
  Serializer serializer(file, dataName, context, data);
  auto embed = [&](TensorProto &tensor) { return serializer.embed(tensor); };
  if (failed(forEachTensor(*message.mutable_graph(), embed)))
    return failure();
  for (auto &function : *message.mutable_functions())
    for (auto &node : *function.mutable_node())
      if (failed(forEachTensor(node, embed)))
        return failure();
  if (externalData || message.ByteSizeLong() > kLargestMessage)
    for (TensorProto &tensor : *message.mutable_graph()->mutable_initializer())
      serializer.moveOut(tensor);
  if (message.ByteSizeLong() <= kLargestMessage && message.SerializeToString(&model))
    return success();
  return emitError(FileLineColLoc::get(&context, file.getPath(), 0, 0))
         << "the quantised model would have more than 2 GiB outside of its initializers, which no ONNX file can hold";
}

uint64_t m2c::quantize::getModelBytes(const ModelFile &file) {
  uint64_t bytes = file.getFileBytes();
  ModelFile copy = file.clone();
  auto add = [&](TensorProto &tensor) {
    uint64_t length = 0;
    bool isElsewhere = false;
    for (const auto &entry : tensor.external_data()) {
      isElsewhere |=
          entry.key() == "location" && entry.value() != std::string(1, '\0'); // which is the model's own file
      if (entry.key() == "length" && StringRef(entry.value()).getAsInteger(10, length))
        length = 0;
    }
    bytes += isElsewhere ? length : 0;
    return success();
  };
  (void)forEachTensor(*copy.getModel().mutable_graph(), add);
  return bytes;
}
