// The last pass on tensors: every destination becomes a buffer of its own, and joins become insertions in place.
#include "m2c/Dialect/Kernel/Kernel.h"
#include "m2c/Dialect/Kernel/Tensors.h"
#include "m2c/Optimize/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
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
  Location loc = concat.getLoc();
  AffineExpr a, b;
  bindSymbols(rewriter.getContext(), a, b);
  auto sum = [&](OpFoldResult x, OpFoldResult y) {
    return affine::makeComposedFoldedAffineApply(rewriter, loc, a + b, {x, y});
  };
  uint64_t axis = concat.getDim();
  SmallVector<SmallVector<OpFoldResult>> partSizes =
      llvm::map_to_vector(concat.getInputs(), [&](Value input) { return getSizes(rewriter, loc, input); });
  SmallVector<OpFoldResult> total = partSizes.front();
  for (const SmallVector<OpFoldResult> &sizes : llvm::drop_begin(partSizes))
    total[axis] = sum(total[axis], sizes[axis]);
  Value joined = tensor::EmptyOp::create(rewriter, loc, total, type.getElementType());
  if (joined.getType() != type) // a dimension that the type left open turns out to be a number
    joined = tensor::CastOp::create(rewriter, loc, type, joined);
  SmallVector<OpFoldResult> offsets(type.getRank(), rewriter.getIndexAttr(0)),
      strides(type.getRank(), rewriter.getIndexAttr(1));
  for (auto [input, sizes] : llvm::zip_equal(concat.getInputs(), partSizes)) {
    joined = tensor::InsertSliceOp::create(rewriter, loc, input, joined, offsets, sizes, strides);
    offsets[axis] = sum(offsets[axis], sizes[axis]);
  }
  rewriter.replaceOp(concat, joined);
}

/// pad by a constant -> a border around an undefined interior, and the source inserted there: its producer writes in
/// place, and only the border is stored again in each run.
void lowerPad(IRRewriter &rewriter, tensor::PadOp pad) {
  auto constant = pad.getConstantPaddingValue().getDefiningOp<arith::ConstantOp>();
  rewriter.setInsertionPoint(pad);
  auto type = pad.getResultType();
  SmallVector<OpFoldResult> sizes = getSizes(rewriter, pad.getLoc(), pad.getSource()), padded = sizes;
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (!type.isDynamicDim(dim))
      padded[dim] = rewriter.getIndexAttr(type.getDimSize(dim));
    else if (pad.getStaticLow()[dim] != 0 || pad.getStaticHigh()[dim] != 0)
      padded[dim] = affine::makeComposedFoldedAffineApply(
          rewriter, pad.getLoc(),
          rewriter.getAffineSymbolExpr(0) + (pad.getStaticLow()[dim] + pad.getStaticHigh()[dim]), {sizes[dim]});
  Value empty = tensor::EmptyOp::create(rewriter, pad.getLoc(), padded, type.getElementType());
  Value border = kernel::PadBorderOp::create(rewriter, pad.getLoc(), type, ValueRange{empty}, pad.getStaticLow(),
                                             pad.getStaticHigh(), constant.getValue())
                     ->getResult(0);
  SmallVector<OpFoldResult> strides(type.getRank(), rewriter.getIndexAttr(1));
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

/// The copy of a value that is used for nothing else, into a place that nothing reads from then on: its producer shall
/// write there. (One-Shot Bufferize takes that for an order: where the place is still read, it fails.)
void storeInPlace(IRRewriter &rewriter, linalg::CopyOp copy) {
  Value place = copy.getOutputs()[0];
  auto producer = copy.getInputs()[0].getDefiningOp<DestinationStyleOpInterface>();
  if (copy.getNumResults() != 1 || !producer || producer->getBlock() != copy->getBlock() ||
      !copy.getInputs()[0].hasOneUse())
    return;
  OpOperand *init = producer.getTiedOpOperand(cast<OpResult>(copy.getInputs()[0]));
  if (!init->get().getDefiningOp<tensor::EmptyOp>() || !place.getParentRegion()->isAncestor(copy->getParentRegion()))
    return;
  bool isFresh = isa_and_nonnull<bufferization::AllocTensorOp>(place.getDefiningOp());
  for (Operation *user : place.getUsers()) {
    if (user == copy || (isFresh && isa<linalg::CopyOp, bufferization::MaterializeInDestinationOp>(user)))
      continue;
    // Views of the place could be read later.
    bool isView = !isa<DestinationStyleOpInterface, tensor::ExtractOp>(user);
    Operation *ancestor = copy->getBlock()->findAncestorOpInBlock(*user);
    if (isView || !ancestor || !ancestor->isBeforeInBlock(producer))
      return;
  }
  rewriter.setInsertionPoint(copy);
  rewriter.replaceOpWithNewOp<bufferization::MaterializeInDestinationOp>(copy, copy.getInputs()[0], place);
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
    resolveArgumentSizes(rewriter);
    getOperation().walk([&](linalg::CopyOp copy) { storeInPlace(rewriter, copy); });
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

  /// tensor.dim of an input -> the size that the function states for it.
  void resolveArgumentSizes(IRRewriter &rewriter) {
    SmallVector<tensor::DimOp> dims;
    getOperation().walk([&](tensor::DimOp dim) {
      if (isa<BlockArgument>(dim.getSource()) && dim.getConstantIndex())
        dims.push_back(dim);
    });
    for (tensor::DimOp dim : dims) {
      rewriter.setInsertionPoint(dim);
      OpFoldResult size = getSizes(rewriter, dim.getLoc(), dim.getSource())[*dim.getConstantIndex()];
      if (auto value = dyn_cast<Value>(size); value && !value.getDefiningOp<tensor::DimOp>())
        rewriter.replaceOp(dim, value);
    }
  }
};

} // namespace
