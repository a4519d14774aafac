// RUN: m2c-opt %s -decompose-operators | FileCheck %s

// CHECK-LABEL: @einsum_product
// CHECK:         %[[P:.*]] = onnx.MatMul %{{.*}}, %{{.*}} : (tensor<1x2x3xf32>, tensor<1x3x4xf32>) -> tensor<1x2x4xf32>
// CHECK:         onnx.Transpose
// CHECK-NOT:     onnx.Einsum
func.func @einsum_product(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>) -> tensor<4x2xf32> {
  %0 = onnx.Einsum %a, %b {equation = "ij,jk->ki"} : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<4x2xf32>
  return %0 : tensor<4x2xf32>
}

// A label twice in one term is its diagonal.
// CHECK-LABEL: @einsum_trace
// CHECK:         onnx.Constant dense<[0, 4, 8]>
// CHECK:         onnx.Gather
// CHECK:         onnx.ReduceSum
func.func @einsum_trace(%a: tensor<3x3xf32>) -> tensor<f32> {
  %0 = onnx.Einsum %a {equation = "ii->"} : (tensor<3x3xf32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// CHECK-LABEL: @matmul_integer
// CHECK:         %[[A:.*]] = onnx.Cast %arg0 {to = 6 : i64}
// CHECK:         %[[B:.*]] = onnx.Cast %arg1 {to = 6 : i64}
// CHECK:         onnx.MatMul %[[A]], %[[B]] : (tensor<2x3xi32>, tensor<3x4xi32>) -> tensor<2x4xi32>
func.func @matmul_integer(%a: tensor<2x3xui8>, %b: tensor<3x4xi8>) -> tensor<2x4xi32> {
  %0 = onnx.MatMulInteger %a, %b : (tensor<2x3xui8>, tensor<3x4xi8>) -> tensor<2x4xi32>
  return %0 : tensor<2x4xi32>
}

// The kernel's layer normalisation keeps no statistics.
// CHECK-LABEL: @layer_norm
// CHECK:         onnx.LayerNormalization
func.func @layer_norm(%x: tensor<2x3xf32>, %s: tensor<3xf32>) -> tensor<2x3xf32> {
  %0 = onnx.LayerNormalization %x, %s : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// CHECK-LABEL: @layer_norm_mean
// CHECK-NOT:     onnx.LayerNormalization
// CHECK:         onnx.ReduceMean
// CHECK:         onnx.Reciprocal
func.func @layer_norm_mean(%x: tensor<2x3xf32>, %s: tensor<3xf32>) -> (tensor<2x3xf32>, tensor<2x1xf32>) {
  %0, %1 = onnx.LayerNormalization %x, %s : (tensor<2x3xf32>, tensor<3xf32>) -> (tensor<2x3xf32>, tensor<2x1xf32>)
  return %0, %1 : tensor<2x3xf32>, tensor<2x1xf32>
}

// CHECK-LABEL: @cast_like
// CHECK:         onnx.Cast %arg0 {{.*}}to = 10
func.func @cast_like(%x: tensor<4xf32>, %like: tensor<2x2xf16>) -> tensor<4xf16> {
  %0 = onnx.CastLike %x, %like : (tensor<4xf32>, tensor<2x2xf16>) -> tensor<4xf16>
  return %0 : tensor<4xf16>
}

// CHECK-LABEL: @causal_conv
// CHECK:         %[[ALL:.*]] = onnx.Concat %arg2, %arg0
// CHECK:         onnx.Conv %[[ALL]], %arg1
// CHECK:         onnx.Slice %[[ALL]]
func.func @causal_conv(%x: tensor<1x2x5xf32>, %w: tensor<2x1x3xf32>, %past: tensor<1x2x2xf32>) -> (tensor<1x2x5xf32>, tensor<1x2x2xf32>) {
  %0, %1 = onnx.CausalConvWithState %x, %w, none, %past : (tensor<1x2x5xf32>, tensor<2x1x3xf32>, none, tensor<1x2x2xf32>) -> (tensor<1x2x5xf32>, tensor<1x2x2xf32>)
  return %0, %1 : tensor<1x2x5xf32>, tensor<1x2x2xf32>
}

// CHECK-LABEL: @momentum
// CHECK-NOT:     onnx.preview.training.Momentum
// CHECK:         onnx.Where
func.func @momentum(%r: tensor<f32>, %t: tensor<i64>, %x: tensor<3xf32>, %g: tensor<3xf32>, %v: tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>) {
  %0, %1 = onnx.preview.training.Momentum %r, %t, %x, %g, %v {alpha = 9.5e-01 : f32, beta = 1.0 : f32, mode = "standard", norm_coefficient = 1.0e-03 : f32} : (tensor<f32>, tensor<i64>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>)
  return %0, %1 : tensor<3xf32>, tensor<3xf32>
}
