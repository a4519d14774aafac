// ONNX operators: images, signals and sampling.
#include "m2c/Dialect/Onnx/Onnx.h"

#define GET_OP_CLASSES
#include "m2c/Dialect/Onnx/Ops/Image.h.inc"

using namespace mlir;
using namespace m2c::onnx;

#define GET_OP_CLASSES
#include "m2c/Dialect/Onnx/Ops/Image.cpp.inc"

void OnnxDialect::addImageOps() {
  addOperations<
#define GET_OP_LIST
#include "m2c/Dialect/Onnx/Ops/Image.cpp.inc"
      >();
}
