// RUN: m2c-opt %s -simplify-graph -split-input-file | FileCheck %s

// CHECK-LABEL: @composes_transposes
// CHECK-SAME:    (%[[X:.*]]: tensor<2x3x4xf32>)
func.func @composes_transposes(%x: tensor<2x3x4xf32>) -> tensor<4x2x3xf32> {
  // CHECK-NEXT:  %[[Y:.*]] = onnx.Transpose %[[X]] {perm = array<i64: 2, 0, 1>}
  // CHECK-NEXT:  return %[[Y]]
  %0 = onnx.Transpose %x {perm = array<i64: 0, 2, 1>} : (tensor<2x3x4xf32>) -> tensor<2x4x3xf32>
  %1 = onnx.Transpose %0 {perm = array<i64: 1, 0, 2>} : (tensor<2x4x3xf32>) -> tensor<4x2x3xf32>
  return %1 : tensor<4x2x3xf32>
}

// -----

// A transpose that only moves a dimension of size 1 is a reshape; reshapes are one, with explicit dimensions.
// CHECK-LABEL: @unit_transpose
// CHECK-SAME:    (%[[X:.*]]: tensor<1x32x256xf32>)
func.func @unit_transpose(%x: tensor<1x32x256xf32>) -> tensor<32x4x64xf32> {
  // CHECK-NEXT:  %[[SHAPE:.*]] = onnx.Constant dense<[32, 4, 64]> : tensor<3xi64>
  // CHECK-NEXT:  %[[Y:.*]] = onnx.Reshape %[[X]], %[[SHAPE]]
  // CHECK-NEXT:  return %[[Y]]
  %s = onnx.Constant dense<[0, 4, -1]> : tensor<3xi64>
  %0 = onnx.Transpose %x {perm = array<i64: 1, 0, 2>} : (tensor<1x32x256xf32>) -> tensor<32x1x256xf32>
  %1 = onnx.Reshape %0, %s : (tensor<32x1x256xf32>, tensor<3xi64>) -> tensor<32x4x64xf32>
  return %1 : tensor<32x4x64xf32>
}

// -----

// The packed projection of torch's MultiheadAttention: each part is a slice of the columns.
// CHECK-LABEL: @packed_projection
// CHECK-SAME:    (%[[X:.*]]: tensor<32x1x768xf32>)
func.func @packed_projection(%x: tensor<32x1x768xf32>) -> tensor<1x4x32x64xf32> {
  // CHECK-DAG:   %[[START:.*]] = onnx.Constant dense<256> : tensor<1xi64>
  // CHECK-DAG:   %[[END:.*]] = onnx.Constant dense<512> : tensor<1xi64>
  // CHECK-DAG:   %[[AXIS:.*]] = onnx.Constant dense<2> : tensor<1xi64>
  // CHECK:       %[[K:.*]] = onnx.Slice %[[X]], %[[START]], %[[END]], %[[AXIS]]
  // CHECK:       %[[HEADS:.*]] = onnx.Reshape %[[K]], {{.*}} -> tensor<1x32x4x64xf32>
  // CHECK:       %[[Y:.*]] = onnx.Transpose %[[HEADS]] {perm = array<i64: 0, 2, 1, 3>}
  // CHECK:       return %[[Y]]
  %s0 = onnx.Constant dense<[32, 1, 3, 256]> : tensor<4xi64>
  %s1 = onnx.Constant dense<[32, 4, 64]> : tensor<3xi64>
  %s2 = onnx.Constant dense<[1, 4, 32, 64]> : tensor<4xi64>
  %zero = onnx.Constant dense<0> : tensor<1xi64>
  %three = onnx.Constant dense<3> : tensor<1xi64>
  %one = onnx.Constant dense<1> : tensor<i64>
  %0 = onnx.Reshape %x, %s0 : (tensor<32x1x768xf32>, tensor<4xi64>) -> tensor<32x1x3x256xf32>
  %1 = onnx.Unsqueeze %0, %zero : (tensor<32x1x3x256xf32>, tensor<1xi64>) -> tensor<1x32x1x3x256xf32>
  %2 = onnx.Transpose %1 {perm = array<i64: 3, 1, 2, 0, 4>} : (tensor<1x32x1x3x256xf32>) -> tensor<3x32x1x1x256xf32>
  %3 = onnx.Squeeze %2, %three : (tensor<3x32x1x1x256xf32>, tensor<1xi64>) -> tensor<3x32x1x256xf32>
  %4 = onnx.Gather %3, %one {axis = 0 : i64} : (tensor<3x32x1x256xf32>, tensor<i64>) -> tensor<32x1x256xf32>
  %5 = onnx.Reshape %4, %s1 : (tensor<32x1x256xf32>, tensor<3xi64>) -> tensor<32x4x64xf32>
  %6 = onnx.Transpose %5 {perm = array<i64: 1, 0, 2>} : (tensor<32x4x64xf32>) -> tensor<4x32x64xf32>
  %7 = onnx.Reshape %6, %s2 : (tensor<4x32x64xf32>, tensor<4xi64>) -> tensor<1x4x32x64xf32>
  return %7 : tensor<1x4x32x64xf32>
}

// -----

// A softmax over one element is 1, so what it is computed from is dead.
// CHECK-LABEL: @softmax_of_one
// CHECK-SAME:    (%[[V:[a-z0-9]+]]: tensor<1x8xf32>
func.func @softmax_of_one(%v: tensor<1x8xf32>, %q: tensor<1x8xf32>, %k: tensor<1x8xf32>) -> tensor<1x8xf32> {
  // CHECK-NEXT:  return %[[V]]
  %axis = onnx.Constant dense<-1> : tensor<1xi64>
  %0 = onnx.Mul %q, %k : (tensor<1x8xf32>, tensor<1x8xf32>) -> tensor<1x8xf32>
  %1 = onnx.ReduceSum %0, %axis : (tensor<1x8xf32>, tensor<1xi64>) -> tensor<1x1xf32>
  %2 = onnx.Softmax %1 : (tensor<1x1xf32>) -> tensor<1x1xf32>
  %3 = onnx.Mul %v, %2 : (tensor<1x8xf32>, tensor<1x1xf32>) -> tensor<1x8xf32>
  return %3 : tensor<1x8xf32>
}

// -----

// CHECK-LABEL: @copies
// CHECK-SAME:    (%[[X:.*]]: tensor<2x3xf32>)
func.func @copies(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // CHECK-NEXT:  return %[[X]]
  %zeros = onnx.Constant dense<0> : tensor<4xi64>
  %start = onnx.Constant dense<0> : tensor<1xi64>
  %end = onnx.Constant dense<1000> : tensor<1xi64>
  %one = onnx.Constant dense<1.0> : tensor<f32>
  %0 = onnx.Identity %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %1 = onnx.Dropout %0 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %2 = onnx.Cast %1 {to = 1 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %3 = onnx.Pad %2, %zeros : (tensor<2x3xf32>, tensor<4xi64>) -> tensor<2x3xf32>
  %4 = onnx.Slice %3, %start, %end : (tensor<2x3xf32>, tensor<1xi64>, tensor<1xi64>) -> tensor<2x3xf32>
  %5 = onnx.Mul %4, %one : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
  %6 = onnx.Div %5, %one : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
  return %6 : tensor<2x3xf32>
}

// -----

// A neutral operand that broadcasts the other one is not neutral.
// CHECK-LABEL: @broadcasting_one
func.func @broadcasting_one(%x: tensor<1x3xf32>) -> tensor<2x3xf32> {
  // CHECK: onnx.Mul
  %one = onnx.Constant dense<1.0> : tensor<2x1xf32>
  %0 = onnx.Mul %x, %one : (tensor<1x3xf32>, tensor<2x1xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

// CHECK-LABEL: @gather_of_a_state
// CHECK-SAME:    (%[[X:.*]]: tensor<2x4x8xf32>)
func.func @gather_of_a_state(%x: tensor<2x4x8xf32>) -> tensor<4x8xf32> {
  // CHECK:       %[[S:.*]] = onnx.Slice %[[X]], {{.*}} -> tensor<1x4x8xf32>
  // CHECK:       %[[Y:.*]] = onnx.Reshape %[[S]], {{.*}} -> tensor<4x8xf32>
  // CHECK:       return %[[Y]]
  %last = onnx.Constant dense<-1> : tensor<i64>
  %0 = onnx.Gather %x, %last {axis = 0 : i64} : (tensor<2x4x8xf32>, tensor<i64>) -> tensor<4x8xf32>
  return %0 : tensor<4x8xf32>
}

// -----

// CHECK-LABEL: @explicit_windows
func.func @explicit_windows(%x: tensor<1x3x9x9xf32>, %w: tensor<4x3x3x3xf32>) -> tensor<1x4x5x5xf32> {
  // CHECK: onnx.Conv
  // CHECK-SAME: dilations = array<i64: 1, 1>
  // CHECK-SAME: kernel_shape = array<i64: 3, 3>
  // CHECK-SAME: pads = array<i64: 1, 1, 1, 1>
  // CHECK-SAME: strides = array<i64: 2, 2>
  %0 = onnx.Conv %x, %w {auto_pad = "SAME_UPPER", strides = array<i64: 2, 2>} : (tensor<1x3x9x9xf32>, tensor<4x3x3x3xf32>) -> tensor<1x4x5x5xf32>
  return %0 : tensor<1x4x5x5xf32>
}

// -----

// CHECK-LABEL: @pad_into_conv
func.func @pad_into_conv(%x: tensor<1x3x8x8xf32>, %w: tensor<4x3x3x3xf32>) -> tensor<1x4x8x8xf32> {
  // CHECK-NOT: onnx.Pad
  // CHECK: onnx.Conv %{{.*}} pads = array<i64: 1, 1, 1, 1>
  %p = onnx.Constant dense<[0, 0, 1, 1, 0, 0, 1, 1]> : tensor<8xi64>
  %0 = onnx.Pad %x, %p : (tensor<1x3x8x8xf32>, tensor<8xi64>) -> tensor<1x3x10x10xf32>
  %1 = onnx.Conv %0, %w : (tensor<1x3x10x10xf32>, tensor<4x3x3x3xf32>) -> tensor<1x4x8x8xf32>
  return %1 : tensor<1x4x8x8xf32>
}

// -----

// CHECK-LABEL: @window_of_unknown_filter
func.func @window_of_unknown_filter(%x: tensor<1x3x9x9xf32>, %w: tensor<4x3x?x3xf32>) -> tensor<1x4x?x9xf32> {
  // CHECK: auto_pad = "SAME_UPPER"
  %0 = onnx.Conv %x, %w {auto_pad = "SAME_UPPER"} : (tensor<1x3x9x9xf32>, tensor<4x3x?x3xf32>) -> tensor<1x4x?x9xf32>
  return %0 : tensor<1x4x?x9xf32>
}
