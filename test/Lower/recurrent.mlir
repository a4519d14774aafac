// RUN: m2c-opt %s -lower-onnx -canonicalize -split-input-file | FileCheck %s

// Two directions are two time loops; each has its input projected by one contraction of all steps, both biases added.
// CHECK-LABEL: @bidirectional
// CHECK:         kernel.contract ins(%{{.*}}, %{{.*}} : tensor<10x3xf32>, tensor<16x3xf32>) outs(%{{.*}} : tensor<10x16xf32>)
// CHECK:         kernel.lstm ins(%{{.*}}, %{{.*}} : tensor<5x2x16xf32>, tensor<16x4xf32>)
// CHECK-SAME:      outs(%{{.*}}, %{{.*}}, %{{.*}} : tensor<5x2x4xf32>, tensor<2x4xf32>, tensor<2x4xf32>) {has_y} ->
// CHECK:         kernel.lstm
// CHECK-SAME:      {has_y, reverse} ->
// CHECK:         tensor.concat dim(1) {{.*}} -> tensor<5x2x2x4xf32>
func.func @bidirectional(%x: tensor<5x2x3xf32>, %w: tensor<2x16x3xf32>, %r: tensor<2x16x4xf32>, %b: tensor<2x32xf32>) -> tensor<5x2x2x4xf32> {
  %y = onnx.LSTM %x, %w, %r, %b {direction = "bidirectional", hidden_size = 4 : i64}
    : (tensor<5x2x3xf32>, tensor<2x16x3xf32>, tensor<2x16x4xf32>, tensor<2x32xf32>) -> tensor<5x2x2x4xf32>
  return %y : tensor<5x2x2x4xf32>
}

// -----

// With linear_before_reset the hidden gate's recurrent bias (elements 20 to 23) stays with the recurrence.
// CHECK-LABEL: @linear_before_reset
// CHECK:         %[[S:.*]] = tensor.extract_slice %{{.*}}[0, 20] [1, 4] [1, 1]
// CHECK:         %[[B:.*]] = tensor.collapse_shape %[[S]]
// CHECK:         kernel.gru {{.*}} recurrence_bias(%[[B]] : tensor<4xf32>) outs(%{{.*}} : tensor<2x4xf32>) {linear_before_reset} -> tensor<2x4xf32>
func.func @linear_before_reset(%x: tensor<5x2x3xf32>, %w: tensor<1x12x3xf32>, %r: tensor<1x12x4xf32>, %b: tensor<1x24xf32>) -> tensor<1x2x4xf32> {
  %h = onnx.GRU %x, %w, %r, %b {hidden_size = 4 : i64, linear_before_reset = 1 : i64}
    : (tensor<5x2x3xf32>, tensor<1x12x3xf32>, tensor<1x12x4xf32>, tensor<1x24xf32>) -> (none, tensor<1x2x4xf32>)
  return %h : tensor<1x2x4xf32>
}
