// The generated source for GPUs: run-time headers, weights, arena, kernels, the class and the C functions.
#include "Amalgamate.h"
#include "Files.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::emit;

bool cuda::hasInlineWeights(const ModelParts &model, const EmitOptions &options) {
  return options.weights == WeightsMode::Inline || model.weightBytes <= inlineWeightBytes;
}

/// Where each constant lies on the device, and the parts that are uploaded: all of a file, or arrays.
static void printWeights(ModelParts &model, const EmitOptions &options, StringRef table, CodeWriter &code) {
  if (model.weights.empty())
    return;
  code.line(printRule("weights: " + std::to_string(model.weightBytes) + " bytes"));
  code.line();
  for (const WeightBlock &block : model.weights)
    code.line("constexpr rt::block<" + block.element + "> " + block.name + "{" + std::to_string(block.offset) +
              "};  // " + describeTensor(block.elementType, block.shape) +
              (block.note.empty() ? "" : ", " + block.note));
  code.line();
  if (!cuda::hasInlineWeights(model, options)) {
    code.line("constexpr char weights_mark[] = \"" + model.weightsMark + "\";  // at the end of the weights file\n");
    return;
  }
  std::string parts;
  for (const WeightBlock &block : model.weights) {
    if (block.bytes.empty())
      continue;
    std::string values = model.file.names.unique(block.name + "_values");
    int64_t count = 1;
    for (int64_t extent : block.shape)
      count *= extent;
    code.line("const " + block.element + " " + values + "[" + std::to_string(count) + "] = {\n" + printArray(block) +
              "\n};");
    parts += "{" + block.name + ".offset, sizeof " + values + ", " + values + "},\n";
  }
  code.open("const rt::weight_part " + table.str() + "[] = {");
  code.line(StringRef(parts).rtrim());
  code.close("};\n");
}

namespace {
/// Names of the file's own, beside those of the model.
struct OwnNames {
  std::string arguments, weights, parts, launch, hostWeights, profile;
  explicit OwnNames(NameScope &names)
      : arguments(names.unique("argument_table")), weights(names.unique("uploaded_weights")),
        parts(names.unique("weight_parts")), launch(names.unique("launch_all")),
        hostWeights(names.unique("shared_weights")), profile(names.unique("profile_model")) {}
};
} // namespace

/// What the instance is told of the model.
static void printTables(const ModelParts &model, const OwnNames &names, CodeWriter &code) {
  code.open("const rt::argument_info " + names.arguments + "[] = {");
  for (const TensorArgument &tensor : model.arguments)
    code.line("{" + std::to_string(tensor.size().getNumber()) + " * sizeof(" + tensor.element + "), " +
              (tensor.isOutput ? "true" : "false") + "},  // " + tensor.name);
  if (model.arguments.empty())
    code.line("{0, false},");
  code.close("};\n");
  code.line("rt::device_weights " + names.weights + ";\n");
  std::string arguments = "queue";
  for (auto [i, tensor] : llvm::enumerate(model.arguments))
    arguments += std::string(", static_cast<") + (tensor.isOutput ? "" : "const ") + tensor.element + "*>(arguments[" +
                 std::to_string(i) + "])";
  if (model.arenaBytes)
    arguments += ", arena";
  code.open("void " + names.launch +
            "(rt::queue& queue, [[maybe_unused]] void* const* arguments, [[maybe_unused]] unsigned char* arena,\n"
            "                [[maybe_unused]] const unsigned char* weights) {");
  code.line("run_kernels(" + arguments + ", weights);");
  code.close();
}

static void printStart(const ModelParts &model, const EmitOptions &options, const OwnNames &names, CodeWriter &code) {
  bool isInline = cuda::hasInlineWeights(model, options);
  bool fromFile = !isInline && options.weights == WeightsMode::File;
  code.open(fromFile ? "Model::Model(const char* weights_path) noexcept {" : "Model::Model() noexcept {");
  code.line("auto* made = new (std::nothrow) rt::instance;");
  code.open("if (made == nullptr) {");
  code.line("std::snprintf(error_, sizeof error_, \"there is no memory left for the instance\");\nreturn;");
  code.close();
  code.line("instance_ = made;");
  std::string parts = names.parts, count = "sizeof " + names.parts + " / sizeof *" + names.parts;
  if (model.weights.empty() || model.weightBytes == 0) {
    parts = "nullptr";
    count = "0";
  } else if (!isInline) {
    std::string symbol = model.name + "_weights";
    if (fromFile) {
      code.line("std::string problem;\nconst unsigned char* bytes = m2crt::share_file(" + names.hostWeights +
                ", weights_path, \"" + StringRef(model.name).upper() + "_WEIGHTS\", \"" + options.fileStem +
                ".weights\",\n    weight_bytes, weights_mark, sizeof weights_mark - 1, problem);");
      code.open("if (bytes == nullptr) {");
      code.line("std::snprintf(error_, sizeof error_, \"%s\", problem.c_str());\nreturn;");
      code.close();
    } else {
      code.line("const unsigned char* bytes = " + symbol + ";");
      code.open("if (std::memcmp(bytes + weight_bytes, weights_mark, sizeof weights_mark - 1) != 0) {");
      code.line("std::snprintf(error_, sizeof error_, \"the embedded weights file is not the one made with this "
                "source\");\nreturn;");
      code.close();
    }
    code.line("const rt::weight_part whole{0, weight_bytes, bytes};");
    parts = "&whole";
    count = "1";
  }
  code.line("ready_ = made->start(" + names.launch + ", " + names.arguments + ", " +
            std::to_string(model.arguments.size()) + ", arena_bytes, " + names.weights + ", " + parts + ", " + count +
            ",\n                    weight_bytes, error_, sizeof error_);");
  if (fromFile && model.weightBytes != 0)
    code.line("m2crt::unshare(" + names.hostWeights + ");  // the device has them");
  code.close();
}

static void printClass(const ModelParts &model, const EmitOptions &options, const OwnNames &names, CodeWriter &code) {
  printStart(model, options, names, code);
  code.line("\nModel::~Model() { delete static_cast<rt::instance*>(instance_); }");
  std::string tensors, pointers, fromTensors, fromPointers;
  for (const TensorArgument &tensor : model.arguments) {
    std::string constant = tensor.isOutput ? "" : "const ", mutate = "const_cast<" + tensor.element + "*>(";
    tensors += (tensors.empty() ? "" : ", ") + printParameterType(tensor) + " " + tensor.name;
    pointers += constant + tensor.element + "* " + tensor.name + ", ";
    fromTensors += mutate + tensor.name + ".data()), ";
    fromPointers += mutate + tensor.name + "), ";
  }
  code.open("\nbool Model::run(" + tensors + ") noexcept {");
  code.line("if (!ready_) return false;");
  for (const TensorArgument &tensor : model.arguments)
    code.line("if (!check(error_, sizeof error_, \"" + tensor.name + "\", " + tensor.name + ".size(), " + tensor.name +
              "_size)) return false;");
  code.line("void* arguments[] = {" + fromTensors + "nullptr};");
  code.line("if (!static_cast<rt::instance*>(instance_)->run(arguments)) return false;");
  code.line("error_[0] = '\\0';\nreturn true;");
  code.close();
  code.line("\nbool Model::profile() noexcept { return ready_ && static_cast<rt::instance*>(instance_)->profile(); }");
  code.open("\nbool Model::run_async(" + pointers + "void* stream) noexcept {");
  code.line("if (!ready_) return false;");
  code.line("void* arguments[] = {" + fromPointers + "nullptr};");
  code.line("return static_cast<rt::instance*>(instance_)->run_async(arguments, static_cast<cudaStream_t>(stream));");
  code.close();
}

static void printCFunctions(const ModelParts &model, const EmitOptions &options, CodeWriter &code) {
  const std::string &name = model.name;
  bool fromFile = !cuda::hasInlineWeights(model, options) && options.weights == WeightsMode::File;
  std::string type = name + "_model", parameters, sized, pointers, names;
  for (const TensorArgument &tensor : model.arguments) {
    std::string constant = tensor.isOutput ? "" : "const ";
    parameters += ", " + constant + tensor.element + "* " + tensor.name + ", size_t " + tensor.name + "_count";
    sized += (sized.empty() ? "" : ", ") + name + "::sized<" + constant + tensor.element + ">{" + tensor.name + ", " +
             tensor.name + "_count}";
    pointers += constant + tensor.element + "* " + tensor.name + ", ";
    names += tensor.name + ", ";
  }
  code.line("struct " + type + " {\n  " + name + "::Model model;\n};\n\nextern \"C\" {\n");
  code.line(type + "* " + name + "_create(void) { return " + name + "_create_with(nullptr); }");
  code.open(type + "* " + name + "_create_with(" + (fromFile ? "" : "[[maybe_unused]] ") +
            "const char* weights_path) {");
  code.line("return new (std::nothrow) " + type + "{" + name + "::Model(" + (fromFile ? "weights_path" : "") + ")};");
  code.close();
  code.line("const char* " + name + "_error(const " + type + "* model) { return model->model.error(); }");
  code.line("int " + name + "_run(" + type + "* model" + parameters + ") { return model->model.run(" + sized +
            ") ? 0 : 1; }");
  code.line("int " + name + "_run_async(" + type + "* model, " + pointers +
            "void* stream) { return model->model.run_async(" + names + "stream) ? 0 : 1; }");
  code.line("void " + name + "_destroy(" + type + "* model) { delete model; }\n\n}  // extern \"C\"");
}

FailureOr<std::string> cuda::printSourceFile(ModelParts &model, const EmitOptions &options, const CudaTarget &target,
                                             Location loc) {
  bool fromFile = !hasInlineWeights(model, options) && options.weights == WeightsMode::File;
  RuntimeAmalgamator runtime;
  model.file.headers.insert("cuda/instance.cuh");
  model.file.headers.insert("cuda/lanes.cuh");
  if (fromFile)
    model.file.headers.insert("memory.h");
  if (options.main)
    model.file.headers.insert("main.h");
  SmallVector<StringRef> headers(model.file.headers.begin(), model.file.headers.end());
  llvm::sort(headers);
  for (StringRef header : headers)
    if (!runtime.add(header))
      return emitError(loc, "internal error: the run-time header '") << header << "' is missing", failure();

  OwnNames names(model.file.names);
  CodeWriter code;
  code.line(StringRef(printBanner(model, options, options.fileStem + ".cu")).rtrim());
  code.line("// build    nvcc -std=c++17 -O2 -arch=" + target.arch + " -c " + options.fileStem + ".cu");
  code.line("#include \"" + options.fileStem + ".h\"\n");
  for (const std::string &include : runtime.systemIncludes())
    code.line(include);
  code.line("#include <new>\n");
  code.line("// Matrix products of float32: " + std::string(target.math == CudaMath::Tf32
                                                                ? "on tensor cores, factors rounded to tf32"
                                                                : "as the processor computes them"));
  code.line("#ifndef M2CRT_ARITHMETIC\n#define M2CRT_ARITHMETIC " + getMathName(target.math).str() + "\n#endif\n");
  if (!hasInlineWeights(model, options) && !fromFile)
    printEmbedding(model, options, code);
  code.line("namespace " + model.name + " {\nnamespace {\n");
  code.line(printRule("run-time library"));
  code.line("// " + runtime.names());
  code.line();
  // Not every function of a header is used by every model.
  code.line(
      "#if defined(__NVCC__)\n#pragma nv_diag_suppress 177\n#endif\n#if defined(__GNUC__)\n#pragma GCC diagnostic "
      "push\n#pragma GCC diagnostic ignored \"-Wunused-function\"\n#pragma GCC diagnostic ignored "
      "\"-Wunused-const-variable\"\n#endif");
  code.line(StringRef(runtime.text()).rtrim());
  code.line("#if defined(__GNUC__)\n#pragma GCC diagnostic pop\n#endif");
  if (options.main)
    code.line("\nnamespace m2crt {\nnamespace cuda {\nusing m2crt::element_type;\nusing m2crt::run_main;\n"
              "using m2crt::tensor_info;\n}  // namespace cuda\n}  // namespace m2crt");
  code.line("\nnamespace rt = m2crt::cuda;\n");
  if (fromFile)
    code.line("m2crt::shared_bytes " + names.hostWeights + ";\n");
  printWeights(model, options, names.parts, code);
  printArena(model, code);
  printKernels(model, {"rt::queue& queue"}, code);
  code.line();
  printTables(model, names, code);
  printArgumentHelpers(model, code);
  code.line("}  // namespace\n");
  printClass(model, options, names, code);
  if (options.main)
    code.line("\nstatic bool " + names.profile + "(void* model) { return static_cast<Model*>(model)->profile(); }");
  code.line("\n}  // namespace " + model.name);
  code.line();
  printCFunctions(model, options, code);
  if (options.main)
    code.line("\n" + printMain(model, options, names.profile));
  return code.take();
}
