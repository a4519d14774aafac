// What the rewrites of the Graph station share.
#include "m2c/Graph/Rewrite.h"
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Graph/Evaluate.h"
#include "m2c/Graph/Infer.h"
#include "m2c/Graph/Sizes.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include <cmath>

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {

std::optional<double> getScalar(Value value) {
  ElementsAttr attr = getConstant(value);
  return attr && getDomain(attr.getShapedType().getElementType()) ? getSplat(attr) : std::nullopt;
}

bool isClose(double a, double b, double tolerance) {
  return a == b || std::fabs(a - b) <= tolerance * std::max(std::fabs(a), std::fabs(b));
}

bool isScalar(Value value, double expected) {
  auto scalar = getScalar(value);
  if (!scalar)
    return false;
  unsigned width = cast<ShapedType>(value.getType()).getElementTypeBitWidth();
  return isClose(*scalar, expected, width < 32 ? 1e-2 : 1e-5);
}

std::optional<ArrayRef<int64_t>> getStaticShape(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.hasStaticShape() ? std::optional(type.getShape()) : std::nullopt;
}

Value createConstant(OpBuilder &builder, Location loc, const ConstantTensor &tensor, StringRef name) {
  ElementsAttr attr = tensor.toAttr(name);
  return ConstantOp::create(builder, loc, attr.getShapedType(), attr);
}

Value createSplat(OpBuilder &builder, Location loc, Type element, ArrayRef<int64_t> shape, double value) {
  std::vector<double> values(countElements(shape), value);
  return createConstant(builder, loc, ConstantTensor::from<double>(element, shape, values), "splat");
}

std::optional<Dims> getKnownDims(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type)
    return std::nullopt;
  Dims dims = getDims(type);
  return allKnown(dims) ? std::optional(dims) : std::nullopt;
}

Value createReshape(OpBuilder &builder, Location loc, Value value, ArrayRef<Dim> shape) {
  auto type = cast<RankedTensorType>(value.getType());
  if (ArrayRef<Dim>(getDims(type)) == shape)
    return value;
  if (auto constant = ConstantTensor::get(value))
    return createConstant(builder, value.getLoc(), constant->reshape(*asNumbers(shape)), "reshaped");
  Value target = createSizes(builder, loc, shape);
  auto reshape = ReshapeOp::create(builder, loc, getTensorType(shape, type.getElementType()), value, target);
  if (llvm::is_contained(shape, Dim(0)))
    reshape.setAllowzero(1);
  return reshape;
}

Value createTranspose(OpBuilder &builder, Location loc, Value value, ArrayRef<int64_t> perm) {
  if (isIdentityPermutation(perm))
    return value;
  auto type = cast<RankedTensorType>(value.getType());
  Dims dims = getDims(type), shape;
  for (int64_t axis : perm)
    shape.push_back(dims[axis]);
  return TransposeOp::create(builder, loc, getTensorType(shape, type.getElementType()), value,
                             builder.getDenseI64ArrayAttr(perm));
}

Value createSlice(OpBuilder &builder, Location loc, Value value, int64_t axis, int64_t start, int64_t count) {
  auto type = cast<RankedTensorType>(value.getType());
  Dims shape = getDims(type);
  shape[axis] = count;
  auto list = [&](int64_t v, StringRef name) {
    return createConstant(builder, loc, ConstantTensor::from<int64_t>(builder.getI64Type(), {1}, v), name);
  };
  return SliceOp::create(builder, loc, getTensorType(shape, type.getElementType()), value, list(start, "start"),
                         list(start + count, "end"), list(axis, "axis"), /*steps=*/Value());
}

void inferResults(Operation *op) {
  for (Value result : op->getResults())
    if (isa<TensorType>(result.getType()))
      result.setType(getUnknownType(op->getContext()));
  Inference inference(op);
  if (const InferFunction *infer = InferenceRegistry::get().find(op->getName().getStringRef()))
    (void)(*infer)(op, inference);
}

Location fuseLocs(ArrayRef<Operation *> ops) {
  SmallVector<Location> locs;
  for (Operation *op : ops)
    locs.push_back(op->getLoc());
  return FusedLoc::get(ops.front()->getContext(), locs);
}

Value getOther(Operation *op, Value value) {
  if (!op || op->getNumOperands() != 2)
    return {};
  return op->getOperand(0) == value ? op->getOperand(1) : op->getOperand(1) == value ? op->getOperand(0) : Value();
}

Value stripScale(Value value, double &scale, SmallVectorImpl<Operation *> &ops) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isa<MulOp, DivOp>(op))
      break;
    unsigned kept = 0;
    auto scalar = getScalar(op->getOperand(1));
    if (!scalar && isa<MulOp>(op)) {
      scalar = getScalar(op->getOperand(0));
      kept = 1;
    }
    if (!scalar || op->getOperand(kept).getType() != value.getType() || (isa<DivOp>(op) && *scalar == 0))
      break;
    scale = isa<MulOp>(op) ? scale * *scalar : scale / *scalar;
    ops.push_back(op);
    value = op->getOperand(kept);
  }
  return value;
}

namespace {
/// Any op on constants -> its value.
struct EvaluateConstants : RewritePattern {
  explicit EvaluateConstants(MLIRContext *context) : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/10, context) {}

  LogicalResult matchAndRewrite(Operation *op, PatternRewriter &rewriter) const override {
    if (!isa<OnnxOp>(op) || isa<ConstantOp>(op) || op->getNumOperands() == 0)
      return rewriter.notifyMatchFailure(op, "not an operator on values");
    auto results = evaluate(op);
    if (auto sizes = results ? std::nullopt : evaluateSizes(op)) {
      rewriter.replaceOp(op, createSizes(rewriter, op->getLoc(), *sizes));
      return success();
    }
    if (!results)
      return rewriter.notifyMatchFailure(op, "cannot be evaluated");
    SmallVector<Value> constants;
    for (const ConstantTensor &tensor : *results)
      constants.push_back(createConstant(rewriter, op->getLoc(), tensor));
    rewriter.replaceOp(op, constants);
    return success();
  }
};
} // namespace

void addEvaluationPattern(RewritePatternSet &patterns) { patterns.add<EvaluateConstants>(patterns.getContext()); }

LogicalResult applyPatterns(Operation *root, RewritePatternSet &&patterns) {
  GreedyRewriteConfig config;
  config.enableConstantCSE(false).setUseTopDownTraversal(true).setMaxIterations(50);
  return applyPatternsGreedily(root, std::move(patterns), config);
}

} // namespace m2c::graph
