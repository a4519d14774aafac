// RUN: m2c-opt %s -lower-onnx -canonicalize -split-input-file | FileCheck %s

// CHECK-DAG: #[[LHS:.*]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-DAG: #[[RHS:.*]] = affine_map<(d0, d1, d2) -> (d1, d2)>
// CHECK-DAG: #[[OUT:.*]] = affine_map<(d0, d1, d2) -> (d0, d1)>
// CHECK-DAG: #[[COLUMN:.*]] = affine_map<(d0, d1) -> (d1)>
// CHECK-LABEL: @gemm
// CHECK:         kernel.contract ins(%arg0, %arg1 : tensor<4x8xf32>, tensor<6x8xf32>) extras(%{{.*}} : tensor<6xf32>)
// CHECK-SAME:      extra_maps = [#[[COLUMN]]], indexing_maps = [#[[LHS]], #[[RHS]], #[[OUT]]]
// CHECK:           arith.mulf
// CHECK:           arith.addf
func.func @gemm(%a: tensor<4x8xf32>, %b: tensor<6x8xf32>, %c: tensor<1x6xf32>) -> tensor<4x6xf32> {
  %0 = onnx.Gemm %a, %b, %c {alpha = 0.5 : f32, transB = 1 : i64} : (tensor<4x8xf32>, tensor<6x8xf32>, tensor<1x6xf32>) -> tensor<4x6xf32>
  return %0 : tensor<4x6xf32>
}

// -----

// One right operand for the whole batch: one product of all rows.
// CHECK-LABEL: @shared_right
// CHECK:         kernel.contract ins(%{{.*}}, %arg1 : tensor<20x8xf32>, tensor<8x3xf32>)
// CHECK:         tensor.expand_shape %{{.*}} output_shape [4, 5, 3]
func.func @shared_right(%a: tensor<4x5x8xf32>, %b: tensor<8x3xf32>) -> tensor<4x5x3xf32> {
  %0 = onnx.MatMul %a, %b : (tensor<4x5x8xf32>, tensor<8x3xf32>) -> tensor<4x5x3xf32>
  return %0 : tensor<4x5x3xf32>
}

// -----

// An operand lacks the batch dimensions along which it does not vary.
// CHECK-DAG: #[[LHS:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d2, d4)>
// CHECK-DAG: #[[RHS:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d1, d4, d3)>
// CHECK-LABEL: @broadcast
// CHECK:         kernel.contract ins(%{{.*}}, %{{.*}} : tensor<2x4x8xf32>, tensor<3x8x5xf32>)
// CHECK-SAME:      indexing_maps = [#[[LHS]], #[[RHS]],
func.func @broadcast(%a: tensor<2x1x4x8xf32>, %b: tensor<3x8x5xf32>) -> tensor<2x3x4x5xf32> {
  %0 = onnx.MatMul %a, %b : (tensor<2x1x4x8xf32>, tensor<3x8x5xf32>) -> tensor<2x3x4x5xf32>
  return %0 : tensor<2x3x4x5xf32>
}

// -----

// CHECK-LABEL: @vectors
// CHECK:         kernel.contract ins(%{{.*}}, %{{.*}} : tensor<1x8xf32>, tensor<8x1xf32>)
// CHECK:         tensor.collapse_shape %{{.*}} [] : tensor<1x1xf32> into tensor<f32>
func.func @vectors(%a: tensor<8xf32>, %b: tensor<8xf32>) -> tensor<f32> {
  %0 = onnx.MatMul %a, %b : (tensor<8xf32>, tensor<8xf32>) -> tensor<f32>
  return %0 : tensor<f32>
}
