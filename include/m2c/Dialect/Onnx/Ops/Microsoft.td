// Operators of the domain com.microsoft, which onnxruntime's tools write.
#ifndef M2C_DIALECT_ONNX_OPS_MICROSOFT
#define M2C_DIALECT_ONNX_OPS_MICROSOFT

include "m2c/Dialect/Onnx/OnnxBase.td"

class Onnx_MicrosoftOp<string opType, list<Trait> traits = [Pure]>
    : Onnx_OpBase<"com.microsoft", "com.microsoft.", opType, 1, traits> {
  let skipDefaultBuilders = 1;
  let builders = [Onnx_genericBuilder];
}

//===- Products and convolutions ------------------------------------------------------------------------------------===//

def Onnx_MicrosoftFusedConvOp : Onnx_MicrosoftOp<"FusedConv", [Pure, AttrSizedOperandSegments]> {
  let summary = "activation(Conv(X, W, B) + Z)";
  let arguments = (ins Onnx_Tensor:$X, Onnx_Tensor:$W, Optional<Onnx_Tensor>:$B, Optional<Onnx_Tensor>:$Z,
      Onnx_StrOr<"">:$activation, OptionalAttr<DenseF32ArrayAttr>:$activation_params, Onnx_StrOr<"NOTSET">:$auto_pad,
      OptionalAttr<DenseI64ArrayAttr>:$dilations, Onnx_IntOr<1>:$group, OptionalAttr<DenseI64ArrayAttr>:$kernel_shape,
      OptionalAttr<DenseI64ArrayAttr>:$pads, OptionalAttr<DenseI64ArrayAttr>:$strides);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_MicrosoftFusedGemmOp : Onnx_MicrosoftOp<"FusedGemm"> {
  let summary = "activation(Gemm(A, B, C))";
  let arguments = (ins Onnx_Tensor:$A, Onnx_Tensor:$B, Optional<Onnx_Tensor>:$C, Onnx_StrOr<"">:$activation,
      OptionalAttr<Onnx_Float>:$activation_alpha, OptionalAttr<Onnx_Float>:$activation_beta,
      OptionalAttr<Onnx_Float>:$activation_gamma, Onnx_FloatOr<"1.0f">:$alpha, Onnx_FloatOr<"1.0f">:$beta,
      Onnx_IntOr<0>:$transA, Onnx_IntOr<0>:$transB);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_MicrosoftFusedMatMulOp : Onnx_MicrosoftOp<"FusedMatMul"> {
  let summary = "alpha * A * B, either transposed";
  let arguments = (ins Onnx_Tensor:$A, Onnx_Tensor:$B, Onnx_FloatOr<"1.0f">:$alpha, Onnx_IntOr<0>:$transA,
      Onnx_IntOr<0>:$transB, Onnx_IntOr<0>:$transBatchA, Onnx_IntOr<0>:$transBatchB);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_MicrosoftMatMulNBitsOp : Onnx_MicrosoftOp<"MatMulNBits", [Pure, AttrSizedOperandSegments]> {
  let summary = "product with a weight of 2, 4 or 8 bits in blocks with a scale each";
  let arguments = (ins Onnx_Tensor:$A, Onnx_Tensor:$B, Onnx_Tensor:$scales, Optional<Onnx_Tensor>:$zero_points,
      Optional<Onnx_Tensor>:$g_idx, Optional<Onnx_Tensor>:$bias, Onnx_Int:$K, Onnx_Int:$N,
      Onnx_IntOr<0>:$accuracy_level, Onnx_IntOr<4>:$bits, Onnx_Int:$block_size);
  let results = (outs Onnx_Tensor:$Y);
}

//===- Activations and normalisation --------------------------------------------------------------------------------===//

def Onnx_MicrosoftGeluOp : Onnx_MicrosoftOp<"Gelu"> {
  let summary = "x * normal distribution(x)";
  let arguments = (ins Onnx_Tensor:$X);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_MicrosoftBiasGeluOp : Onnx_MicrosoftOp<"BiasGelu"> {
  let summary = "Gelu(A + B)";
  let arguments = (ins Onnx_Tensor:$A, Onnx_Tensor:$B);
  let results = (outs Onnx_Tensor:$C);
}

def Onnx_MicrosoftFastGeluOp : Onnx_MicrosoftOp<"FastGelu"> {
  let summary = "Gelu(X + bias) by tanh";
  let arguments = (ins Onnx_Tensor:$X, Optional<Onnx_Tensor>:$bias);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_MicrosoftQuickGeluOp : Onnx_MicrosoftOp<"QuickGelu"> {
  let summary = "x * sigmoid(alpha * x)";
  let arguments = (ins Onnx_Tensor:$X, Onnx_FloatOr<"1.702f">:$alpha);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_MicrosoftSkipLayerNormalizationOp
    : Onnx_MicrosoftOp<"SkipLayerNormalization", [Pure, AttrSizedOperandSegments, AttrSizedResultSegments]> {
  let summary = "LayerNormalization(input + skip + bias)";
  let arguments = (ins Onnx_Tensor:$input, Onnx_Tensor:$skip, Onnx_Tensor:$gamma, Optional<Onnx_Tensor>:$beta,
      Optional<Onnx_Tensor>:$bias, Onnx_FloatOr<"1e-12f">:$epsilon);
  let results = (outs Onnx_Tensor:$output, Optional<Onnx_Tensor>:$mean, Optional<Onnx_Tensor>:$inv_std_var,
      Optional<Onnx_Tensor>:$input_skip_bias_sum);
}

def Onnx_MicrosoftSkipSimplifiedLayerNormalizationOp
    : Onnx_MicrosoftOp<"SkipSimplifiedLayerNormalization", [Pure, AttrSizedResultSegments]> {
  let summary = "RMSNormalization(input + skip + bias)";
  let arguments = (ins Onnx_Tensor:$input, Onnx_Tensor:$skip, Onnx_Tensor:$gamma, Optional<Onnx_Tensor>:$bias,
      Onnx_FloatOr<"1e-12f">:$epsilon);
  let results = (outs Onnx_Tensor:$output, Optional<Onnx_Tensor>:$mean, Optional<Onnx_Tensor>:$inv_std_var,
      Optional<Onnx_Tensor>:$input_skip_bias_sum);
}

def Onnx_MicrosoftEmbedLayerNormalizationOp
    : Onnx_MicrosoftOp<"EmbedLayerNormalization", [Pure, AttrSizedOperandSegments, AttrSizedResultSegments]> {
  let summary = "BERT's embeddings: words, positions and segments, normalised";
  let arguments = (ins Onnx_Tensor:$input_ids, Optional<Onnx_Tensor>:$segment_ids, Onnx_Tensor:$word_embedding,
      Onnx_Tensor:$position_embedding, Optional<Onnx_Tensor>:$segment_embedding, Onnx_Tensor:$gamma, Onnx_Tensor:$beta,
      Optional<Onnx_Tensor>:$mask, Optional<Onnx_Tensor>:$position_ids, Onnx_FloatOr<"1e-12f">:$epsilon,
      Onnx_IntOr<0>:$mask_index_type);
  let results = (outs Onnx_Tensor:$output, Optional<Onnx_Tensor>:$mask_index, Optional<Onnx_Tensor>:$embedding_sum);
}

//===- Attention ----------------------------------------------------------------------------------------------------===//

def Onnx_MicrosoftAttentionOp
    : Onnx_MicrosoftOp<"Attention", [Pure, AttrSizedOperandSegments]> {
  let summary = "projections of the input to query, key and value, and attention";
  let arguments = (ins Onnx_Tensor:$input, Onnx_Tensor:$weights, Optional<Onnx_Tensor>:$bias,
      Optional<Onnx_Tensor>:$mask_index, Optional<Onnx_Tensor>:$past, Optional<Onnx_Tensor>:$attention_bias,
      Optional<Onnx_Tensor>:$past_sequence_length, Onnx_IntOr<0>:$do_rotary, Onnx_FloatOr<"-10000.0f">:$mask_filter_value,
      Onnx_Int:$num_heads, Onnx_IntOr<0>:$past_present_share_buffer, OptionalAttr<DenseI64ArrayAttr>:$qkv_hidden_sizes,
      Onnx_IntOr<0>:$rotary_embedding_dim, OptionalAttr<Onnx_Float>:$scale, Onnx_IntOr<0>:$unidirectional);
  let results = (outs Onnx_Tensor:$output, Optional<Onnx_Tensor>:$present);
}

def Onnx_MicrosoftMultiHeadAttentionOp
    : Onnx_MicrosoftOp<"MultiHeadAttention", [Pure, AttrSizedOperandSegments, AttrSizedResultSegments]> {
  let summary = "attention of heads packed in the last dimension";
  let arguments = (ins Onnx_Tensor:$query, Optional<Onnx_Tensor>:$key, Optional<Onnx_Tensor>:$value,
      Optional<Onnx_Tensor>:$bias, Optional<Onnx_Tensor>:$key_padding_mask, Optional<Onnx_Tensor>:$attention_bias,
      Optional<Onnx_Tensor>:$past_key, Optional<Onnx_Tensor>:$past_value, Optional<Onnx_Tensor>:$past_sequence_length,
      Optional<Onnx_Tensor>:$cache_indirection, Onnx_FloatOr<"-10000.0f">:$mask_filter_value, Onnx_Int:$num_heads,
      OptionalAttr<Onnx_Float>:$scale, Onnx_IntOr<0>:$unidirectional);
  let results = (outs Onnx_Tensor:$output, Optional<Onnx_Tensor>:$present_key, Optional<Onnx_Tensor>:$present_value,
      Optional<Onnx_Tensor>:$qk);
}

def Onnx_MicrosoftGroupQueryAttentionOp
    : Onnx_MicrosoftOp<"GroupQueryAttention", [Pure, AttrSizedOperandSegments, AttrSizedResultSegments]> {
  let summary = "causal attention of query heads that share keys and values, with rotary embedding";
  let arguments = (ins Onnx_Tensor:$query, Optional<Onnx_Tensor>:$key, Optional<Onnx_Tensor>:$value,
      Optional<Onnx_Tensor>:$past_key, Optional<Onnx_Tensor>:$past_value, Onnx_Tensor:$seqlens_k,
      Onnx_Tensor:$total_sequence_length, Optional<Onnx_Tensor>:$cos_cache, Optional<Onnx_Tensor>:$sin_cache,
      Optional<Onnx_Tensor>:$position_ids, Optional<Onnx_Tensor>:$attention_bias, Optional<Onnx_Tensor>:$head_sink,
      Onnx_IntOr<0>:$do_rotary, Onnx_Int:$kv_num_heads, Onnx_IntOr<-1>:$local_window_size, Onnx_Int:$num_heads,
      Onnx_IntOr<0>:$qk_output, Onnx_IntOr<0>:$rotary_interleaved, OptionalAttr<Onnx_Float>:$scale,
      Onnx_IntOr<0>:$smooth_softmax, Onnx_FloatOr<"0.0f">:$softcap);
  let results = (outs Onnx_Tensor:$output, Optional<Onnx_Tensor>:$present_key, Optional<Onnx_Tensor>:$present_value,
      Optional<Onnx_Tensor>:$output_qk);
}

def Onnx_MicrosoftRotaryEmbeddingOp : Onnx_MicrosoftOp<"RotaryEmbedding"> {
  let summary = "rotates pairs of features by position";
  let arguments = (ins Onnx_Tensor:$input, Onnx_Tensor:$position_ids, Onnx_Tensor:$cos_cache, Onnx_Tensor:$sin_cache,
      Onnx_IntOr<0>:$interleaved, Onnx_IntOr<0>:$is_packed_batching, Onnx_IntOr<0>:$num_heads,
      Onnx_IntOr<0>:$rotary_embedding_dim, Onnx_FloatOr<"1.0f">:$scale);
  let results = (outs Onnx_Tensor:$output);
}

//===- Quantized ----------------------------------------------------------------------------------------------------===//

class Onnx_MicrosoftQLinearBinaryOp<string opType>
    : Onnx_MicrosoftOp<opType, [Pure, AttrSizedOperandSegments]> {
  let arguments = (ins Onnx_Tensor:$A, Onnx_Tensor:$A_scale, Optional<Onnx_Tensor>:$A_zero_point, Onnx_Tensor:$B,
      Onnx_Tensor:$B_scale, Optional<Onnx_Tensor>:$B_zero_point, Onnx_Tensor:$C_scale,
      Optional<Onnx_Tensor>:$C_zero_point);
  let results = (outs Onnx_Tensor:$C);
}

def Onnx_MicrosoftQLinearAddOp : Onnx_MicrosoftQLinearBinaryOp<"QLinearAdd"> {
  let summary = "sum of quantized tensors";
}

def Onnx_MicrosoftQLinearMulOp : Onnx_MicrosoftQLinearBinaryOp<"QLinearMul"> {
  let summary = "element-wise product of quantized tensors";
}

defvar Onnx_quantizedOperands = (ins Onnx_Tensor:$X, Onnx_Tensor:$X_scale, Optional<Onnx_Tensor>:$X_zero_point,
    Onnx_Tensor:$Y_scale, Optional<Onnx_Tensor>:$Y_zero_point);

def Onnx_MicrosoftQLinearSigmoidOp : Onnx_MicrosoftOp<"QLinearSigmoid", [Pure, AttrSizedOperandSegments]> {
  let summary = "logistic function of a quantized tensor";
  let arguments = Onnx_quantizedOperands;
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_MicrosoftQLinearLeakyReluOp : Onnx_MicrosoftOp<"QLinearLeakyRelu", [Pure, AttrSizedOperandSegments]> {
  let summary = "leaky rectifier of a quantized tensor";
  let arguments = !con(Onnx_quantizedOperands, (ins Onnx_FloatOr<"0.01f">:$alpha));
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_MicrosoftQLinearAveragePoolOp : Onnx_MicrosoftOp<"QLinearAveragePool", [Pure, AttrSizedOperandSegments]> {
  let summary = "mean over windows of a quantized tensor";
  let arguments = !con(Onnx_quantizedOperands, (ins Onnx_StrOr<"NOTSET">:$auto_pad, Onnx_IntOr<0>:$ceil_mode,
      Onnx_IntOr<0>:$channels_last, Onnx_IntOr<0>:$count_include_pad, DenseI64ArrayAttr:$kernel_shape,
      OptionalAttr<DenseI64ArrayAttr>:$pads, OptionalAttr<DenseI64ArrayAttr>:$strides));
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_MicrosoftQLinearGlobalAveragePoolOp
    : Onnx_MicrosoftOp<"QLinearGlobalAveragePool", [Pure, AttrSizedOperandSegments]> {
  let summary = "mean over all of each channel of a quantized tensor";
  let arguments = !con(Onnx_quantizedOperands, (ins Onnx_IntOr<0>:$channels_last));
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_MicrosoftQLinearConcatOp : Onnx_MicrosoftOp<"QLinearConcat"> {
  let summary = "joins quantized tensors: inputs are tensor, scale, zero point, tensor, ...";
  let arguments = (ins Onnx_Tensor:$Y_scale, Onnx_Tensor:$Y_zero_point, Onnx_NonEmpty<Onnx_Tensor>:$inputs,
      Onnx_Int:$axis);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_MicrosoftDynamicQuantizeMatMulOp
    : Onnx_MicrosoftOp<"DynamicQuantizeMatMul", [Pure, AttrSizedOperandSegments]> {
  let summary = "product with an 8-bit weight; the left operand is quantized by its range";
  let arguments = (ins Onnx_Tensor:$A, Onnx_Tensor:$B, Onnx_Tensor:$b_scale, Optional<Onnx_Tensor>:$b_zero_point,
      Optional<Onnx_Tensor>:$bias);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_MicrosoftMatMulIntegerToFloatOp
    : Onnx_MicrosoftOp<"MatMulIntegerToFloat", [Pure, AttrSizedOperandSegments]> {
  let summary = "product of 8-bit operands, scaled to float";
  let arguments = (ins Onnx_Tensor:$A, Onnx_Tensor:$B, Onnx_Tensor:$a_scale, Onnx_Tensor:$b_scale,
      Optional<Onnx_Tensor>:$a_zero_point, Optional<Onnx_Tensor>:$b_zero_point, Optional<Onnx_Tensor>:$bias);
  let results = (outs Onnx_Tensor:$Y);
}

#endif // M2C_DIALECT_ONNX_OPS_MICROSOFT
