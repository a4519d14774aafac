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

func.func @missing_attribute(%x: tensor<4xf32>) {
  // expected-error @+1 {{requires attribute 'axis'}}
  %0 = onnx.Concat %x : (tensor<4xf32>) -> tensor<4xf32>
  return
}
