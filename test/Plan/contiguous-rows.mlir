// RUN: m2c-opt %s -pass-pipeline='builtin.module(func.func(contiguous-rows))' | FileCheck %s

// CHECK-LABEL: @strided_input
// CHECK:         %[[ROWS:.*]] = memref.alloc() : memref<3x4xf32>
// CHECK-NEXT:    memref.copy %{{.*}}, %[[ROWS]]
// CHECK-NEXT:    kernel.softmax ins(%[[ROWS]]
func.func @strided_input(%x: memref<3x8xf32>, %y: memref<3x4xf32>) {
  %s = memref.subview %x[0, 0] [3, 4] [1, 2] : memref<3x8xf32> to memref<3x4xf32, strided<[8, 2]>>
  kernel.softmax ins(%s : memref<3x4xf32, strided<[8, 2]>>) outs(%y : memref<3x4xf32>) {extra_maps = []} epilogue {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// CHECK-LABEL: @strided_output
// CHECK:         %[[ROWS:.*]] = memref.alloc() : memref<3x4xf32>
// CHECK-NEXT:    kernel.softmax {{.*}} outs(%[[ROWS]]
// CHECK:         memref.copy %[[ROWS]], %{{.*}}
func.func @strided_output(%x: memref<3x4xf32>, %y: memref<3x8xf32>) {
  %s = memref.subview %y[0, 0] [3, 4] [1, 2] : memref<3x8xf32> to memref<3x4xf32, strided<[8, 2]>>
  kernel.softmax ins(%x : memref<3x4xf32>) outs(%s : memref<3x4xf32, strided<[8, 2]>>) {extra_maps = []} epilogue {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}
