// com.microsoft: what onnxruntime has fused is taken apart, for m2c's own fusion.
#include "Common.h"
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Graph/Diagnostics.h"
#include "llvm/ADT/StringSwitch.h"
#include <cmath>

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

/// The activation by its name, with the parameters that it has; none for "".
Value activate(Composer &c, Value value, StringRef activation, ArrayRef<float> parameters) {
  if (activation.empty())
    return value;
  if (activation == "Clip")
    return c.make("Clip", {value, c.scalarLike(parameters.empty() ? -INFINITY : parameters[0], value),
                           c.scalarLike(parameters.size() < 2 ? INFINITY : parameters[1], value)});
  SmallVector<NamedAttribute> attributes;
  if (!parameters.empty())
    attributes.push_back(c.attr("alpha", parameters[0]));
  if (parameters.size() > 1)
    attributes.push_back(c.attr("beta", parameters[1]));
  return c.make(activation, {value}, attributes);
}

/// Whether there is such an activation; else an error.
bool checkActivation(Operation *op, StringRef activation, size_t parameters) {
  size_t most = llvm::StringSwitch<size_t>(activation)
                    .Cases({"", "Relu", "Tanh", "Sigmoid"}, 0)
                    .Case("LeakyRelu", 1)
                    .Cases({"Clip", "HardSigmoid"}, 2)
                    .Default(100);
  if (most < 100 && parameters <= most)
    return true;
  emitNodeError(op) << "activation '" << activation << "' with " << parameters << " parameters is not supported";
  return false;
}

Composed composeFusedConv(MicrosoftFusedConvOp op, Composer &c) {
  auto parameters = op.getActivationParams().value_or(ArrayRef<float>());
  if (!checkActivation(op, op.getActivation(), parameters.size()))
    return std::nullopt;
  SmallVector<NamedAttribute> window =
      keepAttributes(op, {"auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"});
  Value y = c.make("Conv", {op.getX(), op.getW(), op.getB()}, window);
  if (op.getZ())
    y = c.add(y, op.getZ());
  return {{activate(c, y, op.getActivation(), parameters)}};
}

Composed composeFusedGemm(MicrosoftFusedGemmOp op, Composer &c) {
  SmallVector<float> parameters;
  for (std::optional<float> parameter : {op.getActivationAlpha(), op.getActivationBeta()})
    if (parameter)
      parameters.push_back(*parameter);
  if (!checkActivation(op, op.getActivation(), parameters.size()))
    return std::nullopt;
  Value y = c.make("Gemm", {op.getA(), op.getB(), op.getC()},
                   {c.attr("alpha", float(op.getAlpha())), c.attr("beta", float(op.getBeta())),
                    c.attr("transA", int64_t(op.getTransA())), c.attr("transB", int64_t(op.getTransB()))});
  return {{activate(c, y, op.getActivation(), parameters)}};
}

Composed composeFusedMatMul(MicrosoftFusedMatMulOp op, Composer &c) {
  Value a = op.getTransA() ? swapLast(c, op.getA()) : op.getA();
  Value b = op.getTransB() ? swapLast(c, op.getB()) : op.getB();
  Value y = c.make("MatMul", {a, b});
  return {{op.getAlpha() == 1 ? y : c.mul(y, op.getAlpha())}};
}

/// The weight's bits become floats at conversion: (q - zero point) * scale, block by block.
Composed composeMatMulNBits(MicrosoftMatMulNBitsOp op, Composer &c) {
  int64_t k = op.getK(), n = op.getN(), bits = op.getBits(), size = op.getBlockSize(), blocks = (k + size - 1) / size;
  auto packed = ConstantTensor::get(op.getB()), scales = ConstantTensor::get(op.getScales());
  std::optional<ConstantTensor> points;
  if (op.getZeroPoints())
    points = ConstantTensor::get(op.getZeroPoints());
  if (!packed || !scales || (op.getZeroPoints() && !points)) {
    emitNodeError(op) << "its weight, scales and zero points must be constants";
    return std::nullopt;
  }
  bool packedPoints = points && !isa<FloatType>(points->getElementType());
  int64_t pointBytes = (blocks * bits + 7) / 8, wanted = packedPoints ? n * pointBytes : n * blocks;
  if (scales->size() != n * blocks || (points && points->size() != wanted)) {
    emitNodeError(op) << "there are " << n * blocks << " blocks but " << scales->size() << " scales"
                      << (points ? " and " + std::to_string(points->size()) + " zero points" : std::string());
    return std::nullopt;
  }
  const auto *bytes = reinterpret_cast<const uint8_t *>(packed->data());
  uint8_t mask = bits == 8 ? 255 : (1 << bits) - 1;
  auto unpack = [&](const uint8_t *from, int64_t i) { return (from[i * bits / 8] >> (i * bits % 8)) & mask; };
  std::vector<double> weights(k * n);
  for (int64_t row = 0; row < n; ++row)
    for (int64_t block = 0; block < blocks; ++block) {
      double scale = scales->getDouble(row * blocks + block), point = 1 << (bits - 1);
      if (packedPoints)
        point = unpack(reinterpret_cast<const uint8_t *>(points->data()) + row * pointBytes, block);
      else if (points)
        point = points->getDouble(row * blocks + block);
      const uint8_t *from = bytes + (row * blocks + block) * size * bits / 8;
      for (int64_t i = 0; i < size && block * size + i < k; ++i)
        weights[(block * size + i) * n + row] = (unpack(from, i) - point) * scale;
    }
  Type element = Composer::element(op.getA());
  Value y = c.make("MatMul", {op.getA(), c.constant(element, {k, n}, weights)});
  return {{op.getBias() ? c.add(y, op.getBias()) : y}};
}

//===- Activations and normalisation -===//

Value gelu(Composer &c, Value x, StringRef approximate) {
  return c.make("Gelu", {x}, c.attr("approximate", approximate));
}

Composed composeGelu(MicrosoftGeluOp op, Composer &c) { return {{gelu(c, op.getX(), "none")}}; }

Composed composeBiasGelu(MicrosoftBiasGeluOp op, Composer &c) {
  return {{gelu(c, c.add(op.getA(), op.getB()), "none")}};
}

Composed composeFastGelu(MicrosoftFastGeluOp op, Composer &c) {
  return {{gelu(c, op.getBias() ? c.add(op.getX(), op.getBias()) : op.getX(), "tanh")}};
}

Composed composeQuickGelu(MicrosoftQuickGeluOp op, Composer &c) {
  return {{c.make("Swish", {op.getX()}, c.attr("alpha", float(op.getAlpha())))}};
}

/// Output, mean and 1 / deviation of the last dimension.
ValueRange layerNorm(Composer &c, Value x, Value gamma, Value beta, float epsilon, unsigned results) {
  return c.makeAll("LayerNormalization", {x, gamma, beta}, {c.attr("axis", int64_t{-1}), c.attr("epsilon", epsilon)},
                   results);
}

Composed composeSkipLayerNorm(MicrosoftSkipLayerNormalizationOp op, Composer &c) {
  Value sum = c.add(op.getInput(), op.getSkip());
  if (op.getBias())
    sum = c.add(sum, op.getBias());
  bool hasMoments = op.getMean() || op.getInvStdVar();
  ValueRange normal = layerNorm(c, sum, op.getGamma(), op.getBeta(), op.getEpsilon(), hasMoments ? 3 : 1);
  SmallVector<Value> results{normal[0]};
  if (op.getMean())
    results.push_back(normal[1]);
  if (op.getInvStdVar())
    results.push_back(normal[2]);
  if (op.getInputSkipBiasSum())
    results.push_back(sum);
  return results;
}

Composed composeSkipRmsNorm(MicrosoftSkipSimplifiedLayerNormalizationOp op, Composer &c) {
  if (op.getMean() || op.getInvStdVar()) {
    emitNodeError(op) << "its outputs mean and inv_std_var are not supported";
    return std::nullopt;
  }
  Value sum = c.add(op.getInput(), op.getSkip());
  if (op.getBias())
    sum = c.add(sum, op.getBias());
  SmallVector<Value> results{c.make("RMSNormalization", {sum, op.getGamma()},
                                    {c.attr("axis", int64_t{-1}), c.attr("epsilon", float(op.getEpsilon()))})};
  if (op.getInputSkipBiasSum())
    results.push_back(sum);
  return results;
}

Composed composeEmbedNorm(MicrosoftEmbedLayerNormalizationOp op, Composer &c) {
  int64_t batch = Composer::shape(op.getInputIds())[0], length = Composer::shape(op.getInputIds())[1];
  auto look = [&](Value table, Value ids) { return c.make("Gather", {table, ids}, c.attr("axis", int64_t{0})); };
  Value sum = look(op.getWordEmbedding(), op.getInputIds());
  Value positions = op.getPositionIds() ? look(op.getPositionEmbedding(), op.getPositionIds())
                                        : c.slice(op.getPositionEmbedding(), 0, 0, length);
  sum = c.add(sum, positions);
  if (op.getSegmentIds() && op.getSegmentEmbedding())
    sum = c.add(sum, look(op.getSegmentEmbedding(), op.getSegmentIds()));
  SmallVector<Value> results{layerNorm(c, sum, op.getGamma(), op.getBeta(), op.getEpsilon(), 1)[0]};
  Type i32 = c.rewriter.getI32Type();
  if (op.getMaskIndex()) // how many positions of each row count
    results.push_back(op.getMask() ? c.reduce("ReduceSum", c.cast(op.getMask(), i32), {1}, /*keep=*/false)
                                   : c.constant(i32, {batch}, std::vector<double>(batch, 0)));
  if (op.getEmbeddingSum())
    results.push_back(sum);
  return results;
}

} // namespace

void addMicrosoftDecompositions(RewritePatternSet &patterns) {
  MLIRContext *context = patterns.getContext();
  patterns.add<Decomposition<MicrosoftFusedConvOp>>(context, composeFusedConv);
  patterns.add<Decomposition<MicrosoftFusedGemmOp>>(context, composeFusedGemm);
  patterns.add<Decomposition<MicrosoftFusedMatMulOp>>(context, composeFusedMatMul);
  patterns.add<Decomposition<MicrosoftMatMulNBitsOp>>(context, composeMatMulNBits);
  patterns.add<Decomposition<MicrosoftGeluOp>>(context, composeGelu);
  patterns.add<Decomposition<MicrosoftBiasGeluOp>>(context, composeBiasGelu);
  patterns.add<Decomposition<MicrosoftFastGeluOp>>(context, composeFastGelu);
  patterns.add<Decomposition<MicrosoftQuickGeluOp>>(context, composeQuickGelu);
  patterns.add<Decomposition<MicrosoftSkipLayerNormalizationOp>>(context, composeSkipLayerNorm);
  patterns.add<Decomposition<MicrosoftSkipSimplifiedLayerNormalizationOp>>(context, composeSkipRmsNorm);
  patterns.add<Decomposition<MicrosoftEmbedLayerNormalizationOp>>(context, composeEmbedNorm);
}

} // namespace m2c::graph
