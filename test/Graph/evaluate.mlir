// RUN: m2c-opt %s -simplify-graph -split-input-file | FileCheck %s

// CHECK-LABEL: @arithmetic
func.func @arithmetic() -> (tensor<3xf32>, tensor<3xi64>, tensor<2xi8>, tensor<2xui8>, tensor<3xf16>, tensor<3xi1>) {
  // CHECK-DAG: dense<[5.000000e-01, 1.000000e+00, 1.500000e+00]> : tensor<3xf32>
  %a = onnx.Constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %two = onnx.Constant dense<2.0> : tensor<f32>
  %0 = onnx.Div %a, %two : (tensor<3xf32>, tensor<f32>) -> tensor<3xf32>
  // Integer division truncates; the remainder has the sign of the divisor.
  // CHECK-DAG: dense<[2, 1, -2]> : tensor<3xi64>
  %b = onnx.Constant dense<[-7, 7, 7]> : tensor<3xi64>
  %c = onnx.Constant dense<[3, 3, -3]> : tensor<3xi64>
  %1 = onnx.Mod %b, %c : (tensor<3xi64>, tensor<3xi64>) -> tensor<3xi64>
  // Narrow integers wrap.
  // CHECK-DAG: dense<[-128, 1]> : tensor<2xi8>
  %d = onnx.Constant dense<[127, 0]> : tensor<2xi8>
  %e = onnx.Constant dense<1> : tensor<2xi8>
  %2 = onnx.Add %d, %e : (tensor<2xi8>, tensor<2xi8>) -> tensor<2xi8>
  // CHECK-DAG: dense<[200, 3]> : tensor<2xui8>
  %f = onnx.Constant dense<[200.7, 3.2]> : tensor<2xf32>
  %3 = onnx.Cast %f {to = 2 : i64} : (tensor<2xf32>) -> tensor<2xui8>
  // Halves are rounded to even: 2049 is not a half. 65520 is too large.
  // CHECK-DAG: dense<[2.048000e+03, 9.997550e-02, 0x7C00]> : tensor<3xf16>
  %g = onnx.Constant dense<[2049.0, 0.1, 65520.0]> : tensor<3xf32>
  %4 = onnx.Cast %g {to = 10 : i64} : (tensor<3xf32>) -> tensor<3xf16>
  // CHECK-DAG: dense<[true, false, false]> : tensor<3xi1>
  %5 = onnx.Less %a, %two : (tensor<3xf32>, tensor<f32>) -> tensor<3xi1>
  return %0, %1, %2, %3, %4, %5 : tensor<3xf32>, tensor<3xi64>, tensor<2xi8>, tensor<2xui8>, tensor<3xf16>, tensor<3xi1>
}

// -----

// CHECK-LABEL: @movement
func.func @movement() -> (tensor<3x2xi64>, tensor<2xi64>, tensor<4xi64>, tensor<2x2xi64>, tensor<5xi64>) {
  %a = onnx.Constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi64>
  // CHECK-DAG: dense<{{\[\[}}1, 4], [2, 5], [3, 6]]> : tensor<3x2xi64>
  %0 = onnx.Transpose %a : (tensor<2x3xi64>) -> tensor<3x2xi64>
  %v = onnx.Constant dense<[10, 20, 30, 40]> : tensor<4xi64>
  // CHECK-DAG: dense<[40, 20]> : tensor<2xi64>
  %start = onnx.Constant dense<-1> : tensor<1xi64>
  %end = onnx.Constant dense<-1000> : tensor<1xi64>
  %axis = onnx.Constant dense<0> : tensor<1xi64>
  %step = onnx.Constant dense<-2> : tensor<1xi64>
  %1 = onnx.Slice %v, %start, %end, %axis, %step : (tensor<4xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<2xi64>
  // CHECK-DAG: dense<[40, 40, 10, 20]> : tensor<4xi64>
  %i = onnx.Constant dense<[3, -1, 0, 1]> : tensor<4xi64>
  %2 = onnx.Gather %v, %i : (tensor<4xi64>, tensor<4xi64>) -> tensor<4xi64>
  // CHECK-DAG: dense<{{\[\[}}1, 3], [4, 6]]> : tensor<2x2xi64>
  %j = onnx.Constant dense<[0, 2]> : tensor<2xi64>
  %3 = onnx.Gather %a, %j {axis = 1 : i64} : (tensor<2x3xi64>, tensor<2xi64>) -> tensor<2x2xi64>
  // CHECK-DAG: dense<[20, 10, 20, 30, 40]> : tensor<5xi64>
  %pads = onnx.Constant dense<[1, 0]> : tensor<2xi64>
  %4 = onnx.Pad %v, %pads {mode = "reflect"} : (tensor<4xi64>, tensor<2xi64>) -> tensor<5xi64>
  return %0, %1, %2, %3, %4 : tensor<3x2xi64>, tensor<2xi64>, tensor<4xi64>, tensor<2x2xi64>, tensor<5xi64>
}

// -----

// CHECK-LABEL: @reductions
func.func @reductions() -> (tensor<2x1xf32>, tensor<f32>, tensor<2xi64>, tensor<2x2xf32>) {
  %a = onnx.Constant dense<[[1.0, 2.0, 6.0], [4.0, 9.0, 5.0]]> : tensor<2x3xf32>
  %axes = onnx.Constant dense<1> : tensor<1xi64>
  // CHECK-DAG: dense<{{\[\[}}3.000000e+00], [6.000000e+00]]> : tensor<2x1xf32>
  %0 = onnx.ReduceMean %a, %axes : (tensor<2x3xf32>, tensor<1xi64>) -> tensor<2x1xf32>
  // CHECK-DAG: dense<9.000000e+00> : tensor<f32>
  %1 = onnx.ReduceMax %a {keepdims = 0 : i64} : (tensor<2x3xf32>) -> tensor<f32>
  // CHECK-DAG: dense<[2, 1]> : tensor<2xi64>
  %2 = onnx.ArgMax %a {axis = 1 : i64, keepdims = 0 : i64} : (tensor<2x3xf32>) -> tensor<2xi64>
  %b = onnx.Constant dense<[[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]> : tensor<3x2xf32>
  // CHECK-DAG: dense<{{\[\[}}7.000000e+00, 8.000000e+00], [9.000000e+00, 1.400000e+01]]> : tensor<2x2xf32>
  %3 = onnx.MatMul %a, %b : (tensor<2x3xf32>, tensor<3x2xf32>) -> tensor<2x2xf32>
  return %0, %1, %2, %3 : tensor<2x1xf32>, tensor<f32>, tensor<2xi64>, tensor<2x2xf32>
}

// -----

// What would grow the model is left to run time.
// CHECK-LABEL: @giants_stay
func.func @giants_stay() -> tensor<1000x1000xf32> {
  // CHECK: onnx.Expand
  %a = onnx.Constant dense<1.0> : tensor<1xf32>
  %s = onnx.Constant dense<1000> : tensor<2xi64>
  %0 = onnx.Expand %a, %s : (tensor<1xf32>, tensor<2xi64>) -> tensor<1000x1000xf32>
  return %0 : tensor<1000x1000xf32>
}

// -----

// Shifting right keeps the sign; beyond the width nothing but the sign is left.
// CHECK-LABEL: @shifts
func.func @shifts() -> tensor<3xi8> {
  // CHECK: dense<[-2, -1, 0]> : tensor<3xi8>
  %a = onnx.Constant dense<[-8, -8, 7]> : tensor<3xi8>
  %b = onnx.Constant dense<[2, 9, 9]> : tensor<3xi8>
  %0 = onnx.BitShift %a, %b {direction = "RIGHT"} : (tensor<3xi8>, tensor<3xi8>) -> tensor<3xi8>
  return %0 : tensor<3xi8>
}

// -----

// Types are enough: the operand need not be a constant, nor all of its dimensions known.
// CHECK-LABEL: @of_types
func.func @of_types(%x: tensor<2x3xf32>, %y: tensor<?x3x4xf32>) -> (tensor<2x3xf32>, tensor<i64>, tensor<2xi64>, tensor<3xi64>) {
  // CHECK-DAG: dense<{{\[}}[0.000000e+00, 1.000000e+00, 0.000000e+00], [0.000000e+00, 0.000000e+00, 1.000000e+00]]>
  // CHECK-DAG: dense<6> : tensor<i64>
  // CHECK-DAG: dense<[3, 4]> : tensor<2xi64>
  // CHECK-DAG: onnx.Shape %{{.*}} : (tensor<?x3x4xf32>) -> tensor<3xi64>
  %0 = onnx.EyeLike %x {k = 1 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %1 = onnx.Size %x : (tensor<2x3xf32>) -> tensor<i64>
  %2 = onnx.Shape %y {start = -2 : i64} : (tensor<?x3x4xf32>) -> tensor<2xi64>
  %3 = onnx.Shape %y : (tensor<?x3x4xf32>) -> tensor<3xi64>
  return %0, %1, %2, %3 : tensor<2x3xf32>, tensor<i64>, tensor<2xi64>, tensor<3xi64>
}
