// Transposes: copies of runs, or squares of registers.
// RUN: m2c-opt %s -outline-kernels -print-cpp -o /dev/null | FileCheck %s

// Dimensions that stay neighbours move as one: NHWC to NCHW is a transpose of 35 x 16.
// CHECK:      for (rt::idx i = 0; i < 2; ++i) {
// CHECK-NEXT:   rt::transpose_2d<35, 16, 16, 35>(x + i*560, y + i*560);
// The fastest dimensions stay: copies of runs.
// CHECK:      for (rt::idx i = 0; i < 5; ++i) {
// CHECK-NEXT:   for (rt::idx i_2 = 0; i_2 < 2; ++i_2) {
// CHECK-NEXT:     rt::copy_strided<112, 1, 1>(x + i*112 + i_2*560, y + i*224 + i_2*112);

func.func @transposes(%x: memref<2x5x7x16xf32>, %y: memref<2x16x5x7xf32>, %z: memref<5x2x7x16xf32>) {
  linalg.transpose ins(%x : memref<2x5x7x16xf32>) outs(%y : memref<2x16x5x7xf32>) permutation = [0, 3, 1, 2]
  linalg.transpose ins(%x : memref<2x5x7x16xf32>) outs(%z : memref<5x2x7x16xf32>) permutation = [1, 0, 2, 3]
  return
}
