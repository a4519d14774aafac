// Gives each computing operation of the model's function, also inside loops and branches, a private function of its
// own, named after its ONNX nodes, with its buffers as arguments:
//
//   linalg.fill / kernel.conv ...  ==>  func.call @conv1_relu(%x, %w, %bias, %y)
//
// Views and constants stay behind, so a call shows which part of which buffer a kernel works on. Layers that compute
// the same on other buffers share a function: arguments therefore have the strides of their buffers, but any offset.
#include "m2c/Dialect/Kernel/Kernel.h"
#include "m2c/Dialect/Kernel/Parts.h"
#include "m2c/Dialect/Kernel/Sizes.h"
#include "m2c/Emit/Access.h"
#include "m2c/Emit/Names.h"
#include "m2c/Emit/Passes.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "mlir/Transforms/RegionUtils.h"

namespace m2c {
#define GEN_PASS_DEF_OUTLINEKERNELSPASS
#include "m2c/Emit/Passes.h.inc"
} // namespace m2c

using namespace mlir;
using namespace m2c;

namespace {

/// Operations that become one function, in order: a computing one, and the fills that it starts from.
using Group = SmallVector<Operation *>;

/// Whether `op` computes nothing that deserves a function: a view, a constant, a scalar.
bool staysBehind(Operation *op) {
  if (op->hasTrait<OpTrait::IsTerminator>() ||
      isa<memref::LoadOp, memref::StoreOp, memref::DeallocOp, func::CallOp, kernel::DefineSizesOp, kernel::ReserveOp>(
          op))
    return true;
  if (op->getNumRegions() == 0 && isMemoryEffectFree(op))
    return true;
  return llvm::any_of(op->getResults(), [](Value result) { return !result.use_empty(); });
}

/// Whether `op` is a loop or branch of the model, whose kernels are outlined one by one. One over scalars is a kernel.
bool isControlFlow(Operation *op) {
  if (!isa<scf::ForOp, scf::IfOp, scf::WhileOp>(op))
    return false;
  WalkResult result = op->walk([](Operation *inner) {
    return isa<kernel::KernelOpInterface, kernel::DefineSizesOp, linalg::LinalgOp, memref::CopyOp, scf::ExecuteRegionOp,
               func::CallOp>(inner)
               ? WalkResult::interrupt()
               : WalkResult::advance();
  });
  return result.wasInterrupted();
}

/// What an operand of a kernel is for, as the name of the function's argument.
std::string roleOf(OpOperand &operand) {
  Operation *op = operand.getOwner();
  if (auto kernel = dyn_cast<kernel::KernelOpInterface>(op)) {
    if (kernel.isDpsInit(&operand))
      return "y";
    MutableOperandRange extras = kernel.getExtrasMutable();
    for (unsigned i = 0; i < extras.size(); ++i)
      if (&extras[i] == &operand) {
        AffineMap map = cast<AffineMapAttr>(kernel.getExtraMaps()[i]).getValue();
        return map.getNumResults() == 0 ? "scalar" : map.getNumResults() == 1 ? "bias" : "other";
      }
    if (isa<kernel::AttentionOp>(op) && operand.getOperandNumber() < 3)
      return std::array{"q", "k", "v"}[operand.getOperandNumber()];
    if (isa<kernel::ResizeOp>(op) && operand.getOperandNumber() > 0)
      return std::array{"", "y_index", "y_weight", "x_index", "x_weight"}[operand.getOperandNumber()];
    if (llvm::any_of(kernel.getScratchMutable(), [&](OpOperand &scratch) { return &scratch == &operand; }))
      return "scratch";
    if (isa<kernel::LstmOp, kernel::GruOp, kernel::RnnOp>(op) && operand.getOperandNumber() > 1)
      return "state";
    return operand.getOperandNumber() == 0 ? "x" : "w";
  }
  if (auto structured = dyn_cast<DestinationStyleOpInterface>(op))
    return structured.isDpsInit(&operand) ? "y" : "x";
  if (isa<memref::CopyOp>(op))
    return operand.getOperandNumber() == 0 ? "x" : "y";
  return isa<MemRefType>(operand.get().getType()) ? "x" : "n";
}

struct OutlineKernels : m2c::impl::OutlineKernelsPassBase<OutlineKernels> {
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    emit::NameScope names;
    for (Operation &op : *getOperation().getBody())
      if (auto symbol = dyn_cast<SymbolOpInterface>(op))
        (void)names.unique(symbol.getName());
    for (auto function : llvm::to_vector(getOperation().getOps<func::FuncOp>()))
      if (!function.isPrivate() && !function.isExternal())
        outline(function, names);
  }

private:
  void outline(func::FuncOp function, emit::NameScope &names) {
    // Weights are named outside, so that a kernel gets them as arguments.
    SmallVector<Operation *> nested;
    function.walk([&](memref::GetGlobalOp op) {
      if (op->getParentOp() != function)
        nested.push_back(op);
    });
    for (Operation *op : nested)
      op->moveBefore(function.getBody().findAncestorOpInRegion(*op));

    SmallVector<Group> groups;
    collectGroups(function.getBody().front(), groups);
    for (Group &group : groups)
      replaceByCall(group, names);
  }

  static void collectGroups(Block &block, SmallVectorImpl<Group> &groups) {
    Group pending;
    for (Operation &op : block) {
      if (isControlFlow(&op)) {
        for (Region &region : op.getRegions())
          for (Block &inner : region)
            collectGroups(inner, groups);
        continue;
      }
      if (staysBehind(&op))
        continue;
      pending.push_back(&op);
      if (!emit::isAbsorbedFill(&op))
        groups.push_back(std::move(pending)), pending.clear();
    }
  }

  /// Values that the group takes from around it, read-only ones first; constants are not among them.
  static llvm::SetVector<Value> getArguments(const Group &group, DenseMap<Value, std::string> &roles) {
    llvm::SetVector<Value> read, written;
    for (Operation *member : group)
      member->walk([&](Operation *op) {
        for (OpOperand &operand : op->getOpOperands()) {
          Value value = operand.get();
          bool isInside =
              llvm::any_of(group, [&](Operation *m) { return m->isAncestor(value.getParentBlock()->getParentOp()); });
          if (isInside || matchPattern(value, m_Constant()))
            continue;
          (emit::writesBuffer(operand) ? written : read).insert(value);
          if (auto &role = roles[value]; role.empty() || emit::writesBuffer(operand))
            role = emit::writesBuffer(operand) && roleOf(operand) == "x" ? "y" : roleOf(operand);
        }
      });
    llvm::SetVector<Value> all;
    for (Value value : read)
      if (!written.contains(value))
        all.insert(value);
    all.insert(written.begin(), written.end());
    return all;
  }

  /// The type with any offset; unchanged where views of the buffer inside depend on it.
  static Type anyOffset(Type type, bool hasViews) {
    auto memref = dyn_cast<MemRefType>(type);
    SmallVector<int64_t> strides;
    int64_t offset;
    if (!memref || hasViews || failed(memref.getStridesAndOffset(strides, offset)))
      return type;
    auto layout = StridedLayoutAttr::get(type.getContext(), ShapedType::kDynamic, strides);
    return MemRefType::get(memref.getShape(), memref.getElementType(), layout, memref.getMemorySpace());
  }

  void replaceByCall(const Group &group, emit::NameScope &names) {
    DenseMap<Value, std::string> roles;
    llvm::SetVector<Value> arguments = getArguments(group, roles);
    bool hasViews = false;
    for (Operation *member : group)
      member->walk([&](Operation *op) {
        hasViews |= op != member && op->getNumResults() == 1 && isa<MemRefType>(op->getResult(0).getType());
      });

    OpBuilder builder(group.back());
    SmallVector<Location> locations;
    SmallVector<Type> types;
    for (Operation *member : llvm::reverse(group))
      locations.push_back(member->getLoc());
    for (Value value : arguments)
      types.push_back(anyOffset(value.getType(), hasViews));
    // The computing operation says what the function is; its fills add nothing.
    Location loc = group.back()->getLoc();
    func::FuncOp callee = makeFunction(group, arguments.getArrayRef(), types, loc, roles);
    if (func::FuncOp twin = findTwin(callee)) {
      callee.erase();
      callee = twin;
      callee->setLoc(FusedLoc::get(&getContext(), {callee.getLoc(), loc}));
    } else {
      callee.setName(names.unique(emit::getKernelName(emit::getNodeNames(loc))));
      getOperation().push_back(callee);
      known[callee.getFunctionType()].push_back(callee);
    }

    SmallVector<Value> operands;
    for (auto [value, type] : llvm::zip_equal(arguments, types))
      operands.push_back(value.getType() == type ? value
                                                 : memref::CastOp::create(builder, loc, type, value).getResult());
    func::CallOp::create(builder, loc, callee, operands);
    for (Operation *member : llvm::reverse(group))
      member->erase();
  }

  /// Whether the type leaves extents or strides open: those of a part of a buffer may be all that is.
  static bool hasOpenSizes(MemRefType type) {
    SmallVector<int64_t> strides;
    int64_t offset;
    return !type.hasStaticShape() || failed(type.getStridesAndOffset(strides, offset)) ||
           llvm::is_contained(strides, ShapedType::kDynamic);
  }

  func::FuncOp makeFunction(const Group &group, ArrayRef<Value> arguments, ArrayRef<Type> types, Location loc,
                            const DenseMap<Value, std::string> &roles) {
    OpBuilder builder(&getContext());
    auto function = func::FuncOp::create(loc, "kernel", builder.getFunctionType(types, {}));
    function.setPrivate();
    Block *block = function.addEntryBlock();
    builder.setInsertionPointToStart(block);
    IRMapping mapping;
    emit::NameScope argumentNames;
    for (auto [i, value] : llvm::enumerate(arguments)) {
      mapping.map(value, block->getArgument(i));
      function.setArgAttr(i, "m2c.name", builder.getStringAttr(argumentNames.unique(roles.lookup(value))));
      if (Operation *maker = value.getDefiningOp(); maker && maker->hasAttr(ownAttrName))
        function.setArgAttr(i, ownAttrName, builder.getUnitAttr());
      // What the types leave open is an expression in the model's symbols.
      if (auto type = dyn_cast<MemRefType>(value.getType()); type && hasOpenSizes(type)) {
        function.setArgAttr(i, "m2c.shape", toAttribute(getBufferDims(value), &getContext()));
        function.setArgAttr(i, "m2c.strides", toAttribute(getBufferStrides(value), &getContext()));
      }
    }
    for (Operation *member : group)
      member->walk([&](Operation *op) {
        for (Value value : op->getOperands())
          if (!mapping.contains(value) && matchPattern(value, m_Constant()) &&
              !group.front()->isAncestor(value.getDefiningOp()) && !member->isAncestor(value.getDefiningOp()))
            mapping.map(value, builder.clone(*value.getDefiningOp())->getResult(0));
      });
    for (Operation *member : group)
      builder.clone(*member, mapping);
    func::ReturnOp::create(builder, loc);
    return function;
  }

  func::FuncOp findTwin(func::FuncOp function) {
    auto states = [](func::FuncOp a, func::FuncOp b) {
      return llvm::all_of(llvm::seq(a.getNumArguments()), [&](unsigned i) {
        return a.getArgAttr(i, "m2c.shape") == b.getArgAttr(i, "m2c.shape") &&
               a.getArgAttr(i, "m2c.strides") == b.getArgAttr(i, "m2c.strides") &&
               a.getArgAttr(i, ownAttrName) == b.getArgAttr(i, ownAttrName);
      });
    };
    for (func::FuncOp other : known[function.getFunctionType()])
      if (states(function, other) && OperationEquivalence::isRegionEquivalentTo(&function.getBody(), &other.getBody(),
                                                                                OperationEquivalence::IgnoreLocations))
        return other;
    return nullptr;
  }

  DenseMap<Type, SmallVector<func::FuncOp>> known;
};

} // namespace
