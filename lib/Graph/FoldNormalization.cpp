// BatchNormalization and per-channel arithmetic by constants, folded into the weights of what comes before.
#include "m2c/Graph/Passes.h"
#include "m2c/Graph/Rewrite.h"
#include <cmath>

using namespace mlir;
using namespace m2c::onnx;

namespace m2c {
#define GEN_PASS_DEF_FOLDNORMALIZATIONPASS
#include "m2c/Graph/Passes.h.inc"

namespace {
using graph::ConstantTensor;

/// y = x * scale[c] + shift[c], per channel c, in double.
struct Affine {
  std::vector<double> scale, shift;
};

/// The contraction before an affine op: its constant weights and bias, and which weight belongs to which channel.
struct Contraction {
  ConstantTensor weights;
  std::vector<double> bias;
  int64_t channels;
  std::function<int64_t(int64_t)> channelOf; // of the flat index of a weight
};

/// Conv, ConvTranspose or Gemm with constant weights whose result has one use.
std::optional<Contraction> readContraction(Operation *op) {
  if (!op || !op->hasOneUse() || !isa<ConvOp, ConvTransposeOp, GemmOp>(op))
    return std::nullopt;
  auto weights = ConstantTensor::get(op->getOperand(1));
  if (!weights || graph::getDomain(weights->getElementType()) != graph::Domain::Float)
    return std::nullopt;
  Contraction c{*weights, {}, 0, {}};
  ArrayRef<int64_t> shape = c.weights.getShape();
  int64_t inner = 1;
  if (auto conv = dyn_cast<ConvOp>(op)) {
    c.channels = shape[0];
    inner = c.channels == 0 ? 1 : c.weights.size() / c.channels;
    c.channelOf = [inner](int64_t i) { return i / inner; };
  } else if (auto conv = dyn_cast<ConvTransposeOp>(op)) { // [C, M / group, k...]
    int64_t group = conv.getGroup(), perGroup = shape[1], rows = shape[0] / group;
    c.channels = perGroup * group;
    inner = graph::countElements(shape.drop_front(2));
    c.channelOf = [=](int64_t i) { return i / (inner * perGroup * rows) * perGroup + i / inner % perGroup; };
  } else {
    auto gemm = cast<GemmOp>(op);
    if (gemm.getBeta() != 1.0f && gemm.getC())
      return std::nullopt;
    bool transposed = gemm.getTransB();
    c.channels = shape[transposed ? 0 : 1];
    int64_t columns = shape[1];
    c.channelOf = [=](int64_t i) { return transposed ? i / columns : i % columns; };
  }
  c.bias.assign(c.channels, 0);
  if (op->getNumOperands() > 2) {
    auto bias = ConstantTensor::get(op->getOperand(2));
    if (!bias || (bias->size() != c.channels && bias->size() != 1) ||
        (bias->getRank() > 1 && bias->getShape().back() != bias->size()))
      return std::nullopt;
    for (int64_t i = 0; i < c.channels; ++i)
      c.bias[i] = bias->getDouble(bias->size() == 1 ? 0 : i);
  }
  return c;
}

/// Gives `contraction` the weights that compute `affine` too, and puts it in the place of `op`.
void foldInto(PatternRewriter &rewriter, Operation *op, Operation *contraction, const Contraction &c,
              const Affine &affine) {
  std::vector<double> weights = c.weights.values<double>(), bias(c.channels);
  // Gemm multiplies the product by alpha, not the bias; so scaling B scales the product in any case.
  for (size_t i = 0; i < weights.size(); ++i)
    weights[i] *= affine.scale[c.channelOf(i)];
  for (int64_t i = 0; i < c.channels; ++i)
    bias[i] = c.bias[i] * affine.scale[i] + affine.shift[i];
  Type element = c.weights.getElementType();
  rewriter.setInsertionPoint(contraction);
  SmallVector<Value> operands{contraction->getOperand(0)};
  bool scales = llvm::any_of(affine.scale, [](double s) { return s != 1; });
  operands.push_back(scales
                         ? graph::createConstant(rewriter, contraction->getOperand(1).getLoc(),
                                                 ConstantTensor::from<double>(element, c.weights.getShape(), weights),
                                                 "folded_weights")
                         : contraction->getOperand(1));
  Location biasLoc = contraction->getNumOperands() > 2 ? contraction->getOperand(2).getLoc() : op->getLoc();
  operands.push_back(graph::createConstant(rewriter, biasLoc, ConstantTensor::from<double>(element, {c.channels}, bias),
                                           "folded_bias"));
  rewriter.modifyOpInPlace(contraction, [&] {
    contraction->setOperands(operands);
    contraction->setLoc(graph::fuseLocs({contraction, op}));
  });
  rewriter.replaceOp(op, contraction->getResults().take_front());
}

/// scale and shift of a BatchNormalization by its stored statistics.
std::optional<Affine> readBatchNorm(BatchNormalizationOp op) {
  if (op.getTrainingMode() || op->getNumResults() != 1)
    return std::nullopt;
  std::vector<double> values[4];
  for (unsigned i = 0; i < 4; ++i) {
    auto tensor = ConstantTensor::get(op->getOperand(1 + i));
    if (!tensor)
      return std::nullopt;
    values[i] = tensor->values<double>();
  }
  auto &[scale, shift, mean, variance] = values;
  Affine affine{scale, shift};
  for (size_t c = 0; c < scale.size(); ++c) {
    affine.scale[c] = scale[c] / std::sqrt(variance[c] + double(op.getEpsilon()));
    affine.shift[c] = shift[c] - mean[c] * affine.scale[c];
  }
  return affine;
}

/// The values per channel of a constant operand: one for all, or one along dimension `axis` of a result of `rank`.
std::optional<std::vector<double>> readPerChannel(Value value, int64_t axis, int64_t rank, int64_t channels) {
  auto tensor = ConstantTensor::get(value);
  if (!tensor || tensor->getRank() > rank)
    return std::nullopt;
  if (tensor->size() == 1)
    return std::vector<double>(channels, tensor->getDouble(0));
  int64_t own = axis - (rank - tensor->getRank());
  if (tensor->size() != channels || own < 0 || tensor->getShape()[own] != channels)
    return std::nullopt;
  return tensor->values<double>();
}

/// BatchNormalization(Conv | ConvTranspose | Gemm) -> the same with other weights.
struct FoldBatchNorm : OpRewritePattern<BatchNormalizationOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(BatchNormalizationOp op, PatternRewriter &rewriter) const override {
    Operation *producer = op.getX().getDefiningOp();
    auto affine = readBatchNorm(op);
    auto contraction = affine ? readContraction(producer) : std::nullopt;
    if (!contraction || int64_t(affine->scale.size()) != contraction->channels)
      return rewriter.notifyMatchFailure(op, "not behind a contraction with constant weights of one use");
    foldInto(rewriter, op, producer, *contraction, *affine);
    return success();
  }
};

/// BatchNormalization that is left -> Mul and Add by constants, which fuse with their neighbours.
struct ExpandBatchNorm : OpRewritePattern<BatchNormalizationOp> {
  explicit ExpandBatchNorm(MLIRContext *context) : OpRewritePattern(context, /*benefit=*/0) {}

  LogicalResult matchAndRewrite(BatchNormalizationOp op, PatternRewriter &rewriter) const override {
    auto affine = readBatchNorm(op);
    auto type = dyn_cast<RankedTensorType>(op.getX().getType());
    if (!affine || !type)
      return rewriter.notifyMatchFailure(op, "statistics are not constant");
    SmallVector<int64_t> shape(type.getRank() - 1, 1);
    shape[0] = affine->scale.size();
    auto constant = [&](ArrayRef<double> values, Value like) {
      return graph::createConstant(rewriter, like.getLoc(),
                                   ConstantTensor::from<double>(type.getElementType(), shape, values));
    };
    Value product = MulOp::create(rewriter, op.getLoc(), type, op.getX(), constant(affine->scale, op.getScale()));
    rewriter.replaceOpWithNewOp<AddOp>(op, type, product, constant(affine->shift, op.getB()));
    return success();
  }
};

/// Mul, Div, Add or Sub of a contraction and a constant per channel -> the contraction with other weights.
template <class Op>
struct FoldArithmetic : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;

  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    constexpr bool commutes = std::is_same_v<Op, MulOp> || std::is_same_v<Op, AddOp>;
    for (unsigned i : {0u, 1u}) {
      Operation *producer = op->getOperand(i).getDefiningOp();
      auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
      if ((i == 1 && !commutes) || !type || op->getOperand(i).getType() != type)
        continue;
      auto contraction = readContraction(producer);
      if (!contraction)
        continue;
      int64_t axis = isa<GemmOp>(producer) ? type.getRank() - 1 : 1;
      auto values = readPerChannel(op->getOperand(1 - i), axis, type.getRank(), contraction->channels);
      if (!values)
        continue;
      Affine affine{std::vector<double>(contraction->channels, 1), std::vector<double>(contraction->channels, 0)};
      for (int64_t c = 0; c < contraction->channels; ++c) {
        double v = (*values)[c];
        if constexpr (std::is_same_v<Op, MulOp>)
          affine.scale[c] = v;
        else if constexpr (std::is_same_v<Op, DivOp>)
          affine.scale[c] = 1 / v;
        else
          affine.shift[c] = std::is_same_v<Op, AddOp> ? v : -v;
      }
      if (llvm::any_of(affine.scale, [](double s) { return !std::isfinite(s); }))
        continue;
      foldInto(rewriter, op, producer, *contraction, affine);
      return success();
    }
    return rewriter.notifyMatchFailure(op, "not a contraction and a constant per channel");
  }
};

struct FoldNormalizationPass : impl::FoldNormalizationPassBase<FoldNormalizationPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns
        .add<FoldBatchNorm, FoldArithmetic<MulOp>, FoldArithmetic<DivOp>, FoldArithmetic<AddOp>, FoldArithmetic<SubOp>>(
            &getContext());
    (void)graph::applyPatterns(getOperation(), std::move(patterns));
    RewritePatternSet rest(&getContext());
    rest.add<ExpandBatchNorm>(&getContext());
    (void)graph::applyPatterns(getOperation(), std::move(rest));
  }
};

} // namespace
} // namespace m2c
