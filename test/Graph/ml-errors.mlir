// What inference refuses of ai.onnx.ml, com.microsoft and custom operators: it names both values.
// RUN: m2c-opt %s -infer-shapes -verify-diagnostics -split-input-file

func.func @scaler(%x: tensor<2x3xf32>) -> tensor<*x!onnx.unknown> {
  // expected-error @+1 {{scale has 2 values but '' [2,3] has 3 features}}
  %0 = onnx.ml.Scaler %x {scale = array<f32: 1.0, 2.0>} : (tensor<2x3xf32>) -> tensor<*x!onnx.unknown>
  return %0 : tensor<*x!onnx.unknown>
}

// -----

func.func @linear(%x: tensor<2x3xf32>) -> tensor<*x!onnx.unknown> {
  // expected-error @+1 {{there are 4 coefficients, which is no multiple of the 3 features of '' [2,3]}}
  %0:2 = onnx.ml.LinearClassifier %x {coefficients = array<f32: 1.0, 2.0, 3.0, 4.0>} : (tensor<2x3xf32>) -> (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>)
  return %0#0 : tensor<*x!onnx.unknown>
}

// -----

func.func @labels(%x: tensor<2x3xf32>) -> tensor<*x!onnx.unknown> {
  // expected-error @+1 {{its labels are strings, which are not supported; export the model with integer labels}}
  %0:2 = onnx.ml.LinearClassifier %x {classlabels_strings = ["a", "b"], coefficients = array<f32: 1.0, 2.0, 3.0>} : (tensor<2x3xf32>) -> (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>)
  return %0#0 : tensor<*x!onnx.unknown>
}

// -----

func.func @keys(%x: tensor<2xi64>) -> tensor<*x!onnx.unknown> {
  // expected-error @+1 {{its keys have type 'f32' but '' [2] has 'i64'}}
  %0 = onnx.ml.LabelEncoder %x {keys_floats = array<f32: 1.0>, values_int64s = array<i64: 2>} : (tensor<2xi64>) -> tensor<*x!onnx.unknown>
  return %0 : tensor<*x!onnx.unknown>
}

// -----

func.func @cycle(%x: tensor<2x3xf32>) -> tensor<*x!onnx.unknown> {
  // expected-error @+1 {{node 0 of its trees is below itself}}
  %0 = onnx.ml.TreeEnsembleRegressor %x {nodes_treeids = array<i64: 0, 0>, nodes_nodeids = array<i64: 0, 1>,
    nodes_featureids = array<i64: 0, 0>, nodes_values = array<f32: 0.5, 0.5>, nodes_modes = ["BRANCH_LEQ", "BRANCH_LEQ"],
    nodes_truenodeids = array<i64: 1, 0>, nodes_falsenodeids = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<*x!onnx.unknown>
  return %0 : tensor<*x!onnx.unknown>
}

// -----

func.func @feature(%x: tensor<2x3xf32>) -> tensor<*x!onnx.unknown> {
  // expected-error @+1 {{node 0 of its trees reads feature 3 of 3}}
  %0 = onnx.ml.TreeEnsembleRegressor %x {nodes_treeids = array<i64: 0, 0>, nodes_nodeids = array<i64: 0, 1>,
    nodes_featureids = array<i64: 3, 0>, nodes_values = array<f32: 0.5, 0.5>, nodes_modes = ["BRANCH_LEQ", "LEAF"],
    nodes_truenodeids = array<i64: 1, 0>, nodes_falsenodeids = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<*x!onnx.unknown>
  return %0 : tensor<*x!onnx.unknown>
}

// -----

func.func @child(%x: tensor<2x3xf32>) -> tensor<*x!onnx.unknown> {
  // expected-error @+1 {{node 0 of its trees has no child where it branches}}
  %0 = onnx.ml.TreeEnsembleRegressor %x {nodes_treeids = array<i64: 0>, nodes_nodeids = array<i64: 0>,
    nodes_featureids = array<i64: 0>, nodes_values = array<f32: 0.5>, nodes_modes = ["BRANCH_LEQ"],
    nodes_truenodeids = array<i64: 1>, nodes_falsenodeids = array<i64: 2>} : (tensor<2x3xf32>) -> tensor<*x!onnx.unknown>
  return %0 : tensor<*x!onnx.unknown>
}

// -----

func.func @blocks(%x: tensor<2x32xf32>, %w: tensor<3x2x4xui8>, %s: tensor<6xf32>) -> tensor<*x!onnx.unknown> {
  // expected-error @+1 {{'' [3,2,4] has 24 bytes but K, N, bits and block_size need 48}}
  %0 = onnx.com.microsoft.MatMulNBits %x, %w, %s {K = 32 : i64, N = 3 : i64, block_size = 16 : i64} : (tensor<2x32xf32>, tensor<3x2x4xui8>, tensor<6xf32>) -> tensor<*x!onnx.unknown>
  return %0 : tensor<*x!onnx.unknown>
}

// -----

func.func @cache(%q: tensor<1x4x32xf32>, %kv: tensor<1x4x32xf32>, %past: tensor<1x2x8x16xf32>, %n: tensor<1xi32>, %t: tensor<i32>) -> tensor<*x!onnx.unknown> {
  // expected-error @+1 {{past keys and values are not supported; export the model without a cache}}
  %0 = onnx.com.microsoft.GroupQueryAttention %q, %kv, %kv, %past, %past, %n, %t {num_heads = 2 : i64, kv_num_heads = 2 : i64} : (tensor<1x4x32xf32>, tensor<1x4x32xf32>, tensor<1x4x32xf32>, tensor<1x2x8x16xf32>, tensor<1x2x8x16xf32>, tensor<1xi32>, tensor<i32>) -> tensor<*x!onnx.unknown>
  return %0 : tensor<*x!onnx.unknown>
}

// -----

func.func @custom(%x: tensor<2xf32>) -> tensor<*x!onnx.unknown> {
  // expected-error @+1 {{a result of a custom operator, is not known; declare it in the model's value_info}}
  %0:2 = onnx.m2c.Custom %x {function = "f", header = "f.h", parameters = {}} : (tensor<2xf32>) -> (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>)
  return %0#0 : tensor<*x!onnx.unknown>
}

// -----

func.func @flex(%q: tensor<1x3x4x8xf32>, %k: tensor<1x2x4x8xf32>) -> tensor<*x!onnx.unknown> {
  // expected-error @+1 {{its 2 heads of keys do not divide the 3 heads of queries}}
  %0 = onnx.preview.FlexAttention %q, %k, %k : (tensor<1x3x4x8xf32>, tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>) -> tensor<*x!onnx.unknown> {}, {}
  return %0 : tensor<*x!onnx.unknown>
}
