// RUN: m2c-opt %s -pass-pipeline='builtin.module(func.func(pack-weights{vector-bytes=16 vector-registers=16}))' | FileCheck %s
// RUN: m2c-opt %s -pass-pipeline='builtin.module(func.func(pack-weights{vector-bytes=64 vector-registers=32}))' | FileCheck %s --check-prefix=WIDE

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

// One constant packed in two ways: in panels of 32 for one group, of 16 for each of two.
// WIDE-LABEL: @two_ways
// WIDE:         kernel.conv ins(%arg0, %{{.*}} : tensor<1x8x8x3xf32>, tensor<1x1x1x1x3x32xf32>)
// WIDE:         kernel.conv ins(%arg1, %{{.*}} : tensor<1x8x8x6xf32>, tensor<2x1x1x1x3x16xf32>)
func.func @two_ways(%x: tensor<1x8x8x3xf32>, %y: tensor<1x8x8x6xf32>) -> (tensor<1x8x8x32xf32>, tensor<1x8x8x32xf32>) {
  %w = arith.constant dense<1.0> : tensor<32x3x1x1xf32>
  %e = tensor.empty() : tensor<1x8x8x32xf32>
  %0 = kernel.conv ins(%x, %w : tensor<1x8x8x3xf32>, tensor<32x3x1x1xf32>) outs(%e : tensor<1x8x8x32xf32>) {kernel_shape = array<i64: 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, extra_maps = []} epilogue {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  } -> tensor<1x8x8x32xf32>
  %1 = kernel.conv ins(%y, %w : tensor<1x8x8x6xf32>, tensor<32x3x1x1xf32>) outs(%e : tensor<1x8x8x32xf32>) {groups = 2, kernel_shape = array<i64: 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, extra_maps = []} epilogue {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  } -> tensor<1x8x8x32xf32>
  return %0, %1 : tensor<1x8x8x32xf32>, tensor<1x8x8x32xf32>
}
