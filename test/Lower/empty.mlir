// RUN: m2c-opt %s -lower-onnx -canonicalize | FileCheck %s
// Results without elements need no computation.

// CHECK-LABEL: @conv
// CHECK-NEXT:    %[[EMPTY:.*]] = tensor.empty() : tensor<0x4x5x5xf32>
// CHECK-NEXT:    return %[[EMPTY]]
func.func @conv(%x: tensor<0x3x5x5xf32>, %w: tensor<4x3x1x1xf32>) -> tensor<0x4x5x5xf32> {
  %0 = onnx.Conv %x, %w : (tensor<0x3x5x5xf32>, tensor<4x3x1x1xf32>) -> tensor<0x4x5x5xf32>
  return %0 : tensor<0x4x5x5xf32>
}

// CHECK-LABEL: @reshape
// CHECK-NOT:     reshape
// CHECK:         return %{{.*}} : tensor<0x12xf32>
func.func @reshape(%x: tensor<5x0x12xf32>) -> tensor<0x12xf32> {
  %shape = onnx.Constant dense<[0, 12]> : tensor<2xi64>
  %0 = onnx.Reshape %x, %shape {allowzero = 1 : i64} : (tensor<5x0x12xf32>, tensor<2xi64>) -> tensor<0x12xf32>
  return %0 : tensor<0x12xf32>
}

// A sum of no terms has elements.
// CHECK-LABEL: @sum
// CHECK:         linalg.fill
func.func @sum(%x: tensor<0x3xf32>) -> tensor<3xf32> {
  %axis = onnx.Constant dense<0> : tensor<1xi64>
  %0 = onnx.ReduceSum %x, %axis {keepdims = 0 : i64} : (tensor<0x3xf32>, tensor<1xi64>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}
