// ONNX operators: indexing, gathering, scattering, sorting.
#ifndef M2C_DIALECT_ONNX_OPS_INDEX
#define M2C_DIALECT_ONNX_OPS_INDEX

include "m2c/Dialect/Onnx/OnnxBase.td"

def Onnx_CompressOp : Onnx_Op<"Compress", 28> {
  let summary = "keeps the slices that a condition selects";
  let arguments = (ins Onnx_Tensor:$input, Onnx_Tensor:$condition, OptionalAttr<Onnx_Int>:$axis);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_GatherOp : Onnx_Op<"Gather", 13> {
  let summary = "takes slices along an axis by index";
  let arguments = (ins Onnx_Tensor:$data, Onnx_Tensor:$indices, Onnx_IntOr<0>:$axis);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_GatherElementsOp : Onnx_Op<"GatherElements", 13> {
  let summary = "takes elements along an axis by index";
  let arguments = (ins Onnx_Tensor:$data, Onnx_Tensor:$indices, Onnx_IntOr<0>:$axis);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_GatherNDOp : Onnx_Op<"GatherND", 13> {
  let summary = "takes slices by index tuples";
  let arguments = (ins Onnx_Tensor:$data, Onnx_Tensor:$indices, Onnx_IntOr<0>:$batch_dims);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_NonMaxSuppressionOp : Onnx_Op<"NonMaxSuppression", 11, [Pure, AttrSizedOperandSegments]> {
  let summary = "keeps boxes that do not overlap better ones";
  let arguments = (ins Onnx_Tensor:$boxes, Onnx_Tensor:$scores, Optional<Onnx_Tensor>:$max_output_boxes_per_class,
      Optional<Onnx_Tensor>:$iou_threshold, Optional<Onnx_Tensor>:$score_threshold, Onnx_IntOr<0>:$center_point_box);
  let results = (outs Onnx_Tensor:$selected_indices);
}

def Onnx_NonZeroOp : Onnx_Op<"NonZero", 13> {
  let summary = "the indices of elements that are not 0";
  let arguments = (ins Onnx_Tensor:$X);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_OneHotOp : Onnx_Op<"OneHot", 28> {
  let summary = "one-hot vectors from indices";
  let arguments = (ins Onnx_Tensor:$indices, Onnx_Tensor:$depth, Onnx_Tensor:$values, Onnx_IntOr<-1>:$axis);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_ReverseSequenceOp : Onnx_Op<"ReverseSequence", 28> {
  let summary = "reverses the first elements of each sequence";
  let arguments = (ins Onnx_Tensor:$input, Onnx_Tensor:$sequence_lens, Onnx_IntOr<1>:$batch_axis,
      Onnx_IntOr<0>:$time_axis);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_ScatterElementsOp : Onnx_Op<"ScatterElements", 18> {
  let summary = "replaces or updates elements along an axis by index";
  let arguments = (ins Onnx_Tensor:$data, Onnx_Tensor:$indices, Onnx_Tensor:$updates, Onnx_IntOr<0>:$axis,
      Onnx_StrOr<"none">:$reduction);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_ScatterNDOp : Onnx_Op<"ScatterND", 18> {
  let summary = "replaces or updates slices by index tuples";
  let arguments = (ins Onnx_Tensor:$data, Onnx_Tensor:$indices, Onnx_Tensor:$updates, Onnx_StrOr<"none">:$reduction);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_TensorScatterOp : Onnx_Op<"TensorScatter", 24> {
  let summary = "writes an update into a cache at given positions";
  let arguments = (ins Onnx_Tensor:$past_cache, Onnx_Tensor:$update, Optional<Onnx_Tensor>:$write_indices,
      Onnx_IntOr<-2>:$axis, Onnx_StrOr<"linear">:$mode);
  let results = (outs Onnx_Tensor:$present_cache);
}

def Onnx_TopKOp : Onnx_Op<"TopK", 24> {
  let summary = "the largest or smallest k elements along an axis";
  let arguments = (ins Onnx_Tensor:$X, Onnx_Tensor:$K, Onnx_IntOr<-1>:$axis, Onnx_IntOr<1>:$largest,
      Onnx_IntOr<1>:$sorted);
  let results = (outs Onnx_Tensor:$Values, Onnx_Tensor:$Indices);
}

def Onnx_UniqueOp : Onnx_Op<"Unique", 28, [Pure, AttrSizedResultSegments]> {
  let summary = "the distinct elements or slices";
  let arguments = (ins Onnx_Tensor:$X, OptionalAttr<Onnx_Int>:$axis, Onnx_IntOr<1>:$sorted);
  let results = (outs Onnx_Tensor:$Y, Optional<Onnx_Tensor>:$indices, Optional<Onnx_Tensor>:$inverse_indices,
      Optional<Onnx_Tensor>:$counts);
}

#endif // M2C_DIALECT_ONNX_OPS_INDEX
