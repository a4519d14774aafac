// RUN: m2c-opt %s -verify-graph -split-input-file -verify-diagnostics

// Symbols are sizes; `?` alone is not.
func.func @symbolic_input(%x: tensor<?x16xi64, affine_map<()[s0] -> (s0, 16)>>) -> tensor<?x16xi64, affine_map<()[s0] -> (s0, 16)>>
    attributes {m2c.symbols = ["batch"], m2c.bounds = [-1]} {
  %0 = onnx.Abs %x : (tensor<?x16xi64, affine_map<()[s0] -> (s0, 16)>>) -> tensor<?x16xi64, affine_map<()[s0] -> (s0, 16)>>
  return %0 : tensor<?x16xi64, affine_map<()[s0] -> (s0, 16)>>
}

// -----

// expected-error @+2 {{input 'tokens' has a dimension of unknown size in [?,16]}}
// expected-note @+1 {{give the whole shape with --shape tokens:1x16}}
func.func @unknown_input(%x: tensor<?x16xi64> {onnx.name = "tokens"}) -> tensor<?x16xi64> {
  // No message for what only follows from that.
  %0 = onnx.Abs %x : (tensor<?x16xi64>) -> tensor<?x16xi64>
  return %0 : tensor<?x16xi64>
}

// -----

func.func @data_dependent(%x: tensor<4xf32>) -> tensor<1x?xi64> {
  // expected-error @+1 {{(NonZero): the shape of its result '' depends on values that are only known at run time: [1,?]}}
  %0 = onnx.NonZero %x : (tensor<4xf32>) -> tensor<1x?xi64>
  return %0 : tensor<1x?xi64>
}

// -----

// Reported once per operator, with the number of nodes.
func.func @unsupported(%x: tensor<4xui8>) -> (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) {
  // expected-error @unknown {{operator ImageDecoder is not supported (2 nodes: 'a', 'b')}}
  %0 = onnx.ImageDecoder %x : (tensor<4xui8>) -> tensor<*x!onnx.unknown> loc("a")
  %1 = onnx.ImageDecoder %x : (tensor<4xui8>) -> tensor<*x!onnx.unknown> loc("b")
  return %0, %1 : tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>
}
