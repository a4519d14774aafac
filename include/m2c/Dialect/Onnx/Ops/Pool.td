// ONNX operators: pooling over windows.
#ifndef M2C_DIALECT_ONNX_OPS_POOL
#define M2C_DIALECT_ONNX_OPS_POOL

include "m2c/Dialect/Onnx/OnnxBase.td"

def Onnx_AveragePoolOp : Onnx_Op<"AveragePool", 22> {
  let summary = "mean over windows";
  let arguments = (ins Onnx_Tensor:$X, Onnx_StrOr<"NOTSET">:$auto_pad, Onnx_IntOr<0>:$ceil_mode,
      Onnx_IntOr<0>:$count_include_pad, OptionalAttr<DenseI64ArrayAttr>:$dilations, DenseI64ArrayAttr:$kernel_shape,
      OptionalAttr<DenseI64ArrayAttr>:$pads, OptionalAttr<DenseI64ArrayAttr>:$strides);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_GlobalAveragePoolOp : Onnx_Op<"GlobalAveragePool", 22> {
  let summary = "mean over all spatial dimensions";
  let arguments = (ins Onnx_Tensor:$X);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_GlobalLpPoolOp : Onnx_Op<"GlobalLpPool", 22> {
  let summary = "p-norm over all spatial dimensions";
  let arguments = (ins Onnx_Tensor:$X, Onnx_IntOr<2>:$p);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_GlobalMaxPoolOp : Onnx_Op<"GlobalMaxPool", 22> {
  let summary = "maximum over all spatial dimensions";
  let arguments = (ins Onnx_Tensor:$X);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_LpPoolOp : Onnx_Op<"LpPool", 22> {
  let summary = "p-norm over windows";
  let arguments = (ins Onnx_Tensor:$X, Onnx_StrOr<"NOTSET">:$auto_pad, Onnx_IntOr<0>:$ceil_mode,
      OptionalAttr<DenseI64ArrayAttr>:$dilations, DenseI64ArrayAttr:$kernel_shape, Onnx_IntOr<2>:$p,
      OptionalAttr<DenseI64ArrayAttr>:$pads, OptionalAttr<DenseI64ArrayAttr>:$strides);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_MaxPoolOp : Onnx_Op<"MaxPool", 22> {
  let summary = "maximum over windows";
  let arguments = (ins Onnx_Tensor:$X, Onnx_StrOr<"NOTSET">:$auto_pad, Onnx_IntOr<0>:$ceil_mode,
      OptionalAttr<DenseI64ArrayAttr>:$dilations, DenseI64ArrayAttr:$kernel_shape,
      OptionalAttr<DenseI64ArrayAttr>:$pads, Onnx_IntOr<0>:$storage_order, OptionalAttr<DenseI64ArrayAttr>:$strides);
  let results = (outs Onnx_Tensor:$Y, Optional<Onnx_Tensor>:$Indices);
}

def Onnx_MaxRoiPoolOp : Onnx_Op<"MaxRoiPool", 22> {
  let summary = "maximum over parts of regions of interest";
  let arguments = (ins Onnx_Tensor:$X, Onnx_Tensor:$rois, DenseI64ArrayAttr:$pooled_shape,
      Onnx_FloatOr<"1.0f">:$spatial_scale);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_MaxUnpoolOp : Onnx_Op<"MaxUnpool", 22> {
  let summary = "puts values back where MaxPool found them";
  let arguments = (ins Onnx_Tensor:$X, Onnx_Tensor:$I, Optional<Onnx_Tensor>:$output_shape,
      DenseI64ArrayAttr:$kernel_shape, OptionalAttr<DenseI64ArrayAttr>:$pads, OptionalAttr<DenseI64ArrayAttr>:$strides);
  let results = (outs Onnx_Tensor:$output);
}

#endif // M2C_DIALECT_ONNX_OPS_POOL
