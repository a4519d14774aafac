// ONNX operators: images, signals and sampling.
#ifndef M2C_DIALECT_ONNX_OPS_IMAGE
#define M2C_DIALECT_ONNX_OPS_IMAGE

include "m2c/Dialect/Onnx/OnnxBase.td"

def Onnx_AffineGridOp : Onnx_Op<"AffineGrid", 20> {
  let summary = "the sampling grid of affine transforms";
  let arguments = (ins Onnx_Tensor:$theta, Onnx_Tensor:$size, Onnx_IntOr<0>:$align_corners);
  let results = (outs Onnx_Tensor:$grid);
}

def Onnx_BlackmanWindowOp : Onnx_Op<"BlackmanWindow", 17> {
  let summary = "Blackman window";
  let arguments = (ins Onnx_Tensor:$size, Onnx_IntOr<1>:$output_datatype, Onnx_IntOr<1>:$periodic);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_Col2ImOp : Onnx_Op<"Col2Im", 18> {
  let summary = "adds up columns of patches into an image";
  let arguments = (ins Onnx_Tensor:$input, Onnx_Tensor:$image_shape, Onnx_Tensor:$block_shape,
      OptionalAttr<DenseI64ArrayAttr>:$dilations, OptionalAttr<DenseI64ArrayAttr>:$pads,
      OptionalAttr<DenseI64ArrayAttr>:$strides);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_DFTOp : Onnx_Op<"DFT", 20, [Pure, AttrSizedOperandSegments]> {
  let summary = "discrete Fourier transform";
  let arguments = (ins Onnx_Tensor:$input, Optional<Onnx_Tensor>:$dft_length, Optional<Onnx_Tensor>:$axis,
      Onnx_IntOr<0>:$inverse, Onnx_IntOr<0>:$onesided);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_GridSampleOp : Onnx_Op<"GridSample", 22> {
  let summary = "samples an image at the points of a grid";
  let arguments = (ins Onnx_Tensor:$X, Onnx_Tensor:$grid, Onnx_IntOr<0>:$align_corners, Onnx_StrOr<"linear">:$mode,
      Onnx_StrOr<"zeros">:$padding_mode);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_HammingWindowOp : Onnx_Op<"HammingWindow", 17> {
  let summary = "Hamming window";
  let arguments = (ins Onnx_Tensor:$size, Onnx_IntOr<1>:$output_datatype, Onnx_IntOr<1>:$periodic);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_HannWindowOp : Onnx_Op<"HannWindow", 17> {
  let summary = "Hann window";
  let arguments = (ins Onnx_Tensor:$size, Onnx_IntOr<1>:$output_datatype, Onnx_IntOr<1>:$periodic);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_ImageDecoderOp : Onnx_Op<"ImageDecoder", 20> {
  let summary = "decodes a compressed image";
  let arguments = (ins Onnx_Tensor:$encoded_stream, Onnx_StrOr<"RGB">:$pixel_format);
  let results = (outs Onnx_Tensor:$image);
}

def Onnx_MelWeightMatrixOp : Onnx_Op<"MelWeightMatrix", 17> {
  let summary = "matrix from spectrum bins to mel bands";
  let arguments = (ins Onnx_Tensor:$num_mel_bins, Onnx_Tensor:$dft_length, Onnx_Tensor:$sample_rate,
      Onnx_Tensor:$lower_edge_hertz, Onnx_Tensor:$upper_edge_hertz, Onnx_IntOr<1>:$output_datatype);
  let results = (outs Onnx_Tensor:$output);
}

def Onnx_ResizeOp : Onnx_Op<"Resize", 19, [Pure, AttrSizedOperandSegments]> {
  let summary = "resamples to a size or by scales";
  let arguments = (ins Onnx_Tensor:$X, Optional<Onnx_Tensor>:$roi, Optional<Onnx_Tensor>:$scales,
      Optional<Onnx_Tensor>:$sizes, Onnx_IntOr<0>:$antialias, OptionalAttr<DenseI64ArrayAttr>:$axes,
      Onnx_StrOr<"half_pixel">:$coordinate_transformation_mode, Onnx_FloatOr<"-0.75f">:$cubic_coeff_a,
      Onnx_IntOr<0>:$exclude_outside, Onnx_FloatOr<"0.0f">:$extrapolation_value,
      Onnx_StrOr<"stretch">:$keep_aspect_ratio_policy, Onnx_StrOr<"nearest">:$mode,
      Onnx_StrOr<"round_prefer_floor">:$nearest_mode);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_RoiAlignOp : Onnx_Op<"RoiAlign", 22> {
  let summary = "pools regions of interest with bilinear sampling";
  let arguments = (ins Onnx_Tensor:$X, Onnx_Tensor:$rois, Onnx_Tensor:$batch_indices,
      Onnx_StrOr<"half_pixel">:$coordinate_transformation_mode, Onnx_StrOr<"avg">:$mode, Onnx_IntOr<1>:$output_height,
      Onnx_IntOr<1>:$output_width, Onnx_IntOr<0>:$sampling_ratio, Onnx_FloatOr<"1.0f">:$spatial_scale);
  let results = (outs Onnx_Tensor:$Y);
}

def Onnx_STFTOp : Onnx_Op<"STFT", 17, [Pure, AttrSizedOperandSegments]> {
  let summary = "Fourier transform of overlapping windows";
  let arguments = (ins Onnx_Tensor:$signal, Onnx_Tensor:$frame_step, Optional<Onnx_Tensor>:$window,
      Optional<Onnx_Tensor>:$frame_length, Onnx_IntOr<1>:$onesided);
  let results = (outs Onnx_Tensor:$output);
}

#endif // M2C_DIALECT_ONNX_OPS_IMAGE
