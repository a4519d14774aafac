// RUN: m2c-opt %s -split-input-file -verify-diagnostics

func.func @required_operand(%x: tensor<4xf32>) {
  // expected-error @+1 {{operands do not fit the declaration of the operator}}
  %0 = onnx.Conv none, %x : (none, tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @too_many_operands(%x: tensor<4xf32>) {
  // expected-error @+1 {{operands do not fit the declaration of the operator}}
  %0 = onnx.Relu %x, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @types_do_not_match(%x: tensor<4xf32>) {
  // expected-error @+1 {{operands and their types do not match}}
  %0 = onnx.Relu %x : (none) -> tensor<4xf32>
  return
}

// -----

func.func @empty_variadic() {
  // expected-error @+1 {{operand 'inputs' has 0 values, not 1}}
  %0 = onnx.Concat {axis = 0 : i64} : () -> tensor<4xf32>
  return
}

// -----

func.func @no_yield(%c: tensor<i1>) {
  // expected-error @+1 {{subgraph 'then_branch' does not end in onnx.yield}}
  %0 = onnx.If %c : (tensor<i1>) -> tensor<4xf32> {
    "onnx.other"() : () -> ()
  }, {
    onnx.yield
  }
  return
}

// -----

func.func @outputs_of_branch(%c: tensor<i1>, %x: tensor<f32>) {
  // expected-error @+1 {{subgraph 'else_branch' has 0 inputs and 2 outputs, not 0 and 1}}
  %0 = onnx.If %c : (tensor<i1>) -> tensor<f32> {
    onnx.yield %x : tensor<f32>
  }, {
    onnx.yield %x, %x : tensor<f32>, tensor<f32>
  }
  return
}

// -----

func.func @inputs_of_loop(%x: tensor<f32>) {
  // expected-error @+1 {{subgraph 'body' has 2 inputs and 2 outputs, not 3 and 2}}
  %0 = onnx.Loop none, none, %x : (none, none, tensor<f32>) -> tensor<f32> {
  ^bb0(%i: tensor<i64>, %c: tensor<i1>):
    onnx.yield %c, %x : tensor<i1>, tensor<f32>
  }
  return
}

// -----

func.func @missing_attribute(%x: tensor<4xf32>) {
  // expected-error @+1 {{requires attribute 'axis'}}
  %0 = onnx.Concat %x : (tensor<4xf32>) -> tensor<4xf32>
  return
}
