// ONNX operators: elementwise arithmetic, comparison, logic, activation and type conversion.
#include "m2c/Dialect/Onnx/Onnx.h"

#define GET_OP_CLASSES
#include "m2c/Dialect/Onnx/Ops/Elementwise.h.inc"

using namespace mlir;
using namespace m2c::onnx;

#define GET_OP_CLASSES
#include "m2c/Dialect/Onnx/Ops/Elementwise.cpp.inc"

void OnnxDialect::addElementwiseOps() {
  addOperations<
#define GET_OP_LIST
#include "m2c/Dialect/Onnx/Ops/Elementwise.cpp.inc"
      >();
}
