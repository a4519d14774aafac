// RUN: m2c-opt %s -recover-integer=march=x86-64-v3 -simplify-graph -split-input-file | FileCheck %s

// One factor takes the place of the three scales, Relu that of the lower bound; the padding of centred codes is zero.
// CHECK-LABEL: @conv
// CHECK:         %[[X:.*]] = onnx.m2c.Quantize {{.*}} {high = 155 : i64, low = -100 : i64}
// CHECK-NEXT:    %[[W:.*]] = onnx.Constant dense<{{.*}}5{{.*}}> : tensor<2x1x1x1xi16>
// CHECK-NEXT:    %[[S:.*]] = onnx.m2c.IntegerConv %[[X]], %[[W]]
// CHECK-NEXT:    %[[B:.*]] = onnx.Constant dense<{{.*}}10{{.*}}-20{{.*}}> : tensor<2x1x1xi32>
// CHECK-NEXT:    %[[T:.*]] = onnx.Add %[[S]], %[[B]]
// CHECK-NEXT:    %[[C:.*]] = onnx.Cast %[[T]]
// CHECK-NEXT:    %[[F:.*]] = onnx.Constant dense<{{.*}}6.250000e-02{{.*}}1.250000e-01{{.*}}> : tensor<2x1x1xf32>
// CHECK-NEXT:    %[[P:.*]] = onnx.Mul %[[C]], %[[F]]
// CHECK-NEXT:    %[[Y:.*]] = onnx.m2c.Quantize %[[P]] {high = 255 : i64, low = 0 : i64}
// CHECK-NEXT:    %[[Z:.*]] = onnx.Cast %[[Y]]
// CHECK:         onnx.Mul %[[Z]]
// CHECK-NOT:     QuantizeLinear
func.func @conv(%x: tensor<1x1x4x4xf32>) -> tensor<1x2x4x4xf32> {
  %sx = onnx.Constant dense<2.5e-01> : tensor<f32>
  %zx = onnx.Constant dense<100> : tensor<ui8>
  %qx = onnx.QuantizeLinear %x, %sx, %zx : (tensor<1x1x4x4xf32>, tensor<f32>, tensor<ui8>) -> tensor<1x1x4x4xui8>
  %dx = onnx.DequantizeLinear %qx, %sx, %zx : (tensor<1x1x4x4xui8>, tensor<f32>, tensor<ui8>) -> tensor<1x1x4x4xf32>
  %qw = onnx.Constant dense<[[[[5]]], [[[-7]]]]> : tensor<2x1x1x1xi8>
  %sw = onnx.Constant dense<[1.25e-01, 2.5e-01]> : tensor<2xf32>
  %dw = onnx.DequantizeLinear %qw, %sw {axis = 0 : i64} : (tensor<2x1x1x1xi8>, tensor<2xf32>) -> tensor<2x1x1x1xf32>
  %qb = onnx.Constant dense<[10, -20]> : tensor<2xi32>
  %sb = onnx.Constant dense<[3.125e-02, 6.25e-02]> : tensor<2xf32>
  %db = onnx.DequantizeLinear %qb, %sb {axis = 0 : i64} : (tensor<2xi32>, tensor<2xf32>) -> tensor<2xf32>
  %y = onnx.Conv %dx, %dw, %db : (tensor<1x1x4x4xf32>, tensor<2x1x1x1xf32>, tensor<2xf32>) -> tensor<1x2x4x4xf32>
  %r = onnx.Relu %y : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %sy = onnx.Constant dense<5.0e-01> : tensor<f32>
  %zy = onnx.Constant dense<0> : tensor<ui8>
  %qy = onnx.QuantizeLinear %r, %sy, %zy : (tensor<1x2x4x4xf32>, tensor<f32>, tensor<ui8>) -> tensor<1x2x4x4xui8>
  %dy = onnx.DequantizeLinear %qy, %sy, %zy : (tensor<1x2x4x4xui8>, tensor<f32>, tensor<ui8>) -> tensor<1x2x4x4xf32>
  return %dy : tensor<1x2x4x4xf32>
}

// -----

// A scale that only the run knows: the product stays as it is.
// CHECK-LABEL: @dynamic_scale
// CHECK:         onnx.MatMul
func.func @dynamic_scale(%q: tensor<2x3xui8>, %s: tensor<f32>) -> tensor<2x4xf32> {
  %d = onnx.DequantizeLinear %q, %s : (tensor<2x3xui8>, tensor<f32>) -> tensor<2x3xf32>
  %qw = onnx.Constant dense<1> : tensor<3x4xi8>
  %sw = onnx.Constant dense<5.0e-01> : tensor<f32>
  %w = onnx.DequantizeLinear %qw, %sw : (tensor<3x4xi8>, tensor<f32>) -> tensor<3x4xf32>
  %y = onnx.MatMul %d, %w : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// -----

// CHECK-LABEL: @matmul_integer
// CHECK:         %[[X:.*]] = onnx.m2c.Centre %arg0, %arg1
// CHECK-NEXT:    %[[W:.*]] = onnx.Constant dense<-2> : tensor<3x4xi16>
// CHECK:         onnx.m2c.IntegerMatMul %[[X]], %[[W]] : (tensor<2x3xi16>, tensor<3x4xi16>) -> tensor<2x4xi32>
func.func @matmul_integer(%q: tensor<2x3xui8>, %z: tensor<ui8>) -> tensor<2x4xi32> {
  %w = onnx.Constant dense<1> : tensor<3x4xi8>
  %zw = onnx.Constant dense<3> : tensor<i8>
  %y = onnx.MatMulInteger %q, %w, %z, %zw : (tensor<2x3xui8>, tensor<3x4xi8>, tensor<ui8>, tensor<i8>) -> tensor<2x4xi32>
  return %y : tensor<2x4xi32>
}

// -----

// Codes are moved, not what they stand for; the same scale on both sides leaves them as they are.
// CHECK-LABEL: @moves
// CHECK:         %[[X:.*]] = onnx.m2c.Quantize
// CHECK-NEXT:    %[[M:.*]] = onnx.MaxPool %[[X]] {{.*}} -> tensor<1x1x2x2xi16>
// CHECK-NEXT:    onnx.Cast %[[M]]
func.func @moves(%x: tensor<1x1x4x4xf32>) -> tensor<1x1x2x2xf32> {
  %s = onnx.Constant dense<3.0e-01> : tensor<f32>
  %z = onnx.Constant dense<3> : tensor<i8>
  %q = onnx.QuantizeLinear %x, %s, %z : (tensor<1x1x4x4xf32>, tensor<f32>, tensor<i8>) -> tensor<1x1x4x4xi8>
  %d = onnx.DequantizeLinear %q, %s, %z : (tensor<1x1x4x4xi8>, tensor<f32>, tensor<i8>) -> tensor<1x1x4x4xf32>
  %m = onnx.MaxPool %d {kernel_shape = array<i64: 2, 2>, strides = array<i64: 2, 2>} : (tensor<1x1x4x4xf32>) -> tensor<1x1x2x2xf32>
  %qm = onnx.QuantizeLinear %m, %s, %z : (tensor<1x1x2x2xf32>, tensor<f32>, tensor<i8>) -> tensor<1x1x2x2xi8>
  %dm = onnx.DequantizeLinear %qm, %s, %z : (tensor<1x1x2x2xi8>, tensor<f32>, tensor<i8>) -> tensor<1x1x2x2xf32>
  return %dm : tensor<1x1x2x2xf32>
}
