// The fence behind the Graph station: all that the later ones cannot take, reported at once.
#include "m2c/Dialect/Onnx/Names.h"
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Graph/Diagnostics.h"
#include "m2c/Graph/Infer.h"
#include "m2c/Graph/Passes.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c {
#define GEN_PASS_DEF_VERIFYGRAPHPASS
#include "m2c/Graph/Passes.h.inc"

namespace {

/// Whether generated code has a type for such elements.
bool isSupportedElement(Type type) {
  auto integer = dyn_cast<IntegerType>(type);
  return type.isF64() || (isa<FloatType>(type) && type.getIntOrFloatBitWidth() <= 32) ||
         (integer && llvm::is_contained({1u, 2u, 4u, 8u, 16u, 32u, 64u}, integer.getWidth()));
}

/// A tensor of such elements whose shape is known, in numbers and symbols.
bool isComplete(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && allKnown(getDims(tensor)) && isSupportedElement(tensor.getElementType());
}

/// The element type that is not supported, if that is the trouble with a type.
Type getBadElement(Type type) {
  auto tensor = dyn_cast<TensorType>(type);
  if (!tensor)
    return type;
  Type element = tensor.getElementType();
  return isSupportedElement(element) || isa<UnknownType>(element) ? Type() : element;
}

/// "'a', 'b', 'c' and 4 more".
std::string listNodes(ArrayRef<Operation *> nodes) {
  constexpr size_t kMost = 5;
  std::string text;
  for (Operation *op : nodes.take_front(kMost)) {
    StringRef name = getNodeName(op->getLoc());
    text += (text.empty() ? "'" : ", '") + (name.empty() ? std::string("?") : name.str()) + "'";
  }
  if (nodes.size() > kMost)
    text += " and " + std::to_string(nodes.size() - kMost) + " more";
  return text;
}

struct VerifyGraphPass : impl::VerifyGraphPassBase<VerifyGraphPass> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (!function.isExternal())
        verify(function);
    if (hasErrors)
      signalPassFailure();
  }

  void verify(func::FuncOp function) {
    for (BlockArgument input : function.getArguments())
      verifyInput(function, input);
    bool goodInputs = !hasErrors;
    llvm::MapVector<OperationName, SmallVector<Operation *>> withoutInference;
    function.walk([&](Operation *op) {
      if (!isa<OnnxOp>(op))
        return;
      // Only where the trouble starts: what comes after it is unknown for no reason of its own.
      bool known = llvm::all_of(op->getOperandTypes(), isComplete);
      if (!known || llvm::all_of(op->getResultTypes(), isComplete))
        return;
      if (llvm::any_of(op->getResultTypes(), getBadElement))
        reportTypes(op);
      else if (!graph::InferenceRegistry::get().find(op->getName().getStringRef()))
        withoutInference[op->getName()].push_back(op);
      else if (goodInputs)
        reportDynamic(op);
    });
    for (auto &[name, nodes] : withoutInference)
      error(nodes.front()->getLoc()) << "operator " << name.stripDialect() << " is not supported (" << nodes.size()
                                     << (nodes.size() == 1 ? " node: " : " nodes: ") << listNodes(nodes) << ")";
  }

  void verifyInput(func::FuncOp function, BlockArgument input) {
    auto type = dyn_cast<RankedTensorType>(input.getType());
    StringRef name = getValueName(input);
    if (Type element = getBadElement(input.getType())) {
      error(input.getLoc()) << "input '" << name << "' has type " << element << ", which is not supported";
      return;
    }
    if (!type) {
      auto diag = error(input.getLoc()) << "input '" << name << "' has no known shape";
      diag.attachNote() << "give one with --shape " << name << ":1x3x224x224";
      return;
    }
    if (allKnown(getDims(type)))
      return;
    std::string shape;
    for (int64_t dim : type.getShape())
      shape += (shape.empty() ? "" : "x") + std::to_string(dim == graph::kDynamic ? 1 : dim);
    auto diag = error(input.getLoc()) << "input '" << name << "' has a dimension of unknown size in "
                                      << graph::formatShape(function, getDims(type));
    diag.attachNote() << "give the whole shape with --shape " << name << ":" << shape;
  }

  void reportTypes(Operation *op) {
    for (Value result : op->getResults())
      if (Type element = getBadElement(result.getType())) {
        hasErrors = true;
        graph::emitNodeError(op) << "its result '" << getValueName(result) << "' has type " << element
                                 << ", which is not supported";
      }
  }

  void reportDynamic(Operation *op) {
    for (Value result : op->getResults()) {
      if (isComplete(result.getType()))
        continue;
      hasErrors = true;
      auto diag = graph::emitNodeError(op);
      diag << "the shape of its result '" << getValueName(result)
           << "' depends on values that are only known at run time";
      if (auto type = dyn_cast<RankedTensorType>(result.getType()))
        diag << ": " << graph::formatShape(op, getDims(type));
    }
  }

  InFlightDiagnostic error(Location loc) {
    hasErrors = true;
    return emitError(loc);
  }

  bool hasErrors = false;
};

} // namespace
} // namespace m2c
