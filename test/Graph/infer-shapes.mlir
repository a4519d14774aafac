// RUN: m2c-opt %s -infer-shapes -split-input-file | FileCheck %s

// A Reshape whose target is computed from the input's shape: the whole chain becomes a constant.
// CHECK-LABEL: @reshape_chain
// CHECK-SAME:    (%[[X:.*]]: tensor<2x3x4xf32>) -> tensor<2x12xf32>
func.func @reshape_chain(%x: tensor<2x3x4xf32>) -> tensor<*x!onnx.unknown> {
  // CHECK-NOT:   onnx.{{Shape|Gather|Unsqueeze|Concat}}
  // CHECK:       %[[SHAPE:.*]] = onnx.Constant dense<[2, -1]> : tensor<2xi64>
  // CHECK-NEXT:  %[[Y:.*]] = onnx.Reshape %[[X]], %[[SHAPE]] : (tensor<2x3x4xf32>, tensor<2xi64>) -> tensor<2x12xf32>
  // CHECK-NEXT:  return %[[Y]] : tensor<2x12xf32>
  %zero = onnx.Constant dense<0> : tensor<i64>
  %axes = onnx.Constant dense<0> : tensor<1xi64>
  %rest = onnx.Constant dense<-1> : tensor<1xi64>
  %0 = onnx.Shape %x : (tensor<2x3x4xf32>) -> tensor<*x!onnx.unknown>
  %1 = onnx.Gather %0, %zero : (tensor<*x!onnx.unknown>, tensor<i64>) -> tensor<*x!onnx.unknown>
  %2 = onnx.Unsqueeze %1, %axes : (tensor<*x!onnx.unknown>, tensor<1xi64>) -> tensor<*x!onnx.unknown>
  %3 = onnx.Concat %2, %rest {axis = 0 : i64} : (tensor<*x!onnx.unknown>, tensor<1xi64>) -> tensor<*x!onnx.unknown>
  %4 = onnx.Reshape %x, %3 : (tensor<2x3x4xf32>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  return %4 : tensor<*x!onnx.unknown>
}

// -----

// CHECK-LABEL: @elementwise
func.func @elementwise(%a: tensor<2x1x4xf32>, %b: tensor<3x1xf32>, %c: tensor<4xi1>) -> (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) {
  // CHECK: onnx.Add {{.*}} -> tensor<2x3x4xf32>
  %0 = onnx.Add %a, %b : (tensor<2x1x4xf32>, tensor<3x1xf32>) -> tensor<*x!onnx.unknown>
  // CHECK: onnx.Less {{.*}} -> tensor<2x3x4xi1>
  %1 = onnx.Less %a, %b : (tensor<2x1x4xf32>, tensor<3x1xf32>) -> tensor<*x!onnx.unknown>
  // CHECK: onnx.Where {{.*}} -> tensor<2x3x4xf32>
  %2 = onnx.Where %c, %a, %b : (tensor<4xi1>, tensor<2x1x4xf32>, tensor<3x1xf32>) -> tensor<*x!onnx.unknown>
  // CHECK: onnx.Cast {{.*}} -> tensor<2x3x4xi64>
  %3 = onnx.Cast %2 {to = 7 : i64} : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  return %0, %1, %3 : tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>
}

// -----

// CHECK-LABEL: @convolutions
func.func @convolutions(%x: tensor<1x3x224x224xf32>, %w: tensor<64x3x7x7xf32>, %t: tensor<64x8x2x2xf32>) -> tensor<*x!onnx.unknown> {
  // CHECK: onnx.Conv {{.*}} -> tensor<1x64x112x112xf32>
  %0 = onnx.Conv %x, %w {pads = array<i64: 3, 3, 3, 3>, strides = array<i64: 2, 2>} : (tensor<1x3x224x224xf32>, tensor<64x3x7x7xf32>) -> tensor<*x!onnx.unknown>
  // CHECK: onnx.MaxPool {{.*}} -> tensor<1x64x56x56xf32>
  %1 = onnx.MaxPool %0 {kernel_shape = array<i64: 3, 3>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>} : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  // A window that would start behind the input is left out, also with ceil_mode.
  // CHECK: onnx.AveragePool {{.*}} -> tensor<1x64x28x28xf32>
  %2 = onnx.AveragePool %1 {kernel_shape = array<i64: 1, 1>, strides = array<i64: 2, 2>, ceil_mode = 1 : i64} : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  // CHECK: onnx.ConvTranspose {{.*}} -> tensor<1x8x56x56xf32>
  %3 = onnx.ConvTranspose %2, %t {strides = array<i64: 2, 2>} : (tensor<*x!onnx.unknown>, tensor<64x8x2x2xf32>) -> tensor<*x!onnx.unknown>
  // CHECK: onnx.Resize {{.*}} -> tensor<1x8x112x112xf32>
  %scales = onnx.Constant dense<[1.0, 1.0, 2.0, 2.0]> : tensor<4xf32>
  %4 = onnx.Resize %3, none, %scales : (tensor<*x!onnx.unknown>, none, tensor<4xf32>) -> tensor<*x!onnx.unknown>
  // CHECK: onnx.GlobalAveragePool {{.*}} -> tensor<1x8x1x1xf32>
  %5 = onnx.GlobalAveragePool %4 : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  return %5 : tensor<*x!onnx.unknown>
}

// -----

// CHECK-LABEL: @matrices
func.func @matrices(%a: tensor<5x1x2x3xf32>, %b: tensor<4x3x6xf32>, %v: tensor<3xf32>) -> (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) {
  // CHECK: onnx.MatMul {{.*}} -> tensor<5x4x2x6xf32>
  %0 = onnx.MatMul %a, %b : (tensor<5x1x2x3xf32>, tensor<4x3x6xf32>) -> tensor<*x!onnx.unknown>
  // CHECK: onnx.MatMul {{.*}} -> tensor<5x1x2xf32>
  %1 = onnx.MatMul %a, %v : (tensor<5x1x2x3xf32>, tensor<3xf32>) -> tensor<*x!onnx.unknown>
  // CHECK: onnx.Einsum {{.*}} -> tensor<5x4x2x6xf32>
  %2 = onnx.Einsum %a, %b {equation = "...ij,...jk->...ik"} : (tensor<5x1x2x3xf32>, tensor<4x3x6xf32>) -> tensor<*x!onnx.unknown>
  return %0, %1, %2 : tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>
}

// -----

// CHECK-LABEL: @lstm
func.func @lstm(%x: tensor<20x32x128xf32>, %w: tensor<2x1024x128xf32>, %r: tensor<2x1024x256xf32>) -> (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) {
  // CHECK: onnx.LSTM {{.*}} -> (tensor<20x2x32x256xf32>, tensor<2x32x256xf32>)
  %0:2 = onnx.LSTM %x, %w, %r {direction = "bidirectional"} : (tensor<20x32x128xf32>, tensor<2x1024x128xf32>, tensor<2x1024x256xf32>) -> (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>)
  return %0#0, %0#1 : tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>
}

// -----

// What the model declares is refined, not forgotten.
// CHECK-LABEL: @declared_types_refine
func.func @declared_types_refine(%x: tensor<2x3xf32>) -> tensor<?x3xf32> {
  // CHECK: onnx.Relu {{.*}} -> tensor<2x3xf32>
  %0 = onnx.Relu %x : (tensor<2x3xf32>) -> tensor<?x3xf32>
  return %0 : tensor<?x3xf32>
}

// -----

// An If on a constant leaves the branch that is taken.
// CHECK-LABEL: @constant_if
func.func @constant_if(%x: tensor<2x3xf32>) -> tensor<*x!onnx.unknown> {
  // CHECK-NOT: onnx.If
  // CHECK: %[[Y:.*]] = onnx.Abs
  // CHECK-NEXT: return %[[Y]]
  %c = onnx.Constant dense<false> : tensor<i1>
  %0 = onnx.If %c : (tensor<i1>) -> tensor<*x!onnx.unknown> {
    %1 = onnx.Neg %x : (tensor<2x3xf32>) -> tensor<*x!onnx.unknown>
    onnx.yield %1 : tensor<*x!onnx.unknown>
  }, {
    %2 = onnx.Abs %x : (tensor<2x3xf32>) -> tensor<*x!onnx.unknown>
    onnx.yield %2 : tensor<*x!onnx.unknown>
  }
  return %0 : tensor<*x!onnx.unknown>
}
