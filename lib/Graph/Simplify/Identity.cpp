// Operators that copy their input.
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Graph/Rewrite.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

/// An op that `isCopy` says copies operand 0 -> the operand.
template <class Op>
struct RemoveCopy : OpRewritePattern<Op> {
  RemoveCopy(MLIRContext *context, bool (*isCopy)(Op)) : OpRewritePattern<Op>(context), isCopy(isCopy) {}

  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    if (op->getNumOperands() == 0 || op->getOperand(0).getType() != op->getResult(0).getType())
      return rewriter.notifyMatchFailure(op, "changes the type");
    if (llvm::any_of(op->getResults().drop_front(), [](Value extra) { return !extra.use_empty(); }))
      return rewriter.notifyMatchFailure(op, "another result is used");
    if (!isCopy(op))
      return rewriter.notifyMatchFailure(op, "computes something");
    rewriter.replaceAllUsesWith(op->getResult(0), op->getOperand(0));
    rewriter.eraseOp(op);
    return success();
  }

  bool (*isCopy)(Op);
};

template <class Op>
bool always(Op) {
  return true;
}

bool dropoutCopies(DropoutOp op) { return !op.getTrainingMode() || isScalar(op.getTrainingMode(), 0); }

/// With equal types the pads add up to 0 along each axis, but may shift.
bool padCopies(PadOp op) {
  auto pads = getConstantIntegers(op.getPads());
  return pads && llvm::all_of(*pads, [](int64_t pad) { return pad == 0; });
}

bool sliceCopies(SliceOp op) {
  if (!op.getSteps())
    return true;
  auto steps = getConstantIntegers(op.getSteps());
  return steps && llvm::all_of(*steps, [](int64_t step) { return step > 0; });
}

bool isSingle(Operation *op) { return op->getNumOperands() == 1; }
bool concatCopies(ConcatOp op) { return isSingle(op); }
bool maxCopies(MaxOp op) { return isSingle(op); }
bool minCopies(MinOp op) { return isSingle(op); }
bool sumCopies(SumOp op) { return isSingle(op); }
bool meanCopies(MeanOp op) { return isSingle(op); }
bool splitCopies(SplitOp op) { return op->getNumResults() == 1; }
bool transposeCopies(TransposeOp op) {
  return op.getPerm() ? isIdentityPermutation(*op.getPerm()) : cast<ShapedType>(op.getType()).getRank() < 2;
}
bool clipCopies(ClipOp op) {
  auto isOpen = [](Value bound, double infinity) { return !bound || getScalar(bound) == infinity; };
  return isOpen(op.getMin(), -INFINITY) && isOpen(op.getMax(), INFINITY);
}

/// Concat(a, empty, b) -> Concat(a, b).
struct DropEmptyParts : OpRewritePattern<ConcatOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ConcatOp op, PatternRewriter &rewriter) const override {
    SmallVector<Value> kept;
    for (Value input : op.getInputs())
      if (auto shape = getStaticShape(input); !shape || !llvm::is_contained(*shape, 0))
        kept.push_back(input);
    if (kept.empty() || kept.size() == op->getNumOperands())
      return rewriter.notifyMatchFailure(op, "no part is empty");
    rewriter.modifyOpInPlace(op, [&] { op->setOperands(kept); });
    return success();
  }
};

} // namespace

void addIdentityPatterns(RewritePatternSet &patterns) {
  MLIRContext *context = patterns.getContext();
  patterns.add<RemoveCopy<IdentityOp>>(context, always<IdentityOp>);
  patterns.add<RemoveCopy<CastOp>>(context, always<CastOp>);
  patterns.add<RemoveCopy<CastLikeOp>>(context, always<CastLikeOp>);
  patterns.add<RemoveCopy<ExpandOp>>(context, always<ExpandOp>);
  patterns.add<RemoveCopy<TileOp>>(context, always<TileOp>);
  patterns.add<RemoveCopy<ReshapeOp>>(context, always<ReshapeOp>);
  patterns.add<RemoveCopy<DropoutOp>>(context, dropoutCopies);
  patterns.add<RemoveCopy<PadOp>>(context, padCopies);
  patterns.add<RemoveCopy<SliceOp>>(context, sliceCopies);
  patterns.add<RemoveCopy<ConcatOp>>(context, concatCopies);
  patterns.add<RemoveCopy<MaxOp>>(context, maxCopies);
  patterns.add<RemoveCopy<MinOp>>(context, minCopies);
  patterns.add<RemoveCopy<SumOp>>(context, sumCopies);
  patterns.add<RemoveCopy<MeanOp>>(context, meanCopies);
  patterns.add<RemoveCopy<SplitOp>>(context, splitCopies);
  patterns.add<RemoveCopy<TransposeOp>>(context, transposeCopies);
  patterns.add<RemoveCopy<ClipOp>>(context, clipCopies);
  patterns.add<DropEmptyParts>(context);
}

} // namespace m2c::graph
