// RUN: m2c-opt %s -lower-onnx | FileCheck %s

// Four taps, each counted only where it lies inside.
// CHECK-LABEL: @grid_sample
// CHECK:         linalg.generic
// CHECK-COUNT-2:   tensor.extract %arg1
// CHECK-COUNT-4:   tensor.extract %arg0
// CHECK:           linalg.yield
func.func @grid_sample(%x: tensor<1x2x4x4xf32>, %grid: tensor<1x3x3x2xf32>) -> tensor<1x2x3x3xf32> {
  %0 = onnx.GridSample %x, %grid : (tensor<1x2x4x4xf32>, tensor<1x3x3x2xf32>) -> tensor<1x2x3x3xf32>
  return %0 : tensor<1x2x3x3xf32>
}

// Pools that are no images of float32 are loop nests.
// CHECK-LABEL: @pool_3d
// CHECK-NOT:     kernel.pool
// CHECK:         linalg.generic {{.*}}"reduction", "reduction", "reduction"
func.func @pool_3d(%x: tensor<1x2x4x4x4xf32>) -> tensor<1x2x2x2x2xf32> {
  %0 = onnx.MaxPool %x {kernel_shape = array<i64: 2, 2, 2>, strides = array<i64: 2, 2, 2>} : (tensor<1x2x4x4x4xf32>) -> tensor<1x2x2x2x2xf32>
  return %0 : tensor<1x2x2x2x2xf32>
}

// CHECK-LABEL: @conv_3d
// CHECK-NOT:     kernel.conv
// CHECK:         linalg.generic
// CHECK:           arith.mulf
// CHECK:           arith.addf
func.func @conv_3d(%x: tensor<1x2x4x4x4xf32>, %w: tensor<3x2x2x2x2xf32>) -> tensor<1x3x3x3x3xf32> {
  %0 = onnx.Conv %x, %w : (tensor<1x2x4x4x4xf32>, tensor<3x2x2x2x2xf32>) -> tensor<1x3x3x3x3xf32>
  return %0 : tensor<1x3x3x3x3xf32>
}
