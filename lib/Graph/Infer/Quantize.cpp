// Inference of quantisation.
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Graph/Infer.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

LogicalResult inferQuantize(QuantizeLinearOp op, Inference &i) {
  Type element = IntegerType::get(i.context(), 8, IntegerType::Unsigned);
  if (op.getYZeroPoint())
    element = i.element(op.getYZeroPoint());
  else if (op.getOutputDtype() != 0)
    element = getElementType(i.context(), op.getOutputDtype());
  if (!element)
    return i.error() << "unknown element type " << op.getOutputDtype();
  return i.set(0, element, i.shape(op.getX()));
}

LogicalResult inferDequantize(DequantizeLinearOp op, Inference &i) {
  Type element =
      op.getOutputDtype() == 0 ? i.element(op.getXScale()) : getElementType(i.context(), op.getOutputDtype());
  if (!element)
    return i.error() << "unknown element type " << op.getOutputDtype();
  return i.set(0, element, i.shape(op.getX()));
}

LogicalResult inferDynamicQuantize(DynamicQuantizeLinearOp op, Inference &i) {
  Type u8 = IntegerType::get(i.context(), 8, IntegerType::Unsigned);
  if (failed(i.set(0, u8, i.shape(op.getX()))) || failed(i.set(1, i.element(op.getX()), {})))
    return failure();
  return i.set(2, u8, {});
}

} // namespace

void addQuantizeInference(InferenceRegistry &r) {
  r.add<QuantizeLinearOp>(inferQuantize);
  r.add<DequantizeLinearOp>(inferDequantize);
  r.add<DynamicQuantizeLinearOp>(inferDynamicQuantize);
}

} // namespace m2c::graph
