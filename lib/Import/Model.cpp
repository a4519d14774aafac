// The model around the graph: opsets, functions, inputs with pinned dimensions, metadata.
#include "GraphImporter.h"
#include "Types.h"
#include "m2c/Dialect/Onnx/Onnx.h"
#include "m2c/IR/Symbols.h"
#include "onnx-ml.pb.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::importer;

GraphImporter::GraphImporter(Context &context, const ::onnx::ModelProto &model)
    : context(context), model(model), builder(&context.mlirContext), tensors(context) {}

FailureOr<OwningOpRef<ModuleOp>> GraphImporter::run() {
  OwningOpRef<ModuleOp> module = ModuleOp::create(FileLineColLoc::get(&context.mlirContext, context.path, 0, 0));
  readOpsets();
  if (failed(checkPins()) || failed(importMain(*module)) || failed(context.reportUnsupported()))
    return failure();
  setModelAttributes(*module);
  return module;
}

template <class Imports>
static Opsets collectOpsets(const Imports &imports) {
  Opsets opsets;
  for (const auto &import : imports)
    opsets[import.domain() == "ai.onnx" ? "" : import.domain()] = import.version();
  return opsets;
}

void GraphImporter::readOpsets() {
  opsets = collectOpsets(model.opset_import());
  if (opsets.empty()) // before IR version 3
    opsets[""] = 1;
  for (const auto &function : model.functions()) {
    StringRef domain = function.domain() == "ai.onnx" ? "" : StringRef(function.domain());
    std::string key = (domain + ":" + function.name() + ":" + function.overload()).str();
    functions[key] = &function;
    functionOpsets[key] = function.opset_import_size() == 0 ? opsets : collectOpsets(function.opset_import());
  }
  auto check = [&](const Opsets &used) {
    static const std::pair<StringRef, int64_t> kNewest[] = {{"", kNewestOpset},
                                                            {"ai.onnx.ml", kNewestMlOpset},
                                                            {"ai.onnx.preview", kNewestPreviewOpset},
                                                            {"ai.onnx.preview.training", kNewestPreviewOpset}};
    for (auto [domain, newest] : kNewest)
      if (int64_t version = used.lookup(domain); used.contains(domain) && (version < 1 || version > newest))
        context.addUnsupported("opset " + Twine(version) + " of domain " + (domain.empty() ? "ai.onnx" : domain) +
                                   ", of which m2c knows 1 to " + Twine(newest),
                               "the model");
  };
  check(opsets);
  for (const auto &function : functionOpsets)
    check(function.second);
}

//===- Inputs -===//

/// Every symbolic dimension of the inputs, and the inputs' names.
LogicalResult GraphImporter::checkPins() {
  llvm::SetVector<StringRef> inputs, symbols;
  for (const auto &input : model.graph().input()) {
    inputs.insert(input.name());
    for (const auto &dim : input.type().tensor_type().shape().dim())
      if (dim.has_dim_param() && !dim.dim_param().empty())
        symbols.insert(dim.dim_param());
  }
  auto list = [](ArrayRef<StringRef> names) { return names.empty() ? "none" : llvm::join(names, ", "); };
  llvm::SetVector<StringRef> outputs;
  for (const auto &output : model.graph().output())
    outputs.insert(output.name());
  for (StringRef state : context.options.states) {
    // Names may have colons too: whatever split has an output and an input counts.
    bool isFound = false;
    for (size_t colon = state.find(':'); colon != StringRef::npos && !isFound; colon = state.find(':', colon + 1)) {
      StringRef output = state.take_front(colon), input = state.drop_front(colon + 1);
      isFound = outputs.contains(output) && inputs.contains(input);
      if (isFound && !states.try_emplace(input, output).second)
        return context.error("--state " + state)
               << "the input '" << input << "' already is the state of the output '" << states[input] << "'";
    }
    if (!isFound)
      return context.error("--state " + state)
             << "expected OUTPUT:INPUT with an output of the model, which has " << list(outputs.getArrayRef())
             << ", and an input, of which it has " << list(inputs.getArrayRef());
  }
  for (const auto &[name, shape] : context.options.shapes)
    if (!inputs.contains(name))
      return context.error("--shape " + name) << "the model has no such input; it has: " << list(inputs.getArrayRef());
  for (const auto &[name, value] : context.options.bounds)
    if (!symbols.contains(name))
      return context.error("--dim " + name)
             << "the inputs have no such dimension; they have: " << list(symbols.getArrayRef());
  for (const auto &[name, value] : context.options.dims) {
    if (!symbols.contains(name))
      return context.error("--dim " + name)
             << "the inputs have no such dimension; they have: " << list(symbols.getArrayRef());
    if (value < 0)
      return context.error("--dim " + name) << value << " is negative";
  }
  return success();
}

LogicalResult GraphImporter::pinShape(const ::onnx::ValueInfoProto &input, SmallVectorImpl<int64_t> &shape,
                                      bool hasShape) {
  std::string where = "input " + quote(input.name());
  if (auto pinned = context.options.shapes.find(input.name()); pinned != context.options.shapes.end()) {
    ArrayRef<int64_t> wanted = pinned->second;
    if (hasShape && wanted.size() != shape.size())
      return context.error(where) << "--shape gives it rank " << wanted.size() << ", but it has rank " << shape.size();
    for (size_t i = 0; hasShape && i != shape.size(); ++i)
      if (!ShapedType::isDynamic(shape[i]) && shape[i] != wanted[i])
        return context.error(where) << "--shape gives dimension " << i << " the size " << wanted[i]
                                    << ", but the model fixes it at " << shape[i];
    shape.assign(wanted.begin(), wanted.end());
  }
  return success();
}

/// The type of an input; dimensions without a number are symbols of `function`.
FailureOr<Type> GraphImporter::getInputType(func::FuncOp function, const ::onnx::ValueInfoProto &input) {
  std::string where = "input " + quote(input.name());
  FailureOr<Type> type = convert(input.type(), where);
  auto tensor = succeeded(type) ? dyn_cast<TensorType>(*type) : TensorType();
  if (!tensor)
    return type;
  SmallVector<int64_t> shape;
  SmallVector<StringRef> symbols;
  for (const auto &dim : input.type().tensor_type().shape().dim()) {
    auto pinned = context.options.dims.find(dim.dim_param());
    bool isPinned = dim.has_dim_param() && pinned != context.options.dims.end();
    shape.push_back(isPinned ? pinned->second : dim.has_dim_value() ? dim.dim_value() : ShapedType::kDynamic);
    symbols.push_back(isPinned ? StringRef() : StringRef(dim.dim_param()));
  }
  if (failed(pinShape(input, shape, tensor.hasRank())))
    return failure();
  symbols.resize(shape.size());
  auto known =
      llvm::to_vector(llvm::make_filter_range(shape, [](int64_t size) { return !ShapedType::isDynamic(size); }));
  if (!countElements(known))
    return context.error(where) << "its shape " << formatShape(known) << " is not possible";
  if (!tensor.hasRank() && !context.options.shapes.contains(input.name()))
    return type;
  Dims dims;
  for (auto [i, size] : llvm::enumerate(shape)) {
    if (!ShapedType::isDynamic(size)) {
      dims.push_back(size);
      continue;
    }
    StringRef name = symbols[i] == "?" ? StringRef() : symbols[i]; // some exporters' way to say nothing
    auto bound = context.options.bounds.find(name.str());
    dims.push_back(getSymbol(function, name, (input.name() + "_dim" + Twine(i)).str(),
                             bound == context.options.bounds.end() ? -1 : bound->second));
  }
  return Type(getTensorType(dims, tensor.getElementType()));
}

LogicalResult GraphImporter::importMain(ModuleOp module) {
  const ::onnx::GraphProto &graph = model.graph();
  builder.setInsertionPointToEnd(module.getBody());
  auto function = func::FuncOp::create(builder, module.getLoc(), "main_graph", builder.getFunctionType({}, {}));
  Block *block = function.addEntryBlock();
  builder.setInsertionPointToStart(block);

  Scope scope;
  scope.opsets = &opsets;
  // An initializer that is also an input is the input's default value: a constant for us.
  llvm::StringSet<> constants;
  for (const auto &tensor : graph.initializer())
    constants.insert(tensor.name());
  for (const auto &tensor : graph.sparse_initializer())
    constants.insert(tensor.values().name());
  SmallVector<Attribute> arguments, results;
  for (const auto &input : graph.input()) {
    if (constants.contains(input.name())) {
      if (context.options.shapes.contains(input.name()))
        return context.error("input " + quote(input.name())) << "it has a constant value, so --shape cannot change it";
      if (states.contains(input.name()))
        return context.error("input " + quote(input.name())) << "it has a constant value, so it cannot be a --state";
      continue;
    }
    FailureOr<Type> type = getInputType(function, input);
    if (failed(type) ||
        failed(define(scope, input.name(), block->addArgument(*type, getNameLocation(input.name(), scope)),
                      "input " + quote(input.name()))))
      return failure();
    NamedAttrList attributes;
    attributes.set("onnx.name", builder.getStringAttr(input.name()));
    if (auto state = states.find(input.name()); state != states.end())
      attributes.set("m2c.state", builder.getStringAttr(state->second));
    arguments.push_back(attributes.getDictionary(&context.mlirContext));
  }
  SmallVector<Value> outputs;
  if (failed(importGraph(graph, scope, outputs)))
    return failure();
  if (outputs.empty())
    return context.error("graph " + quote(graph.name())) << "it has no outputs, so there is nothing to compute";
  for (const auto &output : graph.output())
    results.push_back(
        builder.getDictionaryAttr(builder.getNamedAttr("onnx.name", builder.getStringAttr(output.name()))));
  func::ReturnOp::create(builder, module.getLoc(), outputs);
  function.setFunctionType(builder.getFunctionType(block->getArgumentTypes(), ValueRange(outputs).getTypes()));
  function.setAllArgAttrs(arguments);
  function.setAllResultAttrs(results);
  return success();
}

void GraphImporter::setModelAttributes(ModuleOp module) {
  auto set = [&](StringRef name, Attribute value) { module->setAttr(("onnx." + name).str(), value); };
  auto setText = [&](StringRef name, StringRef text) {
    if (!text.empty())
      set(name, builder.getStringAttr(text));
  };
  NamedAttrList versions, metadata;
  for (const auto &opset : opsets)
    versions.set(opset.getKey().empty() ? "ai.onnx" : opset.getKey(), builder.getI64IntegerAttr(opset.second));
  for (const auto &entry : model.metadata_props())
    if (!entry.key().empty())
      metadata.set(entry.key(), builder.getStringAttr(entry.value()));
  set("opsets", versions.getDictionary(&context.mlirContext));
  set("ir_version", builder.getI64IntegerAttr(model.ir_version()));
  if (!metadata.empty())
    set("metadata", metadata.getDictionary(&context.mlirContext));
  setText("producer", model.producer_name() + (model.producer_version().empty() ? "" : " " + model.producer_version()));
  setText("graph_name", model.graph().name());
  setText("sha256", context.file->sha256());
  SmallVector<StringRef> external(context.externalFiles.begin(), context.externalFiles.end());
  if (!external.empty())
    set("external_files", builder.getStrArrayAttr(external));
}
