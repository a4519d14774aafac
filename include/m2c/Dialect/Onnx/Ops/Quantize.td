// ONNX operators: quantisation.
#ifndef M2C_DIALECT_ONNX_OPS_QUANTIZE
#define M2C_DIALECT_ONNX_OPS_QUANTIZE

include "m2c/Dialect/Onnx/OnnxBase.td"

def Onnx_DequantizeLinearOp : Onnx_Op<"DequantizeLinear", 28> {
  let summary = "(x - zero point) * scale";
  let arguments = (ins Onnx_Tensor:$x, Onnx_Tensor:$x_scale, Optional<Onnx_Tensor>:$x_zero_point,
      Onnx_IntOr<1>:$axis, Onnx_IntOr<0>:$block_size, Onnx_IntOr<0>:$output_dtype);
  let results = (outs Onnx_Tensor:$y);
}

def Onnx_DynamicQuantizeLinearOp : Onnx_Op<"DynamicQuantizeLinear", 11> {
  let summary = "quantises to 8 bits by the range of the data";
  let arguments = (ins Onnx_Tensor:$x);
  let results = (outs Onnx_Tensor:$y, Onnx_Tensor:$y_scale, Onnx_Tensor:$y_zero_point);
}

def Onnx_QLinearConvOp : Onnx_Op<"QLinearConv", 10> {
  let summary = "convolution of quantised tensors";
  let arguments = (ins Onnx_Tensor:$x, Onnx_Tensor:$x_scale, Onnx_Tensor:$x_zero_point, Onnx_Tensor:$w,
      Onnx_Tensor:$w_scale, Onnx_Tensor:$w_zero_point, Onnx_Tensor:$y_scale, Onnx_Tensor:$y_zero_point,
      Optional<Onnx_Tensor>:$B, Onnx_StrOr<"NOTSET">:$auto_pad, OptionalAttr<DenseI64ArrayAttr>:$dilations,
      Onnx_IntOr<1>:$group, OptionalAttr<DenseI64ArrayAttr>:$kernel_shape, OptionalAttr<DenseI64ArrayAttr>:$pads,
      OptionalAttr<DenseI64ArrayAttr>:$strides);
  let results = (outs Onnx_Tensor:$y);
}

def Onnx_QLinearMatMulOp : Onnx_Op<"QLinearMatMul", 21> {
  let summary = "matrix product of quantised tensors";
  let arguments = (ins Onnx_Tensor:$a, Onnx_Tensor:$a_scale, Onnx_Tensor:$a_zero_point, Onnx_Tensor:$b,
      Onnx_Tensor:$b_scale, Onnx_Tensor:$b_zero_point, Onnx_Tensor:$y_scale, Onnx_Tensor:$y_zero_point);
  let results = (outs Onnx_Tensor:$y);
}

def Onnx_QuantizeLinearOp : Onnx_Op<"QuantizeLinear", 28> {
  let summary = "saturate(round(x / scale) + zero point)";
  let arguments = (ins Onnx_Tensor:$x, Onnx_Tensor:$y_scale, Optional<Onnx_Tensor>:$y_zero_point,
      Onnx_IntOr<1>:$axis, Onnx_IntOr<0>:$block_size, Onnx_IntOr<0>:$output_dtype, Onnx_IntOr<0>:$precision,
      Onnx_IntOr<1>:$saturate);
  let results = (outs Onnx_Tensor:$y);
}

#endif // M2C_DIALECT_ONNX_OPS_QUANTIZE
