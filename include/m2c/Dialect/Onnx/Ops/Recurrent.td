// ONNX operators: recurrent networks.
#ifndef M2C_DIALECT_ONNX_OPS_RECURRENT
#define M2C_DIALECT_ONNX_OPS_RECURRENT

include "m2c/Dialect/Onnx/OnnxBase.td"

def Onnx_GRUOp : Onnx_Op<"GRU", 22, [Pure, AttrSizedOperandSegments, AttrSizedResultSegments]> {
  let summary = "gated recurrent unit over a sequence";
  let arguments = (ins Onnx_Tensor:$X, Onnx_Tensor:$W, Onnx_Tensor:$R, Optional<Onnx_Tensor>:$B,
      Optional<Onnx_Tensor>:$sequence_lens, Optional<Onnx_Tensor>:$initial_h,
      OptionalAttr<DenseF32ArrayAttr>:$activation_alpha, OptionalAttr<DenseF32ArrayAttr>:$activation_beta,
      OptionalAttr<StrArrayAttr>:$activations, OptionalAttr<Onnx_Float>:$clip, Onnx_StrOr<"forward">:$direction,
      OptionalAttr<Onnx_Int>:$hidden_size, Onnx_IntOr<0>:$layout, Onnx_IntOr<0>:$linear_before_reset);
  let results = (outs Optional<Onnx_Tensor>:$Y, Optional<Onnx_Tensor>:$Y_h);
}

def Onnx_LSTMOp : Onnx_Op<"LSTM", 22, [Pure, AttrSizedOperandSegments, AttrSizedResultSegments]> {
  let summary = "long short-term memory over a sequence";
  let arguments = (ins Onnx_Tensor:$X, Onnx_Tensor:$W, Onnx_Tensor:$R, Optional<Onnx_Tensor>:$B,
      Optional<Onnx_Tensor>:$sequence_lens, Optional<Onnx_Tensor>:$initial_h, Optional<Onnx_Tensor>:$initial_c,
      Optional<Onnx_Tensor>:$P, OptionalAttr<DenseF32ArrayAttr>:$activation_alpha,
      OptionalAttr<DenseF32ArrayAttr>:$activation_beta, OptionalAttr<StrArrayAttr>:$activations,
      OptionalAttr<Onnx_Float>:$clip, Onnx_StrOr<"forward">:$direction, OptionalAttr<Onnx_Int>:$hidden_size,
      Onnx_IntOr<0>:$input_forget, Onnx_IntOr<0>:$layout);
  let results = (outs Optional<Onnx_Tensor>:$Y, Optional<Onnx_Tensor>:$Y_h, Optional<Onnx_Tensor>:$Y_c);
}

def Onnx_RNNOp : Onnx_Op<"RNN", 22, [Pure, AttrSizedOperandSegments, AttrSizedResultSegments]> {
  let summary = "simple recurrent network over a sequence";
  let arguments = (ins Onnx_Tensor:$X, Onnx_Tensor:$W, Onnx_Tensor:$R, Optional<Onnx_Tensor>:$B,
      Optional<Onnx_Tensor>:$sequence_lens, Optional<Onnx_Tensor>:$initial_h,
      OptionalAttr<DenseF32ArrayAttr>:$activation_alpha, OptionalAttr<DenseF32ArrayAttr>:$activation_beta,
      DefaultValuedOptionalAttr<StrArrayAttr, "{\"Tanh\", \"Tanh\"}">:$activations, OptionalAttr<Onnx_Float>:$clip,
      Onnx_StrOr<"forward">:$direction, OptionalAttr<Onnx_Int>:$hidden_size, Onnx_IntOr<0>:$layout);
  let results = (outs Optional<Onnx_Tensor>:$Y, Optional<Onnx_Tensor>:$Y_h);
}

#endif // M2C_DIALECT_ONNX_OPS_RECURRENT
