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
              "};  // " + describeTensor(block.elementType, block.shape) + ", " + std::to_string(block.first) + ".." +
              std::to_string(block.last));
  code.line();
}

std::string m2c::emit::printPointerParameters(const ModelParts &model, ArrayRef<std::string> more) {
  SmallVector<std::string> parameters(more.begin(), more.end());
  for (const TensorArgument &tensor : model.arguments)
    parameters.push_back((tensor.isOutput ? "" : "const ") + tensor.element + "* " + tensor.name);
  if (model.arenaBytes)
    parameters.push_back("unsigned char* arena");
  if (!model.weightsAreArrays)
    parameters.push_back("const unsigned char* weights");
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

void m2c::emit::printKernels(const ModelParts &model, ArrayRef<std::string> more, CodeWriter &code) {
  code.line(printRule("kernels: outputs = operation(inputs)"));
  code.line();
  for (const KernelText &kernel : model.kernels)
    code.line(kernel.comment + "\n" + kernel.text);
  if (!model.structs.empty())
    code.line(model.structs);
  code.line(printRule("model"));
  code.line();
  code.open("void run_kernels(" + printPointerParameters(model, more) + ") {");
  code.line(StringRef(model.calls).rtrim());
  code.close();
}

void m2c::emit::printArgumentHelpers(CodeWriter &code) {
  code.line(
      "\nbool check(char* error, std::size_t error_bytes, const char* name, std::size_t got, std::size_t expected) {\n"
      "  if (got == expected) return true;\n"
      "  std::snprintf(error, error_bytes, \"%s has %zu elements but needs %zu\", name, got, expected);\n  return "
      "false;\n}\n");
  code.line(
      "// A pointer with its size, as the C functions get it.\ntemplate <class T>\nstruct sized {\n  T* pointer;\n"
      "  std::size_t count;\n  T* data() const { return pointer; }\n  std::size_t size() const { return count; "
      "}\n};\n");
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
  code.open("if (arena != nullptr && bytes < arena_bytes) {");
  code.line("std::snprintf(error_, sizeof error_, \"the arena has %zu bytes but " + model.name +
            " needs %zu\", bytes, arena_bytes);\nreturn;");
  code.close();
  code.open("if (reinterpret_cast<std::uintptr_t>(arena) % 64 != 0) {");
  code.line(
      "std::snprintf(error_, sizeof error_, \"the arena begins at %p, which is no multiple of 64\", arena);\nreturn;");
  code.close();
  if (model.arenaBytes) {
    code.line("owns_arena_ = arena == nullptr;\n"
              "arena_ = static_cast<unsigned char*>(owns_arena_ ? rt::allocate_pages(arena_bytes) : arena);");
    code.open("if (arena_ == nullptr) {");
    code.line("std::snprintf(error_, sizeof error_, \"there is no memory left for the arena of %zu bytes\", "
              "arena_bytes);\nreturn;");
    code.close();
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
  code.line("if (owns_arena_) rt::free_pages(arena_);");
  code.close();

  std::string parameters, pointers;
  for (const TensorArgument &tensor : model.arguments) {
    parameters += (parameters.empty() ? "" : ", ") + std::string("tensor<") + (tensor.isOutput ? "" : "const ") +
                  tensor.element + ", " + std::to_string(tensor.size()) + "> " + tensor.name;
    pointers += (pointers.empty() ? "" : ", ") + tensor.name + ".data()";
  }
  code.open("\nbool Model::run(" + parameters + ") noexcept {");
  code.line("if (!ready_) return false;");
  for (const TensorArgument &tensor : model.arguments)
    code.line("if (!check(error_, sizeof error_, \"" + tensor.name + "\", " + tensor.name + ".size(), " + tensor.name +
              "_size)) return false;");
  code.line("run_kernels(" + pointers + (model.arenaBytes ? ", arena_" : "") +
            (model.weightsAreArrays ? "" : ", weights_") + ");");
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
  std::string parameters, arguments;
  for (const TensorArgument &tensor : model.arguments) {
    parameters += std::string(", ") + (tensor.isOutput ? "" : "const ") + tensor.element + "* " + tensor.name +
                  ", size_t " + tensor.name + "_count";
    arguments += (arguments.empty() ? "" : ", ") + std::string(name) + "::sized<" + (tensor.isOutput ? "" : "const ") +
                 tensor.element + ">{" + tensor.name + ", " + tensor.name + "_count}";
  }
  code.open("int " + name + "_run(" + type + "* model" + parameters + ") {");
  code.line("return model->model.run(" + arguments + ") ? 0 : 1;");
  code.close();
  code.line("void " + name + "_destroy(" + type + "* model) { delete model; }\n\n}  // extern \"C\"");
}

FailureOr<std::string> m2c::emit::printSourceFile(ModelParts &model, const EmitOptions &options, Location loc) {
  RuntimeAmalgamator runtime;
  model.file.headers.insert("vec.h");
  model.file.headers.insert("memory.h");
  if (options.main)
    model.file.headers.insert("main.h");
  SmallVector<StringRef> headers(model.file.headers.begin(), model.file.headers.end());
  llvm::sort(headers);
  for (StringRef header : headers)
    if (!runtime.add(header))
      return emitError(loc, "internal error: the run-time header '") << header << "' is missing", failure();

  CodeWriter code;
  code.line(StringRef(printBanner(model, options, options.fileStem + ".cpp")).rtrim());
  code.line("// build    c++ -std=c++17 -O2 " + (options.march.empty() ? "" : "-march=" + options.march + " ") + "-c " +
            options.fileStem + ".cpp");
  code.line("#include \"" + options.fileStem + ".h\"\n");
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
  printKernels(model, {}, code);
  printArgumentHelpers(code);
  code.line("}  // namespace\n");
  printClass(model, options, code);
  code.line("\n}  // namespace " + model.name);
  code.line();
  printCFunctions(model, options, code);
  if (options.main)
    code.line("\n" + printMain(model, options));
  return code.take();
}
