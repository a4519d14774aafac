// RUN: m2c-opt %s -lower-onnx | FileCheck %s

// One update after the other, each at an index that is made to lie inside.
// CHECK-LABEL: @scatter_elements
// CHECK-SAME:    (%[[DATA:.*]]: tensor<4x3xf32>, %[[INDICES:.*]]: tensor<2x3xi64>, %[[UPDATES:.*]]: tensor<2x3xf32>)
// CHECK:         scf.for %[[I:.*]] = {{.*}} iter_args(%{{.*}} = %[[DATA]])
// CHECK:           scf.for %[[J:.*]] = {{.*}} iter_args(%[[Y:.*]] =
// CHECK:             %[[RAW:.*]] = tensor.extract %[[INDICES]][%[[I]], %[[J]]]
// CHECK:             %[[VALUE:.*]] = tensor.extract %[[UPDATES]][%[[I]], %[[J]]]
// CHECK:             arith.maxsi
// CHECK:             %[[INSIDE:.*]] = arith.minsi
// CHECK:             %[[OLD:.*]] = tensor.extract %[[Y]][%[[INSIDE]], %[[J]]]
// CHECK:             %[[SUM:.*]] = arith.addf %[[OLD]], %[[VALUE]]
// CHECK:             tensor.insert %[[SUM]] into %[[Y]][%[[INSIDE]], %[[J]]]
func.func @scatter_elements(%data: tensor<4x3xf32>, %indices: tensor<2x3xi64>, %updates: tensor<2x3xf32>) -> tensor<4x3xf32> {
  %0 = onnx.ScatterElements %data, %indices, %updates {reduction = "add"} : (tensor<4x3xf32>, tensor<2x3xi64>, tensor<2x3xf32>) -> tensor<4x3xf32>
  return %0 : tensor<4x3xf32>
}

// CHECK-LABEL: @cumsum_exclusive
// CHECK:         scf.for
// CHECK:           scf.for {{.*}} iter_args(%[[Y:.*]] = %{{.*}}, %[[SUM:.*]] =
// CHECK:             %[[X:.*]] = tensor.extract
// CHECK:             %[[NEXT:.*]] = arith.addf %[[SUM]], %[[X]]
// CHECK:             tensor.insert %[[SUM]] into %[[Y]]
func.func @cumsum_exclusive(%x: tensor<2x5xf32>) -> tensor<2x5xf32> {
  %axis = onnx.Constant dense<1> : tensor<i64>
  %0 = onnx.CumSum %x, %axis {exclusive = 1 : i64} : (tensor<2x5xf32>, tensor<i64>) -> tensor<2x5xf32>
  return %0 : tensor<2x5xf32>
}

// CHECK-LABEL: @top_k
// CHECK-COUNT-3: scf.for
// CHECK:           arith.cmpf ogt
func.func @top_k(%x: tensor<2x5xf32>) -> (tensor<2x3xf32>, tensor<2x3xi64>) {
  %k = onnx.Constant dense<3> : tensor<1xi64>
  %0, %1 = onnx.TopK %x, %k : (tensor<2x5xf32>, tensor<1xi64>) -> (tensor<2x3xf32>, tensor<2x3xi64>)
  return %0, %1 : tensor<2x3xf32>, tensor<2x3xi64>
}
