#include "Graph.h"

using namespace m2c::quantize;
using llvm::StringRef;
using ::onnx::AttributeProto;
using ::onnx::GraphProto;
using ::onnx::NodeProto;

std::string m2c::quantize::getNodeName(const NodeProto &node) {
  if (!node.name().empty() || node.output_size() == 0)
    return node.name();
  return node.output(0);
}

bool m2c::quantize::isOperator(const NodeProto &node, StringRef type) {
  return node.op_type() == type && (node.domain().empty() || node.domain() == "ai.onnx");
}

const AttributeProto *m2c::quantize::findAttribute(const NodeProto &node, StringRef name) {
  for (const AttributeProto &attribute : node.attribute())
    if (attribute.name() == name)
      return &attribute;
  return nullptr;
}

int64_t m2c::quantize::getInteger(const NodeProto &node, StringRef name, int64_t otherwise) {
  const AttributeProto *attribute = findAttribute(node, name);
  return attribute ? attribute->i() : otherwise;
}

float m2c::quantize::getFloat(const NodeProto &node, StringRef name, float otherwise) {
  const AttributeProto *attribute = findAttribute(node, name);
  return attribute ? attribute->f() : otherwise;
}

StringRef m2c::quantize::getString(const NodeProto &node, StringRef name, StringRef otherwise) {
  const AttributeProto *attribute = findAttribute(node, name);
  return attribute ? StringRef(attribute->s()) : otherwise;
}

Graph::Graph(const GraphProto &graph) : graph(graph) {
  for (const auto &tensor : graph.initializer())
    initializers[tensor.name()] = &tensor;
  for (size_t i = 0; i != getNumNodes(); ++i) {
    for (const std::string &output : getNode(i).output())
      producers[output] = i;
    for (const std::string &input : getNode(i).input())
      if (auto &users = consumers[input]; users.empty() || users.back() != i)
        users.push_back(i);
    for (const AttributeProto &attribute : getNode(i).attribute()) {
      addCaptured(attribute.g());
      for (const GraphProto &inner : attribute.graphs())
        addCaptured(inner);
    }
  }
  for (const auto &output : graph.output())
    usedElsewhere.insert(output.name());
  addNames(graph);
}

/// What subgraphs use; their own values are among it, which does no harm.
void Graph::addCaptured(const GraphProto &inner) {
  for (const NodeProto &node : inner.node()) {
    for (const std::string &input : node.input())
      usedElsewhere.insert(input);
    for (const AttributeProto &attribute : node.attribute()) {
      addCaptured(attribute.g());
      for (const GraphProto &nested : attribute.graphs())
        addCaptured(nested);
    }
  }
  for (const auto &output : inner.output())
    usedElsewhere.insert(output.name());
}

void Graph::addNames(const GraphProto &part) {
  for (const auto &input : part.input())
    names.insert(input.name());
  for (const auto &tensor : part.initializer())
    names.insert(tensor.name());
  for (const auto &tensor : part.sparse_initializer())
    names.insert(tensor.values().name());
  for (const NodeProto &node : part.node()) {
    names.insert(node.name());
    for (const std::string &output : node.output())
      names.insert(output);
    for (const AttributeProto &attribute : node.attribute()) {
      addNames(attribute.g());
      for (const GraphProto &inner : attribute.graphs())
        addNames(inner);
    }
  }
}

std::optional<size_t> Graph::getProducer(StringRef value) const {
  auto found = producers.find(value);
  return found == producers.end() ? std::nullopt : std::optional(found->second);
}

llvm::ArrayRef<size_t> Graph::getConsumers(StringRef value) const {
  auto found = consumers.find(value);
  return found == consumers.end() ? llvm::ArrayRef<size_t>() : llvm::ArrayRef<size_t>(found->second);
}

const ::onnx::TensorProto *Graph::getConstant(StringRef value) const {
  if (const ::onnx::TensorProto *tensor = initializers.lookup(value))
    return tensor;
  std::optional<size_t> producer = getProducer(value);
  if (!producer || !isOperator(getNode(*producer), "Constant"))
    return nullptr;
  const AttributeProto *attribute = findAttribute(getNode(*producer), "value");
  return attribute && attribute->has_t() ? &attribute->t() : nullptr;
}

std::string Graph::unique(const llvm::Twine &hint) {
  std::string base = hint.str(), name = base;
  for (unsigned i = 2; !names.insert(name).second; ++i)
    name = base + "_" + std::to_string(i);
  return name;
}
