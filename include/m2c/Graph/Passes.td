// Passes of the Graph station: onnx to clean onnx.
#ifndef M2C_GRAPH_PASSES
#define M2C_GRAPH_PASSES

include "mlir/Pass/PassBase.td"

def InferShapesPass : Pass<"infer-shapes", "mlir::ModuleOp"> {
  let summary = "gives every value its element type and shape";
  let description = [{
    Infers result types op by op, in order (lib/Graph/Infer/<Family>.cpp). Operators whose operands are constants are
    evaluated on the way, and so are the Shape of a known type and an If on a constant, because later shapes are often
    computed from them. Types that the model declares are refined; a contradiction is an error with both shapes.

    ```mlir
    %shape = onnx.Constant dense<[0, -1]> : tensor<2xi64>
    %y = onnx.Reshape %x, %shape : (tensor<8x3x4xf32>, tensor<2xi64>) -> tensor<*x!onnx.unknown>
    ==>
    %y = onnx.Reshape %x, %shape : (tensor<8x3x4xf32>, tensor<2xi64>) -> tensor<8x12xf32>
    ```
  }];
}

def WidenFloatsPass : Pass<"widen-floats", "mlir::ModuleOp"> {
  let summary = "computes on floats of less than 32 bits in float32";
  let description = [{
    Operators on float16, bfloat16 and smaller floats work on float32 between two Casts: each result is rounded to the
    type that the model gives it. What only moves elements moves them as they are.

    ```mlir
    %y = onnx.Exp %x : (tensor<8xf16>) -> tensor<8xf16>
    ==>
    %0 = onnx.Cast %x {to = 1 : i64} : (tensor<8xf16>) -> tensor<8xf32>
    %1 = onnx.Exp %0 : (tensor<8xf32>) -> tensor<8xf32>
    %y = onnx.Cast %1 {to = 10 : i64} : (tensor<8xf32>) -> tensor<8xf16>
    ```
  }];
  let statistics = [Statistic<"numWidened", "num-widened", "operators computed in float32">];
}

def DecomposeOperatorsPass : Pass<"decompose-operators", "mlir::ModuleOp"> {
  let summary = "writes operators for which no kernel pays as others";
  let description = [{
    Losses, Fourier transforms, Einsum, integer products, the rarer normalisations and forms of attention
    (lib/Graph/Decompose/<Family>.cpp).

    ```mlir
    %y = onnx.Einsum %a, %b {equation = "ij,jk->ik"}
    ==>
    %y = onnx.MatMul %a, %b
    ```
  }];
}

def SimplifyGraphPass : Pass<"simplify-graph", "mlir::ModuleOp"> {
  let summary = "brings the graph into its canonical form";
  let description = [{
    Evaluates what is constant, removes what copies its input (Identity, Dropout, Cast to the same type, Pad by 0, full
    Slice, x * 1, x + 0 ...), and leaves one way to write each thing: Squeeze, Unsqueeze, Flatten and Reshape chains are
    one Reshape to explicit dimensions, transposes are composed and do not move dimensions of size 1, gathers of constant
    positions are slices in front of reshapes and transposes, windows have explicit pads (lib/Graph/Simplify/<Family>.cpp).

    ```mlir
    %1 = onnx.Transpose %x {perm = array<i64: 0, 2, 1>} : (tensor<2x3x4xf32>) -> tensor<2x4x3xf32>
    %2 = onnx.Transpose %1 {perm = array<i64: 1, 0, 2>} : (tensor<2x4x3xf32>) -> tensor<4x2x3xf32>
    ==>
    %2 = onnx.Transpose %x {perm = array<i64: 2, 0, 1>} : (tensor<2x3x4xf32>) -> tensor<4x2x3xf32>
    ```
  }];
}

def FoldNormalizationPass : Pass<"fold-normalization", "mlir::ModuleOp"> {
  let summary = "folds BatchNormalization and per-channel constants into weights";
  let description = [{
    BatchNormalization, Mul, Div, Add and Sub by one constant per channel behind a Conv, ConvTranspose or Gemm with
    constant weights become other weights, computed in double. A BatchNormalization elsewhere becomes Mul and Add.

    ```mlir
    %1 = onnx.Conv %x, %w, %b ...
    %2 = onnx.BatchNormalization %1, %scale, %shift, %mean, %variance ...
    ==>
    %2 = onnx.Conv %x, %folded_w, %folded_b ...
    ```
  }];
}

def RecoverActivationsPass : Pass<"recover-activations", "mlir::ModuleOp"> {
  let summary = "finds activation functions that are written as several operators";
  let description = [{
    Gelu (erf and tanh forms), Swish (SiLU, also scaled), HardSwish, HardSigmoid, Softplus and Mish, whatever the order of
    the factors.

    ```mlir
    0.5 * x * (1 + onnx.Erf(x / 1.41421))
    ==>
    onnx.Gelu x
    ```
  }];
}

def RecoverNormalizationPass : Pass<"recover-normalization", "mlir::ModuleOp"> {
  let summary = "finds LayerNormalization, RMSNormalization and Softmax that are written as reductions";
  let description = [{
    ```mlir
    %d = x - onnx.ReduceMean(x)
    %y = %d / onnx.Sqrt(onnx.ReduceMean(%d ^ 2) + epsilon) * scale + bias
    ==>
    %y = onnx.LayerNormalization x, scale, bias
    ```
    Likewise x / Sqrt(ReduceMean(x^2) + epsilon) * scale, and Exp(x - ReduceMax(x)) / ReduceSum(...).
  }];
}

def RecoverIntegerPass : Pass<"recover-integer", "mlir::ModuleOp"> {
  let summary = "computes quantised operators on integers";
  let description = [{
    Products and convolutions between DequantizeLinear and QuantizeLinear, QLinearConv, QLinearMatMul, ConvInteger and
    MatMulInteger become sums of 16-bit integers, from which the zero points are subtracted, in 32 bits. Scales, the
    bias, activations and the next quantisation follow as element-wise operators, which the Optimize station fuses into
    the kernel; one factor takes the place of the scales on both sides. A convolution stays in float32 where the cost
    model finds that faster.

    ```mlir
    %y = onnx.QuantizeLinear(onnx.Relu(onnx.MatMul(onnx.DequantizeLinear(%x, %sx, %zx), onnx.DequantizeLinear(%w, %sw))), %sy, %zy)
    %z = onnx.DequantizeLinear %y, %sy, %zy
    ==>
    %sums = onnx.m2c.IntegerMatMul(onnx.m2c.Centre(%x, %zx), %w)
    %y = onnx.m2c.Quantize(onnx.Mul(onnx.Cast %sums, sx * sw / sy)) {low = max(0 - zy, 0), high = 255 - zy}
    %z = onnx.Mul(onnx.Cast %y, %sy)
    ```
  }];
  let options = [
    Option<"march", "march", "std::string", "\"native\"", "the target, as gcc's -march spells it">,
    Option<"exact", "exact", "bool", "false", "on integers even where float32 is faster">];
}

def RecoverAttentionPass : Pass<"recover-attention", "mlir::ModuleOp"> {
  let summary = "finds scaled dot-product attention";
  let description = [{
    ```mlir
    onnx.MatMul(onnx.Softmax(onnx.MatMul(q, k^T) * scale + mask), v)
    ==>
    onnx.Attention q, k, v, mask {scale}
    ```
    with q, k, v as [batch, heads, length, width]. The scale may also lie on q and k, and a constant causal mask becomes
    `is_causal`. The transposes that split and join heads stay; lowering takes them as layouts.
  }];
}

def CheckStatesPass : Pass<"check-states", "mlir::func::FuncOp"> {
  let summary = "checks the inputs that are an output of the run before, and finds the sizes that grow with them";
  let description = [{
    An input with `m2c.state` = the output's name has the output's type and shape, of numbers; or one of its dimensions is a symbol
    with a bound, and that symbol's next value is the output's size. The function then holds the symbol:
    `m2c.held` = [[0, affine_map<()[s0] -> (s0 + 1)>]], and whoever calls it does not state it.
  }];
}

def VerifyGraphPass : Pass<"verify-graph", "mlir::ModuleOp"> {
  let summary = "reports everything that the later stations cannot take";
  let description = [{
    The fence behind the Graph station: every value is a tensor of numbers with a static shape. Whatever is not is
    reported in one run: symbolic dimensions of inputs with the flags that pin them, shapes that depend on data,
    operators without inference by operator, nodes and count.
  }];
}

#endif
