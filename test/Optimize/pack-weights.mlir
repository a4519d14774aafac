// RUN: m2c-opt %s -pass-pipeline='builtin.module(func.func(pack-weights{vector-bytes=16 vector-registers=16}))' | FileCheck %s

#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>

// [N, K] becomes panels of P columns, zero-padded: [ceil(N/P)][K][P].
// CHECK-LABEL: @contract
// CHECK:         %[[W:.*]] = arith.constant dense<{{\[\[\[}}1.000000e+00, 3.000000e+00, 5.000000e+00, 0.000000e+00], [2.000000e+00, 4.000000e+00, 6.000000e+00, 0.000000e+00]]]> : tensor<1x2x4xf32>
// CHECK:         kernel.contract ins(%arg0, %[[W]] : tensor<20x2xf32>, tensor<1x2x4xf32>)
// CHECK-SAME:      panel = 4
func.func @contract(%x: tensor<20x2xf32>) -> tensor<20x3xf32> {
  %w = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %e = tensor.empty() : tensor<20x3xf32>
  %0 = kernel.contract ins(%x, %w : tensor<20x2xf32>, tensor<3x2xf32>) outs(%e : tensor<20x3xf32>) {indexing_maps = [#mk, #nk, #mn], extra_maps = []} epilogue {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  } -> tensor<20x3xf32>
  return %0 : tensor<20x3xf32>
}

// A filter that is no constant is packed at run time.
// CHECK-LABEL: @conv
// CHECK:         %[[P:.*]] = kernel.pack "filter" ins(%arg1 : tensor<8x3x3x3xf32>) outs(%{{.*}} : tensor<1x1x3x3x3x8xf32>)
// CHECK:         kernel.conv ins(%arg0, %[[P]]
// CHECK-SAME:      panel = 8
func.func @conv(%x: tensor<1x6x6x3xf32>, %w: tensor<8x3x3x3xf32>) -> tensor<1x4x4x8xf32> {
  %e = tensor.empty() : tensor<1x4x4x8xf32>
  %0 = kernel.conv ins(%x, %w : tensor<1x6x6x3xf32>, tensor<8x3x3x3xf32>) outs(%e : tensor<1x4x4x8xf32>) {kernel_shape = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, extra_maps = []} epilogue {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  } -> tensor<1x4x4x8xf32>
  return %0 : tensor<1x4x4x8xf32>
}
