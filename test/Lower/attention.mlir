// RUN: m2c-opt %s -lower-onnx -canonicalize | FileCheck %s

// Heads side by side in a row become a dimension by a transpose that the layout pass turns into strides; a mask of truth
// values is code on the scores.
// CHECK-DAG:   #[[MASK:.*]] = affine_map<(d0, d1, d2, d3) -> (d2, d3)>
// CHECK-LABEL: @masked
// CHECK-SAME:    %[[M:[a-z0-9]*]]: tensor<6x6xi1>
// CHECK-DAG:     %[[LOW:.*]] = arith.constant 0xFF800000 : f32
// CHECK:         linalg.transpose ins(%{{.*}} : tensor<1x6x2x4xf32>) {{.*}} permutation = [0, 2, 1, 3]
// CHECK:         kernel.attention {{.*}} extras(%[[M]] : tensor<6x6xi1>) outs(%{{.*}} : tensor<1x2x6x4xf32>)
// CHECK-SAME:      extra_maps = [#[[MASK]]]
// CHECK-SAME:      scale = 5.000000e-01
// CHECK-NEXT:    ^bb0(%[[S:.*]]: f32, %[[V:.*]]: i1):
// CHECK-NEXT:      arith.select %[[V]], %[[S]], %[[LOW]] : f32
func.func @masked(%q: tensor<1x6x8xf32>, %k: tensor<1x6x8xf32>, %v: tensor<1x6x8xf32>, %m: tensor<6x6xi1>) -> tensor<1x6x8xf32> {
  %y = onnx.Attention %q, %k, %v, %m {kv_num_heads = 2 : i64, q_num_heads = 2 : i64, scale = 5.0e-01 : f32}
    : (tensor<1x6x8xf32>, tensor<1x6x8xf32>, tensor<1x6x8xf32>, tensor<6x6xi1>) -> tensor<1x6x8xf32>
  return %y : tensor<1x6x8xf32>
}
