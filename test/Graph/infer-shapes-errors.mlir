// RUN: m2c-opt %s -infer-shapes -split-input-file -verify-diagnostics

func.func @broadcast(%a: tensor<2x3xf32>, %b: tensor<4xf32>) -> tensor<*x!onnx.unknown> {
  // expected-error @+1 {{node (Add): cannot broadcast '' [2,3] and '' [4] together: they differ in dimension 1 of the result}}
  %0 = onnx.Add %a, %b : (tensor<2x3xf32>, tensor<4xf32>) -> tensor<*x!onnx.unknown>
  return %0 : tensor<*x!onnx.unknown>
}

// -----

// All errors of a graph in one run.
func.func @two_errors(%a: tensor<2x3xf32>, %b: tensor<4x5xf32>) -> (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) {
  // expected-error @+1 {{(MatMul): dimension 1 of '' [2,3] is 3 but dimension 0 of '' [4,5] is 4}}
  %0 = onnx.MatMul %a, %b : (tensor<2x3xf32>, tensor<4x5xf32>) -> tensor<*x!onnx.unknown>
  // expected-error @+1 {{(Softmax): axis 2 is outside [-2, 1]}}
  %1 = onnx.Softmax %a {axis = 2 : i64} : (tensor<2x3xf32>) -> tensor<*x!onnx.unknown>
  return %0, %1 : tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>
}

// -----

func.func @declared_shape(%a: tensor<2x3xf32>) -> tensor<2x4xf32> {
  // expected-error @+1 {{has shape [2,3] but the model declares [2,4]}}
  %0 = onnx.Relu %a : (tensor<2x3xf32>) -> tensor<2x4xf32>
  return %0 : tensor<2x4xf32>
}

// -----

func.func @reshape(%a: tensor<2x3xf32>) -> tensor<*x!onnx.unknown> {
  %s = onnx.Constant dense<[4, -1]> : tensor<2xi64>
  // expected-error @+1 {{cannot reshape '' [2,3] with 6 elements to [4,-1], a multiple of 4}}
  %0 = onnx.Reshape %a, %s : (tensor<2x3xf32>, tensor<2xi64>) -> tensor<*x!onnx.unknown>
  return %0 : tensor<*x!onnx.unknown>
}

// -----

func.func @conv_channels(%x: tensor<1x4x8x8xf32>, %w: tensor<6x3x3x3xf32>) -> tensor<*x!onnx.unknown> {
  // expected-error @+1 {{input '' [1,4,8,8] has 4 channels but filter '' [6,3,3,3] in 1 groups takes 3}}
  %0 = onnx.Conv %x, %w : (tensor<1x4x8x8xf32>, tensor<6x3x3x3xf32>) -> tensor<*x!onnx.unknown>
  return %0 : tensor<*x!onnx.unknown>
}

// -----

func.func @window(%x: tensor<1x3x2x2xf32>, %w: tensor<6x3x3x3xf32>) -> tensor<*x!onnx.unknown> {
  // expected-error @+1 {{the window covers 3 elements of spatial dimension 0 but the padded input has only 2}}
  %0 = onnx.Conv %x, %w : (tensor<1x3x2x2xf32>, tensor<6x3x3x3xf32>) -> tensor<*x!onnx.unknown>
  return %0 : tensor<*x!onnx.unknown>
}

// -----

func.func @deform_kernel_shape(%x: tensor<1x1x4x4xf32>, %w: tensor<1x1x2x2xf32>, %o: tensor<1x8x3x3xf32>) -> tensor<*x!onnx.unknown> {
  // expected-error @+1 {{kernel_shape [3,3] contradicts the filter '' [1,1,2,2]}}
  %0 = onnx.DeformConv %x, %w, %o {kernel_shape = array<i64: 3, 3>} : (tensor<1x1x4x4xf32>, tensor<1x1x2x2xf32>, tensor<1x8x3x3xf32>) -> tensor<*x!onnx.unknown>
  return %0 : tensor<*x!onnx.unknown>
}
