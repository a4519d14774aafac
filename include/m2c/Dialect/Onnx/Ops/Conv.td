// ONNX operators: convolutions.
#ifndef M2C_DIALECT_ONNX_OPS_CONV
#define M2C_DIALECT_ONNX_OPS_CONV

include "m2c/Dialect/Onnx/OnnxBase.td"

def Onnx_CausalConvWithStateOp : Onnx_Op<"CausalConvWithState", 27, [Pure, AttrSizedOperandSegments]> {
  let summary = "1-D depthwise causal convolution that carries its state";
  let arguments = (ins Onnx_Tensor:$input, Onnx_Tensor:$weight, Optional<Onnx_Tensor>:$bias,
      Optional<Onnx_Tensor>:$past_state, Onnx_StrOr<"none">:$activation);
  let results = (outs Onnx_Tensor:$output, Onnx_Tensor:$present_state);
}

def Onnx_ConvOp : Onnx_Op<"Conv", 22> {
  let summary = "convolution";
  let arguments = (ins Onnx_Tensor:$X, Onnx_Tensor:$W, Optional<Onnx_Tensor>:$B, Onnx_StrOr<"NOTSET">:$auto_pad,
      OptionalAttr<DenseI64ArrayAttr>:$dilations, Onnx_IntOr<1>:$group, OptionalAttr<DenseI64ArrayAttr>:$kernel_shape,
      OptionalAttr<DenseI64ArrayAttr>:$pads, OptionalAttr<DenseI64ArrayAttr>:$strides);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_ConvIntegerOp : Onnx_Op<"ConvInteger", 10, [Pure, AttrSizedOperandSegments]> {
  let summary = "convolution of integers, zero points subtracted, in 32 bits";
  let arguments = (ins Onnx_Tensor:$x, Onnx_Tensor:$w, Optional<Onnx_Tensor>:$x_zero_point,
      Optional<Onnx_Tensor>:$w_zero_point, Onnx_StrOr<"NOTSET">:$auto_pad, OptionalAttr<DenseI64ArrayAttr>:$dilations,
      Onnx_IntOr<1>:$group, OptionalAttr<DenseI64ArrayAttr>:$kernel_shape, OptionalAttr<DenseI64ArrayAttr>:$pads,
      OptionalAttr<DenseI64ArrayAttr>:$strides);
  let results = (outs Onnx_Tensor:$y);
}

def Onnx_ConvTransposeOp : Onnx_Op<"ConvTranspose", 22> {
  let summary = "transposed convolution";
  let arguments = (ins Onnx_Tensor:$X, Onnx_Tensor:$W, Optional<Onnx_Tensor>:$B, Onnx_StrOr<"NOTSET">:$auto_pad,
      OptionalAttr<DenseI64ArrayAttr>:$dilations, Onnx_IntOr<1>:$group, OptionalAttr<DenseI64ArrayAttr>:$kernel_shape,
      OptionalAttr<DenseI64ArrayAttr>:$output_padding, OptionalAttr<DenseI64ArrayAttr>:$output_shape,
      OptionalAttr<DenseI64ArrayAttr>:$pads, OptionalAttr<DenseI64ArrayAttr>:$strides);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_DeformConvOp : Onnx_Op<"DeformConv", 22, [Pure, AttrSizedOperandSegments]> {
  let summary = "convolution whose taps move by given offsets";
  let arguments = (ins Onnx_Tensor:$X, Onnx_Tensor:$W, Onnx_Tensor:$offset, Optional<Onnx_Tensor>:$B,
      Optional<Onnx_Tensor>:$mask, OptionalAttr<DenseI64ArrayAttr>:$dilations, Onnx_IntOr<1>:$group,
      OptionalAttr<DenseI64ArrayAttr>:$kernel_shape, Onnx_IntOr<1>:$offset_group,
      OptionalAttr<DenseI64ArrayAttr>:$pads, OptionalAttr<DenseI64ArrayAttr>:$strides);
  let results = (outs Onnx_Tensor:$Y);
}

#endif // M2C_DIALECT_ONNX_OPS_CONV
