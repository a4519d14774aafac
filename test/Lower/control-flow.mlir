// RUN: m2c-opt %s -lower-onnx | FileCheck %s

// Both branches store to one place. Unsigned integers become signless inside too.
// CHECK-LABEL: func.func @branches
// CHECK-SAME:    (%[[C:.*]]: tensor<1xi1>, %[[X:.*]]: tensor<4xi8> {
// CHECK:         %[[PLACE:.*]] = bufferization.alloc_tensor() : tensor<4xi8>
// CHECK:         %[[TAKEN:.*]] = tensor.extract %[[C]][%{{.*}}] : tensor<1xi1>
// CHECK:         scf.if %[[TAKEN]] -> (tensor<4xi8>) {
// CHECK:           %[[SUM:.*]] = linalg.generic
// CHECK:           %[[A:.*]] = linalg.copy ins(%[[SUM]] : tensor<4xi8>) outs(%[[PLACE]] : tensor<4xi8>)
// CHECK:           scf.yield %[[A]]
// CHECK:         } else {
// CHECK:           %[[B:.*]] = linalg.copy ins(%[[X]] : tensor<4xi8>) outs(%[[PLACE]] : tensor<4xi8>)
// CHECK:           scf.yield %[[B]]
func.func @branches(%c: tensor<1xi1>, %x: tensor<4xui8>) -> tensor<4xui8> {
  %0 = onnx.If %c : (tensor<1xi1>) -> tensor<4xui8> {
    %1 = onnx.Add %x, %x : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xui8>
    onnx.yield %1 : tensor<4xui8>
  }, {
    onnx.yield %x : tensor<4xui8>
  }
  return %0 : tensor<4xui8>
}

// An scf.for; the state goes back into the iteration's argument, behind all that reads the old one.
// CHECK-LABEL: func.func @counted
// CHECK-SAME:    (%[[M:.*]]: tensor<i64>, %[[X:.*]]: tensor<4xf32>)
// CHECK:         %[[LIMIT:.*]] = tensor.extract %[[M]][]
// CHECK:         %[[TRIPS:.*]] = arith.index_cast %[[LIMIT]] : i64 to index
// CHECK:         scf.for %{{.*}} = %{{.*}} to %[[TRIPS]] step %{{.*}} iter_args(%[[A:.*]] = %[[X]]) -> (tensor<4xf32>) {
// CHECK:           %[[NEXT:.*]] = linalg.generic {{.*}} ins(%[[A]] :
// CHECK:           %[[STATE:.*]] = linalg.copy ins(%[[NEXT]] : tensor<4xf32>) outs(%[[A]] : tensor<4xf32>)
// CHECK:           scf.yield %[[STATE]]
func.func @counted(%m: tensor<i64>, %x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = onnx.Loop %m, none, %x : (tensor<i64>, none, tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%i: tensor<i64>, %go: tensor<i1>, %a: tensor<4xf32>):
    %on = onnx.Constant dense<true> : tensor<i1>
    %n = onnx.Abs %a : (tensor<4xf32>) -> tensor<4xf32>
    onnx.yield %on, %n : tensor<i1>, tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}

// An old state that becomes another one needs a copy before it is overwritten; outputs by trip are inserted first.
// CHECK-LABEL: func.func @exchanged
// CHECK:         scf.for %[[I:.*]] = {{.*}} iter_args(%[[A:.*]] = %{{.*}}, %[[B:.*]] = %{{.*}}, %[[ALL:.*]] = %{{.*}})
// CHECK:           %[[SLICE:.*]] = tensor.insert_slice %[[A]] into %[[ALL]][%[[I]], 0] [1, 4] [1, 1]
// CHECK:           %[[OLD_B:.*]] = linalg.copy ins(%[[B]] : tensor<4xf32>) outs(%{{.*}} : tensor<4xf32>)
// CHECK:           %[[OLD_A:.*]] = linalg.copy ins(%[[A]] : tensor<4xf32>) outs(%{{.*}} : tensor<4xf32>)
// CHECK:           %[[NEW_A:.*]] = linalg.copy ins(%[[OLD_B]] : tensor<4xf32>) outs(%[[A]] : tensor<4xf32>)
// CHECK:           %[[NEW_B:.*]] = linalg.copy ins(%[[OLD_A]] : tensor<4xf32>) outs(%[[B]] : tensor<4xf32>)
// CHECK:           scf.yield %[[NEW_A]], %[[NEW_B]], %[[SLICE]]
func.func @exchanged(%x: tensor<4xf32>, %z: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<3x4xf32>) {
  %m = onnx.Constant dense<3> : tensor<i64>
  %0, %1, %2 = onnx.Loop %m, none, %x, %z : (tensor<i64>, none, tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<3x4xf32>) {
  ^bb0(%i: tensor<i64>, %go: tensor<i1>, %a: tensor<4xf32>, %b: tensor<4xf32>):
    %on = onnx.Constant dense<true> : tensor<i1>
    onnx.yield %on, %b, %a, %a : tensor<i1>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
  }
  return %0, %1, %2 : tensor<4xf32>, tensor<4xf32>, tensor<3x4xf32>
}

// A condition of the run: an scf.while, with the trip's number and the condition behind the states.
// CHECK-LABEL: func.func @until
// CHECK-SAME:    (%[[M:.*]]: tensor<i64>, %[[C:.*]]: tensor<i1>, %[[X:.*]]: tensor<f32>)
// CHECK:         %[[LIMIT:.*]] = arith.index_cast
// CHECK:         %[[BEGINS:.*]] = tensor.extract %[[C]][]
// CHECK:         scf.while (%[[A:.*]] = %[[X]], %[[I:.*]] = %c0{{.*}}, %[[GO:.*]] = %[[BEGINS]])
// CHECK:           %[[LEFT:.*]] = arith.cmpi slt, %[[I]], %[[LIMIT]]
// CHECK:           %[[BOTH:.*]] = arith.andi %[[LEFT]], %[[GO]]
// CHECK:           scf.condition(%[[BOTH]]) %[[A]], %[[I]], %[[GO]]
// CHECK:         } do {
// CHECK:         ^bb0(%[[STATE:.*]]: tensor<f32>, %[[TRIP:.*]]: index, %{{.*}}: i1):
// CHECK:           %[[NEXT:.*]] = linalg.generic
// CHECK:           %[[LESS:.*]] = linalg.generic
// CHECK:           %[[NEXT_TRIP:.*]] = arith.addi %[[TRIP]]
// CHECK:           %[[ON:.*]] = tensor.extract %[[LESS]][]
// CHECK:           %[[STORED:.*]] = linalg.copy ins(%[[NEXT]] : tensor<f32>) outs(%[[STATE]] : tensor<f32>)
// CHECK:           scf.yield %[[STORED]], %[[NEXT_TRIP]], %[[ON]]
func.func @until(%m: tensor<i64>, %c: tensor<i1>, %x: tensor<f32>) -> tensor<f32> {
  %0 = onnx.Loop %m, %c, %x : (tensor<i64>, tensor<i1>, tensor<f32>) -> tensor<f32> {
  ^bb0(%i: tensor<i64>, %go: tensor<i1>, %a: tensor<f32>):
    %n = onnx.Add %a, %a : (tensor<f32>, tensor<f32>) -> tensor<f32>
    %on = onnx.Less %n, %x : (tensor<f32>, tensor<f32>) -> tensor<i1>
    onnx.yield %on, %n : tensor<i1>, tensor<f32>
  }
  return %0 : tensor<f32>
}

// Slices along the first dimension; another one is moved there before the loop. Backwards is from the end.
// CHECK-LABEL: func.func @scan
// CHECK:         %[[TURNED:.*]] = linalg.transpose ins(%{{.*}} : tensor<3x6xf32>)
// CHECK:         scf.for %[[I:.*]] = {{.*}} iter_args(%[[A:.*]] = %{{.*}}, %[[ALL:.*]] = %{{.*}})
// CHECK:           %[[LAST:.*]] = arith.subi
// CHECK:           %[[BACK:.*]] = arith.subi %[[LAST]], %[[I]]
// CHECK:           tensor.extract_slice %[[TURNED]][%[[BACK]], 0] [1, 3] [1, 1] : tensor<6x3xf32> to tensor<3xf32>
// CHECK:           tensor.insert_slice %{{.*}} into %[[ALL]][%[[I]], 0] [1, 3] [1, 1] : tensor<3xf32> into tensor<6x3xf32>
func.func @scan(%h: tensor<3xf32>, %x: tensor<3x6xf32>) -> (tensor<3xf32>, tensor<6x3xf32>) {
  %0, %1 = onnx.Scan %h, %x {num_scan_inputs = 1 : i64, scan_input_axes = array<i64: -1>, scan_input_directions = array<i64: 1>} : (tensor<3xf32>, tensor<3x6xf32>) -> (tensor<3xf32>, tensor<6x3xf32>) {
  ^bb0(%a: tensor<3xf32>, %s: tensor<3xf32>):
    %n = onnx.Add %a, %s : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
    %p = onnx.Mul %n, %s : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
    onnx.yield %n, %p : tensor<3xf32>, tensor<3xf32>
  }
  return %0, %1 : tensor<3xf32>, tensor<6x3xf32>
}
