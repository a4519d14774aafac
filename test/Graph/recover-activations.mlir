// RUN: m2c-opt %s -recover-activations -split-input-file | FileCheck %s

// CHECK-LABEL: @gelu_erf
// CHECK-SAME:    (%[[X:.*]]: tensor<4xf32>)
func.func @gelu_erf(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK:       %[[Y:.*]] = onnx.Gelu %[[X]] {approximate = "none"}
  // CHECK-NEXT:  return %[[Y]]
  %root = onnx.Constant dense<1.4142135381698608> : tensor<f32>
  %one = onnx.Constant dense<1.0> : tensor<f32>
  %half = onnx.Constant dense<0.5> : tensor<f32>
  %0 = onnx.Div %x, %root : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %1 = onnx.Erf %0 : (tensor<4xf32>) -> tensor<4xf32>
  %2 = onnx.Add %1, %one : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %3 = onnx.Mul %x, %2 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %4 = onnx.Mul %3, %half : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  return %4 : tensor<4xf32>
}

// -----

// The other order of the factors.
// CHECK-LABEL: @gelu_erf_half_first
func.func @gelu_erf_half_first(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK:       onnx.Gelu
  // CHECK-NEXT:  return
  %root = onnx.Constant dense<0.70710677> : tensor<f32>
  %one = onnx.Constant dense<1.0> : tensor<f32>
  %half = onnx.Constant dense<0.5> : tensor<f32>
  %h = onnx.Mul %half, %x : (tensor<f32>, tensor<4xf32>) -> tensor<4xf32>
  %0 = onnx.Mul %x, %root : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %1 = onnx.Erf %0 : (tensor<4xf32>) -> tensor<4xf32>
  %2 = onnx.Add %one, %1 : (tensor<f32>, tensor<4xf32>) -> tensor<4xf32>
  %3 = onnx.Mul %h, %2 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %3 : tensor<4xf32>
}

// -----

// CHECK-LABEL: @gelu_tanh
// CHECK-SAME:    (%[[X:.*]]: tensor<4xf32>)
func.func @gelu_tanh(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK:       %[[Y:.*]] = onnx.Gelu %[[X]] {approximate = "tanh"}
  // CHECK-NEXT:  return %[[Y]]
  %three = onnx.Constant dense<3.0> : tensor<f32>
  %c = onnx.Constant dense<0.044715> : tensor<f32>
  %s = onnx.Constant dense<0.79788456> : tensor<f32>
  %one = onnx.Constant dense<1.0> : tensor<f32>
  %half = onnx.Constant dense<0.5> : tensor<f32>
  %h = onnx.Mul %x, %half : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %0 = onnx.Pow %x, %three : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %1 = onnx.Mul %0, %c : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %2 = onnx.Add %x, %1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %3 = onnx.Mul %2, %s : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %4 = onnx.Tanh %3 : (tensor<4xf32>) -> tensor<4xf32>
  %5 = onnx.Add %4, %one : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %6 = onnx.Mul %h, %5 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %6 : tensor<4xf32>
}

// -----

// Another constant is another function.
// CHECK-LABEL: @not_gelu
func.func @not_gelu(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK-NOT: onnx.Gelu
  %root = onnx.Constant dense<1.5> : tensor<f32>
  %one = onnx.Constant dense<1.0> : tensor<f32>
  %half = onnx.Constant dense<0.5> : tensor<f32>
  %0 = onnx.Div %x, %root : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %1 = onnx.Erf %0 : (tensor<4xf32>) -> tensor<4xf32>
  %2 = onnx.Add %1, %one : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %3 = onnx.Mul %x, %2 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %4 = onnx.Mul %3, %half : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  return %4 : tensor<4xf32>
}

// -----

// CHECK-LABEL: @others
// CHECK-SAME:    (%[[X:.*]]: tensor<4xf32>)
func.func @others(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %zero = onnx.Constant dense<0.0> : tensor<f32>
  %one = onnx.Constant dense<1.0> : tensor<f32>
  %three = onnx.Constant dense<3.0> : tensor<f32>
  %six = onnx.Constant dense<6.0> : tensor<f32>
  %alpha = onnx.Constant dense<1.702> : tensor<f32>
  // CHECK-DAG: %[[SWISH:.*]] = onnx.Swish %[[X]] {alpha = 1.000000e+00 : f32}
  %0 = onnx.Sigmoid %x : (tensor<4xf32>) -> tensor<4xf32>
  %1 = onnx.Mul %x, %0 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  // CHECK-DAG: %[[QUICK:.*]] = onnx.Swish %[[X]] {alpha = 1.702000e+00 : f32}
  %2 = onnx.Mul %x, %alpha : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %3 = onnx.Sigmoid %2 : (tensor<4xf32>) -> tensor<4xf32>
  %4 = onnx.Mul %3, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  // CHECK-DAG: %[[HARD:.*]] = onnx.HardSwish %[[X]]
  %5 = onnx.Add %x, %three : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %6 = onnx.Clip %5, %zero, %six : (tensor<4xf32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  %7 = onnx.Mul %x, %6 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %8 = onnx.Div %7, %six : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  // CHECK-DAG: %[[MISH:.*]] = onnx.Mish %[[X]]
  %9 = onnx.Exp %x : (tensor<4xf32>) -> tensor<4xf32>
  %10 = onnx.Add %9, %one : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %11 = onnx.Log %10 : (tensor<4xf32>) -> tensor<4xf32>
  %12 = onnx.Tanh %11 : (tensor<4xf32>) -> tensor<4xf32>
  %13 = onnx.Mul %x, %12 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  // CHECK: return %[[SWISH]], %[[QUICK]], %[[HARD]], %[[MISH]]
  return %1, %4, %8, %13 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}
