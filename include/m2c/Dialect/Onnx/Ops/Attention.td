// ONNX operators: attention.
#ifndef M2C_DIALECT_ONNX_OPS_ATTENTION
#define M2C_DIALECT_ONNX_OPS_ATTENTION

include "m2c/Dialect/Onnx/OnnxBase.td"

def Onnx_AttentionOp : Onnx_Op<"Attention", 25, [Pure, AttrSizedOperandSegments, AttrSizedResultSegments]> {
  let summary = "scaled dot-product attention with masks and a cache";
  let arguments = (ins Onnx_Tensor:$Q, Onnx_Tensor:$K, Onnx_Tensor:$V, Optional<Onnx_Tensor>:$attn_mask,
      Optional<Onnx_Tensor>:$past_key, Optional<Onnx_Tensor>:$past_value, Optional<Onnx_Tensor>:$nonpad_kv_seqlen,
      Onnx_IntOr<0>:$is_causal, OptionalAttr<Onnx_Int>:$kv_num_heads, Onnx_IntOr<-1>:$left_window_size,
      OptionalAttr<Onnx_Int>:$q_num_heads, Onnx_IntOr<0>:$qk_matmul_output_mode, Onnx_IntOr<-1>:$right_window_size,
      OptionalAttr<Onnx_Float>:$scale, Onnx_FloatOr<"0.0f">:$softcap, OptionalAttr<Onnx_Int>:$softmax_precision);
  let results = (outs Onnx_Tensor:$Y, Optional<Onnx_Tensor>:$present_key, Optional<Onnx_Tensor>:$present_value,
      Optional<Onnx_Tensor>:$qk_matmul_output);
}

def Onnx_PreviewFlexAttentionOp : Onnx_PreviewOp<"FlexAttention", 1, [RecursiveMemoryEffects]> {
  let summary = "attention with user-defined changes of scores and probabilities";
  let arguments = (ins Onnx_Tensor:$Q, Onnx_Tensor:$K, Onnx_Tensor:$V, OptionalAttr<Onnx_Float>:$scale,
      OptionalAttr<Onnx_Int>:$softmax_precision);
  let results = (outs Onnx_Tensor:$Y);
  let regions = (region MaxSizedRegion<1>:$score_mod, MaxSizedRegion<1>:$prob_mod);
}

def Onnx_LinearAttentionOp : Onnx_Op<"LinearAttention", 27, [Pure, AttrSizedOperandSegments]> {
  let summary = "attention by a recurrent state";
  let arguments = (ins Onnx_Tensor:$query, Onnx_Tensor:$key, Onnx_Tensor:$value, Optional<Onnx_Tensor>:$past_state,
      Optional<Onnx_Tensor>:$decay, Optional<Onnx_Tensor>:$beta, Onnx_IntOr<64>:$chunk_size, Onnx_Int:$kv_num_heads,
      Onnx_Int:$q_num_heads, Onnx_FloatOr<"0.0f">:$scale, Onnx_StrOr<"gated_delta">:$update_rule);
  let results = (outs Onnx_Tensor:$output, Onnx_Tensor:$present_state);
}

def Onnx_RotaryEmbeddingOp : Onnx_Op<"RotaryEmbedding", 23> {
  let summary = "rotates pairs of features by position";
  let arguments = (ins Onnx_Tensor:$X, Onnx_Tensor:$cos_cache, Onnx_Tensor:$sin_cache,
      Optional<Onnx_Tensor>:$position_ids, Onnx_IntOr<0>:$interleaved, OptionalAttr<Onnx_Int>:$num_heads,
      Onnx_IntOr<0>:$rotary_embedding_dim);
  let results = (outs Onnx_Tensor:$Y);
}

#endif // M2C_DIALECT_ONNX_OPS_ATTENTION
