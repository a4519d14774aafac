// Arithmetic on floats of less than 32 bits: done in float32, between conversions.
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Graph/Infer.h"
#include "m2c/Graph/Passes.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c {
#define GEN_PASS_DEF_WIDENFLOATSPASS
#include "m2c/Graph/Passes.h.inc"

namespace {

/// The type with float32 elements, if its elements are narrower floats; else null.
Type widen(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  auto element = tensor ? dyn_cast<FloatType>(tensor.getElementType()) : FloatType();
  if (!element || element.getWidth() >= 32)
    return {};
  return tensor.clone(Float32Type::get(type.getContext()));
}

/// Operators that convert, or make a type that an attribute names.
bool choosesTypes(Operation *op) {
  return isa<ConstantOp, CastOp, CastLikeOp, BitCastOp, ConstantOfShapeOp, EyeLikeOp, RandomNormalOp,
             RandomNormalLikeOp, RandomUniformOp, RandomUniformLikeOp, BernoulliOp, MultinomialOp, BlackmanWindowOp,
             HammingWindowOp, HannWindowOp, MelWeightMatrixOp>(op);
}

/// Operators that only move elements: they take any type.
bool movesElements(Operation *op) {
  return isa<ReshapeOp, FlattenOp, SqueezeOp, UnsqueezeOp, IdentityOp, TransposeOp, ConcatOp, SliceOp, SplitOp,
             ExpandOp, TileOp, GatherOp, GatherElementsOp, GatherNDOp, DepthToSpaceOp, SpaceToDepthOp, WhereOp>(op);
}

struct WidenFloatsPass : impl::WidenFloatsPassBase<WidenFloatsPass> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>())
      function.walk<WalkOrder::PreOrder>([&](Operation *op) {
        if (isa<OnnxOp>(op) && !choosesTypes(op) && op->getNumRegions() == 0)
          widenOp(op);
      });
  }

  Value convert(OpBuilder &builder, Location loc, Value value, Type type) {
    auto element = cast<RankedTensorType>(type).getElementType();
    return CastOp::create(builder, loc, type, value, /*round_mode=*/StringAttr(), /*saturate=*/IntegerAttr(),
                          builder.getI64IntegerAttr(graph::getDataType(element)));
  }

  /// `value` converted to float32.
  Value getWide(Value value, Type type) {
    Value &known = wide[value];
    if (known)
      return known;
    OpBuilder builder(value.getContext());
    builder.setInsertionPointAfterValue(value);
    return known = convert(builder, value.getLoc(), value, type);
  }

  void widenOp(Operation *op) {
    bool narrowOperands = llvm::any_of(op->getOperandTypes(), [](Type type) { return widen(type) != nullptr; });
    if (!narrowOperands && llvm::none_of(op->getResultTypes(), [](Type type) { return widen(type) != nullptr; }))
      return;
    if (movesElements(op))
      return;
    bool quantizes = isa<QuantizeLinearOp>(op); // its result and zero point have the type that it is about
    for (OpOperand &operand : op->getOpOperands())
      if (Type type = widen(operand.get().getType()); type && !(quantizes && operand.getOperandNumber() == 2))
        operand.set(getWide(operand.get(), type));
    if (quantizes)
      return;
    OpBuilder builder(op->getContext());
    builder.setInsertionPointAfter(op);
    for (Value result : op->getResults()) {
      Type type = widen(result.getType());
      if (!type)
        continue;
      Type narrow = result.getType();
      result.setType(type);
      Value converted = convert(builder, op->getLoc(), result, narrow);
      result.replaceAllUsesExcept(converted, converted.getDefiningOp());
    }
    ++numWidened;
  }

  DenseMap<Value, Value> wide;
};

} // namespace
} // namespace m2c
