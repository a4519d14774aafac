// ONNX operators: reductions, losses and cumulative operators.
#ifndef M2C_DIALECT_ONNX_OPS_REDUCE
#define M2C_DIALECT_ONNX_OPS_REDUCE

include "m2c/Dialect/Onnx/OnnxBase.td"

def Onnx_ArgMaxOp : Onnx_Op<"ArgMax", 13> {
  let summary = "index of the largest element along an axis";
  let arguments = (ins Onnx_Tensor:$data, Onnx_IntOr<0>:$axis, Onnx_IntOr<1>:$keepdims,
      Onnx_IntOr<0>:$select_last_index);
  let results = (outs Onnx_Tensor:$reduced);
}

def Onnx_ArgMinOp : Onnx_Op<"ArgMin", 13> {
  let summary = "index of the smallest element along an axis";
  let arguments = (ins Onnx_Tensor:$data, Onnx_IntOr<0>:$axis, Onnx_IntOr<1>:$keepdims,
      Onnx_IntOr<0>:$select_last_index);
  let results = (outs Onnx_Tensor:$reduced);
}

def Onnx_CumProdOp : Onnx_Op<"CumProd", 26> {
  let summary = "running product along an axis";
  let arguments = (ins Onnx_Tensor:$x, Onnx_Tensor:$axis, Onnx_IntOr<0>:$exclusive, Onnx_IntOr<0>:$reverse);
  let results = (outs Onnx_Tensor:$y);
}

def Onnx_CumSumOp : Onnx_Op<"CumSum", 14> {
  let summary = "running sum along an axis";
  let arguments = (ins Onnx_Tensor:$x, Onnx_Tensor:$axis, Onnx_IntOr<0>:$exclusive, Onnx_IntOr<0>:$reverse);
  let results = (outs Onnx_Tensor:$y);
}

def Onnx_NegativeLogLikelihoodLossOp : Onnx_Op<"NegativeLogLikelihoodLoss", 22> {
  let summary = "mean, sum or list of the negative log likelihoods of the targets";
  let arguments = (ins Onnx_Tensor:$input, Onnx_Tensor:$target, Optional<Onnx_Tensor>:$weight,
      OptionalAttr<Onnx_Int>:$ignore_index, Onnx_StrOr<"mean">:$reduction);
  let results = (outs Onnx_Tensor:$loss);
}

def Onnx_ReduceL1Op : Onnx_Op<"ReduceL1", 18> {
  let summary = "sum of absolute values";
  let arguments = (ins Onnx_Tensor:$data, Optional<Onnx_Tensor>:$axes, Onnx_IntOr<1>:$keepdims,
      Onnx_IntOr<0>:$noop_with_empty_axes);
  let results = (outs Onnx_Tensor:$reduced);
}

def Onnx_ReduceL2Op : Onnx_Op<"ReduceL2", 18> {
  let summary = "square root of the sum of squares";
  let arguments = (ins Onnx_Tensor:$data, Optional<Onnx_Tensor>:$axes, Onnx_IntOr<1>:$keepdims,
      Onnx_IntOr<0>:$noop_with_empty_axes);
  let results = (outs Onnx_Tensor:$reduced);
}

def Onnx_ReduceLogSumOp : Onnx_Op<"ReduceLogSum", 28> {
  let summary = "logarithm of the sum";
  let arguments = (ins Onnx_Tensor:$data, Optional<Onnx_Tensor>:$axes, Onnx_IntOr<1>:$keepdims,
      Onnx_IntOr<0>:$noop_with_empty_axes);
  let results = (outs Onnx_Tensor:$reduced);
}

def Onnx_ReduceLogSumExpOp : Onnx_Op<"ReduceLogSumExp", 28> {
  let summary = "logarithm of the sum of exponentials";
  let arguments = (ins Onnx_Tensor:$data, Optional<Onnx_Tensor>:$axes, Onnx_IntOr<1>:$keepdims,
      Onnx_IntOr<0>:$noop_with_empty_axes);
  let results = (outs Onnx_Tensor:$reduced);
}

def Onnx_ReduceMaxOp : Onnx_Op<"ReduceMax", 20> {
  let summary = "maximum";
  let arguments = (ins Onnx_Tensor:$data, Optional<Onnx_Tensor>:$axes, Onnx_IntOr<1>:$keepdims,
      Onnx_IntOr<0>:$noop_with_empty_axes);
  let results = (outs Onnx_Tensor:$reduced);
}

def Onnx_ReduceMeanOp : Onnx_Op<"ReduceMean", 18> {
  let summary = "mean";
  let arguments = (ins Onnx_Tensor:$data, Optional<Onnx_Tensor>:$axes, Onnx_IntOr<1>:$keepdims,
      Onnx_IntOr<0>:$noop_with_empty_axes);
  let results = (outs Onnx_Tensor:$reduced);
}

def Onnx_ReduceMinOp : Onnx_Op<"ReduceMin", 20> {
  let summary = "minimum";
  let arguments = (ins Onnx_Tensor:$data, Optional<Onnx_Tensor>:$axes, Onnx_IntOr<1>:$keepdims,
      Onnx_IntOr<0>:$noop_with_empty_axes);
  let results = (outs Onnx_Tensor:$reduced);
}

def Onnx_ReduceProdOp : Onnx_Op<"ReduceProd", 18> {
  let summary = "product";
  let arguments = (ins Onnx_Tensor:$data, Optional<Onnx_Tensor>:$axes, Onnx_IntOr<1>:$keepdims,
      Onnx_IntOr<0>:$noop_with_empty_axes);
  let results = (outs Onnx_Tensor:$reduced);
}

def Onnx_ReduceSumOp : Onnx_Op<"ReduceSum", 13> {
  let summary = "sum";
  let arguments = (ins Onnx_Tensor:$data, Optional<Onnx_Tensor>:$axes, Onnx_IntOr<1>:$keepdims,
      Onnx_IntOr<0>:$noop_with_empty_axes);
  let results = (outs Onnx_Tensor:$reduced);
}

def Onnx_ReduceSumSquareOp : Onnx_Op<"ReduceSumSquare", 18> {
  let summary = "sum of squares";
  let arguments = (ins Onnx_Tensor:$data, Optional<Onnx_Tensor>:$axes, Onnx_IntOr<1>:$keepdims,
      Onnx_IntOr<0>:$noop_with_empty_axes);
  let results = (outs Onnx_Tensor:$reduced);
}

def Onnx_SoftmaxCrossEntropyLossOp : Onnx_Op<"SoftmaxCrossEntropyLoss", 13> {
  let summary = "cross entropy of the softmax of scores with labels";
  let arguments = (ins Onnx_Tensor:$scores, Onnx_Tensor:$labels, Optional<Onnx_Tensor>:$weights,
      OptionalAttr<Onnx_Int>:$ignore_index, Onnx_StrOr<"mean">:$reduction);
  let results = (outs Onnx_Tensor:$output, Optional<Onnx_Tensor>:$log_prob);
}

#endif // M2C_DIALECT_ONNX_OPS_REDUCE
