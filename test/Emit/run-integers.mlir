// Negative integers among the weights, in a program of its own whose model has no inputs.
// RUN: rm -rf %t && mkdir -p %t
// RUN: m2c-opt %s -outline-kernels -print-cpp="folder=%t name=program main=true" -o /dev/null
// RUN: %cxx -std=c++17 -O1 -Wall -Wextra -Wpedantic -Werror -I%t %t/program.cpp -o %t/program
// RUN: %t/program | FileCheck %s
// RUN: not %t/program --input y=1 2>&1 | FileCheck %s --check-prefix=NONE

// CHECK: y int32[5]  min -2.14748e+09  max 2.14748e+09  mean -0.2  [-2.14748e+09, 2.14748e+09, -1, 0, 1]
// NONE:  error: --input y=1: the model has no inputs
memref.global "private" constant @numbers : memref<5xi32> = dense<[-2147483648, 2147483647, -1, 0, 1]>
func.func @copy(%y: memref<5xi32> {onnx.name = "y", m2c.output}) {
  %w = memref.get_global @numbers : memref<5xi32>
  memref.copy %w, %y : memref<5xi32> to memref<5xi32>
  return
}
