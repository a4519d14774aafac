// Sizes that the run finds in data: their checks, the shapes of outputs that depend on them, and growing memory.
#include "Model.h"
#include "m2c/Dialect/Kernel/Sizes.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::emit;

/// Sizes without a bound are at most this, so that products of a few of them do not overflow.
static constexpr int64_t largestSize = 1 << 24;

bool m2c::emit::hasFoundOutput(const ModelParts &model) {
  return llvm::any_of(model.arguments, [](const TensorArgument &tensor) { return tensor.isFound(); });
}

/// Text within a format string.
static std::string escape(const std::string &text) {
  std::string out;
  for (char c : inComment(text))
    out += c == '%' ? "%%" : c == '"' ? "'" : std::string(1, c);
  return out;
}

static std::string asLong(const std::string &value) { return "static_cast<long long>(" + value + ")"; }

static void printFailure(StringRef error, const std::string &message, ArrayRef<std::string> values, CodeWriter &code) {
  code.line("std::snprintf(" + error.str() + ", sizeof " + error.str() + ", \"" + message + "\"" +
            (values.empty() ? "" : ", " + llvm::join(values, ", ")) + ");\nreturn false;");
}

void m2c::emit::printSizeCheck(const ModelParts &model, const SizeCheck &check, StringRef error, CodeWriter &code) {
  std::vector<std::string> symbols = castSymbols(model);
  const auto &[left, right] =
      check.isEquality && check.a.isNumber() ? std::pair(check.b, check.a) : std::pair(check.a, check.b);
  std::string a = printSize(left, symbols), b = printSize(right, symbols);
  code.open("if (!(" + a + (check.isEquality ? " == " : " <= ") + b + ")) {");
  printFailure(error,
               escape(left.str(model.file.symbols)) + " is %lld but must be " + (check.isEquality ? "" : "at most ") +
                   escape(right.str(model.file.symbols)) + ", which is %lld (node " + escape(check.node) + ")",
               {asLong(a), asLong(b)}, code);
  code.close();
}

LogicalResult m2c::emit::printDefinition(kernel::DefineSizesOp op, const ModelParts &model,
                                         llvm::SmallDenseSet<unsigned> &known, Printer &printer) {
  Buffer values = printer.buffer(op.getValues());
  if (printer.failed() || !values.isContiguous())
    return failure();
  CodeWriter &code = printer.code();
  llvm::SmallDenseSet<unsigned> own;
  for (auto [i, symbol] : llvm::enumerate(op.getSymbols())) {
    auto size = llvm::find_if(model.found, [&](const FoundSizeVariable &s) { return s.symbol == symbol; });
    own.insert(symbol);
    known.insert(symbol);
    code.line(size->name + " = static_cast<rt::idx>(" + values.elementAt(std::to_string(i)) + ");");
    std::string bound = size->bound.isUnknown() ? std::to_string(largestSize) : printer.text(size->bound);
    code.open("if (" + size->name + " < 0 || " + size->name + " > " + bound + ") {");
    printFailure("error", size->name + " is %lld but can be 0 to %lld (node " + escape(size->node) + ")",
                 {asLong(size->name), asLong(bound)}, code);
    code.close();
  }
  /// Whether the last of what `dim` depends on has just become known.
  auto isComplete = [&](ArrayRef<Dim> dims) {
    bool usesOwn = false, areKnown = true;
    for (const Dim &dim : dims)
      dim.dependsOn([&](unsigned symbol) {
        usesOwn |= own.contains(symbol);
        areKnown &= known.contains(symbol) || !model.isFound(symbol);
        return false;
      });
    return usesOwn && areKnown;
  };
  for (const SizeCheck &check : model.checks)
    if (isComplete({check.a, check.b}))
      printSizeCheck(model, check, "error", code);
  for (const TensorArgument &tensor : model.arguments) {
    if (!tensor.isFound() || !isComplete(tensor.shape))
      continue;
    for (auto [d, dim] : llvm::enumerate(tensor.shape))
      code.line(tensor.name + "_shape[" + std::to_string(d) + "] = static_cast<std::size_t>(" + printer.text(dim) +
                ");");
    std::string size = "static_cast<std::size_t>(" + printer.text(tensor.size()) + ")";
    code.open("if (" + size + " > " + tensor.name + "_count) {");
    printFailure("error", tensor.name + " has room for %zu elements but needs %zu", {tensor.name + "_count", size},
                 code);
    code.close();
  }
  return success();
}

void m2c::emit::printReserve(kernel::ReserveOp op, StringRef name, Printer &printer) {
  CodeWriter &code = printer.code();
  std::string part = std::to_string(op.getPart()), bytes = printer.text(Dim(op.getBytes().getResult(0)));
  code.line("unsigned char* " + name.str() + " = rt::reserve(grown[" + part + "], grown_bytes[" + part +
            "], static_cast<std::size_t>(" + bytes + "));");
  code.open("if (" + name.str() + " == nullptr) {");
  printFailure("error", "there is no memory left for %lld bytes", {asLong(bytes)}, code);
  code.close();
}
