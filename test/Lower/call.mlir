// RUN: m2c-opt %s -lower-onnx | FileCheck %s

// The result behind the first is the function's scratch memory.
// CHECK-LABEL: @det
// CHECK:         %{{.*}}:2 = kernel.call "det" in "det.h" ins(%arg0 : tensor<5x3x3xf32>) outs(%{{.*}}, %{{.*}} : tensor<5xf32>, tensor<3x3xf32>) parameters {matrices = 5 : i64, n = 3 : i64}
func.func @det(%x: tensor<5x3x3xf32>) -> tensor<5xf32> {
  %0 = onnx.Det %x : (tensor<5x3x3xf32>) -> tensor<5xf32>
  return %0 : tensor<5xf32>
}

// Nodes with a seed draw by it, in stream 0.
// CHECK-LABEL: @random
// CHECK:         kernel.call "random_uniform" in "random.h" outs(%{{.*}} : tensor<7xf32>) parameters {count = 7 : i64, high = 2.000000e+00 : f64, low = 0.000000e+00 : f64, seed = 1065353216 : i64, stream = 0 : i64}
func.func @random() -> tensor<7xf32> {
  %0 = onnx.RandomUniform {seed = 1.0 : f32, high = 2.0 : f32, shape = array<i64: 7>} : () -> tensor<7xf32>
  return %0 : tensor<7xf32>
}

// CHECK-LABEL: @custom
// CHECK:         kernel.call "ops::f" in "f.h" ins(%{{.*}} : tensor<4xi8>) outs(%{{.*}} : tensor<4xf32>) parameters {alpha = 1.500000e+00 : f32} {element_types = [ui8, f32], external}
func.func @custom(%x: tensor<4xui8>) -> tensor<4xf32> {
  %0 = onnx.m2c.Custom %x {function = "ops::f", header = "f.h", parameters = {alpha = 1.5 : f32}} : (tensor<4xui8>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: @linear_attention
// CHECK:         kernel.call "linear_attention" in "linear_attention.h"
// CHECK-SAME:      parameters {batch = 1 : i64, beta = 2 : i64, decay = 1 : i64, group = 2 : i64, has_past = 0 : i64, heads = 2 : i64, key_width = 4 : i64, scale = 5.000000e-01 : f64, steps = 3 : i64, value_width = 5 : i64}
func.func @linear_attention(%q: tensor<1x3x16xf32>, %k: tensor<1x3x8xf32>, %v: tensor<1x3x10xf32>, %d: tensor<1x3x2xf32>, %b: tensor<1x3x2xf32>) -> tensor<1x3x20xf32> {
  %0:2 = onnx.LinearAttention %q, %k, %v, none, %d, %b {q_num_heads = 4 : i64, kv_num_heads = 2 : i64} : (tensor<1x3x16xf32>, tensor<1x3x8xf32>, tensor<1x3x10xf32>, none, tensor<1x3x2xf32>, tensor<1x3x2xf32>) -> (tensor<1x3x20xf32>, tensor<1x2x4x5xf32>)
  return %0#0 : tensor<1x3x20xf32>
}
