// RUN: m2c-opt %s -widen-floats | FileCheck %s

// Each result is rounded to the type that the model gives it.
// CHECK-LABEL: @chain
// CHECK:         %[[X:.*]] = onnx.Cast %arg0 {to = 1 : i64} : (tensor<8xf16>) -> tensor<8xf32>
// CHECK:         %[[E:.*]] = onnx.Exp %[[X]] : (tensor<8xf32>) -> tensor<8xf32>
// CHECK:         %[[R:.*]] = onnx.Cast %[[E]] {to = 10 : i64} : (tensor<8xf32>) -> tensor<8xf16>
// CHECK:         %[[W:.*]] = onnx.Cast %[[R]] {to = 1 : i64} : (tensor<8xf16>) -> tensor<8xf32>
// CHECK:         %[[T:.*]] = onnx.Tanh %[[W]] : (tensor<8xf32>) -> tensor<8xf32>
// CHECK:         %[[Y:.*]] = onnx.Cast %[[T]] {to = 10 : i64} : (tensor<8xf32>) -> tensor<8xf16>
// CHECK:         return %[[Y]]
func.func @chain(%x: tensor<8xf16>) -> tensor<8xf16> {
  %0 = onnx.Exp %x : (tensor<8xf16>) -> tensor<8xf16>
  %1 = onnx.Tanh %0 : (tensor<8xf16>) -> tensor<8xf16>
  return %1 : tensor<8xf16>
}

// What only moves elements does so as they are.
// CHECK-LABEL: @moves
// CHECK-NOT:     onnx.Cast
// CHECK:         onnx.Transpose {{.*}} -> tensor<4x2xbf16>
func.func @moves(%x: tensor<2x4xbf16>) -> tensor<4x2xbf16> {
  %0 = onnx.Transpose %x {perm = array<i64: 1, 0>} : (tensor<2x4xbf16>) -> tensor<4x2xbf16>
  return %0 : tensor<4x2xbf16>
}

// Quantising keeps the type that it quantises to.
// CHECK-LABEL: @quantize
// CHECK:         onnx.QuantizeLinear %{{.*}}, %{{.*}}, %arg2 : (tensor<4xf32>, tensor<f32>, tensor<f8E4M3FN>) -> tensor<4xf8E4M3FN>
func.func @quantize(%x: tensor<4xf16>, %scale: tensor<f16>, %zero: tensor<f8E4M3FN>) -> tensor<4xf8E4M3FN> {
  %0 = onnx.QuantizeLinear %x, %scale, %zero : (tensor<4xf16>, tensor<f16>, tensor<f8E4M3FN>) -> tensor<4xf8E4M3FN>
  return %0 : tensor<4xf8E4M3FN>
}
