// RUN: m2c-opt %s -pass-pipeline='builtin.module(func.func(fold-constants,fold-tables,fold-constants))' | FileCheck %s

// The rows of table * W + b are gathered; nothing is multiplied at run time.
// CHECK-LABEL: @embedding
// CHECK:         %[[TABLE:.*]] = arith.constant dense<{{\[\[}}5.000000e+00, 1.500000e+01], [1.100000e+01, 2.500000e+01]]> : tensor<2x2xf32>
// CHECK-NOT:     kernel.contract
// CHECK:         tensor.extract %[[TABLE]]
func.func @embedding(%ids: tensor<3xi64>) -> tensor<3x2xf32> {
  %table = arith.constant dense<[[1.0, 1.0], [2.0, 2.0]]> : tensor<2x2xf32>
  %w = arith.constant dense<[[2.0, 4.0], [4.0, 6.0]]> : tensor<2x2xf32>
  %b = arith.constant dense<[-2.0, 2.0]> : tensor<2xf32>
  %b2 = arith.constant dense<[1.0, 3.0]> : tensor<2xf32>
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %e = tensor.empty() : tensor<3x2xf32>
  %x = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%ids : tensor<3xi64>) outs(%e : tensor<3x2xf32>) {
  ^bb0(%id: i64, %out: f32):
    %i = arith.index_cast %id : i64 to index
    %low = arith.maxsi %i, %zero : index
    %row = arith.minsi %low, %one : index
    %column = linalg.index 1 : index
    %v = tensor.extract %table[%row, %column] : tensor<2x2xf32>
    linalg.yield %v : f32
  } -> tensor<3x2xf32>
  %e1 = tensor.empty() : tensor<2xf32>
  %bias = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%b, %b2 : tensor<2xf32>, tensor<2xf32>) outs(%e1 : tensor<2xf32>) {
  ^bb0(%p: f32, %q: f32, %out: f32):
    %s = arith.addf %p, %q : f32
    linalg.yield %s : f32
  } -> tensor<2xf32>
  %y = kernel.contract ins(%x, %w : tensor<3x2xf32>, tensor<2x2xf32>) extras(%bias : tensor<2xf32>) outs(%e : tensor<3x2xf32>)
      {extra_maps = [affine_map<(m, n) -> (n)>],
       indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]} epilogue {
  ^bb0(%acc: f32, %add: f32):
    %s = arith.addf %acc, %add : f32
    kernel.yield %s : f32
  } -> tensor<3x2xf32>
  return %y : tensor<3x2xf32>
}

// Two layers read the same rows (the directions of a recurrent layer): each gets a table of its own.
// CHECK-LABEL: @two_directions
// CHECK-DAG:     %[[A:.*]] = arith.constant dense<{{\[\[}}6.000000e+00, 1.000000e+01], [1.200000e+01, 2.000000e+01]]> : tensor<2x2xf32>
// CHECK-DAG:     %[[B:.*]] = arith.constant dense<{{\[\[}}2.000000e+00, 3.000000e+00], [4.000000e+00, 6.000000e+00]]> : tensor<2x2xf32>
// CHECK-NOT:     kernel.contract
// CHECK:         tensor.extract %[[B]]
// CHECK-NOT:     kernel.contract
// CHECK:         tensor.extract %[[A]]
// CHECK-NOT:     tensor.extract
func.func @two_directions(%ids: tensor<3xi64>) -> (tensor<3x2xf32>, tensor<3x2xf32>) {
  %table = arith.constant dense<[[1.0, 1.0], [2.0, 2.0]]> : tensor<2x2xf32>
  %w = arith.constant dense<[[2.0, 4.0], [4.0, 6.0]]> : tensor<2x2xf32>
  %u = arith.constant dense<[[1.0, 2.0], [1.0, 1.0]]> : tensor<2x2xf32>
  %e = tensor.empty() : tensor<3x2xf32>
  %x = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%ids : tensor<3xi64>) outs(%e : tensor<3x2xf32>) {
  ^bb0(%id: i64, %out: f32):
    %row = arith.index_cast %id : i64 to index
    %column = linalg.index 1 : index
    %v = tensor.extract %table[%row, %column] : tensor<2x2xf32>
    linalg.yield %v : f32
  } -> tensor<3x2xf32>
  %y = kernel.contract ins(%x, %w : tensor<3x2xf32>, tensor<2x2xf32>) outs(%e : tensor<3x2xf32>)
      {extra_maps = [],
       indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]} epilogue {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  } -> tensor<3x2xf32>
  %z = kernel.contract ins(%x, %u : tensor<3x2xf32>, tensor<2x2xf32>) outs(%e : tensor<3x2xf32>)
      {extra_maps = [],
       indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]} epilogue {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  } -> tensor<3x2xf32>
  return %y, %z : tensor<3x2xf32>, tensor<3x2xf32>
}
