// com.microsoft's operators on quantized tensors: float between dequantizing and quantizing, or integer products.
#include "Common.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

/// A scale or zero point of one element without dimensions.
Value scalar(Composer &c, Value value) {
  return value && Composer::shape(value).size() == 1 && Composer::shape(value)[0] == 1 ? c.reshape(value, {}) : value;
}

Value dequantize(Composer &c, Value value, Value scale, Value zeroPoint) {
  return c.make("DequantizeLinear", {value, scalar(c, scale), scalar(c, zeroPoint)});
}

/// Back to the type of `like`.
Value quantize(Composer &c, Value value, Value scale, Value zeroPoint, Value like) {
  if (!zeroPoint)
    zeroPoint = c.constant(Composer::element(like), {}, 0.0);
  return c.make("QuantizeLinear", {value, scalar(c, scale), scalar(c, zeroPoint)});
}

template <class Op>
Composed composeBinary(Op op, Composer &c) {
  Value a = dequantize(c, op.getA(), op.getAScale(), op.getAZeroPoint());
  Value b = dequantize(c, op.getB(), op.getBScale(), op.getBZeroPoint());
  Value y = c.make(std::is_same_v<Op, MicrosoftQLinearAddOp> ? "Add" : "Mul", {a, b});
  return {{quantize(c, y, op.getCScale(), op.getCZeroPoint(), op.getA())}};
}

template <class Op>
Value dequantizeX(Op op, Composer &c) {
  return dequantize(c, op.getX(), op.getXScale(), op.getXZeroPoint());
}

template <class Op>
Value quantizeY(Op op, Composer &c, Value y) {
  return quantize(c, y, op.getYScale(), op.getYZeroPoint(), op.getX());
}

Composed composeSigmoid(MicrosoftQLinearSigmoidOp op, Composer &c) {
  return {{quantizeY(op, c, c.make("Sigmoid", {dequantizeX(op, c)}))}};
}

Composed composeLeakyRelu(MicrosoftQLinearLeakyReluOp op, Composer &c) {
  return {{quantizeY(op, c, c.make("LeakyRelu", {dequantizeX(op, c)}, c.attr("alpha", float(op.getAlpha()))))}};
}

/// `pool` on channels first.
template <class Op>
Composed composePool(Op op, Composer &c, StringRef pool, ArrayRef<NamedAttribute> attributes) {
  Value x = dequantizeX(op, c);
  auto rank = static_cast<int64_t>(Composer::shape(x).size());
  SmallVector<int64_t> first{0, rank - 1}, last{0};
  for (int64_t d = 1; d + 1 < rank; ++d) {
    first.push_back(d);
    last.push_back(d + 1);
  }
  last.push_back(1);
  if (!op.getChannelsLast())
    return {{quantizeY(op, c, c.make(pool, {x}, attributes))}};
  return {{quantizeY(op, c, c.transpose(c.make(pool, {c.transpose(x, first)}, attributes), last))}};
}

Composed composeAveragePool(MicrosoftQLinearAveragePoolOp op, Composer &c) {
  SmallVector<NamedAttribute> window =
      keepAttributes(op, {"auto_pad", "ceil_mode", "count_include_pad", "kernel_shape", "pads", "strides"});
  return composePool(op, c, "AveragePool", window);
}

Composed composeGlobalPool(MicrosoftQLinearGlobalAveragePoolOp op, Composer &c) {
  return composePool(op, c, "GlobalAveragePool", {});
}

Composed composeConcat(MicrosoftQLinearConcatOp op, Composer &c) {
  SmallVector<Value> parts;
  OperandRange inputs = op.getInputs();
  for (size_t part = 0; part < inputs.size(); part += 3)
    parts.push_back(dequantize(c, inputs[part], inputs[part + 1], inputs[part + 2]));
  Value y = c.make("Concat", parts, c.attr("axis", int64_t(op.getAxis())));
  return {{quantize(c, y, op.getYScale(), op.getYZeroPoint(), inputs[0])}};
}

/// An integer product in units of both scales, and the bias.
Value scaledProduct(Composer &c, Value a, Value b, Value aScale, Value bScale, Value aZero, Value bZero, Value bias) {
  Value product = c.make("MatMulInteger", {a, b, scalar(c, aZero), scalar(c, bZero)});
  Value y = c.cast(product, Composer::element(bScale));
  y = c.mul(y, c.mul(scalar(c, aScale), scalar(c, bScale)));
  return bias ? c.add(y, bias) : y;
}

Composed composeIntegerToFloat(MicrosoftMatMulIntegerToFloatOp op, Composer &c) {
  return {{scaledProduct(c, op.getA(), op.getB(), op.getAScale(), op.getBScale(), op.getAZeroPoint(),
                         op.getBZeroPoint(), op.getBias())}};
}

Composed composeDynamicQuantize(MicrosoftDynamicQuantizeMatMulOp op, Composer &c) {
  ValueRange a = c.makeAll("DynamicQuantizeLinear", {op.getA()}, {}, 3);
  return {{scaledProduct(c, a[0], op.getB(), a[1], op.getBScale(), a[2], op.getBZeroPoint(), op.getBias())}};
}

} // namespace

void addMicrosoftQuantizeDecompositions(RewritePatternSet &patterns) {
  MLIRContext *context = patterns.getContext();
  patterns.add<Decomposition<MicrosoftMatMulIntegerToFloatOp>>(context, composeIntegerToFloat);
  patterns.add<Decomposition<MicrosoftDynamicQuantizeMatMulOp>>(context, composeDynamicQuantize);
}

void addMicrosoftQLinearDecompositions(RewritePatternSet &patterns) {
  MLIRContext *context = patterns.getContext();
  patterns.add<Decomposition<MicrosoftQLinearAddOp>>(context, composeBinary<MicrosoftQLinearAddOp>);
  patterns.add<Decomposition<MicrosoftQLinearMulOp>>(context, composeBinary<MicrosoftQLinearMulOp>);
  patterns.add<Decomposition<MicrosoftQLinearSigmoidOp>>(context, composeSigmoid);
  patterns.add<Decomposition<MicrosoftQLinearLeakyReluOp>>(context, composeLeakyRelu);
  patterns.add<Decomposition<MicrosoftQLinearAveragePoolOp>>(context, composeAveragePool);
  patterns.add<Decomposition<MicrosoftQLinearGlobalAveragePoolOp>>(context, composeGlobalPool);
  patterns.add<Decomposition<MicrosoftQLinearConcatOp>>(context, composeConcat);
}

} // namespace m2c::graph
