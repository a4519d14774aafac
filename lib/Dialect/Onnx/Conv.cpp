// ONNX operators: convolutions.
#include "m2c/Dialect/Onnx/Onnx.h"

#define GET_OP_CLASSES
#include "m2c/Dialect/Onnx/Ops/Conv.h.inc"

using namespace mlir;
using namespace m2c::onnx;

#define GET_OP_CLASSES
#include "m2c/Dialect/Onnx/Ops/Conv.cpp.inc"

void OnnxDialect::addConvOps() {
  addOperations<
#define GET_OP_LIST
#include "m2c/Dialect/Onnx/Ops/Conv.cpp.inc"
      >();
}
