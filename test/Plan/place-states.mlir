// RUN: m2c-opt %s -place-states -split-input-file | FileCheck %s

// What is appended goes behind the state, in the layout of 10 + 1 rows; nothing is copied.
// CHECK-LABEL: func.func @append(
// CHECK-SAME: %arg0: memref<2x?x4xf32, strided<[?, 4, 1]>> {m2c.in_place, {{[^}]*}}m2c.strides = affine_map<() -> (44, 4, 1)>
// CHECK-SAME: %arg2: memref<2x?x4xf32, strided<[?, 4, 1]>> {m2c.output, {{[^}]*}}m2c.strides = affine_map<() -> (44, 4, 1)>
// CHECK-NOT: memref.copy %arg0
// CHECK: memref.copy %{{.*}} : memref<2x1x4xf32> to
func.func @append(%past: memref<2x?x4xf32> {m2c.shape = affine_map<()[s0] -> (2, s0, 4)>, m2c.state = "present", onnx.name = "past"},
    %new: memref<2x1x4xf32>, %present: memref<2x?x4xf32> {m2c.output, m2c.shape = affine_map<()[s0] -> (2, s0 + 1, 4)>, onnx.name = "present"})
    attributes {m2c.symbols = ["n"], m2c.bounds = [10]} {
  %n = kernel.size affine_map<()[s0] -> (s0)>
  %begin = memref.subview %present[0, 0, 0] [2, %n, 4] [1, 1, 1] : memref<2x?x4xf32> to memref<2x?x4xf32, strided<[?, 4, 1]>>
  memref.copy %past, %begin : memref<2x?x4xf32> to memref<2x?x4xf32, strided<[?, 4, 1]>>
  %end = memref.subview %present[0, %n, 0] [2, 1, 4] [1, 1, 1] : memref<2x?x4xf32> to memref<2x1x4xf32, strided<[?, 4, 1], offset: ?>>
  memref.copy %new, %end : memref<2x1x4xf32> to memref<2x1x4xf32, strided<[?, 4, 1], offset: ?>>
  return
}

// -----

// What is put before the state moves it: two buffers.
// CHECK-LABEL: func.func @prepend(
// CHECK-NOT: m2c.in_place
// CHECK: memref.copy
// CHECK: memref.copy
func.func @prepend(%past: memref<2x?x4xf32> {m2c.shape = affine_map<()[s0] -> (2, s0, 4)>, m2c.state = "present", onnx.name = "past"},
    %new: memref<2x1x4xf32>, %present: memref<2x?x4xf32> {m2c.output, m2c.shape = affine_map<()[s0] -> (2, s0 + 1, 4)>, onnx.name = "present"})
    attributes {m2c.symbols = ["n"], m2c.bounds = [10]} {
  %n = kernel.size affine_map<()[s0] -> (s0)>
  %begin = memref.subview %present[0, 1, 0] [2, %n, 4] [1, 1, 1] : memref<2x?x4xf32> to memref<2x?x4xf32, strided<[?, 4, 1], offset: 4>>
  memref.copy %past, %begin : memref<2x?x4xf32> to memref<2x?x4xf32, strided<[?, 4, 1], offset: 4>>
  %end = memref.subview %present[0, 0, 0] [2, 1, 4] [1, 1, 1] : memref<2x?x4xf32> to memref<2x1x4xf32, strided<[?, 4, 1]>>
  memref.copy %new, %end : memref<2x1x4xf32> to memref<2x1x4xf32, strided<[?, 4, 1]>>
  return
}

// -----

// So does whatever rewrites a part of it.
// CHECK-LABEL: func.func @overwrite(
// CHECK-NOT: m2c.in_place
// CHECK: memref.copy
// CHECK: memref.copy
func.func @overwrite(%past: memref<?x4xf32> {m2c.shape = affine_map<()[s0] -> (s0, 4)>, m2c.state = "present", onnx.name = "past"},
    %new: memref<1x4xf32>, %present: memref<?x4xf32> {m2c.output, m2c.shape = affine_map<()[s0] -> (s0 + 1, 4)>, onnx.name = "present"})
    attributes {m2c.symbols = ["n"], m2c.bounds = [10]} {
  %n = kernel.size affine_map<()[s0] -> (s0)>
  %begin = memref.subview %present[0, 0] [%n, 4] [1, 1] : memref<?x4xf32> to memref<?x4xf32, strided<[4, 1]>>
  memref.copy %past, %begin : memref<?x4xf32> to memref<?x4xf32, strided<[4, 1]>>
  %first = memref.subview %present[0, 0] [1, 4] [1, 1] : memref<?x4xf32> to memref<1x4xf32, strided<[4, 1]>>
  memref.copy %new, %first : memref<1x4xf32> to memref<1x4xf32, strided<[4, 1]>>
  return
}
