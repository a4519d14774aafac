// The generated source: run-time headers, weights, arena, kernels, the class and the C functions.
#include "Amalgamate.h"
#include "Model.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::emit;

std::string m2c::emit::printRule(const std::string &title) {
  constexpr size_t width = 110;
  return "// ==== " + title + " " + std::string(title.size() < width ? width - title.size() : 0, '=');
}

static void printWeights(const ModelParts &model, const EmitOptions &options, CodeWriter &code) {
  if (model.weights.empty())
    return;
  code.line(printRule("weights: " + std::to_string(model.weightBytes) + " bytes"));
  code.line();
  for (const WeightBlock &block : model.weights) {
    std::string note = describeTensor(block.elementType, block.shape) + (block.note.empty() ? "" : ", " + block.note);
    if (model.weightsAreArrays) {
      int64_t count = 1;
      for (int64_t extent : block.shape)
        count *= extent;
      code.line("// " + note);
      code.line("alignas(64) constexpr " + block.element + " " + block.name + "[" + std::to_string(count) + "] = {\n" +
                printArray(block) + "\n};");
    } else {
      code.line("constexpr rt::block<" + block.element + "> " + block.name + "{" + std::to_string(block.offset) +
                "};  // " + note);
    }
  }
  code.line();
  if (model.weightsAreArrays)
    return;
  code.line("constexpr char weights_mark[] = \"" + model.weightsMark + "\";  // at the end of the weights file");
  code.line("rt::shared_bytes shared_weights;");
  code.line();
}

void m2c::emit::printEmbedding(const ModelParts &model, const EmitOptions &options, CodeWriter &code) {
  std::string symbol = model.name + "_weights", macro = StringRef(model.name).upper() + "_WEIGHTS_FILE";
  code.line("// The weights file, found in the include path (-I) or by this macro.");
  code.line("#ifndef " + macro + "\n#define " + macro + " \"" + options.fileStem + ".weights\"\n#endif");
  auto assembly = [&](const std::string &section, const std::string &underscore, const std::string &hide,
                      const std::string &end) {
    code.line("__asm__(\"" + section + "\\n.globl " + underscore + symbol + "\\n" + hide + " " + underscore + symbol +
              "\\n.balign 64\\n\"\n        \"" + underscore + symbol + ":\\n.incbin \\\"\" " + macro +
              " \"\\\"\\n.byte 0\\n" + end + "\\n\");");
  };
  code.line("#if defined(__APPLE__)");
  assembly(".const_data", "_", ".private_extern", ".text");
  code.line("#else");
  assembly(".section .rodata", "", ".hidden", ".previous");
  code.line("#endif");
  code.line("extern \"C\" __attribute__((visibility(\"hidden\"))) const unsigned char " + symbol + "[];");
  code.line();
}

void m2c::emit::printArena(const ModelParts &model, CodeWriter &code) {
  if (model.arena.empty())
    return;
  code.line(printRule("arena: " + std::to_string(model.arenaBytes) +
                      " bytes; each buffer with the kernels during which it lives"));
  code.line();
  for (const ArenaBlock &block : model.arena)
    code.line("constexpr rt::block<" + block.element + "> " + block.name + "{" + std::to_string(block.offset) +
              "};  // " + describeTensor(block.elementType, block.shape, model.file.symbols) + ", " +
              std::to_string(block.first) + ".." + std::to_string(block.last));
  code.line();
}

static bool usesArena(const ModelParts &model) { return model.arenaBytes != 0 || !model.parts.empty(); }

/// Where the parts of the arena begin that are as large as the sizes of a run make them.
static void printLayout(const ModelParts &model, CodeWriter &code) {
  if (model.parts.empty())
    return;
  constexpr const char *comment = "// The parts of the arena behind the fixed one: each is as large as the largest "
                                  "buffer that it holds in turn.";
  code.line(comment);
  code.open("struct arena_layout {");
  std::string names;
  for (const ArenaPart &part : model.parts)
    names += part.name + ", ";
  code.line("rt::idx " + names + "bytes;");
  code.open("explicit arena_layout(" + sizeParameters(model.sizes, "[[maybe_unused]] rt::idx") + ") {");
  code.line("rt::idx end = " + std::to_string(llvm::alignTo(model.arenaBytes, weightsAlignment)) + ";");
  for (const ArenaPart &part : model.parts) {
    std::string sizes;
    for (const Dim &bytes : part.bytes)
      sizes += (sizes.empty() ? "" : ", ") + printSize(bytes, model.file.symbols);
    if (part.bytes.size() > 1)
      sizes = "std::max<rt::idx>({" + sizes + "})";
    code.line(part.name + " = end;\nend += (" + sizes + " + 63) / 64 * 64;");
  }
  code.line("bytes = end;");
  code.close();
  code.close("};\n");
}

std::string m2c::emit::printPointerParameters(const ModelParts &model, ArrayRef<std::string> more) {
  SmallVector<std::string> parameters(more.begin(), more.end());
  for (const TensorArgument &tensor : model.arguments)
    parameters.push_back((tensor.isOutput ? "" : "const ") + tensor.element + "* " + tensor.name);
  if (usesArena(model))
    parameters.push_back("unsigned char* arena");
  if (!model.weightsAreArrays)
    parameters.push_back("const unsigned char* weights");
  for (const std::string &symbol : model.file.symbols)
    if (llvm::none_of(model.found, [&](const FoundSizeVariable &size) { return size.name == symbol; }))
      parameters.push_back("rt::idx " + symbol);
  for (const TensorArgument &tensor : model.arguments)
    if (tensor.isFound()) {
      parameters.push_back("std::size_t " + tensor.name + "_count");
      parameters.push_back("std::size_t* " + tensor.name + "_shape");
    }
  if (model.growingParts != 0) {
    parameters.push_back("unsigned char** grown");
    parameters.push_back("std::size_t* grown_bytes");
  }
  if (!model.found.empty())
    parameters.push_back("char (&error)[256]");
  std::string text;
  size_t column = 20;
  for (const std::string &parameter : parameters) {
    std::string item = "[[maybe_unused]] " + parameter;
    bool wraps = column + item.size() > 115;
    text += text.empty() ? "" : wraps ? ",\n    " : ", ";
    column = wraps ? 4 + item.size() : column + item.size() + 2;
    text += item;
  }
  return text;
}

/// The sizes of a run as the kernels count.
static std::string castSizes(const ModelParts &model) {
  return llvm::join(
      llvm::map_range(model.sizes, [](const SizeArgument &size) { return "static_cast<rt::idx>(" + size.name + ")"; }),
      ", ");
}

std::vector<std::string> m2c::emit::castSymbols(const ModelParts &model) {
  std::vector<std::string> symbols;
  for (auto [i, symbol] : llvm::enumerate(model.file.symbols))
    symbols.push_back(model.isFound(static_cast<unsigned>(i)) ? symbol : "static_cast<rt::idx>(" + symbol + ")");
  return symbols;
}

static bool dependsOnFound(const ModelParts &model, const Dim &dim) {
  return dim.dependsOn([&](unsigned symbol) { return model.isFound(symbol); });
}

/// What run finds out before it starts: that the sizes are small enough, and equal where a node wants that.
static void printSizeChecks(const ModelParts &model, CodeWriter &code) {
  constexpr int64_t largest = 1 << 24; // products of a few of them do not overflow
  for (const SizeArgument &size : model.sizes) {
    std::string bound = std::to_string(size.bound < 0 ? largest : size.bound);
    code.open("if (" + size.name + " > " + bound + ") {");
    code.line("std::snprintf(error_, sizeof error_, \"" + size.name + " is %zu but can be at most " + bound + "\", " +
              size.name + ");\nreturn false;");
    code.close();
  }
  for (const SizeCheck &check : model.checks)
    if (!dependsOnFound(model, check.a) && !dependsOnFound(model, check.b))
      printSizeCheck(model, check, "error_", code);
}

void m2c::emit::printKernels(const ModelParts &model, ArrayRef<std::string> more, CodeWriter &code) {
  code.line(printRule("kernels: outputs = operation(inputs)"));
  code.line();
  for (const KernelText &kernel : model.kernels)
    code.line(kernel.comment + "\n" + kernel.text);
  if (!model.structs.empty())
    code.line(model.structs);
  code.line(printRule("model"));
  code.line();
  printLayout(model, code);
  bool canFail = !model.found.empty();
  code.open(std::string(canFail ? "bool" : "void") + " run_kernels(" + printPointerParameters(model, more) + ") {");
  for (const FoundSizeVariable &size : model.found)
    code.line("[[maybe_unused]] rt::idx " + size.name + " = 0;  // found in data");
  code.line(StringRef(model.calls).rtrim());
  if (canFail)
    code.line("return true;");
  code.close();
}

void m2c::emit::printArgumentHelpers(const ModelParts &model, CodeWriter &code) {
  code.line(
      "\nbool check(char* error, std::size_t error_bytes, const char* name, std::size_t got, std::size_t expected) {\n"
      "  if (got == expected" +
      std::string(model.sizes.empty() && !hasFoundOutput(model) ? "" : " || got == dynamic_size") +
      ") return true;\n"
      "  std::snprintf(error, error_bytes, \"%s has %zu elements but needs %zu\", name, got, expected);\n  return "
      "false;\n}\n");
  code.line(
      "// A pointer with its size, as the C functions get it.\ntemplate <class T>\nstruct sized {\n  T* pointer;\n"
      "  std::size_t count;\n  T* data() const { return pointer; }\n  std::size_t size() const { return count; "
      "}\n};\n");
}

/// How many threads run a model whose kernels are split.
static void printThreadFunctions(const ModelParts &model, CodeWriter &code) {
  std::string scratch = std::to_string(getScratchBytes(model));
  auto print = [&](const std::string &signature, const std::string &arguments) {
    code.open("\nbool Model::" + signature + " noexcept {");
    code.line("if (threads_ == nullptr) threads_ = new (std::nothrow) rt::threads;");
    code.open("if (threads_ == nullptr || !static_cast<rt::threads*>(threads_)->set(" + arguments + ", " + scratch +
              ")) {");
    code.line("std::snprintf(error_, sizeof error_, \"there is no memory left for %zu threads\", count);\n"
              "return false;");
    code.close();
    code.line("return true;");
    code.close();
  };
  print("set_threads(std::size_t count)", "count");
  print("set_executor(Executor executor, void* context, std::size_t count)", "executor, context, count");
}

/// The constructor's work, run with its checks, and the rest of the class.
static void printClass(const ModelParts &model, const EmitOptions &options, CodeWriter &code) {
  bool fromFile = !model.weightsAreArrays && options.weights == WeightsMode::File;
  std::string macro = StringRef(model.name).upper() + "_WEIGHTS", bytes = std::to_string(model.weightBytes);
  if (fromFile)
    code.line("Model::Model(const char* weights_path) noexcept { start(nullptr, 0, weights_path); }\n"
              "Model::Model(void* arena, std::size_t bytes, const char* weights_path) noexcept { start(arena, bytes, "
              "weights_path); }");
  else
    code.line("Model::Model() noexcept { start(nullptr, 0, nullptr); }\n"
              "Model::Model(void* arena, std::size_t bytes) noexcept { start(arena, bytes, nullptr); }");
  code.open(
      "\nvoid Model::start(void* arena, std::size_t bytes, [[maybe_unused]] const char* weights_path) noexcept {");
  bool grows = !model.parts.empty() && getMostArenaBytes(model) < 0;
  if (!grows) {
    code.open("if (arena != nullptr && bytes < arena_bytes) {");
    code.line("std::snprintf(error_, sizeof error_, \"the arena has %zu bytes but " + model.name +
              " needs %zu\", bytes, arena_bytes);\nreturn;");
    code.close();
  }
  code.open("if (reinterpret_cast<std::uintptr_t>(arena) % 64 != 0) {");
  code.line(
      "std::snprintf(error_, sizeof error_, \"the arena begins at %p, which is no multiple of 64\", arena);\nreturn;");
  code.close();
  if (grows) {
    code.line("owns_arena_ = arena == nullptr;\narena_ = static_cast<unsigned char*>(arena);\narena_size_ = bytes;");
  } else if (usesArena(model)) {
    code.line("owns_arena_ = arena == nullptr;\n"
              "arena_ = static_cast<unsigned char*>(owns_arena_ ? rt::allocate_pages(arena_bytes) : arena);");
    code.open("if (arena_ == nullptr) {");
    code.line("std::snprintf(error_, sizeof error_, \"there is no memory left for the arena of %zu bytes\", "
              "arena_bytes);\nreturn;");
    code.close();
  }
  if (!model.states.empty()) {
    code.line("state_ = static_cast<unsigned char*>(rt::allocate_pages(state_bytes));");
    code.open("if (state_ == nullptr) {");
    code.line("std::snprintf(error_, sizeof error_, \"there is no memory left for the states of %zu bytes\", "
              "state_bytes);\nreturn;");
    code.close();
    code.line("reset();");
  }
  if (fromFile) {
    code.line("std::string problem;\nweights_ = rt::share_file(shared_weights, weights_path, \"" + macro + "\", \"" +
              options.fileStem +
              ".weights\", weight_bytes,\n                         weights_mark, sizeof weights_mark - 1, problem);");
    code.line("if (weights_ == nullptr) std::snprintf(error_, sizeof error_, \"%s\", problem.c_str());");
    code.line("ready_ = holds_weights_ = weights_ != nullptr;");
  } else if (!model.weightsAreArrays) {
    code.open("if (std::memcmp(" + model.name +
              "_weights + weight_bytes, weights_mark, sizeof weights_mark - 1) != 0) {");
    code.line("std::snprintf(error_, sizeof error_, \"the embedded weights file is not the one made with this "
              "source\");\nreturn;");
    code.close();
    code.line("weights_ = rt::share_embedded(shared_weights, " + model.name + "_weights, weight_bytes);");
    code.line("ready_ = holds_weights_ = true;");
  } else {
    code.line("ready_ = true;");
  }
  code.close();
  code.open("\nModel::~Model() {");
  if (!model.weightsAreArrays)
    code.line("if (holds_weights_) rt::unshare(shared_weights);");
  if (model.isSplit)
    code.line("delete static_cast<rt::threads*>(threads_);");
  code.line("if (owns_arena_) rt::free_pages(arena_);");
  if (!model.states.empty())
    code.line("rt::free_pages(state_);");
  if (model.growingParts != 0)
    code.line("for (unsigned char* part : grown_) rt::free_pages(part);");
  code.close();

  if (grows) {
    code.line("\nstd::size_t Model::arena_bytes(" + sizeParameters(model.sizes, "std::size_t") +
              ") {\n  return static_cast<std::size_t>(arena_layout(" + castSizes(model) + ").bytes);\n}");
    code.open("\nbool Model::reserve(std::size_t bytes) noexcept {");
    code.line("if (bytes <= arena_size_) return true;");
    code.open("if (!owns_arena_) {");
    code.line("std::snprintf(error_, sizeof error_, \"the arena has %zu bytes but this run needs %zu\", arena_size_, "
              "bytes);\nreturn false;");
    code.close();
    code.line("if (arena_ != nullptr) rt::free_pages(arena_);\narena_size_ = 0;\n"
              "arena_ = static_cast<unsigned char*>(rt::allocate_pages(bytes));");
    code.open("if (arena_ == nullptr) {");
    code.line("std::snprintf(error_, sizeof error_, \"there is no memory left for the arena of %zu bytes\", bytes);\n"
              "return false;");
    code.close();
    code.line("arena_size_ = bytes;\nreturn true;");
    code.close();
  }

  if (model.isSplit)
    printThreadFunctions(model, code);
  printStateFunctions(model, code);
  std::string parameters = sizeParameters(getCallerSizes(model), "std::size_t"), pointers;
  for (auto [i, tensor] : llvm::enumerate(model.arguments)) {
    if (!tensor.isState)
      parameters += (parameters.empty() ? "" : ", ") + printParameterType(tensor) + " " + tensor.name;
    pointers +=
        (pointers.empty() ? "" : ", ") + (tensor.isState ? printStatePointer(model, i) : tensor.name + ".data()");
  }
  code.open("\nbool Model::run(" + parameters + ") noexcept {");
  code.line("if (!ready_) return false;");
  printHeldSizes(model, code);
  printSizeChecks(model, code);
  for (const TensorArgument &tensor : getCallerTensors(model))
    if (!tensor.isFound())
      code.line("if (!check(error_, sizeof error_, \"" + tensor.name + "\", " + tensor.name + ".size(), " +
                tensor.name + "_size" + (tensor.size().isNumber() ? "" : "(" + sizeNames(model.sizes) + ")") +
                ")) return false;");
  std::string sizes = model.sizes.empty() ? "" : ", " + castSizes(model);
  if (!model.parts.empty()) {
    code.line("const arena_layout layout(" + castSizes(model) + ");");
    if (grows)
      code.line("if (!reserve(static_cast<std::size_t>(layout.bytes))) return false;");
    for (const ArenaPart &part : model.parts)
      sizes += ", layout." + part.name;
  }
  if (model.isSplit) {
    code.line("rt::threads alone;\n"
              "rt::threads& threads = threads_ != nullptr ? *static_cast<rt::threads*>(threads_) : alone;");
    SmallVector<std::string> open; // what the parts need depends on the sizes
    for (const Dim &bytes : model.scratch)
      if (!bytes.isNumber())
        open.push_back(printSize(bytes, castSymbols(model)));
    if (!open.empty()) {
      code.open("if (!threads.reserve(static_cast<std::size_t>(" +
                (open.size() == 1 ? open[0] : "std::max<rt::idx>({" + llvm::join(open, ", ") + "})") + "))) {");
      code.line("std::snprintf(error_, sizeof error_, \"there is no memory left for the threads of this run\");\n"
                "return false;");
      code.close();
    }
  }
  for (const TensorArgument &tensor : model.arguments)
    if (tensor.isFound())
      sizes += ", " + tensor.name + ".size(), " + tensor.name + "_shape_.data()";
  sizes += model.growingParts != 0 ? ", grown_, grown_bytes_" : "";
  std::string call = "run_kernels(" + std::string(model.isSplit ? "threads, " : "") + pointers +
                     (usesArena(model) ? ", arena_" : "") + (model.weightsAreArrays ? "" : ", weights_") + sizes;
  code.line(model.found.empty() ? call + ");" : "if (!" + call + ", error_)) return false;");
  printStateStep(model, code);
  code.line("error_[0] = '\\0';\nreturn true;");
  code.close();
}

static void printCFunctions(const ModelParts &model, const EmitOptions &options, CodeWriter &code) {
  const std::string &name = model.name;
  bool fromFile = !model.weightsAreArrays && options.weights == WeightsMode::File;
  std::string type = name + "_model";
  code.line("struct " + type + " {\n  " + name + "::Model model;\n};\n\nextern \"C\" {\n");
  code.line(type + "* " + name + "_create(void) { return " + name + "_create_with(nullptr, 0, nullptr); }");
  code.open(type + "* " + name + "_create_with(void* arena, size_t arena_bytes, " +
            (fromFile ? "" : "[[maybe_unused]] ") + "const char* weights_path) {");
  std::string path = fromFile ? "weights_path" : "";
  code.line("if (arena == nullptr) return new (std::nothrow) " + type + "{" + name + "::Model(" + path +
            ")};\nreturn new (std::nothrow) " + type + "{" + name + "::Model(arena, arena_bytes" +
            (fromFile ? ", weights_path" : "") + ")};");
  code.close();
  code.line("const char* " + name + "_error(const " + type + "* model) { return model->model.error(); }");
  code.line("int " + name + "_set_threads(" + type +
            "* model, size_t count) { return model->model.set_threads(count) ? "
            "0 : 1; }");
  code.open("int " + name + "_set_executor(" + type + "* model, " + name +
            "_executor executor, void* context, size_t count) {");
  code.line("return model->model.set_executor(executor, context, count) ? 0 : 1;");
  code.close();
  std::vector<SizeArgument> sizes = getCallerSizes(model);
  std::string parameters = sizes.empty() ? "" : ", " + sizeParameters(sizes, "size_t"), arguments = sizeNames(sizes);
  for (const TensorArgument &tensor : getCallerTensors(model)) {
    parameters += std::string(", ") + (tensor.isOutput ? "" : "const ") + tensor.element + "* " + tensor.name +
                  ", size_t " + tensor.name + "_count";
    arguments += (arguments.empty() ? "" : ", ") + std::string(name) + "::sized<" + (tensor.isOutput ? "" : "const ") +
                 tensor.element + ">{" + tensor.name + ", " + tensor.name + "_count}";
  }
  code.open("int " + name + "_run(" + type + "* model" + parameters + ") {");
  code.line("return model->model.run(" + arguments + ") ? 0 : 1;");
  code.close();
  if (!model.states.empty())
    code.line("void " + name + "_reset(" + type + "* model) { model->model.reset(); }");
  for (const SizeArgument &size : model.sizes)
    if (size.isHeld())
      code.line("size_t " + name + "_" + size.name + "(const " + type + "* model) { return model->model." + size.name +
                "(); }");
  for (const TensorArgument &tensor : model.arguments)
    if (tensor.isFound())
      code.line("const size_t* " + name + "_" + tensor.name + "_shape(const " + type +
                "* model) { return model->model." + tensor.name + "_shape().data(); }");
  code.line("void " + name + "_destroy(" + type + "* model) { delete model; }\n\n}  // extern \"C\"");
}

FailureOr<std::string> m2c::emit::printSourceFile(ModelParts &model, const EmitOptions &options, Location loc) {
  RuntimeAmalgamator runtime;
  model.file.headers.insert("vec.h");
  model.file.headers.insert("memory.h");
  if (model.isSplit)
    model.file.headers.insert("threads.h");
  if (options.main)
    model.file.headers.insert("main.h");
  SmallVector<StringRef> headers(model.file.headers.begin(), model.file.headers.end());
  llvm::sort(headers);
  for (StringRef header : headers)
    if (!runtime.add(header))
      return emitError(loc, "internal error: the run-time header '") << header << "' is missing", failure();

  if (llvm::any_of(model.parts, [](const ArenaPart &part) { return part.bytes.size() > 1; }))
    runtime.addSystem("algorithm"); // printLayout's std::max

  CodeWriter code;
  code.line(StringRef(printBanner(model, options, options.fileStem + ".cpp")).rtrim());
  code.line("// build    c++ -std=c++17 -O2 " + (options.march.empty() ? "" : "-march=" + options.march + " ") +
            (model.isSplit ? "-pthread " : "") + "-c " + options.fileStem + ".cpp");
  code.line("#include \"" + options.fileStem + ".h\"\n");
  for (StringRef header : model.file.userHeaders)
    code.line("#include \"" + header.str() + "\"");
  for (const std::string &include : runtime.systemIncludes())
    code.line(include);
  code.line();
  if (!model.weightsAreArrays && options.weights != WeightsMode::File)
    printEmbedding(model, options, code);
  code.line("namespace " + model.name + " {\nnamespace {\n");
  code.line(printRule("run-time library"));
  code.line("// " + runtime.names());
  code.line();
  // Not every function of a header is used by every model.
  code.line("#if defined(__GNUC__)\n#pragma GCC diagnostic push\n#pragma GCC diagnostic ignored \"-Wunused-function\"\n"
            "#pragma GCC diagnostic ignored \"-Wunused-const-variable\"\n#endif");
  code.line(StringRef(runtime.text()).rtrim());
  code.line("#if defined(__GNUC__)\n#pragma GCC diagnostic pop\n#endif");
  code.line("\nnamespace rt = m2crt;\n");
  printWeights(model, options, code);
  printArena(model, code);
  if (model.isSplit)
    printKernels(model, {"rt::threads& threads"}, code);
  else
    printKernels(model, {}, code);
  printArgumentHelpers(model, code);
  code.line("}  // namespace\n");
  printClass(model, options, code);
  code.line("\n}  // namespace " + model.name);
  code.line();
  printCFunctions(model, options, code);
  if (options.main)
    code.line("\n" + printMain(model, options));
  return code.take();
}
