// ONNX operators: branches and loops.
#ifndef M2C_DIALECT_ONNX_OPS_CONTROLFLOW
#define M2C_DIALECT_ONNX_OPS_CONTROLFLOW

include "m2c/Dialect/Onnx/OnnxBase.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"

def Onnx_YieldOp : Op<Onnx_Dialect, "yield", [Pure, Terminator, ReturnLike]> {
  let summary = "ends a subgraph; not an operator of ONNX";
  let arguments = (ins Variadic<Onnx_Value>:$values);
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
}

def Onnx_IfOp : Onnx_Op<"If", 25, [RecursiveMemoryEffects]> {
  let summary = "one of two subgraphs";
  let arguments = (ins Onnx_Tensor:$cond);
  let results = (outs Onnx_NonEmpty<Onnx_Value>:$outputs);
  let regions = (region SizedRegion<1>:$then_branch, SizedRegion<1>:$else_branch);
}

def Onnx_LoopOp : Onnx_Op<"Loop", 25, [RecursiveMemoryEffects, AttrSizedOperandSegments]> {
  let summary = "a subgraph repeated while a condition holds, up to M times";
  let arguments = (ins Optional<Onnx_Tensor>:$M, Optional<Onnx_Tensor>:$cond, Variadic<Onnx_Value>:$v_initial);
  let results = (outs Onnx_NonEmpty<Onnx_Value>:$v_final_and_scan_outputs);
  let regions = (region SizedRegion<1>:$body);
}

def Onnx_ScanOp : Onnx_Op<"Scan", 25, [RecursiveMemoryEffects]> {
  let summary = "a subgraph over the slices of tensors";
  let arguments = (ins Onnx_NonEmpty<Onnx_Tensor>:$initial_state_and_scan_inputs, Onnx_Int:$num_scan_inputs,
      OptionalAttr<DenseI64ArrayAttr>:$scan_input_axes, OptionalAttr<DenseI64ArrayAttr>:$scan_input_directions,
      OptionalAttr<DenseI64ArrayAttr>:$scan_output_axes, OptionalAttr<DenseI64ArrayAttr>:$scan_output_directions);
  let results = (outs Onnx_NonEmpty<Onnx_Tensor>:$final_state_and_scan_outputs);
  let regions = (region SizedRegion<1>:$body);
}

#endif // M2C_DIALECT_ONNX_OPS_CONTROLFLOW
