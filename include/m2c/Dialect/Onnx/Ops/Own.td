// m2c's own operators: what no operator of ONNX says, as the user or a decomposition asks for it.
#ifndef M2C_DIALECT_ONNX_OPS_OWN
#define M2C_DIALECT_ONNX_OPS_OWN

include "m2c/Dialect/Onnx/OnnxBase.td"

class Onnx_OwnOp<string opType> : Onnx_OpBase<"m2c", "m2c.", opType, 1, [Pure]>;

def Onnx_OwnCentreOp : Onnx_OwnOp<"Centre"> {
  let summary = "X - zero_point for 8-bit integers, as 16-bit ones";
  let description = "The zero point is broadcast to X.";
  let arguments = (ins Onnx_Tensor:$X, Optional<Onnx_Tensor>:$zero_point);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_OwnCustomOp : Onnx_OwnOp<"Custom"> {
  let summary = "a node of any domain that a function of the user computes (--custom-op)";
  let description = "`function` is declared in `header`; `parameters` are the node's attributes.";
  let arguments = (ins Variadic<Onnx_Tensor>:$inputs, StrAttr:$function, StrAttr:$header, DictionaryAttr:$parameters);
  let results = (outs Onnx_NonEmpty<Onnx_Tensor>:$outputs);
  let skipDefaultBuilders = 1;
  let builders = [Onnx_genericBuilder];
}

def Onnx_OwnIntegerConvOp : Onnx_OwnOp<"IntegerConv"> {
  let summary = "convolution of 16-bit integers, summed in 32 bits";
  let arguments = (ins Onnx_Tensor:$X, Onnx_Tensor:$W, Onnx_StrOr<"NOTSET">:$auto_pad,
      OptionalAttr<DenseI64ArrayAttr>:$dilations, Onnx_IntOr<1>:$group, OptionalAttr<DenseI64ArrayAttr>:$kernel_shape,
      OptionalAttr<DenseI64ArrayAttr>:$pads, OptionalAttr<DenseI64ArrayAttr>:$strides);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_OwnIntegerMatMulOp : Onnx_OwnOp<"IntegerMatMul"> {
  let summary = "MatMul of 16-bit integers, summed in 32 bits";
  let arguments = (ins Onnx_Tensor:$A, Onnx_Tensor:$B);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_OwnFoundSizesOp : Onnx_OpBase<"m2c", "m2c.", "FoundSizes", 1, []> {
  let summary = "the sizes that symbols get during the run";
  let description = [{
    Element i of `values`, in row-major order, is the size of symbol `symbols`[i] of the function, an entry of its
    `m2c.found`. The result is those sizes: what makes shapes of it has them as expressions in symbols.
  }];
  let arguments = (ins Onnx_Tensor:$values, DenseI64ArrayAttr:$symbols);
  let results = (outs Onnx_Tensor:$sizes);
}

def Onnx_OwnLookUpOp : Onnx_OwnOp<"LookUp"> {
  let summary = "values[i] where X equals keys[i], else the last value";
  let description = "The keys are in ascending order, each once; there is one value more than keys.";
  let arguments = (ins Onnx_Tensor:$X, Onnx_Tensor:$keys, Onnx_Tensor:$values);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_OwnNonZeroOp : Onnx_OwnOp<"NonZero"> {
  let summary = "NonZero with the number of elements that are not zero";
  let arguments = (ins Onnx_Tensor:$X, Onnx_Tensor:$count);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_OwnNonMaxSuppressionOp : Onnx_OwnOp<"NonMaxSuppression"> {
  let summary = "NonMaxSuppression into as many rows as there can be, and how many there are";
  let description = "The operands are there all; the first `count`[0] rows of `selected` hold the result.";
  let arguments = (ins Onnx_Tensor:$boxes, Onnx_Tensor:$scores, Onnx_Tensor:$most, Onnx_Tensor:$iou_threshold,
      Onnx_Tensor:$score_threshold, Onnx_Tensor:$rows, Onnx_Int:$center_point_box);
  let results = (outs Onnx_Tensor:$selected, Onnx_Tensor:$count);
}

def Onnx_OwnPairwiseCouplingOp : Onnx_OwnOp<"PairwiseCoupling"> {
  let summary = "probabilities of n classes from those of their n(n-1)/2 pairs";
  let description = "By the second method of Wu, Lin and Weng (2004), as libsvm does it.";
  let arguments = (ins Onnx_Tensor:$pairs);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_OwnQuantizeOp : Onnx_OwnOp<"Quantize"> {
  let summary = "X rounded to the nearest integer, halves to even, within [low, high], in 16 bits";
  let arguments = (ins Onnx_Tensor:$X, Onnx_Int:$low, Onnx_Int:$high);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_OwnTreesOp : Onnx_OwnOp<"Trees"> {
  let summary = "what the leaves that a row reaches in all trees add to the targets";
  let description = [{
    The tables are those of m2crt/trees.h. `aggregate` is 0 for the mean, 1 for the sum, 2 for the minimum, 3 for the
    maximum, as in TreeEnsemble. `base` has a value per target that is added.
  }];
  let arguments = (ins Onnx_Tensor:$X, Onnx_Tensor:$nodes, Onnx_Tensor:$roots, Onnx_Tensor:$leaf_targets,
      Onnx_Tensor:$leaf_weights, Onnx_Tensor:$base, Onnx_Int:$aggregate, Onnx_Int:$missing, Onnx_Int:$single);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_OwnUniqueOp : Onnx_OwnOp<"Unique"> {
  let summary = "the different rows of a matrix, and how many there are";
  let description = [{
    Of row i of X [R, W]: `first`[j] is where the j-th different row first stands, `counts`[j] how often it does, and
    `inverse`[i] which of them row i is; in ascending order with `sorted`, else as they come. The first `count`[0] elements
    of `first` and `counts` are used.
  }];
  let arguments = (ins Onnx_Tensor:$X, Onnx_Int:$sorted);
  let results = (outs Onnx_Tensor:$first, Onnx_Tensor:$inverse, Onnx_Tensor:$counts, Onnx_Tensor:$count);
}

#endif // M2C_DIALECT_ONNX_OPS_OWN
