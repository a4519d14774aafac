// RUN: m2c-opt %s -pass-pipeline='builtin.module(func.func(fold-constants))' | FileCheck %s

// CHECK-LABEL: @transpose
// CHECK:         arith.constant dense<{{\[\[}}1.000000e+00, 3.000000e+00], [2.000000e+00, 4.000000e+00]]>
// CHECK-NOT:     linalg.transpose
func.func @transpose() -> tensor<2x2xf32> {
  %c = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %e = tensor.empty() : tensor<2x2xf32>
  %t = linalg.transpose ins(%c : tensor<2x2xf32>) outs(%e : tensor<2x2xf32>) permutation = [1, 0]
  return %t : tensor<2x2xf32>
}

// CHECK-LABEL: @slice_that_drops_a_dimension
// CHECK:         arith.constant dense<[4, 6]> : tensor<2xi64>
func.func @slice_that_drops_a_dimension() -> tensor<2xi64> {
  %c = arith.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi64>
  %s = tensor.extract_slice %c[1, 0] [1, 2] [1, 2] : tensor<2x3xi64> to tensor<2xi64>
  return %s : tensor<2xi64>
}

// CHECK-LABEL: @reshape
// CHECK:         arith.constant dense<[1, 2, 3, 4, 5, 6]> : tensor<6xi64>
func.func @reshape() -> tensor<6xi64> {
  %c = arith.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi64>
  %s = tensor.collapse_shape %c [[0, 1]] : tensor<2x3xi64> into tensor<6xi64>
  return %s : tensor<6xi64>
}

// Padding: the recurrent biases of a GRU that join the input's.
// CHECK-LABEL: @pad
// CHECK:         arith.constant dense<{{\[\[}}7.000000e+00, 7.000000e+00, 7.000000e+00], [1.000000e+00, 2.000000e+00, 7.000000e+00]]> : tensor<2x3xf32>
// CHECK-NOT:     tensor.pad
func.func @pad() -> tensor<2x3xf32> {
  %c = arith.constant dense<[[1.0, 2.0]]> : tensor<1x2xf32>
  %value = arith.constant 7.0 : f32
  %0 = tensor.pad %c low[1, 0] high[0, 1] {
  ^bb0(%i: index, %j: index):
    tensor.yield %value : f32
  } : tensor<1x2xf32> to tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}
