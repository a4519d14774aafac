// The operations of the kernel dialect.
#ifndef M2C_KERNEL_OPS
#define M2C_KERNEL_OPS

include "m2c/Dialect/Kernel/KernelBase.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"

def Kernel_YieldOp : Op<Kernel_Dialect, "yield", [Pure, ReturnLike, Terminator]> {
  let summary = "ends an epilogue with the value to store";
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "$values attr-dict (`:` type($values)^)?";
}

def Kernel_SizeOp : Op<Kernel_Dialect, "size", [Pure]> {
  let summary = "a size that only the run knows, as an expression in the model's symbols";
  let description = [{
    `kernel.size affine_map<()[s0] -> (s0 * 64)>`: symbol s<i> is entry i of the function's `m2c.symbols`. It has no
    operands, so that it can stand wherever a size is needed.
  }];
  let arguments = (ins AffineMapAttr:$size);
  let results = (outs Index:$result);
  let assemblyFormat = "$size attr-dict";
}

def Kernel_PartRangeOp : Op<Kernel_Dialect, "part_range", [Pure]> {
  let summary = "the units that a part of the operation around it takes";
  let description = [{
    Of `units` iterations those from `begin` up to `end`: all of them where the operation is not split.
  }];
  let arguments = (ins I64Attr:$units);
  let results = (outs Index:$begin, Index:$end);
  let assemblyFormat = "$units attr-dict";
}

def Kernel_DefineSizesOp : Op<Kernel_Dialect, "define_sizes", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "gives symbols the sizes that the run has found in data";
  let description = [{
    `kernel.define_sizes %count {symbols = array<i64: 3>} : tensor<1xi64>`: element i of the integer tensor, in row-major
    order, is the size of symbol `symbols`[i], an entry of the function's `m2c.found`. All that uses the symbol comes
    behind it. The run ends with an error where the size is negative or above its bound, a check of `m2c.checks` fails, or
    an output does not fit what the caller gave for it.
  }];
  let arguments = (ins AnyBuf:$values, DenseI64ArrayAttr:$symbols);
  let assemblyFormat = "$values attr-dict `:` type($values)";
}

def Kernel_ReserveOp : Op<Kernel_Dialect, "reserve", [MemoryEffects<[MemAlloc, MemWrite]>]> {
  let summary = "memory for a buffer whose size is found in data and has no bound";
  let description = [{
    The instance keeps part `part` from run to run, and makes it larger where `bytes` are more than it has: what it held
    before is lost then. The run ends with an error where there is no memory left.
  }];
  let arguments = (ins I64Attr:$part, AffineMapAttr:$bytes);
  let results = (outs AnyStridedMemRef:$memory);
  let assemblyFormat = "$part `,` $bytes attr-dict `:` type($memory)";
}

//===-- Contraction -----------------------------------------------------------------------------------------------===//

def Kernel_ContractOp : Kernel_FusedOp<"contract"> {
  let summary = "batched matrix product with an epilogue";
  let description = [{
    out[b.., m, n] = epilogue(sum over k of lhs[b.., m, k] * rhs[b.., k, n]). `indexing_maps` holds three projected
    permutations (lhs, rhs, out) of the iteration dimensions (b.., m, n, k): so a transposed operand is a map, not a copy,
    and a batch dimension that an operand lacks is shared. The output's last dimension is n.

    With `panel` = P, `rhs` is a packed constant, [ceil(N/P)][K][P], and its map gives its logical dimensions (k, n).

    Operands of 16-bit integers are summed in 32 bits; a packed `rhs` is then [ceil(N/P)][ceil(K/2)][P][2] and may have 8.
  }];
  let arguments = (ins AnyBuf:$lhs, AnyBuf:$rhs, Variadic<AnyBuf>:$extras, Variadic<AnyBuf>:$inits, Optional<AnyBuf>:$scratch,
    AffineMapArrayAttr:$indexing_maps, AffineMapArrayAttr:$extra_maps, OptionalAttr<I64Attr>:$panel);
  let assemblyFormat = [{
    `ins` `(` $lhs `,` $rhs `:` type($lhs) `,` type($rhs) `)` (`extras` `(` $extras^ `:` type($extras) `)`)?
    `outs` `(` $inits `:` type($inits) `)` (`scratch` `(` $scratch^ `:` type($scratch) `)`)? attr-dict
    `epilogue` $epilogue (`->` type($results)^)?
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = kernelDeclaration # [{
    ::mlir::MemRefType getScratchType();
    bool canChangeType() { return true; }
    bool needsConsecutiveRows(::mlir::OpOperand &) { return false; } // any strides
    ::mlir::AffineMap getMap(unsigned i) { return ::llvm::cast<::mlir::AffineMapAttr>(getIndexingMaps()[i]).getValue(); }
    /// Extent of each iteration dimension (b.., m, n, k).
    ::llvm::SmallVector<int64_t> getIterationShape();
  }];
}

//===-- Spatial ---------------------------------------------------------------------------------------------------===//

def Kernel_ConvOp : Kernel_FusedOp<"conv"> {
  let summary = "direct convolution, channels last, of an input that already holds its padding";
  let description = [{
    out[n, y, x, o] = epilogue(sum over ky, kx, i of in[n, y*sy + ky*dy, x*sx + kx*dx, g*I + i] * filter[o, i, ky, kx]),
    g = o / (O/groups). Input [N, H, W, groups*I], output [N, OH, OW, O]. The filter is [O, I, KH, KW] as ONNX has it, or,
    with `panel` = P, packed by `kernel.pack` (format "filter") as [groups][ceil((O/groups)/P)][KH][KW][I][P].
    A 1-D convolution has H = KH = 1. Of 16-bit integers it is as kernel.contract's, with filters [..][KH][KW][ceil(I/2)][P][2].

    With `winograd_tile` = [m, m'] it is computed by Winograd's algorithm F(m x m', KH x KW) (m2crt/winograd.h); the filter is
    then a transformed and packed constant, [ceil(O/P)][(m + KH - 1)(m' + KW - 1)][I][P].
  }];
  let arguments = (ins AnyBuf:$input, AnyBuf:$filter, Variadic<AnyBuf>:$extras, Variadic<AnyBuf>:$inits, Optional<AnyBuf>:$scratch,
    DenseI64ArrayAttr:$kernel_shape, DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations,
    DefaultValuedAttr<I64Attr, "1">:$groups, AffineMapArrayAttr:$extra_maps, OptionalAttr<I64Attr>:$panel,
    OptionalAttr<DenseI64ArrayAttr>:$winograd_tile);
  let assemblyFormat = [{
    `ins` `(` $input `,` $filter `:` type($input) `,` type($filter) `)` (`extras` `(` $extras^ `:` type($extras) `)`)?
    `outs` `(` $inits `:` type($inits) `)` (`scratch` `(` $scratch^ `:` type($scratch) `)`)? attr-dict
    `epilogue` $epilogue (`->` type($results)^)?
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = kernelDeclaration # [{
    ::mlir::MemRefType getScratchType();
    bool canChangeType() { return true; }
    bool needsContiguous(::mlir::OpOperand &operand) { return &operand == &getFilterMutable(); }
    /// Multiplications per Winograd tile, input and output channel.
    int64_t getWinogradTaps() {
      auto tile = *getWinogradTile(), kernel = getKernelShape();
      return (tile[0] + kernel[0] - 1) * (tile[1] + kernel[1] - 1);
    }
  }];
}

def Kernel_DepthwiseConvOp : Kernel_FusedOp<"depthwise_conv"> {
  let summary = "depthwise convolution, channels last, of an input that already holds its padding";
  let description = [{
    out[n, y, x, c] = epilogue(sum over ky, kx of in[n, y*sy + ky*dy, x*sx + kx*dx, c] * filter[ky, kx, c]).
    Filter [KH, KW, C].
  }];
  let arguments = (ins AnyBuf:$input, AnyBuf:$filter, Variadic<AnyBuf>:$extras, Variadic<AnyBuf>:$inits,
    DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations, AffineMapArrayAttr:$extra_maps);
  let assemblyFormat = [{
    `ins` `(` $input `,` $filter `:` type($input) `,` type($filter) `)` (`extras` `(` $extras^ `:` type($extras) `)`)?
    `outs` `(` $inits `:` type($inits) `)` attr-dict `epilogue` $epilogue (`->` type($results)^)?
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = kernelDeclaration # [{
    bool canChangeType() { return true; }
    bool needsContiguous(::mlir::OpOperand &operand) { return &operand == &getFilterMutable(); }
  }];
}

def Kernel_PoolOp : Kernel_FusedOp<"pool"> {
  let summary = "max or average over windows clipped to the input, channels last";
  let description = [{
    Input [N, H, W, C]; the window of output (y, x) starts at (y*sy - pads[0], x*sx - pads[1]); `pads` is top, left, bottom,
    right. `kind` is "max" or "average"; an average divides by the elements inside the input, or with
    `count_include_pad` by those inside the padded input.
  }];
  let arguments = (ins AnyBuf:$input, Variadic<AnyBuf>:$extras, Variadic<AnyBuf>:$inits, StrAttr:$kind,
    DenseI64ArrayAttr:$kernel_shape, DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$pads,
    UnitAttr:$count_include_pad, AffineMapArrayAttr:$extra_maps);
  let assemblyFormat = [{
    $kind `ins` `(` $input `:` type($input) `)` (`extras` `(` $extras^ `:` type($extras) `)`)?
    `outs` `(` $inits `:` type($inits) `)` attr-dict `epilogue` $epilogue (`->` type($results)^)?
  }];
  let hasVerifier = 1;
}

def Kernel_ResizeOp : Kernel_FusedOp<"resize"> {
  let summary = "separable resampling by tables of taps, channels last";
  let description = [{
    out[n, y, x, c] = epilogue(sum over i, j of y_weight[y, i] * x_weight[x, j] * in[n, y_index[y, i], x_index[x, j], c]).
    Tables [extent, taps]: i32 indices inside the input, f32 weights. Nearest has one tap, linear two, cubic four.
  }];
  let arguments = (ins AnyBuf:$input, AnyBuf:$y_index, AnyBuf:$y_weight, AnyBuf:$x_index, AnyBuf:$x_weight,
    Variadic<AnyBuf>:$extras, Variadic<AnyBuf>:$inits, AffineMapArrayAttr:$extra_maps);
  let assemblyFormat = [{
    `ins` `(` $input `:` type($input) `)` `rows` `(` $y_index `,` $y_weight `:` type($y_index) `,` type($y_weight) `)`
    `columns` `(` $x_index `,` $x_weight `:` type($x_index) `,` type($x_weight) `)`
    (`extras` `(` $extras^ `:` type($extras) `)`)? `outs` `(` $inits `:` type($inits) `)` attr-dict
    `epilogue` $epilogue (`->` type($results)^)?
  }];
  let extraClassDeclaration = kernelDeclaration # [{
    bool needsContiguous(::mlir::OpOperand &operand) {
      return llvm::is_contained({&getYIndexMutable(), &getYWeightMutable(), &getXIndexMutable(), &getXWeightMutable()}, &operand);
    }
  }];
}

def Kernel_PadBorderOp : Kernel_PlainOp<"pad_border"> {
  let summary = "sets the border of a buffer to a value and leaves its interior undefined";
  let description = [{
    `low` and `high` give the width of the border before and after each dimension, `value` has the element's type. The interior is filled by a
    tensor.insert_slice that follows, which bufferization turns into its producer writing in place.
  }];
  let arguments = (ins Variadic<AnyBuf>:$inits, DenseI64ArrayAttr:$low, DenseI64ArrayAttr:$high,
    TypedAttrInterface:$value);
  let assemblyFormat = "`outs` `(` $inits `:` type($inits) `)` attr-dict (`->` type($results)^)?";
  let hasVerifier = 1;
  let extraClassDeclaration = kernelDeclaration # [{
    bool needsConsecutiveRows(::mlir::OpOperand &) { return false; } // any strides
  }];
}

//===-- Rows ------------------------------------------------------------------------------------------------------===//

def Kernel_SoftmaxOp : Kernel_FusedOp<"softmax"> {
  let summary = "softmax along the last dimension";
  let description = "exp(x - max) / sum(exp(x - max)); with `log`: x - max - log(sum(exp(x - max))).";
  let arguments = (ins AnyBuf:$input, Variadic<AnyBuf>:$extras, Variadic<AnyBuf>:$inits, UnitAttr:$log,
    AffineMapArrayAttr:$extra_maps);
  let assemblyFormat = [{
    `ins` `(` $input `:` type($input) `)` (`extras` `(` $extras^ `:` type($extras) `)`)?
    `outs` `(` $inits `:` type($inits) `)` attr-dict `epilogue` $epilogue (`->` type($results)^)?
  }];
}

def Kernel_NormalizeOp : Kernel_FusedOp<"normalize"> {
  let summary = "layer or RMS normalisation along the last dimension";
  let description = [{
    `kind` "layer": (x - mean) / sqrt(variance + epsilon); "rms": x / sqrt(mean(x*x) + epsilon). Scale and bias are the
    epilogue's.
  }];
  let arguments = (ins AnyBuf:$input, Variadic<AnyBuf>:$extras, Variadic<AnyBuf>:$inits, StrAttr:$kind, F64Attr:$epsilon,
    AffineMapArrayAttr:$extra_maps);
  let assemblyFormat = [{
    $kind `ins` `(` $input `:` type($input) `)` (`extras` `(` $extras^ `:` type($extras) `)`)?
    `outs` `(` $inits `:` type($inits) `)` attr-dict `epilogue` $epilogue (`->` type($results)^)?
  }];
}

def Kernel_ArgReduceOp : Kernel_PlainOp<"arg_reduce"> {
  let summary = "index of the largest or smallest element along one dimension";
  let description = [{
    `kind` is "max" or "min"; the first of equal elements, or with `select_last` the last. The output (i64) has the input's
    shape without dimension `axis`.
  }];
  let arguments = (ins AnyBuf:$input, Variadic<AnyBuf>:$inits, StrAttr:$kind, I64Attr:$axis, UnitAttr:$select_last);
  let assemblyFormat = [{
    $kind `ins` `(` $input `:` type($input) `)` `outs` `(` $inits `:` type($inits) `)` attr-dict (`->` type($results)^)?
  }];
  let extraClassDeclaration = kernelDeclaration # [{
    bool needsConsecutiveRows(::mlir::OpOperand &) { return false; } // any strides
  }];
}

//===-- Attention -------------------------------------------------------------------------------------------------===//

def Kernel_AttentionOp : Kernel_FusedOp<"attention"> {
  let summary = "scaled dot-product attention without the score matrix in memory";
  let description = [{
    out[b, h, q, :] = sum over k of softmax over k of (epilogue(scale * dot(query[b, h, q, :], key[b, h, k, :]))) * value[b, h, k, :].
    `indexing_maps` holds four permutations of (batch, head, position, width): the physical order of query, key, value and
    output. The epilogue here is applied to the scores (masks, biases); its domain is (batch, head, query, key).
    With `causal`, key k is visible to query q only if k <= q.
  }];
  let arguments = (ins AnyBuf:$query, AnyBuf:$key, AnyBuf:$value, Variadic<AnyBuf>:$extras, Variadic<AnyBuf>:$inits,
    Optional<AnyBuf>:$scratch, F64Attr:$scale, UnitAttr:$causal, AffineMapArrayAttr:$indexing_maps, AffineMapArrayAttr:$extra_maps);
  let assemblyFormat = [{
    `ins` `(` $query `,` $key `,` $value `:` type($query) `,` type($key) `,` type($value) `)`
    (`extras` `(` $extras^ `:` type($extras) `)`)? `outs` `(` $inits `:` type($inits) `)`
    (`scratch` `(` $scratch^ `:` type($scratch) `)`)? attr-dict `epilogue` $epilogue (`->` type($results)^)?
  }];
  let extraClassDeclaration = kernelDeclaration # [{
    bool hasOutputEpilogue() { return false; }
    ::mlir::MemRefType getScratchType();
    ::mlir::AffineMap getMap(unsigned i) { return ::llvm::cast<::mlir::AffineMapAttr>(getIndexingMaps()[i]).getValue(); }
  }];
}

//===-- Recurrent -------------------------------------------------------------------------------------------------===//

class Kernel_RecurrentOp<string mnemonic, string gates> : Kernel_PlainOp<mnemonic, [AttrSizedOperandSegments]> {
  string common = [{
    One direction. `projected` [T, B, }] # gates # [{*H] is the input's share of the gates, X W^T plus the biases, made by a
    contraction outside the time loop, gates in ONNX's order. `recurrence` is R packed by `kernel.pack` (format
    "recurrence"), or [}] # gates # [{*H, H] as ONNX has it. `sequence_lens` [B] i32. With `reverse` time runs backwards.
    The outputs are those of Y [T, B, H] (with `has_y`), then the last state(s) [B, H].
  }];
  let extraClassDeclaration = kernelDeclaration # [{
    ::mlir::MemRefType getScratchType();
    // The sequences have strides; weights, lengths and states have none.
    bool needsContiguous(::mlir::OpOperand &operand) {
      return &operand != &getProjectedMutable() && !(getHasY() && &operand == &getInitsMutable()[0]);
    }
  }];
}

def Kernel_LstmOp : Kernel_RecurrentOp<"lstm", "4"> {
  let summary = "long short-term memory over time";
  let description = common # "Outputs: Y if `has_y`, last hidden state, last cell state. `peephole` is ONNX's P [3*H].";
  let arguments = (ins AnyBuf:$projected, AnyBuf:$recurrence, Optional<AnyBuf>:$peephole, Optional<AnyBuf>:$initial_h,
    Optional<AnyBuf>:$initial_c, Optional<AnyBuf>:$sequence_lens, Variadic<AnyBuf>:$inits, Optional<AnyBuf>:$scratch,
    UnitAttr:$has_y, UnitAttr:$reverse, UnitAttr:$input_forget, DefaultValuedAttr<F32Attr, "0.0f">:$clip,
    DefaultValuedAttr<StrArrayAttr, "{}">:$activations, DefaultValuedAttr<DenseF32ArrayAttr, "{}">:$activation_alpha,
    DefaultValuedAttr<DenseF32ArrayAttr, "{}">:$activation_beta, OptionalAttr<I64Attr>:$panel);
  let assemblyFormat = [{
    `ins` `(` $projected `,` $recurrence `:` type($projected) `,` type($recurrence) `)`
    (`peephole` `(` $peephole^ `:` type($peephole) `)`)? (`initial_h` `(` $initial_h^ `:` type($initial_h) `)`)?
    (`initial_c` `(` $initial_c^ `:` type($initial_c) `)`)? (`sequence_lens` `(` $sequence_lens^ `:` type($sequence_lens) `)`)?
    `outs` `(` $inits `:` type($inits) `)` (`scratch` `(` $scratch^ `:` type($scratch) `)`)? attr-dict (`->` type($results)^)?
  }];
}

def Kernel_GruOp : Kernel_RecurrentOp<"gru", "3"> {
  let summary = "gated recurrent unit over time";
  let description = common # [{Outputs: Y if `has_y`, last hidden state. `recurrence_bias` is the hidden gate's recurrent bias
    Rbh [H], which `linear_before_reset` keeps apart (the others are in `projected`).}];
  let arguments = (ins AnyBuf:$projected, AnyBuf:$recurrence, Optional<AnyBuf>:$recurrence_bias, Optional<AnyBuf>:$initial_h,
    Optional<AnyBuf>:$sequence_lens, Variadic<AnyBuf>:$inits, Optional<AnyBuf>:$scratch,
    UnitAttr:$has_y, UnitAttr:$reverse, UnitAttr:$linear_before_reset, DefaultValuedAttr<F32Attr, "0.0f">:$clip,
    DefaultValuedAttr<StrArrayAttr, "{}">:$activations, DefaultValuedAttr<DenseF32ArrayAttr, "{}">:$activation_alpha,
    DefaultValuedAttr<DenseF32ArrayAttr, "{}">:$activation_beta, OptionalAttr<I64Attr>:$panel);
  let assemblyFormat = [{
    `ins` `(` $projected `,` $recurrence `:` type($projected) `,` type($recurrence) `)`
    (`recurrence_bias` `(` $recurrence_bias^ `:` type($recurrence_bias) `)`)? (`initial_h` `(` $initial_h^ `:` type($initial_h) `)`)?
    (`sequence_lens` `(` $sequence_lens^ `:` type($sequence_lens) `)`)?
    `outs` `(` $inits `:` type($inits) `)` (`scratch` `(` $scratch^ `:` type($scratch) `)`)? attr-dict (`->` type($results)^)?
  }];
}

def Kernel_RnnOp : Kernel_RecurrentOp<"rnn", "1"> {
  let summary = "simple recurrent network over time";
  let description = common # "Outputs: Y if `has_y`, last hidden state.";
  let arguments = (ins AnyBuf:$projected, AnyBuf:$recurrence, Optional<AnyBuf>:$initial_h, Optional<AnyBuf>:$sequence_lens,
    Variadic<AnyBuf>:$inits, Optional<AnyBuf>:$scratch, UnitAttr:$has_y, UnitAttr:$reverse,
    DefaultValuedAttr<F32Attr, "0.0f">:$clip, DefaultValuedAttr<StrArrayAttr, "{}">:$activations,
    DefaultValuedAttr<DenseF32ArrayAttr, "{}">:$activation_alpha, DefaultValuedAttr<DenseF32ArrayAttr, "{}">:$activation_beta,
    OptionalAttr<I64Attr>:$panel);
  let assemblyFormat = [{
    `ins` `(` $projected `,` $recurrence `:` type($projected) `,` type($recurrence) `)`
    (`initial_h` `(` $initial_h^ `:` type($initial_h) `)`)? (`sequence_lens` `(` $sequence_lens^ `:` type($sequence_lens) `)`)?
    `outs` `(` $inits `:` type($inits) `)` (`scratch` `(` $scratch^ `:` type($scratch) `)`)? attr-dict (`->` type($results)^)?
  }];
}

//===-- Packing ---------------------------------------------------------------------------------------------------===//

def Kernel_PackOp : Kernel_PlainOp<"pack"> {
  let summary = "rearranges weights into the order in which their kernel reads them";
  let description = [{
    `format` names the packer in m2crt: "filter" ([O, I, KH, KW] -> [groups][ceil((O/groups)/P)][KH][KW][I][P]), "recurrence" and
    "recurrence_split" ([gates*H, H], see m2crt/recurrent.h). For weights known only at run time: constants are packed at
    conversion by the same code.
  }];
  let arguments = (ins AnyBuf:$source, Variadic<AnyBuf>:$inits, StrAttr:$format, I64Attr:$panel,
    DefaultValuedAttr<I64Attr, "1">:$groups);
  let assemblyFormat = [{
    $format `ins` `(` $source `:` type($source) `)` `outs` `(` $inits `:` type($inits) `)` attr-dict (`->` type($results)^)?
  }];
  let extraClassDeclaration = kernelDeclaration # [{
    bool needsContiguous(::mlir::OpOperand &) { return true; }
  }];
}

//===-- Calls -----------------------------------------------------------------------------------------------------===//

def Kernel_CallOp : Kernel_PlainOp<"call", [AttrSizedOperandSegments]> {
  let summary = "a call of a function that nothing is fused into";
  let description = [{
    `callee` is a function of m2crt/`header`: callee<S>(inputs.., outputs..), each a pointer to a run of memory, and S a struct
    of `parameters` (integers, sizes in symbols as affine maps, truth values and floats). Outputs that nothing reads are the function's scratch memory.

    With `external` it is a function of the user in `header`: callee(data, shape, .. of inputs, .. of outputs,
    parameters..), with the model's `element_types` where buffers have others of the same size; see docs/GeneratedCode.md.
  }];
  let arguments = (ins StrAttr:$callee, StrAttr:$header, Variadic<AnyBuf>:$inputs, Variadic<AnyBuf>:$inits,
    DictionaryAttr:$parameters, UnitAttr:$external, OptionalAttr<TypeArrayAttr>:$element_types);
  let assemblyFormat = [{
    $callee `in` $header (`ins` `(` $inputs^ `:` type($inputs) `)`)? `outs` `(` $inits `:` type($inits) `)`
    `parameters` $parameters attr-dict (`->` type($results)^)?
  }];
  let extraClassDeclaration = kernelDeclaration # [{
    bool needsContiguous(::mlir::OpOperand &) { return true; }
  }];
}

#endif
