// Passes of the Graph station: onnx to clean onnx.
#ifndef M2C_GRAPH_PASSES
#define M2C_GRAPH_PASSES

include "mlir/Pass/PassBase.td"

def InferShapesPass : Pass<"infer-shapes", "mlir::ModuleOp"> {
  let summary = "gives every value its element type and shape";
  let description = [{
    Infers result types op by op, in order (lib/Graph/Infer/<Family>.cpp). Operators whose operands are constants are
    evaluated on the way, and so are the Shape of a known type and an If on a constant, because later shapes are often
    computed from them. Types that the model declares are refined; a contradiction is an error with both shapes.

    ```mlir
    %shape = onnx.Constant dense<[0, -1]> : tensor<2xi64>
    %y = onnx.Reshape %x, %shape : (tensor<8x3x4xf32>, tensor<2xi64>) -> tensor<*x!onnx.unknown>
    ==>
    %y = onnx.Reshape %x, %shape : (tensor<8x3x4xf32>, tensor<2xi64>) -> tensor<8x12xf32>
    ```
  }];
  let statistics = [Statistic<"numEvaluated", "num-evaluated", "operators replaced by constants">];
}

def VerifyGraphPass : Pass<"verify-graph", "mlir::ModuleOp"> {
  let summary = "reports everything that the later stations cannot take";
  let description = [{
    The fence behind the Graph station: every value is a tensor of numbers with a static shape. Whatever is not is
    reported in one run: symbolic dimensions of inputs with the flags that pin them, shapes that depend on data,
    operators without inference by operator, nodes and count.
  }];
}

#endif
