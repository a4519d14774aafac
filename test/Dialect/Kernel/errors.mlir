// What the verifier of kernel ops refuses.
// RUN: m2c-opt %s -verify-diagnostics -split-input-file

func.func @epilogue_type(%x: tensor<3x8xf32>, %o: tensor<3x8xi1>) -> tensor<3x8xi1> {
  // expected-error @+1 {{epilogue turns 'f32' into 'i1', expected 'i1' and the output's element type 'i1'}}
  %0 = kernel.softmax ins(%x : tensor<3x8xf32>) outs(%o : tensor<3x8xi1>) {extra_maps = []} epilogue {
  ^bb0(%acc: f32):
    %zero = arith.constant 0.0 : f32
    %y = arith.cmpf ogt, %acc, %zero : f32
    kernel.yield %y : i1
  } -> tensor<3x8xi1>
  return %0 : tensor<3x8xi1>
}

// -----

func.func @epilogue_values(%x: tensor<3x8xf32>, %o: tensor<3x8xf32>) -> tensor<3x8xf32> {
  // expected-error @+1 {{epilogue yields 2 values, expected 1}}
  %0 = kernel.softmax ins(%x : tensor<3x8xf32>) outs(%o : tensor<3x8xf32>) {extra_maps = []} epilogue {
  ^bb0(%acc: f32):
    kernel.yield %acc, %acc : f32, f32
  } -> tensor<3x8xf32>
  return %0 : tensor<3x8xf32>
}

// -----

func.func @epilogue_arguments(%x: tensor<3x8xf32>, %b: tensor<8xf32>, %o: tensor<3x8xf32>) -> tensor<3x8xf32> {
  // expected-error @+1 {{epilogue has 1 arguments for 1 extras and the result}}
  %0 = kernel.softmax ins(%x : tensor<3x8xf32>) extras(%b : tensor<8xf32>) outs(%o : tensor<3x8xf32>) {extra_maps = [affine_map<(i, j) -> (j)>]} epilogue {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  } -> tensor<3x8xf32>
  return %0 : tensor<3x8xf32>
}

// -----

func.func @border_value(%o: tensor<3x8xi64>) -> tensor<3x8xi64> {
  // expected-error @+1 {{value has type 'f64', expected the element type 'i64'}}
  %0 = kernel.pad_border outs(%o : tensor<3x8xi64>) {low = array<i64: 1, 1>, high = array<i64: 0, 0>, value = 1.0 : f64} -> tensor<3x8xi64>
  return %0 : tensor<3x8xi64>
}
