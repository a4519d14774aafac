// ONNX operators: elementwise arithmetic, comparison, logic, activation and type conversion.
#ifndef M2C_DIALECT_ONNX_OPS_ELEMENTWISE
#define M2C_DIALECT_ONNX_OPS_ELEMENTWISE

include "m2c/Dialect/Onnx/OnnxBase.td"

def Onnx_AbsOp : Onnx_Op<"Abs", 13> {
  let summary = "absolute value";
  let arguments = (ins Onnx_Tensor:$X);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_AcosOp : Onnx_Op<"Acos", 22> {
  let summary = "inverse cosine";
  let arguments = (ins Onnx_Tensor:$input);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_AcoshOp : Onnx_Op<"Acosh", 22> {
  let summary = "inverse hyperbolic cosine";
  let arguments = (ins Onnx_Tensor:$input);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_AddOp : Onnx_Op<"Add", 14> {
  let summary = "sum of two tensors, broadcast";
  let arguments = (ins Onnx_Tensor:$A, Onnx_Tensor:$B);
  let results = (outs Onnx_Tensor:$C);
}

def Onnx_AndOp : Onnx_Op<"And", 7> {
  let summary = "logical and, broadcast";
  let arguments = (ins Onnx_Tensor:$A, Onnx_Tensor:$B);
  let results = (outs Onnx_Tensor:$C);
}

def Onnx_AsinOp : Onnx_Op<"Asin", 22> {
  let summary = "inverse sine";
  let arguments = (ins Onnx_Tensor:$input);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_AsinhOp : Onnx_Op<"Asinh", 22> {
  let summary = "inverse hyperbolic sine";
  let arguments = (ins Onnx_Tensor:$input);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_AtanOp : Onnx_Op<"Atan", 22> {
  let summary = "inverse tangent";
  let arguments = (ins Onnx_Tensor:$input);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_AtanhOp : Onnx_Op<"Atanh", 22> {
  let summary = "inverse hyperbolic tangent";
  let arguments = (ins Onnx_Tensor:$input);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_BitCastOp : Onnx_Op<"BitCast", 26> {
  let summary = "reinterprets the bits of each element as another type";
  let arguments = (ins Onnx_Tensor:$input, Onnx_Int:$to);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_BitShiftOp : Onnx_Op<"BitShift", 28> {
  let summary = "shifts bits left or right";
  let arguments = (ins Onnx_Tensor:$X, Onnx_Tensor:$Y, StrAttr:$direction);
  let results = (outs Onnx_Tensor:$Z);
}

def Onnx_BitwiseAndOp : Onnx_Op<"BitwiseAnd", 18> {
  let summary = "bitwise and, broadcast";
  let arguments = (ins Onnx_Tensor:$A, Onnx_Tensor:$B);
  let results = (outs Onnx_Tensor:$C);
}

def Onnx_BitwiseNotOp : Onnx_Op<"BitwiseNot", 18> {
  let summary = "bitwise complement";
  let arguments = (ins Onnx_Tensor:$X);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_BitwiseOrOp : Onnx_Op<"BitwiseOr", 18> {
  let summary = "bitwise or, broadcast";
  let arguments = (ins Onnx_Tensor:$A, Onnx_Tensor:$B);
  let results = (outs Onnx_Tensor:$C);
}

def Onnx_BitwiseXorOp : Onnx_Op<"BitwiseXor", 18> {
  let summary = "bitwise exclusive or, broadcast";
  let arguments = (ins Onnx_Tensor:$A, Onnx_Tensor:$B);
  let results = (outs Onnx_Tensor:$C);
}

def Onnx_CastOp : Onnx_Op<"Cast", 28> {
  let summary = "converts each element to type `to`";
  let arguments = (ins Onnx_Tensor:$input, Onnx_StrOr<"up">:$round_mode, Onnx_IntOr<1>:$saturate, Onnx_Int:$to);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_CastLikeOp : Onnx_Op<"CastLike", 25> {
  let summary = "converts each element to the type of another tensor";
  let arguments = (ins Onnx_Tensor:$input, Onnx_Tensor:$target_type, Onnx_StrOr<"up">:$round_mode,
      Onnx_IntOr<1>:$saturate);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_CeilOp : Onnx_Op<"Ceil", 13> {
  let summary = "rounds up to an integer";
  let arguments = (ins Onnx_Tensor:$X);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_CeluOp : Onnx_Op<"Celu", 28> {
  let summary = "max(0, x) + min(0, alpha * (exp(x / alpha) - 1))";
  let arguments = (ins Onnx_Tensor:$X, Onnx_FloatOr<"1.0f">:$alpha);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_ClipOp : Onnx_Op<"Clip", 13, [Pure, AttrSizedOperandSegments]> {
  let summary = "limits each element to [min, max]";
  let arguments = (ins Onnx_Tensor:$input, Optional<Onnx_Tensor>:$min, Optional<Onnx_Tensor>:$max);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_CosOp : Onnx_Op<"Cos", 22> {
  let summary = "cosine";
  let arguments = (ins Onnx_Tensor:$input);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_CoshOp : Onnx_Op<"Cosh", 22> {
  let summary = "hyperbolic cosine";
  let arguments = (ins Onnx_Tensor:$input);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_DivOp : Onnx_Op<"Div", 14> {
  let summary = "quotient of two tensors, broadcast";
  let arguments = (ins Onnx_Tensor:$A, Onnx_Tensor:$B);
  let results = (outs Onnx_Tensor:$C);
}

def Onnx_EluOp : Onnx_Op<"Elu", 22> {
  let summary = "x if positive, else alpha * (exp(x) - 1)";
  let arguments = (ins Onnx_Tensor:$X, Onnx_FloatOr<"1.0f">:$alpha);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_EqualOp : Onnx_Op<"Equal", 19> {
  let summary = "elementwise ==, broadcast";
  let arguments = (ins Onnx_Tensor:$A, Onnx_Tensor:$B);
  let results = (outs Onnx_Tensor:$C);
}

def Onnx_ErfOp : Onnx_Op<"Erf", 13> {
  let summary = "error function";
  let arguments = (ins Onnx_Tensor:$input);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_ExpOp : Onnx_Op<"Exp", 13> {
  let summary = "exponential";
  let arguments = (ins Onnx_Tensor:$input);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_FloorOp : Onnx_Op<"Floor", 13> {
  let summary = "rounds down to an integer";
  let arguments = (ins Onnx_Tensor:$X);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_GeluOp : Onnx_Op<"Gelu", 20> {
  let summary = "Gaussian error linear unit, exact or by tanh";
  let arguments = (ins Onnx_Tensor:$X, Onnx_StrOr<"none">:$approximate);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_GreaterOp : Onnx_Op<"Greater", 13> {
  let summary = "elementwise >, broadcast";
  let arguments = (ins Onnx_Tensor:$A, Onnx_Tensor:$B);
  let results = (outs Onnx_Tensor:$C);
}

def Onnx_GreaterOrEqualOp : Onnx_Op<"GreaterOrEqual", 16> {
  let summary = "elementwise >=, broadcast";
  let arguments = (ins Onnx_Tensor:$A, Onnx_Tensor:$B);
  let results = (outs Onnx_Tensor:$C);
}

def Onnx_HardSigmoidOp : Onnx_Op<"HardSigmoid", 22> {
  let summary = "max(0, min(1, alpha * x + beta))";
  let arguments = (ins Onnx_Tensor:$X, Onnx_FloatOr<"0.2f">:$alpha, Onnx_FloatOr<"0.5f">:$beta);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_HardSwishOp : Onnx_Op<"HardSwish", 22> {
  let summary = "x * max(0, min(1, x / 6 + 0.5))";
  let arguments = (ins Onnx_Tensor:$X);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_IdentityOp : Onnx_Op<"Identity", 25> {
  let summary = "copies its input";
  let arguments = (ins Onnx_Value:$input);
  let results = (outs Onnx_Value:$output);
}

def Onnx_IsInfOp : Onnx_Op<"IsInf", 20> {
  let summary = "marks infinities";
  let arguments = (ins Onnx_Tensor:$X, Onnx_IntOr<1>:$detect_negative, Onnx_IntOr<1>:$detect_positive);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_IsNaNOp : Onnx_Op<"IsNaN", 20> {
  let summary = "marks NaNs";
  let arguments = (ins Onnx_Tensor:$X);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_LeakyReluOp : Onnx_Op<"LeakyRelu", 16> {
  let summary = "x if not negative, else alpha * x";
  let arguments = (ins Onnx_Tensor:$X, Onnx_FloatOr<"0.01f">:$alpha);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_LessOp : Onnx_Op<"Less", 13> {
  let summary = "elementwise <, broadcast";
  let arguments = (ins Onnx_Tensor:$A, Onnx_Tensor:$B);
  let results = (outs Onnx_Tensor:$C);
}

def Onnx_LessOrEqualOp : Onnx_Op<"LessOrEqual", 16> {
  let summary = "elementwise <=, broadcast";
  let arguments = (ins Onnx_Tensor:$A, Onnx_Tensor:$B);
  let results = (outs Onnx_Tensor:$C);
}

def Onnx_LogOp : Onnx_Op<"Log", 13> {
  let summary = "natural logarithm";
  let arguments = (ins Onnx_Tensor:$input);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_MaxOp : Onnx_Op<"Max", 13> {
  let summary = "elementwise maximum of any number of tensors, broadcast";
  let arguments = (ins Onnx_NonEmpty<Onnx_Tensor>:$data_0);
  let results = (outs Onnx_Tensor:$max);
}

def Onnx_MeanOp : Onnx_Op<"Mean", 13> {
  let summary = "elementwise mean of any number of tensors, broadcast";
  let arguments = (ins Onnx_NonEmpty<Onnx_Tensor>:$data_0);
  let results = (outs Onnx_Tensor:$mean);
}

def Onnx_MinOp : Onnx_Op<"Min", 13> {
  let summary = "elementwise minimum of any number of tensors, broadcast";
  let arguments = (ins Onnx_NonEmpty<Onnx_Tensor>:$data_0);
  let results = (outs Onnx_Tensor:$min);
}

def Onnx_MishOp : Onnx_Op<"Mish", 22> {
  let summary = "x * tanh(softplus(x))";
  let arguments = (ins Onnx_Tensor:$X);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_ModOp : Onnx_Op<"Mod", 28> {
  let summary = "remainder, with the sign of the divisor or as C's fmod";
  let arguments = (ins Onnx_Tensor:$A, Onnx_Tensor:$B, Onnx_IntOr<0>:$fmod);
  let results = (outs Onnx_Tensor:$C);
}

def Onnx_MulOp : Onnx_Op<"Mul", 14> {
  let summary = "product of two tensors, broadcast";
  let arguments = (ins Onnx_Tensor:$A, Onnx_Tensor:$B);
  let results = (outs Onnx_Tensor:$C);
}

def Onnx_NegOp : Onnx_Op<"Neg", 13> {
  let summary = "changes the sign";
  let arguments = (ins Onnx_Tensor:$X);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_NotOp : Onnx_Op<"Not", 1> {
  let summary = "logical negation";
  let arguments = (ins Onnx_Tensor:$X);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_OrOp : Onnx_Op<"Or", 7> {
  let summary = "logical or, broadcast";
  let arguments = (ins Onnx_Tensor:$A, Onnx_Tensor:$B);
  let results = (outs Onnx_Tensor:$C);
}

def Onnx_PReluOp : Onnx_Op<"PRelu", 16> {
  let summary = "x if not negative, else slope * x, the slope broadcast";
  let arguments = (ins Onnx_Tensor:$X, Onnx_Tensor:$slope);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_PowOp : Onnx_Op<"Pow", 15> {
  let summary = "power, the exponent broadcast";
  let arguments = (ins Onnx_Tensor:$X, Onnx_Tensor:$Y);
  let results = (outs Onnx_Tensor:$Z);
}

def Onnx_ReciprocalOp : Onnx_Op<"Reciprocal", 13> {
  let summary = "1 / x";
  let arguments = (ins Onnx_Tensor:$X);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_ReluOp : Onnx_Op<"Relu", 14> {
  let summary = "max(0, x)";
  let arguments = (ins Onnx_Tensor:$X);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_RoundOp : Onnx_Op<"Round", 22> {
  let summary = "rounds to the nearest integer, halves to even";
  let arguments = (ins Onnx_Tensor:$X);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_SeluOp : Onnx_Op<"Selu", 22> {
  let summary = "gamma * (x if positive, else alpha * (exp(x) - 1))";
  let arguments = (ins Onnx_Tensor:$X, Onnx_FloatOr<"1.6732632f">:$alpha, Onnx_FloatOr<"1.050701f">:$gamma);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_ShrinkOp : Onnx_Op<"Shrink", 9> {
  let summary = "x moved towards 0 by bias, 0 inside [-lambd, lambd]";
  let arguments = (ins Onnx_Tensor:$input, Onnx_FloatOr<"0.0f">:$bias, Onnx_FloatOr<"0.5f">:$lambd);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_SigmoidOp : Onnx_Op<"Sigmoid", 13> {
  let summary = "1 / (1 + exp(-x))";
  let arguments = (ins Onnx_Tensor:$X);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_SignOp : Onnx_Op<"Sign", 13> {
  let summary = "-1, 0 or 1";
  let arguments = (ins Onnx_Tensor:$input);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_SinOp : Onnx_Op<"Sin", 22> {
  let summary = "sine";
  let arguments = (ins Onnx_Tensor:$input);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_SinhOp : Onnx_Op<"Sinh", 22> {
  let summary = "hyperbolic sine";
  let arguments = (ins Onnx_Tensor:$input);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_SoftplusOp : Onnx_Op<"Softplus", 22> {
  let summary = "log(exp(x) + 1)";
  let arguments = (ins Onnx_Tensor:$X);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_SoftsignOp : Onnx_Op<"Softsign", 22> {
  let summary = "x / (1 + |x|)";
  let arguments = (ins Onnx_Tensor:$input);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_SqrtOp : Onnx_Op<"Sqrt", 13> {
  let summary = "square root";
  let arguments = (ins Onnx_Tensor:$X);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_SubOp : Onnx_Op<"Sub", 14> {
  let summary = "difference of two tensors, broadcast";
  let arguments = (ins Onnx_Tensor:$A, Onnx_Tensor:$B);
  let results = (outs Onnx_Tensor:$C);
}

def Onnx_SumOp : Onnx_Op<"Sum", 13> {
  let summary = "elementwise sum of any number of tensors, broadcast";
  let arguments = (ins Onnx_NonEmpty<Onnx_Tensor>:$data_0);
  let results = (outs Onnx_Tensor:$sum);
}

def Onnx_SwiGLUOp : Onnx_Op<"SwiGLU", 28> {
  let summary = "gated product: swish(A) * B";
  let arguments = (ins Onnx_Tensor:$A, Onnx_Tensor:$B, Onnx_FloatOr<"1.0f">:$alpha);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_SwishOp : Onnx_Op<"Swish", 24> {
  let summary = "x * sigmoid(alpha * x)";
  let arguments = (ins Onnx_Tensor:$X, Onnx_FloatOr<"1.0f">:$alpha);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_TanOp : Onnx_Op<"Tan", 22> {
  let summary = "tangent";
  let arguments = (ins Onnx_Tensor:$input);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_TanhOp : Onnx_Op<"Tanh", 13> {
  let summary = "hyperbolic tangent";
  let arguments = (ins Onnx_Tensor:$input);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_ThresholdedReluOp : Onnx_Op<"ThresholdedRelu", 22> {
  let summary = "x if above alpha, else 0";
  let arguments = (ins Onnx_Tensor:$X, Onnx_FloatOr<"1.0f">:$alpha);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_WhereOp : Onnx_Op<"Where", 16> {
  let summary = "takes from X where the condition holds, else from Y, broadcast";
  let arguments = (ins Onnx_Tensor:$condition, Onnx_Tensor:$X, Onnx_Tensor:$Y);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_XorOp : Onnx_Op<"Xor", 7> {
  let summary = "logical exclusive or, broadcast";
  let arguments = (ins Onnx_Tensor:$A, Onnx_Tensor:$B);
  let results = (outs Onnx_Tensor:$C);
}

#endif // M2C_DIALECT_ONNX_OPS_ELEMENTWISE
