// Activation functions that exporters write as several operators.
#include "m2c/Graph/Passes.h"
#include "m2c/Graph/Rewrite.h"
#include <cmath>

using namespace mlir;
using namespace m2c::onnx;

namespace m2c {
#define GEN_PASS_DEF_RECOVERACTIVATIONSPASS
#include "m2c/Graph/Passes.h.inc"

namespace {
using graph::getOther;
using graph::getScalar;
using graph::isClose;
using graph::isScalar;
using graph::stripScale;

Operation *getOnlyUser(Value value) { return value.hasOneUse() ? *value.user_begin() : nullptr; }

/// Climbs from `part` through products with x and scalars. Where the product is `scale` * part * x, returns its op; the
/// ops on the way are added to `ops`.
Operation *climbToProduct(Value part, Value x, double scale, SmallVectorImpl<Operation *> &ops) {
  double product = 1;
  bool hasX = false;
  while (Operation *user = getOnlyUser(part)) {
    if (!isa<MulOp, DivOp>(user))
      return nullptr;
    if (isa<DivOp>(user)) {
      auto divisor = user->getOperand(0) == part ? getScalar(user->getOperand(1)) : std::nullopt;
      if (!divisor)
        return nullptr;
      product /= *divisor;
    } else {
      Value other = getOther(user, part);
      if (auto factor = getScalar(other)) {
        product *= *factor;
      } else {
        SmallVector<Operation *> scales;
        if (hasX || stripScale(other, product, scales) != x)
          return nullptr;
        hasX = true;
        ops.append(scales.begin(), scales.end());
      }
    }
    if (user->getResult(0).getType() != x.getType())
      return nullptr;
    ops.push_back(user);
    part = user->getResult(0);
    if (hasX && isClose(product, scale, 1e-4))
      return user;
  }
  return nullptr;
}

/// a + c for a scalar constant c: a.
Value stripAdd(Value sum, double constant, SmallVectorImpl<Operation *> &ops) {
  auto add = sum.getDefiningOp<AddOp>();
  if (!add)
    return {};
  for (unsigned i : {0u, 1u})
    if (isScalar(add->getOperand(i), constant)) {
      ops.push_back(add);
      return add->getOperand(1 - i);
    }
  return {};
}

/// 0.5 * x * (1 + erf(x / sqrt(2))) -> Gelu(x).
struct GeluFromErf : OpRewritePattern<ErfOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ErfOp erf, PatternRewriter &rewriter) const override {
    SmallVector<Operation *> ops{erf};
    double inner = 1;
    Value x = stripScale(erf->getOperand(0), inner, ops);
    Operation *sum = getOnlyUser(erf->getResult(0));
    if (!isClose(inner, M_SQRT1_2, 1e-4) || !isa_and_nonnull<AddOp>(sum) ||
        !isScalar(getOther(sum, erf->getResult(0)), 1))
      return rewriter.notifyMatchFailure(erf, "not 1 + erf(x / sqrt(2))");
    ops.push_back(sum);
    Operation *root = climbToProduct(sum->getResult(0), x, 0.5, ops);
    if (!root)
      return rewriter.notifyMatchFailure(erf, "not multiplied by x / 2");
    rewriter.setInsertionPoint(root);
    rewriter.replaceOp(root, GeluOp::create(rewriter, graph::fuseLocs(ops), x.getType(), x, "none"));
    return success();
  }
};

/// Whether `value` is x^3, as Pow or as products.
bool isCube(Value value, Value x) {
  Operation *op = value.getDefiningOp();
  if (isa_and_nonnull<PowOp>(op))
    return op->getOperand(0) == x && isScalar(op->getOperand(1), 3);
  if (!isa_and_nonnull<MulOp>(op))
    return false;
  Operation *square = getOther(op, x) ? getOther(op, x).getDefiningOp() : nullptr;
  if (isa_and_nonnull<PowOp>(square))
    return square->getOperand(0) == x && isScalar(square->getOperand(1), 2);
  return isa_and_nonnull<MulOp>(square) && square->getOperand(0) == x && square->getOperand(1) == x;
}

/// The x of x + 0.044715 x^3.
Value stripCubic(Value value, SmallVectorImpl<Operation *> &ops) {
  auto add = value.getDefiningOp<AddOp>();
  if (!add)
    return {};
  for (unsigned i : {0u, 1u}) {
    Value x = add->getOperand(i);
    double scale = 1;
    SmallVector<Operation *> scales;
    Value cube = stripScale(add->getOperand(1 - i), scale, scales);
    // ((c x) x) x and the like: products whose scalar is inside.
    if (!isCube(cube, x))
      if (auto mul = cube.getDefiningOp<MulOp>())
        for (unsigned j : {0u, 1u})
          if (mul->getOperand(j) == x)
            if (auto square = mul->getOperand(1 - j).getDefiningOp<MulOp>())
              for (unsigned k : {0u, 1u})
                if (square->getOperand(k) == x && scale == 1 &&
                    stripScale(square->getOperand(1 - k), scale, scales) == x) {
                  if (isClose(scale, 0.044715, 1e-3)) {
                    ops.push_back(add);
                    return x;
                  }
                  scale = 1;
                }
    if (isCube(cube, x) && isClose(scale, 0.044715, 1e-3)) {
      ops.append(scales.begin(), scales.end());
      ops.push_back(add);
      return x;
    }
  }
  return {};
}

/// 0.5 * x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))) -> Gelu(x, tanh). Mish too: x * tanh(softplus(x)).
struct FromTanh : OpRewritePattern<TanhOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(TanhOp tanh, PatternRewriter &rewriter) const override {
    SmallVector<Operation *> ops{tanh};
    Value argument = tanh->getOperand(0);
    if (auto softplus = argument.getDefiningOp<SoftplusOp>()) {
      Value x = softplus->getOperand(0);
      ops.insert(ops.begin(), softplus);
      Operation *root = climbToProduct(tanh->getResult(0), x, 1, ops);
      if (!root)
        return rewriter.notifyMatchFailure(tanh, "tanh(softplus(x)) is not multiplied by x");
      rewriter.setInsertionPoint(root);
      rewriter.replaceOp(root, MishOp::create(rewriter, graph::fuseLocs(ops), x.getType(), x));
      return success();
    }
    double inner = 1;
    Value cubic = stripScale(argument, inner, ops);
    Value x;
    if (isClose(inner, std::sqrt(2 / M_PI), 1e-4))
      x = stripCubic(cubic, ops);
    // x * (1 + 0.044715 x^2), scaled
    if (auto product = cubic.getDefiningOp<MulOp>(); !x && product)
      for (unsigned i : {0u, 1u}) {
        SmallVector<Operation *> more{product};
        double outer = 1, scale = 1;
        Value base = stripScale(product->getOperand(i), outer, more);
        Value rest = stripAdd(product->getOperand(1 - i), 1, more);
        Value square = rest ? stripScale(rest, scale, more) : Value();
        Operation *op = square ? square.getDefiningOp() : nullptr;
        bool isSquare = (isa_and_nonnull<PowOp>(op) && op->getOperand(0) == base && isScalar(op->getOperand(1), 2)) ||
                        (isa_and_nonnull<MulOp>(op) && op->getOperand(0) == base && op->getOperand(1) == base);
        if (isSquare && isClose(scale, 0.044715, 1e-3) && isClose(inner * outer, std::sqrt(2 / M_PI), 1e-4)) {
          x = base;
          ops.append(more.begin(), more.end());
        }
      }
    Operation *sum = getOnlyUser(tanh->getResult(0));
    if (!x || !isa_and_nonnull<AddOp>(sum) || !isScalar(getOther(sum, tanh->getResult(0)), 1))
      return rewriter.notifyMatchFailure(tanh, "not 1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))");
    ops.push_back(sum);
    Operation *root = climbToProduct(sum->getResult(0), x, 0.5, ops);
    if (!root)
      return rewriter.notifyMatchFailure(tanh, "not multiplied by x / 2");
    rewriter.setInsertionPoint(root);
    rewriter.replaceOp(root, GeluOp::create(rewriter, graph::fuseLocs(ops), x.getType(), x, "tanh"));
    return success();
  }
};

/// x * sigmoid(alpha x) -> Swish(x, alpha).
struct SwishFromSigmoid : OpRewritePattern<SigmoidOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SigmoidOp sigmoid, PatternRewriter &rewriter) const override {
    SmallVector<Operation *> ops{sigmoid};
    double alpha = 1;
    Value argument = sigmoid->getOperand(0), x = argument;
    Operation *user = getOnlyUser(sigmoid->getResult(0));
    if (!isa_and_nonnull<MulOp>(user) || user->getResult(0).getType() != argument.getType())
      return rewriter.notifyMatchFailure(sigmoid, "not the factor of one product");
    Value other = getOther(user, sigmoid->getResult(0));
    if (other != argument)
      x = stripScale(argument, alpha, ops);
    if (other != x)
      return rewriter.notifyMatchFailure(sigmoid, "the other factor is not x");
    ops.push_back(user);
    rewriter.setInsertionPoint(user);
    rewriter.replaceOp(user, SwishOp::create(rewriter, graph::fuseLocs(ops), x.getType(), x, float(alpha)));
    return success();
  }
};

/// x * HardSigmoid(x, 1/6, 1/2) -> HardSwish(x).
struct HardSwishFromHardSigmoid : OpRewritePattern<HardSigmoidOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(HardSigmoidOp op, PatternRewriter &rewriter) const override {
    Operation *user = getOnlyUser(op->getResult(0));
    Value x = op->getOperand(0);
    if (!isClose(op.getAlpha(), 1.0 / 6) || !isClose(op.getBeta(), 0.5) || !isa_and_nonnull<MulOp>(user) ||
        getOther(user, op->getResult(0)) != x)
      return rewriter.notifyMatchFailure(op, "not multiplied by x, or other constants");
    rewriter.setInsertionPoint(user);
    rewriter.replaceOp(user, HardSwishOp::create(rewriter, graph::fuseLocs({op, user}), x.getType(), x));
    return success();
  }
};

/// x * Clip(x + 3, 0, 6) / 6 -> HardSwish(x); Clip(x + 3, 0, 6) / 6 -> HardSigmoid(x, 1/6, 1/2).
struct FromClip : OpRewritePattern<ClipOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ClipOp clip, PatternRewriter &rewriter) const override {
    SmallVector<Operation *> ops;
    Value x = stripAdd(clip.getInput(), 3, ops);
    if (!x || x.getType() != clip.getType() || !clip.getMin() || !clip.getMax() || !isScalar(clip.getMin(), 0) ||
        !isScalar(clip.getMax(), 6))
      return rewriter.notifyMatchFailure(clip, "not Clip(x + 3, 0, 6)");
    ops.push_back(clip);
    SmallVector<Operation *> swish = ops;
    if (Operation *root = climbToProduct(clip.getResult(), x, 1.0 / 6, swish)) {
      rewriter.setInsertionPoint(root);
      rewriter.replaceOp(root, HardSwishOp::create(rewriter, graph::fuseLocs(swish), x.getType(), x));
      return success();
    }
    Operation *user = getOnlyUser(clip.getResult());
    auto divisor = isa_and_nonnull<DivOp>(user) && user->getOperand(0) == clip.getResult()
                       ? getScalar(user->getOperand(1))
                       : std::nullopt;
    auto factor = isa_and_nonnull<MulOp>(user) ? getScalar(getOther(user, clip.getResult())) : std::nullopt;
    if (!(divisor && isClose(*divisor, 6)) && !(factor && isClose(*factor, 1.0 / 6)))
      return rewriter.notifyMatchFailure(clip, "neither multiplied by x nor divided by 6");
    if (user->getResult(0).getType() != x.getType())
      return rewriter.notifyMatchFailure(clip, "broadcasts");
    ops.push_back(user);
    rewriter.setInsertionPoint(user);
    rewriter.replaceOp(user,
                       HardSigmoidOp::create(rewriter, graph::fuseLocs(ops), x.getType(), x, float(1.0 / 6), 0.5f));
    return success();
  }
};

/// log(exp(x) + 1) -> Softplus(x).
struct SoftplusFromLog : OpRewritePattern<LogOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(LogOp log, PatternRewriter &rewriter) const override {
    SmallVector<Operation *> ops;
    Value power = stripAdd(log->getOperand(0), 1, ops);
    auto exp = power ? power.getDefiningOp<ExpOp>() : ExpOp();
    if (!exp || exp->getOperand(0).getType() != log.getType())
      return rewriter.notifyMatchFailure(log, "not log(exp(x) + 1)");
    ops.insert(ops.begin(), exp);
    ops.push_back(log);
    rewriter.replaceOp(log, SoftplusOp::create(rewriter, graph::fuseLocs(ops), log.getType(), exp->getOperand(0)));
    return success();
  }
};

struct RecoverActivationsPass : impl::RecoverActivationsPassBase<RecoverActivationsPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<GeluFromErf, FromTanh, SwishFromSigmoid, HardSwishFromHardSigmoid, FromClip, SoftplusFromLog>(
        &getContext());
    (void)graph::applyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace
} // namespace m2c
