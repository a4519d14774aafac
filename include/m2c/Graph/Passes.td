// Passes of the Graph station: onnx to clean onnx.
#ifndef M2C_GRAPH_PASSES
#define M2C_GRAPH_PASSES

include "mlir/Pass/PassBase.td"

#endif
