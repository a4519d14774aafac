// Passes of the Emit station: the last changes of the IR before it is printed.
#ifndef M2C_EMIT_PASSES
#define M2C_EMIT_PASSES

include "mlir/Pass/PassBase.td"

def OutlineKernelsPass : Pass<"outline-kernels", "mlir::ModuleOp"> {
  let summary = "gives each fused kernel a function of its own, named after its ONNX nodes";
  let dependentDialects = ["mlir::func::FuncDialect"];
}

#endif
