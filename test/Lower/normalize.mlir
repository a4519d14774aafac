// RUN: m2c-opt %s -lower-onnx -canonicalize -split-input-file | FileCheck %s

// The normalised dimensions are one row; scale and bias follow as element-wise code, which fuses into the epilogue later.
// CHECK-LABEL: @layer_norm
// CHECK:         %[[X:.*]] = tensor.collapse_shape %{{.*}} {{\[\[}}0], [1, 2]] : tensor<2x3x4xf32> into tensor<2x12xf32>
// CHECK:         kernel.normalize "layer" ins(%[[X]] : tensor<2x12xf32>)
// CHECK:         arith.mulf
// CHECK:         arith.addf
func.func @layer_norm(%x: tensor<2x3x4xf32>, %s: tensor<3x4xf32>, %b: tensor<3x4xf32>) -> tensor<2x3x4xf32> {
  %y = onnx.LayerNormalization %x, %s, %b {axis = 1 : i64} : (tensor<2x3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<2x3x4xf32>
  return %y : tensor<2x3x4xf32>
}

// -----

// Softmax along another dimension moves it to the end and back.
// CHECK-LABEL: @softmax
// CHECK:         linalg.transpose {{.*}} permutation = [0, 2, 1]
// CHECK:         kernel.softmax ins(%{{.*}} : tensor<2x4x3xf32>)
// CHECK:         linalg.transpose {{.*}} permutation = [0, 2, 1]
func.func @softmax(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
  %y = onnx.Softmax %x {axis = 1 : i64} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  return %y : tensor<2x3x4xf32>
}
