// RUN: m2c-opt %s -infer-shapes -simplify-graph | FileCheck %s

// The branches' shapes are one; their regions survive.
// CHECK-LABEL: func.func @branches
// CHECK:         onnx.If %{{.*}} : (tensor<i1>) -> tensor<2x4xf32>
// CHECK:           onnx.Relu
// CHECK:           onnx.yield %{{.*}} : tensor<2x4xf32>
// CHECK:           onnx.Neg
func.func @branches(%c: tensor<i1>, %x: tensor<2x4xf32>) -> tensor<*x!onnx.unknown> {
  %0 = onnx.If %c : (tensor<i1>) -> tensor<*x!onnx.unknown> {
    %1 = onnx.Relu %x : (tensor<2x4xf32>) -> tensor<*x!onnx.unknown>
    onnx.yield %1 : tensor<*x!onnx.unknown>
  }, {
    %1 = onnx.Neg %x : (tensor<2x4xf32>) -> tensor<*x!onnx.unknown>
    onnx.yield %1 : tensor<*x!onnx.unknown>
  }
  return %0 : tensor<*x!onnx.unknown>
}

// The condition holds wherever the body runs: what only passes it on is a constant, and M is the number of trips.
// CHECK-LABEL: func.func @counted
// CHECK:         onnx.Loop {{.*}} -> (tensor<4xf32>, tensor<5x4xf32>)
// CHECK:           %[[TRUE:.*]] = onnx.Constant dense<true> : tensor<i1>
// CHECK:           onnx.yield %[[TRUE]],
func.func @counted(%x: tensor<4xf32>) -> (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) {
  %m = onnx.Constant dense<5> : tensor<i64>
  %0, %1 = onnx.Loop %m, none, %x : (tensor<i64>, none, tensor<4xf32>) -> (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) {
  ^bb0(%i: tensor<*x!onnx.unknown>, %go: tensor<*x!onnx.unknown>, %a: tensor<*x!onnx.unknown>):
    %on = onnx.Identity %go : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
    %n = onnx.Exp %a : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
    onnx.yield %on, %n, %a : tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>
  }
  return %0, %1 : tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>
}

// A condition that is false from the first trip on: one slice, whatever M says.
// CHECK-LABEL: func.func @one_trip
// CHECK:         onnx.Loop {{.*}} -> (tensor<4xf32>, tensor<1x4xf32>)
func.func @one_trip(%x: tensor<4xf32>) -> (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) {
  %m = onnx.Constant dense<5> : tensor<i64>
  %off = onnx.Constant dense<false> : tensor<i1>
  %0, %1 = onnx.Loop %m, none, %x : (tensor<i64>, none, tensor<4xf32>) -> (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) {
  ^bb0(%i: tensor<*x!onnx.unknown>, %go: tensor<*x!onnx.unknown>, %a: tensor<*x!onnx.unknown>):
    %n = onnx.Exp %a : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
    onnx.yield %off, %n, %n : tensor<i1>, tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>
  }
  return %0, %1 : tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>
}

// As many trips as there are rows.
// CHECK-LABEL: func.func @symbolic
// CHECK:         onnx.Loop {{.*}} -> (tensor<f32>, tensor<?xf32, #[[ROWS:.*]]>)
func.func @symbolic(%x: tensor<?x4xf32, affine_map<()[s0] -> (s0, 4)>>, %start: tensor<f32>) -> (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>)
    attributes {m2c.symbols = ["rows"], m2c.bounds = [-1]} {
  %m = onnx.Shape %x {start = 0 : i64, end = 1 : i64} : (tensor<?x4xf32, affine_map<()[s0] -> (s0, 4)>>) -> tensor<*x!onnx.unknown>
  %0, %1 = onnx.Loop %m, none, %start : (tensor<*x!onnx.unknown>, none, tensor<f32>) -> (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) {
  ^bb0(%i: tensor<*x!onnx.unknown>, %go: tensor<*x!onnx.unknown>, %a: tensor<*x!onnx.unknown>):
    %n = onnx.Exp %a : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
    onnx.yield %go, %n, %a : tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>
  }
  return %0, %1 : tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>
}

// Slices of a scan's inputs have no dimension of trips, its outputs have one where they say.
// CHECK-LABEL: func.func @scan
// CHECK:         onnx.Scan {{.*}} -> (tensor<3xf32>, tensor<3x6xf32>)
// CHECK-NEXT:    ^bb0(%{{.*}}: tensor<3xf32>, %{{.*}}: tensor<3xf32>):
func.func @scan(%h: tensor<3xf32>, %x: tensor<6x3xf32>) -> (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) {
  %0, %1 = onnx.Scan %h, %x {num_scan_inputs = 1 : i64, scan_output_axes = array<i64: 1>} : (tensor<3xf32>, tensor<6x3xf32>) -> (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) {
  ^bb0(%a: tensor<*x!onnx.unknown>, %s: tensor<*x!onnx.unknown>):
    %n = onnx.Add %a, %s : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
    onnx.yield %n, %s : tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>
  }
  return %0, %1 : tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>
}
