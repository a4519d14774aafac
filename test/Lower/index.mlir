// RUN: m2c-opt %s -lower-onnx | FileCheck %s

// A run-time index is made to lie inside: a negative one counts from the end, the rest is clamped.
// CHECK-LABEL: @gather
// CHECK-SAME:    (%[[DATA:.*]]: tensor<10x8xf32>, %[[INDICES:.*]]: tensor<3xi64>)
// CHECK:         linalg.generic {{.*}} ins(%[[INDICES]] :
// CHECK:         ^bb0(%[[I:.*]]: i64,
// CHECK:           %[[INDEX:.*]] = arith.index_cast %[[I]]
// CHECK:           %[[WRAPPED:.*]] = arith.select
// CHECK:           %[[LOW:.*]] = arith.maxsi %[[WRAPPED]]
// CHECK:           %[[INSIDE:.*]] = arith.minsi %[[LOW]]
// CHECK:           tensor.extract %[[DATA]][%[[INSIDE]], %{{.*}}]
func.func @gather(%data: tensor<10x8xf32>, %indices: tensor<3xi64>) -> tensor<3x8xf32> {
  %0 = onnx.Gather %data, %indices {axis = 0 : i64} : (tensor<10x8xf32>, tensor<3xi64>) -> tensor<3x8xf32>
  return %0 : tensor<3x8xf32>
}
