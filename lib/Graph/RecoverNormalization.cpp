// Normalisations and softmax that exporters write as reductions and arithmetic.
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Graph/Evaluate.h"
#include "m2c/Graph/Passes.h"
#include "m2c/Graph/Rewrite.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c {
#define GEN_PASS_DEF_RECOVERNORMALIZATIONPASS
#include "m2c/Graph/Passes.h.inc"

namespace {
using graph::getOther;
using graph::getScalar;
using graph::isScalar;

/// The axes of a reduction of `value` that keeps them as 1, sorted; nothing if it is another one.
template <class Op>
std::optional<SmallVector<int64_t>> keptAxes(Value reduced, Value value) {
  auto op = reduced ? reduced.getDefiningOp<Op>() : Op();
  auto shape = graph::getStaticShape(value);
  if (!op || op.getData() != value || !op.getKeepdims() || !shape)
    return std::nullopt;
  SmallVector<int64_t> given;
  if (op.getAxes()) {
    auto constant = getConstantIntegers(op.getAxes());
    if (!constant)
      return std::nullopt;
    given = *constant;
  }
  if (given.empty())
    given = graph::identityPermutation(shape->size());
  auto axes = graph::normalizeAxes(given, shape->size());
  if (axes)
    llvm::sort(*axes);
  return axes;
}

/// The first of `axes` if they are all dimensions from there on.
std::optional<int64_t> trailingAxis(ArrayRef<int64_t> axes, int64_t rank) {
  for (auto [i, axis] : llvm::enumerate(axes))
    if (axis != rank - int64_t(axes.size()) + int64_t(i))
      return std::nullopt;
  return axes.empty() ? std::nullopt : std::optional(axes.front());
}

/// value^2 -> value.
Value stripSquare(Value square) {
  Operation *op = square.getDefiningOp();
  if (isa_and_nonnull<PowOp>(op) && isScalar(op->getOperand(1), 2))
    return op->getOperand(0);
  if (isa_and_nonnull<MulOp>(op) && op->getOperand(0) == op->getOperand(1))
    return op->getOperand(0);
  return {};
}

/// What sqrt(mean(x^2) + epsilon) is made of.
struct RootMeanSquare {
  Value x;
  int64_t axis;
  double epsilon;
  SmallVector<Operation *> ops;
};

std::optional<RootMeanSquare> matchVariance(Value value) {
  RootMeanSquare rms{{}, 0, 0, {}};
  auto add = value.getDefiningOp<AddOp>();
  if (!add)
    return std::nullopt;
  for (unsigned i : {0u, 1u}) {
    auto epsilon = getScalar(add->getOperand(i));
    auto mean = add->getOperand(1 - i).getDefiningOp<ReduceMeanOp>();
    rms.x = epsilon && mean ? stripSquare(mean.getData()) : Value();
    auto axes = rms.x ? keptAxes<ReduceMeanOp>(mean.getReduced(), mean.getData()) : std::nullopt;
    auto axis = axes ? trailingAxis(*axes, cast<ShapedType>(rms.x.getType()).getRank()) : std::nullopt;
    if (!axis)
      continue;
    rms.axis = *axis;
    rms.epsilon = *epsilon;
    rms.ops = {mean.getData().getDefiningOp(), mean, add};
    return rms;
  }
  return std::nullopt;
}

/// Matches an op that computes x / sqrt(mean(x^2) + epsilon): Div by Sqrt, Mul by Reciprocal(Sqrt), Mul by Div(1,
/// Sqrt), Mul by Pow(., -0.5).
std::optional<RootMeanSquare> matchNormalized(Operation *op) {
  for (unsigned i : {1u, 0u}) {
    if (i == 0 && !isa<MulOp>(op))
      break;
    Operation *factor = op->getOperand(i).getDefiningOp();
    Value variance;
    SmallVector<Operation *> ops;
    if (isa<DivOp>(op)) {
      if (isa_and_nonnull<SqrtOp>(factor))
        variance = factor->getOperand(0);
    } else if (isa_and_nonnull<PowOp>(factor) && isScalar(factor->getOperand(1), -0.5)) {
      variance = factor->getOperand(0);
    } else if (isa_and_nonnull<ReciprocalOp>(factor) ||
               (isa_and_nonnull<DivOp>(factor) && isScalar(factor->getOperand(0), 1))) {
      if (auto root = factor->getOperands().back().getDefiningOp<SqrtOp>()) {
        variance = root->getOperand(0);
        ops.push_back(root);
      }
    }
    auto rms = variance ? matchVariance(variance) : std::nullopt;
    if (!rms || rms->x != op->getOperand(1 - i) || rms->x.getType() != op->getResult(0).getType())
      continue;
    rms->ops.append(ops.begin(), ops.end());
    rms->ops.append({factor, op});
    return rms;
  }
  return std::nullopt;
}

bool isFloat32(Operation *op) { return getElementTypeOrSelf(op->getResult(0)).isF32(); }

/// x / sqrt(mean(x^2) + e) -> RMSNormalization; if x = y - mean(y) too, LayerNormalization of y. Scale and bias follow
/// as Mul and Add, which other patterns take in.
template <class Op>
struct NormalizationFromArithmetic : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;

  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    if (!isFloat32(op))
      return rewriter.notifyMatchFailure(op, "the kernels normalise float32 only");
    auto rms = matchNormalized(op);
    if (!rms)
      return rewriter.notifyMatchFailure(op, "not x / sqrt(mean(x^2) + epsilon)");
    auto type = cast<RankedTensorType>(rms->x.getType());
    ArrayRef<int64_t> normalized = type.getShape().drop_front(rms->axis);
    if (ShapedType::isDynamicShape(normalized))
      return rewriter.notifyMatchFailure(op, "the normalized dimensions are symbolic");
    Value ones = graph::createSplat(rewriter, op.getLoc(), type.getElementType(), normalized, 1);
    if (auto centred = rms->x.template getDefiningOp<SubOp>()) {
      Value y = centred->getOperand(0);
      auto axes = y.getType() == type ? keptAxes<ReduceMeanOp>(centred->getOperand(1), y) : std::nullopt;
      if (axes && trailingAxis(*axes, type.getRank()) == rms->axis) {
        rms->ops.insert(rms->ops.begin(), {centred->getOperand(1).getDefiningOp(), centred});
        auto norm = LayerNormalizationOp::create(rewriter, graph::fuseLocs(rms->ops), type, Type(), Type(), y, ones,
                                                 Value(), rms->axis, float(rms->epsilon));
        rewriter.replaceOp(op, norm.getY());
        return success();
      }
    }
    auto norm = RMSNormalizationOp::create(rewriter, graph::fuseLocs(rms->ops), type, rms->x, ones, rms->axis,
                                           float(rms->epsilon));
    rewriter.replaceOp(op, norm.getY());
    return success();
  }
};

/// `value`, made to have exactly the shape of the normalized dimensions; null if it has more.
Value fitParameter(OpBuilder &builder, Value value, ArrayRef<int64_t> normalized) {
  auto shape = graph::getStaticShape(value);
  if (!shape)
    return {};
  if (*shape == normalized)
    return value;
  auto constant = graph::ConstantTensor::get(value);
  if (!constant)
    return {};
  while (shape->size() > normalized.size() && shape->front() == 1)
    *shape = shape->drop_front();
  if (!graph::broadcastsTo(*shape, normalized))
    return {};
  return graph::createConstant(builder, value.getLoc(), graph::broadcastTo(constant->reshape(*shape), normalized),
                               "scale");
}

/// LayerNormalization(x) * s -> LayerNormalization(x, s); the same for RMSNormalization.
template <class Norm>
struct TakeScale : OpRewritePattern<MulOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(MulOp mul, PatternRewriter &rewriter) const override {
    for (unsigned i : {0u, 1u}) {
      auto norm = mul->getOperand(i).getDefiningOp<Norm>();
      if (!norm || norm->getNumResults() != 1 || !norm->hasOneUse() || getScalar(norm->getOperand(1)) != 1.0 ||
          norm->getResult(0).getType() != mul->getResult(0).getType() || norm->getNumOperands() > 2)
        continue;
      auto shape = graph::getStaticShape(norm->getOperand(0));
      int64_t axis = *graph::normalizeAxis(norm.getAxis(), shape->size());
      rewriter.setInsertionPoint(mul);
      Value scale = fitParameter(rewriter, mul->getOperand(1 - i), shape->drop_front(axis));
      if (!scale)
        continue;
      Operation *scaled = rewriter.clone(*norm);
      scaled->setOperand(1, scale);
      scaled->setLoc(graph::fuseLocs({norm, mul}));
      rewriter.replaceOp(mul, scaled->getResult(0));
      return success();
    }
    return rewriter.notifyMatchFailure(mul, "not a normalization and its scale");
  }
};

/// LayerNormalization(x, s) + b -> LayerNormalization(x, s, b).
struct TakeBias : OpRewritePattern<AddOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(AddOp add, PatternRewriter &rewriter) const override {
    for (unsigned i : {0u, 1u}) {
      auto norm = add->getOperand(i).getDefiningOp<LayerNormalizationOp>();
      if (!norm || norm->getNumResults() != 1 || !norm->hasOneUse() || norm.getB() ||
          norm.getY().getType() != add->getResult(0).getType())
        continue;
      auto shape = graph::getStaticShape(norm.getX());
      int64_t axis = *graph::normalizeAxis(norm.getAxis(), shape->size());
      Value bias = fitParameter(rewriter, add->getOperand(1 - i), shape->drop_front(axis));
      if (!bias)
        continue;
      auto biased = LayerNormalizationOp::create(rewriter, graph::fuseLocs({norm, add}), norm.getY().getType(), Type(),
                                                 Type(), norm.getX(), norm.getScale(), bias, norm.getAxis(),
                                                 norm.getEpsilon(), norm.getStashType());
      rewriter.replaceOp(add, biased.getY());
      return success();
    }
    return rewriter.notifyMatchFailure(add, "not a normalization and its bias");
  }
};

/// exp(u) / sum(exp(u)) -> Softmax(u), and Softmax(x - max(x)) -> Softmax(x).
struct SoftmaxFromExp : OpRewritePattern<DivOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(DivOp div, PatternRewriter &rewriter) const override {
    if (!isFloat32(div))
      return rewriter.notifyMatchFailure(div, "the kernels normalise float32 only");
    auto exp = div->getOperand(0).getDefiningOp<ExpOp>();
    auto axes = exp ? keptAxes<ReduceSumOp>(div->getOperand(1), exp->getResult(0)) : std::nullopt;
    if (!axes || axes->size() != 1)
      return rewriter.notifyMatchFailure(div, "not exp(x) / sum(exp(x)) along one axis");
    Value x = exp->getOperand(0);
    SmallVector<Operation *> ops{exp, div->getOperand(1).getDefiningOp(), div};
    if (auto shifted = x.getDefiningOp<SubOp>())
      if (keptAxes<ReduceMaxOp>(shifted->getOperand(1), shifted->getOperand(0)) == axes) {
        ops.insert(ops.begin(), {shifted->getOperand(1).getDefiningOp(), shifted});
        x = shifted->getOperand(0);
      }
    rewriter.replaceOp(div, SoftmaxOp::create(rewriter, graph::fuseLocs(ops), x.getType(), x, axes->front()));
    return success();
  }
};

struct RecoverNormalizationPass : impl::RecoverNormalizationPassBase<RecoverNormalizationPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<NormalizationFromArithmetic<DivOp>, NormalizationFromArithmetic<MulOp>,
                 TakeScale<LayerNormalizationOp>, TakeScale<RMSNormalizationOp>, TakeBias, SoftmaxFromExp>(
        &getContext());
    (void)graph::applyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace
} // namespace m2c
