// RUN: m2c-opt %s -lower-onnx -split-input-file -verify-diagnostics | FileCheck %s

// A constant with one value is scalar code; a row is broadcast by its map.
// CHECK-DAG: #[[ROW:.*]] = affine_map<(d0, d1) -> (d1)>
// CHECK-LABEL: @broadcast
// CHECK:         linalg.generic {indexing_maps = [#{{.*}}, #[[ROW]], #{{.*}}]
// CHECK:           arith.addf
// CHECK:         linalg.generic
// CHECK:           %[[TWO:.*]] = arith.constant 2.0
// CHECK:           arith.mulf %{{.*}}, %[[TWO]]
func.func @broadcast(%x: tensor<4x8xf32>, %row: tensor<8xf32>) -> tensor<4x8xf32> {
  %two = onnx.Constant dense<2.0> : tensor<1xf32>
  %0 = onnx.Add %x, %row : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
  %1 = onnx.Mul %0, %two : (tensor<4x8xf32>, tensor<1xf32>) -> tensor<4x8xf32>
  return %1 : tensor<4x8xf32>
}

// -----

// CHECK-LABEL: @small_powers
// CHECK-NOT:     math.powf
// CHECK:         arith.mulf
func.func @small_powers(%x: tensor<4xf32>) -> tensor<4xf32> {
  %two = onnx.Constant dense<2.0> : tensor<f32>
  %0 = onnx.Pow %x, %two : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// Unsigned integers are signless in linalg, and their operations unsigned.
// CHECK-LABEL: func.func @unsigned(%arg0: tensor<4xi8> {m2c.element = ui8}, %arg1: tensor<4xi8> {m2c.element = ui8}) -> (tensor<4xi8> {m2c.element = ui8})
// CHECK:         arith.divui
func.func @unsigned(%x: tensor<4xui8>, %y: tensor<4xui8>) -> tensor<4xui8> {
  %0 = onnx.Div %x, %y : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xui8>
  return %0 : tensor<4xui8>
}

// -----

// All operators without a lowering are reported at once.
func.func @unsupported(%x: tensor<4xf32>, %file: tensor<4xui8>) -> (tensor<2x2x3xui8>, tensor<?xf32>) {
  // expected-error @+1 {{operator ImageDecoder is not supported (1 node, first '')}}
  %0 = onnx.ImageDecoder %file : (tensor<4xui8>) -> tensor<2x2x3xui8>
  // expected-error @+1 {{operator Unique is not supported (1 node}}
  %1 = onnx.Unique %x : (tensor<4xf32>) -> tensor<?xf32>
  return %0, %1 : tensor<2x2x3xui8>, tensor<?xf32>
}
