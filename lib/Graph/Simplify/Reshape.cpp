// All that keeps the elements in order becomes one form: Reshape to explicit dimensions.
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Graph/Rewrite.h"
#include "m2c/Graph/Sizes.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

/// Squeeze, Unsqueeze, Flatten -> Reshape.
template <class Op>
struct ToReshape : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;

  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    auto shape = getKnownDims(op->getResult(0));
    if (!shape || !getKnownDims(op->getOperand(0)))
      return rewriter.notifyMatchFailure(op, "unknown shape");
    rewriter.replaceOp(op, createReshape(rewriter, op.getLoc(), op->getOperand(0), *shape));
    return success();
  }
};

/// Reshape to [0, -1] -> Reshape to the dimensions that these stand for; a computed shape becomes a constant.
struct ExplicitShape : OpRewritePattern<ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ReshapeOp op, PatternRewriter &rewriter) const override {
    auto shape = getKnownDims(op.getReshaped());
    if (!shape || !getKnownDims(op.getData()))
      return rewriter.notifyMatchFailure(op, "unknown shape");
    auto given = getSizes(op.getShape());
    if (given && llvm::equal(given->values, *shape))
      return rewriter.notifyMatchFailure(op, "explicit already");
    rewriter.replaceOp(op, createReshape(rewriter, op.getLoc(), op.getData(), *shape));
    return success();
  }
};

/// Reshape(Reshape(x)) -> Reshape(x).
struct ComposeReshapes : OpRewritePattern<ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ReshapeOp outer, PatternRewriter &rewriter) const override {
    auto inner = outer.getData().getDefiningOp<ReshapeOp>();
    auto shape = getKnownDims(outer.getReshaped());
    if (!inner || !shape || !getKnownDims(inner.getData()))
      return rewriter.notifyMatchFailure(outer, "operand is not a Reshape of known shape");
    rewriter.replaceOp(outer, createReshape(rewriter, fuseLocs({inner, outer}), inner.getData(), *shape));
    return success();
  }
};

/// A reduction over axes of length 1 -> Reshape.
template <class Op>
struct ReduceNothing : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;

  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    auto in = getKnownDims(op.getData()), out = getKnownDims(op.getReduced());
    if (!in || !out || product(*in) != product(*out) || product(*in) == 0)
      return rewriter.notifyMatchFailure(op, "reduces more than one element");
    rewriter.replaceOp(op, createReshape(rewriter, op.getLoc(), op.getData(), *out));
    return success();
  }
};

} // namespace

void addReshapePatterns(RewritePatternSet &patterns) {
  patterns.add<ToReshape<SqueezeOp>, ToReshape<UnsqueezeOp>, ToReshape<FlattenOp>, ExplicitShape, ComposeReshapes,
               ReduceNothing<ReduceSumOp>, ReduceNothing<ReduceMeanOp>, ReduceNothing<ReduceMaxOp>,
               ReduceNothing<ReduceMinOp>, ReduceNothing<ReduceProdOp>>(patterns.getContext());
}

} // namespace m2c::graph
