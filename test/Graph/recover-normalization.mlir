// RUN: m2c-opt %s -recover-normalization -split-input-file | FileCheck %s

// CHECK-LABEL: @layer_norm
// CHECK-SAME:    (%[[X:.*]]: tensor<2x3x4xf32>, %[[S:.*]]: tensor<4xf32>, %[[B:.*]]: tensor<4xf32>)
func.func @layer_norm(%x: tensor<2x3x4xf32>, %s: tensor<4xf32>, %b: tensor<4xf32>) -> tensor<2x3x4xf32> {
  // CHECK:       %[[Y:.*]] = onnx.LayerNormalization %[[X]], %[[S]], %[[B]] {axis = 2 : i64, epsilon = 9.99999974E-6 : f32
  // CHECK-NEXT:  return %[[Y]]
  %axes = onnx.Constant dense<-1> : tensor<1xi64>
  %two = onnx.Constant dense<2.0> : tensor<f32>
  %eps = onnx.Constant dense<1.0e-5> : tensor<f32>
  %0 = onnx.ReduceMean %x, %axes : (tensor<2x3x4xf32>, tensor<1xi64>) -> tensor<2x3x1xf32>
  %1 = onnx.Sub %x, %0 : (tensor<2x3x4xf32>, tensor<2x3x1xf32>) -> tensor<2x3x4xf32>
  %2 = onnx.Pow %1, %two : (tensor<2x3x4xf32>, tensor<f32>) -> tensor<2x3x4xf32>
  %3 = onnx.ReduceMean %2, %axes : (tensor<2x3x4xf32>, tensor<1xi64>) -> tensor<2x3x1xf32>
  %4 = onnx.Add %3, %eps : (tensor<2x3x1xf32>, tensor<f32>) -> tensor<2x3x1xf32>
  %5 = onnx.Sqrt %4 : (tensor<2x3x1xf32>) -> tensor<2x3x1xf32>
  %6 = onnx.Div %1, %5 : (tensor<2x3x4xf32>, tensor<2x3x1xf32>) -> tensor<2x3x4xf32>
  %7 = onnx.Mul %6, %s : (tensor<2x3x4xf32>, tensor<4xf32>) -> tensor<2x3x4xf32>
  %8 = onnx.Add %7, %b : (tensor<2x3x4xf32>, tensor<4xf32>) -> tensor<2x3x4xf32>
  return %8 : tensor<2x3x4xf32>
}

// -----

// CHECK-LABEL: @rms_norm
// CHECK-SAME:    (%[[X:.*]]: tensor<2x4xf32>, %[[S:.*]]: tensor<4xf32>)
func.func @rms_norm(%x: tensor<2x4xf32>, %s: tensor<4xf32>) -> tensor<2x4xf32> {
  // CHECK:       %[[Y:.*]] = onnx.RMSNormalization %[[X]], %[[S]]
  // CHECK-NEXT:  return %[[Y]]
  %axes = onnx.Constant dense<-1> : tensor<1xi64>
  %eps = onnx.Constant dense<1.0e-5> : tensor<f32>
  %0 = onnx.Mul %x, %x : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %1 = onnx.ReduceMean %0, %axes : (tensor<2x4xf32>, tensor<1xi64>) -> tensor<2x1xf32>
  %2 = onnx.Add %1, %eps : (tensor<2x1xf32>, tensor<f32>) -> tensor<2x1xf32>
  %3 = onnx.Sqrt %2 : (tensor<2x1xf32>) -> tensor<2x1xf32>
  %4 = onnx.Reciprocal %3 : (tensor<2x1xf32>) -> tensor<2x1xf32>
  %5 = onnx.Mul %x, %4 : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  %6 = onnx.Mul %s, %5 : (tensor<4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  return %6 : tensor<2x4xf32>
}

// -----

// CHECK-LABEL: @softmax
// CHECK-SAME:    (%[[X:.*]]: tensor<2x4xf32>)
func.func @softmax(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  // CHECK:       %[[Y:.*]] = onnx.Softmax %[[X]] {axis = 1 : i64}
  // CHECK-NEXT:  return %[[Y]]
  %axes = onnx.Constant dense<1> : tensor<1xi64>
  %0 = onnx.ReduceMax %x, %axes : (tensor<2x4xf32>, tensor<1xi64>) -> tensor<2x1xf32>
  %1 = onnx.Sub %x, %0 : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  %2 = onnx.Exp %1 : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %3 = onnx.ReduceSum %2, %axes : (tensor<2x4xf32>, tensor<1xi64>) -> tensor<2x1xf32>
  %4 = onnx.Div %2, %3 : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  return %4 : tensor<2x4xf32>
}
