// RUN: m2c-opt %s -pass-pipeline='builtin.module(func.func(choose-algorithms{march=x86-64-v3},pack-weights{vector-bytes=32 vector-registers=16}))' -mlir-elide-elementsattrs-if-larger=8 | FileCheck %s
// RUN: not m2c-opt %s -pass-pipeline='builtin.module(func.func(choose-algorithms{march=z80}))' 2>&1 | FileCheck %s --check-prefix=MARCH
// MARCH: unknown --march 'z80'

// Many channels on a large plane: tiles of 4 x 4, 36 transformed taps instead of 16 * 9 products.
// CHECK-LABEL: @large
// CHECK:         %[[W:.*]] = arith.constant {{.*}} : tensor<4x36x64x16xf32>
// CHECK:         kernel.conv ins(%arg0, %[[W]] : {{.*}} panel = 16 : i64, {{.*}} winograd_tile = array<i64: 4, 4>
func.func @large(%x: tensor<1x58x58x64xf32>) -> tensor<1x56x56x64xf32> {
  %w = arith.constant dense<1.0> : tensor<64x64x3x3xf32>
  %e = tensor.empty() : tensor<1x56x56x64xf32>
  %0 = kernel.conv ins(%x, %w : tensor<1x58x58x64xf32>, tensor<64x64x3x3xf32>) outs(%e : tensor<1x56x56x64xf32>) {kernel_shape = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, extra_maps = []} epilogue {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  } -> tensor<1x56x56x64xf32>
  return %0 : tensor<1x56x56x64xf32>
}

// On a plane of 7 x 7 half of a 4 x 4 tile would be thrown away, and the filter would be four times as large.
// CHECK-LABEL: @small_plane
// CHECK:         kernel.conv {{.*}} winograd_tile = array<i64: 2, 2>
func.func @small_plane(%x: tensor<1x9x9x512xf32>) -> tensor<1x7x7x512xf32> {
  %w = arith.constant dense<1.0> : tensor<512x512x3x3xf32>
  %e = tensor.empty() : tensor<1x7x7x512xf32>
  %0 = kernel.conv ins(%x, %w : tensor<1x9x9x512xf32>, tensor<512x512x3x3xf32>) outs(%e : tensor<1x7x7x512xf32>) {kernel_shape = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, extra_maps = []} epilogue {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  } -> tensor<1x7x7x512xf32>
  return %0 : tensor<1x7x7x512xf32>
}

// One dimension.
// CHECK-LABEL: @one_dimension
// CHECK:         kernel.conv {{.*}} winograd_tile = array<i64: 1, 2>
func.func @one_dimension(%x: tensor<1x1x202x64xf32>) -> tensor<1x1x198x128xf32> {
  %w = arith.constant dense<1.0> : tensor<128x64x1x5xf32>
  %e = tensor.empty() : tensor<1x1x198x128xf32>
  %0 = kernel.conv ins(%x, %w : tensor<1x1x202x64xf32>, tensor<128x64x1x5xf32>) outs(%e : tensor<1x1x198x128xf32>) {kernel_shape = array<i64: 1, 5>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, extra_maps = []} epilogue {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  } -> tensor<1x1x198x128xf32>
  return %0 : tensor<1x1x198x128xf32>
}

// One input channel: the transforms would take longer than the products. A stride of 2 has no such algorithm, nor has a
// filter that is known only at run time.
// CHECK-LABEL: @direct
// CHECK-NOT:     winograd_tile
func.func @direct(%x: tensor<1x30x30x1xf32>, %y: tensor<1x57x57x64xf32>, %z: tensor<1x58x58x64xf32>, %u: tensor<64x64x3x3xf32>)
    -> (tensor<1x28x28x32xf32>, tensor<1x28x28x64xf32>, tensor<1x56x56x64xf32>) {
  %w = arith.constant dense<1.0> : tensor<32x1x3x3xf32>
  %v = arith.constant dense<1.0> : tensor<64x64x3x3xf32>
  %e = tensor.empty() : tensor<1x28x28x32xf32>
  %f = tensor.empty() : tensor<1x28x28x64xf32>
  %g = tensor.empty() : tensor<1x56x56x64xf32>
  %0 = kernel.conv ins(%x, %w : tensor<1x30x30x1xf32>, tensor<32x1x3x3xf32>) outs(%e : tensor<1x28x28x32xf32>) {kernel_shape = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, extra_maps = []} epilogue {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  } -> tensor<1x28x28x32xf32>
  %1 = kernel.conv ins(%y, %v : tensor<1x57x57x64xf32>, tensor<64x64x3x3xf32>) outs(%f : tensor<1x28x28x64xf32>) {kernel_shape = array<i64: 3, 3>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, extra_maps = []} epilogue {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  } -> tensor<1x28x28x64xf32>
  %2 = kernel.conv ins(%z, %u : tensor<1x58x58x64xf32>, tensor<64x64x3x3xf32>) outs(%g : tensor<1x56x56x64xf32>) {kernel_shape = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, extra_maps = []} epilogue {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  } -> tensor<1x56x56x64xf32>
  return %0, %1, %2 : tensor<1x28x28x32xf32>, tensor<1x28x28x64xf32>, tensor<1x56x56x64xf32>
}

// Codes: exactly as well, in pairs of 16 bits; weights of 8 bits in direct sums.
// CHECK-LABEL: @integers
// CHECK:         %[[W:.*]] = arith.constant {{.*}} : tensor<4x36x32x16x2xi16>
// CHECK:         kernel.conv ins(%arg0, %[[W]] : {{.*}} winograd_tile = array<i64: 4, 4>
// CHECK:         %[[D:.*]] = arith.constant {{.*}} : tensor<1x4x3x3x32x16x2xi8>
// CHECK:         kernel.conv ins(%arg0, %[[D]] :
// CHECK-NOT:     winograd_tile
func.func @integers(%x: tensor<1x58x58x64xi16>) -> (tensor<1x56x56x64xi32>, tensor<1x28x28x64xi32>) {
  %w = arith.constant dense<9> : tensor<64x64x3x3xi16>
  %e = tensor.empty() : tensor<1x56x56x64xi32>
  %0 = kernel.conv ins(%x, %w : tensor<1x58x58x64xi16>, tensor<64x64x3x3xi16>) outs(%e : tensor<1x56x56x64xi32>) {kernel_shape = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, extra_maps = []} epilogue {
  ^bb0(%acc: i32):
    kernel.yield %acc : i32
  } -> tensor<1x56x56x64xi32>
  %f = tensor.empty() : tensor<1x28x28x64xi32>
  %1 = kernel.conv ins(%x, %w : tensor<1x58x58x64xi16>, tensor<64x64x3x3xi16>) outs(%f : tensor<1x28x28x64xi32>) {kernel_shape = array<i64: 3, 3>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, extra_maps = []} epilogue {
  ^bb0(%acc: i32):
    kernel.yield %acc : i32
  } -> tensor<1x28x28x64xi32>
  return %0, %1 : tensor<1x56x56x64xi32>, tensor<1x28x28x64xi32>
}

// Sums that could reach 2^25 cannot be told apart modulo 2^32: 64 * 9 * 255 * 250.
// CHECK-LABEL: @large_sums
// CHECK-NOT:     winograd_tile
func.func @large_sums(%x: tensor<1x58x58x64xi16>) -> tensor<1x56x56x64xi32> {
  %w = arith.constant dense<250> : tensor<64x64x3x3xi16>
  %e = tensor.empty() : tensor<1x56x56x64xi32>
  %0 = kernel.conv ins(%x, %w : tensor<1x58x58x64xi16>, tensor<64x64x3x3xi16>) outs(%e : tensor<1x56x56x64xi32>) {kernel_shape = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, extra_maps = []} epilogue {
  ^bb0(%acc: i32):
    kernel.yield %acc : i32
  } -> tensor<1x56x56x64xi32>
  return %0 : tensor<1x56x56x64xi32>
}
