// Slices: made of gathers, and moved to the front, where they are views of what the graph already has.
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Graph/Rewrite.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

/// A Slice of consecutive elements along one axis.
struct SimpleSlice {
  int64_t axis, start, count;
};

std::optional<SimpleSlice> readSimpleSlice(SliceOp op) {
  auto shape = getKnownDims(op.getData());
  auto starts = getConstantIntegers(op.getStarts()), ends = getConstantIntegers(op.getEnds());
  auto axes = op.getAxes() ? getConstantIntegers(op.getAxes()) : std::optional(SmallVector<int64_t>{0});
  if (!shape || !starts || !ends || !axes || starts->size() != 1 || axes->size() != 1)
    return std::nullopt;
  if (op.getSteps())
    if (auto steps = getConstantIntegers(op.getSteps()); !steps || (*steps)[0] != 1)
      return std::nullopt;
  int64_t axis = *normalizeAxis((*axes)[0], shape->size());
  if (!(*shape)[axis].isNumber())
    return std::nullopt;
  SliceRange range = resolveSlice((*shape)[axis].getNumber(), (*starts)[0], (*ends)[0], 1);
  return SimpleSlice{axis, range.start, range.count};
}

bool usedOnlyBySlices(Operation *op) {
  return llvm::all_of(op->getUsers(), [](Operation *user) { return isa<SliceOp>(user); });
}

/// Gather(x, constant i) -> Reshape(Slice(x, i, i + 1)); also for a range of indices i, i + 1 ...
struct GatherToSlice : OpRewritePattern<GatherOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(GatherOp op, PatternRewriter &rewriter) const override {
    auto indices = getConstantIntegers(op.getIndices());
    auto in = getKnownDims(op.getData()), out = getKnownDims(op.getOutput());
    if (!indices || indices->empty() || !in || !out)
      return rewriter.notifyMatchFailure(op, "indices are not constant");
    int64_t axis = *normalizeAxis(op.getAxis(), in->size());
    if (!(*in)[axis].isNumber())
      return rewriter.notifyMatchFailure(op, "takes from a symbolic dimension");
    for (auto [n, index] : llvm::enumerate(*indices)) {
      index += index < 0 ? (*in)[axis].getNumber() : 0;
      if (index != indices->front() + int64_t(n))
        return rewriter.notifyMatchFailure(op, "indices do not follow each other");
    }
    Value slice = createSlice(rewriter, op.getLoc(), op.getData(), axis, indices->front(), indices->size());
    rewriter.replaceOp(op, createReshape(rewriter, op.getLoc(), slice, *out));
    return success();
  }
};

/// Slice(Transpose(x)) -> Transpose(Slice(x)), if only slices use the Transpose.
struct SliceBeforeTranspose : OpRewritePattern<SliceOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SliceOp op, PatternRewriter &rewriter) const override {
    auto transpose = op.getData().getDefiningOp<TransposeOp>();
    auto slice = readSimpleSlice(op);
    if (!transpose || !slice || !usedOnlyBySlices(transpose))
      return rewriter.notifyMatchFailure(op, "not a simple slice of a Transpose");
    SmallVector<int64_t> perm = transpose.getPerm() ? SmallVector<int64_t>(*transpose.getPerm())
                                                    : reversePermutation(getKnownDims(op.getData())->size());
    Location loc = fuseLocs({transpose, op});
    Value part = createSlice(rewriter, loc, transpose.getData(), perm[slice->axis], slice->start, slice->count);
    rewriter.replaceOp(op, createTranspose(rewriter, loc, part, perm));
    return success();
  }
};

/// Slice(Reshape(x)) -> Reshape(Slice(x)), if the sliced dimension is the outer part of one dimension of x:
/// [L,768] -> [L,3,256] sliced at 1 is columns 256..511 of x.
struct SliceBeforeReshape : OpRewritePattern<SliceOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SliceOp op, PatternRewriter &rewriter) const override {
    auto reshape = op.getData().getDefiningOp<ReshapeOp>();
    auto slice = readSimpleSlice(op);
    if (!reshape || !slice || !usedOnlyBySlices(reshape))
      return rewriter.notifyMatchFailure(op, "not a simple slice of a Reshape");
    auto in = getKnownDims(reshape.getData()), middle = getKnownDims(reshape.getReshaped());
    if (!in || !middle || llvm::is_contained(*middle, Dim(0)))
      return rewriter.notifyMatchFailure(op, "unknown or empty");
    int64_t size = (*middle)[slice->axis].getNumber(), axis = 0;
    Dim before = product(ArrayRef<Dim>(*middle).take_front(slice->axis));
    for (Dim outer = 1; axis < int64_t(in->size()) && (outer != before || ((*in)[axis] == 1 && size != 1)); ++axis)
      outer *= (*in)[axis];
    if (axis == int64_t(in->size()) || !(*in)[axis].isNumber() || (*in)[axis].getNumber() % size != 0)
      return rewriter.notifyMatchFailure(op, "the slice is no range of one dimension");
    int64_t unit = (*in)[axis].getNumber() / size;
    Location loc = fuseLocs({reshape, op});
    Value part = createSlice(rewriter, loc, reshape.getData(), axis, slice->start * unit, slice->count * unit);
    rewriter.replaceOp(op, createReshape(rewriter, loc, part, *getKnownDims(op.getOutput())));
    return success();
  }
};

/// Slice(Slice(x)) along one axis -> Slice(x).
struct ComposeSlices : OpRewritePattern<SliceOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SliceOp op, PatternRewriter &rewriter) const override {
    auto inner = op.getData().getDefiningOp<SliceOp>();
    auto outerRange = readSimpleSlice(op);
    auto innerRange = inner ? readSimpleSlice(inner) : std::nullopt;
    if (!outerRange || !innerRange || outerRange->axis != innerRange->axis)
      return rewriter.notifyMatchFailure(op, "not two simple slices along one axis");
    rewriter.replaceOp(op, createSlice(rewriter, fuseLocs({inner, op}), inner.getData(), outerRange->axis,
                                       innerRange->start + outerRange->start, outerRange->count));
    return success();
  }
};

} // namespace

void addSlicePatterns(RewritePatternSet &patterns) {
  patterns.add<GatherToSlice, SliceBeforeTranspose, SliceBeforeReshape, ComposeSlices>(patterns.getContext());
}

} // namespace m2c::graph
