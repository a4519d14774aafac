// Passes of the Optimize station: fusion, layout, packing; all on tensors.
#ifndef M2C_OPTIMIZE_PASSES
#define M2C_OPTIMIZE_PASSES

include "mlir/Pass/PassBase.td"

def FuseEpiloguePass : Pass<"fuse-epilogue", "mlir::func::FuncOp"> {
  let summary = "moves element-wise consumers into the kernel op that feeds them";
  let description = [{
    A linalg.generic that is parallel in all dimensions and whose operand is a kernel's only result use becomes the end of the
    kernel's epilogue; its other operands become extras.
  }];
  let statistics = [Statistic<"numFused", "num-fused", "element-wise ops moved into an epilogue">];
}

def FuseElementwisePass : Pass<"fuse-elementwise", "mlir::func::FuncOp"> {
  let summary = "merges element-wise ops into each other and into the reductions that read them";
  let description = "Upstream's fusion of linalg.generic, with m2c's choice of what may be recomputed.";
}

def SinkTransposesPass : Pass<"sink-transposes", "mlir::func::FuncOp"> {
  let summary = "moves transposes down the graph until they cancel or a kernel absorbs them";
  let description = [{
    The lowering of spatial operators puts a transpose before and after each channels-last kernel. This pass sinks them
    through element-wise ops, concatenation, slices, padding and reshapes and cancels pairs, so that a network stays
    channels-last from its first convolution to its last. Contractions and attention read and write through their
    indexing maps instead; the constant weights of a contraction absorb the transpose that a flatten leaves behind.
  }];
  let dependentDialects = ["mlir::linalg::LinalgDialect", "mlir::tensor::TensorDialect"];
  let statistics = [Statistic<"numLeft", "num-left", "transposes that remain as copies">];
}

def FoldConstantsPass : Pass<"fold-constants", "mlir::func::FuncOp"> {
  let summary = "evaluates transposes, reshapes and slices of constants";
  let description = "What the layout passes leave in front of weights. Results are resources of their own.";
  let dependentDialects = ["mlir::arith::ArithDialect"];
}

def PrepareBufferizePass : Pass<"prepare-bufferize", "mlir::func::FuncOp"> {
  let summary = "gives every destination its own tensor.empty and makes pads and concatenations insertions";
  let description = [{
    One-Shot's analysis is quadratic in the uses of one value, and a shared tensor.empty costs copies. No CSE may run between
    this pass and bufferization.
  }];
  let dependentDialects = ["mlir::bufferization::BufferizationDialect", "mlir::linalg::LinalgDialect",
    "mlir::tensor::TensorDialect", "m2c::kernel::KernelDialect"];
}

#endif
