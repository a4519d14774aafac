// RUN: m2c-opt %s -recover-attention -simplify-graph -split-input-file | FileCheck %s

// The form of BERT: the key is transposed while its heads are split, the scale divides the scores, a mask is added.
// CHECK-LABEL: @masked
// CHECK-SAME:    (%[[Q:.*]]: tensor<1x4x8x16xf32>, %[[K:.*]]: tensor<1x8x4x16xf32>, %[[V:.*]]: tensor<1x4x8x16xf32>, %[[M:.*]]: tensor<1x1x1x8xf32>)
func.func @masked(%q: tensor<1x4x8x16xf32>, %k: tensor<1x8x4x16xf32>, %v: tensor<1x4x8x16xf32>, %m: tensor<1x1x1x8xf32>) -> tensor<1x4x8x16xf32> {
  // CHECK-NEXT:  %[[HEADS:.*]] = onnx.Transpose %[[K]] {perm = array<i64: 0, 2, 1, 3>}
  // CHECK-NEXT:  %[[Y:.*]] = onnx.Attention %[[Q]], %[[HEADS]], %[[V]], %[[M]] {is_causal = 0 : i64, scale = 2.500000e-01 : f32}
  // CHECK-NEXT:  return %[[Y]]
  %four = onnx.Constant dense<4.0> : tensor<f32>
  %0 = onnx.Transpose %k {perm = array<i64: 0, 2, 3, 1>} : (tensor<1x8x4x16xf32>) -> tensor<1x4x16x8xf32>
  %1 = onnx.MatMul %q, %0 : (tensor<1x4x8x16xf32>, tensor<1x4x16x8xf32>) -> tensor<1x4x8x8xf32>
  %2 = onnx.Div %1, %four : (tensor<1x4x8x8xf32>, tensor<f32>) -> tensor<1x4x8x8xf32>
  %3 = onnx.Add %2, %m : (tensor<1x4x8x8xf32>, tensor<1x1x1x8xf32>) -> tensor<1x4x8x8xf32>
  %4 = onnx.Softmax %3 : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
  %5 = onnx.MatMul %4, %v : (tensor<1x4x8x8xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return %5 : tensor<1x4x8x16xf32>
}

// -----

// The form of torch's scaled_dot_product_attention: half of the scale on each side.
// CHECK-LABEL: @scale_on_both_sides
// CHECK-SAME:    (%[[Q:.*]]: tensor<2x4x8x16xf32>, %[[K:.*]]: tensor<2x4x8x16xf32>, %[[V:.*]]: tensor<2x4x8x16xf32>)
func.func @scale_on_both_sides(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  // CHECK-NEXT:  %[[Y:.*]] = onnx.Attention %[[Q]], %[[K]], %[[V]] {is_causal = 0 : i64, scale = 2.500000e-01 : f32}
  // CHECK-NEXT:  return %[[Y]]
  %half = onnx.Constant dense<0.5> : tensor<f32>
  %0 = onnx.Mul %q, %half : (tensor<2x4x8x16xf32>, tensor<f32>) -> tensor<2x4x8x16xf32>
  %1 = onnx.Transpose %k {perm = array<i64: 0, 1, 3, 2>} : (tensor<2x4x8x16xf32>) -> tensor<2x4x16x8xf32>
  %2 = onnx.Mul %1, %half : (tensor<2x4x16x8xf32>, tensor<f32>) -> tensor<2x4x16x8xf32>
  %3 = onnx.MatMul %0, %2 : (tensor<2x4x8x16xf32>, tensor<2x4x16x8xf32>) -> tensor<2x4x8x8xf32>
  %4 = onnx.Softmax %3 : (tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
  %5 = onnx.MatMul %4, %v : (tensor<2x4x8x8xf32>, tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  return %5 : tensor<2x4x8x16xf32>
}

// -----

// A constant mask that hides the future is a property.
// CHECK-LABEL: @causal
func.func @causal(%q: tensor<1x4x2x16xf32>, %kt: tensor<1x4x16x2xf32>, %v: tensor<1x4x2x16xf32>) -> tensor<1x4x2x16xf32> {
  // CHECK: onnx.Attention %{{.*}}, %{{.*}}, %{{.*}} {is_causal = 1 : i64, scale = 1.000000e+00 : f32}
  %m = onnx.Constant dense<[[0.0, 0xFF800000], [0.0, 0.0]]> : tensor<2x2xf32>
  %0 = onnx.MatMul %q, %kt : (tensor<1x4x2x16xf32>, tensor<1x4x16x2xf32>) -> tensor<1x4x2x2xf32>
  %1 = onnx.Add %0, %m : (tensor<1x4x2x2xf32>, tensor<2x2xf32>) -> tensor<1x4x2x2xf32>
  %2 = onnx.Softmax %1 : (tensor<1x4x2x2xf32>) -> tensor<1x4x2x2xf32>
  %3 = onnx.MatMul %2, %v : (tensor<1x4x2x2xf32>, tensor<1x4x2x16xf32>) -> tensor<1x4x2x16xf32>
  return %3 : tensor<1x4x2x16xf32>
}
