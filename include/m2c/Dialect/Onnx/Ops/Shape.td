// ONNX operators: shapes, layout and joining.
#ifndef M2C_DIALECT_ONNX_OPS_SHAPE
#define M2C_DIALECT_ONNX_OPS_SHAPE

include "m2c/Dialect/Onnx/OnnxBase.td"

def Onnx_CenterCropPadOp : Onnx_Op<"CenterCropPad", 18> {
  let summary = "crops or pads to a shape around the centre";
  let arguments = (ins Onnx_Tensor:$input_data, Onnx_Tensor:$shape, OptionalAttr<DenseI64ArrayAttr>:$axes);
  let results = (outs Onnx_Tensor:$output_data);
}

def Onnx_ConcatOp : Onnx_Op<"Concat", 13> {
  let summary = "joins tensors along one existing axis";
  let arguments = (ins Onnx_NonEmpty<Onnx_Tensor>:$inputs, Onnx_Int:$axis);
  let results = (outs Onnx_Tensor:$concat_result);
}

def Onnx_ConstantOp : Onnx_Op<"Constant", 25, [Pure, ConstantLike, AllTypesMatch<["value", "output"]>]> {
  let summary = "a constant";
  let description = [{
    Every form of ONNX's Constant, and every initializer, is imported as one `value`. Make them with
    `createConstant` and read them with `readConstant` (Constants.h).
  }];
  let arguments = (ins ElementsAttr:$value);
  let results = (outs Onnx_Tensor:$output);
  let hasFolder = 1;
  let hasCustomAssemblyFormat = 0;
  let assemblyFormat = "attr-dict $value";
  let formatDefinition = "";
}

def Onnx_ConstantOfShapeOp : Onnx_Op<"ConstantOfShape", 25> {
  let summary = "a tensor of the given shape, filled with one value";
  let arguments = (ins Onnx_Tensor:$input, OptionalAttr<ElementsAttr>:$value);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_DepthToSpaceOp : Onnx_Op<"DepthToSpace", 28> {
  let summary = "moves blocks of channels into space";
  let arguments = (ins Onnx_Tensor:$input, Onnx_Int:$blocksize, Onnx_StrOr<"DCR">:$mode);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_ExpandOp : Onnx_Op<"Expand", 13> {
  let summary = "broadcasts to a shape";
  let arguments = (ins Onnx_Tensor:$input, Onnx_Tensor:$shape);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_EyeLikeOp : Onnx_Op<"EyeLike", 22> {
  let summary = "ones on one diagonal, zeros elsewhere";
  let arguments = (ins Onnx_Tensor:$input, OptionalAttr<Onnx_Int>:$dtype, Onnx_IntOr<0>:$k);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_FlattenOp : Onnx_Op<"Flatten", 25> {
  let summary = "reshapes to a matrix, split at an axis";
  let arguments = (ins Onnx_Tensor:$input, Onnx_IntOr<1>:$axis);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_PadOp : Onnx_Op<"Pad", 25, [Pure, AttrSizedOperandSegments]> {
  let summary = "adds a border";
  let arguments = (ins Onnx_Tensor:$data, Onnx_Tensor:$pads, Optional<Onnx_Tensor>:$constant_value,
      Optional<Onnx_Tensor>:$axes, Onnx_StrOr<"constant">:$mode);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_RangeOp : Onnx_Op<"Range", 27> {
  let summary = "start, start + delta, ... up to but without limit";
  let arguments = (ins Onnx_Tensor:$start, Onnx_Tensor:$limit, Onnx_Tensor:$delta, Onnx_IntOr<1>:$stash_type);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_ReshapeOp : Onnx_Op<"Reshape", 25> {
  let summary = "same elements, other shape";
  let arguments = (ins Onnx_Tensor:$data, Onnx_Tensor:$shape, Onnx_IntOr<0>:$allowzero);
  let results = (outs Onnx_Tensor:$reshaped);
}

def Onnx_ShapeOp : Onnx_Op<"Shape", 25> {
  let summary = "the dimensions, or some of them, as a tensor";
  let arguments = (ins Onnx_Tensor:$data, OptionalAttr<Onnx_Int>:$end, Onnx_IntOr<0>:$start);
  let results = (outs Onnx_Tensor:$shape);
}

def Onnx_SizeOp : Onnx_Op<"Size", 25> {
  let summary = "the number of elements";
  let arguments = (ins Onnx_Tensor:$data);
  let results = (outs Onnx_Tensor:$size);
}

/// Not an operator of ONNX: what shape arithmetic on symbolic dimensions comes to.
def Onnx_SizesOp : Op<Onnx_Dialect, "Sizes", [Pure]> {
  let summary = "a tensor of integers that are expressions in the model's symbols";
  let description = [{
    `onnx.Sizes affine_map<()[s0] -> (s0, 64)> : tensor<2xi64>`: element i is the map's result i, in row-major order.
    Constant evaluation makes them of Shape, Gather, Concat, Mul ... where no dimension depends on data.
  }];
  let arguments = (ins AffineMapAttr:$values);
  let results = (outs Onnx_Tensor:$output);
  let assemblyFormat = "$values attr-dict `:` type($output)";
}

def Onnx_SliceOp : Onnx_Op<"Slice", 13, [Pure, AttrSizedOperandSegments]> {
  let summary = "a part of a tensor, with steps";
  let arguments = (ins Onnx_Tensor:$data, Onnx_Tensor:$starts, Onnx_Tensor:$ends, Optional<Onnx_Tensor>:$axes,
      Optional<Onnx_Tensor>:$steps);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_SpaceToDepthOp : Onnx_Op<"SpaceToDepth", 28> {
  let summary = "moves blocks of space into channels";
  let arguments = (ins Onnx_Tensor:$input, Onnx_Int:$blocksize, Onnx_StrOr<"DCR">:$mode);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_SplitOp : Onnx_Op<"Split", 18> {
  let summary = "cuts a tensor into parts along an axis";
  let arguments = (ins Onnx_Tensor:$input, Optional<Onnx_Tensor>:$split, Onnx_IntOr<0>:$axis,
      OptionalAttr<Onnx_Int>:$num_outputs);
  let results = (outs Onnx_NonEmpty<Onnx_Tensor>:$outputs);
}

def Onnx_SqueezeOp : Onnx_Op<"Squeeze", 25> {
  let summary = "removes dimensions of size 1";
  let arguments = (ins Onnx_Tensor:$data, Optional<Onnx_Tensor>:$axes);
  let results = (outs Onnx_Tensor:$squeezed);
}

def Onnx_TileOp : Onnx_Op<"Tile", 13> {
  let summary = "repeats a tensor along each axis";
  let arguments = (ins Onnx_Tensor:$input, Onnx_Tensor:$repeats);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_TransposeOp : Onnx_Op<"Transpose", 25> {
  let summary = "permutes the dimensions";
  let arguments = (ins Onnx_Tensor:$data, OptionalAttr<DenseI64ArrayAttr>:$perm);
  let results = (outs Onnx_Tensor:$transposed);
}

def Onnx_TriluOp : Onnx_Op<"Trilu", 14> {
  let summary = "keeps the upper or lower triangle";
  let arguments = (ins Onnx_Tensor:$input, Optional<Onnx_Tensor>:$k, Onnx_IntOr<1>:$upper);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_UnsqueezeOp : Onnx_Op<"Unsqueeze", 25> {
  let summary = "inserts dimensions of size 1";
  let arguments = (ins Onnx_Tensor:$data, Onnx_Tensor:$axes);
  let results = (outs Onnx_Tensor:$expanded);
}

#endif // M2C_DIALECT_ONNX_OPS_SHAPE
