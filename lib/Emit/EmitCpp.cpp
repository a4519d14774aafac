// From the last form of the IR to C++ text: which buffers there are, the kernels, and the calls.
#include "m2c/Emit/EmitCpp.h"
#include "Model.h"
#include "m2c/Dialect/Kernel/Parts.h"
#include "m2c/Dialect/Kernel/Sizes.h"
#include "m2c/Emit/Access.h"
#include "m2c/Support/Files.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::emit;

std::string m2c::emit::describeTensor(Type type, ArrayRef<Dim> shape, ArrayRef<std::string> symbols) {
  std::string text = type.isF32() ? "float32" : type.isF64() ? "float64" : type.isInteger(1) ? "bool" : "";
  if (text.empty())
    text = getNarrowFormat(type);
  if (text.empty() && isa<IntegerType>(type))
    text = (type.isUnsignedInteger() ? "uint" : "int") + std::to_string(type.getIntOrFloatBitWidth());
  else if (text.empty())
    text = "int64";
  text += "[";
  for (auto [i, extent] : llvm::enumerate(shape))
    text += (i ? "," : "") + extent.str(symbols);
  return text + "]";
}

std::string TensorArgument::describe(ArrayRef<std::string> symbols) const {
  return describeTensor(elementType, shape, symbols);
}

std::vector<TensorArgument> m2c::emit::getCallerTensors(const ModelParts &model) {
  std::vector<TensorArgument> tensors;
  llvm::copy_if(model.arguments, std::back_inserter(tensors), [](const TensorArgument &t) { return !t.isState; });
  return tensors;
}

std::vector<SizeArgument> m2c::emit::getCallerSizes(const ModelParts &model) {
  std::vector<SizeArgument> sizes;
  llvm::copy_if(model.sizes, std::back_inserter(sizes), [](const SizeArgument &size) { return !size.isHeld(); });
  return sizes;
}

std::string m2c::emit::sizeParameters(ArrayRef<SizeArgument> sizes, StringRef type) {
  std::string text;
  for (const SizeArgument &size : sizes)
    text += (text.empty() ? "" : ", ") + type.str() + " " + size.name;
  return text;
}

int64_t m2c::emit::getMostArenaBytes(const ModelParts &model) {
  SmallVector<int64_t> bounds = llvm::map_to_vector(model.sizes, [](const SizeArgument &size) { return size.bound; });
  bool isBounded = llvm::none_of(bounds, [](int64_t bound) { return bound < 0; });
  if (!model.parts.empty() && !isBounded)
    return -1;
  int64_t total = llvm::alignTo(model.arenaBytes, weightsAlignment);
  if (model.parts.empty())
    return model.arenaBytes;
  for (const ArenaPart &part : model.parts) {
    int64_t largest = 0;
    for (const Dim &bytes : part.bytes)
      largest = std::max(largest, bytes.evaluate(bounds));
    total += llvm::alignTo(largest, weightsAlignment);
  }
  return total;
}

int64_t m2c::emit::getScratchBytes(const ModelParts &model) {
  int64_t most = 0;
  for (const Dim &bytes : model.scratch)
    most = std::max(most, bytes.asNumber().value_or(0));
  return most;
}

std::string m2c::emit::sizeNames(ArrayRef<SizeArgument> sizes) {
  return llvm::join(llvm::map_range(sizes, [](const SizeArgument &size) { return size.name; }), ", ");
}

namespace {

/// Collects the parts of one model.
class ModelPrinter {
public:
  ModelPrinter(ModuleOp module, func::FuncOp function, const EmitOptions &options, const Language &language)
      : module(module), function(function), options(options), language(language), symbols(module) {}

  FailureOr<ModelParts> print() {
    model.file.language = &language;
    model.name = legalizeName(options.name.empty() ? function.getName() : StringRef(options.name));
    collectSymbols();
    if (failed(collectArguments()) || failed(collectWeights()) || failed(printKernels()) || failed(printCalls()))
      return failure();
    model.structs = model.file.structText;
    return std::move(model);
  }

private:
  /// Whether anything writes `buffer`, itself or through a view.
  bool isWritten(Value buffer) {
    if (auto known = writtenCache.find(buffer); known != writtenCache.end())
      return known->second;
    bool written = false;
    for (OpOperand &use : buffer.getUses()) {
      Operation *user = use.getOwner();
      if (auto call = dyn_cast<func::CallOp>(user))
        written |= isWritten(symbols.lookup<func::FuncOp>(call.getCallee()).getArgument(use.getOperandNumber()));
      else if (isa<ViewLikeOpInterface>(user))
        written |= isWritten(user->getResult(0));
      else
        written |= writesBuffer(use);
    }
    return writtenCache[buffer] = written;
  }

  /// A name for a tensor that goes with all that is called after it in the class and in the C functions.
  std::string nameTensor(StringRef hint) {
    while (true) {
      std::string name = model.file.names.unique(hint);
      std::string derived[] = {name,
                               name + "_size",
                               name + "_shape",
                               name + "_shape_",
                               name + "_count",
                               name + "_capacity",
                               StringRef(name).upper() + "_SIZE",
                               StringRef(name).upper() + "_CAPACITY"};
      if (llvm::any_of(derived, [&](StringRef taken) { return interfaceNames.contains(taken); }))
        continue; // the next number
      interfaceNames.insert_range(derived);
      return name;
    }
  }

  /// The sizes that the caller states, and those that are computed from them.
  void collectSymbols() {
    (void)model.file.names.unique(model.name);
    for (const char *own : {"tensor", "at", "check", "run_kernels", "dynamic_size", "threads", "part", "alone"})
      (void)model.file.names.unique(own);
    if (!language.contextName.empty())
      (void)model.file.names.unique(language.contextName);
    auto parts = function->getAttrOfType<ArrayAttr>("m2c.arena_parts");
    std::vector<std::string> names = getSymbolNames(function);
    SmallVector<int64_t> bounds = getSymbolBounds(function);
    size_t firstPart = names.size() - (parts ? parts.size() : 0);
    std::vector<FoundSize> found = getFoundSizes(function);
    if (!found.empty())
      for (const char *own : {"grown", "grown_bytes"})
        (void)model.file.names.unique(own);
    for (auto [i, name] : llvm::enumerate(names)) {
      model.file.symbols.push_back(nameTensor(name));
      if (auto size = llvm::find_if(found, [&](const FoundSize &f) { return f.symbol == i; }); size != found.end())
        model.found.push_back({size->symbol, model.file.symbols.back(), size->bound, size->node});
      else if (i < firstPart)
        model.sizes.push_back({model.file.symbols.back(), name, bounds[i]});
      else
        model.parts.push_back({model.file.symbols.back(),
                               llvm::map_to_vector(cast<AffineMapAttr>(parts[i - firstPart]).getValue().getResults(),
                                                   [](AffineExpr expr) { return Dim(expr); })});
    }
    for (const HeldSymbol &held : getHeldSymbols(function))
      model.sizes[held.symbol].next = held.next;
    model.checks = getSizeChecks(function);
  }

  LogicalResult collectArguments() {
    for (BlockArgument argument : function.getArguments()) {
      unsigned i = argument.getArgNumber();
      auto type = cast<MemRefType>(argument.getType());
      if (function.getArgAttr(i, "m2c.arena")) {
        model.arenaBytes = type.getNumElements();
        arena = argument;
        continue;
      }
      if (getMemoryType(type.getElementType()).empty())
        return function.emitError("the C++ printer cannot have an argument of type ") << type;
      TensorArgument tensor;
      auto name = function.getArgAttrOfType<StringAttr>(i, "onnx.name");
      tensor.isOutput = function.getArgAttr(i, "m2c.output") || (!name && isWritten(argument));
      tensor.onnxName = name ? name.str() : (tensor.isOutput ? "output" : "input") + std::to_string(i);
      tensor.name = nameTensor(tensor.onnxName);
      tensor.elementType = type.getElementType();
      tensor.element = getMemoryType(type.getElementType());
      // The model's type, where the kernels see another of the same size: uint8 as int8, int4 as int8.
      if (auto declared = function.getArgAttrOfType<TypeAttr>(i, "m2c.element")) {
        tensor.elementType = declared.getValue();
        bool isUnsigned = tensor.elementType.isUnsignedInteger();
        unsigned width = std::max(8u, tensor.elementType.getIntOrFloatBitWidth());
        tensor.element = getMemoryType(
            IntegerType::get(function.getContext(), width, isUnsigned ? IntegerType::Unsigned : IntegerType::Signless));
      }
      tensor.shape = getBufferDims(argument);
      auto isFound = [&](unsigned symbol) { return model.isFound(symbol); };
      if (llvm::any_of(tensor.shape, [&](const Dim &dim) { return dim.dependsOn(isFound); }))
        tensor.room = getLargest(function, tensor.size());
      model.arguments.push_back(std::move(tensor));
    }
    collectStates();
    return success();
  }

  /// Inputs that are outputs of the run before, each with its place in the instance's memory.
  void collectStates() {
    SmallVector<int64_t> bounds = llvm::map_to_vector(model.sizes, [](const SizeArgument &size) { return size.bound; });
    for (unsigned i = 0; i < function.getNumArguments(); ++i) {
      auto name = function.getArgAttrOfType<StringAttr>(i, "m2c.state");
      if (!name)
        continue;
      size_t output = 0;
      while (!model.arguments[output].isOutput || model.arguments[output].onnxName != name.getValue())
        ++output;
      StateBlock state{position(i), output, 0, bool(function.getArgAttr(i, "m2c.in_place")), false};
      TensorArgument &before = model.arguments[state.input], &after = model.arguments[output];
      before.isState = after.isState = true;
      state.isHeld = !before.size().isNumber();
      int64_t bits = before.elementType.getIntOrFloatBitWidth();
      state.bytes = llvm::alignTo(after.size().evaluate(bounds) * ((bits + 7) / 8), weightsAlignment);
      state.offset = model.stateBytes;
      model.stateBytes += state.bytes * (state.isShared ? 1 : 2);
      model.states.push_back(state);
    }
  }

  LogicalResult collectWeights() {
    int64_t end = 0;
    WalkResult result = function.walk([&](memref::GetGlobalOp get) {
      if (weightOf.count(get.getName()))
        return WalkResult::advance();
      auto global = symbols.lookup<memref::GlobalOp>(get.getName());
      FailureOr<StringRef> bytes = global ? getConstantBytes(global, model.ownBytes) : FailureOr<StringRef>(failure());
      if (failed(bytes))
        return WalkResult::interrupt();
      MemRefType type = global.getType();
      WeightBlock block;
      block.name = model.file.names.unique(nameWeight(global, get));
      block.elementType = type.getElementType();
      block.element = getMemoryType(block.elementType);
      block.shape.assign(type.getShape().begin(), type.getShape().end());
      block.note = describePacking(get);
      block.bytes = *bytes;
      block.offset = end;
      end = llvm::alignTo(end + block.bytes.size(), weightsAlignment);
      weightOf[get.getName()] = model.weights.size();
      model.weights.push_back(std::move(block));
      return WalkResult::advance();
    });
    model.weightBytes = end;
    model.weightsAreArrays = language.hasArrays && (options.weights == WeightsMode::Inline || end <= inlineWeightBytes);
    if (!model.weightsAreArrays && !result.wasInterrupted())
      model.weightsMark = getWeightsMark(model.weights);
    return failure(result.wasInterrupted());
  }

  /// In which order a kernel's constant lies; "" for plain rows.
  std::string describePacking(Value value) {
    for (OpOperand &use : value.getUses()) {
      Operation *user = use.getOwner();
      std::string found;
      if (isa<ViewLikeOpInterface>(user))
        found = describePacking(user->getResult(0));
      else if (auto call = dyn_cast<func::CallOp>(user))
        found = describePacking(symbols.lookup<func::FuncOp>(call.getCallee()).getArgument(use.getOperandNumber()));
      else if (auto panel = user->getAttrOfType<IntegerAttr>("panel");
               panel && use.getOperandNumber() == 1 && isa<kernel::KernelOpInterface>(user))
        found = "in panels of " + std::to_string(panel.getInt());
      if (!found.empty())
        return found;
    }
    return "";
  }

  /// A weight is called what the model calls it, else after the kernel that reads it.
  std::string nameWeight(memref::GlobalOp global, memref::GetGlobalOp get) {
    if (std::string name = getBufferName(global.getLoc()); !name.empty())
      return name;
    if (!global.getSymName().starts_with("__constant"))
      return legalizeName(global.getSymName());
    Value value = get.getResult();
    while (value.hasOneUse() && isa<ViewLikeOpInterface>(*value.getUsers().begin()))
      value = value.getUsers().begin()->getResult(0);
    for (OpOperand &use : value.getUses())
      if (auto call = dyn_cast<func::CallOp>(use.getOwner())) {
        auto callee = symbols.lookup<func::FuncOp>(call.getCallee());
        auto role = callee.getArgAttrOfType<StringAttr>(use.getOperandNumber(), "m2c.name");
        return call.getCallee().str() + "_" + (role ? role.str() : "w");
      }
    return "constant";
  }

  Buffer bufferOf(Value memref, std::string base, bool constant) {
    Buffer view;
    auto type = cast<MemRefType>(memref.getType());
    view.base = std::move(base);
    view.elementType = type.getElementType();
    view.element = getMemoryType(type.getElementType());
    view.shape = getBufferDims(memref);
    view.strides = getBufferStrides(memref);
    view.constant = constant;
    return view;
  }

  LogicalResult printKernels() {
    DenseMap<StringRef, SmallVector<unsigned>> calls;
    unsigned number = 0;
    function.walk([&](func::CallOp call) { calls[call.getCallee()].push_back(number++); });
    for (func::FuncOp kernel : module.getOps<func::FuncOp>()) {
      if (!kernel.isPrivate() || kernel.isExternal())
        continue;
      cppNames[kernel.getName()] = model.file.names.unique(kernel.getName());
      if (failed(printKernel(kernel, calls[kernel.getName()])))
        return failure();
    }
    return success();
  }

  LogicalResult printKernel(func::FuncOp kernel, ArrayRef<unsigned> calls) {
    Printer printer(model.file);
    printer.functionName = cppNames[kernel.getName()];
    for (const std::string &symbol : model.file.symbols) // a loop must not take a size's name
      (void)printer.freshName(symbol);
    struct Parameter {
      std::string type, name;
    };
    SmallVector<Parameter> parameters;
    std::string inputs, outputs;
    std::optional<Dim> parts = getPartsOf(kernel);
    if (parts)
      (void)printer.freshName("part");
    if (!language.contextType.empty())
      parameters.push_back({language.contextType + " ", printer.freshName(language.contextName)});
    for (BlockArgument argument : kernel.getArguments()) {
      auto role = kernel.getArgAttrOfType<StringAttr>(argument.getArgNumber(), "m2c.name");
      std::string name = printer.freshName(role ? role.getValue() : StringRef("x"));
      auto type = dyn_cast<MemRefType>(argument.getType());
      if (!type) {
        parameters.push_back({getScalarType(argument.getType()) + " ", name});
        printer.bind(argument, name);
        continue;
      }
      if (!allKnown(getBufferDims(argument)) || getMemoryType(type.getElementType()).empty())
        return kernel.emitError("the C++ printer cannot have a buffer of type ") << type;
      bool written = isWritten(argument);
      parameters.push_back({(written ? "" : "const ") + getMemoryType(type.getElementType()) + "* ", name});
      printer.bind(argument, bufferOf(argument, name, !written));
      std::string described = describeTensor(type.getElementType(), getBufferDims(argument), model.file.symbols);
      described = StringRef(described).consume_front("float32") ? name + described.substr(7) : name + " " + described;
      (written ? outputs : inputs) += ", " + StringRef(described).str();
    }
    if (failed(printer.print(kernel.getBody().front())) || printer.failed())
      return failure();
    KernelText text;
    text.name = printer.functionName;
    std::string body = printer.code().take();
    // Behind the buffers the sizes that it asks for.
    for (const std::string &symbol : model.file.symbols)
      if (usesName(body, symbol)) {
        parameters.push_back({"rt::idx ", symbol});
        usedSymbols[kernel.getName()].push_back(symbol);
      }
    if (parts) {
      if (!usesName(body, "part"))
        return kernel.emitError("internal error: the kernel is to be split (m2c.parts), but nothing of it can be");
      printer.require("part.h");
      parameters.push_back({"rt::part ", "part"});
      model.isSplit = true;
    }
    std::string signature;
    for (Parameter &parameter : parameters)
      signature += (signature.empty() ? "" : ", ") +
                   std::string(usesName(body, parameter.name) ? "" : "[[maybe_unused]] ") + parameter.type +
                   parameter.name;
    CodeWriter code;
    code.open("[[gnu::noinline]] void " + text.name + "(" + signature + ") {");
    if (!language.contextName.empty())
      code.line(language.contextName + ".kernel = \"" + text.name + "\";");
    code.line(StringRef(body).rtrim());
    code.close();
    text.text = code.take();
    text.comment = describeKernel(kernel, calls, StringRef(inputs).drop_front(inputs.empty() ? 0 : 2),
                                  StringRef(outputs).drop_front(outputs.empty() ? 0 : 2));
    // Shapes made for this kernel stand before it.
    text.text = model.file.structText + text.text;
    model.file.structText.clear();
    model.kernels.push_back(std::move(text));
    return success();
  }

  /// The most parts of a kernel's function; nothing for one that is not split.
  static std::optional<Dim> getPartsOf(func::FuncOp kernel) {
    for (Operation &op : kernel.getBody().front())
      if (std::optional<Dim> parts = getParts(&op))
        return parts;
    return std::nullopt;
  }

  static bool usesName(StringRef body, StringRef name) {
    auto isPart = [](char c) { return llvm::isAlnum(c) || c == '_'; };
    for (size_t at = body.find(name); at != StringRef::npos; at = body.find(name, at + 1))
      if ((at == 0 || !isPart(body[at - 1])) && (at + name.size() == body.size() || !isPart(body[at + name.size()])))
        return true;
    return false;
  }

  static std::string describeKernel(func::FuncOp kernel, ArrayRef<unsigned> calls, StringRef inputs,
                                    StringRef outputs) {
    Operation *main = nullptr;
    for (Operation &op : kernel.getBody().front().without_terminator())
      if (!isMemoryEffectFree(&op))
        main = &op;
    std::string what = main ? main->getName().stripDialect().str() : "nothing";
    if (auto structured = dyn_cast_or_null<linalg::LinalgOp>(main); structured && what == "generic")
      what = structured.getNumReductionLoops() ? "reduction" : "elementwise";
    std::string text = "// ";
    for (auto [i, call] : llvm::enumerate(calls.take_front(12)))
      text += (i ? ", " : "") + std::to_string(call);
    text +=
        std::string(calls.size() > 12 ? ", ..." : "") + ": " + outputs.str() + " = " + what + "(" + inputs.str() + ")";
    std::string nodes;
    SmallVector<StringRef> names = getNodeNames(kernel.getLoc());
    for (StringRef node : ArrayRef(names).take_front(12))
      nodes += (nodes.empty() ? "" : ", ") + inComment(node);
    if (names.size() > 12)
      nodes += " and " + std::to_string(names.size() - 12) + " more";
    if (!nodes.empty())
      text += "\n// nodes " + nodes;
    return text;
  }

  /// The calls that use a buffer, itself or through views.
  void collectCalls(Value buffer, SmallVectorImpl<func::CallOp> &calls) {
    for (Operation *user : buffer.getUsers()) {
      if (auto call = dyn_cast<func::CallOp>(user))
        calls.push_back(call);
      else if (isa<ViewLikeOpInterface>(user))
        collectCalls(user->getResult(0), calls);
    }
  }

  LogicalResult bindArena(memref::ViewOp view, Printer &printer, const DenseMap<Operation *, unsigned> &numbers) {
    std::optional<int64_t> offset = getConstantIntValue(view.getByteShift());
    MemRefType type = view.getType();
    if (Dim start = getSize(view.getByteShift()); start.isSymbolic() && view.getSource() == arena) {
      std::string element = getMemoryType(type.getElementType());
      printer.bind(view.getResult(),
                   bufferOf(view, "reinterpret_cast<" + element + "*>(arena + " + printer.text(start) + ")", false));
      return success();
    }
    if (auto reserved = view.getSource().getDefiningOp<kernel::ReserveOp>()) {
      std::string &memory = growing[reserved];
      memory = memory.empty() ? model.file.names.unique("memory") : memory;
      printer.bind(
          view.getResult(),
          bufferOf(view, "reinterpret_cast<" + getMemoryType(type.getElementType()) + "*>(" + memory + ")", false));
      model.growingParts = std::max<unsigned>(model.growingParts, reserved.getPart() + 1);
      return success();
    }
    if (!offset || view.getSource() != arena)
      return view.emitError("expects a constant offset into the arena");
    SmallVector<func::CallOp> calls;
    collectCalls(view, calls);
    llvm::sort(calls, [&](func::CallOp a, func::CallOp b) { return numbers.lookup(a) < numbers.lookup(b); });
    ArenaBlock block;
    std::string hint = "buffer";
    if (!calls.empty()) {
      hint = getBufferName(calls.front().getLoc());
      if (hint.empty())
        hint = calls.front().getCallee().str() + "_out";
      block.first = numbers.lookup(calls.front());
      block.last = numbers.lookup(calls.back());
      if (block.first == block.last && isScratch(calls.front(), view))
        hint = calls.front().getCallee().str() + "_scratch";
    }
    block.name = model.file.names.unique(hint);
    block.elementType = type.getElementType();
    block.element = getMemoryType(type.getElementType());
    block.shape = getBufferDims(view);
    block.offset = *offset;
    printer.bind(view.getResult(), bufferOf(view, "at(arena, " + block.name + ")", false));
    model.arena.push_back(std::move(block));
    return success();
  }

  bool isScratch(func::CallOp call, Value view) {
    auto callee = symbols.lookup<func::FuncOp>(call.getCallee());
    for (auto [i, operand] : llvm::enumerate(call.getOperands())) {
      Value root = operand;
      while (Operation *op = root.getDefiningOp()) {
        if (!isa<ViewLikeOpInterface>(op) || isa<memref::ViewOp>(op))
          break;
        root = op->getOperand(0);
      }
      if (root == view)
        if (auto role = callee.getArgAttrOfType<StringAttr>(i, "m2c.name"))
          return role.getValue().starts_with("scratch");
    }
    return false;
  }

  LogicalResult printCalls() {
    Printer printer(model.file, &model.file.names);
    DenseMap<Operation *, unsigned> numbers;
    unsigned number = 0;
    function.walk([&](func::CallOp call) { numbers[call] = number++; });
    for (auto [argument, i] : llvm::zip(function.getArguments(), llvm::seq(0u, function.getNumArguments())))
      if (argument != arena) {
        const TensorArgument &tensor = model.arguments[position(i)];
        auto type = cast<MemRefType>(argument.getType());
        std::string element = getMemoryType(type.getElementType()), base = tensor.name;
        if (element != tensor.element)
          base = "reinterpret_cast<" + std::string(tensor.isOutput ? "" : "const ") + element + "*>(" + base + ")";
        printer.bind(argument, bufferOf(argument, base, !tensor.isOutput));
      }
    // What stands inside loops and branches too.
    WalkResult bound =
        function.walk([&](memref::ViewOp view) { return WalkResult(bindArena(view, printer, numbers)); });
    function.walk([&](memref::GetGlobalOp get) {
      const WeightBlock &block = model.weights[weightOf[get.getName()]];
      std::string base = model.weightsAreArrays ? block.name : "at(weights, " + block.name + ")";
      printer.bind(get.getResult(), bufferOf(get, base, true));
    });
    EmitterRegistry emitters = *language.registry;
    emitters.add(func::CallOp::getOperationName(), [&](Operation *op, Printer &) {
      printCall(cast<func::CallOp>(op), printer);
      return success();
    });
    llvm::SmallDenseSet<unsigned> known;
    emitters.add(kernel::DefineSizesOp::getOperationName(), [&](Operation *op, Printer &) {
      return printDefinition(cast<kernel::DefineSizesOp>(op), model, known, printer);
    });
    emitters.add(kernel::ReserveOp::getOperationName(), [&](Operation *op, Printer &) {
      printReserve(cast<kernel::ReserveOp>(op), growing[op], printer);
      return success();
    });
    Language withCalls = language;
    withCalls.registry = &emitters;
    model.file.language = &withCalls;
    bool isPrinted = !bound.wasInterrupted() && succeeded(printer.print(function.getBody().front()));
    model.file.language = &language;
    if (!isPrinted)
      return failure();
    model.calls = printer.code().take();
    model.structs = model.file.structText;
    return failure(printer.failed());
  }

  /// A call of a kernel, for each part of one that is split.
  void printCall(func::CallOp call, Printer &printer) {
    auto callee = symbols.lookup<func::FuncOp>(call.getCallee());
    std::optional<Dim> parts = getPartsOf(callee);
    SmallVector<std::string> operands;
    Dim own = 0; // bytes that the parts need for themselves
    for (auto [i, operand] : llvm::enumerate(call.getOperands())) {
      if (!isa<MemRefType>(operand.getType())) {
        operands.push_back(printer.scalar(operand));
        continue;
      }
      Buffer buffer = printer.buffer(operand);
      operands.push_back(buffer.pointer());
      if (!parts || !callee.getArgAttr(i, ownAttrName))
        continue;
      operands.back() = "threads.scratch(part, " + operands.back() + ", " + printer.text(own) + ")";
      Dim bytes = buffer.size() * ((std::max(8u, buffer.elementType.getIntOrFloatBitWidth()) + 7) / 8);
      own += bytes.ceilDiv(weightsAlignment) * weightsAlignment;
    }
    llvm::append_range(operands, usedSymbols[call.getCallee()]);
    if (!parts)
      return printer.call(cppNames[call.getCallee()], operands);
    operands.push_back("part");
    if (own != 0 && !llvm::is_contained(model.scratch, own))
      model.scratch.push_back(own);
    printer.code().open("threads.run(" + printer.text(*parts) + ", [&](rt::part part) {");
    printer.call(cppNames[call.getCallee()], operands);
    printer.code().close("});");
  }

  /// The place of function argument `i` among the tensors: the arena is not one.
  unsigned position(unsigned i) const { return arena && arena.getArgNumber() < i ? i - 1 : i; }

  ModuleOp module;
  func::FuncOp function;
  const EmitOptions &options;
  const Language &language;
  SymbolTable symbols;
  ModelParts model;
  BlockArgument arena;
  /// The class's members and the C functions' parameters.
  llvm::StringSet<> interfaceNames{"run",          "run_async",   "profile",     "profile_model", "instance_",
                                   "ok",           "error",       "start",       "model",         "ready_",
                                   "error_",       "arena_",      "owns_arena_", "weights_",      "holds_weights_",
                                   "weight_bytes", "arena_bytes", "reset",       "state_bytes",   "state_",
                                   "held_",        "turn_",       "set_threads", "set_executor",  "threads_",
                                   "Executor",     "executor"};
  llvm::StringMap<unsigned> weightOf;
  llvm::StringMap<std::string> cppNames;
  llvm::StringMap<SmallVector<std::string>> usedSymbols; ///< the sizes that a kernel's function takes
  DenseMap<Value, bool> writtenCache;
  DenseMap<Operation *, std::string> growing; ///< the variable that points to what a kernel.reserve gives
};

} // namespace

FailureOr<ModelParts> m2c::emit::collectModel(ModuleOp module, const EmitOptions &options, const Language &language) {
  func::FuncOp function;
  for (auto candidate : module.getOps<func::FuncOp>())
    if (!candidate.isPrivate() && !candidate.isExternal()) {
      if (function)
        return candidate.emitError("the module has more than one public function"), failure();
      function = candidate;
    }
  if (!function || !llvm::hasSingleElement(function.getBody()))
    return module.emitError("the module has no function to print"), failure();
  return ModelPrinter(module, function, options, language).print();
}

FailureOr<EmittedModel> m2c::emitCpp(ModuleOp module, const EmitOptions &options) {
  Language cpp;
  cpp.registry = &getEmitterRegistry();
  FailureOr<ModelParts> model = collectModel(module, options, cpp);
  if (failed(model))
    return failure();
  EmitOptions named = options;
  if (named.fileStem.empty())
    named.fileStem = model->name;
  EmittedModel files;
  files.stem = named.fileStem;
  FailureOr<std::string> source = printSourceFile(*model, named, module.getLoc());
  if (failed(source))
    return failure();
  files.source = std::move(*source);
  files.header = printHeaderFile(*model, named);
  if (!model->weightsAreArrays)
    files.weights = makeWeightsFile(std::move(*model));
  return files;
}

LogicalResult m2c::writeModel(ModuleOp module, const EmittedModel &files, StringRef folder, StringRef suffix) {
  std::string base = (folder.empty() ? "" : folder.str() + "/") + files.stem;
  SmallVector<OutputFile> outputs = {{base + suffix.str(), files.source}, {base + ".h", files.header}};
  if (!files.weights.empty())
    outputs.emplace_back(base + ".weights", files.weights.pieces);
  if (llvm::Error error = writeFiles(outputs))
    return module.emitError(llvm::toString(std::move(error)));
  return success();
}
