// The generated header for GPUs: a class for C++, functions for C.
#include "Files.h"
#include "llvm/ADT/StringExtras.h"

using namespace m2c;
using namespace m2c::emit;
using llvm::StringRef;

std::string cuda::printHeaderFile(const ModelParts &model, const EmitOptions &options) {
  const std::string &name = model.name;
  std::string prefix = StringRef(name).upper(), guard = prefix + "_H";
  bool fromFile = !hasInlineWeights(model, options) && options.weights == WeightsMode::File;
  CodeWriter code;
  code.line(StringRef(printBanner(model, options, options.fileStem + ".h")).rtrim());
  code.line("#ifndef " + guard + "\n#define " + guard +
            "\n\n#include <stddef.h>\n#include <stdint.h>\n\n#ifdef __cplusplus");
  code.line("#include <cstddef>\n#include <cstdint>\n#include <type_traits>\n\nnamespace " + name + " {");
  code.line(printTensorClass(model));
  code.line("/// One instance of the model on the current CUDA device: its stream, memory and graph. Instances are "
            "independent of each\n/// other; those on one device share the weights. Nothing here throws.");
  code.open("class Model {\n public:");
  printTensorMembers(model, code);
  code.line("static constexpr std::size_t weight_bytes = " + std::to_string(model.weightBytes) + ";");
  code.line("static constexpr std::size_t arena_bytes = " + std::to_string(model.arenaBytes) + ";\n");
  code.line(fromFile
                ? "/// Takes memory on the device and uploads the weights: from `weights_path`, else from the file "
                  "that the environment\n/// variable " +
                      prefix + "_WEIGHTS names, else from " + options.fileStem +
                      ".weights beside the program or in the current folder."
                : "/// Takes memory on the device and uploads the weights.");
  code.line(fromFile ? "explicit Model(const char* weights_path = nullptr) noexcept;" : "Model() noexcept;");
  code.line("~Model();\nModel(const Model&) = delete;\nModel& operator=(const Model&) = delete;\n");
  code.line("/// Whether the instance can run; if not, error() says why.\nbool ok() const { return ready_; }");
  code.line("/// What went wrong last; \"\" for nothing.\nconst char* error() const { return error_; }\n");
  std::string tensors, pointers, cPointers;
  for (const TensorArgument &tensor : model.arguments) {
    StringRef element = tensor.element, plain = element;
    plain.consume_front("std::");
    std::string constant = tensor.isOutput ? "" : "const ";
    tensors += (tensors.empty() ? "" : ", ") + printParameterType(tensor) + " " + tensor.name;
    pointers += constant + element.str() + "* " + tensor.name + ", ";
    cPointers += constant + plain.str() + "* " + tensor.name + ", ";
  }
  code.line(
      "/// Computes the outputs, in the host's memory, and waits for them. False if the instance is not ok(), an "
      "argument has the\n/// wrong size or the device fails; error() says so. Inputs and outputs must not overlap.");
  code.line("bool run(" + tensors + ") noexcept;");
  code.line(
      "/// The same on the device's memory and in the caller's stream (a cudaStream_t), without waiting. The next "
      "run of this\n/// instance must come after this one has ended, or in the same stream.");
  code.line("bool run_async(" + pointers + "void* stream) noexcept;");
  code.line("/// Prints how long a run and each of its launches take on the device, on the inputs of the last run.\n"
            "bool profile() noexcept;");
  code.close("\n private:\n  void* instance_ = nullptr;\n  bool ready_ = false;\n  char error_[256] = \"\";\n};\n");
  code.line("}  // namespace " + name + "\n\nextern \"C\" {\n#endif\n");
  code.line("/* The same for C. Sizes are in elements. */");
  for (const TensorArgument &tensor : model.arguments)
    code.line("#define " + prefix + "_" + StringRef(tensor.name).upper() + "_SIZE " +
              std::to_string(tensor.size().getNumber()));
  code.line("\ntypedef struct " + name + "_model " + name + "_model;\n");
  code.line("/* A new instance; NULL only where there is no memory for it. Its error is \"\" if it can run. "
            "`weights_path` may be NULL. */");
  code.line(name + "_model* " + name + "_create(void);");
  code.line(name + "_model* " + name + "_create_with(const char* weights_path);");
  code.line("/* What went wrong last, or \"\". */\nconst char* " + name + "_error(const " + name + "_model* model);");
  code.line("/* 0 if the outputs were computed; else see the error. */");
  code.line("int " + name + "_run(" + name + "_model* model" + printCParameters(model) + ");");
  code.line("/* On the device's memory, in `stream` (a cudaStream_t), without waiting. */");
  code.line("int " + name + "_run_async(" + name + "_model* model, " + cPointers + "void* stream);");
  code.line("void " + name + "_destroy(" + name + "_model* model);\n");
  code.line("#ifdef __cplusplus\n}\n#endif\n\n#endif");
  return code.take();
}
