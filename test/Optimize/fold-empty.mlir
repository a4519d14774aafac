// RUN: m2c-opt %s -pass-pipeline='builtin.module(func.func(fold-empty))' | FileCheck %s

#mk = affine_map<(m, n, k) -> (m, k)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>

// CHECK-LABEL: @no_rows
// CHECK-NEXT:    %[[EMPTY:.*]] = tensor.empty() : tensor<0x3xf32>
// CHECK-NEXT:    return %[[EMPTY]]
func.func @no_rows(%x: tensor<0x2xf32>, %w: tensor<2x3xf32>, %o: tensor<0x3xf32>) -> tensor<0x3xf32> {
  %0 = kernel.contract ins(%x, %w : tensor<0x2xf32>, tensor<2x3xf32>) outs(%o : tensor<0x3xf32>) {indexing_maps = [#mk, #kn, #mn], extra_maps = []} epilogue {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  } -> tensor<0x3xf32>
  return %0 : tensor<0x3xf32>
}

// A sum of no terms is 0, and goes through the epilogue.
// CHECK-LABEL: @no_depth
// CHECK-NOT:     kernel.contract
// CHECK:         %[[ZERO:.*]] = arith.constant 0.0
// CHECK:         %[[SUMS:.*]] = linalg.fill ins(%[[ZERO]]
// CHECK:         linalg.generic {{.*}} ins(%[[SUMS]], %arg2 : tensor<4x3xf32>, tensor<3xf32>)
// CHECK-NEXT:    ^bb0(%[[SUM:.*]]: f32, %[[B:.*]]: f32, %{{.*}}: f32):
// CHECK-NEXT:      %[[Y:.*]] = arith.addf %[[SUM]], %[[B]]
// CHECK-NEXT:      linalg.yield %[[Y]]
func.func @no_depth(%x: tensor<4x0xf32>, %w: tensor<0x3xf32>, %bias: tensor<3xf32>, %o: tensor<4x3xf32>) -> tensor<4x3xf32> {
  %0 = kernel.contract ins(%x, %w : tensor<4x0xf32>, tensor<0x3xf32>) extras(%bias : tensor<3xf32>) outs(%o : tensor<4x3xf32>)
    {indexing_maps = [#mk, #kn, #mn], extra_maps = [affine_map<(m, n) -> (n)>]} epilogue {
  ^bb0(%acc: f32, %b: f32):
    %y = arith.addf %acc, %b : f32
    kernel.yield %y : f32
  } -> tensor<4x3xf32>
  return %0 : tensor<4x3xf32>
}

#bhld = affine_map<(b, h, l, d) -> (b, h, l, d)>

// CHECK-LABEL: @no_keys
// CHECK-NOT:     kernel.attention
// CHECK:         %[[ZEROS:.*]] = linalg.fill
// CHECK:         return %[[ZEROS]]
func.func @no_keys(%q: tensor<1x2x3x4xf32>, %k: tensor<1x2x0x4xf32>, %o: tensor<1x2x3x4xf32>) -> tensor<1x2x3x4xf32> {
  %0 = kernel.attention ins(%q, %k, %k : tensor<1x2x3x4xf32>, tensor<1x2x0x4xf32>, tensor<1x2x0x4xf32>) outs(%o : tensor<1x2x3x4xf32>)
    {scale = 0.5 : f64, indexing_maps = [#bhld, #bhld, #bhld, #bhld], extra_maps = []} epilogue {
  ^bb0(%score: f32):
    kernel.yield %score : f32
  } -> tensor<1x2x3x4xf32>
  return %0 : tensor<1x2x3x4xf32>
}

// CHECK-LABEL: @no_batch
// CHECK-NOT:     kernel.lstm
// CHECK:         return %{{.*}}, %{{.*}} : tensor<0x5xf32>, tensor<0x5xf32>
func.func @no_batch(%x: tensor<4x0x20xf32>, %r: tensor<20x5xf32>, %h: tensor<0x5xf32>) -> (tensor<0x5xf32>, tensor<0x5xf32>) {
  %0:2 = kernel.lstm ins(%x, %r : tensor<4x0x20xf32>, tensor<20x5xf32>) outs(%h, %h : tensor<0x5xf32>, tensor<0x5xf32>) -> tensor<0x5xf32>, tensor<0x5xf32>
  return %0#0, %0#1 : tensor<0x5xf32>, tensor<0x5xf32>
}
