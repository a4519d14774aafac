// How the Graph station words its messages.
#include "m2c/Graph/Diagnostics.h"
#include "m2c/Dialect/Onnx/Names.h"

using namespace mlir;

namespace m2c::graph {

std::string describeNode(Operation *op) {
  StringRef name = onnx::getNodeName(op->getLoc()), type = op->getName().stripDialect();
  if (name.empty() && op->getNumResults() > 0)
    name = onnx::getValueName(op->getResult(0));
  return name.empty() ? ("node (" + type + ")").str() : ("node '" + name + "' (" + type + ")").str();
}

InFlightDiagnostic emitNodeError(Operation *op) { return emitError(op->getLoc()) << describeNode(op) << ": "; }

} // namespace m2c::graph
