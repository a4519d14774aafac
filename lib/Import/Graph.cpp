// Graphs, subgraphs and functions: names, order, nesting.
#include "GraphImporter.h"
#include "Sort.h"
#include "m2c/Dialect/Onnx/Names.h"
#include "m2c/Dialect/Onnx/Onnx.h"
#include "onnx-ml.pb.h"

#define GET_OP_CLASSES
#include "m2c/Dialect/Onnx/Ops/ControlFlow.h.inc"
#define GET_OP_CLASSES
#include "m2c/Dialect/Onnx/Ops/Shape.h.inc"

using namespace mlir;
using namespace m2c;
using namespace m2c::importer;

static constexpr unsigned kMaxFunctionDepth = 50;

Location GraphImporter::getNameLocation(StringRef name, const Scope &scope) {
  return NameLoc::get(builder.getStringAttr(scope.prefix + name));
}

LogicalResult GraphImporter::define(Scope &scope, StringRef name, Value value, const Twine &where) {
  if (scope.values.try_emplace(name, value).second)
    return success();
  return context.error(where) << "the name " << quote(name) << " is already taken by another value";
}

LogicalResult GraphImporter::importInitializers(const ::onnx::GraphProto &graph, Scope &scope) {
  auto add = [&](const std::string &name, FailureOr<ElementsAttr> value) -> LogicalResult {
    if (failed(value))
      return failure();
    auto op = onnx::ConstantOp::create(builder, getNameLocation(name, scope), value->getType(), *value);
    return define(scope, name, op.getOutput(), "initializer " + quote(name));
  };
  for (const auto &tensor : graph.initializer())
    if (failed(add(tensor.name(), tensors.read(tensor, "initializer " + quote(tensor.name())))))
      return failure();
  for (const auto &tensor : graph.sparse_initializer()) {
    const std::string &name = tensor.values().name();
    if (failed(add(name, tensors.read(tensor, "sparse initializer " + quote(name)))))
      return failure();
  }
  return success();
}

template <class Nodes>
static std::vector<const ::onnx::NodeProto *> listNodes(const Nodes &nodes) {
  std::vector<const ::onnx::NodeProto *> list;
  for (const auto &node : nodes)
    list.push_back(&node);
  return list;
}

LogicalResult GraphImporter::importNodes(llvm::ArrayRef<const ::onnx::NodeProto *> nodes, Scope &scope) {
  FailureOr<std::vector<const ::onnx::NodeProto *>> sorted = sortNodes(nodes, context);
  if (failed(sorted))
    return failure();
  for (const ::onnx::NodeProto *node : *sorted)
    if (failed(importNode(*node, scope)))
      return failure();
  return success();
}

LogicalResult GraphImporter::importGraph(const ::onnx::GraphProto &graph, Scope &scope,
                                         SmallVectorImpl<Value> &outputs) {
  if (failed(importInitializers(graph, scope)) || failed(importNodes(listNodes(graph.node()), scope)))
    return failure();
  for (const auto &output : graph.output()) {
    Value value = scope.find(output.name()).value_or(Value());
    if (!value)
      return context.error("output " + quote(output.name())) << "no node, input or initializer makes it";
    outputs.push_back(value);
  }
  return success();
}

FailureOr<std::unique_ptr<Region>> GraphImporter::importSubgraph(const ::onnx::GraphProto &graph, Scope &scope,
                                                                 const Twine &where) {
  Scope inner;
  inner.parent = &scope;
  inner.opsets = scope.opsets;
  inner.attributes = scope.attributes;
  inner.prefix = scope.prefix;
  inner.functionDepth = scope.functionDepth;

  OpBuilder::InsertionGuard guard(builder);
  auto region = std::make_unique<Region>();
  Block *block = &region->emplaceBlock();
  builder.setInsertionPointToStart(block);
  for (const auto &input : graph.input()) {
    Type type = onnx::getUnknownType(&context.mlirContext);
    if (input.type().has_sequence_type())
      type = onnx::SequenceType::get(&context.mlirContext, type);
    Value argument = block->addArgument(type, getNameLocation(input.name(), scope));
    if (failed(define(inner, input.name(), argument, where)))
      return failure();
  }
  SmallVector<Value> outputs;
  if (failed(importGraph(graph, inner, outputs)))
    return failure();
  onnx::YieldOp::create(builder, getNameLocation(graph.name(), scope), outputs);
  return region;
}

LogicalResult GraphImporter::inlineFunction(const ::onnx::FunctionProto &function, const ::onnx::NodeProto &node,
                                            Scope &scope, ArrayRef<Value> operands) {
  std::string where = describe(node);
  if (scope.functionDepth == kMaxFunctionDepth)
    return context.error(where) << "the model's functions call each other without end";
  if (operands.size() > static_cast<size_t>(function.input_size()) || node.output_size() > function.output_size())
    return context.error(where) << "it has " << operands.size() << " inputs and " << node.output_size()
                                << " outputs, but the function has " << function.input_size() << " and "
                                << function.output_size();

  llvm::StringMap<const ::onnx::AttributeProto *> attributes;
  for (const auto &attribute : function.attribute_proto()) // with default values
    attributes[attribute.name()] = &attribute;
  for (const std::string &name : function.attribute())
    attributes.try_emplace(name, nullptr);
  for (const auto &attribute : node.attribute()) {
    auto parameter = attributes.find(attribute.name());
    if (parameter == attributes.end())
      return context.error(where) << "the function has no attribute " << quote(attribute.name());
    if (const ::onnx::AttributeProto *value = resolve(attribute, scope))
      parameter->second = value;
  }

  Scope inner;
  inner.opsets = &functionOpsets[function.domain() + ":" + function.name() + ":" + function.overload()];
  inner.attributes = &attributes;
  inner.functionDepth = scope.functionDepth + 1;
  inner.prefix = scope.prefix + (node.name().empty() ? node.op_type() : node.name()) + "/";
  for (auto [i, name] : llvm::enumerate(function.input())) {
    Value operand = i < operands.size() ? operands[i] : Value(); // null stays absent
    if (failed(define(inner, name, operand, where)))
      return failure();
  }
  if (failed(importNodes(listNodes(function.node()), inner)))
    return failure();
  SmallVector<Value> results;
  for (const std::string &name : function.output()) {
    results.push_back(inner.find(name).value_or(Value()));
    if (!results.back())
      return context.error(where) << "no node of the function makes its output " << quote(name);
  }
  return defineOutputs(node, scope, results);
}
