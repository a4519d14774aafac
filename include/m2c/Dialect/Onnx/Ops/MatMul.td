// ONNX operators: matrix products.
#ifndef M2C_DIALECT_ONNX_OPS_MATMUL
#define M2C_DIALECT_ONNX_OPS_MATMUL

include "m2c/Dialect/Onnx/OnnxBase.td"

def Onnx_DetOp : Onnx_Op<"Det", 22> {
  let summary = "determinant of the last two dimensions";
  let arguments = (ins Onnx_Tensor:$X);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_EinsumOp : Onnx_Op<"Einsum", 28> {
  let summary = "sum of products in Einstein's notation";
  let arguments = (ins Onnx_NonEmpty<Onnx_Tensor>:$Inputs, StrAttr:$equation);
  let results = (outs Onnx_Tensor:$Output);
}

def Onnx_GemmOp : Onnx_Op<"Gemm", 13> {
  let summary = "alpha * A * B + beta * C on matrices";
  let arguments = (ins Onnx_Tensor:$A, Onnx_Tensor:$B, Optional<Onnx_Tensor>:$C, Onnx_FloatOr<"1.0f">:$alpha,
      Onnx_FloatOr<"1.0f">:$beta, Onnx_IntOr<0>:$transA, Onnx_IntOr<0>:$transB);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_MatMulOp : Onnx_Op<"MatMul", 13> {
  let summary = "matrix product over the last two dimensions, broadcast over the others";
  let arguments = (ins Onnx_Tensor:$A, Onnx_Tensor:$B);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_MatMulIntegerOp : Onnx_Op<"MatMulInteger", 10, [Pure, AttrSizedOperandSegments]> {
  let summary = "matrix product of integers, zero points subtracted, in 32 bits";
  let arguments = (ins Onnx_Tensor:$A, Onnx_Tensor:$B, Optional<Onnx_Tensor>:$a_zero_point,
      Optional<Onnx_Tensor>:$b_zero_point);
  let results = (outs Onnx_Tensor:$Y);
}

#endif // M2C_DIALECT_ONNX_OPS_MATMUL
