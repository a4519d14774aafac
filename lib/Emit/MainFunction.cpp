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
  std::string call;
  unsigned input = 0, output = 0;
  SmallVector<StringRef> outputNames;
  for (const TensorArgument &tensor : model.arguments)
    if (tensor.isOutput)
      outputNames.push_back(tensor.onnxName);
  std::vector<std::string> files = getOutputFileNames(outputNames);
  for (bool outputs : {false, true}) {
    if (llvm::none_of(model.arguments, [&](const TensorArgument &tensor) { return tensor.isOutput == outputs; }))
      continue; // an array has at least one element
    code.open(std::string("const rt::tensor_info main_") + (outputs ? "outputs" : "inputs") + "[] = {");
    size_t position = 0;
    for (const TensorArgument &tensor : model.arguments) {
      if (tensor.isOutput != outputs)
        continue;
      std::string file = outputs ? quote(files[position++]) : "nullptr";
      std::string shape, sizes;
      for (const Dim &extent : tensor.shape) {
        shape += (shape.empty() ? "" : ", ") + std::to_string(extent.isNumber() ? extent.getNumber() : 0);
        std::string text = printSize(extent, model.file.symbols);
        auto found = llvm::find_if(model.sizes, [&](const SizeArgument &size) { return size.name == text; });
        sizes += (sizes.empty() ? "" : ", ") +
                 (found == model.sizes.end() ? "-1" : std::to_string(found - model.sizes.begin()));
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
  for (size_t i = 0; i < model.sizes.size(); ++i)
    call += (i ? ", sizes[" : "sizes[") + std::to_string(i) + "]";
  if (!model.sizes.empty()) {
    code.open("const char* const main_sizes[] = {");
    for (const SizeArgument &size : model.sizes)
      code.line(quote(size.onnxName) + ",");
    code.close("};");
    code.open(
        "\nvoid main_shapes(const std::size_t* sizes, "
        "[[maybe_unused]] std::vector<std::size_t>* inputs, [[maybe_unused]] std::vector<std::size_t>* outputs) {");
    for (auto [i, size] : llvm::enumerate(model.sizes))
      code.line("[[maybe_unused]] const std::size_t " + size.name + " = sizes[" + std::to_string(i) + "];");
    unsigned in = 0, out = 0;
    for (const TensorArgument &tensor : model.arguments) {
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
    for (const TensorArgument &tensor : model.arguments) {
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
    for (const TensorArgument &tensor : model.arguments) {
      out += tensor.isOutput;
      std::string shape = "static_cast<const Model*>(model)->" + tensor.name + "_shape()";
      if (tensor.isFound())
        code.line("outputs[" + std::to_string(out - 1) + "].assign(" + shape + ".begin(), " + shape + ".end());");
    }
    code.close();
  }
  for (const TensorArgument &tensor : model.arguments) {
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
  code.line("\nbool main_run(void* model, " + std::string(model.sizes.empty() ? "[[maybe_unused]] " : "") +
            "const std::size_t* sizes, " + std::string(input ? "" : "[[maybe_unused]] ") + "void* const* inputs, " +
            (output ? "" : "[[maybe_unused]] ") +
            "void* const* outputs) {\n"
            "  return static_cast<Model*>(model)->run(" +
            call + ");\n}\n");
  code.line("}  // namespace\n}  // namespace " + model.name + "\n");
  code.open("int main(int argc, char** argv) {");
  code.line("using namespace " + model.name + ";");
  code.line("static Model model;");
  code.line("return rt::run_main(argc, argv, {" + quote(model.name) + (input ? ", main_inputs, " : ", nullptr, ") +
            std::to_string(input) + (output ? ", main_outputs, " : ", nullptr, ") + std::to_string(output) +
            ", &model, model.error(), main_run, " +
            (model.sizes.empty() ? "nullptr, 0, nullptr"
                                 : "main_sizes, " + std::to_string(model.sizes.size()) + ", main_shapes") +
            (profile.empty() ? finds ? ", nullptr" : "" : ", " + profile.str()) +
            (finds ? ", main_room, main_capacities, main_found" : "") + "});");
  code.close();
  return code.take();
}
