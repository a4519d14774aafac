// ONNX operators: attention.
#include "m2c/Dialect/Onnx/Onnx.h"

#define GET_OP_CLASSES
#include "m2c/Dialect/Onnx/Ops/Attention.h.inc"

using namespace mlir;
using namespace m2c::onnx;

#define GET_OP_CLASSES
#include "m2c/Dialect/Onnx/Ops/Attention.cpp.inc"

void OnnxDialect::addAttentionOps() {
  addOperations<
#define GET_OP_LIST
#include "m2c/Dialect/Onnx/Ops/Attention.cpp.inc"
      >();
}
