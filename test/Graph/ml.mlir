// How ai.onnx.ml, com.microsoft and attention with subgraphs are written out.
// RUN: m2c-opt %s -decompose-operators | FileCheck %s

// x < 0.5 is x <= the float below; the second child of each node lies behind the first.
// CHECK-LABEL: @trees
// CHECK-DAG:     %[[NODES:.*]] = onnx.Constant dense<{{\[\[}}1056964607, 1, 1], [1073741824, 0, -1], [1077936128, 0, -1]]> : tensor<3x3xi32>
// CHECK:         onnx.m2c.Trees %arg0, %[[NODES]], {{.*}} {aggregate = 1 : i64, missing = 0 : i64, single = 1 : i64}
func.func @trees(%x: tensor<4x2xf32>) -> tensor<4x1xf32> {
  %0 = onnx.ml.TreeEnsembleRegressor %x {nodes_treeids = array<i64: 0, 0, 0>, nodes_nodeids = array<i64: 0, 1, 2>,
    nodes_featureids = array<i64: 1, 0, 0>, nodes_values = array<f32: 0.5, 0.0, 0.0>, nodes_modes = ["BRANCH_LT", "LEAF", "LEAF"],
    nodes_truenodeids = array<i64: 1, 0, 0>, nodes_falsenodeids = array<i64: 2, 0, 0>, target_treeids = array<i64: 0, 0>,
    target_nodeids = array<i64: 1, 2>, target_ids = array<i64: 0, 0>, target_weights = array<f32: 2.0, 3.0>} : (tensor<4x2xf32>) -> tensor<4x1xf32>
  return %0 : tensor<4x1xf32>
}

// CHECK-LABEL: @label_encoder
// CHECK-DAG:     %[[KEYS:.*]] = onnx.Constant dense<[-3, 5, 8]> : tensor<3xi64>
// CHECK-DAG:     %[[VALUES:.*]] = onnx.Constant dense<[3, 2, 1, 42]> : tensor<4xi64>
// CHECK:         onnx.m2c.LookUp %arg0, %[[KEYS]], %[[VALUES]]
func.func @label_encoder(%x: tensor<4xi64>) -> tensor<4xi64> {
  %0 = onnx.ml.LabelEncoder %x {keys_int64s = array<i64: 8, 5, -3>, values_int64s = array<i64: 1, 2, 3>, default_int64 = 42 : i64} : (tensor<4xi64>) -> tensor<4xi64>
  return %0 : tensor<4xi64>
}

// CHECK-LABEL: @fused_conv
// CHECK:         %[[Y:.*]] = onnx.Conv %arg0, %arg1, %arg2 {pads = array<i64: 1, 1, 1, 1>}
// CHECK:         %[[SUM:.*]] = onnx.Add %[[Y]], %arg3
// CHECK:         onnx.Relu %[[SUM]]
func.func @fused_conv(%x: tensor<1x2x4x4xf32>, %w: tensor<2x2x3x3xf32>, %b: tensor<2xf32>, %z: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
  %0 = onnx.com.microsoft.FusedConv %x, %w, %b, %z {activation = "Relu", pads = array<i64: 1, 1, 1, 1>} : (tensor<1x2x4x4xf32>, tensor<2x2x3x3xf32>, tensor<2xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  return %0 : tensor<1x2x4x4xf32>
}

// The subgraph runs on the scores, which are float32 for narrower operands.
// CHECK-LABEL: @flex
// CHECK:         %[[SCORES:.*]] = onnx.Cast %{{.*}} {to = 1 : i64} : (tensor<1x2x3x5xf16>) -> tensor<1x2x3x5xf32>
// CHECK:         %[[CHANGED:.*]] = onnx.Tanh %[[SCORES]]
// CHECK:         onnx.Softmax %[[CHANGED]]
// CHECK-NOT:     FlexAttention
func.func @flex(%q: tensor<1x2x3x8xf16>, %k: tensor<1x2x5x8xf16>) -> tensor<1x2x3x8xf16> {
  %0 = onnx.preview.FlexAttention %q, %k, %k : (tensor<1x2x3x8xf16>, tensor<1x2x5x8xf16>, tensor<1x2x5x8xf16>) -> tensor<1x2x3x8xf16> {
  ^bb0(%scores: tensor<1x2x3x5xf32>):
    %1 = onnx.Tanh %scores : (tensor<1x2x3x5xf32>) -> tensor<1x2x3x5xf32>
    onnx.yield %1 : tensor<1x2x3x5xf32>
  }, {
  }
  return %0 : tensor<1x2x3x8xf16>
}
