// The fence behind the Graph station: all that the later ones cannot take, reported at once.
#include "m2c/Dialect/Onnx/Names.h"
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Graph/ConstantTensor.h"
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

/// The values that result `r` of a branch or loop may be; none for other operators and for outputs by trip.
SmallVector<Value> getSources(Operation *op, unsigned r) {
  auto yielded = [&](Region &region, unsigned i) { return region.front().getTerminator()->getOperand(i); };
  if (auto branch = dyn_cast<IfOp>(op))
    return {yielded(branch.getThenBranch(), r), yielded(branch.getElseBranch(), r)};
  if (auto loop = dyn_cast<LoopOp>(op); loop && r < loop.getVInitial().size())
    return {loop.getVInitial()[r], yielded(loop.getBody(), 1 + r)};
  if (auto scan = dyn_cast<ScanOp>(op); scan && r < scan->getNumOperands() - scan.getNumScanInputs())
    return {scan->getOperand(r), yielded(scan.getBody(), r)};
  return {};
}

/// Whether a Loop has neither a trip count nor a condition that may become false.
bool isEndless(LoopOp op) {
  auto holds = [](Value condition) {
    auto constant = graph::ConstantTensor::get(condition);
    return constant && constant->size() == 1 && constant->getInt(0) != 0;
  };
  return !op.getM() && (!op.getCond() || holds(op.getCond())) &&
         holds(op.getBody().front().getTerminator()->getOperand(0));
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
      if (goodInputs && !reportedInside.contains(op) && isUnresolvedList(op)) {
        error(op)
            << "how many elements its sequence has, which of them it takes, or whether an optional holds one, is not "
               "known at conversion";
        return;
      }
      if (isa<SequenceConstructOp, SequenceEmptyOp>(op))
        return; // who uses it is reported
      // Only where the trouble starts: what comes after it is unknown for no reason of its own.
      bool known = llvm::all_of(op->getOperandTypes(), isComplete);
      if (reportedInside.contains(op) || (known && verifyControlFlow(op)))
        return;
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

  /// Whether an operator on sequences or optionals is the first that inference could not resolve.
  static bool isUnresolvedList(Operation *op) {
    auto isList = [](Type type) { return isa<SequenceType, OptionalType>(type); };
    auto isDone = [&](Value value) {
      return isList(value.getType()) ? isa_and_nonnull<SequenceConstructOp, SequenceEmptyOp>(value.getDefiningOp())
                                     : isComplete(value.getType());
    };
    bool hasList = llvm::any_of(op->getOperandTypes(), isList) || llvm::any_of(op->getResultTypes(), isList);
    return hasList && !isa<SequenceConstructOp, SequenceEmptyOp>(op) && llvm::all_of(op->getOperands(), isDone);
  }

  /// Whether an error was reported that only branches and loops have.
  bool verifyControlFlow(Operation *op) {
    auto shapeOf = [&](Value value) {
      return graph::formatShape(op, getDims(cast<RankedTensorType>(value.getType())));
    };
    auto loop = dyn_cast<LoopOp>(op);
    if (loop && isEndless(loop)) {
      error(op) << "it never ends: it has no trip count, and its condition is always true";
      return true;
    }
    bool isBad = false;
    for (OpResult result : op->getResults()) {
      SmallVector<Value> sources = getSources(op, result.getResultNumber());
      auto type = dyn_cast<RankedTensorType>(result.getType());
      bool areRanked = llvm::all_of(sources, [](Value source) { return isa<RankedTensorType>(source.getType()); });
      if (sources.size() == 2 && areRanked && (sources[0].getType() != sources[1].getType() || !type)) {
        bool isIf = isa<IfOp>(op);
        error(op) << (isIf ? "the branches give its result '" : "its carried value '") << getValueName(result)
                  << (isIf ? "' the shapes " : "' changes its shape from ") << shapeOf(sources[0])
                  << (isIf ? " and " : " to ") << shapeOf(sources[1])
                  << ", but the generated code has one buffer for it, of a size known before the run starts";
        isBad = true;
      }
    }
    return isBad;
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
        error(op) << "its result '" << getValueName(result) << "' has type " << element << ", which is not supported";
      }
  }

  void reportDynamic(Operation *op) {
    for (Value result : op->getResults()) {
      if (isComplete(result.getType()))
        continue;
      auto diag = error(op);
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

  /// The error of a node: those around it have none of their own then.
  InFlightDiagnostic error(Operation *op) {
    hasErrors = true;
    for (Operation *around = op->getParentOp(); around; around = around->getParentOp())
      reportedInside.insert(around);
    return graph::emitNodeError(op);
  }

  bool hasErrors = false;
  SmallPtrSet<Operation *, 8> reportedInside;
};

} // namespace
} // namespace m2c
