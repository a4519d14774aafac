// Operators on quantised tensors: integer arithmetic in int32, or float between dequantising and quantising.
#include "Common.h"
#include "m2c/Graph/Evaluate.h"
#include "m2c/Graph/Rewrite.h"
#include "m2c/Graph/ShapeMath.h"
#include "m2c/Graph/Windows.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

/// `value` as int32, less its zero point, which has one value or one per row (`axis` 0), column (1) ...
Value centre(Composer &c, Value value, Value zeroPoint, int64_t axis) {
  Type i32 = c.rewriter.getI32Type();
  value = c.cast(value, i32);
  if (!zeroPoint)
    return value;
  int64_t rank = Composer::shape(value).size();
  Value zero = c.cast(zeroPoint, i32);
  ArrayRef<int64_t> shape = Composer::shape(zero);
  if (shape.size() == 1 && shape[0] != 1 && rank > 1) {
    SmallVector<int64_t> aligned(rank, 1);
    aligned[axis] = shape[0];
    zero = c.reshape(zero, aligned);
  } else if (shape.size() == 1 && shape[0] == 1) {
    zero = c.reshape(zero, {});
  }
  return c.sub(value, zero);
}

Composed composeMatMulInteger(MatMulIntegerOp op, Composer &c) {
  int64_t rankA = Composer::shape(op.getA()).size(), rankB = Composer::shape(op.getB()).size();
  Value a = centre(c, op.getA(), op.getAZeroPoint(), rankA - 2),
        b = centre(c, op.getB(), op.getBZeroPoint(), rankB - 1);
  return {{c.make("MatMul", {a, b})}};
}

/// The attributes of a convolution's window.
SmallVector<NamedAttribute> windowAttributes(Operation *op) {
  return keepAttributes(op, {"auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"});
}

Composed composeConvInteger(ConvIntegerOp op, Composer &c) {
  Value x = centre(c, op.getX(), op.getXZeroPoint(), 0), w = centre(c, op.getW(), op.getWZeroPoint(), 0);
  return {{c.make("Conv", {x, w}, windowAttributes(op))}};
}

Value dequantize(Composer &c, Value value, Value scale, Value zeroPoint, int64_t axis) {
  return c.make("DequantizeLinear", {value, scale, zeroPoint}, c.attr("axis", axis));
}

Composed composeQLinearMatMul(QLinearMatMulOp op, Composer &c) {
  int64_t rankA = Composer::shape(op.getA()).size(), rankB = Composer::shape(op.getB()).size();
  Value a = dequantize(c, op.getA(), op.getAScale(), op.getAZeroPoint(), rankA - 2);
  Value b = dequantize(c, op.getB(), op.getBScale(), op.getBZeroPoint(), rankB - 1);
  Value y = c.make("MatMul", {a, b});
  return {{c.make("QuantizeLinear", {y, op.getYScale(), op.getYZeroPoint()})}};
}

Composed composeQLinearConv(QLinearConvOp op, Composer &c) {
  Value x = dequantize(c, op.getX(), op.getXScale(), op.getXZeroPoint(), 1);
  Value w = dequantize(c, op.getW(), op.getWScale(), op.getWZeroPoint(), 0), bias;
  if (op.getB()) { // int32 in units of the two scales
    Value scale = c.mul(c.reshape(op.getXScale(), {}), op.getWScale());
    if (Composer::shape(scale).size() == 1 && Composer::shape(scale)[0] == 1)
      scale = c.reshape(scale, {});
    if (std::optional<SmallVector<ConstantTensor>> product = evaluate(scale.getDefiningOp()))
      scale = createConstant(c.rewriter, c.loc, product->front(), "scale");
    bias = dequantize(c, op.getB(), scale, {}, 0);
  }
  Value y = c.make("Conv", {x, w, bias}, windowAttributes(op));
  return {{c.make("QuantizeLinear", {y, op.getYScale(), op.getYZeroPoint()})}};
}

/// The scale covers the range of the data and 0 by 0 .. 255.
Composed composeDynamicQuantize(DynamicQuantizeLinearOp op, Composer &c) {
  Value x = op.getX(), zero = c.scalarLike(0, x), full = c.scalarLike(255, x);
  Type u8 = IntegerType::get(c.rewriter.getContext(), 8, IntegerType::Unsigned);
  auto extreme = [&](StringRef reduce, StringRef pair) {
    return c.make(pair, {c.make(reduce, {x}, c.attr("keepdims", int64_t{0})), zero});
  };
  Value high = extreme("ReduceMax", "Max"), low = extreme("ReduceMin", "Min");
  Value range = c.sub(high, low);
  Value scale = c.div(range, full);
  Value isFlat = c.make("Equal", {range, zero});
  scale = c.make("Where", {isFlat, c.scalarLike(1, x), scale});
  Value point = c.make("Round", {c.make("Clip", {c.div(c.sub(zero, low), scale), zero, full})});
  Value zeroPoint = c.cast(point, u8);
  return {{c.make("QuantizeLinear", {x, scale, zeroPoint}), scale, zeroPoint}};
}

} // namespace

void addQuantizeDecompositions(RewritePatternSet &patterns) {
  MLIRContext *context = patterns.getContext();
  patterns.add<Decomposition<MatMulIntegerOp>>(context, composeMatMulInteger);
  patterns.add<Decomposition<ConvIntegerOp>>(context, composeConvInteger);
  patterns.add<Decomposition<DynamicQuantizeLinearOp>>(context, composeDynamicQuantize);
  addQLinearDecompositions(patterns);
}

void addQLinearDecompositions(RewritePatternSet &patterns) {
  MLIRContext *context = patterns.getContext();
  patterns.add<Decomposition<QLinearMatMulOp>>(context, composeQLinearMatMul);
  patterns.add<Decomposition<QLinearConvOp>>(context, composeQLinearConv);
  addMicrosoftQLinearDecompositions(patterns);
}

} // namespace m2c::graph
