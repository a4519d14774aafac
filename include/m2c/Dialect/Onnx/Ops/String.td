// ONNX operators: strings.
#ifndef M2C_DIALECT_ONNX_OPS_STRING
#define M2C_DIALECT_ONNX_OPS_STRING

include "m2c/Dialect/Onnx/OnnxBase.td"

def Onnx_RegexFullMatchOp : Onnx_Op<"RegexFullMatch", 20> {
  let summary = "whether a pattern matches the whole string";
  let arguments = (ins Onnx_Tensor:$X, OptionalAttr<StrAttr>:$pattern);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_StringConcatOp : Onnx_Op<"StringConcat", 20> {
  let summary = "joins strings elementwise, broadcast";
  let arguments = (ins Onnx_Tensor:$X, Onnx_Tensor:$Y);
  let results = (outs Onnx_Tensor:$Z);
}

def Onnx_StringNormalizerOp : Onnx_Op<"StringNormalizer", 10> {
  let summary = "removes stop words and changes the case";
  let arguments = (ins Onnx_Tensor:$X, Onnx_StrOr<"NONE">:$case_change_action, Onnx_IntOr<0>:$is_case_sensitive,
      OptionalAttr<StrAttr>:$locale, OptionalAttr<StrArrayAttr>:$stopwords);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_StringSplitOp : Onnx_Op<"StringSplit", 20> {
  let summary = "splits each string at a delimiter";
  let arguments = (ins Onnx_Tensor:$X, OptionalAttr<StrAttr>:$delimiter, OptionalAttr<Onnx_Int>:$maxsplit);
  let results = (outs Onnx_Tensor:$Y, Onnx_Tensor:$Z);
}

def Onnx_TfIdfVectorizerOp : Onnx_Op<"TfIdfVectorizer", 9> {
  let summary = "counts or weighs n-grams of a pool";
  let arguments = (ins Onnx_Tensor:$X, Onnx_Int:$max_gram_length, Onnx_Int:$max_skip_count,
      Onnx_Int:$min_gram_length, StrAttr:$mode, DenseI64ArrayAttr:$ngram_counts, DenseI64ArrayAttr:$ngram_indexes,
      OptionalAttr<DenseI64ArrayAttr>:$pool_int64s, OptionalAttr<StrArrayAttr>:$pool_strings,
      OptionalAttr<DenseF32ArrayAttr>:$weights);
  let results = (outs Onnx_Tensor:$Y);
}

#endif // M2C_DIALECT_ONNX_OPS_STRING
