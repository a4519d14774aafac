// Passes of the Lower station: onnx to linalg, tensor, scf and kernel.
#ifndef M2C_LOWER_PASSES
#define M2C_LOWER_PASSES

include "mlir/Pass/PassBase.td"

def LowerOnnxPass : Pass<"lower-onnx", "mlir::ModuleOp"> {
  let summary = "lowers every onnx operator to linalg on tensors or one kernel op";
  let description = [{
    A partial conversion with the patterns of all operator families (lib/Lower/<Family>.cpp). Operators that have no
    pattern, or one that does not cover their case, are reported all at once, by node, operator and count.
  }];
  let dependentDialects = ["mlir::linalg::LinalgDialect", "mlir::tensor::TensorDialect", "mlir::arith::ArithDialect",
    "mlir::math::MathDialect", "mlir::scf::SCFDialect", "mlir::bufferization::BufferizationDialect", "m2c::kernel::KernelDialect"];
}

def OutputsToArgumentsPass : Pass<"outputs-to-arguments", "mlir::func::FuncOp"> {
  let summary = "turns the function's results into buffers that the caller passes";
  let description = "Each result is materialised in a memref argument, so that its producer writes the caller's memory.";
  let dependentDialects = ["mlir::bufferization::BufferizationDialect"];
}

#endif
