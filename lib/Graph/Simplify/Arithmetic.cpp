// Arithmetic with neutral elements and other operands that decide the result.
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Graph/Rewrite.h"
#include <cmath>

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

/// Binary op with a constant operand that changes nothing -> the other operand. x * 1, x / 1, x - 0 and pow(x, 1) are
/// exact for every x; x + 0 only turns -0 into 0, which no later operator but a division by it can tell.
template <class Op>
struct RemoveNeutral : OpRewritePattern<Op> {
  RemoveNeutral(MLIRContext *context, double neutral, bool commutes)
      : OpRewritePattern<Op>(context), neutral(neutral), commutes(commutes) {}

  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    for (unsigned i : {1u, 0u})
      if ((i == 1 || commutes) && op->getOperand(1 - i).getType() == op->getResult(0).getType() &&
          getScalar(op->getOperand(i)) == neutral) {
        rewriter.replaceOp(op, op->getOperand(1 - i));
        return success();
      }
    return rewriter.notifyMatchFailure(op, "no neutral operand, or it broadcasts the other one");
  }

  double neutral;
  bool commutes;
};

/// x / c -> x * (1 / c) for a scalar power of two, where both are exact. Other constants are left, because the product
/// may differ in the last bit; attention takes its divisor in any case.
struct DivideByPowerOfTwo : OpRewritePattern<DivOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(DivOp op, PatternRewriter &rewriter) const override {
    Value divisor = op->getOperand(1);
    auto type = dyn_cast<RankedTensorType>(divisor.getType());
    auto scalar = getScalar(divisor);
    int exponent;
    if (!scalar || !type || !type.getElementType().isF32() || std::fabs(std::frexp(*scalar, &exponent)) != 0.5 ||
        std::abs(exponent) > 100)
      return rewriter.notifyMatchFailure(op, "the divisor is no power of two");
    Value factor = createSplat(rewriter, divisor.getLoc(), type.getElementType(), type.getShape(), 1 / *scalar);
    auto product = MulOp::create(rewriter, op.getLoc(), op->getResult(0).getType(), op->getOperand(0), factor);
    rewriter.replaceOp(op, product);
    return success();
  }
};

/// Softmax over an axis of length 1 -> ones (exp(0) / exp(0); also where the input is infinite or NaN and the operator
/// would give NaN). LogSoftmax -> zeros.
template <class Op>
struct SoftmaxOfOne : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;

  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
    if (!type || !type.hasStaticShape() || type.getRank() == 0 || !getDomain(type.getElementType()))
      return rewriter.notifyMatchFailure(op, "dynamic shape");
    if (type.getDimSize(*normalizeAxis(op.getAxis(), type.getRank())) != 1)
      return rewriter.notifyMatchFailure(op, "the axis is longer than 1");
    double value = std::is_same_v<Op, SoftmaxOp> ? 1 : 0;
    rewriter.replaceOp(op, createSplat(rewriter, op.getLoc(), type.getElementType(), type.getShape(), value));
    return success();
  }
};

/// Clip(x, 0) -> Relu(x).
struct ClipToRelu : OpRewritePattern<ClipOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ClipOp op, PatternRewriter &rewriter) const override {
    bool open = !op.getMax() || getScalar(op.getMax()) == INFINITY;
    if (!op.getMin() || getScalar(op.getMin()) != 0.0 || !open)
      return rewriter.notifyMatchFailure(op, "bounds are not 0 and infinity");
    rewriter.replaceOpWithNewOp<ReluOp>(op, op.getType(), op.getInput());
    return success();
  }
};

/// Where(constant c, x, y) -> x or y, if all of c is one value.
struct WhereOfConstant : OpRewritePattern<WhereOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(WhereOp op, PatternRewriter &rewriter) const override {
    auto condition = getScalar(op.getCondition());
    if (!condition)
      return rewriter.notifyMatchFailure(op, "the condition is not one constant value");
    Value taken = *condition != 0 ? op.getX() : op.getY();
    if (taken.getType() != op->getResult(0).getType())
      return rewriter.notifyMatchFailure(op, "broadcasts the operand");
    rewriter.replaceOp(op, taken);
    return success();
  }
};

/// Recurrent ops start from zero when no initial state is given, so a constant zero state is dropped; so is C of Gemm.
template <class Op>
struct DropZeroState : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;

  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    bool changed = false;
    auto drop = [&](MutableOperandRange range) {
      if (range.size() == 1 && getScalar(range[0].get()) == 0.0) {
        rewriter.modifyOpInPlace(op, [&] { range.clear(); });
        changed = true;
      }
    };
    if constexpr (requires { op.getInitialHMutable(); })
      drop(op.getInitialHMutable());
    if constexpr (requires { op.getInitialCMutable(); })
      drop(op.getInitialCMutable());
    if constexpr (std::is_same_v<Op, GemmOp>)
      drop(op.getCMutable());
    return changed ? success() : rewriter.notifyMatchFailure(op, "no zero operand");
  }
};

} // namespace

void addArithmeticPatterns(RewritePatternSet &patterns) {
  MLIRContext *context = patterns.getContext();
  patterns.add<RemoveNeutral<MulOp>>(context, 1, true);
  patterns.add<RemoveNeutral<DivOp>>(context, 1, false);
  patterns.add<RemoveNeutral<AddOp>>(context, 0, true);
  patterns.add<RemoveNeutral<SubOp>>(context, 0, false);
  patterns.add<RemoveNeutral<PowOp>>(context, 1, false);
  patterns.add<DivideByPowerOfTwo, SoftmaxOfOne<SoftmaxOp>, SoftmaxOfOne<LogSoftmaxOp>, ClipToRelu, WhereOfConstant,
               DropZeroState<LSTMOp>, DropZeroState<GRUOp>, DropZeroState<RNNOp>, DropZeroState<GemmOp>>(context);
}

} // namespace m2c::graph
