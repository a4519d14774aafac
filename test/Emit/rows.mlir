// Softmax, normalisations and positions of extremes: a call per row.
// RUN: m2c-opt %s -outline-kernels -print-cpp -o /dev/null | FileCheck %s

// Rows that lie in order are one loop; an epilogue that asks for its indices keeps them all.
// CHECK:      softmax(x[4,3,20])
// CHECK:        for (rt::idx i = 0; i < 12; ++i) {
// CHECK-NEXT:     rt::softmax_row<20>(x + i*20, y + i*20, [](auto acc, auto...) { return acc; });
// CHECK:      normalize(x[4,3,20], other[3,20])
// CHECK:        const auto finish = [&](auto acc, rt::idx, rt::idx i1, rt::idx i2) {
// CHECK:        for (rt::idx i = 0; i < 4; ++i) {
// CHECK-NEXT:     for (rt::idx i_2 = 0; i_2 < 3; ++i_2) {
// CHECK-NEXT:       rt::layer_norm_row<20>(x + i*60 + i_2*20, y + i*60 + i_2*20, 1e-05f,
// CHECK-NEXT:           [&](auto acc, rt::idx column) { return finish(acc, i, i_2, column); });
// CHECK:      y[i] = rt::arg_reduce<20, true, false>(x + i*20);
// CHECK:      rt::arg_reduce_rows<3, 20, false, true>(x + i*60, 20, y + i*20, 1);

func.func @rows(%x: memref<4x3x20xf32>, %bias: memref<3x20xf32>, %y: memref<4x3x20xf32>, %z: memref<4x3x20xf32>, %first: memref<4x3xi64>, %last: memref<4x20xi64>) {
  kernel.softmax ins(%x : memref<4x3x20xf32>) outs(%y : memref<4x3x20xf32>) {extra_maps = []} epilogue {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  kernel.normalize "layer" ins(%x : memref<4x3x20xf32>) extras(%bias : memref<3x20xf32>) outs(%z : memref<4x3x20xf32>)
    {epsilon = 1.0e-05 : f64, extra_maps = [affine_map<(d0, d1, d2) -> (d1, d2)>]} epilogue {
  ^bb0(%acc: f32, %b: f32):
    %0 = arith.addf %acc, %b : f32
    kernel.yield %0 : f32
  }
  kernel.arg_reduce "max" ins(%x : memref<4x3x20xf32>) outs(%first : memref<4x3xi64>) {axis = 2 : i64}
  kernel.arg_reduce "min" ins(%x : memref<4x3x20xf32>) outs(%last : memref<4x20xi64>) {axis = 1 : i64, select_last}
  return
}
