// A product of rows gathered from a constant table is a gather from the product: table * W is computed at conversion,
// and what is left at run time is a copy of rows. Typical: an embedding in front of a recurrent layer or a fully
// connected one.
#include "m2c/Dialect/Kernel/Kernel.h"
#include "m2c/Dialect/Kernel/Tensors.h"
#include "m2c/Optimize/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace m2c {
#define GEN_PASS_DEF_FOLDTABLESPASS
#include "m2c/Optimize/Passes.h.inc"
} // namespace m2c

using namespace mlir;
using namespace m2c;

namespace {

bool isConstant(Value value) { return value.getDefiningOp<arith::ConstantOp>() != nullptr; }

/// The tensor.extract from a constant table [V, K] that `generic` yields, whose column is the generic's last loop.
tensor::ExtractOp getRowGather(linalg::GenericOp generic) {
  if (generic.getNumParallelLoops() != generic.getNumLoops() || generic.getNumResults() != 1 ||
      !generic.getMatchingIndexingMap(generic.getDpsInitOperand(0)).isIdentity())
    return {};
  unsigned last = generic.getNumLoops() - 1;
  // The row must not depend on the last loop.
  for (OpOperand *input : generic.getDpsInputOperands())
    if (generic.getMatchingIndexingMap(input).isFunctionOfDim(last))
      return {};
  auto extract = generic.getBody()->getTerminator()->getOperand(0).getDefiningOp<tensor::ExtractOp>();
  if (!extract || extract.getIndices().size() != 2 || !isConstant(extract.getTensor()))
    return {};
  auto column = extract.getIndices()[1].getDefiningOp<linalg::IndexOp>();
  if (!column || column.getDim() != last)
    return {};
  bool other = false;
  generic.getBody()->walk([&](linalg::IndexOp index) { other |= index != column && index.getDim() == last; });
  return other ? tensor::ExtractOp() : extract;
}

struct HoistOverGather : OpRewritePattern<kernel::ContractOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(kernel::ContractOp contract, PatternRewriter &rewriter) const override {
    AffineExpr m, n, k;
    bindDims(rewriter.getContext(), m, n, k);
    auto collapse = contract.getLhs().getDefiningOp<tensor::CollapseShapeOp>();
    auto generic = (collapse ? collapse.getSrc() : contract.getLhs()).getDefiningOp<linalg::GenericOp>();
    if (!generic || contract.getPanel() || contract.getMap(0) != AffineMap::get(3, 0, {m, k}, rewriter.getContext()) ||
        contract.getMap(2) != AffineMap::get(3, 0, {m, n}, rewriter.getContext()) || !isConstant(contract.getRhs()))
      return rewriter.notifyMatchFailure(contract, "not a product of gathered rows and constant weights");
    if (collapse && collapse.getReassociationIndices().back().size() != 1)
      return rewriter.notifyMatchFailure(contract, "rows are flattened");
    tensor::ExtractOp extract = getRowGather(generic);
    if (!extract)
      return rewriter.notifyMatchFailure(contract, "rows are not gathered from a constant table");
    for (auto [extra, map] : llvm::zip_equal(contract.getExtras(), contract.getExtraMaps()))
      if (!isConstant(extra) || cast<AffineMapAttr>(map).getValue().isFunctionOfDim(0))
        return rewriter.notifyMatchFailure(contract, "the epilogue depends on the row");

    auto table = cast<RankedTensorType>(extract.getTensor().getType());
    auto product = cast<RankedTensorType>(contract->getResult(0).getType());
    int64_t rows = table.getDimSize(0), depth = table.getDimSize(1), columns = product.getDimSize(1);
    // The new table may take as much memory as the weights that it replaces, or what fits the second-level cache's
    // half.
    if (rows > std::max<int64_t>(depth, (256 << 10) / (4 * columns)))
      return rewriter.notifyMatchFailure(contract, "the table would grow");

    Location loc = contract.getLoc();
    rewriter.setInsertionPoint(generic);
    auto foldedType = RankedTensorType::get({rows, columns}, product.getElementType());
    Value init = tensor::EmptyOp::create(rewriter, loc, foldedType.getShape(), foldedType.getElementType());
    // Constants dominate everything once moved here.
    for (Value operand : contract->getOperands())
      if (Operation *constant = operand.getDefiningOp(); constant && isa<arith::ConstantOp>(constant))
        rewriter.moveOpBefore(constant, &generic->getBlock()->front());
    auto folded = cast<kernel::ContractOp>(rewriter.clone(*contract));
    folded.getLhsMutable().assign(extract.getTensor());
    folded.getInitsMutable()[0].set(init);
    folded->getResult(0).setType(foldedType);

    SmallVector<OpFoldResult> sizes = getSizes(rewriter, loc, generic.getDpsInits()[0]);
    sizes.back() = rewriter.getIndexAttr(columns);
    Value wide = tensor::EmptyOp::create(rewriter, loc, sizes, product.getElementType());
    IRMapping mapping;
    mapping.map(generic.getDpsInits()[0], wide);
    mapping.map(extract.getTensor(), folded->getResult(0));
    auto gather = cast<linalg::GenericOp>(rewriter.clone(*generic, mapping));
    gather.getResult(0).setType(cast<RankedTensorType>(wide.getType()));
    Value result = gather.getResult(0);
    if (collapse) {
      rewriter.setInsertionPointAfter(gather);
      result = tensor::CollapseShapeOp::create(rewriter, loc, product, result, collapse.getReassociationIndices());
    }
    rewriter.replaceOp(contract, result);
    return success();
  }
};

struct FoldTables : m2c::impl::FoldTablesPassBase<FoldTables> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<HoistOverGather>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
