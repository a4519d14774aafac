// Which nodes compute with integers. Matrix nodes always do; others only between them, where their input is an integer
// and their output becomes one again, so that no accuracy is given away for nothing.
#include "Graph.h"
#include "Tensors.h"
#include "m2c/Quantize/Quantize.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::quantize;
using ::onnx::NodeProto;
using ::onnx::TensorProto;

static std::optional<LayerKind> getKind(const NodeProto &node) {
  if (!node.domain().empty() && node.domain() != "ai.onnx")
    return std::nullopt;
  using Kind = std::optional<LayerKind>;
  return llvm::StringSwitch<Kind>(node.op_type())
      .Cases({"Conv", "ConvTranspose", "Gemm", "MatMul"}, LayerKind::Matrix)
      .Cases({"Add", "Sub", "Mul", "Concat", "AveragePool", "GlobalAveragePool"}, LayerKind::Join)
      .Cases({"Relu", "Clip", "LeakyRelu", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh", "Elu"}, LayerKind::Join)
      .Cases({"Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze", "Identity", "Slice"}, LayerKind::Move)
      .Cases({"Split", "MaxPool", "GlobalMaxPool", "Expand", "Tile", "DepthToSpace", "SpaceToDepth"}, LayerKind::Move)
      .Cases({"Pad", "Resize", "Gather"}, LayerKind::Move)
      .Default({});
}

static bool isLayerWithWeights(const NodeProto &node, const Graph &graph) {
  return getKind(node) == LayerKind::Matrix && node.input_size() > 1 && graph.getConstant(node.input(1));
}

/// Whether its output holds nothing but its input's numbers, zeros and averages of neighbours.
static bool keepsScale(const NodeProto &node, const Graph &graph) {
  if (isOperator(node, "MaxPool"))
    return node.output_size() < 2 || node.output(1).empty();
  if (isOperator(node, "Resize"))
    return getString(node, "mode", "nearest") != "cubic" &&
           getString(node, "coordinate_transformation_mode", "") != "tf_crop_and_resize";
  if (isOperator(node, "Pad")) // a value would need a place in the range
    return getString(node, "mode", "constant") != "constant" || node.input_size() < 3 || node.input(2).empty();
  return true;
}

static bool canShareScales(const NodeProto &node) { return isOperator(node, "Concat"); }

namespace {

class Planner {
public:
  Planner(const ModelFile &file, const Options &options, const llvm::StringSet<> &floats)
      : options(options), floats(floats), graph(file.getModel().graph()) {}

  Plan run();

private:
  void keepEnds();
  bool staysFloat(size_t node) const {
    return options.floatNodes.contains(getNodeName(graph.getNode(node))) || options.floatLayers.contains(node) ||
           keptFloat.contains(node);
  }
  std::optional<Layer> makeLayer(size_t index);
  bool readMatrix(const NodeProto &node, Layer &layer) const;
  bool readJoin(const NodeProto &node, Layer &layer) const;
  void addParts(Layer &layer);
  bool isPart(const NodeProto &node, StringRef input, bool &isActivation) const;
  void decideOutputs();
  void collectValues();
  std::string findLeader(StringRef value) const;
  void unite(StringRef a, StringRef b);

  const Options &options;
  const llvm::StringSet<> &floats;
  Graph graph;
  Plan plan;
  llvm::DenseSet<size_t> keptFloat, taken;
  llvm::StringSet<> made; // values that a layer makes
};

} // namespace

/// --keep-float: the matrix nodes with weights that no other one is before, or behind.
void Planner::keepEnds() {
  auto mark = [&](bool forward) {
    llvm::StringSet<> reached; // values that such a node is before (behind)
    for (size_t k = 0; k != graph.getNumNodes(); ++k) {
      size_t i = forward ? k : graph.getNumNodes() - 1 - k;
      const NodeProto &node = graph.getNode(i);
      const auto &from = forward ? node.input() : node.output();
      bool isReached = llvm::any_of(from, [&](const auto &name) { return reached.contains(name); });
      bool hasWeights = isLayerWithWeights(node, graph);
      if (hasWeights && !isReached)
        keptFloat.insert(i);
      if (hasWeights || isReached)
        for (const std::string &name : forward ? node.output() : node.input())
          reached.insert(name);
    }
  };
  if (options.keepFirst)
    mark(/*forward=*/true);
  if (options.keepLast)
    mark(/*forward=*/false);
}

bool Planner::readMatrix(const NodeProto &node, Layer &layer) const {
  if (node.input_size() < 2 || !floats.contains(node.output(0)))
    return false;
  for (unsigned i : {0U, 1U}) {
    const TensorProto *constant = graph.getConstant(node.input(static_cast<int>(i)));
    if (!constant)
      layer.activations.push_back(i);
    else if (constant->data_type() != TensorProto::FLOAT || layer.weight)
      return false; // two constants are one for the compiler
    else
      layer.weight = i;
  }
  if (layer.weight == 1U) {
    layer.weightAxis = getWeightAxis(node, graph);
    int rank = graph.getConstant(node.input(1))->dims_size();
    if (isOperator(node, "MatMul") && rank >= 2)
      layer.sumAxis = rank - 2;
    if (isOperator(node, "Gemm"))
      layer.sumAxis = getInteger(node, "transB", 0) != 0 ? 1 : 0;
  }
  // What is no constant then keeps its type, and MatMul has no third input.
  const TensorProto *bias = node.input_size() > 2 ? graph.getConstant(node.input(2)) : nullptr;
  bool isPlain = !isOperator(node, "Gemm") || (getFloat(node, "alpha", 1) == 1 && getFloat(node, "beta", 1) == 1);
  if (bias && isPlain && layer.weight == 1U && bias->data_type() == TensorProto::FLOAT && bias->dims_size() == 1) {
    const TensorProto *weights = graph.getConstant(node.input(1));
    bool isPerChannel = layer.weightAxis && weights->dims(static_cast<int>(*layer.weightAxis)) == bias->dims(0);
    if (isPerChannel || (!layer.weightAxis && !isOperator(node, "Gemm")))
      layer.bias = 2;
  }
  return options.activations == ActivationType::None ? layer.weight.has_value() : !layer.activations.empty();
}

bool Planner::readJoin(const NodeProto &node, Layer &layer) const {
  bool isNary = llvm::is_contained({"Add", "Sub", "Mul", "Concat"}, node.op_type());
  for (int i = 0; i != (isNary ? node.input_size() : 1); ++i) {
    if (!made.contains(node.input(i)))
      return false;
    layer.activations.push_back(static_cast<unsigned>(i));
  }
  return floats.contains(node.output(0));
}

std::optional<Layer> Planner::makeLayer(size_t index) {
  const NodeProto &node = graph.getNode(index);
  std::optional<LayerKind> kind = getKind(node);
  if (!kind || staysFloat(index) || taken.contains(index) || node.input_size() == 0 || node.output_size() == 0)
    return std::nullopt;
  Layer layer;
  layer.kind = *kind;
  layer.node = index;
  if (*kind == LayerKind::Matrix ? !readMatrix(node, layer) : !readJoin(node, layer))
    return std::nullopt;
  if (*kind == LayerKind::Move && !keepsScale(node, graph))
    return std::nullopt;
  for (const std::string &output : node.output())
    if (!output.empty())
      layer.outputs.push_back(output);
  return layer;
}

/// Whether `node` is what a kernel adds to a matrix node's sums before it stores them: a constant, then an activation.
bool Planner::isPart(const NodeProto &node, StringRef input, bool &isActivation) const {
  if (isOperator(node, "Relu"))
    return isActivation = true;
  if (isOperator(node, "Clip"))
    return isActivation = llvm::all_of(llvm::drop_begin(node.input()),
                                       [&](const auto &name) { return name.empty() || graph.getConstant(name); });
  if (!isOperator(node, "Add"))
    return false;
  const std::string &other = node.input(0) == input ? node.input(1) : node.input(0);
  return graph.getConstant(other) && floats.contains(node.output(0));
}

void Planner::addParts(Layer &layer) {
  bool takesBias = layer.kind == LayerKind::Matrix;
  if (!takesBias && !isOperator(graph.getNode(layer.node), "Add"))
    return;
  for (bool isActivation = false; !isActivation;) {
    const std::string &value = layer.outputs.front();
    ArrayRef<size_t> users = graph.getConsumers(value);
    if (users.size() != 1 || graph.isUsedElsewhere(value) || staysFloat(users.front()))
      return;
    const NodeProto &user = graph.getNode(users.front());
    if (!isPart(user, value, isActivation) || (!isActivation && !takesBias))
      return;
    layer.parts.push_back(users.front());
    taken.insert(users.front());
    layer.outputs = {user.output(0)};
  }
}

/// From the end: a node between matrix nodes is worth it only where another one wants its output as integers.
void Planner::decideOutputs() {
  llvm::StringSet<> wanted;
  std::vector<Layer> kept;
  for (Layer &layer : llvm::reverse(plan.layers)) {
    const NodeProto &node = graph.getNode(layer.node);
    bool isWanted = llvm::any_of(layer.outputs, [&](const auto &output) { return wanted.contains(output); });
    if (layer.kind != LayerKind::Matrix && !isWanted)
      continue;
    // Convolutions of other runtimes have no float output, matrix products do.
    layer.quantizesOutput = isWanted || isOperator(node, "Conv") || isOperator(node, "ConvTranspose");
    for (unsigned i : layer.activations)
      wanted.insert(node.input(static_cast<int>(i)));
    kept.push_back(std::move(layer));
  }
  std::reverse(kept.begin(), kept.end());
  plan.layers = std::move(kept);
}

std::string Planner::findLeader(StringRef value) const {
  auto found = plan.leaders.find(value);
  return found == plan.leaders.end() || found->second == value ? value.str() : findLeader(found->second);
}

void Planner::unite(StringRef a, StringRef b) {
  std::string from = findLeader(b), to = findLeader(a);
  plan.leaders[from] = to;
}

void Planner::collectValues() {
  llvm::StringSet<> seen;
  auto add = [&](const std::string &value) {
    if (seen.insert(value).second)
      plan.values.push_back(value);
  };
  for (const Layer &layer : plan.layers) {
    const NodeProto &node = graph.getNode(layer.node);
    for (unsigned i : layer.activations)
      add(node.input(static_cast<int>(i)));
    if (!layer.quantizesOutput)
      continue;
    for (const std::string &output : layer.outputs) {
      add(output);
      plan.made.insert(output);
      if (layer.kind == LayerKind::Move)
        unite(node.input(0), output);
    }
    if (canShareScales(node))
      for (const std::string &input : node.input())
        unite(layer.outputs.front(), input);
  }
  for (const std::string &value : plan.values) {
    std::string leader = findLeader(value);
    plan.leaders[value] = leader;
  }
}

Plan Planner::run() {
  keepEnds();
  for (size_t i = 0; i != graph.getNumNodes(); ++i) {
    std::optional<Layer> layer = makeLayer(i);
    if (!layer)
      continue;
    if (options.activations != ActivationType::None)
      addParts(*layer);
    else if (layer->kind != LayerKind::Matrix)
      continue;
    for (const std::string &output : layer->outputs)
      made.insert(output);
    plan.layers.push_back(std::move(*layer));
  }
  if (options.activations == ActivationType::None) {
    for (Layer &layer : plan.layers)
      layer.activations.clear(), layer.bias.reset();
    return std::move(plan);
  }
  decideOutputs();
  collectValues();
  return std::move(plan);
}

Plan m2c::quantize::makePlan(const ModelFile &file, const Options &options, const llvm::StringSet<> &floats) {
  return Planner(file, options, floats).run();
}

void m2c::quantize::shareRanges(const Plan &plan, llvm::StringMap<quantize::Range> &ranges) {
  llvm::StringMap<quantize::Range> shared;
  for (const std::string &value : plan.values)
    shared[plan.leaders.find(value)->second].include(ranges.find(value)->second);
  for (const std::string &value : plan.values)
    ranges[value] = shared[plan.leaders.find(value)->second];
}

std::vector<std::string> m2c::quantize::listCandidates(const ModelFile &file) {
  std::vector<std::string> values;
  for (const NodeProto &node : file.getModel().graph().node())
    if (getKind(node) && node.output_size() != 0)
      values.push_back(node.output(0));
  return values;
}

std::string m2c::quantize::getNodeName(const ModelFile &file, size_t node) {
  return getNodeName(file.getModel().graph().node(static_cast<int>(node)));
}

std::string m2c::quantize::getOperator(const ModelFile &file, size_t node) {
  return file.getModel().graph().node(static_cast<int>(node)).op_type();
}

std::vector<std::string> m2c::quantize::listActivations(const ModelFile &file, const Layer &layer) {
  std::vector<std::string> values;
  for (unsigned i : layer.activations)
    values.push_back(file.getModel().graph().node(static_cast<int>(layer.node)).input(static_cast<int>(i)));
  return values;
}
