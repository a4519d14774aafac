// The last pass on tensors: every destination becomes a buffer of its own, and joins become insertions in place.
#include "m2c/Dialect/Kernel/Kernel.h"
#include "m2c/Optimize/Passes.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"

namespace m2c {
#define GEN_PASS_DEF_PREPAREBUFFERIZEPASS
#include "m2c/Optimize/Passes.h.inc"
} // namespace m2c

using namespace mlir;
using namespace m2c;

namespace {

/// concat -> a chain of insert_slice into one tensor.empty; each part's producer then writes in place.
void lowerConcat(IRRewriter &rewriter, tensor::ConcatOp concat) {
  rewriter.setInsertionPoint(concat);
  RankedTensorType type = concat.getResultType();
  Value joined = tensor::EmptyOp::create(rewriter, concat.getLoc(), type.getShape(), type.getElementType());
  SmallVector<OpFoldResult> offsets(type.getRank(), rewriter.getIndexAttr(0)),
      strides(type.getRank(), rewriter.getIndexAttr(1));
  int64_t offset = 0;
  for (Value input : concat.getInputs()) {
    auto part = cast<RankedTensorType>(input.getType());
    offsets[concat.getDim()] = rewriter.getIndexAttr(offset);
    offset += part.getDimSize(concat.getDim());
    auto sizes = getAsIndexOpFoldResult(rewriter.getContext(), part.getShape());
    joined = tensor::InsertSliceOp::create(rewriter, concat.getLoc(), input, joined, offsets, sizes, strides);
  }
  rewriter.replaceOp(concat, joined);
}

/// pad by a constant -> a border around an undefined interior, and the source inserted there: its producer writes in
/// place, and only the border is stored again in each run.
void lowerPad(IRRewriter &rewriter, tensor::PadOp pad) {
  auto constant = pad.getConstantPaddingValue().getDefiningOp<arith::ConstantOp>();
  rewriter.setInsertionPoint(pad);
  auto type = pad.getResultType();
  Value empty = tensor::EmptyOp::create(rewriter, pad.getLoc(), type.getShape(), type.getElementType());
  Value border = kernel::PadBorderOp::create(rewriter, pad.getLoc(), type, ValueRange{empty}, pad.getStaticLow(),
                                             pad.getStaticHigh(), constant.getValue())
                     ->getResult(0);
  SmallVector<OpFoldResult> strides(type.getRank(), rewriter.getIndexAttr(1));
  auto sizes = getAsIndexOpFoldResult(rewriter.getContext(), pad.getSourceType().getShape());
  rewriter.replaceOpWithNewOp<tensor::InsertSliceOp>(pad, pad.getSource(), border, pad.getMixedLowPad(), sizes,
                                                     strides);
}

/// A joined output starts from the caller's buffer, before the parts look for their place: upstream's elimination would
/// give the parts a place in a temporary first.
void startInOutput(IRRewriter &rewriter, bufferization::MaterializeInDestinationOp store) {
  Value root = store.getSource();
  if (!root.getDefiningOp<tensor::InsertSliceOp>() || !isa<MemRefType>(store.getDest().getType()))
    return;
  while (auto insert = root.getDefiningOp<tensor::InsertSliceOp>()) {
    if (!root.hasOneUse())
      return;
    root = insert.getDest();
  }
  auto empty = root.getDefiningOp<tensor::EmptyOp>();
  if (!empty || !root.hasOneUse() || empty->getBlock() != store->getBlock())
    return;
  rewriter.setInsertionPointToStart(empty->getBlock()); // before all of the parts' producers
  rewriter.replaceOpWithNewOp<bufferization::ToTensorOp>(empty, empty.getType(), store.getDest(), /*restrict=*/true,
                                                         /*writable=*/true);
}

/// Gives each use of a tensor.empty or of a constant tensor its own op: One-Shot's cost is quadratic in the uses of a
/// value.
void unshare(IRRewriter &rewriter, Operation *op) {
  auto uses = llvm::to_vector(llvm::make_pointer_range(op->getUses()));
  if (uses.empty())
    return rewriter.eraseOp(op);
  for (OpOperand *use : llvm::drop_begin(uses)) {
    rewriter.setInsertionPoint(op);
    Operation *copy = rewriter.clone(*op);
    rewriter.modifyOpInPlace(use->getOwner(), [&] { use->set(copy->getResult(0)); });
  }
}

struct PrepareBufferize : m2c::impl::PrepareBufferizePassBase<PrepareBufferize> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    SmallVector<tensor::ConcatOp> concats;
    SmallVector<tensor::PadOp> pads;
    getOperation().walk([&](Operation *op) {
      if (auto concat = dyn_cast<tensor::ConcatOp>(op))
        concats.push_back(concat);
      if (auto pad = dyn_cast<tensor::PadOp>(op); pad && pad.getConstantPaddingValue())
        pads.push_back(pad);
    });
    for (tensor::ConcatOp concat : concats)
      lowerConcat(rewriter, concat);
    for (tensor::PadOp pad : pads)
      lowerPad(rewriter, pad);
    SmallVector<Operation *> shared;
    getOperation().walk([&](Operation *op) {
      bool isTensorConstant = isa<arith::ConstantOp>(op) && isa<RankedTensorType>(op->getResult(0).getType());
      if (isa<tensor::EmptyOp>(op) || isTensorConstant)
        shared.push_back(op);
    });
    for (Operation *op : shared)
      unshare(rewriter, op);
    getOperation().walk([&](bufferization::MaterializeInDestinationOp store) { startInOutput(rewriter, store); });
  }
};

} // namespace
