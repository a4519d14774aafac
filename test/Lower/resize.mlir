// RUN: m2c-opt %s -lower-onnx -canonicalize | FileCheck %s

// CHECK-LABEL: @linear
// CHECK-DAG:     %[[INDEX:.*]] = arith.constant dense<{{\[\[}}0, 0], [0, 1], [0, 1], [1, 1]]> : tensor<4x2xi32>
// CHECK-DAG:     %[[WEIGHT:.*]] = arith.constant dense<{{\[\[}}2.500000e-01, 7.500000e-01], [7.500000e-01, 2.500000e-01], [2.500000e-01, 7.500000e-01], [7.500000e-01, 2.500000e-01]]> : tensor<4x2xf32>
// CHECK:         kernel.resize ins(%{{.*}} : tensor<1x2x2x3xf32>) rows(%[[INDEX]], %[[WEIGHT]]
func.func @linear(%x: tensor<1x3x2x2xf32>) -> tensor<1x3x4x4xf32> {
  %scales = onnx.Constant dense<[1.0, 1.0, 2.0, 2.0]> : tensor<4xf32>
  %0 = onnx.Resize %x, none, %scales, none {mode = "linear"} : (tensor<1x3x2x2xf32>, none, tensor<4xf32>, none) -> tensor<1x3x4x4xf32>
  return %0 : tensor<1x3x4x4xf32>
}
