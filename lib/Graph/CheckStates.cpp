// Checks the states of a streaming model: inputs that are an output of the run before (--state).
#include "m2c/Dialect/Onnx/Names.h"
#include "m2c/Graph/Passes.h"
#include "m2c/IR/Symbols.h"

namespace m2c {
#define GEN_PASS_DEF_CHECKSTATESPASS
#include "m2c/Graph/Passes.h.inc"
} // namespace m2c

using namespace mlir;
using namespace m2c;

namespace {

struct CheckStates : m2c::impl::CheckStatesPassBase<CheckStates> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    names = getSymbolNames(function);
    bounds = getSymbolBounds(function);
    held.clear();
    bool hasFailed = false;
    for (BlockArgument input : function.getArguments())
      if (auto output = function.getArgAttrOfType<StringAttr>(input.getArgNumber(), "m2c.state"))
        hasFailed |= failed(check(input, output.getValue()));
    if (hasFailed)
      return signalPassFailure();
    if (!held.empty())
      setHeldSymbols(function, held);
  }

private:
  /// The value that the function returns by the name `output`.
  Value getOutput(StringRef output) {
    func::FuncOp function = getOperation();
    Operation *result = function.getBody().front().getTerminator();
    for (unsigned i = 0; i < function.getNumResults(); ++i)
      if (auto name = function.getResultAttrOfType<StringAttr>(i, "onnx.name"); name && name.getValue() == output)
        return result->getOperand(i);
    return {};
  }

  LogicalResult check(BlockArgument input, StringRef outputName) {
    StringRef inputName = onnx::getValueName(input);
    auto error = [&]() { return getOperation().emitError() << "--state " << outputName << ":" << inputName << ": "; };
    Value output = getOutput(outputName);
    if (!output)
      return error() << "the model has no such output";
    auto from = dyn_cast<RankedTensorType>(output.getType()), to = dyn_cast<RankedTensorType>(input.getType());
    if (!from || !to || from.getElementType() != to.getElementType())
      return error() << "the output is " << output.getType() << " but the input " << input.getType();
    Dims after = getDims(from), before = getDims(to);
    std::string shapes = "; the output is " + formatDims(after, names) + " and the input " + formatDims(before, names);
    if (after.size() != before.size())
      return error() << "their ranks differ" << shapes;
    std::optional<unsigned> growing;
    for (unsigned axis = 0; axis < before.size(); ++axis) {
      AffineSymbolExpr symbol = nullptr;
      if (before[axis].isSymbolic())
        symbol = dyn_cast<AffineSymbolExpr>(before[axis].getExpr(&getContext()));
      if (before[axis] == after[axis]) {
        if (!before[axis].isNumber())
          return error() << "dimension " << axis << " has to be the same in all runs; pin it with --dim "
                         << before[axis].str(names) << "=SIZE" << shapes;
      } else if (!symbol) {
        return error() << "they differ in dimension " << axis << shapes;
      } else if (growing) {
        return error() << "they differ in dimensions " << *growing << " and " << axis << "; one may grow" << shapes;
      } else {
        growing = axis;
        if (failed(hold(symbol.getPosition(), after[axis], error)))
          return failure();
      }
    }
    return success();
  }

  /// Symbol `symbol` is `next` in the run after.
  template <class Error>
  LogicalResult hold(unsigned symbol, const Dim &next, const Error &error) {
    // The instance has memory for the largest state.
    WalkResult bounded = next.getExpr(&getContext()).walk([&](AffineExpr part) {
      auto used = dyn_cast<AffineSymbolExpr>(part);
      if (!used || bounds[used.getPosition()] >= 0)
        return WalkResult::advance();
      error() << "its size '" << names[used.getPosition()] << "' needs a bound: --dim " << names[used.getPosition()]
              << "=1..LARGEST";
      return WalkResult::interrupt();
    });
    if (bounded.wasInterrupted())
      return failure();
    if (bounds[symbol] < 0)
      return error() << "its size '" << names[symbol] << "' needs a bound: --dim " << names[symbol] << "=1..LARGEST";
    for (const HeldSymbol &known : held)
      if (known.symbol == symbol) {
        if (known.next == next)
          return success();
        return error() << "'" << names[symbol] << "' would be " << next.str(names) << " after a run, but another state "
                       << "makes it " << known.next.str(names);
      }
    held.push_back({symbol, next});
    return success();
  }

  std::vector<std::string> names;
  SmallVector<int64_t> bounds;
  std::vector<HeldSymbol> held;
};

} // namespace
