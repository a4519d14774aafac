// Sequences and optionals are lists of values; what is left of them is refused with the reason.
// RUN: m2c-opt %s -infer-shapes -verify-graph -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @resolved
// CHECK-SAME:    -> (tensor<2xf32> {onnx.name = "s_0"}, tensor<3xf32> {onnx.name = "s_1"}, tensor<i64>)
// CHECK-NOT:     onnx.Sequence
// CHECK:         %[[N:.*]] = onnx.Constant dense<2> : tensor<i64>
// CHECK-NEXT:    return %arg1, %arg0, %[[N]]
func.func @resolved(%x: tensor<3xf32>, %y: tensor<2xf32>) -> (!onnx.seq<tensor<*xf32>> {onnx.name = "s"}, tensor<*x!onnx.unknown>) {
  %first = onnx.Constant dense<0> : tensor<i64>
  %0 = onnx.SequenceConstruct %x : (tensor<3xf32>) -> !onnx.seq<tensor<*xf32>>
  %1 = onnx.SequenceInsert %0, %y, %first : (!onnx.seq<tensor<*xf32>>, tensor<2xf32>, tensor<i64>) -> !onnx.seq<tensor<*xf32>>
  %2 = onnx.SequenceLength %1 : (!onnx.seq<tensor<*xf32>>) -> tensor<*x!onnx.unknown>
  return %1, %2 : !onnx.seq<tensor<*xf32>>, tensor<*x!onnx.unknown>
}

// -----

// CHECK-LABEL: @map
// CHECK-SAME:    (%[[X:.*]]: tensor<3xf32>, %[[Y:.*]]: tensor<3xf32>)
// CHECK-DAG:     onnx.Mul %[[X]], %[[Y]]
// CHECK-DAG:     onnx.Mul %[[Y]], %[[Y]]
// CHECK:         onnx.Concat
// CHECK-NOT:     onnx.Sequence
func.func @map(%x: tensor<3xf32>, %y: tensor<3xf32>) -> tensor<*x!onnx.unknown> {
  %0 = onnx.SequenceConstruct %x, %y : (tensor<3xf32>, tensor<3xf32>) -> !onnx.seq<tensor<*xf32>>
  %1 = onnx.SequenceMap %0, %y : (!onnx.seq<tensor<*xf32>>, tensor<3xf32>) -> !onnx.seq<tensor<*xf32>> {
  ^bb0(%a: tensor<*x!onnx.unknown>, %b: tensor<*x!onnx.unknown>):
    %m = onnx.Mul %a, %b : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
    onnx.yield %m : tensor<*x!onnx.unknown>
  }
  %2 = onnx.ConcatFromSequence %1 {axis = 0 : i64} : (!onnx.seq<tensor<*xf32>>) -> tensor<*x!onnx.unknown>
  return %2 : tensor<*x!onnx.unknown>
}

// -----

func.func @position(%x: tensor<3xf32>, %y: tensor<2xf32>, %at: tensor<i64>) -> tensor<*x!onnx.unknown> {
  %0 = onnx.SequenceConstruct %x, %y : (tensor<3xf32>, tensor<2xf32>) -> !onnx.seq<tensor<*xf32>>
  // expected-error @+1 {{(SequenceAt): how many elements its sequence has, which of them it takes, or whether an optional holds one, is not known at conversion}}
  %1 = onnx.SequenceAt %0, %at : (!onnx.seq<tensor<*xf32>>, tensor<i64>) -> tensor<*x!onnx.unknown>
  return %1 : tensor<*x!onnx.unknown>
}

// -----

func.func @trips(%x: tensor<3xf32>, %trips: tensor<i64>) -> tensor<*x!onnx.unknown> {
  %0 = onnx.SequenceEmpty : () -> !onnx.seq<tensor<*xf32>>
  // expected-error @+1 {{(Loop): how many elements its sequence has}}
  %1 = onnx.Loop %trips, none, %0 : (tensor<i64>, none, !onnx.seq<tensor<*xf32>>) -> !onnx.seq<tensor<*xf32>> {
  ^bb0(%i: tensor<*x!onnx.unknown>, %go: tensor<*x!onnx.unknown>, %list: !onnx.seq<tensor<*xf32>>):
    %2 = onnx.SequenceInsert %list, %x : (!onnx.seq<tensor<*xf32>>, tensor<3xf32>) -> !onnx.seq<tensor<*xf32>>
    onnx.yield %go, %2 : tensor<*x!onnx.unknown>, !onnx.seq<tensor<*xf32>>
  }
  %3 = onnx.ConcatFromSequence %1 {axis = 0 : i64} : (!onnx.seq<tensor<*xf32>>) -> tensor<*x!onnx.unknown>
  return %3 : tensor<*x!onnx.unknown>
}
