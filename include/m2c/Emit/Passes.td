// Passes of the Emit station: the last changes of the IR before it is printed.
#ifndef M2C_EMIT_PASSES
#define M2C_EMIT_PASSES

include "mlir/Pass/PassBase.td"

def OutlineKernelsPass : Pass<"outline-kernels", "mlir::ModuleOp"> {
  let summary = "gives each fused kernel a function of its own, named after its ONNX nodes";
  let description = [{
    Each operation that computes something becomes a private function on its buffers, and a call where it stood; views and
    constants stay behind. Functions that are alike are shared: their arguments may lie at any offset.
  }];
  let dependentDialects = ["mlir::func::FuncDialect", "mlir::memref::MemRefDialect"];
}

def PrintCppPass : Pass<"print-cpp", "mlir::ModuleOp"> {
  let summary = "prints the C++ source (and, where asked, header) to standard output, or writes all files into a folder";
  let options = [
    Option<"modelName", "name", "std::string", "", "namespace and prefix; empty: the function's name">,
    Option<"weights", "weights", "std::string", "\"embed\"", "embed, file or inline">,
    Option<"withMain", "main", "bool", "false", "with a main function">,
    Option<"header", "header", "bool", "false", "print the header, not the source">,
    Option<"folder", "folder", "std::string", "", "write the files here">,
  ];
}

def PrintCudaPass : Pass<"print-cuda", "mlir::ModuleOp"> {
  let summary = "prints the CUDA C++ source to standard output, or writes all files into a folder";
  let options = [
    Option<"gpuArch", "gpu-arch", "std::string", "\"sm_80\"", "the GPU's architecture">,
    Option<"math", "math", "std::string", "\"tf32\"", "matrix products of float32: tf32 or fp32">,
    Option<"folder", "folder", "std::string", "", "write the files here">,
  ];
}

#endif
