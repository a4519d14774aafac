// Transposes: composed, cancelled, and freed of dimensions of size 1.
#include "m2c/Graph/Rewrite.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

SmallVector<int64_t> getPerm(TransposeOp op) {
  return op.getPerm() ? SmallVector<int64_t>(*op.getPerm())
                      : reversePermutation(cast<ShapedType>(op.getType()).getRank());
}

/// Transpose(Transpose(x, p), q) -> Transpose(x, p[q]).
struct ComposeTransposes : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(TransposeOp outer, PatternRewriter &rewriter) const override {
    auto inner = outer.getData().getDefiningOp<TransposeOp>();
    if (!inner)
      return rewriter.notifyMatchFailure(outer, "operand is not a Transpose");
    SmallVector<int64_t> first = getPerm(inner);
    auto perm = llvm::map_to_vector(getPerm(outer), [&](int64_t axis) { return first[axis]; });
    rewriter.replaceOp(outer, createTranspose(rewriter, fuseLocs({inner, outer}), inner.getData(), perm));
    return success();
  }
};

/// A Transpose that moves dimensions of size 1 -> one that leaves them where they are, and a Reshape. The elements move
/// in the same way, and batch-1 layouts become equal to the usual ones: [1,H,L,D] by (2,0,1,3) is (0,2,1,3), reshaped.
struct KeepUnitDims : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(TransposeOp op, PatternRewriter &rewriter) const override {
    auto shape = getKnownDims(op.getData());
    if (!shape)
      return rewriter.notifyMatchFailure(op, "unknown shape");
    SmallVector<int64_t> given = getPerm(op), moving, perm;
    for (int64_t axis : given)
      if ((*shape)[axis] != 1)
        moving.push_back(axis);
    for (size_t d = 0, next = 0; d < shape->size(); ++d)
      perm.push_back((*shape)[d] == 1 ? int64_t(d) : moving[next++]);
    if (perm == given)
      return rewriter.notifyMatchFailure(op, "moves no dimension of size 1");
    Value transposed = createTranspose(rewriter, op.getLoc(), op.getData(), perm);
    rewriter.replaceOp(op, createReshape(rewriter, op.getLoc(), transposed, *getKnownDims(op.getTransposed())));
    return success();
  }
};

/// Positions of the dimensions that are not 1.
SmallVector<int64_t> wideDims(ArrayRef<Dim> shape) {
  SmallVector<int64_t> dims;
  for (auto [d, dim] : llvm::enumerate(shape))
    if (dim != 1)
      dims.push_back(d);
  return dims;
}

/// Whether a Reshape between the two shapes only inserts and removes dimensions of size 1.
bool differInUnitDims(ArrayRef<Dim> a, ArrayRef<Dim> b) {
  auto isWide = [](const Dim &dim) { return dim != 1; };
  return llvm::equal(llvm::make_filter_range(a, isWide), llvm::make_filter_range(b, isWide));
}

/// The permutation of `shape` that leaves dimensions of size 1 in place and moves the others as `perm`, a permutation
/// of the `other` shape with the same wide dimensions, does.
SmallVector<int64_t> carryOver(ArrayRef<int64_t> perm, ArrayRef<Dim> other, ArrayRef<Dim> shape) {
  SmallVector<int64_t> wide = wideDims(shape), otherWide = wideDims(other), result = identityPermutation(shape.size());
  size_t next = 0;
  for (int64_t axis : perm)
    if (other[axis] != 1)
      result[wide[next++]] = wide[llvm::find(otherWide, axis) - otherWide.begin()];
  return result;
}

template <class Op>
bool usedOnlyBy(Operation *op) {
  return llvm::all_of(op->getUsers(), [](Operation *user) { return isa<Op>(user); });
}

/// Reshape(Transpose(x)) -> Transpose(Reshape(x)) where the Reshape only inserts and removes dimensions of size 1 and
/// meets another Reshape in front, or lets two Transposes meet behind.
struct UnitReshapeFirst : OpRewritePattern<ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ReshapeOp op, PatternRewriter &rewriter) const override {
    auto transpose = op.getData().getDefiningOp<TransposeOp>();
    if (!transpose || !transpose->hasOneUse())
      return rewriter.notifyMatchFailure(op, "operand is not a Transpose of one use");
    if (!transpose.getData().getDefiningOp<ReshapeOp>() && !usedOnlyBy<TransposeOp>(op))
      return rewriter.notifyMatchFailure(op, "nothing to meet");
    auto in = getKnownDims(transpose.getData()), middle = getKnownDims(transpose.getTransposed()),
         out = getKnownDims(op.getReshaped());
    if (!in || !out || !differInUnitDims(*middle, *out))
      return rewriter.notifyMatchFailure(op, "changes more than dimensions of size 1");
    // Find the input of the new Transpose from its output: the inverse permutation, carried over to the new shape.
    SmallVector<int64_t> perm = getPerm(transpose), inverse(perm.size());
    for (auto [d, axis] : llvm::enumerate(perm))
      inverse[axis] = d;
    SmallVector<int64_t> newInverse = carryOver(inverse, *middle, *out), newPerm(out->size());
    Dims shape;
    for (auto [d, axis] : llvm::enumerate(newInverse)) {
      newPerm[axis] = d;
      shape.push_back((*out)[axis]);
    }
    Location loc = fuseLocs({transpose, op});
    Value reshaped = createReshape(rewriter, loc, transpose.getData(), shape);
    rewriter.replaceOp(op, createTranspose(rewriter, loc, reshaped, newPerm));
    return success();
  }
};

/// Transpose(Reshape(x)) -> Reshape(Transpose(x)) where the Reshape only inserts and removes dimensions of size 1 and
/// meets another Reshape behind.
struct UnitReshapeLast : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(TransposeOp op, PatternRewriter &rewriter) const override {
    auto reshape = op.getData().getDefiningOp<ReshapeOp>();
    if (!reshape || !reshape->hasOneUse() || reshape.getData().getDefiningOp<ReshapeOp>() || op->use_empty() ||
        !usedOnlyBy<ReshapeOp>(op))
      return rewriter.notifyMatchFailure(op, "not between a Reshape of one use and other Reshapes");
    auto in = getKnownDims(reshape.getData()), middle = getKnownDims(reshape.getReshaped()),
         out = getKnownDims(op.getTransposed());
    if (!in || !middle || !differInUnitDims(*in, *middle))
      return rewriter.notifyMatchFailure(op, "changes more than dimensions of size 1");
    Location loc = fuseLocs({reshape, op});
    Value transposed = createTranspose(rewriter, loc, reshape.getData(), carryOver(getPerm(op), *middle, *in));
    rewriter.replaceOp(op, createReshape(rewriter, loc, transposed, *out));
    return success();
  }
};

} // namespace

void addTransposePatterns(RewritePatternSet &patterns) {
  patterns.add<ComposeTransposes, KeepUnitDims, UnitReshapeFirst, UnitReshapeLast>(patterns.getContext());
}

} // namespace m2c::graph
