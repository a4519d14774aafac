// BatchNormalization behind a layer with weights becomes a part of them: y = (x W + b) * f + (offset - mean * f) with
// f = scale / sqrt(variance + epsilon), per channel.
#include "Graph.h"
#include "Tensors.h"
#include "m2c/Quantize/Quantize.h"
#include <cmath>

using namespace mlir;
using namespace m2c;
using namespace m2c::quantize;
using ::onnx::NodeProto;
using ::onnx::TensorProto;

namespace {

class Folder {
public:
  Folder(ModelFile &file, MLIRContext &context)
      : file(file), context(context), proto(*file.getModel().mutable_graph()), graph(proto) {}

  FailureOr<unsigned> run();

private:
  bool canFold(const NodeProto &norm, size_t &layer) const;
  LogicalResult fold(const NodeProto &norm, NodeProto &layer);

  ModelFile &file;
  MLIRContext &context;
  ::onnx::GraphProto &proto;
  Graph graph;
};

} // namespace

/// A float32 constant of rank 1.
static bool isVector(const TensorProto *tensor) {
  return tensor && tensor->data_type() == TensorProto::FLOAT && tensor->dims_size() == 1;
}

bool Folder::canFold(const NodeProto &norm, size_t &index) const {
  if (!isOperator(norm, "BatchNormalization") || norm.input_size() != 5 || getInteger(norm, "training_mode", 0) != 0)
    return false;
  for (int i = 1; i != norm.output_size(); ++i)
    if (!norm.output(i).empty())
      return false;
  std::optional<size_t> producer = graph.getProducer(norm.input(0));
  if (!producer || graph.getConsumers(norm.input(0)).size() != 1 || graph.isUsedElsewhere(norm.input(0)))
    return false;
  index = *producer;
  const NodeProto &layer = graph.getNode(index);
  std::optional<unsigned> axis = getWeightAxis(layer, graph);
  bool isGemm = isOperator(layer, "Gemm");
  if (!axis || !(isOperator(layer, "Conv") || isOperator(layer, "ConvTranspose") || isGemm))
    return false;
  if (isGemm && (getFloat(layer, "alpha", 1) != 1 || getFloat(layer, "beta", 1) != 1))
    return false;
  const TensorProto *weights = graph.getConstant(layer.input(1));
  if (!weights || weights->data_type() != TensorProto::FLOAT || static_cast<int>(*axis) >= weights->dims_size())
    return false;
  int64_t channels = weights->dims(static_cast<int>(*axis));
  auto fits = [&](const std::string &name) {
    const TensorProto *tensor = graph.getConstant(name);
    return isVector(tensor) && tensor->dims(0) == channels;
  };
  bool hasBias = layer.input_size() > 2 && !layer.input(2).empty();
  return llvm::all_of(llvm::drop_begin(norm.input()), fits) && (!hasBias || fits(layer.input(2)));
}

LogicalResult Folder::fold(const NodeProto &norm, NodeProto &layer) {
  auto read = [&](const std::string &name) { return readFloats(file, *graph.getConstant(name), context); };
  std::vector<FailureOr<std::vector<float>>> vectors;
  for (const std::string &name : llvm::drop_begin(norm.input()))
    vectors.push_back(read(name));
  const TensorProto &weights = *graph.getConstant(layer.input(1));
  vectors.push_back(read(layer.input(1)));
  bool hasBias = layer.input_size() > 2 && !layer.input(2).empty();
  size_t channels = static_cast<size_t>(weights.dims(static_cast<int>(*getWeightAxis(layer, graph))));
  vectors.push_back(hasBias ? read(layer.input(2)) : FailureOr<std::vector<float>>(std::vector<float>(channels, 0)));
  if (llvm::any_of(vectors, [](const auto &values) { return failed(values); }))
    return failure();
  const std::vector<float> &scale = *vectors[0], &offset = *vectors[1], &mean = *vectors[2], &variance = *vectors[3];
  std::vector<float> &w = *vectors[4], &b = *vectors[5];
  double epsilon = getFloat(norm, "epsilon", 1e-5F);
  std::vector<double> factors(channels);
  for (size_t i = 0; i != channels; ++i) {
    factors[i] = scale[i] / std::sqrt(variance[i] + epsilon);
    b[i] = static_cast<float>((static_cast<double>(b[i]) - mean[i]) * factors[i] + offset[i]);
  }
  Channels along = getChannels(weights, *getWeightAxis(layer, graph));
  for (size_t i = 0; i != w.size(); ++i)
    w[i] = static_cast<float>(w[i] * factors[along.getChannel(i)]);

  TensorProto &newWeights = *proto.add_initializer(), &newBias = *proto.add_initializer();
  newWeights.set_name(graph.unique(layer.input(1) + "_folded"));
  setData<float>(newWeights, TensorProto::FLOAT, {weights.dims().data(), static_cast<size_t>(weights.dims_size())}, w);
  newBias.set_name(graph.unique(hasBias ? layer.input(2) + "_folded" : newWeights.name() + "_bias"));
  setData<float>(newBias, TensorProto::FLOAT, static_cast<int64_t>(channels), b);
  layer.set_input(1, newWeights.name());
  if (layer.input_size() < 3)
    layer.add_input();
  layer.set_input(2, newBias.name());
  layer.set_output(0, norm.output(0));
  return success();
}

FailureOr<unsigned> Folder::run() {
  llvm::SmallVector<int> folded;
  llvm::StringSet<> unused;
  for (int i = 0; i != proto.node_size(); ++i) {
    size_t layer = 0;
    if (!canFold(proto.node(i), layer))
      continue;
    NodeProto &node = *proto.mutable_node(static_cast<int>(layer));
    for (const std::string &name : llvm::drop_begin(proto.node(i).input()))
      unused.insert(name);
    for (const std::string &name : llvm::drop_begin(node.input()))
      unused.insert(name);
    unused.insert(proto.node(i).input(0));
    if (failed(fold(proto.node(i), node)))
      return failure();
    folded.push_back(i);
  }
  // A layer comes to stand where its normalization was made: nothing between them uses either.
  for (int i : llvm::reverse(folded))
    proto.mutable_node()->DeleteSubrange(i, 1);
  removeUnused(proto, unused);
  return folded.size();
}

FailureOr<unsigned> m2c::quantize::foldBatchNormalization(ModelFile &file, MLIRContext &context) {
  return Folder(file, context).run();
}
