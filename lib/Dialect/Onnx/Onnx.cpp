// The onnx dialect: registration, types, constants.
#include "m2c/Dialect/Onnx/Onnx.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

#define GET_OP_CLASSES
#include "m2c/Dialect/Onnx/Ops/Shape.h.inc"

using namespace mlir;
using namespace m2c::onnx;

#include "m2c/Dialect/Onnx/OnnxDialect.cpp.inc"
#include "m2c/Dialect/Onnx/OnnxInterfaces.cpp.inc"
#define GET_TYPEDEF_CLASSES
#include "m2c/Dialect/Onnx/OnnxTypes.cpp.inc"

void OnnxDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "m2c/Dialect/Onnx/OnnxTypes.cpp.inc"
      >();
  addAttentionOps();
  addControlFlowOps();
  addConvOps();
  addElementwiseOps();
  addImageOps();
  addIndexOps();
  addMatMulOps();
  addMicrosoftOps();
  addMlOps();
  addNormalizeOps();
  addOwnOps();
  addPoolOps();
  addQuantizeOps();
  addRandomOps();
  addRecurrentOps();
  addReduceOps();
  addSequenceOps();
  addShapeOps();
  addStringOps();
}

Operation *OnnxDialect::materializeConstant(OpBuilder &builder, Attribute value, Type type, Location loc) {
  auto elements = dyn_cast<ElementsAttr>(value);
  if (!elements || elements.getType() != type)
    return nullptr;
  return ConstantOp::create(builder, loc, type, elements);
}

Type m2c::onnx::getUnknownType(MLIRContext *context) { return UnrankedTensorType::get(UnknownType::get(context)); }

bool m2c::onnx::isValueType(Type type) { return isa<TensorType, SequenceType, OptionalType, MapType>(type); }
