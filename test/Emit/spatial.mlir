// How calls of the contraction and spatial kernels are printed: a struct of constants, pointers, an epilogue.
// RUN: m2c-opt %s -outline-kernels -print-cpp -o /dev/null | FileCheck %s

// CHECK:      // 0: y[1,4,4,8] = conv(x[1,6,6,3], w[1,1,3,3,3,8], bias[8])
// CHECK-NEXT: // nodes /conv/Conv
// CHECK-NEXT: struct conv_shape {
// CHECK-NEXT: {{.*}}batch = 1, out_h = 4, out_w = 4, in_channels = 3, out_channels = 8, groups = 1;
// CHECK-NEXT: {{.*}}kernel_h = 3, kernel_w = 3, stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1;
// CHECK-NEXT: {{.*}}in_batch = 108, in_row = 18, in_pixel = 3, out_batch = 288, out_row = 48, out_pixel = 8;
// CHECK-NEXT: {{.*}}panel = 8;
// CHECK:        rt::conv<conv_shape>(x, w, y, [&](auto acc, rt::idx, rt::idx, rt::idx, rt::idx i3) {
// CHECK:          return acc + rt::load(lanes, bias + i3);
// CHECK:        rt::max_pool<pool_shape>(x, y, [](auto acc, auto...) { return acc; });
// A window over the whole plane needs no window.
// CHECK:        rt::global_average_pool<global_pool_shape>(x, y, [](auto acc, auto...) { return acc; });
// CHECK:      {{.*}} m = 5, n = 7, k = 4, a_row = 4, a_column = 1, c_row = 14, b_row = 1, b_column = 4;
// CHECK:        const auto finish = [&](auto acc, rt::idx i0, rt::idx i1, rt::idx i2) {
// CHECK:        for (rt::idx b = 0; b < 2; ++b) {
// CHECK-NEXT:     rt::gemm_any<gemm_shape>(x + b*20, w + b*28, y + b*7, static_cast<float*>(nullptr),
// CHECK-NEXT:         [&](auto acc, rt::idx m, rt::idx n) { return finish(acc, m, b, n); });
// CHECK:        conv_conv(input0, input1, input2, output3 + 56);

#mk = affine_map<(b, m, n, k) -> (b, m, k)>
#nk = affine_map<(b, m, n, k) -> (b, n, k)>
#out = affine_map<(b, m, n, k) -> (m, b, n)>
#channel = affine_map<(n, y, x, c) -> (c)>
#id = affine_map<(n, y, x, c) -> (n, y, x, c)>

// The padded row pitch of the input and the place of the output inside its own border are strides and an offset.
func.func @net(%x: memref<1x6x6x3xf32>, %w: memref<1x1x3x3x3x8xf32>, %bias: memref<8xf32>, %y: memref<1x6x6x8xf32>,
               %q: memref<2x5x4xf32>, %k: memref<2x7x4xf32>, %scores: memref<5x2x7xf32>, %pooled: memref<1x2x2x8xf32>,
               %mean: memref<1x1x1x8xf32>, %arena: memref<64xi8>) {
  %inner = memref.subview %y[0, 1, 1, 0] [1, 4, 4, 8] [1, 1, 1, 1]
      : memref<1x6x6x8xf32> to memref<1x4x4x8xf32, strided<[288, 48, 8, 1], offset: 56>>
  kernel.conv ins(%x, %w : memref<1x6x6x3xf32>, memref<1x1x3x3x3x8xf32>) extras(%bias : memref<8xf32>)
      outs(%inner : memref<1x4x4x8xf32, strided<[288, 48, 8, 1], offset: 56>>)
      {kernel_shape = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, extra_maps = [#channel], panel = 8 : i64}
      epilogue {
  ^bb0(%acc: f32, %b: f32):
    %s = arith.addf %acc, %b : f32
    kernel.yield %s : f32
  } loc("/conv/Conv")
  kernel.pool "max" ins(%y : memref<1x6x6x8xf32>) outs(%pooled : memref<1x2x2x8xf32>)
      {kernel_shape = array<i64: 3, 3>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, extra_maps = []}
      epilogue {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  } loc("/pool/MaxPool")
  kernel.pool "average" ins(%pooled : memref<1x2x2x8xf32>) outs(%mean : memref<1x1x1x8xf32>)
      {kernel_shape = array<i64: 2, 2>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, extra_maps = []}
      epilogue {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  } loc("/mean/GlobalAveragePool")
  // Batched: a loop around the product; the epilogue gets the indices of the output in its own order.
  kernel.contract ins(%q, %k : memref<2x5x4xf32>, memref<2x7x4xf32>) extras(%scores : memref<5x2x7xf32>)
      outs(%scores : memref<5x2x7xf32>)
      {indexing_maps = [#mk, #nk, #out], extra_maps = [affine_map<(m, b, n) -> (m, b, n)>]} epilogue {
  ^bb0(%acc: f32, %s: f32):
    %t = arith.addf %acc, %s : f32
    kernel.yield %t : f32
  } loc("/attention/MatMul")
  return
}
