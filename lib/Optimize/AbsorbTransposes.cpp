// Kernels that absorb transposes: contractions and attention through their indexing maps, constant weights by
// reordering.
#include "SinkTransposes.h"
#include "m2c/Dialect/Kernel/Kernel.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/ReshapeOpsUtils.h"

using namespace mlir;
using namespace m2c;

namespace {

/// The map of an operand read through T: T's out dimension i, which `map` indexes with result i, is x's dimension p[i].
AffineMap mapThrough(AffineMap map, ArrayRef<int64_t> permutation) {
  SmallVector<AffineExpr> results(map.getNumResults());
  for (auto [i, axis] : llvm::enumerate(permutation))
    results[axis] = map.getResult(i);
  return AffineMap::get(map.getNumDims(), 0, results, map.getContext());
}

template <class Op>
void setMap(Op op, unsigned index, AffineMap map) {
  SmallVector<Attribute> maps(op.getIndexingMaps().begin(), op.getIndexingMaps().end());
  maps[index] = AffineMapAttr::get(map);
  op.setIndexingMapsAttr(ArrayAttr::get(op.getContext(), maps));
}

/// contract or attention of T(x) -> the same op reading x through a permuted map.
template <class Op>
struct AbsorbOperand : OpRewritePattern<Op> {
  AbsorbOperand(MLIRContext *context, unsigned numOperands) : OpRewritePattern<Op>(context), numOperands(numOperands) {}

  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    for (unsigned i = 0; i < numOperands; ++i) {
      linalg::TransposeOp transpose = getTranspose(op->getOperand(i));
      if (!transpose)
        continue;
      rewriter.modifyOpInPlace(op, [&] {
        setMap(op, i, mapThrough(op.getMap(i), transpose.getPermutation()));
        op->setOperand(i, transpose.getInput());
      });
      return success();
    }
    return rewriter.notifyMatchFailure(op, "no operand is a transpose");
  }

  unsigned numOperands;
};

/// T(contract) or T(attention) with this only use -> the op writing in T's order, where vectors still lie along the
/// last dimension; `outMap` is the index of the output's map.
template <class Op, unsigned outMap>
struct AbsorbResult : OpRewritePattern<linalg::TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::TransposeOp transpose, PatternRewriter &rewriter) const override {
    if (!transpose.hasPureTensorSemantics())
      return failure();
    auto op = transpose.getInput().getDefiningOp<Op>();
    ArrayRef<int64_t> permutation = transpose.getPermutation();
    if (!op || !op->hasOneUse() || permutation.back() != static_cast<int64_t>(permutation.size()) - 1)
      return rewriter.notifyMatchFailure(transpose, "operand is no kernel with maps, or the last dimension moves");
    rewriter.setInsertionPoint(op);
    auto type = tensorType(transpose->getResult(0));
    SmallVector<OpFoldResult> own = getSizes(rewriter, op.getLoc(), op.getInits()[0]);
    auto sizes = llvm::map_to_vector(permutation, [&](int64_t axis) { return own[axis]; });
    Value init = tensor::EmptyOp::create(rewriter, op.getLoc(), sizes, type.getElementType());
    auto moved = cast<Op>(rewriter.clone(*op));
    moved->getResult(0).setType(type);
    moved.getInitsMutable()[0].set(init);
    SmallVector<AffineExpr> results =
        llvm::map_to_vector(permutation, [&](int64_t axis) { return op.getMap(outMap).getResult(axis); });
    setMap(moved, outMap, AffineMap::get(op.getMap(outMap).getNumDims(), 0, results, op.getContext()));
    // The epilogue's domain is the output's order, for kernels that have one there: out dimension j is now inverse[j].
    auto kernel = cast<kernel::KernelOpInterface>(moved.getOperation());
    if (kernel.hasOutputEpilogue()) {
      SmallVector<AffineExpr> dims = llvm::map_to_vector(invertPermutationVector(permutation),
                                                         [&](int64_t axis) { return rewriter.getAffineDimExpr(axis); });
      SmallVector<Attribute> maps;
      for (Attribute map : kernel.getExtraMaps())
        maps.push_back(AffineMapAttr::get(
            cast<AffineMapAttr>(map).getValue().replaceDimsAndSymbols(dims, {}, permutation.size(), 0)));
      kernel.setExtraMapsAttr(rewriter.getArrayAttr(maps));
    }
    rewriter.replaceOp(transpose, moved->getResults());
    rewriter.eraseOp(op);
    return success();
  }
};

/// contract(collapse(T(x)), W) -> contract(collapse(x), W'), the constant W's rows in x's order: the flatten between
/// the last convolution and the first fully connected layer.
struct ReorderWeights : OpRewritePattern<kernel::ContractOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(kernel::ContractOp contract, PatternRewriter &rewriter) const override {
    auto collapse = contract.getLhs().getDefiningOp<tensor::CollapseShapeOp>();
    linalg::TransposeOp transpose = collapse ? getTranspose(collapse.getSrc()) : linalg::TransposeOp();
    if (!transpose || !contract.getRhs().getDefiningOp<arith::ConstantOp>() || contract.getPanel())
      return rewriter.notifyMatchFailure(contract, "lhs is not a flattened transpose, or rhs is not constant");
    // Only the group that becomes k may be permuted, within itself.
    AffineMap lhsMap = contract.getMap(0);
    unsigned k = lhsMap.getNumDims() - 1;
    SmallVector<ReassociationIndices> groups = collapse.getReassociationIndices();
    ArrayRef<int64_t> permutation = transpose.getPermutation();
    ReassociationIndices kGroup;
    for (auto [g, group] : llvm::enumerate(groups)) {
      bool isK = cast<AffineDimExpr>(lhsMap.getResult(g)).getPosition() == k;
      auto [low, high] = std::pair(group.front(), group.back());
      for (int64_t dim : group)
        if (isK ? permutation[dim] < low || permutation[dim] > high : permutation[dim] != dim)
          return rewriter.notifyMatchFailure(contract, "the transpose mixes k with another dimension");
      if (isK)
        kGroup = group;
    }
    if (kGroup.empty() || llvm::any_of(kGroup, [&](int64_t dim) { return collapse.getSrcType().isDynamicDim(dim); }))
      return rewriter.notifyMatchFailure(contract, "k is not flattened, or symbolic");

    // W [.., k, ..] -> [.., k1, k2, .., ..] -> permuted -> [.., k, ..]; constant folding does the work.
    Location loc = contract.getLoc();
    AffineMap rhsMap = contract.getMap(1);
    auto rhsType = tensorType(contract.getRhs());
    SmallVector<int64_t> expandedShape, rhsPermutation;
    SmallVector<ReassociationIndices> rhsGroups;
    for (auto [dim, expr] : llvm::enumerate(rhsMap.getResults())) {
      ReassociationIndices group;
      int64_t start = static_cast<int64_t>(expandedShape.size());
      if (cast<AffineDimExpr>(expr).getPosition() != k) {
        group.push_back(start);
        rhsPermutation.push_back(start);
        expandedShape.push_back(rhsType.getDimSize(dim));
      } else {
        SmallVector<int64_t> inverse = invertPermutationVector(permutation);
        for (int64_t axis : kGroup) {
          group.push_back(static_cast<int64_t>(expandedShape.size()));
          expandedShape.push_back(collapse.getSrcType().getDimSize(axis));
          rhsPermutation.push_back(start + inverse[axis] - kGroup.front());
        }
      }
      rhsGroups.push_back(group);
    }
    auto expandedType = RankedTensorType::get(expandedShape, rhsType.getElementType());
    Value weights = tensor::ExpandShapeOp::create(rewriter, loc, expandedType, contract.getRhs(), rhsGroups);
    weights = createTranspose(rewriter, loc, weights, rhsPermutation);
    weights = tensor::CollapseShapeOp::create(rewriter, loc, rhsType, weights, rhsGroups);
    Value lhs = tensor::CollapseShapeOp::create(rewriter, loc, collapse.getResultType(), transpose.getInput(), groups);
    rewriter.modifyOpInPlace(contract, [&] {
      contract.getLhsMutable().assign(lhs);
      contract.getRhsMutable().assign(weights);
    });
    return success();
  }
};

} // namespace

void m2c::populateAbsorbTransposePatterns(RewritePatternSet &patterns) {
  MLIRContext *context = patterns.getContext();
  patterns.add<AbsorbOperand<kernel::ContractOp>>(context, 2u);
  patterns.add<AbsorbOperand<kernel::AttentionOp>>(context, 3u);
  patterns.add<AbsorbResult<kernel::ContractOp, 2>, AbsorbResult<kernel::AttentionOp, 3>, ReorderWeights>(context);
}
