// Passes of the Optimize station: fusion, layout, packing; all on tensors.
#ifndef M2C_OPTIMIZE_PASSES
#define M2C_OPTIMIZE_PASSES

include "mlir/Pass/PassBase.td"

def FoldEmptyPass : Pass<"fold-empty", "mlir::func::FuncOp"> {
  let summary = "replaces kernels of no elements and sums of no terms";
  let description = [{
    Kernels whose results are empty become tensor.empty, a contraction of depth 0 its epilogue on zeros, attention to no keys
    zeros: no kernel is called without something to compute.
  }];
  let dependentDialects = ["mlir::arith::ArithDialect", "mlir::linalg::LinalgDialect", "mlir::tensor::TensorDialect"];
}

def FuseEpiloguePass : Pass<"fuse-epilogue", "mlir::func::FuncOp"> {
  let summary = "moves element-wise consumers into the kernel op that feeds them";
  let description = [{
    A linalg.generic that is parallel in all dimensions and whose operand is a kernel's only result use becomes the end of the
    kernel's epilogue; its other operands become extras. Contractions and convolutions may so end in another type than their sums
    have: the codes of the next layer, after a quantised one.
  }];
  let options = [Option<"keepTypes", "keep-types", "bool", "false",
    "fuse nothing that changes the element type, as the kernels for GPUs need it">];
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
}

def FoldConstantsPass : Pass<"fold-constants", "mlir::func::FuncOp"> {
  let summary = "evaluates transposes, reshapes, slices, element-wise ops and products of constants";
  let description = "What the lowering and the layout passes leave in front of weights. Results are resources of their own.";
  let dependentDialects = ["mlir::arith::ArithDialect"];
}

def ChooseAlgorithmsPass : Pass<"choose-algorithms", "mlir::func::FuncOp"> {
  let summary = "chooses direct or Winograd convolution by the target's cost model";
  let description = [{
    A convolution of stride 1 with a constant float32 filter gets `winograd_tile` where the cost model (m2c/Target/CostModel.h)
    expects the transforms and the larger filter to take less time than the multiplications that they save.
  }];
  let options = [Option<"march", "march", "std::string", "\"native\"", "the target, as gcc's -march spells it">];
}

def PackWeightsPass : Pass<"pack-weights", "mlir::func::FuncOp"> {
  let summary = "rearranges the weights of contractions, convolutions and recurrences into panels";
  let description = [{
    Constant right operands, filters and recurrent weights become constants in their kernel's order; a filter or recurrent
    weights known only at run time get a kernel.pack. The panel width is chosen from the shape and the target's vectors (for
    recurrences it is the vector's lanes) and recorded as `panel`.
  }];
  let options = [
    Option<"vectorBytes", "vector-bytes", "int64_t", "32", "bytes of the target's vector registers">,
    Option<"vectorRegisters", "vector-registers", "int64_t", "16", "number of the target's vector registers">,
    Option<"wholeRows", "whole-rows", "bool", "false",
      "one panel of all columns, rounded up to 16 bytes, as the kernels for GPUs read it">];
  let dependentDialects = ["mlir::arith::ArithDialect", "mlir::tensor::TensorDialect", "m2c::kernel::KernelDialect"];
}

def FoldTablesPass : Pass<"fold-tables", "mlir::func::FuncOp"> {
  let summary = "multiplies an embedding table by the weights behind it at conversion";
  let description = [{
    contract(gather(table, ids), W) is gather(contract(table, W), ids): the product becomes a copy of rows. Only where the
    new table is no larger than the weights, or small.
  }];
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
