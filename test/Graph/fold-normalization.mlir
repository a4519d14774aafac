// RUN: m2c-opt %s -fold-normalization -split-input-file | FileCheck %s

// scale 6 / sqrt(8 + 1) = 2 and 1; shift 5 - 2 * 2 = 1 and 3.
// CHECK-LABEL: @batchnorm_into_conv
// CHECK-SAME:    (%[[X:.*]]: tensor<1x1x4xf32>)
func.func @batchnorm_into_conv(%x: tensor<1x1x4xf32>) -> tensor<1x2x4xf32> {
  // CHECK-DAG:   %[[W:.*]] = onnx.Constant dense<{{\[\[\[}}2.000000e+00]], {{\[\[}}3.000000e+00]]]> : tensor<2x1x1xf32>
  // CHECK-DAG:   %[[B:.*]] = onnx.Constant dense<[2.100000e+01, 2.300000e+01]> : tensor<2xf32>
  // CHECK:       %[[Y:.*]] = onnx.Conv %[[X]], %[[W]], %[[B]]
  // CHECK-NEXT:  return %[[Y]]
  %w = onnx.Constant dense<[[[1.0]], [[3.0]]]> : tensor<2x1x1xf32>
  %b = onnx.Constant dense<[10.0, 20.0]> : tensor<2xf32>
  %scale = onnx.Constant dense<[6.0, 3.0]> : tensor<2xf32>
  %shift = onnx.Constant dense<[5.0, 3.0]> : tensor<2xf32>
  %mean = onnx.Constant dense<[2.0, 0.0]> : tensor<2xf32>
  %var = onnx.Constant dense<8.0> : tensor<2xf32>
  %0 = onnx.Conv %x, %w, %b : (tensor<1x1x4xf32>, tensor<2x1x1xf32>, tensor<2xf32>) -> tensor<1x2x4xf32>
  %1 = onnx.BatchNormalization %0, %scale, %shift, %mean, %var {epsilon = 1.0 : f32} : (tensor<1x2x4xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x4xf32>
  return %1 : tensor<1x2x4xf32>
}

// -----

// CHECK-LABEL: @arithmetic_into_gemm
func.func @arithmetic_into_gemm(%x: tensor<4x1xf32>) -> tensor<4x2xf32> {
  // CHECK-DAG:   %[[W:.*]] = onnx.Constant dense<{{\[\[}}1.000000e+01], [4.000000e+01]]> : tensor<2x1xf32>
  // CHECK-DAG:   %[[B:.*]] = onnx.Constant dense<5.000000e-01> : tensor<2xf32>
  // CHECK:       %[[Y:.*]] = onnx.Gemm %{{.*}}, %[[W]], %[[B]] {transB = 1 : i64}
  // CHECK-NEXT:  return %[[Y]]
  %w = onnx.Constant dense<[[1.0], [2.0]]> : tensor<2x1xf32>
  %s = onnx.Constant dense<[[10.0, 20.0]]> : tensor<1x2xf32>
  %t = onnx.Constant dense<0.5> : tensor<f32>
  %0 = onnx.Gemm %x, %w {transB = 1 : i64} : (tensor<4x1xf32>, tensor<2x1xf32>) -> tensor<4x2xf32>
  %1 = onnx.Mul %0, %s : (tensor<4x2xf32>, tensor<1x2xf32>) -> tensor<4x2xf32>
  %2 = onnx.Add %t, %1 : (tensor<f32>, tensor<4x2xf32>) -> tensor<4x2xf32>
  return %2 : tensor<4x2xf32>
}

// -----

// Weights of ConvTranspose are [in, out / groups, ...].
// CHECK-LABEL: @batchnorm_into_conv_transpose
func.func @batchnorm_into_conv_transpose(%x: tensor<1x2x4xf32>) -> tensor<1x4x4xf32> {
  // CHECK-DAG:   onnx.Constant dense<{{\[\[\[}}1.000000e+00], [2.000000e+00]], {{\[\[}}3.000000e+00], [4.000000e+00]]]> : tensor<2x2x1xf32>
  %w = onnx.Constant dense<1.0> : tensor<2x2x1xf32>
  %s = onnx.Constant dense<[[1.0], [2.0], [3.0], [4.0]]> : tensor<4x1xf32>
  %0 = onnx.ConvTranspose %x, %w {group = 2 : i64} : (tensor<1x2x4xf32>, tensor<2x2x1xf32>) -> tensor<1x4x4xf32>
  %1 = onnx.Mul %0, %s : (tensor<1x4x4xf32>, tensor<4x1xf32>) -> tensor<1x4x4xf32>
  return %1 : tensor<1x4x4xf32>
}

// -----

// The convolution's result has another use; what is left of the normalization is arithmetic.
// CHECK-LABEL: @two_uses
func.func @two_uses(%x: tensor<1x1x4xf32>) -> (tensor<1x2x4xf32>, tensor<1x2x4xf32>) {
  // CHECK:       %[[C:.*]] = onnx.Conv
  // CHECK:       %[[P:.*]] = onnx.Mul %[[C]], %{{.*}} : (tensor<1x2x4xf32>, tensor<2x1xf32>)
  // CHECK:       %[[Y:.*]] = onnx.Add %[[P]], %{{.*}} : (tensor<1x2x4xf32>, tensor<2x1xf32>)
  // CHECK:       return %[[C]], %[[Y]]
  %w = onnx.Constant dense<[[[1.0]], [[3.0]]]> : tensor<2x1x1xf32>
  %p = onnx.Constant dense<[6.0, 3.0]> : tensor<2xf32>
  %0 = onnx.Conv %x, %w : (tensor<1x1x4xf32>, tensor<2x1x1xf32>) -> tensor<1x2x4xf32>
  %1 = onnx.BatchNormalization %0, %p, %p, %p, %p : (tensor<1x2x4xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x4xf32>
  return %0, %1 : tensor<1x2x4xf32>, tensor<1x2x4xf32>
}
