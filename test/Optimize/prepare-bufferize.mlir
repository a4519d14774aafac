// RUN: m2c-opt %s -pass-pipeline='builtin.module(func.func(prepare-bufferize))' | FileCheck %s
// RUN: m2c-opt %s -pass-pipeline='builtin.module(func.func(prepare-bufferize),eliminate-empty-tensors,empty-tensor-to-alloc-tensor,one-shot-bufferize{bufferize-function-boundaries=true function-boundary-type-conversion=identity-layout-map buffer-alignment=0},canonicalize,cse,canonicalize)' \
// RUN:   | FileCheck %s --check-prefix=MEMORY

// The convolution writes the interior of the buffer whose border is the padding; nothing is copied.
// CHECK-LABEL: @halo
// CHECK:         %[[BORDER:.*]] = kernel.pad_border {{.*}} {high = array<i64: 0, 1, 1, 0>, low = array<i64: 0, 1, 1, 0>, value = 0.000000e+00 : f32}
// CHECK:         tensor.insert_slice %{{.*}} into %[[BORDER]][0, 1, 1, 0] [1, 4, 4, 8] [1, 1, 1, 1]
// MEMORY-LABEL: @halo
// MEMORY:         %[[PADDED:.*]] = memref.alloc() : memref<1x6x6x8xf32>
// MEMORY:         kernel.pad_border outs(%[[PADDED]]
// MEMORY:         %[[INTERIOR:.*]] = memref.subview %[[PADDED]][0, 1, 1, 0]
// MEMORY-NOT:     memref.copy
// MEMORY:         kernel.conv {{.*}} outs(%[[INTERIOR]]
// MEMORY-NOT:     memref.copy
// MEMORY:         kernel.conv ins(%[[PADDED]]
// MEMORY-NOT:     memref.copy
// MEMORY:         return
func.func @halo(%x: tensor<1x6x6x3xf32> {bufferization.writable = false}, %f: tensor<8x3x3x3xf32> {bufferization.writable = false},
                %g: tensor<8x8x3x3xf32> {bufferization.writable = false}, %out: memref<1x4x4x8xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x4x4x8xf32>
  %y = kernel.conv ins(%x, %f : tensor<1x6x6x3xf32>, tensor<8x3x3x3xf32>) outs(%e : tensor<1x4x4x8xf32>)
      {kernel_shape = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, extra_maps = []} epilogue {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  } -> tensor<1x4x4x8xf32>
  %p = tensor.pad %y low[0, 1, 1, 0] high[0, 1, 1, 0] {
  ^bb0(%i: index, %j: index, %k: index, %l: index):
    tensor.yield %zero : f32
  } : tensor<1x4x4x8xf32> to tensor<1x6x6x8xf32>
  %z = kernel.conv ins(%p, %g : tensor<1x6x6x8xf32>, tensor<8x8x3x3xf32>) extras(%y : tensor<1x4x4x8xf32>) outs(%e : tensor<1x4x4x8xf32>)
      {kernel_shape = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
       extra_maps = [affine_map<(n, h, w, c) -> (n, h, w, c)>]} epilogue {
  ^bb0(%acc: f32, %residual: f32):
    %s = arith.addf %acc, %residual : f32
    kernel.yield %s : f32
  } -> tensor<1x4x4x8xf32>
  bufferization.materialize_in_destination %z in restrict writable %out : (tensor<1x4x4x8xf32>, memref<1x4x4x8xf32>) -> ()
  return
}

// A concatenation's parts are produced in place.
// CHECK-LABEL: @concat
// CHECK-NOT:     tensor.concat
// CHECK:         %[[A:.*]] = tensor.insert_slice %{{.*}}[0, 0] [3, 5]
// CHECK:         tensor.insert_slice %{{.*}} into %[[A]][0, 5] [3, 5]
// MEMORY-LABEL: @concat
// MEMORY-NOT:     memref.alloc
// MEMORY-NOT:     memref.copy
// MEMORY:         return
func.func @concat(%x: tensor<3x5xf32> {bufferization.writable = false}, %out: memref<3x10xf32>) {
  %e = tensor.empty() : tensor<3x5xf32>
  %a = linalg.exp ins(%x : tensor<3x5xf32>) outs(%e : tensor<3x5xf32>) -> tensor<3x5xf32>
  %b = linalg.negf ins(%x : tensor<3x5xf32>) outs(%e : tensor<3x5xf32>) -> tensor<3x5xf32>
  %c = tensor.concat dim(1) %a, %b : (tensor<3x5xf32>, tensor<3x5xf32>) -> tensor<3x10xf32>
  bufferization.materialize_in_destination %c in restrict writable %out : (tensor<3x10xf32>, memref<3x10xf32>) -> ()
  return
}

// What a loop carries is computed where it stays, if the old value is not read any more then; else it is copied there.
// CHECK-LABEL: @carried
// CHECK:         scf.for {{.*}} iter_args(%[[A:.*]] = %{{.*}}, %[[B:.*]] = %{{.*}})
// CHECK:           %[[SUM:.*]] = linalg.add ins(%[[A]], %[[B]]
// CHECK:           %[[EXP:.*]] = linalg.exp ins(%[[SUM]]
// CHECK:           %[[NEG:.*]] = linalg.negf ins(%[[B]]
// CHECK:           bufferization.materialize_in_destination %[[EXP]] in %[[A]]
// CHECK:           linalg.copy ins(%[[NEG]] : tensor<8xf32>) outs(%[[B]]
// MEMORY-LABEL: @carried
// MEMORY-COUNT-2: memref.alloc
// MEMORY:         scf.for
// MEMORY:           memref.alloc
// MEMORY-NOT:       memref.alloc
// MEMORY-NOT:       memref.copy
// MEMORY:         }
// MEMORY:         return
func.func @carried(%x: tensor<8xf32> {bufferization.writable = false}, %n: index, %out: memref<8xf32>, %other: memref<8xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %0:2 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x, %b = %x) -> (tensor<8xf32>, tensor<8xf32>) {
    %e = tensor.empty() : tensor<8xf32>
    %sum = linalg.add ins(%a, %b : tensor<8xf32>, tensor<8xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32>
    %exp = linalg.exp ins(%sum : tensor<8xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32>
    %neg = linalg.negf ins(%b : tensor<8xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32>
    %next_a = linalg.copy ins(%exp : tensor<8xf32>) outs(%a : tensor<8xf32>) -> tensor<8xf32>
    %next_b = linalg.copy ins(%neg : tensor<8xf32>) outs(%b : tensor<8xf32>) -> tensor<8xf32>
    scf.yield %next_a, %next_b : tensor<8xf32>, tensor<8xf32>
  }
  bufferization.materialize_in_destination %0#0 in restrict writable %out : (tensor<8xf32>, memref<8xf32>) -> ()
  bufferization.materialize_in_destination %0#1 in restrict writable %other : (tensor<8xf32>, memref<8xf32>) -> ()
  return
}
