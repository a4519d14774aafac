// ONNX operators: indexing, gathering, scattering, sorting.
#include "m2c/Dialect/Onnx/Onnx.h"

#define GET_OP_CLASSES
#include "m2c/Dialect/Onnx/Ops/Index.h.inc"

using namespace mlir;
using namespace m2c::onnx;

#define GET_OP_CLASSES
#include "m2c/Dialect/Onnx/Ops/Index.cpp.inc"

void OnnxDialect::addIndexOps() {
  addOperations<
#define GET_OP_LIST
#include "m2c/Dialect/Onnx/Ops/Index.cpp.inc"
      >();
}
