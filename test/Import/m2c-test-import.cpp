// For tests: imports each model named on the command line and prints it, or why it was refused, under a line with its
// file name; with --check, one line for each model. Exits with 1 if a model was refused without a message, with 2 if
// any was refused (unless --check), else with 0. With --schemas, prints the operators of the dialect.
#include "m2c/Dialect/Onnx/Onnx.h"
#include "m2c/Import/Import.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Support/LLVM.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace m2c::onnx;

static void printSchemas() {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  context.loadDialect<OnnxDialect>();
  auto parameter = [](const ValueSchema &value) {
    return value.name.str() + (value.arity == Arity::Optional   ? "?"
                               : value.arity == Arity::Variadic ? "*" + std::to_string(value.minCount)
                                                                : "");
  };
  static constexpr StringRef kKinds[] = {"int",     "float",  "string", "ints", "floats",
                                         "strings", "tensor", "type",   "dict"};
  for (RegisteredOperationName name : context.getRegisteredOperationsByDialect("onnx")) {
    auto *op = name.getInterface<OnnxOp>();
    if (!op)
      continue;
    const OpSchema &schema = op->getOpSchema();
    std::vector<std::string> attributes;
    for (const AttrSchema &attr : schema.attributes)
      attributes.push_back(
          (attr.name + ":" + kKinds[static_cast<unsigned>(attr.kind)] + (attr.required ? "!" : "")).str());
    for (StringRef region : schema.regions) // all are required but FlexAttention's
      attributes.push_back((region + ":graph" + (schema.opType == "FlexAttention" ? "" : "!")).str());
    llvm::sort(attributes);
    llvm::outs() << (schema.domain.empty() ? "ai.onnx" : schema.domain) << " " << schema.opType << " "
                 << schema.sinceVersion << " (" << llvm::join(llvm::map_to_vector(schema.operands, parameter), ", ")
                 << ") -> (" << llvm::join(llvm::map_to_vector(schema.results, parameter), ", ") << ") {"
                 << llvm::join(attributes, ", ") << "}\n";
  }
}

int main(int argc, char **argv) {
  m2c::ImportOptions options;
  std::vector<std::string> models;
  bool checkOnly = false;
  for (StringRef arg : ArrayRef(argv, argc).drop_front()) {
    if (arg == "--schemas") {
      printSchemas();
    } else if (arg == "--check") {
      checkOnly = true;
    } else if (arg.consume_front("--dim=")) {
      auto [name, value] = arg.rsplit('=');
      value.getAsInteger(10, options.dims[name.str()]);
    } else if (arg.consume_front("--shape=")) {
      auto [name, extents] = arg.rsplit(':');
      SmallVector<StringRef> parts;
      extents.split(parts, 'x', -1, /*KeepEmpty=*/false);
      for (StringRef part : parts)
        part.getAsInteger(10, options.shapes[name.str()].emplace_back());
    } else {
      models.push_back(arg.str());
    }
  }

  bool anyRefused = false, anySilent = false;
  for (const std::string &model : models) {
    MLIRContext context(MLIRContext::Threading::DISABLED);
    std::string messages;
    llvm::raw_string_ostream stream(messages);
    ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
      stream << (diagnostic.getSeverity() == DiagnosticSeverity::Error ? "error: " : "note: ") << diagnostic << "\n";
    });
    FailureOr<OwningOpRef<ModuleOp>> module = m2c::importOnnx(model, options, context);
    anyRefused |= failed(module);
    anySilent |= failed(module) && messages.empty();
    StringRef name = llvm::sys::path::filename(model);
    if (failed(module)) {
      llvm::outs() << name << ": refused: " << messages;
    } else if (checkOnly) {
      llvm::outs() << name << ": imported\n";
    } else {
      llvm::outs() << name << ": imported\n";
      (*module)->print(llvm::outs(), OpPrintingFlags().elideLargeResourceString(64).elideLargeElementsAttrs(64));
      llvm::outs() << "\n";
    }
  }
  return anySilent ? 1 : anyRefused && !checkOnly ? 2 : 0;
}
