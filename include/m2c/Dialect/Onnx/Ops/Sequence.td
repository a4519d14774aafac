// ONNX operators: sequences and optionals.
#ifndef M2C_DIALECT_ONNX_OPS_SEQUENCE
#define M2C_DIALECT_ONNX_OPS_SEQUENCE

include "m2c/Dialect/Onnx/OnnxBase.td"

def Onnx_ConcatFromSequenceOp : Onnx_Op<"ConcatFromSequence", 11> {
  let summary = "joins the tensors of a sequence";
  let arguments = (ins Onnx_Sequence:$input_sequence, Onnx_Int:$axis, Onnx_IntOr<0>:$new_axis);
  let results = (outs Onnx_Tensor:$concat_result);
}

def Onnx_OptionalOp : Onnx_Op<"Optional", 28> {
  let summary = "an optional that holds the input, or nothing";
  let arguments = (ins Optional<Onnx_Value>:$input, OptionalAttr<TypeAttr>:$type);
  let results = (outs Onnx_Value:$output);
}

def Onnx_OptionalGetElementOp : Onnx_Op<"OptionalGetElement", 28> {
  let summary = "what an optional holds";
  let arguments = (ins Onnx_Value:$input);
  let results = (outs Onnx_Value:$output);
}

def Onnx_OptionalHasElementOp : Onnx_Op<"OptionalHasElement", 28> {
  let summary = "whether an optional holds something";
  let arguments = (ins Optional<Onnx_Value>:$input);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_SequenceAtOp : Onnx_Op<"SequenceAt", 11> {
  let summary = "one tensor of a sequence";
  let arguments = (ins Onnx_Sequence:$input_sequence, Onnx_Tensor:$position);
  let results = (outs Onnx_Tensor:$tensor);
}

def Onnx_SequenceConstructOp : Onnx_Op<"SequenceConstruct", 11> {
  let summary = "a sequence of the given tensors";
  let arguments = (ins Onnx_NonEmpty<Onnx_Tensor>:$inputs);
  let results = (outs Onnx_Sequence:$output_sequence);
}

def Onnx_SequenceEmptyOp : Onnx_Op<"SequenceEmpty", 11> {
  let summary = "an empty sequence";
  let arguments = (ins OptionalAttr<Onnx_Int>:$dtype);
  let results = (outs Onnx_Sequence:$output);
}

def Onnx_SequenceEraseOp : Onnx_Op<"SequenceErase", 11> {
  let summary = "a sequence without one of its tensors";
  let arguments = (ins Onnx_Sequence:$input_sequence, Optional<Onnx_Tensor>:$position);
  let results = (outs Onnx_Sequence:$output_sequence);
}

def Onnx_SequenceInsertOp : Onnx_Op<"SequenceInsert", 11> {
  let summary = "a sequence with one tensor more";
  let arguments = (ins Onnx_Sequence:$input_sequence, Onnx_Tensor:$tensor, Optional<Onnx_Tensor>:$position);
  let results = (outs Onnx_Sequence:$output_sequence);
}

def Onnx_SequenceLengthOp : Onnx_Op<"SequenceLength", 11> {
  let summary = "the number of tensors in a sequence";
  let arguments = (ins Onnx_Sequence:$input_sequence);
  let results = (outs Onnx_Tensor:$length);
}

def Onnx_SequenceMapOp : Onnx_Op<"SequenceMap", 17, [RecursiveMemoryEffects]> {
  let summary = "a subgraph applied to every tensor of a sequence";
  let arguments = (ins Onnx_Sequence:$input_sequence, Variadic<Onnx_Value>:$additional_inputs);
  let results = (outs Onnx_NonEmpty<Onnx_Sequence>:$out_sequence);
  let regions = (region SizedRegion<1>:$body);
}

def Onnx_SplitToSequenceOp : Onnx_Op<"SplitToSequence", 24> {
  let summary = "cuts a tensor into a sequence";
  let arguments = (ins Onnx_Tensor:$input, Optional<Onnx_Tensor>:$split, Onnx_IntOr<0>:$axis, Onnx_IntOr<1>:$keepdims);
  let results = (outs Onnx_Sequence:$output_sequence);
}

#endif // M2C_DIALECT_ONNX_OPS_SEQUENCE
