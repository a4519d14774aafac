// RUN: m2c-opt %s -pass-pipeline='builtin.module(func.func(sink-transposes))' -split-input-file | FileCheck %s

// A pair around an element-wise op with a per-channel operand cancels; the bias is read through another map.
// CHECK-DAG: #[[CHANNEL:.*]] = affine_map<(d0, d1, d2, d3) -> (d3)>
// CHECK-LABEL: @through_elementwise
// CHECK-NOT:     linalg.transpose
// CHECK:         linalg.generic {indexing_maps = [#{{.*}}, #[[CHANNEL]], #{{.*}}]
// CHECK-NOT:     linalg.transpose
// CHECK:         return
#id = affine_map<(n, c, h, w) -> (n, c, h, w)>
#channel = affine_map<(n, c, h, w) -> (c)>
func.func @through_elementwise(%x: tensor<1x5x6x8xf32>, %bias: tensor<8xf32>) -> tensor<1x5x6x8xf32> {
  %e = tensor.empty() : tensor<1x8x5x6xf32>
  %t = linalg.transpose ins(%x : tensor<1x5x6x8xf32>) outs(%e : tensor<1x8x5x6xf32>) permutation = [0, 3, 1, 2]
  %y = linalg.generic {indexing_maps = [#id, #channel, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%t, %bias : tensor<1x8x5x6xf32>, tensor<8xf32>) outs(%e : tensor<1x8x5x6xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %s = arith.addf %a, %b : f32
    linalg.yield %s : f32
  } -> tensor<1x8x5x6xf32>
  %e2 = tensor.empty() : tensor<1x5x6x8xf32>
  %r = linalg.transpose ins(%y : tensor<1x8x5x6xf32>) outs(%e2 : tensor<1x5x6x8xf32>) permutation = [0, 2, 3, 1]
  return %r : tensor<1x5x6x8xf32>
}

// -----

// CHECK-LABEL: @through_concat
// CHECK-NOT:     linalg.transpose
// CHECK:         tensor.concat dim(3)
// CHECK-NEXT:    return
func.func @through_concat(%x: tensor<1x5x6x8xf32>, %y: tensor<1x5x6x3xf32>) -> tensor<1x5x6x11xf32> {
  %e = tensor.empty() : tensor<1x8x5x6xf32>
  %f = tensor.empty() : tensor<1x3x5x6xf32>
  %s = linalg.transpose ins(%x : tensor<1x5x6x8xf32>) outs(%e : tensor<1x8x5x6xf32>) permutation = [0, 3, 1, 2]
  %t = linalg.transpose ins(%y : tensor<1x5x6x3xf32>) outs(%f : tensor<1x3x5x6xf32>) permutation = [0, 3, 1, 2]
  %c = tensor.concat dim(1) %s, %t : (tensor<1x8x5x6xf32>, tensor<1x3x5x6xf32>) -> tensor<1x11x5x6xf32>
  %e2 = tensor.empty() : tensor<1x5x6x11xf32>
  %r = linalg.transpose ins(%c : tensor<1x11x5x6xf32>) outs(%e2 : tensor<1x5x6x11xf32>) permutation = [0, 2, 3, 1]
  return %r : tensor<1x5x6x11xf32>
}

// -----

// A transpose that stays is a copy into the padded buffer's interior, not a copy of the padding too.
// CHECK-LABEL: @before_pad
// CHECK:         %[[T:.*]] = linalg.transpose
// CHECK:         tensor.pad %[[T]] low[0, 1, 2, 0] high[0, 3, 4, 0]
func.func @before_pad(%x: tensor<1x8x5x6xf32>) -> tensor<1x9x12x8xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x5x6x8xf32>
  %t = linalg.transpose ins(%x : tensor<1x8x5x6xf32>) outs(%e : tensor<1x5x6x8xf32>) permutation = [0, 2, 3, 1]
  %p = tensor.pad %t low[0, 1, 2, 0] high[0, 3, 4, 0] {
  ^bb0(%i: index, %j: index, %k: index, %l: index):
    tensor.yield %zero : f32
  } : tensor<1x5x6x8xf32> to tensor<1x9x12x8xf32>
  return %p : tensor<1x9x12x8xf32>
}

// -----

// Only dimensions of extent 1 move: a reshape.
// CHECK-LABEL: @unit_dimensions
// CHECK-NOT:     linalg.transpose
// CHECK:         tensor.expand_shape
func.func @unit_dimensions(%x: tensor<4x1x5x6xf32>) -> tensor<4x5x6x1xf32> {
  %e = tensor.empty() : tensor<4x5x6x1xf32>
  %t = linalg.transpose ins(%x : tensor<4x1x5x6xf32>) outs(%e : tensor<4x5x6x1xf32>) permutation = [0, 2, 3, 1]
  return %t : tensor<4x5x6x1xf32>
}

// -----

// The flatten between convolutions and a fully connected layer reorders the constant weights instead of the activations.
// CHECK-LABEL: @flatten
// CHECK:         %[[MOVED:.*]] = linalg.transpose {{.*}} permutation = [1, 2, 0, 3]
// CHECK:         %[[WEIGHTS:.*]] = tensor.collapse_shape %[[MOVED]]
// CHECK:         %[[FLAT:.*]] = tensor.collapse_shape %arg0
// CHECK:         kernel.contract ins(%[[FLAT]], %[[WEIGHTS]]
func.func @flatten(%x: tensor<1x2x3x4xf32>) -> tensor<1x5xf32> {
  %w = arith.constant dense<1.0> : tensor<24x5xf32>
  %e = tensor.empty() : tensor<1x4x2x3xf32>
  %t = linalg.transpose ins(%x : tensor<1x2x3x4xf32>) outs(%e : tensor<1x4x2x3xf32>) permutation = [0, 3, 1, 2]
  %flat = tensor.collapse_shape %t [[0], [1, 2, 3]] : tensor<1x4x2x3xf32> into tensor<1x24xf32>
  %o = tensor.empty() : tensor<1x5xf32>
  %y = kernel.contract ins(%flat, %w : tensor<1x24xf32>, tensor<24x5xf32>) outs(%o : tensor<1x5xf32>) {extra_maps = [],
      indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]} epilogue {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  } -> tensor<1x5xf32>
  return %y : tensor<1x5xf32>
}

// -----

// CHECK-DAG: #[[READ:.*]] = affine_map<(d0, d1, d2) -> (d2, d0)>
// CHECK-DAG: #[[WRITE:.*]] = affine_map<(d0, d1, d2) -> (d0, d1)>
// CHECK-LABEL: @contract_reads_transposed
// CHECK-NOT:     linalg.transpose
// CHECK:         kernel.contract ins(%arg0, %arg1
// CHECK-SAME:      indexing_maps = [#[[READ]], #{{.*}}, #[[WRITE]]]
func.func @contract_reads_transposed(%x: tensor<7x3xf32>, %w: tensor<7x5xf32>) -> tensor<3x5xf32> {
  %e = tensor.empty() : tensor<3x7xf32>
  %t = linalg.transpose ins(%x : tensor<7x3xf32>) outs(%e : tensor<3x7xf32>) permutation = [1, 0]
  %o = tensor.empty() : tensor<3x5xf32>
  %y = kernel.contract ins(%t, %w : tensor<3x7xf32>, tensor<7x5xf32>) outs(%o : tensor<3x5xf32>) {extra_maps = [],
      indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]} epilogue {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  } -> tensor<3x5xf32>
  return %y : tensor<3x5xf32>
}
