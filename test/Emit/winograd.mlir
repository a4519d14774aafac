// Winograd's algorithm: the scratch memory for the transformed tiles is planned with the other buffers, and the call gets it.
// RUN: m2c-opt %s -pass-pipeline='builtin.module(func.func(add-scratch))' | FileCheck %s --check-prefix=PLAN
// RUN: m2c-opt %s -pass-pipeline='builtin.module(func.func(add-scratch,plan-arena),outline-kernels)' | m2c-opt -print-cpp -o /dev/null | FileCheck %s
// RUN: not m2c-opt %S/Inputs/winograd-bad.mlir -split-input-file 2>&1 | FileCheck %s --check-prefix=BAD

// 4 tiles of 36 taps: 36 * (4 * (3 + 8) + 2 * 16) elements.
// PLAN: %[[S:.*]] = memref.alloc() : memref<2736xf32>
// PLAN: kernel.conv ins({{.*}}) extras({{.*}}) outs({{.*}}) scratch(%[[S]] : memref<2736xf32>)

// BAD: winograd_tile needs strides and dilations of 1 and one group
// BAD: there is no algorithm for winograd_tile 3 and kernel extent 3

// CHECK:      struct winograd_shape {
// CHECK-NEXT: {{.*}}batch = 1, out_h = 8, out_w = 8, in_channels = 3, out_channels = 8, kernel_h = 3;
// CHECK-NEXT: {{.*}}kernel_w = 3, tile_h = 4, tile_w = 4, in_batch = 300, in_row = 30, in_pixel = 3;
// CHECK:      rt::winograd<winograd_shape>(x, w, y, scratch, [&](auto acc, rt::idx, rt::idx, rt::idx, rt::idx i3) {
// CHECK:        return acc + rt::load(lanes, bias + i3);

#channel = affine_map<(n, y, x, c) -> (c)>

func.func @net(%x: memref<1x10x10x3xf32>, %w: memref<1x36x3x8xf32>, %bias: memref<8xf32>, %y: memref<1x8x8x8xf32>) {
  kernel.conv ins(%x, %w : memref<1x10x10x3xf32>, memref<1x36x3x8xf32>) extras(%bias : memref<8xf32>)
      outs(%y : memref<1x8x8x8xf32>)
      {kernel_shape = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, extra_maps = [#channel],
       panel = 8 : i64, winograd_tile = array<i64: 4, 4>}
      epilogue {
  ^bb0(%acc: f32, %b: f32):
    %s = arith.addf %acc, %b : f32
    kernel.yield %s : f32
  } loc("/conv/Conv")
  return
}
