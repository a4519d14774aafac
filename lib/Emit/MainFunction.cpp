// The generated main function: a table that describes the model to m2crt/main.h.
#include "Model.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;
using namespace m2c;
using namespace m2c::emit;

static std::string quote(llvm::StringRef text) {
  std::string quoted;
  for (unsigned char c : text)
    if (c == '"' || c == '\\')
      (quoted += '\\') += static_cast<char>(c);
    else if (c < 32 || c > 126) {
      char octal[8];
      std::snprintf(octal, sizeof octal, "\\%03o", c);
      quoted += octal;
    } else
      quoted += static_cast<char>(c);
  return "\"" + quoted + "\"";
}

/// The enumerator of m2crt::element_type.
static std::string getElementName(mlir::Type type) {
  std::string name = describeTensor(type, ArrayRef<Dim>());
  return "rt::element_type::" + (name.substr(0, name.find('[')) == "bool" ? "boolean" : name.substr(0, name.find('[')));
}

std::string m2c::emit::printMain(const ModelParts &model, const EmitOptions &options, StringRef profile) {
  CodeWriter code;
  code.line("// ==== main " + std::string(106, '='));
  code.line("\nnamespace " + model.name + " {\nnamespace {\n");
  std::vector<TensorArgument> tensors = getCallerTensors(model);
  std::vector<SizeArgument> callerSizes = getCallerSizes(model);
  bool holdsSizes = callerSizes.size() != model.sizes.size();
  std::string call;
  unsigned input = 0, output = 0;
  SmallVector<StringRef> outputNames;
  for (const TensorArgument &tensor : tensors)
    if (tensor.isOutput)
      outputNames.push_back(tensor.onnxName);
  std::vector<std::string> files = getOutputFileNames(outputNames);
  for (bool outputs : {false, true}) {
    if (llvm::none_of(tensors, [&](const TensorArgument &tensor) { return tensor.isOutput == outputs; }))
      continue; // an array has at least one element
    code.open(std::string("const rt::tensor_info main_") + (outputs ? "outputs" : "inputs") + "[] = {");
    size_t position = 0;
    for (const TensorArgument &tensor : tensors) {
      if (tensor.isOutput != outputs)
        continue;
      std::string file = outputs ? quote(files[position++]) : "nullptr";
      std::string shape, sizes;
      for (const Dim &extent : tensor.shape) {
        shape += (shape.empty() ? "" : ", ") + std::to_string(extent.isNumber() ? extent.getNumber() : 0);
        std::string text = printSize(extent, model.file.symbols);
        auto found = llvm::find_if(callerSizes, [&](const SizeArgument &size) { return size.name == text; });
        sizes += (sizes.empty() ? "" : ", ") +
                 (found == callerSizes.end() ? "-1" : std::to_string(found - callerSizes.begin()));
      }
      auto range = options.inputRanges.find(tensor.onnxName);
      std::string bounds = "false, 0, 0";
      if (range != options.inputRanges.end())
        bounds = "true, " + llvm::formatv("{0}, {1}", range->second.first, range->second.second).str();
      code.line("{" + quote(tensor.onnxName) + ", " + file + ", " + getElementName(tensor.elementType) + ", {" + shape +
                "}, " + bounds +
                (tensor.isFound()      ? ", {}, true"
                 : model.sizes.empty() ? ""
                                       : ", {" + sizes + "}") +
                "},");
    }
    code.close("};");
  }
  if (holdsSizes)
    code.line("Model& main_model() {\n  static Model model;\n  return model;\n}\n");
  for (size_t i = 0; i < callerSizes.size(); ++i)
    call += (i ? ", sizes[" : "sizes[") + std::to_string(i) + "]";
  if (!model.sizes.empty()) {
    code.open("const char* const main_sizes[] = {");
    for (const SizeArgument &size : callerSizes)
      code.line(quote(size.onnxName) + ",");
    if (callerSizes.empty())
      code.line("nullptr"); // an array has at least one element
    code.close("};");
    code.open(
        "\nvoid main_shapes([[maybe_unused]] const std::size_t* sizes, "
        "[[maybe_unused]] std::vector<std::size_t>* inputs, [[maybe_unused]] std::vector<std::size_t>* outputs) {");
    for (auto [i, size] : llvm::enumerate(callerSizes))
      code.line("[[maybe_unused]] const std::size_t " + size.name + " = sizes[" + std::to_string(i) + "];");
    for (const SizeArgument &size : model.sizes)
      if (size.isHeld())
        code.line("[[maybe_unused]] const std::size_t " + size.name + " = main_model()." + size.name + "();");
    unsigned in = 0, out = 0;
    for (const TensorArgument &tensor : tensors) {
      std::string shape;
      for (const Dim &extent : tensor.shape)
        shape += (shape.empty() ? "" : ", ") + printSize(extent, model.file.symbols);
      if (tensor.isFound()) {
        ++out;
        continue;
      }
      code.line((tensor.isOutput ? "outputs[" + std::to_string(out++) : "inputs[" + std::to_string(in++)) + "] = {" +
                shape + "};");
    }
    code.close();
  }
  bool finds = hasFoundOutput(model);
  if (finds) {
    code.line("\nstd::size_t main_room[" + std::to_string(outputNames.size()) + "];");
    code.open("\nvoid main_capacities([[maybe_unused]] const std::size_t* sizes, std::size_t* room) {");
    unsigned out = 0;
    for (const TensorArgument &tensor : tensors) {
      out += tensor.isOutput;
      if (!tensor.isFound())
        continue;
      std::string most = tensor.room->isUnknown() ? "rt::unknown_size" : "Model::" + tensor.name + "_capacity";
      if (tensor.room->isSymbolic())
        most += "(" + call + ")";
      code.line("room[" + std::to_string(out - 1) + "] = " + most + ";");
    }
    code.close();
    code.open("\nvoid main_found(void* model, std::vector<std::size_t>* outputs) {");
    out = 0;
    for (const TensorArgument &tensor : tensors) {
      out += tensor.isOutput;
      std::string shape = "static_cast<const Model*>(model)->" + tensor.name + "_shape()";
      if (tensor.isFound())
        code.line("outputs[" + std::to_string(out - 1) + "].assign(" + shape + ".begin(), " + shape + ".end());");
    }
    code.close();
  }
  for (const TensorArgument &tensor : tensors) {
    if (tensor.isFound()) {
      std::string position = std::to_string(output++);
      call += (call.empty() ? "" : ", ") + std::string("sized<") + tensor.element + ">{static_cast<" + tensor.element +
              "*>(outputs[" + position + "]), main_room[" + position + "]}";
      continue;
    }
    call += (call.empty() ? "" : ", ") + std::string("static_cast<") + (tensor.isOutput ? "" : "const ") +
            tensor.element + "*>(" +
            (tensor.isOutput ? "outputs[" + std::to_string(output++) : "inputs[" + std::to_string(input++)) + "])";
  }
  code.line("\nbool main_run(void* model, " + std::string(callerSizes.empty() ? "[[maybe_unused]] " : "") +
            "const std::size_t* sizes, " + std::string(input ? "" : "[[maybe_unused]] ") + "void* const* inputs, " +
            (output ? "" : "[[maybe_unused]] ") + "void* const* outputs) {");
  for (const SizeArgument &size : model.sizes)
    if (size.isHeld()) // a benchmark begins anew when the state is full
      code.line("  if (main_model()." + size.name + "() > " + std::to_string(size.bound) + ") main_model().reset();");
  code.line("  return static_cast<Model*>(model)->run(" + call + ");\n}\n");
  if (model.isSplit)
    code.line(
        "bool main_threads(void* model, std::size_t count) { return static_cast<Model*>(model)->set_threads(count); "
        "}\n");
  code.line("}  // namespace\n}  // namespace " + model.name + "\n");
  code.open("int main(int argc, char** argv) {");
  code.line("using namespace " + model.name + ";");
  code.line(holdsSizes ? "Model& model = main_model();" : "static Model model;");
  code.line("return rt::run_main(argc, argv, {" + quote(model.name) + (input ? ", main_inputs, " : ", nullptr, ") +
            std::to_string(input) + (output ? ", main_outputs, " : ", nullptr, ") + std::to_string(output) +
            ", &model, model.error(), main_run, " +
            (model.sizes.empty() ? "nullptr, 0, nullptr"
                                 : "main_sizes, " + std::to_string(callerSizes.size()) + ", main_shapes") +
            (profile.empty() ? model.isSplit || finds ? ", nullptr" : "" : ", " + profile.str()) +
            (model.isSplit ? ", main_threads"
             : finds       ? ", nullptr"
                           : "") +
            (finds ? ", main_room, main_capacities, main_found" : "") + "});");
  code.close();
  return code.take();
}
