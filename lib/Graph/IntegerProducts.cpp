// Products and convolutions of quantised tensors as sums of centred integers.
#include "Decompose/Common.h"
#include "Integer.h"
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Graph/Rewrite.h"
#include "m2c/Graph/Windows.h"
#include <cmath>

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

/// Whether the elements of `value` are integers of 8 bits.
bool isByte(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.getElementType().isInteger(8);
}

bool hasOneElement(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.hasStaticShape() && type.getNumElements() == 1;
}

/// A factor of a product: its codes, their zero point, and what a unit of them is worth.
struct Factor {
  Value codes, zero;                     ///< zero: of one element, or null
  std::vector<double> scale;             ///< of one element, or one per channel
  int64_t bound = 255;                   ///< the largest centred code by magnitude
  std::optional<ConstantTensor> centred; ///< of a constant
};

/// What `value` was dequantised from, with one scale for all, or one for each index of `axis` of a constant.
std::optional<Factor> getFactor(Value value, int64_t axis) {
  auto op = value.getDefiningOp<DequantizeLinearOp>();
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!op || !type || !type.getElementType().isF32() || !isByte(op.getX()) || op.getBlockSize() != 0)
    return std::nullopt;
  auto scale = ConstantTensor::get(op.getXScale());
  auto zero = op.getXZeroPoint() ? ConstantTensor::get(op.getXZeroPoint()) : std::nullopt;
  if (!scale || (op.getXZeroPoint() && !zero))
    return std::nullopt;
  Factor factor{op.getX(), op.getXZeroPoint(), scale->values<double>(), 255, std::nullopt};
  if (llvm::any_of(factor.scale, [](double s) { return !(s > 0) || !std::isfinite(s); }))
    return std::nullopt;
  auto codes = ConstantTensor::get(op.getX());
  if (scale->size() != 1) {
    auto own = normalizeAxis(op.getAxis(), type.getRank());
    if (!codes || !own || *own != axis || scale->size() != type.getDimSize(axis))
      return std::nullopt;
  }
  if (!codes)
    return factor;
  std::vector<int64_t> values = codes->values<int64_t>();
  if (zero) {
    int64_t inner = 1;
    for (int64_t d = axis + 1; d < type.getRank(); ++d)
      inner *= type.getDimSize(d);
    std::vector<int64_t> zeros = zero->values<int64_t>();
    auto channels = static_cast<int64_t>(zeros.size());
    for (auto [i, code] : llvm::enumerate(values))
      code -= zeros[static_cast<int64_t>(i) / inner % channels];
  }
  factor.bound = 0;
  for (int64_t code : values)
    factor.bound = std::max(factor.bound, std::abs(code));
  factor.centred = ConstantTensor::from<int64_t>(IntegerType::get(value.getContext(), 16), codes->getShape(), values);
  return factor;
}

Value centre(Composer &c, const Factor &factor) {
  if (factor.centred)
    return createConstant(c.rewriter, factor.codes.getLoc(), *factor.centred, "centred");
  Value zero = factor.zero;
  return c.make("m2c.Centre", {factor.codes, zero ? c.reshape(zero, {}) : zero});
}

/// Whether no sum of `terms` products can leave 32 bits, with a bias of at most a quarter of them.
bool fits(double terms, const Factor &a, const Factor &b) {
  return terms * static_cast<double>(a.bound) * static_cast<double>(b.bound) < 0x1.8p30;
}

/// The scale of the sums, in float32 as onnxruntime has it, in `shape` where it differs by channel.
Value scaleOf(Composer &c, const Factor &a, const Factor &b, ArrayRef<int64_t> shape) {
  std::vector<double> scale;
  for (double s : b.scale)
    scale.push_back(static_cast<float>(a.scale[0]) * static_cast<float>(s));
  return c.constant(c.rewriter.getF32Type(), scale.size() == 1 ? ArrayRef<int64_t>() : shape, scale);
}

/// `bias` in units of the sums, if it was quantised so, which is what quantisers do.
std::optional<ConstantTensor> getIntegerBias(Value bias, const Factor &a, const Factor &b) {
  auto op = bias.getDefiningOp<DequantizeLinearOp>();
  auto codes = op ? ConstantTensor::get(op.getX()) : std::nullopt;
  auto scale = op ? ConstantTensor::get(op.getXScale()) : std::nullopt;
  auto zero = op && op.getXZeroPoint() ? getScalar(op.getXZeroPoint()) : 0.0;
  if (!codes || !scale || zero != 0.0 || !codes->getElementType().isInteger(32) ||
      (scale->size() != 1 && scale->size() != codes->size()))
    return std::nullopt;
  for (int64_t i = 0; i < codes->size(); ++i) {
    double unit = a.scale[0] * b.scale[b.scale.size() == 1 ? 0 : i];
    if (b.scale.size() != 1 && codes->size() != static_cast<int64_t>(b.scale.size()))
      return std::nullopt;
    if (!isClose(scale->getDouble(scale->size() == 1 ? 0 : i), unit, 1e-6) || std::abs(codes->getInt(i)) >= 1 << 29)
      return std::nullopt;
  }
  return codes;
}

/// (sums + bias) * scale; the bias and scales per channel have `shape`.
Value finish(Composer &c, Value sums, Value bias, const Factor &a, const Factor &b, ArrayRef<int64_t> shape) {
  auto integer = bias ? getIntegerBias(bias, a, b) : std::nullopt;
  if (integer)
    sums = c.add(sums, createConstant(c.rewriter, bias.getLoc(),
                                      integer->size() == 1 ? integer->reshape({}) : integer->reshape(shape), "bias"));
  Value y = c.mul(c.cast(sums, c.rewriter.getF32Type()), scaleOf(c, a, b, shape));
  if (!bias || integer)
    return y;
  auto type = cast<RankedTensorType>(bias.getType());
  return c.add(y, type.getRank() == 1 ? c.reshape(bias, shape) : bias);
}

bool isStatic(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.hasStaticShape();
}

/// Whether the contraction has kernels: the right operand is a constant, or all sizes are known.
bool isSupported(Value a, Value b, bool constantRight) {
  auto left = dyn_cast<RankedTensorType>(a.getType()), right = dyn_cast<RankedTensorType>(b.getType());
  if (!left || !right || left.getRank() < 2 || right.getRank() < 2 || !right.hasStaticShape())
    return false;
  return left.hasStaticShape() || (constantRight && right.getRank() == 2 && !left.isDynamicDim(left.getRank() - 1));
}

/// MatMul(DequantizeLinear(a), DequantizeLinear(b)) -> IntegerMatMul and its scale.
struct IntegerMatMul : OpRewritePattern<MatMulOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(MatMulOp op, PatternRewriter &rewriter) const override {
    auto type = dyn_cast<RankedTensorType>(op.getB().getType());
    auto a = getFactor(op.getA(), -1), b = type ? getFactor(op.getB(), type.getRank() - 1) : std::nullopt;
    if (!a || !b || !isSupported(op.getA(), op.getB(), b->centred.has_value()) ||
        !fits(static_cast<double>(type.getDimSize(type.getRank() - 2)), *a, *b))
      return rewriter.notifyMatchFailure(op, "not of two operands that were dequantised by constants");
    Composer c(rewriter, op.getLoc());
    Value sums = c.make("m2c.IntegerMatMul", {centre(c, *a), centre(c, *b)});
    rewriter.replaceOp(op, finish(c, sums, {}, *a, *b, {static_cast<int64_t>(b->scale.size())}));
    return success();
  }
};

/// The same for Gemm with factors of 1.
struct IntegerGemm : OpRewritePattern<GemmOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(GemmOp op, PatternRewriter &rewriter) const override {
    auto type = dyn_cast<RankedTensorType>(op.getB().getType());
    if (!type || op.getAlpha() != 1 || (op.getC() && op.getBeta() != 1) || (op.getC() && !isStatic(op.getC())))
      return rewriter.notifyMatchFailure(op, "has a factor");
    bool transposed = op.getTransB() != 0;
    auto a = getFactor(op.getA(), -1), b = getFactor(op.getB(), transposed ? 0 : 1);
    if (!a || !b || !isSupported(op.getA(), op.getB(), b->centred.has_value()) ||
        (op.getTransA() && !isStatic(op.getA())) ||
        !fits(static_cast<double>(type.getDimSize(transposed ? 1 : 0)), *a, *b))
      return rewriter.notifyMatchFailure(op, "not of two operands that were dequantised by constants");
    Composer c(rewriter, op.getLoc());
    Value left = centre(c, *a), right = centre(c, *b);
    if (op.getTransA())
      left = c.transpose(left, {1, 0});
    if (transposed)
      right = c.transpose(right, {1, 0});
    int64_t columns = type.getDimSize(transposed ? 0 : 1);
    Value sums = c.make("m2c.IntegerMatMul", {left, right}), bias = op.getC();
    // One bias for all, one per column: else it differs by row.
    bool byColumn = bias && Composer::shape(bias).size() == 1;
    if (bias && !byColumn && hasOneElement(bias))
      bias = c.reshape(bias, {1});
    if (bias && !byColumn)
      rewriter.replaceOp(op, c.add(finish(c, sums, {}, *a, *b, {columns}), bias));
    else
      rewriter.replaceOp(op, finish(c, sums, bias, *a, *b, {columns}));
    return success();
  }
};

/// The attributes of a convolution's window.
SmallVector<NamedAttribute> windowAttributes(Operation *op) {
  return keepAttributes(op, {"auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"});
}

/// Whether there is an integer kernel for a convolution of these shapes.
bool hasKernel(Value x, Value w) {
  auto type = dyn_cast<RankedTensorType>(x.getType()), filter = dyn_cast<RankedTensorType>(w.getType());
  return type && filter && filter.hasStaticShape() && type.getRank() >= 3 && type.getRank() <= 4 &&
         !ShapedType::isDynamicShape(type.getShape().drop_front());
}

struct IntegerConv : OpRewritePattern<ConvOp> {
  IntegerConv(MLIRContext *context, const Target *target) : OpRewritePattern(context), target(target) {}

  LogicalResult matchAndRewrite(ConvOp op, PatternRewriter &rewriter) const override {
    auto x = getFactor(op.getX(), -1), w = getFactor(op.getW(), 0);
    if (!x || !w || !w->centred || !hasKernel(op.getX(), op.getW()))
      return rewriter.notifyMatchFailure(op, "not of an operand and a filter that were dequantised by constants");
    ArrayRef<int64_t> filter = w->centred->getShape();
    if (!fits(static_cast<double>(w->centred->size() / filter[0]), *x, *w))
      return rewriter.notifyMatchFailure(op, "sums may leave 32 bits");
    if (isFasterInFloat(op, filter))
      return rewriter.notifyMatchFailure(op, "faster in float32");
    Composer c(rewriter, op.getLoc());
    SmallVector<int64_t> shape(filter.size() - 1, 1);
    shape[0] = filter[0];
    Value sums = c.make("m2c.IntegerConv", {centre(c, *x), centre(c, *w)}, windowAttributes(op));
    rewriter.replaceOp(op, finish(c, sums, op.getB(), *x, *w, shape));
    return success();
  }

private:
  bool isFasterInFloat(ConvOp op, ArrayRef<int64_t> filter) const {
    auto type = cast<RankedTensorType>(op.getY().getType());
    auto isOne = [](int64_t extent) { return extent == 1; };
    auto allOnes = [&](std::optional<ArrayRef<int64_t>> list) { return !list || llvm::all_of(*list, isOne); };
    if (!target || op.getGroup() != 1 || !allOnes(op.getStrides()) || !allOnes(op.getDilations()) ||
        !type.hasStaticShape())
      return false;
    ArrayRef<int64_t> out = type.getShape();
    bool flat = type.getRank() == 3;
    ConvProblem problem{out[0],    flat ? 1 : out[2],    out.back(),   filter[1],
                        filter[0], flat ? 1 : filter[2], filter.back()};
    return !isIntegerFaster(problem, *target);
  }

  const Target *target;
};

/// `zero` in a shape that is broadcast to a tensor of `rank`, along `axis` where it has several values.
Value alignZero(Composer &c, Value zero, int64_t axis, int64_t rank) {
  if (!zero)
    return zero;
  ArrayRef<int64_t> shape = Composer::shape(zero);
  if (shape.size() > 1)
    return zero;
  if (shape.empty() || shape[0] == 1)
    return c.reshape(zero, {});
  SmallVector<int64_t> aligned(rank, 1);
  aligned[axis] = shape[0];
  return c.reshape(zero, aligned);
}

struct CentreMatMulInteger : OpRewritePattern<MatMulIntegerOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(MatMulIntegerOp op, PatternRewriter &rewriter) const override {
    Value a = op.getA(), b = op.getB();
    bool isConstant = getConstant(b) && (!op.getBZeroPoint() || getConstant(op.getBZeroPoint()));
    if (!isByte(a) || !isByte(b) || !isSupported(a, b, isConstant))
      return rewriter.notifyMatchFailure(op, "not of matrices of bytes of known sizes");
    Composer c(rewriter, op.getLoc());
    int64_t rankA = Composer::shape(a).size(), rankB = Composer::shape(b).size();
    Value left = c.make("m2c.Centre", {a, alignZero(c, op.getAZeroPoint(), rankA - 2, rankA)});
    Value right = c.make("m2c.Centre", {b, alignZero(c, op.getBZeroPoint(), rankB - 1, rankB)});
    rewriter.replaceOp(op, c.make("m2c.IntegerMatMul", {left, right}));
    return success();
  }
};

struct CentreConvInteger : OpRewritePattern<ConvIntegerOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ConvIntegerOp op, PatternRewriter &rewriter) const override {
    Value x = op.getX(), w = op.getW();
    if (!isByte(x) || !isByte(w) || !getConstant(w) || !hasKernel(x, w) ||
        (op.getXZeroPoint() && !hasOneElement(op.getXZeroPoint())) ||
        (op.getWZeroPoint() && !getConstant(op.getWZeroPoint())))
      return rewriter.notifyMatchFailure(op, "not of bytes with a constant filter");
    Composer c(rewriter, op.getLoc());
    int64_t rank = Composer::shape(w).size();
    Value left = c.make("m2c.Centre", {x, alignZero(c, op.getXZeroPoint(), 0, rank)});
    Value right = c.make("m2c.Centre", {w, alignZero(c, op.getWZeroPoint(), 0, rank)});
    rewriter.replaceOp(op, c.make("m2c.IntegerConv", {left, right}, windowAttributes(op)));
    return success();
  }
};

} // namespace

void addIntegerProductPatterns(RewritePatternSet &patterns, const Target *target) {
  patterns.add<IntegerMatMul, IntegerGemm, CentreMatMulInteger, CentreConvInteger>(patterns.getContext());
  patterns.add<IntegerConv>(patterns.getContext(), target);
}

} // namespace m2c::graph
