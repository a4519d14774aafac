// The text form of operators: optional operands and results, variadics, regions, names from locations.
// RUN: m2c-opt %s -mlir-print-debuginfo -mlir-print-local-scope | m2c-opt | FileCheck %s

// CHECK-LABEL: @absent_values
func.func @absent_values(%x: tensor<1x4xf32> {onnx.name = "x"}) -> tensor<*xf32> {
  // CHECK: %[[C:clip_out]] = onnx.Clip %arg0, none, %arg0 : (tensor<1x4xf32>, none, tensor<1x4xf32>) -> tensor<1x4xf32>
  %0 = onnx.Clip %x, none, %x : (tensor<1x4xf32>, none, tensor<1x4xf32>) -> tensor<1x4xf32> loc("clip"("clip_out"))
  // CHECK: onnx.Clip %[[C]] : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %1 = onnx.Clip %0 : (tensor<1x4xf32>) -> tensor<1x4xf32>
  // CHECK: %Y, %Y_c = onnx.LSTM %arg0, %{{.*}}, %{{.*}}, none, none, %arg0 {hidden_size = 4 : i64}
  // CHECK-SAME: -> (tensor<*xf32>, none, tensor<*xf32>)
  %y:2 = onnx.LSTM %x, %1, %1, none, none, %x {hidden_size = 4 : i64} : (tensor<1x4xf32>, tensor<1x4xf32>,
      tensor<1x4xf32>, none, none, tensor<1x4xf32>) -> (tensor<*xf32>, none, tensor<*xf32>)
      loc("lstm"(fused<unit>["Y", "Y_c"]))
  return %y#1 : tensor<*xf32>
}

// CHECK-LABEL: @variadics_and_regions
func.func @variadics_and_regions(%x: tensor<4xf32>, %c: tensor<i1>) -> tensor<*x!onnx.unknown> {
  // CHECK: onnx.Concat %{{.*}}, %{{.*}} {axis = 0 : i64} : (tensor<4xf32>, tensor<4xf32>) -> tensor<8xf32>
  %0 = onnx.Concat %x, %x {axis = 0 : i64} : (tensor<4xf32>, tensor<4xf32>) -> tensor<8xf32>
  // CHECK: onnx.If %{{.*}} : (tensor<i1>) -> tensor<*x!onnx.unknown> {
  // CHECK-NEXT: onnx.yield %{{.*}} : tensor<8xf32>
  // CHECK-NEXT: }, {
  // CHECK-NEXT: onnx.ml.Scaler %{{.*}} {scale = array<f32: 2.000000e+00>}
  %1 = onnx.If %c : (tensor<i1>) -> tensor<*x!onnx.unknown> {
    onnx.yield %0 : tensor<8xf32>
  }, {
    %2 = onnx.ml.Scaler %0 {scale = array<f32: 2.0>} : (tensor<8xf32>) -> tensor<8xf32>
    onnx.yield %2 : tensor<8xf32>
  }
  // CHECK: onnx.Loop none, %{{.*}}, %{{.*}} : (none, tensor<i1>, tensor<*x!onnx.unknown>) -> tensor<*xf32> {
  // CHECK-NEXT: ^bb0(%{{.*}}: tensor<i64>, %{{.*}}: tensor<i1>, %{{.*}}: tensor<*xf32>):
  %3 = onnx.Loop none, %c, %1 : (none, tensor<i1>, tensor<*x!onnx.unknown>) -> tensor<*xf32> {
  ^bb0(%i: tensor<i64>, %cond: tensor<i1>, %v: tensor<*xf32>):
    onnx.yield %cond, %v : tensor<i1>, tensor<*xf32>
  }
  // CHECK: onnx.SequenceEmpty : () -> !onnx.seq<tensor<*x!onnx.string>>
  %4 = onnx.SequenceEmpty : () -> !onnx.seq<tensor<*x!onnx.string>>
  return %1 : tensor<*x!onnx.unknown>
}
