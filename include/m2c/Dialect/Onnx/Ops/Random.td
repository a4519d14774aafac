// ONNX operators: random numbers.
#ifndef M2C_DIALECT_ONNX_OPS_RANDOM
#define M2C_DIALECT_ONNX_OPS_RANDOM

include "m2c/Dialect/Onnx/OnnxBase.td"

/// Goes when unused, but two that are alike are not merged: it allocates its result.
class Onnx_RandomOp<string opType, int since>
    : Onnx_Op<opType, since, [DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let moreClassDefinition = [{
    void $cppClass::getEffects(::llvm::SmallVectorImpl<
        ::mlir::SideEffects::EffectInstance<::mlir::MemoryEffects::Effect>> &effects) {
      effects.emplace_back(::mlir::MemoryEffects::Allocate::get(), getOperation()->getOpResult(0));
    }
  }];
}

def Onnx_BernoulliOp : Onnx_RandomOp<"Bernoulli", 22> {
  let summary = "1 with the probability given by each element, else 0";
  let arguments = (ins Onnx_Tensor:$input, OptionalAttr<Onnx_Int>:$dtype, OptionalAttr<Onnx_Float>:$seed);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_MultinomialOp : Onnx_RandomOp<"Multinomial", 22> {
  let summary = "draws from distributions given by log probabilities";
  let arguments = (ins Onnx_Tensor:$input, Onnx_IntOr<6>:$dtype, Onnx_IntOr<1>:$sample_size,
      OptionalAttr<Onnx_Float>:$seed);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_RandomNormalOp : Onnx_RandomOp<"RandomNormal", 22> {
  let summary = "normally distributed numbers";
  let arguments = (ins Onnx_IntOr<1>:$dtype, Onnx_FloatOr<"0.0f">:$mean, Onnx_FloatOr<"1.0f">:$scale,
      OptionalAttr<Onnx_Float>:$seed, DenseI64ArrayAttr:$shape);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_RandomNormalLikeOp : Onnx_RandomOp<"RandomNormalLike", 22> {
  let summary = "normally distributed numbers in the shape of a tensor";
  let arguments = (ins Onnx_Tensor:$input, OptionalAttr<Onnx_Int>:$dtype, Onnx_FloatOr<"0.0f">:$mean,
      Onnx_FloatOr<"1.0f">:$scale, OptionalAttr<Onnx_Float>:$seed);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_RandomUniformOp : Onnx_RandomOp<"RandomUniform", 22> {
  let summary = "uniformly distributed numbers";
  let arguments = (ins Onnx_IntOr<1>:$dtype, Onnx_FloatOr<"1.0f">:$high, Onnx_FloatOr<"0.0f">:$low,
      OptionalAttr<Onnx_Float>:$seed, DenseI64ArrayAttr:$shape);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_RandomUniformLikeOp : Onnx_RandomOp<"RandomUniformLike", 22> {
  let summary = "uniformly distributed numbers in the shape of a tensor";
  let arguments = (ins Onnx_Tensor:$input, OptionalAttr<Onnx_Int>:$dtype, Onnx_FloatOr<"1.0f">:$high,
      Onnx_FloatOr<"0.0f">:$low, OptionalAttr<Onnx_Float>:$seed);
  let results = (outs Onnx_Tensor:$output);
}

#endif // M2C_DIALECT_ONNX_OPS_RANDOM
