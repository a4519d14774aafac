// RUN: m2c-opt %s -lower-onnx -split-input-file | FileCheck %s

#batch = affine_map<()[s0] -> (s0, 64)>
#result = affine_map<()[s0] -> (s0, 10)>

// Behind the Lower station a symbolic dimension is `?`; its size is a kernel.size, and the function says what the
// dimensions of its arguments are.
// CHECK:       [[BATCH:#.*]] = affine_map<()[s0] -> (s0)>
// CHECK-LABEL: @dense
// CHECK-SAME:    %arg0: tensor<?x64xf32> {m2c.shape = affine_map<()[s0] -> (s0, 64)>}
// CHECK:         %[[N:.*]] = kernel.size [[BATCH]]
// CHECK:         %[[INIT:.*]] = tensor.empty(%[[N]]) : tensor<?x10xf32>
// CHECK:         kernel.contract {{.*}} outs(%[[INIT]] : tensor<?x10xf32>)
func.func @dense(%x: tensor<?x64xf32, #batch>, %w: tensor<64x10xf32>) -> tensor<?x10xf32, #result>
    attributes {m2c.symbols = ["batch"], m2c.bounds = [-1]} {
  %0 = onnx.MatMul %x, %w : (tensor<?x64xf32, #batch>, tensor<64x10xf32>) -> tensor<?x10xf32, #result>
  return %0 : tensor<?x10xf32, #result>
}

// -----

#in = affine_map<()[s0, s1] -> (s0, s1, 64)>
#out = affine_map<()[s0, s1] -> (s0 * s1, 4, 16)>

// CHECK:       [[PRODUCT:#.*]] = affine_map<()[s0, s1] -> (s0 * s1)>
// CHECK-LABEL: @reshape
// CHECK:         tensor.collapse_shape %{{.*}} {{\[\[}}0, 1], [2]] : tensor<?x?x64xf32> into tensor<?x64xf32>
// CHECK:         %[[ROWS:.*]] = kernel.size [[PRODUCT]]
// CHECK:         tensor.expand_shape %{{.*}} {{\[\[}}0], [1, 2]] output_shape [%[[ROWS]], 4, 16]
func.func @reshape(%x: tensor<?x?x64xf32, #in>) -> tensor<?x4x16xf32, #out>
    attributes {m2c.symbols = ["batch", "length"], m2c.bounds = [-1, -1]} {
  %shape = onnx.Sizes #out : tensor<3xi64>
  %0 = onnx.Reshape %x, %shape : (tensor<?x?x64xf32, #in>, tensor<3xi64>) -> tensor<?x4x16xf32, #out>
  return %0 : tensor<?x4x16xf32, #out>
}

// -----

#table = affine_map<()[s0, s1] -> (s1, 8)>

// CHECK-DAG:   [[PAST:#.*]] = affine_map<()[s0] -> (s0)>
// CHECK-DAG:   [[NOW:#.*]] = affine_map<()[s0, s1] -> (s1)>
// CHECK-LABEL: @slice
// CHECK:         tensor.from_elements
// CHECK:         tensor.from_elements
// CHECK:         %[[START:.*]] = kernel.size [[PAST]]
// CHECK:         %[[SIZE:.*]] = kernel.size [[NOW]]
// CHECK:         tensor.extract_slice %{{.*}}[%[[START]], 0] [%[[SIZE]], 8] [1, 1]
func.func @slice(%x: tensor<512x8xf32>) -> tensor<?x8xf32, #table>
    attributes {m2c.symbols = ["past", "now"], m2c.bounds = [-1, -1]} {
  %start = onnx.Sizes affine_map<()[s0] -> (s0)> : tensor<1xi64>
  %end = onnx.Sizes affine_map<()[s0, s1] -> (s0 + s1)> : tensor<1xi64>
  %0 = onnx.Slice %x, %start, %end : (tensor<512x8xf32>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x8xf32, #table>
  return %0 : tensor<?x8xf32, #table>
}
