// A state that grows (a cache of keys and values) and the output that is its next value share one buffer where the
// output is the state itself and, behind it, what the run adds. Then nothing is copied, however long the state has
// become.
#include "m2c/Dialect/Kernel/Sizes.h"
#include "m2c/IR/Symbols.h"
#include "m2c/Plan/Passes.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"

namespace m2c {
#define GEN_PASS_DEF_PLACESTATESPASS
#include "m2c/Plan/Passes.h.inc"
} // namespace m2c

using namespace mlir;
using namespace m2c;

namespace {

/// The one dimension in which two shapes differ.
std::optional<unsigned> getGrowing(ArrayRef<Dim> before, ArrayRef<Dim> after) {
  for (unsigned axis = 0; axis < before.size(); ++axis)
    if (before[axis] != after[axis])
      return axis;
  return std::nullopt;
}

/// Whether the operation of `use` may write the buffer; views are followed by the caller.
bool mayWrite(OpOperand &use) {
  auto effects = dyn_cast<MemoryEffectOpInterface>(use.getOwner());
  return !effects || effects.getEffectOnValue<MemoryEffects::Write>(use.get());
}

/// A state, its next value, and the layout of both in one buffer.
class SharedState {
public:
  SharedState(func::FuncOp function, BlockArgument state, BlockArgument next, unsigned axis)
      : function(function), state(state), next(next), axis(axis) {
    Dims largest = getBufferDims(next);
    largest[axis] = largest[axis].evaluate(getSymbolBounds(function));
    strides = getContiguousStrides(largest);
    auto type = cast<MemRefType>(state.getType());
    // Strides are open in the type where those of a buffer of open size were: the views' types stay as they are.
    SmallVector<int64_t> typeStrides;
    int64_t offset;
    isStrided = succeeded(type.getStridesAndOffset(typeStrides, offset));
    layout = StridedLayoutAttr::get(function.getContext(), 0, typeStrides);
  }

  bool isPossible() {
    if (!isStrided || !allKnown(strides))
      return false;
    for (OpOperand &use : state.getUses())
      if (!readsState(use))
        return false;
    for (OpOperand &use : next.getUses())
      if (!keepsState(use))
        return false;
    return copy != nullptr;
  }

  void share() {
    copy->erase();
    for (BlockArgument argument : {state, next}) {
      auto type = cast<MemRefType>(argument.getType());
      argument.setType(MemRefType::get(type.getShape(), type.getElementType(), layout));
      function.setArgAttr(argument.getArgNumber(), "m2c.strides", toAttribute(strides, function.getContext()));
    }
    for (memref::CollapseShapeOp view : joined)
      view.getResult().setType(memref::CollapseShapeOp::computeCollapsedType(cast<MemRefType>(view.getSrc().getType()),
                                                                             view.getReassociationIndices()));
    function.setArgAttr(state.getArgNumber(), "m2c.in_place", UnitAttr::get(function.getContext()));
    function.setFunctionType(
        FunctionType::get(function.getContext(), function.getBody().getArgumentTypes(), function.getResultTypes()));
  }

private:
  MemRefType getNewType(Value argument) {
    auto type = cast<MemRefType>(argument.getType());
    return MemRefType::get(type.getShape(), type.getElementType(), layout);
  }

  /// Operations that take any strides, and views whose type does not change with the layout.
  bool takesLayout(OpOperand &use) {
    Operation *op = use.getOwner();
    if (auto view = dyn_cast<memref::SubViewOp>(op))
      return memref::SubViewOp::inferRankReducedResultType(view.getType().getShape(), getNewType(use.get()),
                                                           view.getMixedOffsets(), view.getMixedSizes(),
                                                           view.getMixedStrides()) == view.getType();
    return isa<memref::CopyOp, DestinationStyleOpInterface>(op);
  }

  /// A view of whole dimensions that some readers want joined, a batch of one and the heads; its type follows the
  /// layout.
  bool joinsForReaders(OpOperand &use) {
    auto view = dyn_cast<memref::CollapseShapeOp>(use.getOwner());
    if (!view ||
        !memref::CollapseShapeOp::isGuaranteedCollapsible(getNewType(use.get()), view.getReassociationIndices()))
      return false;
    joined.push_back(view);
    return llvm::all_of(view->getUses(), [](OpOperand &reader) {
      return isa<memref::CopyOp, DestinationStyleOpInterface>(reader.getOwner()) && !mayWrite(reader);
    });
  }

  /// The copy of the whole state to the begin of its next value may go; all else only reads.
  bool readsState(OpOperand &use) {
    if (auto found = dyn_cast<memref::CopyOp>(use.getOwner()); found && isBeginOfNext(found.getTarget())) {
      if (copy)
        return false;
      copy = found;
      return true;
    }
    return joinsForReaders(use) || (takesLayout(use) && !mayWrite(use));
  }

  bool isBeginOfNext(Value target) {
    auto view = target.getDefiningOp<memref::SubViewOp>();
    return view && view.getSource() == next && isAt(view, 0) && view.hasUnitStride() &&
           getBufferDims(view) == getBufferDims(state);
  }

  /// Whether the view begins at `offset` along the axis, and at 0 along the others.
  bool isAt(memref::SubViewOp view, const Dim &offset) {
    for (auto [dim, begin] : llvm::enumerate(view.getMixedOffsets()))
      if (getSize(begin) != (dim == axis ? offset : Dim(0)))
        return false;
    return true;
  }

  /// Reads of the next value, and writes behind the state.
  bool keepsState(OpOperand &use) {
    if (joinsForReaders(use))
      return true;
    if (!takesLayout(use))
      return false;
    if (auto view = dyn_cast<memref::SubViewOp>(use.getOwner())) {
      Dim behind = getSize(view.getMixedOffsets()[axis]) - getBufferDims(state)[axis];
      bool isBehind = behind.isNumber() && behind.getNumber() >= 0 && view.hasUnitStride();
      return llvm::all_of(view->getUses(), [&](OpOperand &use) {
        return use.getOwner() == copy.getOperation() || isBehind ||
               (!isa<ViewLikeOpInterface>(use.getOwner()) && !mayWrite(use));
      });
    }
    return !mayWrite(use);
  }

  func::FuncOp function;
  BlockArgument state, next;
  unsigned axis;
  Dims strides;
  StridedLayoutAttr layout;
  bool isStrided;
  memref::CopyOp copy;
  SmallVector<memref::CollapseShapeOp> joined;
};

struct PlaceStates : m2c::impl::PlaceStatesPassBase<PlaceStates> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    for (BlockArgument state : function.getArguments()) {
      auto output = function.getArgAttrOfType<StringAttr>(state.getArgNumber(), "m2c.state");
      if (!output)
        continue;
      auto next = llvm::find_if(function.getArguments(), [&](BlockArgument argument) {
        unsigned i = argument.getArgNumber();
        return function.getArgAttr(i, "m2c.output") && function.getArgAttr(i, "onnx.name") == output;
      });
      if (next == function.getArguments().end())
        continue;
      std::optional<unsigned> axis = getGrowing(getBufferDims(state), getBufferDims(*next));
      if (!axis)
        continue;
      SharedState shared(function, state, *next, *axis);
      if (shared.isPossible())
        shared.share();
    }
  }
};

} // namespace
