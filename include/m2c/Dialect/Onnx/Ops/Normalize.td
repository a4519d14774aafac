// ONNX operators: normalisation and softmax.
#ifndef M2C_DIALECT_ONNX_OPS_NORMALIZE
#define M2C_DIALECT_ONNX_OPS_NORMALIZE

include "m2c/Dialect/Onnx/OnnxBase.td"

def Onnx_BatchNormalizationOp : Onnx_Op<"BatchNormalization", 15, [Pure, AttrSizedResultSegments]> {
  let summary = "normalises each channel by given statistics";
  let arguments = (ins Onnx_Tensor:$X, Onnx_Tensor:$scale, Onnx_Tensor:$B, Onnx_Tensor:$input_mean,
      Onnx_Tensor:$input_var, Onnx_FloatOr<"1e-05f">:$epsilon, Onnx_FloatOr<"0.9f">:$momentum,
      Onnx_IntOr<0>:$training_mode);
  let results = (outs Onnx_Tensor:$Y, Optional<Onnx_Tensor>:$running_mean, Optional<Onnx_Tensor>:$running_var);
}

def Onnx_DropoutOp : Onnx_Op<"Dropout", 22, [Pure, AttrSizedOperandSegments]> {
  let summary = "zeroes random elements in training, else a copy";
  let arguments = (ins Onnx_Tensor:$data, Optional<Onnx_Tensor>:$ratio, Optional<Onnx_Tensor>:$training_mode,
      OptionalAttr<Onnx_Int>:$seed);
  let results = (outs Onnx_Tensor:$output, Optional<Onnx_Tensor>:$mask);
}

def Onnx_GroupNormalizationOp : Onnx_Op<"GroupNormalization", 21> {
  let summary = "normalises groups of channels";
  let arguments = (ins Onnx_Tensor:$X, Onnx_Tensor:$scale, Onnx_Tensor:$bias, Onnx_FloatOr<"1e-05f">:$epsilon,
      Onnx_Int:$num_groups, Onnx_IntOr<1>:$stash_type);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_HardmaxOp : Onnx_Op<"Hardmax", 13> {
  let summary = "1 at the first maximum along an axis, else 0";
  let arguments = (ins Onnx_Tensor:$input, Onnx_IntOr<-1>:$axis);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_InstanceNormalizationOp : Onnx_Op<"InstanceNormalization", 22> {
  let summary = "normalises each channel of each sample";
  let arguments = (ins Onnx_Tensor:$input, Onnx_Tensor:$scale, Onnx_Tensor:$B, Onnx_FloatOr<"1e-05f">:$epsilon);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_LRNOp : Onnx_Op<"LRN", 13> {
  let summary = "normalises by the squares of neighbouring channels";
  let arguments = (ins Onnx_Tensor:$X, Onnx_FloatOr<"0.0001f">:$alpha, Onnx_FloatOr<"0.75f">:$beta,
      Onnx_FloatOr<"1.0f">:$bias, Onnx_Int:$size);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_LayerNormalizationOp : Onnx_Op<"LayerNormalization", 17, [Pure, AttrSizedResultSegments]> {
  let summary = "normalises over the axes from `axis` on";
  let arguments = (ins Onnx_Tensor:$X, Onnx_Tensor:$Scale, Optional<Onnx_Tensor>:$B, Onnx_IntOr<-1>:$axis,
      Onnx_FloatOr<"1e-05f">:$epsilon, Onnx_IntOr<1>:$stash_type);
  let results = (outs Onnx_Tensor:$Y, Optional<Onnx_Tensor>:$Mean, Optional<Onnx_Tensor>:$InvStdDev);
}

def Onnx_LogSoftmaxOp : Onnx_Op<"LogSoftmax", 13> {
  let summary = "logarithm of the softmax along an axis";
  let arguments = (ins Onnx_Tensor:$input, Onnx_IntOr<-1>:$axis);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_LpNormalizationOp : Onnx_Op<"LpNormalization", 22> {
  let summary = "divides by the p-norm along an axis";
  let arguments = (ins Onnx_Tensor:$input, Onnx_IntOr<-1>:$axis, Onnx_IntOr<2>:$p);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_MeanVarianceNormalizationOp : Onnx_Op<"MeanVarianceNormalization", 13> {
  let summary = "subtracts the mean and divides by the deviation";
  let arguments = (ins Onnx_Tensor:$X, DefaultValuedOptionalAttr<DenseI64ArrayAttr, "{0, 2, 3}">:$axes);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_RMSNormalizationOp : Onnx_Op<"RMSNormalization", 23> {
  let summary = "divides by the root mean square over the axes from `axis` on";
  let arguments = (ins Onnx_Tensor:$X, Onnx_Tensor:$scale, Onnx_IntOr<-1>:$axis, Onnx_FloatOr<"1e-05f">:$epsilon,
      Onnx_IntOr<1>:$stash_type);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_SoftmaxOp : Onnx_Op<"Softmax", 13> {
  let summary = "exponentials divided by their sum along an axis";
  let arguments = (ins Onnx_Tensor:$input, Onnx_IntOr<-1>:$axis);
  let results = (outs Onnx_Tensor:$output);
}

#endif // M2C_DIALECT_ONNX_OPS_NORMALIZE
