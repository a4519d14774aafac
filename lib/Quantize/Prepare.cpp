// What a model must be before it is quantised.
#include "Graph.h"
#include "Tensors.h"
#include "m2c/Quantize/Quantize.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::quantize;
using ::onnx::NodeProto;

/// The first opset whose version of the operator reads a node of `opset` as the following ones up to 21 do: attributes
/// did not become inputs, and no default changed. Nothing for other operators.
static std::optional<int64_t> getStableSince(const NodeProto &node) {
  using Since = std::optional<int64_t>;
  return llvm::StringSwitch<Since>(node.op_type())
      .Cases({"Conv", "ConvTranspose", "MatMul", "MaxPool", "GlobalAveragePool", "GlobalMaxPool", "Flatten"}, 1)
      .Cases({"Transpose", "Identity", "Constant", "Gather", "Shape", "LRN", "InstanceNormalization"}, 1)
      .Cases({"Concat", "SpaceToDepth", "GlobalLpPool"}, 4)
      .Cases({"Reshape"}, 5)
      .Cases({"Relu", "LeakyRelu", "Sigmoid", "Tanh", "Elu", "HardSigmoid", "Sqrt", "Exp", "Log", "Neg"}, 6)
      .Cases({"Abs", "Floor", "Ceil", "Reciprocal", "Tile", "Sum", "Max", "Min", "Selu"}, 8)
      .Cases({"Add", "Sub", "Mul", "Div", "Gemm", "AveragePool", "PRelu", "And", "Or", "LSTM", "GRU", "RNN"}, 7)
      .Cases({"BatchNormalization", "Where", "Erf", "Cast", "ConstantOfShape", "Sign", "Expand"}, 9)
      .Cases({"Clip", "Gelu", "HardSwish", "Slice", "Softplus", "Pow", "Equal", "Greater", "Less"}, 13)
      .Cases({"Softmax", "LogSoftmax", "Squeeze", "Unsqueeze", "Dropout", "DepthToSpace", "Pad"}, 13)
      .Cases({"ReduceSum", "ArgMax", "ArgMin", "Resize", "TopK", "Round", "Sin", "Cos", "Mod", "Einsum", "CumSum"}, 13)
      .Cases({"GatherElements", "GatherND", "ScatterND", "Range", "LayerNormalization", "Not", "Trilu"}, 13)
      .Default({});
}

/// Reductions whose axes became an input with opset 18.
static bool hasAxesAttribute(const NodeProto &node) {
  return llvm::is_contained({"ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2",
                             "ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare"},
                            node.op_type());
}

static void moveAxesToInput(::onnx::GraphProto &graph) {
  Graph names(graph);
  for (NodeProto &node : *graph.mutable_node()) {
    auto &attributes = *node.mutable_attribute();
    auto axes = llvm::find_if(attributes, [](const auto &attribute) { return attribute.name() == "axes"; });
    if (!hasAxesAttribute(node) || axes == attributes.end())
      continue;
    ::onnx::TensorProto &tensor = *graph.add_initializer();
    tensor.set_name(names.unique(getNodeName(node) + "_axes"));
    setData<int64_t>(tensor, ::onnx::TensorProto::INT64, axes->ints_size(),
                     {axes->ints().data(), static_cast<size_t>(axes->ints_size())});
    node.add_input(tensor.name());
    attributes.erase(axes);
  }
}

/// Per-axis scales came with opset 13, blocks with 21.
static LogicalResult raiseOpset(ModelFile &file, const Options &options, MLIRContext &context) {
  ::onnx::ModelProto &model = file.getModel();
  auto error = [&] { return emitError(FileLineColLoc::get(&context, file.getPath(), 0, 0)); };
  int64_t wanted = options.weights == WeightType::Int4 ? 21 : 13;
  int64_t wantedIr = options.weights == WeightType::Int4 ? 10 : 7;
  ::onnx::OperatorSetIdProto *opset = nullptr;
  for (auto &import : *model.mutable_opset_import())
    if (import.domain().empty() || import.domain() == "ai.onnx")
      opset = &import;
  if (!opset || opset->version() < wanted) {
    int64_t version = opset ? opset->version() : 1;
    for (const NodeProto &node : model.graph().node()) {
      if (!node.domain().empty() && node.domain() != "ai.onnx")
        continue;
      std::optional<int64_t> since = hasAxesAttribute(node) ? 13 : getStableSince(node);
      if (!since || version < *since)
        return error() << "node '" << getNodeName(node) << "' (" << node.op_type() << ") is of opset " << version
                       << ", but what the quantised model needs came with opset " << wanted
                       << ", where this operator may mean another thing; convert the model to opset " << wanted
                       << " first, with onnx.version_converter or where it was exported";
    }
    if (!opset)
      opset = model.add_opset_import();
    if (version < 18 && wanted >= 18)
      moveAxesToInput(*model.mutable_graph());
    opset->set_version(wanted);
  }
  model.set_ir_version(std::max<int64_t>(model.ir_version(), wantedIr));
  return success();
}

/// Names near `name` first.
static std::vector<std::string> listNear(StringRef name, ArrayRef<std::string> names) {
  std::vector<std::pair<unsigned, size_t>> ranked; // distance, then the graph's order
  for (auto [i, candidate] : llvm::enumerate(names)) {
    bool isPart = StringRef(candidate).contains_insensitive(name) || name.contains_insensitive(candidate);
    ranked.emplace_back(isPart ? 0 : name.edit_distance(candidate), i);
  }
  llvm::sort(ranked);
  constexpr size_t kNamed = 5;
  std::vector<std::string> near;
  for (size_t i = 0; i != std::min(kNamed, ranked.size()); ++i)
    near.push_back("'" + names[ranked[i].second] + "'");
  return near;
}

LogicalResult m2c::quantize::prepare(ModelFile &file, const Options &options, MLIRContext &context) {
  auto error = [&] { return emitError(FileLineColLoc::get(&context, file.getPath(), 0, 0)); };
  std::vector<std::string> names;
  for (const NodeProto &node : file.getModel().graph().node()) {
    names.push_back(getNodeName(node));
    for (StringRef quantised :
         {"QuantizeLinear", "DequantizeLinear", "QLinearConv", "QLinearMatMul", "ConvInteger", "MatMulInteger"})
      if (isOperator(node, quantised))
        return error() << "node '" << names.back() << "' (" << quantised
                       << "): the model is quantised; quantise the float model that it was made of";
  }
  SmallVector<StringRef> excluded = llvm::to_vector(options.floatNodes.keys());
  llvm::sort(excluded);
  for (StringRef name : excluded)
    if (!llvm::is_contained(names, name))
      return error() << "--exclude '" << name << "': the model has no such node; near are "
                     << llvm::join(listNear(name, names), ", ");
  return raiseOpset(file, options, context);
}
