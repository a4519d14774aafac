// RUN: m2c-opt %s -lower-onnx -canonicalize -split-input-file | FileCheck %s

// The padding that no window of stride 2 reaches is left out on the right and at the bottom.
// CHECK-DAG: #[[CHANNEL:.*]] = affine_map<(d0, d1, d2, d3) -> (d3)>
// CHECK-LABEL: @strided
// CHECK-SAME:    (%[[X:.*]]: tensor<1x3x8x8xf32>, %[[W:.*]]: tensor<16x3x3x3xf32>, %[[B:.*]]: tensor<16xf32>)
// CHECK:         %[[T:.*]] = linalg.transpose ins(%[[X]] {{.*}} permutation = [0, 2, 3, 1]
// CHECK:         %[[P:.*]] = tensor.pad %[[T]] low[0, 1, 1, 0] high[0, 0, 0, 0]
// CHECK:         %[[Y:.*]] = kernel.conv ins(%[[P]], %[[W]] : tensor<1x9x9x3xf32>, tensor<16x3x3x3xf32>) extras(%[[B]] : tensor<16xf32>)
// CHECK-SAME:      extra_maps = [#[[CHANNEL]]], kernel_shape = array<i64: 3, 3>, strides = array<i64: 2, 2>
// CHECK:           arith.addf
// CHECK:         linalg.transpose ins(%[[Y]] {{.*}} permutation = [0, 3, 1, 2]
func.func @strided(%x: tensor<1x3x8x8xf32>, %w: tensor<16x3x3x3xf32>, %b: tensor<16xf32>) -> tensor<1x16x4x4xf32> {
  %0 = onnx.Conv %x, %w, %b {pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>} : (tensor<1x3x8x8xf32>, tensor<16x3x3x3xf32>, tensor<16xf32>) -> tensor<1x16x4x4xf32>
  return %0 : tensor<1x16x4x4xf32>
}

// -----

// One dimension is two with a height of one; the transpose stays at rank 3.
// CHECK-LABEL: @one_dimension
// CHECK:         linalg.transpose {{.*}} permutation = [0, 2, 1]
// CHECK:         tensor.expand_shape {{.*}} output_shape [2, 1, 20, 5]
// CHECK:         kernel.conv {{.*}} kernel_shape = array<i64: 1, 3>
// CHECK:         linalg.transpose {{.*}} permutation = [0, 2, 1]
func.func @one_dimension(%x: tensor<2x5x20xf32>, %w: tensor<7x5x3xf32>) -> tensor<2x7x18xf32> {
  %0 = onnx.Conv %x, %w : (tensor<2x5x20xf32>, tensor<7x5x3xf32>) -> tensor<2x7x18xf32>
  return %0 : tensor<2x7x18xf32>
}

// -----

// CHECK-LABEL: @depthwise
// CHECK:         kernel.depthwise_conv ins(%{{.*}}, %{{.*}} : tensor<1x10x10x8xf32>, tensor<3x3x8xf32>)
func.func @depthwise(%x: tensor<1x8x10x10xf32>, %w: tensor<8x1x3x3xf32>) -> tensor<1x8x8x8xf32> {
  %0 = onnx.Conv %x, %w {group = 8 : i64} : (tensor<1x8x10x10xf32>, tensor<8x1x3x3xf32>) -> tensor<1x8x8x8xf32>
  return %0 : tensor<1x8x8x8xf32>
}

// -----

// CHECK-LABEL: @same_lower
// CHECK:         tensor.pad %{{.*}} low[0, 2, 1, 0] high[0, 1, 1, 0]
func.func @same_lower(%x: tensor<1x2x6x6xf32>, %w: tensor<4x2x4x3xf32>) -> tensor<1x4x6x6xf32> {
  %0 = onnx.Conv %x, %w {auto_pad = "SAME_LOWER"} : (tensor<1x2x6x6xf32>, tensor<4x2x4x3xf32>) -> tensor<1x4x6x6xf32>
  return %0 : tensor<1x4x6x6xf32>
}

// -----

// Stride 2 is four convolutions of stride 1, stored to every second pixel.
// CHECK-LABEL: @transposed
// CHECK-COUNT-4: kernel.conv
// CHECK:         tensor.insert_slice %{{.*}}[0, 1, 1, 0] [1, 4, 4, 5] [1, 2, 2, 1]
func.func @transposed(%x: tensor<1x3x4x4xf32>) -> tensor<1x5x8x8xf32> {
  %w = onnx.Constant dense<1.0> : tensor<3x5x4x4xf32>
  %0 = onnx.ConvTranspose %x, %w {strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 1>} : (tensor<1x3x4x4xf32>, tensor<3x5x4x4xf32>) -> tensor<1x5x8x8xf32>
  return %0 : tensor<1x5x8x8xf32>
}
