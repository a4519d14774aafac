// Moves transposes down the graph until they cancel or a kernel absorbs them: what makes the whole network
// channels-last.
//
// A transpose T with permutation p has out dimension i = in dimension p[i]. Each pattern turns op(T(x)) into
// T'(op'(x)), or lets op read x through a map; where a transpose ends before a kernel that cannot, it stays a copy.
#include "SinkTransposes.h"
#include "m2c/Optimize/Passes.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"
#include "mlir/Dialect/Utils/ReshapeOpsUtils.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace m2c {
#define GEN_PASS_DEF_SINKTRANSPOSESPASS
#include "m2c/Optimize/Passes.h.inc"
} // namespace m2c

using namespace mlir;
using namespace m2c;

linalg::TransposeOp m2c::getTranspose(Value value) {
  auto transpose = value.getDefiningOp<linalg::TransposeOp>();
  return transpose && transpose.hasPureTensorSemantics() ? transpose : linalg::TransposeOp();
}

namespace {

bool isConstant(Value value) { return value.getDefiningOp<arith::ConstantOp>() != nullptr; }

/// T2(T1(x)) -> T(x); T with the identity -> x.
struct ComposeTransposes : OpRewritePattern<linalg::TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::TransposeOp outer, PatternRewriter &rewriter) const override {
    if (!outer.hasPureTensorSemantics())
      return failure();
    if (isIdentityPermutation(outer.getPermutation())) {
      rewriter.replaceOp(outer, outer.getInput());
      return success();
    }
    linalg::TransposeOp inner = getTranspose(outer.getInput());
    if (!inner)
      return rewriter.notifyMatchFailure(outer, "operand is not a transpose");
    auto permutation =
        llvm::map_to_vector(outer.getPermutation(), [&](int64_t axis) { return inner.getPermutation()[axis]; });
    Location loc = rewriter.getFusedLoc({inner.getLoc(), outer.getLoc()});
    rewriter.replaceOp(outer, createTranspose(rewriter, loc, inner.getInput(), permutation));
    return success();
  }

  static bool isIdentityPermutation(ArrayRef<int64_t> permutation) {
    return llvm::all_of(llvm::enumerate(permutation),
                        [](auto it) { return static_cast<int64_t>(it.index()) == it.value(); });
  }
};

/// A transpose that moves only dimensions of extent 1 is a reshape: no data moves.
struct TransposeToReshape : OpRewritePattern<linalg::TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::TransposeOp transpose, PatternRewriter &rewriter) const override {
    if (!transpose.hasPureTensorSemantics())
      return failure();
    auto inType = tensorType(transpose.getInput()), outType = tensorType(transpose->getResult(0));
    SmallVector<int64_t> order;
    for (int64_t axis : transpose.getPermutation())
      if (inType.getDimSize(axis) != 1)
        order.push_back(axis);
    if (!outType.hasStaticShape() || !llvm::is_sorted(order) ||
        ComposeTransposes::isIdentityPermutation(transpose.getPermutation()))
      return rewriter.notifyMatchFailure(transpose, "moves data");
    rewriter.replaceOp(transpose, reshape(rewriter, transpose.getLoc(), transpose.getInput(), outType));
    return success();
  }

  /// Reshape between types that differ only in unit dimensions: collapse to the others, expand again.
  static Value reshape(OpBuilder &builder, Location loc, Value value, RankedTensorType to) {
    auto from = tensorType(value);
    SmallVector<int64_t> core;
    for (int64_t extent : from.getShape())
      if (extent != 1)
        core.push_back(extent);
    auto coreType = RankedTensorType::get(core, from.getElementType());
    if (auto groups = getReassociationIndicesForReshape(from, coreType); coreType != from && groups)
      value = tensor::CollapseShapeOp::create(builder, loc, coreType, value, *groups);
    if (auto groups = getReassociationIndicesForReshape(coreType, to); coreType != to && groups)
      value = tensor::ExpandShapeOp::create(builder, loc, to, value, *groups);
    return value;
  }
};

/// elementwise(T(x), c...) -> T(elementwise(x, c'...)), where the other operands are transposed alike, constant or
/// broadcast.
struct SinkThroughElementwise : OpRewritePattern<linalg::GenericOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::GenericOp generic, PatternRewriter &rewriter) const override {
    if (!generic.hasPureTensorSemantics() || generic.getNumParallelLoops() != generic.getNumLoops() ||
        generic.hasIndexSemantics())
      return rewriter.notifyMatchFailure(generic, "not element-wise on tensors");
    for (OpOperand &init : generic.getDpsInitsMutable())
      if (!generic.getMatchingIndexingMap(&init).isIdentity() || generic.payloadUsesValueFromOperand(&init))
        return rewriter.notifyMatchFailure(generic, "an output is not written in loop order");
    SmallVector<int64_t> permutation;
    for (OpOperand *input : generic.getDpsInputOperands()) {
      linalg::TransposeOp transpose = getTranspose(input->get());
      bool fullRank = generic.getMatchingIndexingMap(input).isIdentity();
      if (transpose && fullRank && permutation.empty()) {
        permutation.assign(transpose.getPermutation().begin(), transpose.getPermutation().end());
      } else if (transpose && fullRank && !permutation.empty()) {
        if (ArrayRef<int64_t>(permutation) != transpose.getPermutation())
          return rewriter.notifyMatchFailure(generic, "operands are transposed differently");
      } else if (!isConstant(input->get()) && !isBroadcast(generic, input)) {
        return rewriter.notifyMatchFailure(generic, "an operand would have to be transposed");
      }
    }
    if (permutation.empty())
      return rewriter.notifyMatchFailure(generic, "no operand is a transpose");

    // Loop d of the new op is loop permutation^-1 ... such that x is read in its own order: old dim i = new dim p[i].
    MLIRContext *context = generic.getContext();
    SmallVector<AffineExpr> newDims =
        llvm::map_to_vector(permutation, [&](int64_t axis) { return getAffineDimExpr(axis, context); });
    SmallVector<Value> inputs;
    SmallVector<AffineMap> maps;
    for (OpOperand *input : generic.getDpsInputOperands()) {
      AffineMap map = generic.getMatchingIndexingMap(input);
      if (linalg::TransposeOp transpose = getTranspose(input->get()); transpose && map.isIdentity()) {
        inputs.push_back(transpose.getInput());
        maps.push_back(rewriter.getMultiDimIdentityMap(generic.getNumLoops()));
      } else {
        inputs.push_back(input->get());
        maps.push_back(map.replaceDimsAndSymbols(newDims, {}, generic.getNumLoops(), 0));
      }
    }
    SmallVector<int64_t> inverse = invertPermutationVector(permutation);
    SmallVector<Value> inits;
    SmallVector<Type> types;
    for (Value init : generic.getDpsInits()) {
      SmallVector<OpFoldResult> own = getSizes(rewriter, generic.getLoc(), init);
      auto sizes = llvm::map_to_vector(inverse, [&](int64_t axis) { return own[axis]; });
      inits.push_back(tensor::EmptyOp::create(rewriter, generic.getLoc(), sizes, tensorType(init).getElementType()));
      types.push_back(inits.back().getType());
      maps.push_back(rewriter.getMultiDimIdentityMap(generic.getNumLoops()));
    }
    auto sunk = linalg::GenericOp::create(rewriter, generic.getLoc(), types, inputs, inits, maps,
                                          generic.getIteratorTypesArray());
    rewriter.inlineRegionBefore(generic.getRegion(), sunk.getRegion(), sunk.getRegion().end());
    SmallVector<Value> results = llvm::map_to_vector(sunk.getResults(), [&](Value result) {
      return createTranspose(rewriter, generic.getLoc(), result, permutation);
    });
    rewriter.replaceOp(generic, results);
    return success();
  }

  /// Read less often than once per element: rereading it in another order costs nothing.
  static bool isBroadcast(linalg::GenericOp generic, OpOperand *input) {
    auto type = dyn_cast<RankedTensorType>(input->get().getType());
    if (!type)
      return true;
    auto output = tensorType(generic.getDpsInits()[0]);
    if (!type.hasStaticShape() || !output.hasStaticShape())
      return generic.getMatchingIndexingMap(input).getNumResults() < generic.getNumLoops();
    return type.getNumElements() * 2 <= output.getNumElements();
  }
};

/// slice(T(x)) -> T(slice(x)); a slice that also drops dimensions is split into a slice and a reshape first.
struct SinkThroughSlice : OpRewritePattern<tensor::ExtractSliceOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::ExtractSliceOp slice, PatternRewriter &rewriter) const override {
    linalg::TransposeOp transpose = getTranspose(slice.getSource());
    if (!transpose)
      return rewriter.notifyMatchFailure(slice, "source is not a transpose");
    Location loc = slice.getLoc();
    SmallVector<int64_t> inverse = invertPermutationVector(transpose.getPermutation());
    auto pick = [&](SmallVector<OpFoldResult> values) {
      return llvm::map_to_vector(inverse, [&](int64_t axis) { return values[axis]; });
    };
    Value moved = tensor::ExtractSliceOp::create(rewriter, loc, transpose.getInput(), pick(slice.getMixedOffsets()),
                                                 pick(slice.getMixedSizes()), pick(slice.getMixedStrides()));
    Value result = createTranspose(rewriter, loc, moved, transpose.getPermutation());
    if (result.getType() != slice.getType()) {
      auto groups = slice.getType().hasStaticShape()
                        ? getReassociationIndicesForReshape(tensorType(result), slice.getType())
                        : std::nullopt;
      if (!groups)
        return rewriter.notifyMatchFailure(slice, "dropped dimensions are not of extent 1");
      result = tensor::CollapseShapeOp::create(rewriter, loc, slice.getType(), result, *groups);
    }
    rewriter.replaceOp(slice, result);
    return success();
  }
};

/// concat(T(a), T(b), ...) -> T(concat(a, b, ...)).
struct SinkThroughConcat : OpRewritePattern<tensor::ConcatOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::ConcatOp concat, PatternRewriter &rewriter) const override {
    SmallVector<int64_t> permutation;
    for (Value input : concat.getInputs()) {
      linalg::TransposeOp transpose = getTranspose(input);
      if (!transpose || (!permutation.empty() && ArrayRef<int64_t>(permutation) != transpose.getPermutation()))
        return rewriter.notifyMatchFailure(concat, "the parts are not all transposed alike");
      permutation.assign(transpose.getPermutation().begin(), transpose.getPermutation().end());
    }
    SmallVector<Value> inputs =
        llvm::map_to_vector(concat.getInputs(), [](Value input) -> Value { return getTranspose(input).getInput(); });
    Value moved = tensor::ConcatOp::create(rewriter, concat.getLoc(), permutation[concat.getDim()], inputs);
    rewriter.replaceOp(concat, createTranspose(rewriter, concat.getLoc(), moved, permutation));
    return success();
  }
};

/// pad(T(x)) -> T(pad(x)), for padding by one constant.
struct SinkThroughPad : OpRewritePattern<tensor::PadOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::PadOp pad, PatternRewriter &rewriter) const override {
    linalg::TransposeOp transpose = getTranspose(pad.getSource());
    Value constant = pad.getConstantPaddingValue();
    if (!transpose || !constant)
      return rewriter.notifyMatchFailure(pad, "source is not a transpose, or padding is not constant");
    SmallVector<int64_t> inverse = invertPermutationVector(transpose.getPermutation());
    auto pick = [&](SmallVector<OpFoldResult> values) {
      return llvm::map_to_vector(inverse, [&](int64_t axis) { return values[axis]; });
    };
    Value moved = tensor::PadOp::create(rewriter, pad.getLoc(), Type(), transpose.getInput(),
                                        pick(pad.getMixedLowPad()), pick(pad.getMixedHighPad()), constant);
    rewriter.replaceOp(pad, createTranspose(rewriter, pad.getLoc(), moved, transpose.getPermutation()));
    return success();
  }
};

/// expand(T(x)) -> T'(expand'(x)): each dimension of x expands on its own.
struct SinkThroughExpand : OpRewritePattern<tensor::ExpandShapeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::ExpandShapeOp expand, PatternRewriter &rewriter) const override {
    linalg::TransposeOp transpose = getTranspose(expand.getSrc());
    if (!transpose)
      return rewriter.notifyMatchFailure(expand, "source is not a transpose");
    SmallVector<ReassociationIndices> outGroups = expand.getReassociationIndices();
    SmallVector<int64_t> inverse = invertPermutationVector(transpose.getPermutation());
    // Dimension d of x is dimension inverse[d] of T(x), which expands to outGroups[inverse[d]].
    SmallVector<int64_t> shape, permutation(expand.getResultType().getRank());
    SmallVector<OpFoldResult> outSizes = expand.getMixedOutputShape(), sizes;
    SmallVector<ReassociationIndices> groups;
    for (int64_t outAxis : inverse) {
      ReassociationIndices group;
      for (int64_t outDim : outGroups[outAxis]) {
        permutation[outDim] = static_cast<int64_t>(shape.size());
        group.push_back(static_cast<int64_t>(shape.size()));
        shape.push_back(expand.getResultType().getDimSize(outDim));
        sizes.push_back(outSizes[outDim]);
      }
      groups.push_back(group);
    }
    auto type = RankedTensorType::get(shape, expand.getResultType().getElementType());
    Value moved = tensor::ExpandShapeOp::create(rewriter, expand.getLoc(), type, transpose.getInput(), groups, sizes);
    rewriter.replaceOp(expand, createTranspose(rewriter, expand.getLoc(), moved, permutation));
    return success();
  }
};

/// collapse(T(x)) -> T'(collapse'(x)), where every group stays together and in order in x (extent 1 moves freely).
struct SinkThroughCollapse : OpRewritePattern<tensor::CollapseShapeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::CollapseShapeOp collapse, PatternRewriter &rewriter) const override {
    linalg::TransposeOp transpose = getTranspose(collapse.getSrc());
    if (!transpose || !collapse.getSrcType().hasStaticShape())
      return rewriter.notifyMatchFailure(collapse, "source is not a transpose");
    auto inType = tensorType(transpose.getInput());
    // The group that each dimension of x belongs to, in x's order, must come in one piece.
    SmallVector<int64_t> groupOf(inType.getRank());
    SmallVector<ReassociationIndices> outGroups = collapse.getReassociationIndices();
    for (auto [g, group] : llvm::enumerate(outGroups))
      for (int64_t dim : group)
        groupOf[transpose.getPermutation()[dim]] = static_cast<int64_t>(g);
    SmallVector<int64_t> order; // groups as x has them
    SmallVector<int64_t> previousDim(outGroups.size(), -1);
    SmallVector<int64_t> inverse = invertPermutationVector(transpose.getPermutation());
    for (int64_t d = 0; d < inType.getRank(); ++d) {
      if (inType.getDimSize(d) == 1)
        continue;
      int64_t g = groupOf[d];
      if (previousDim[g] >= 0 && (order.back() != g || inverse[d] < previousDim[g]))
        return rewriter.notifyMatchFailure(collapse, "a group is torn apart in the source");
      if (previousDim[g] < 0)
        order.push_back(g);
      previousDim[g] = inverse[d];
    }
    for (int64_t g = 0; g < static_cast<int64_t>(outGroups.size()); ++g)
      if (previousDim[g] < 0)
        order.push_back(g); // a group of extent 1
    // x -> [extent of each group, in x's order], by way of the shape without unit dimensions.
    SmallVector<int64_t> shape =
        llvm::map_to_vector(order, [&](int64_t g) { return collapse.getResultType().getDimSize(g); });
    auto type = RankedTensorType::get(shape, inType.getElementType());
    Value source = transpose.getInput();
    SmallVector<int64_t> core;
    for (int64_t extent : inType.getShape())
      if (extent != 1)
        core.push_back(extent);
    auto coreType = RankedTensorType::get(core, inType.getElementType());
    SmallVector<int64_t> small;
    for (int64_t extent : shape)
      if (extent != 1)
        small.push_back(extent);
    auto smallType = RankedTensorType::get(small, inType.getElementType());
    for (RankedTensorType next : {coreType, smallType, type}) {
      auto from = tensorType(source);
      if (from == next)
        continue;
      bool expands = next.getRank() > from.getRank();
      auto groups = getReassociationIndicesForReshape(from, next);
      if (!groups)
        return rewriter.notifyMatchFailure(collapse, "no reassociation");
      source = expands
                   ? tensor::ExpandShapeOp::create(rewriter, collapse.getLoc(), next, source, *groups).getResult()
                   : tensor::CollapseShapeOp::create(rewriter, collapse.getLoc(), next, source, *groups).getResult();
    }
    rewriter.replaceOp(collapse, createTranspose(rewriter, collapse.getLoc(), source, invertPermutationVector(order)));
    return success();
  }
};

/// T(generic) -> the generic with its loops in T's order, where the last dimension, along which vectors lie, stays.
struct AbsorbIntoProducer : OpRewritePattern<linalg::TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::TransposeOp transpose, PatternRewriter &rewriter) const override {
    if (!transpose.hasPureTensorSemantics())
      return failure();
    auto generic = transpose.getInput().getDefiningOp<linalg::GenericOp>();
    ArrayRef<int64_t> permutation = transpose.getPermutation();
    if (!generic || !generic->hasOneUse() || generic.getNumParallelLoops() != generic.getNumLoops() ||
        generic.getNumDpsInits() != 1 || permutation.back() != static_cast<int64_t>(permutation.size()) - 1 ||
        !generic.getMatchingIndexingMap(generic.getDpsInitOperand(0)).isIdentity())
      return rewriter.notifyMatchFailure(transpose, "operand is not a parallel generic, or the last dimension moves");
    SmallVector<int64_t> inverse = invertPermutationVector(permutation);
    SmallVector<AffineExpr> newDims =
        llvm::map_to_vector(inverse, [&](int64_t axis) { return rewriter.getAffineDimExpr(axis); });
    SmallVector<AffineMap> maps;
    for (OpOperand *input : generic.getDpsInputOperands())
      maps.push_back(
          generic.getMatchingIndexingMap(input).replaceDimsAndSymbols(newDims, {}, generic.getNumLoops(), 0));
    maps.push_back(rewriter.getMultiDimIdentityMap(generic.getNumLoops()));
    SmallVector<Value> inputs = generic.getDpsInputs();
    auto type = tensorType(transpose->getResult(0));
    Value init =
        tensor::EmptyOp::create(rewriter, transpose.getLoc(),
                                getSizes(rewriter, transpose.getLoc(), transpose.getInit()), type.getElementType());
    auto moved = linalg::GenericOp::create(rewriter, rewriter.getFusedLoc({generic.getLoc(), transpose.getLoc()}), type,
                                           inputs, init, maps, generic.getIteratorTypesArray());
    rewriter.inlineRegionBefore(generic.getRegion(), moved.getRegion(), moved.getRegion().end());
    moved.getRegion().walk([&](linalg::IndexOp index) { index.setDim(inverse[index.getDim()]); });
    rewriter.replaceOp(transpose, moved.getResults());
    rewriter.eraseOp(generic);
    return success();
  }
};

/// T(pad(x)) -> pad(T(x)), once nothing cancelled: the copy then writes into the padded buffer's interior.
struct HoistAbovePad : OpRewritePattern<linalg::TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::TransposeOp transpose, PatternRewriter &rewriter) const override {
    auto pad = transpose.getInput().getDefiningOp<tensor::PadOp>();
    if (!transpose.hasPureTensorSemantics() || !pad || !pad->hasOneUse() || !pad.getConstantPaddingValue())
      return rewriter.notifyMatchFailure(transpose, "operand is not a pad with this only use");
    auto pick = [&](SmallVector<OpFoldResult> values) {
      return llvm::map_to_vector(transpose.getPermutation(), [&](int64_t axis) { return values[axis]; });
    };
    Value moved = createTranspose(rewriter, transpose.getLoc(), pad.getSource(), transpose.getPermutation());
    rewriter.replaceOpWithNewOp<tensor::PadOp>(transpose, Type(), moved, pick(pad.getMixedLowPad()),
                                               pick(pad.getMixedHighPad()), pad.getConstantPaddingValue());
    return success();
  }
};

struct SinkTransposes : m2c::impl::SinkTransposesPassBase<SinkTransposes> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<ComposeTransposes, TransposeToReshape, SinkThroughElementwise, SinkThroughSlice, SinkThroughConcat,
                 SinkThroughPad, SinkThroughExpand, SinkThroughCollapse, AbsorbIntoProducer>(&getContext());
    populateAbsorbTransposePatterns(patterns);
    tensor::populateReassociativeReshapeFoldingPatterns(patterns);
    tensor::ExtractSliceOp::getCanonicalizationPatterns(patterns, &getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();
    RewritePatternSet hoisting(&getContext());
    hoisting.add<HoistAbovePad>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(hoisting))))
      return signalPassFailure();
  }
};

} // namespace
