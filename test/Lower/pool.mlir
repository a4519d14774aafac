// RUN: m2c-opt %s -lower-onnx -canonicalize | FileCheck %s

// CHECK-LABEL: @max
// CHECK:         kernel.pool "max" ins(%{{.*}} : tensor<1x9x9x4xf32>) outs(%{{.*}} : tensor<1x5x5x4xf32>)
// CHECK-SAME:      kernel_shape = array<i64: 3, 3>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>
func.func @max(%x: tensor<1x4x9x9xf32>) -> tensor<1x4x5x5xf32> {
  %0 = onnx.MaxPool %x {kernel_shape = array<i64: 3, 3>, strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 1>} : (tensor<1x4x9x9xf32>) -> tensor<1x4x5x5xf32>
  return %0 : tensor<1x4x5x5xf32>
}

// CHECK-LABEL: @average_of_one_dimension
// CHECK:         kernel.pool "average" ins(%{{.*}} : tensor<1x1x9x4xf32>)
// CHECK-SAME:      count_include_pad
func.func @average_of_one_dimension(%x: tensor<1x4x9xf32>) -> tensor<1x4x10xf32> {
  %0 = onnx.AveragePool %x {kernel_shape = array<i64: 2>, pads = array<i64: 1, 1>, count_include_pad = 1 : i64} : (tensor<1x4x9xf32>) -> tensor<1x4x10xf32>
  return %0 : tensor<1x4x10xf32>
}

// CHECK-LABEL: @global
// CHECK:         kernel.pool "average" ins(%{{.*}} : tensor<2x7x5x4xf32>) outs(%{{.*}} : tensor<2x1x1x4xf32>)
// CHECK-SAME:      kernel_shape = array<i64: 7, 5>
func.func @global(%x: tensor<2x4x7x5xf32>) -> tensor<2x4x1x1xf32> {
  %0 = onnx.GlobalAveragePool %x : (tensor<2x4x7x5xf32>) -> tensor<2x4x1x1xf32>
  return %0 : tensor<2x4x1x1xf32>
}
