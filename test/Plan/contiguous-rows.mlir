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

// States and filters lie in one run of memory, the sequences as they are.
// CHECK-LABEL: @states
// CHECK:         %[[IN:.*]] = memref.alloc() : memref<2x8xf32>
// CHECK:         memref.copy %{{.*}}, %[[IN]]
// CHECK:         %[[OUT:.*]] = memref.alloc() : memref<2x8xf32>
// CHECK-NOT:     memref.alloc
// CHECK:         kernel.gru ins(%arg0, %arg1 : {{.*}}) initial_h(%[[IN]] : {{.*}}) outs(%arg3, %[[OUT]] :
// CHECK:         memref.copy %[[OUT]], %{{.*}}
func.func @states(%x: memref<6x2x24xf32, strided<[60, 30, 1]>>, %r: memref<256xf32>, %h0: memref<2x20xf32>, %y: memref<6x2x8xf32, strided<[40, 20, 1]>>, %h: memref<2x20xf32>) {
  %from = memref.subview %h0[0, 2] [2, 8] [1, 1] : memref<2x20xf32> to memref<2x8xf32, strided<[20, 1], offset: 2>>
  %to = memref.subview %h[0, 8] [2, 8] [1, 1] : memref<2x20xf32> to memref<2x8xf32, strided<[20, 1], offset: 8>>
  kernel.gru ins(%x, %r : memref<6x2x24xf32, strided<[60, 30, 1]>>, memref<256xf32>) initial_h(%from : memref<2x8xf32, strided<[20, 1], offset: 2>>)
    outs(%y, %to : memref<6x2x8xf32, strided<[40, 20, 1]>>, memref<2x8xf32, strided<[20, 1], offset: 8>>) {has_y, panel = 8 : i64}
  return
}

// CHECK-LABEL: @filter
// CHECK:         %[[FILTER:.*]] = memref.alloc() : memref<4x3x3x3xf32>
// CHECK:         kernel.pack "filter" ins(%[[FILTER]]
func.func @filter(%f: memref<4x5x3x3xf32>, %p: memref<1x1x3x3x3x4xf32>) {
  %s = memref.subview %f[0, 1, 0, 0] [4, 3, 3, 3] [1, 1, 1, 1] : memref<4x5x3x3xf32> to memref<4x3x3x3xf32, strided<[45, 9, 3, 1], offset: 9>>
  kernel.pack "filter" ins(%s : memref<4x3x3x3xf32, strided<[45, 9, 3, 1], offset: 9>>) outs(%p : memref<1x1x3x3x3x4xf32>) {panel = 4 : i64}
  return
}
