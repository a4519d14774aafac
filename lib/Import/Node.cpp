// One node becomes one op, by the schema of its operator.
#include "GraphImporter.h"
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Dialect/Onnx/Names.h"
#include "m2c/Dialect/Onnx/Onnx.h"
#include "onnx-ml.pb.h"

#define GET_OP_CLASSES
#include "m2c/Dialect/Onnx/Ops/Shape.h.inc"

using namespace mlir;
using namespace m2c;
using namespace m2c::importer;
using m2c::onnx::Arity;
using m2c::onnx::OpSchema;
using m2c::onnx::ValueSchema;

static constexpr uint64_t kMaxNodes = 300'000; // functions that call functions can make any number

/// The operator's name as messages write it.
static std::string formatOperator(StringRef domain, StringRef opType) {
  return StringRef(quote((domain + (domain.empty() ? "" : ".") + opType).str())).drop_front().drop_back().str();
}

Location GraphImporter::getNodeLocation(const ::onnx::NodeProto &node, const Scope &scope) {
  SmallVector<std::string> outputs;
  for (const std::string &output : node.output())
    if (!output.empty())
      outputs.push_back(scope.prefix + output);
  SmallVector<StringRef> results(outputs.begin(), outputs.end());
  std::string name = scope.prefix + node.name();
  if (node.name().empty())
    name = results.empty() ? node.op_type() : results.front().str();
  return onnx::makeNodeLoc(&context.mlirContext, name, results);
}

LogicalResult GraphImporter::defineOutputs(const ::onnx::NodeProto &node, Scope &scope, ArrayRef<Value> results) {
  for (auto [i, name] : llvm::enumerate(node.output()))
    if (!name.empty() && failed(define(scope, name, results[i], describe(node))))
      return failure();
  return success();
}

LogicalResult GraphImporter::importNode(const ::onnx::NodeProto &proto, Scope &scope) {
  std::string where = describe(proto);
  if (++numNodes > kMaxNodes)
    return context.error(where) << "the model has more than " << kMaxNodes << " nodes";
  Location loc = getNodeLocation(proto, scope);
  Node node(builder, loc, NameLoc::get(cast<NameLoc>(loc).getName()));
  node.domain = proto.domain() == "ai.onnx" ? "" : proto.domain();
  node.opType = proto.op_type();
  node.error = [&] { return context.error(where); };
  for (const std::string &name : proto.input()) {
    std::optional<Value> operand = name.empty() ? Value() : scope.find(name);
    if (!operand)
      return node.error() << "no node, input or initializer makes its input " << quote(name);
    node.operands.push_back(*operand);
  }
  for (const std::string &name : proto.output())
    node.outputs.push_back(!name.empty());

  if (auto function = functions.find(node.domain + ":" + node.opType + ":" + proto.overload());
      function != functions.end())
    return inlineFunction(*function->second, proto, scope, node.operands);

  // Attributes; those that are graphs become regions.
  llvm::StringMap<std::unique_ptr<Region>> regions;
  for (const auto &written : proto.attribute()) {
    const ::onnx::AttributeProto *attribute = resolve(written, scope);
    if (!attribute)
      continue;
    if (node.attributes.get(written.name()) || regions.contains(written.name()))
      return node.error() << "attribute " << quote(written.name()) << " is given twice";
    if (attribute->has_g()) {
      FailureOr<std::unique_ptr<Region>> region = importSubgraph(attribute->g(), scope, where);
      if (failed(region))
        return failure();
      regions[written.name()] = std::move(*region);
      continue;
    }
    FailureOr<Attribute> value = convert(*attribute, where);
    if (failed(value))
      return failure();
    node.attributes.set(written.name(), *value);
  }

  auto giveUp = [&](const Twine &what) {
    context.addUnsupported(what, where);
    SmallVector<Type> types(proto.output_size(), onnx::getUnknownType(&context.mlirContext));
    SmallVector<Value> results = llvm::to_vector_of<Value>(
        UnrealizedConversionCastOp::create(builder, node.loc, types, ValueRange()).getResults());
    return defineOutputs(proto, scope, results);
  };
  if (node.domain == "ai.onnx.preview.training" && node.opType == "Gradient" && failed(resolveGradient(node, scope)))
    return failure();
  std::string customName = (node.domain.empty() ? "ai.onnx" : node.domain) + "::" + node.opType;
  auto custom = context.options.customOps.find(customName);
  bool isCustom = custom != context.options.customOps.end();
  if (isCustom) {
    if (!regions.empty())
      return node.error() << "attribute " << quote(regions.begin()->getKey())
                          << " is a graph, which a custom operator cannot take";
    if (failed(makeCustom(node, custom->second)))
      return failure();
  } else {
    auto opset = scope.opsets->find(node.domain);
    if (opset == scope.opsets->end())
      return giveUp("domain " + (node.domain.empty() ? "ai.onnx" : node.domain) +
                    ", for which the model names no opset");
    node.opset = opset->second;
    if (failed(upgrade(node)))
      return failure();
  }
  const OpSchema *schema = onnx::findSchema(&context.mlirContext, node.domain, node.opType);
  if (!schema)
    return giveUp("operator " + formatOperator(node.domain, node.opType) + " (a function of yours computes it with " +
                  "--custom-op " + StringRef(quote(customName)).drop_front().drop_back() + "=HEADER:FUNCTION)");
  if (schema->opType == "Constant" && schema->domain.empty())
    return importConstant(proto, node, scope);

  for (const auto &written : node.attributes)
    if (!schema->findAttribute(written.getName()))
      context.addUnsupported(
          "attribute " + quote(written.getName()) + " of " + formatOperator(node.domain, node.opType), where);
  Operation *op = createOp(node, *schema, regions);
  if (!op)
    return failure();

  // The results that the file names, in its order.
  SmallVector<Value> results;
  unsigned next = 0;
  for (auto [i, value] : llvm::enumerate(schema->results)) {
    if (value.arity == Arity::Variadic)
      llvm::append_range(results, op->getResults().drop_front(next));
    else if (value.arity == Arity::Required || (i < node.outputs.size() && node.outputs[i]))
      results.push_back(op->getResult(next++));
    else
      results.push_back({});
  }
  if (node.finish)
    results.front() = node.finish(results.front());
  return defineOutputs(proto, scope, results);
}

LogicalResult GraphImporter::importConstant(const ::onnx::NodeProto &proto, Node &node, Scope &scope) {
  if (node.attributes.getAttrs().size() != 1 || proto.output_size() != 1 || !node.operands.empty())
    return node.error() << "a constant has one value and one output";
  NamedAttribute written = node.attributes.getAttrs().front();
  auto scalarOrList = [&](Type element, std::optional<int64_t> size) {
    return RankedTensorType::get(size ? SmallVector<int64_t>{*size} : SmallVector<int64_t>(), element);
  };
  StringRef name = written.getName();
  ElementsAttr value;
  if (name == "value" || name == "sparse_value")
    value = dyn_cast<ElementsAttr>(written.getValue());
  else if (auto number = dyn_cast<IntegerAttr>(written.getValue()); number && name == "value_int")
    value = onnx::createConstant<int64_t>(scalarOrList(builder.getI64Type(), {}), number.getInt());
  else if (auto list = dyn_cast<DenseI64ArrayAttr>(written.getValue()); list && name == "value_ints")
    value = onnx::createConstant<int64_t>(scalarOrList(builder.getI64Type(), list.size()), list.asArrayRef());
  else if (auto number = dyn_cast<FloatAttr>(written.getValue()); number && name == "value_float")
    value = onnx::createConstant<float>(scalarOrList(builder.getF32Type(), {}), number.getValue().convertToFloat());
  else if (auto list = dyn_cast<DenseF32ArrayAttr>(written.getValue()); list && name == "value_floats")
    value = onnx::createConstant<float>(scalarOrList(builder.getF32Type(), list.size()), list.asArrayRef());
  else if (auto text = dyn_cast<StringAttr>(written.getValue()); text && name == "value_string")
    value =
        DenseStringElementsAttr::get(scalarOrList(onnx::StringType::get(&context.mlirContext), {}), text.getValue());
  else if (auto list = dyn_cast<ArrayAttr>(written.getValue()); list && name == "value_strings")
    value = DenseStringElementsAttr::get(
        scalarOrList(onnx::StringType::get(&context.mlirContext), list.size()),
        llvm::map_to_vector(list, [](Attribute text) { return cast<StringAttr>(text).getValue(); }));
  if (!value)
    return node.error() << "attribute " << quote(name) << " is no value of a constant";
  auto op = onnx::ConstantOp::create(builder, node.loc, value.getShapedType(), value);
  return defineOutputs(proto, scope, op->getResult(0));
}

//===- By the schema -===//

/// Sequences and optionals pass through: Identity, what a Loop carries, the results of branches.
static void passListTypes(StringRef opType, OperationState &state) {
  ValueRange values;
  if (opType == "Identity")
    values = state.operands;
  else if (opType == "If" && !state.regions.front()->empty())
    values = state.regions.front()->front().getTerminator()->getOperands();
  else if (opType == "Loop" && !state.regions.front()->empty()) // all but M and cond
    values = ValueRange(state.operands).take_back(std::max(state.regions.front()->getNumArguments(), 2u) - 2);
  for (auto [type, value] : llvm::zip(state.types, values))
    if (!isa<TensorType>(value.getType()))
      type = value.getType();
}

Operation *GraphImporter::createOp(Node &node, const OpSchema &schema,
                                   llvm::StringMap<std::unique_ptr<Region>> &regions) {
  OperationState state(node.loc, onnx::getOperationName(node.domain, node.opType));
  if (failed(addOperands(node, schema, state)) || failed(addAttributes(node, schema, state)) ||
      failed(addResults(node, schema, state)))
    return nullptr;
  for (StringRef name : schema.regions) {
    auto region = regions.find(name);
    bool isOptional = schema.opType == "FlexAttention";
    if (region == regions.end() && !isOptional)
      return (node.error() << "subgraph " << quote(name) << " is missing"), nullptr;
    state.addRegion(region == regions.end() ? std::make_unique<Region>() : std::move(region->second));
    regions.erase(name);
  }
  for (const auto &region : regions)
    context.addUnsupported("subgraph " + quote(region.getKey()) + " of " + node.opType, "");
  passListTypes(node.opType, state);
  return builder.create(state);
}

LogicalResult GraphImporter::addOperands(Node &node, const OpSchema &schema, OperationState &state) {
  while (!node.operands.empty() && !node.operands.back())
    node.operands.pop_back();
  SmallVector<int32_t> segments;
  size_t next = 0;
  for (const ValueSchema &value : schema.operands) {
    size_t size =
        value.arity != Arity::Variadic ? std::min<size_t>(1, node.operands.size() - next) : node.operands.size() - next;
    size_t present = 0;
    for (Value operand : ArrayRef(node.operands).slice(next, size)) {
      if (!operand && value.arity != Arity::Optional)
        return node.error() << "its input " << quote(value.name) << " may not be left out";
      if (operand)
        state.addOperands(operand), ++present;
    }
    if (present < value.minCount)
      return node.error() << "its input " << quote(value.name) << " is missing";
    segments.push_back(present);
    next += size;
  }
  if (next != node.operands.size())
    return node.error() << "it has " << node.operands.size() << " inputs, but " << node.opType << " takes at most "
                        << schema.operands.size();
  if (onnx::hasSegments(schema.operands))
    state.addAttribute("operandSegmentSizes", builder.getDenseI32ArrayAttr(segments));
  return success();
}

LogicalResult GraphImporter::addResults(Node &node, const OpSchema &schema, OperationState &state) {
  Type unknown = onnx::getUnknownType(&context.mlirContext);
  SmallVector<int32_t> segments;
  bool hasVariadic = !schema.results.empty() && schema.results.back().arity == Arity::Variadic;
  if (!hasVariadic && node.outputs.size() > schema.results.size())
    return node.error() << "it has " << node.outputs.size() << " outputs, but " << node.opType << " makes at most "
                        << schema.results.size();
  for (auto [i, value] : llvm::enumerate(schema.results)) {
    size_t count = 1;
    if (value.arity == Arity::Variadic)
      count = node.outputs.size() - std::min(i, node.outputs.size());
    else if (value.arity == Arity::Optional)
      count = i < node.outputs.size() && node.outputs[i];
    if (count < value.minCount)
      return node.error() << "its output " << quote(value.name) << " is missing";
    bool isSequence = value.kind == onnx::ValueKind::Sequence;
    state.types.append(count, isSequence ? onnx::SequenceType::get(&context.mlirContext, unknown) : unknown);
    segments.push_back(count);
  }
  if (onnx::hasSegments(schema.results))
    state.addAttribute("resultSegmentSizes", builder.getDenseI32ArrayAttr(segments));
  return success();
}

LogicalResult GraphImporter::addAttributes(Node &node, const OpSchema &schema, OperationState &state) {
  for (const onnx::AttrSchema &declared : schema.attributes) {
    Attribute value = node.attributes.get(declared.name);
    if (!value && declared.required)
      return node.error() << "attribute " << quote(declared.name) << " is missing";
    if (value && !isKind(value, declared.kind))
      return node.error() << "attribute " << quote(declared.name) << " is not " << getKindName(declared.kind);
    if (value)
      state.addAttribute(declared.name, value);
  }
  return success();
}
