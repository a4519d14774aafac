// RUN: m2c-opt %s -lower-onnx | FileCheck %s

// CHECK-LABEL: @quantize
// CHECK:         linalg.generic
// CHECK:           %[[Q:.*]] = arith.divf
// CHECK:           %[[R:.*]] = math.roundeven %[[Q]]
// CHECK:           arith.maximumf
// CHECK:           arith.minimumf
// CHECK:           arith.fptosi
func.func @quantize(%x: tensor<6xf32>, %scale: tensor<f32>, %zero: tensor<i8>) -> tensor<6xi8> {
  %0 = onnx.QuantizeLinear %x, %scale, %zero : (tensor<6xf32>, tensor<f32>, tensor<i8>) -> tensor<6xi8>
  return %0 : tensor<6xi8>
}

// A scale per block of two.
// CHECK-LABEL: @dequantize_blocks
// CHECK:         %[[BLOCK:.*]] = arith.divui %{{.*}}, %c2
// CHECK:         tensor.extract %arg1[%{{.*}}, %[[BLOCK]]]
// CHECK:         arith.mulf
func.func @dequantize_blocks(%x: tensor<2x4xi8>, %scale: tensor<2x2xf32>) -> tensor<2x4xf32> {
  %0 = onnx.DequantizeLinear %x, %scale {axis = 1 : i64, block_size = 2 : i64} : (tensor<2x4xi8>, tensor<2x2xf32>) -> tensor<2x4xf32>
  return %0 : tensor<2x4xf32>
}

// Integers of 4 bits have a byte each; what does not fit wraps.
// CHECK-LABEL: @to_int4
// CHECK-SAME:    -> (tensor<3xi8> {m2c.element = i4})
// CHECK:         arith.shli
// CHECK:         arith.shrsi
func.func @to_int4(%x: tensor<3xi32>) -> tensor<3xi4> {
  %0 = onnx.Cast %x {to = 22 : i64} : (tensor<3xi32>) -> tensor<3xi4>
  return %0 : tensor<3xi4>
}
