// Sizes that depend on data become symbols that the run finds.
// RUN: m2c-opt %s -infer-shapes -verify-graph -split-input-file | FileCheck %s

// At most as many as there are elements.
// CHECK-DAG:   [[COUNT:#.*]] = affine_map<()[s0] -> (1, s0)>
// CHECK-DAG:   [[MOST:#.*]] = affine_map<()[s0] -> (4)>
// CHECK-LABEL: @nonzero
// CHECK-SAME:    m2c.bounds = [-1], m2c.found = {{\[\[}}0, [[MOST]], "nz"]], m2c.symbols = ["nz_extent"]
// CHECK:         %[[SUM:.*]] = onnx.ReduceSum
// CHECK:         %[[SIZE:.*]] = onnx.m2c.FoundSizes %{{.*}} {symbols = array<i64: 0>}
// CHECK:         onnx.m2c.NonZero %{{.*}}, %[[SIZE]] : (tensor<4xi1>, tensor<1xi64>) -> tensor<1x?xi64, [[COUNT]]>
func.func @nonzero(%x: tensor<4xf32>) -> tensor<*x!onnx.unknown> {
  %0 = onnx.NonZero %x : (tensor<4xf32>) -> tensor<*x!onnx.unknown> loc("nz")
  return %0 : tensor<*x!onnx.unknown>
}

// -----

// Shapes of such tensors are expressions in the symbol.
// CHECK:       #[[TWICE:.*]] = affine_map<()[s0] -> (s0 * 2)>
// CHECK-LABEL: @shape_of_found
// CHECK:         %[[SIZES:.*]] = onnx.Sizes #[[TWICE]] : tensor<1xi64>
// CHECK:         return %[[SIZES]]
func.func @shape_of_found(%x: tensor<4xf32>) -> tensor<*x!onnx.unknown> {
  %two = onnx.Constant dense<2> : tensor<1xi64>
  %0 = onnx.NonZero %x : (tensor<4xf32>) -> tensor<*x!onnx.unknown>
  %1 = onnx.Shape %0 {start = 1 : i64} : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %2 = onnx.Mul %1, %two : (tensor<*x!onnx.unknown>, tensor<1xi64>) -> tensor<*x!onnx.unknown>
  return %2 : tensor<*x!onnx.unknown>
}

// -----

// The number of elements has to stay.
// CHECK:       [[SAME:#.*]] = affine_map<()[s0, s1] -> (24, s0 * s1)>
// CHECK-LABEL: @reshape
// CHECK-SAME:    m2c.checks = {{\[\[}}[[SAME]], "==", "{{.*}}"]]
// CHECK:         onnx.Reshape %{{.*}}, %{{.*}} {allowzero = 1 : i64} : (tensor<4x6xf32>, tensor<2xi64>) -> tensor<?x?xf32,
func.func @reshape(%x: tensor<4x6xf32>, %shape: tensor<2xi64>) -> tensor<*x!onnx.unknown> {
  %0 = onnx.Reshape %x, %shape : (tensor<4x6xf32>, tensor<2xi64>) -> tensor<*x!onnx.unknown>
  return %0 : tensor<*x!onnx.unknown>
}

// -----

// Outputs by trip, of a loop whose trips an input counts.
// CHECK-LABEL: @trips
// CHECK:         %[[FOUND:.*]] = onnx.m2c.FoundSizes
// CHECK:         onnx.Loop
// CHECK-SAME:      -> (tensor<4xf32>, tensor<?x4xf32, {{.*}}>)
// CHECK-NOT:     onnx.Loop
func.func @trips(%m: tensor<i64>, %x: tensor<4xf32>) -> (tensor<*x!onnx.unknown>, tensor<9x4xf32>) {
  %0, %1 = onnx.Loop %m, none, %x : (tensor<i64>, none, tensor<4xf32>) -> (tensor<*x!onnx.unknown>, tensor<9x4xf32>) {
  ^bb0(%i: tensor<*x!onnx.unknown>, %go: tensor<*x!onnx.unknown>, %a: tensor<*x!onnx.unknown>):
    %n = onnx.Exp %a : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
    onnx.yield %go, %n, %a : tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>
  }
  return %0, %1 : tensor<*x!onnx.unknown>, tensor<9x4xf32>
}

// -----

// A loop that ends by its condition first counts its trips.
// CHECK-LABEL: @counted_first
// CHECK:         onnx.Loop
// CHECK-SAME:      -> (tensor<f32>, tensor<i64>)
// CHECK:         onnx.m2c.FoundSizes
// CHECK:         onnx.Loop
// CHECK-SAME:      -> (tensor<f32>, tensor<?xf32, {{.*}}>)
func.func @counted_first(%x: tensor<f32>) -> (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) {
  %most = onnx.Constant dense<9.0> : tensor<f32>
  %0, %1 = onnx.Loop none, none, %x : (none, none, tensor<f32>) -> (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) {
  ^bb0(%i: tensor<*x!onnx.unknown>, %go: tensor<*x!onnx.unknown>, %a: tensor<*x!onnx.unknown>):
    %n = onnx.Exp %a : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
    %goes = onnx.Less %n, %most : (tensor<*x!onnx.unknown>, tensor<f32>) -> tensor<*x!onnx.unknown>
    onnx.yield %goes, %n, %a : tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>
  }
  return %0, %1 : tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>
}
