// Scaled dot-product attention that exporters write as two products and a softmax.
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Graph/Passes.h"
#include "m2c/Graph/Rewrite.h"
#include <cmath>

using namespace mlir;
using namespace m2c::onnx;

namespace m2c {
#define GEN_PASS_DEF_RECOVERATTENTIONPASS
#include "m2c/Graph/Passes.h.inc"

namespace {
using graph::getKnownDims;
using graph::getScalar;
using graph::stripScale;

int64_t rankOf(Value value) { return cast<ShapedType>(value.getType()).getRank(); }

/// softmax(scale * query key^T + masks), found from the softmax's input.
struct Scores {
  Value query, keyTransposed;
  double scale = 1;
  SmallVector<std::pair<Value, double>> masks; // each to be multiplied
  SmallVector<Operation *> ops;
};

/// A finite stand-in for minus infinity, or that itself: exp(x - max) is 0 for any x that occurs.
bool hidesScore(double value) { return value <= -1e4; }

/// Descends from `value` through scales and masks to the product of query and key.
bool matchScores(Value value, Scores &scores) {
  while (Operation *op = value.getDefiningOp()) {
    Value inner = stripScale(value, scores.scale, scores.ops);
    if (inner != value) {
      value = inner;
      continue;
    }
    if (auto product = dyn_cast<MatMulOp>(op)) {
      scores.ops.push_back(op);
      scores.query = stripScale(product.getA(), scores.scale, scores.ops);
      scores.keyTransposed = stripScale(product.getB(), scores.scale, scores.ops);
      return true;
    }
    auto add = dyn_cast<AddOp>(op);
    if (!add)
      return false;
    // The operand of the result's type that leads to a product; the other one is the mask.
    bool found = false;
    for (unsigned i : {0u, 1u}) {
      if (add->getOperand(i).getType() != add->getResult(0).getType())
        continue;
      SmallVector<Operation *> ignored;
      double ignoredScale = 1;
      Operation *next = stripScale(add->getOperand(i), ignoredScale, ignored).getDefiningOp();
      if (!isa_and_nonnull<MatMulOp, AddOp>(next))
        continue;
      scores.masks.emplace_back(add->getOperand(1 - i), scores.scale);
      scores.ops.push_back(op);
      value = add->getOperand(i);
      found = true;
      break;
    }
    if (!found)
      return false;
  }
  return false;
}

/// Whether a constant mask [.., L, L] lets position q see exactly the positions up to q.
bool isCausalMask(Value mask) {
  auto tensor = graph::ConstantTensor::get(mask);
  if (!tensor || tensor->getRank() < 2 || graph::getDomain(tensor->getElementType()) != graph::Domain::Float)
    return false;
  ArrayRef<int64_t> shape = tensor->getShape();
  int64_t length = shape.back();
  if (shape.drop_back().back() != length || length < 2 || tensor->size() != length * length)
    return false;
  std::vector<double> values = tensor->values<double>();
  for (int64_t q = 0; q < length; ++q)
    for (int64_t k = 0; k < length; ++k)
      if (k <= q ? values[q * length + k] != 0 : !hidesScore(values[q * length + k]))
        return false;
  return true;
}

/// MatMul(Softmax(scale * MatMul(q, k^T) + mask), v) -> Attention(q, k, v, mask). Scales on q and on k^T count too.
/// Rank 3 becomes one batch of as many heads. k is k^T transposed back, which cancels with the exporter's Transpose.
struct AttentionFromSoftmax : OpRewritePattern<SoftmaxOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SoftmaxOp softmax, PatternRewriter &rewriter) const override {
    if (!getElementTypeOrSelf(softmax.getType()).isF32())
      return rewriter.notifyMatchFailure(softmax, "the kernel computes in float32 only");
    Value weights = softmax.getOutput();
    int64_t rank = rankOf(weights);
    if (rank < 3 || rank > 4 || *graph::normalizeAxis(softmax.getAxis(), rank) != rank - 1 || !weights.hasOneUse())
      return rewriter.notifyMatchFailure(softmax, "not along the last of 3 or 4 dimensions, for one use");
    auto output = dyn_cast<MatMulOp>(*weights.user_begin());
    Scores scores;
    if (!output || output.getA() != weights || !matchScores(softmax.getInput(), scores))
      return rewriter.notifyMatchFailure(softmax, "not between two products");
    Value q = scores.query, kt = scores.keyTransposed, v = output.getB();
    auto qShape = getKnownDims(q), ktShape = getKnownDims(kt), vShape = getKnownDims(v);
    if (!qShape || !ktShape || !vShape || int64_t(qShape->size()) != rank || int64_t(ktShape->size()) != rank ||
        int64_t(vShape->size()) != rank)
      return rewriter.notifyMatchFailure(softmax, "operands of other ranks");
    auto outer = [](const Dims &dims) { return ArrayRef<Dim>(dims).drop_back(2); };
    if (outer(*qShape) != outer(*ktShape) || outer(*qShape) != outer(*vShape))
      return rewriter.notifyMatchFailure(softmax, "operands of other batches or heads");

    SmallVector<Operation *> ops(llvm::reverse(scores.ops));
    ops.append({softmax, output});
    Location loc = graph::fuseLocs(ops);
    rewriter.setInsertionPoint(output);
    SmallVector<int64_t> swap = graph::identityPermutation(rank);
    std::swap(swap[rank - 1], swap[rank - 2]);
    Value k = graph::createTranspose(rewriter, kt.getDefiningOp() ? kt.getLoc() : loc, kt, swap);
    auto toRank4 = [&](Value value) {
      Dims shape = *getKnownDims(value);
      if (rank == 3)
        shape.insert(shape.begin(), 1);
      return graph::createReshape(rewriter, loc, value, shape);
    };
    q = toRank4(q);
    k = toRank4(k);
    v = toRank4(v);

    bool causal = false;
    Value mask;
    for (auto [value, scale] : scores.masks) {
      if (scores.masks.size() == 1 && isCausalMask(value)) {
        causal = true;
        continue;
      }
      // The mask of rank 3 [B*H, L, L] gets the batch of 1 in front by broadcasting.
      if (scale != 1) {
        auto type = cast<RankedTensorType>(value.getType());
        Value factor = graph::createSplat(rewriter, loc, type.getElementType(), {}, scale);
        value = MulOp::create(rewriter, loc, type, value, factor);
      }
      if (!mask) {
        mask = value;
        continue;
      }
      auto sum = AddOp::create(rewriter, loc, value.getType(), mask, value);
      graph::inferResults(sum);
      mask = sum;
    }
    auto element = cast<ShapedType>(q.getType()).getElementType();
    Dims shape = *getKnownDims(q);
    shape[3] = getKnownDims(v)->back();
    auto i64 = [&](int64_t value) { return rewriter.getI64IntegerAttr(value); };
    SmallVector<NamedAttribute> attributes;
    auto attention = AttentionOp::create(
        rewriter, loc, getTensorType(shape, element), Type(), Type(), Type(), q, k, v, mask, Value(), Value(), Value(),
        /*is_causal=*/i64(causal), /*kv_num_heads=*/IntegerAttr(), /*left_window_size=*/IntegerAttr(),
        /*q_num_heads=*/IntegerAttr(), /*qk_matmul_output_mode=*/IntegerAttr(), /*right_window_size=*/IntegerAttr(),
        rewriter.getF32FloatAttr(scores.scale), /*softcap=*/FloatAttr(), /*softmax_precision=*/IntegerAttr());
    rewriter.replaceOp(output, graph::createReshape(rewriter, loc, attention.getY(), *getKnownDims(output.getY())));
    return success();
  }
};

/// Attention on [B, L, H*D] -> on [B, H, L, D], with the Reshapes and Transposes spelled out.
struct AttentionToRank4 : OpRewritePattern<AttentionOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(AttentionOp op, PatternRewriter &rewriter) const override {
    if (rankOf(op.getQ()) != 3 || !op.getQNumHeads() || !op.getKvNumHeads() || op->getNumResults() != 1)
      return rewriter.notifyMatchFailure(op, "not of rank 3, or with other results");
    auto split = [&](Value value, int64_t heads) -> Value {
      auto shape = getKnownDims(value);
      if (!shape || shape->size() != 3)
        return value;
      Value parts = graph::createReshape(rewriter, op.getLoc(), value,
                                         Dims{(*shape)[0], (*shape)[1], heads, (*shape)[2].floorDiv(heads)});
      return graph::createTranspose(rewriter, op.getLoc(), parts, {0, 2, 1, 3});
    };
    auto out = getKnownDims(op.getY());
    if (!out || !getKnownDims(op.getQ()) || !getKnownDims(op.getK()) || !getKnownDims(op.getV()))
      return rewriter.notifyMatchFailure(op, "unknown shape");
    int64_t heads = *op.getQNumHeads(), kvHeads = *op.getKvNumHeads();
    Value q = split(op.getQ(), heads), k = split(op.getK(), kvHeads), v = split(op.getV(), kvHeads);
    Operation *wide = rewriter.clone(*op);
    wide->setOperand(0, q);
    wide->setOperand(1, k);
    wide->setOperand(2, v);
    wide->removeAttr("q_num_heads");
    wide->removeAttr("kv_num_heads");
    Dims shape{(*out)[0], heads, (*out)[1], (*out)[2].floorDiv(heads)};
    wide->getResult(0).setType(getTensorType(shape, cast<ShapedType>(op.getY().getType()).getElementType()));
    Value joined = graph::createTranspose(rewriter, op.getLoc(), wide->getResult(0), {0, 2, 1, 3});
    rewriter.replaceOp(op, graph::createReshape(rewriter, op.getLoc(), joined, *out));
    return success();
  }
};

struct RecoverAttentionPass : impl::RecoverAttentionPassBase<RecoverAttentionPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<AttentionFromSoftmax, AttentionToRank4>(&getContext());
    (void)graph::applyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace
} // namespace m2c
