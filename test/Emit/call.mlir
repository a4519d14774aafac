// Calls of functions that nothing is fused into: m2crt's with a struct of parameters, the user's with data, shapes and attributes.
// RUN: m2c-opt %s -outline-kernels -print-cpp -o /dev/null | FileCheck %s

// CHECK: #include "ops.h"
// CHECK: struct det_shape {
// CHECK:   static constexpr rt::idx matrices = 2, n = 3;
// CHECK: rt::det<det_shape>(x, y, y_2);
// CHECK: static constexpr std::int64_t shape[] = {2, 3};
// CHECK: ::ops::f(reinterpret_cast<const std::uint8_t*>(x), shape, 2, y, nullptr, 0, {1.5f, 2.0f}, "a\\b\012", {"c"});
func.func @calls(%x: memref<2x3x3xf32>, %y: memref<2xf32>, %work: memref<3x3xf32>, %u: memref<2x3xi8>, %z: memref<f32>) {
  kernel.call "det" in "det.h" ins(%x : memref<2x3x3xf32>) outs(%y, %work : memref<2xf32>, memref<3x3xf32>)
    parameters {matrices = 2 : i64, n = 3 : i64}
  kernel.call "ops::f" in "ops.h" ins(%u : memref<2x3xi8>) outs(%z : memref<f32>)
    parameters {a = array<f32: 1.5, 2.0>, b = "a\\b\0A", c = ["c"]} {element_types = [ui8, f32], external}
  return
}
