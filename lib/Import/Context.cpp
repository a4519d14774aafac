#include "Context.h"
#include "onnx-ml.pb.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace m2c::importer;

std::string m2c::importer::quote(StringRef name) {
  constexpr size_t kLongest = 120;
  std::string text = "'";
  for (char c : name.take_front(kLongest))
    text += static_cast<unsigned char>(c) < ' ' || c == 127 ? '?' : c;
  return text + (name.size() > kLongest ? "...'" : "'");
}

std::string m2c::importer::describe(const ::onnx::NodeProto &node) {
  std::string type = node.op_type();
  if (!node.domain().empty() && node.domain() != "ai.onnx")
    type = node.domain() + "." + type;
  type = StringRef(quote(type)).drop_front().drop_back().str();
  if (!node.name().empty())
    return "node " + quote(node.name()) + " (" + type + ")";
  for (const std::string &output : node.output())
    if (!output.empty())
      return "the " + type + " node that makes " + quote(output);
  return "a " + type + " node without a name";
}

InFlightDiagnostic Context::error(const Twine &where) {
  InFlightDiagnostic diagnostic = emitError(FileLineColLoc::get(&mlirContext, path, 0, 0));
  if (!where.isTriviallyEmpty())
    diagnostic << where << ": ";
  return diagnostic;
}

void Context::addUnsupported(const Twine &what, StringRef node) { unsupported[what.str()].push_back(node.str()); }

LogicalResult Context::reportUnsupported() {
  if (unsupported.empty())
    return success();
  constexpr size_t kNamed = 3;
  InFlightDiagnostic diagnostic = error();
  diagnostic << "the model needs what m2c does not know:";
  for (const auto &[what, nodes] : unsupported) {
    diagnostic << "\n  " << what << ", " << nodes.size() << (nodes.size() == 1 ? " time: " : " times: ");
    llvm::interleaveComma(ArrayRef(nodes).take_front(kNamed), diagnostic);
    if (nodes.size() > kNamed)
      diagnostic << ", ...";
  }
  return failure();
}
