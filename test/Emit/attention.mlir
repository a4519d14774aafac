// Attention: strides by logical dimension, the mask as a function of the scores.
// RUN: m2c-opt %s -outline-kernels -print-cpp -o /dev/null | FileCheck %s

// The key comes transposed: that is a matter of strides.
// CHECK:      struct attention_shape {
// CHECK-NEXT:   static constexpr rt::idx batch = 1, heads = 4, queries = 12, keys = 20, width = 16, value_width = 16;
// CHECK:        k_row = 1, k_column = 20,
// CHECK:        static constexpr bool causal = true;
// CHECK:      rt::attention<attention_shape>(q, k, v, y, scratch, 0.25f,
// CHECK-NEXT:     [&](auto acc, rt::idx, rt::idx, rt::idx i2, rt::idx i3) {
// CHECK:          return acc + rt::load(lanes, other + i2*20 + i3);

func.func @attention(%q: memref<1x12x4x16xf32>, %k: memref<1x4x16x20xf32>, %v: memref<1x20x4x16xf32>, %mask: memref<12x20xf32>, %y: memref<1x12x4x16xf32>, %scratch: memref<6000xf32>) {
  kernel.attention ins(%q, %k, %v : memref<1x12x4x16xf32>, memref<1x4x16x20xf32>, memref<1x20x4x16xf32>) extras(%mask : memref<12x20xf32>)
    outs(%y : memref<1x12x4x16xf32>) scratch(%scratch : memref<6000xf32>)
    {scale = 0.25 : f64, causal, indexing_maps = [affine_map<(b, h, l, d) -> (b, l, h, d)>, affine_map<(b, h, l, d) -> (b, h, d, l)>,
      affine_map<(b, h, l, d) -> (b, l, h, d)>, affine_map<(b, h, l, d) -> (b, l, h, d)>],
     extra_maps = [affine_map<(b, h, q, k) -> (q, k)>]} epilogue {
  ^bb0(%score: f32, %m: f32):
    %0 = arith.addf %score, %m : f32
    kernel.yield %0 : f32
  }
  return
}
