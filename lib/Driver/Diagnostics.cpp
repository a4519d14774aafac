#include "m2c/Driver/Diagnostics.h"
#include "m2c/Emit/Names.h"
#include "m2c/Support/Signals.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Location.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ConvertUTF.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace m2c;

DiagnosticPrinter::DiagnosticPrinter(MLIRContext *context, StringRef model)
    : model(model), handler(context, [this](Diagnostic &diagnostic) { return print(diagnostic); }) {}

/// "node 'a': " or "nodes 'a', 'b': ", or the line in a file of IR; empty where the location says nothing.
static std::string describe(Location loc) {
  SmallVector<StringRef> nodes = emit::getNodeNames(loc);
  if (nodes.empty()) {
    auto place = loc->findInstanceOf<FileLineColLoc>();
    bool hasLine = place && place.getLine() > 0;
    return hasLine ? (place.getFilename().getValue() + ":" + Twine(place.getLine()) + ": ").str() : "";
  }
  std::string names = "'" + llvm::join(nodes, "', '") + "': ";
  return (nodes.size() == 1 ? "node " : "nodes ") + names;
}

static bool isUtf8Text(StringRef text) {
  const auto *begin = text.bytes_begin();
  return llvm::isLegalUTF8String(&begin, text.bytes_end());
}

/// What names in a damaged file may hold is no text for a terminal.
static std::string makePrintable(std::string text) {
  bool isUtf8 = isUtf8Text(text);
  for (char &c : text)
    if (static_cast<unsigned char>(c) == 127 || (static_cast<unsigned char>(c) < 32 && c != '\n') ||
        (static_cast<unsigned char>(c) > 127 && !isUtf8))
      c = '?';
  return text;
}

/// The place and the text of one message. Messages that name their node already need no place.
static std::string toText(const Diagnostic &diagnostic) {
  std::string text = diagnostic.str();
  bool hasNode = StringRef(text).starts_with("node ") || StringRef(text).starts_with("operator ");
  return makePrintable(hasNode ? text : describe(diagnostic.getLocation()) + text);
}

LogicalResult DiagnosticPrinter::print(Diagnostic &diagnostic) {
  bool isError = diagnostic.getSeverity() == DiagnosticSeverity::Error;
  std::string text = toText(diagnostic);
  for (Diagnostic &note : diagnostic.getNotes())
    text += "\nnote: " + toText(note);
  if (collected && isError)
    collected->push_back(text);
  else
    llvm::errs() << (isError ? "error: " : "warning: ") << model << ": " << text << "\n";
  return success();
}

void m2c::reportError(const Twine &message) { llvm::errs() << "error: " << message << "\n"; }

ExitStatus m2c::failInternally(const Twine &message) {
  llvm::errs() << "internal error: " << message << "; " << internalErrorAdvice << "\n";
  return exitInternal;
}
