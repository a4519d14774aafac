// The plan becomes QuantizeLinear and DequantizeLinear nodes, the weights become integers.
//
// A value that a quantised layer makes is x_float -> QuantizeLinear -> x_quantized -> DequantizeLinear -> x: the names
// that users, outputs and subgraphs know stand for what they get. A value that is made as a float keeps its name, and
// the layers read x_dequantized.
#include "Graph.h"
#include "Tensors.h"
#include "m2c/Quantize/Quantize.h"
#include "m2c/Quantize/Weights.h"
#include "mlir/IR/Diagnostics.h"
#include <cmath>

using namespace mlir;
using namespace m2c;
using namespace m2c::quantize;
using ::onnx::NodeProto;
using ::onnx::TensorProto;

namespace {

class Rewriter {
public:
  Rewriter(const ModelFile &file, const Plan &plan, const Options &options,
           const llvm::StringMap<quantize::Range> &ranges, MLIRContext &context)
      : source(file), plan(plan), options(options), ranges(ranges), context(context), result(file.clone()),
        proto(*result.getModel().mutable_graph()), graph(file.getModel().graph()) {}

  FailureOr<ModelFile> run();
  FailureOr<ModelFile> isolate(std::vector<std::pair<std::string, std::string>> &copies);

private:
  struct Parameters {
    Affine affine;
    std::string scale, zeroPoint; // names of the initializers
  };

  Parameters &getParameters(StringRef value);
  std::string getZeroPoints(int type, ArrayRef<int64_t> shape, uint8_t value);
  template <class T>
  std::string addTensor(const Twine &name, int type, ArrayRef<int64_t> shape, ArrayRef<T> elements);
  NodeProto &addNode(StringRef type, StringRef input, StringRef scale, StringRef zeroPoint, StringRef output);
  void addPair(StringRef from, StringRef value, StringRef to);
  LogicalResult rewriteLayer(const Layer &layer, NodeProto &node);
  FailureOr<std::string> addWeights(const Layer &layer, const NodeProto &node, ArrayRef<float> least,
                                    std::vector<float> &scales);
  LogicalResult rewriteParameters(const Layer &layer, NodeProto &node);

  const ModelFile &source;
  const Plan &plan;
  const Options &options;
  const llvm::StringMap<quantize::Range> &ranges;
  MLIRContext &context;
  ModelFile result;
  ::onnx::GraphProto &proto;
  Graph graph;
  std::remove_reference_t<decltype(*proto.mutable_node())> nodes;
  llvm::StringMap<Parameters> parameters;  // by leader
  llvm::StringMap<std::string> zeroPoints; // initializers that exist, by what they hold
  llvm::StringMap<std::string> redirected; // floats that layers read, to what they read in their place
  llvm::StringMap<std::pair<std::string, std::vector<float>>> weights; // dequantised ones that exist, with scales
  llvm::StringSet<> replaced;                                          // constants
};

} // namespace

template <class T>
std::string Rewriter::addTensor(const Twine &name, int type, ArrayRef<int64_t> shape, ArrayRef<T> elements) {
  TensorProto &tensor = *proto.add_initializer();
  tensor.set_name(graph.unique(name));
  setData<T>(tensor, type, shape, elements);
  return tensor.name();
}

Rewriter::Parameters &Rewriter::getParameters(StringRef value) {
  const std::string &leader = plan.leaders.find(value)->second;
  auto [found, isNew] = parameters.try_emplace(leader);
  Parameters &entry = found->second;
  if (!isNew)
    return entry;
  entry.affine = chooseAffine(ranges.find(value)->second, options.activations);
  bool isUnsigned = options.activations == ActivationType::Uint8;
  entry.scale = addTensor<float>(leader + "_scale", TensorProto::FLOAT, {}, entry.affine.scale);
  entry.zeroPoint = getZeroPoints(isUnsigned ? TensorProto::UINT8 : TensorProto::INT8, {},
                                  static_cast<uint8_t>(entry.affine.zeroPoint));
  return entry;
}

/// An initializer that is `value` throughout; equal ones are one.
std::string Rewriter::getZeroPoints(int type, ArrayRef<int64_t> shape, uint8_t value) {
  std::string name = (type == TensorProto::UINT8 ? "uint8_" : "int8_") + std::to_string(value);
  for (int64_t extent : shape)
    name += "x" + std::to_string(extent);
  std::string &existing = zeroPoints[name];
  if (existing.empty()) {
    std::vector<uint8_t> elements(shape.empty() ? 1 : static_cast<size_t>(shape.front()), value);
    existing = addTensor<uint8_t>("zero_point_" + name, type, shape, elements);
  }
  return existing;
}

NodeProto &Rewriter::addNode(StringRef type, StringRef input, StringRef scale, StringRef zeroPoint, StringRef output) {
  NodeProto &node = *nodes.Add(); // without a name: its output's says what it is, and names are a part of small files
  node.set_op_type(type.str());
  node.add_input(input.str());
  node.add_input(scale.str());
  if (!zeroPoint.empty())
    node.add_input(zeroPoint.str());
  node.add_output(output.str());
  return node;
}

static void addInteger(NodeProto &node, StringRef name, int64_t value) {
  ::onnx::AttributeProto &attribute = *node.add_attribute();
  attribute.set_name(name.str());
  attribute.set_type(::onnx::AttributeProto::INT);
  attribute.set_i(value);
}

/// `from` -> integers -> `to`, with the parameters of `value`.
void Rewriter::addPair(StringRef from, StringRef value, StringRef to) {
  Parameters &entry = getParameters(value);
  std::string integers = graph.unique(value + "_quantized");
  addNode("QuantizeLinear", from, entry.scale, entry.zeroPoint, integers);
  addNode("DequantizeLinear", integers, entry.scale, entry.zeroPoint, to);
}

/// The layer's weights as integers and the node that makes them floats again, whose output is returned. Layers that
/// read the same weights in the same way share them.
FailureOr<std::string> Rewriter::addWeights(const Layer &layer, const NodeProto &node, ArrayRef<float> least,
                                            std::vector<float> &scales) {
  const std::string &name = node.input(static_cast<int>(*layer.weight));
  const TensorProto &tensor = *graph.getConstant(name);
  ArrayRef<int64_t> shape(tensor.dims().data(), static_cast<size_t>(tensor.dims_size()));
  bool isBlocked = options.weights == WeightType::Int4 && layer.sumAxis && layer.weight == 1U;
  std::optional<unsigned> axis = isBlocked ? layer.sumAxis : layer.weightAxis;
  std::string key = name + ":" + (axis ? std::to_string(*axis) : "");
  if (!least.empty()) // of a bias: of this node alone
    key += ":" + getNodeName(node);
  auto [found, isNew] = weights.try_emplace(key);
  if (!isNew) {
    scales = found->second.second;
    return found->second.first;
  }
  FailureOr<std::vector<float>> elements = readFloats(source, tensor, context);
  if (failed(elements))
    return failure();
  if (!llvm::all_of(*elements, [](float x) { return std::isfinite(x); }))
    return emitError(FileLineColLoc::get(&context, source.getPath(), 0, 0))
           << "node '" << getNodeName(node) << "' (" << node.op_type() << "): its weights '" << name
           << "' have infinite elements or NaN; keep it with --exclude '" << getNodeName(node) << "'";
  ScaleMap map = isBlocked ? ScaleMap::blocked(shape, *axis, options.blockSize) : ScaleMap::perAxis(shape, axis);
  IntegerWeights integers = quantizeWeights(*elements, map, isBlocked ? 7 : 127, least, options.searchesWeightScales);
  SmallVector<int64_t> scaleShape;
  if (isBlocked) {
    scaleShape.assign(shape.begin(), shape.end());
    scaleShape[*axis] = llvm::divideCeil(shape[*axis], options.blockSize);
  } else if (axis) {
    scaleShape.push_back(shape[*axis]);
  }
  std::string scale = addTensor<float>(name + "_scale", TensorProto::FLOAT, scaleShape, integers.scales);
  // Blocks have no zero points: zero is the default. Other runtimes' products of int8 want to see them.
  std::string quantized, zeroPoints;
  if (isBlocked) {
    quantized = addTensor<uint8_t>(name + "_quantized", TensorProto::INT4, shape, packInt4(integers.elements));
  } else {
    quantized = addTensor<int8_t>(name + "_quantized", TensorProto::INT8, shape, integers.elements);
    zeroPoints = getZeroPoints(TensorProto::INT8, scaleShape, 0);
  }
  std::string output = graph.unique(name + "_dequantized");
  NodeProto &dequantize = addNode("DequantizeLinear", quantized, scale, zeroPoints, output);
  if (axis)
    addInteger(dequantize, "axis", *axis);
  if (isBlocked)
    addInteger(dequantize, "block_size", options.blockSize);
  replaced.insert(name);
  scales = integers.scales;
  found->second = {output, integers.scales};
  return output;
}

/// Weights and bias. The bias has the products' scale, so the scale of a channel is made as large as its bias needs:
/// 2^30 steps, which leaves the sums as much.
LogicalResult Rewriter::rewriteParameters(const Layer &layer, NodeProto &node) {
  std::vector<float> bias, least, scales;
  float inputScale = 1;
  if (layer.bias) {
    FailureOr<std::vector<float>> elements =
        readFloats(source, *graph.getConstant(node.input(static_cast<int>(*layer.bias))), context);
    if (failed(elements))
      return failure();
    bias = std::move(*elements);
    inputScale = getParameters(node.input(static_cast<int>(layer.activations.front()))).affine.scale;
    constexpr float kLargest = 1 << 30;
    bool isTooSmall = false;
    const TensorProto &weight = *graph.getConstant(node.input(static_cast<int>(*layer.weight)));
    FailureOr<std::vector<float>> elementsOfWeight = readFloats(source, weight, context);
    if (failed(elementsOfWeight))
      return failure();
    ArrayRef<int64_t> shape(weight.dims().data(), static_cast<size_t>(weight.dims_size()));
    ScaleMap map = ScaleMap::perAxis(shape, layer.weightAxis);
    least.assign(map.scales, 0);
    for (size_t i = 0; i != bias.size(); ++i) {
      float &needed = least[map.scales == 1 ? 0 : i];
      needed = std::max(needed, std::abs(bias[i]) / inputScale / kLargest);
    }
    std::vector<float> natural = quantizeWeights(*elementsOfWeight, map, 127, {}, /*searches=*/false).scales;
    for (size_t i = 0; i != least.size(); ++i)
      isTooSmall |= natural[i] < least[i];
    if (!isTooSmall)
      least.clear();
  }
  std::string name = node.input(static_cast<int>(*layer.weight));
  FailureOr<std::string> dequantized = addWeights(layer, node, least, scales);
  if (failed(dequantized))
    return failure();
  node.set_input(static_cast<int>(*layer.weight), *dequantized);
  if (!layer.bias)
    return success();

  std::string biasName = node.input(static_cast<int>(*layer.bias));
  for (float &scale : scales)
    scale *= inputScale;
  SmallVector<int64_t> scaleShape;
  if (layer.weightAxis)
    scaleShape.push_back(static_cast<int64_t>(scales.size()));
  std::string scale = addTensor<float>(biasName + "_scale", TensorProto::FLOAT, scaleShape, scales);
  std::string quantized = addTensor<int32_t>(biasName + "_quantized", TensorProto::INT32,
                                             static_cast<int64_t>(bias.size()), quantizeBias(bias, scales));
  std::string output = graph.unique(biasName + "_dequantized");
  NodeProto &dequantize = addNode("DequantizeLinear", quantized, scale, "", output);
  if (layer.weightAxis)
    addInteger(dequantize, "axis", 0);
  replaced.insert(biasName);
  node.set_input(static_cast<int>(*layer.bias), output);
  return success();
}

LogicalResult Rewriter::rewriteLayer(const Layer &layer, NodeProto &node) {
  if (layer.weight && options.weights != WeightType::None && failed(rewriteParameters(layer, node)))
    return failure();
  for (unsigned i : layer.activations)
    if (auto found = redirected.find(node.input(static_cast<int>(i))); found != redirected.end())
      node.set_input(static_cast<int>(i), found->second);
  return success();
}

FailureOr<ModelFile> Rewriter::run() {
  llvm::DenseMap<size_t, const Layer *> layers;
  for (const Layer &layer : plan.layers)
    layers[layer.node] = &layer;
  llvm::DenseMap<size_t, SmallVector<std::string, 1>> valuesOf; // by the node that makes them
  for (const std::string &value : plan.values) {
    if (std::optional<size_t> producer = graph.getProducer(value)) {
      valuesOf[*producer].push_back(value);
      continue;
    }
    redirected[value] = graph.unique(value + "_dequantized");
    addPair(value, value, redirected[value]);
  }
  for (size_t i = 0; i != graph.getNumNodes(); ++i) {
    NodeProto node = graph.getNode(i);
    if (const Layer *layer = layers.lookup(i))
      if (failed(rewriteLayer(*layer, node)))
        return failure();
    SmallVector<std::array<std::string, 3>> pairs;
    for (const std::string &value : valuesOf.lookup(i)) {
      if (!plan.made.contains(value)) {
        redirected[value] = graph.unique(value + "_dequantized");
        pairs.push_back({value, value, redirected[value]});
        continue;
      }
      std::string made = graph.unique(value + "_float");
      std::replace(node.mutable_output()->begin(), node.mutable_output()->end(), value, made);
      pairs.push_back({made, value, value});
    }
    *nodes.Add() = std::move(node);
    for (auto &[from, value, to] : pairs)
      addPair(from, value, to);
  }
  proto.mutable_node()->Swap(&nodes);
  removeUnused(proto, replaced);
  return std::move(result);
}

FailureOr<ModelFile> Rewriter::isolate(std::vector<std::pair<std::string, std::string>> &copies) {
  for (const NodeProto &node : proto.node())
    *nodes.Add() = node;
  for (const std::string &value : plan.values) {
    redirected[value] = graph.unique(value + "_dequantized");
    addPair(value, value, redirected[value]);
  }
  for (const Layer &layer : plan.layers) {
    if (layer.kind == LayerKind::Move)
      continue;
    NodeProto node = graph.getNode(layer.node);
    if (failed(rewriteLayer(layer, node)))
      return failure();
    std::string original = node.output(0), copy = graph.unique(original + "_alone");
    node.set_output(0, copy);
    *nodes.Add() = std::move(node);
    for (size_t part : layer.parts) {
      NodeProto next = graph.getNode(part);
      std::replace(next.mutable_input()->begin(), next.mutable_input()->end(), original, copy);
      original = next.output(0);
      copy = graph.unique(original + "_alone");
      next.set_output(0, copy);
      *nodes.Add() = std::move(next);
    }
    if (layer.quantizesOutput) {
      std::string integers = graph.unique(original + "_alone");
      addPair(copy, original, integers);
      copy = integers;
    }
    copies.emplace_back(original, copy);
  }
  proto.mutable_node()->Swap(&nodes);
  return std::move(result);
}

FailureOr<ModelFile> m2c::quantize::isolate(const ModelFile &file, const Plan &plan, const Options &options,
                                            const llvm::StringMap<quantize::Range> &ranges,
                                            std::vector<std::pair<std::string, std::string>> &copies,
                                            MLIRContext &context) {
  return Rewriter(file, plan, options, ranges, context).isolate(copies);
}

FailureOr<ModelFile> m2c::quantize::rewrite(const ModelFile &file, const Plan &plan, const Options &options,
                                            const llvm::StringMap<quantize::Range> &ranges, MLIRContext &context) {
  return Rewriter(file, plan, options, ranges, context).run();
}

ModelFile m2c::quantize::addOutputs(const ModelFile &file, ArrayRef<std::string> values) {
  ModelFile result = file.clone();
  ::onnx::GraphProto &graph = *result.getModel().mutable_graph();
  llvm::StringSet<> present;
  for (const auto &output : graph.output())
    present.insert(output.name());
  for (const std::string &value : values)
    if (present.insert(value).second)
      graph.add_output()->set_name(value);
  return result;
}
