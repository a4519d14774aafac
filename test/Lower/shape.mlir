// RUN: m2c-opt %s -lower-onnx -canonicalize | FileCheck %s

// CHECK-LABEL: @reshape_by_common_shape
// CHECK:         tensor.collapse_shape %arg0 {{\[\[}}0, 1]] : tensor<4x6xf32> into tensor<24xf32>
// CHECK:         tensor.expand_shape %{{.*}} {{\[\[}}0, 1, 2]] output_shape [3, 1, 8]
func.func @reshape_by_common_shape(%x: tensor<4x6xf32>) -> tensor<3x1x8xf32> {
  %shape = onnx.Constant dense<[3, 1, 8]> : tensor<3xi64>
  %0 = onnx.Reshape %x, %shape : (tensor<4x6xf32>, tensor<3xi64>) -> tensor<3x1x8xf32>
  return %0 : tensor<3x1x8xf32>
}

// CHECK-LABEL: @slice_forward
// CHECK:         tensor.extract_slice %arg0[0, 1] [4, 3] [1, 2]
func.func @slice_forward(%x: tensor<4x8xf32>) -> tensor<4x3xf32> {
  %start = onnx.Constant dense<[-7]> : tensor<1xi64>
  %end = onnx.Constant dense<[6]> : tensor<1xi64>
  %axis = onnx.Constant dense<[-1]> : tensor<1xi64>
  %step = onnx.Constant dense<[2]> : tensor<1xi64>
  %0 = onnx.Slice %x, %start, %end, %axis, %step : (tensor<4x8xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<4x3xf32>
  return %0 : tensor<4x3xf32>
}

// CHECK-LABEL: @split
// CHECK:         tensor.extract_slice %arg0[0, 0] [4, 3] [1, 1]
// CHECK:         tensor.extract_slice %arg0[0, 3] [4, 5] [1, 1]
func.func @split(%x: tensor<4x8xf32>) -> (tensor<4x3xf32>, tensor<4x5xf32>) {
  %sizes = onnx.Constant dense<[3, 5]> : tensor<2xi64>
  %0, %1 = onnx.Split %x, %sizes {axis = 1 : i64} : (tensor<4x8xf32>, tensor<2xi64>) -> (tensor<4x3xf32>, tensor<4x5xf32>)
  return %0, %1 : tensor<4x3xf32>, tensor<4x5xf32>
}

// CHECK-LABEL: @pad_and_crop
// CHECK:         %[[CROPPED:.*]] = tensor.extract_slice %arg0[1, 0] [3, 8]
// CHECK:         tensor.pad %[[CROPPED]] low[0, 0] high[0, 2]
func.func @pad_and_crop(%x: tensor<4x8xf32>) -> tensor<3x10xf32> {
  %pads = onnx.Constant dense<[-1, 0, 0, 2]> : tensor<4xi64>
  %0 = onnx.Pad %x, %pads : (tensor<4x8xf32>, tensor<4xi64>) -> tensor<3x10xf32>
  return %0 : tensor<3x10xf32>
}

// A border that only the run knows is chosen by index.
// CHECK-LABEL: @pad_by_value
// CHECK:         linalg.generic
// CHECK:           %[[X:.*]] = tensor.extract %arg0
// CHECK:           %[[P:.*]] = tensor.extract %arg1
// CHECK:           arith.select %{{.*}}, %[[X]], %[[P]]
func.func @pad_by_value(%x: tensor<3xf32>, %value: tensor<f32>) -> tensor<5xf32> {
  %pads = onnx.Constant dense<1> : tensor<2xi64>
  %0 = onnx.Pad %x, %pads, %value : (tensor<3xf32>, tensor<2xi64>, tensor<f32>) -> tensor<5xf32>
  return %0 : tensor<5xf32>
}
