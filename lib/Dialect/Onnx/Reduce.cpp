// ONNX operators: reductions, losses and cumulative operators.
#include "m2c/Dialect/Onnx/Onnx.h"

#define GET_OP_CLASSES
#include "m2c/Dialect/Onnx/Ops/Reduce.h.inc"

using namespace mlir;
using namespace m2c::onnx;

#define GET_OP_CLASSES
#include "m2c/Dialect/Onnx/Ops/Reduce.cpp.inc"

void OnnxDialect::addReduceOps() {
  addOperations<
#define GET_OP_LIST
#include "m2c/Dialect/Onnx/Ops/Reduce.cpp.inc"
      >();
}
