#include "Tensors.h"
#include "m2c/Dialect/Onnx/Constants.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::quantize;

FailureOr<std::vector<float>> m2c::quantize::readFloats(const ModelFile &file, const ::onnx::TensorProto &tensor,
                                                        MLIRContext &context) {
  FailureOr<ElementsAttr> value = file.readTensor(tensor, "initializer '" + tensor.name() + "'", context);
  if (failed(value))
    return failure();
  std::optional<onnx::ConstantData> data = onnx::readConstant(*value);
  ArrayRef<float> elements = data->as<float>();
  return std::vector<float>(elements.begin(), elements.end());
}

Channels m2c::quantize::getChannels(const ::onnx::TensorProto &tensor, unsigned axis) {
  Channels channels;
  channels.count = static_cast<size_t>(tensor.dims(static_cast<int>(axis)));
  for (int i = static_cast<int>(axis) + 1; i < tensor.dims_size(); ++i)
    channels.inner *= static_cast<size_t>(tensor.dims(i));
  return channels;
}

std::optional<unsigned> m2c::quantize::getWeightAxis(const ::onnx::NodeProto &node, const Graph &graph) {
  if (node.input_size() < 2)
    return std::nullopt;
  const ::onnx::TensorProto *weights = graph.getConstant(node.input(1));
  if (!weights)
    return std::nullopt;
  if (isOperator(node, "Conv"))
    return 0;
  if (isOperator(node, "ConvTranspose") && getInteger(node, "group", 1) == 1)
    return 1;
  if (isOperator(node, "Gemm"))
    return getInteger(node, "transB", 0) != 0 ? 0 : 1;
  if (isOperator(node, "MatMul") && weights->dims_size() >= 2)
    return weights->dims_size() - 1;
  return std::nullopt;
}

void m2c::quantize::removeUnused(::onnx::GraphProto &graph, const llvm::StringSet<> &values) {
  Graph index(graph);
  auto isUnused = [&](const std::string &name) {
    return values.contains(name) && index.getConsumers(name).empty() && !index.isUsedElsewhere(name);
  };
  auto remove = [](auto &list, auto predicate) {
    list.erase(std::remove_if(list.begin(), list.end(), predicate), list.end());
  };
  llvm::StringSet<> removed;
  for (const auto &value : values)
    if (std::string name = value.getKey().str(); isUnused(name))
      removed.insert(name);
  auto isRemoved = [&](const auto &item) { return removed.contains(item.name()); };
  remove(*graph.mutable_initializer(), isRemoved);
  remove(*graph.mutable_input(), isRemoved);
  remove(*graph.mutable_value_info(), isRemoved);
  remove(*graph.mutable_node(), [&](const ::onnx::NodeProto &node) {
    return isOperator(node, "Constant") && node.output_size() == 1 && removed.contains(node.output(0));
  });
}
