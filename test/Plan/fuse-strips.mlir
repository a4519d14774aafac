// RUN: m2c-opt %s -pass-pipeline='builtin.module(func.func(fuse-strips{march=x86-64-v3}))' -split-input-file | FileCheck %s

#channel = affine_map<(n, y, x, c) -> (c)>
#id = affine_map<(n, y, x, c) -> (n, y, x, c)>

// The expanded tensor, 58 x 58 x 144, shrinks to the 6 rows that 4 rows of output need, the filtered one to 4 rows.
// CHECK-LABEL: @residual
// CHECK-NOT:     memref<1x58x58x144xf32>
// CHECK:         %[[RING:.*]] = memref.alloc() : memref<1x6x58x144xf32>
// CHECK:         %[[MIDDLE:.*]] = memref.alloc() : memref<1x4x56x144xf32>
// CHECK:         scf.execute_region
// CHECK:           kernel.pad_border outs(%[[RING]]
// CHECK:           %[[FIRST:.*]], %[[LAST:.*]] = kernel.part_range 14
// CHECK:           scf.for %[[S:.*]] = %[[FIRST]] to %[[LAST]]
// The first strip of a part expands the rows as well that a strip before it would have left.
// CHECK:             arith.cmpi eq, %[[S]], %[[FIRST]]
// CHECK:             arith.maxsi
// The first strip has one row more, the last one less: the border's.
// CHECK:             %[[BEGIN:.*]] = arith.select
// CHECK:             %[[INSIDE:.*]] = arith.minsi
// CHECK:             scf.for %[[ROW:.*]] = %[[BEGIN]] to %[[INSIDE]]
// CHECK:               %[[X:.*]] = memref.subview %arg0[%{{.*}}, %[[ROW]], 0, 0] [1, 1, 56, 24]
// CHECK:               kernel.conv ins(%[[X]],
// CHECK:             scf.for {{.*}} = %[[INSIDE]]
// CHECK:               linalg.fill
// CHECK:             kernel.depthwise_conv ins(%[[RING]], {{.*}} outs(%[[MIDDLE]]
// CHECK:             kernel.conv ins(%[[MIDDLE]], {{.*}} extras(%arg{{[0-9]+}}, %{{.*}} : memref<24xf32>, memref<1x4x56x24xf32
// CHECK:             memref.copy
func.func @residual(%x: memref<1x56x56x24xf32>, %w0: memref<1x9x1x1x24x16xf32>, %w1: memref<3x3x144xf32>, %w2: memref<1x1x1x1x144x24xf32>,
                    %b0: memref<144xf32>, %b2: memref<24xf32>, %y: memref<1x56x56x24xf32>) {
  %wide = memref.alloc() : memref<1x58x58x144xf32>
  %middle = memref.alloc() : memref<1x56x56x144xf32>
  kernel.pad_border outs(%wide : memref<1x58x58x144xf32>) {high = array<i64: 0, 1, 1, 0>, low = array<i64: 0, 1, 1, 0>, value = 0.0 : f32}
  %inner = memref.subview %wide[0, 1, 1, 0] [1, 56, 56, 144] [1, 1, 1, 1] : memref<1x58x58x144xf32> to memref<1x56x56x144xf32, strided<[484416, 8352, 144, 1], offset: 8496>>
  kernel.conv ins(%x, %w0 : memref<1x56x56x24xf32>, memref<1x9x1x1x24x16xf32>) extras(%b0 : memref<144xf32>) outs(%inner : memref<1x56x56x144xf32, strided<[484416, 8352, 144, 1], offset: 8496>>)
      {kernel_shape = array<i64: 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, extra_maps = [#channel], panel = 16 : i64} epilogue {
  ^bb0(%acc: f32, %b: f32):
    %s = arith.addf %acc, %b : f32
    kernel.yield %s : f32
  }
  kernel.depthwise_conv ins(%wide, %w1 : memref<1x58x58x144xf32>, memref<3x3x144xf32>) outs(%middle : memref<1x56x56x144xf32>)
      {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, extra_maps = []} epilogue {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  kernel.conv ins(%middle, %w2 : memref<1x56x56x144xf32>, memref<1x1x1x1x144x24xf32>) extras(%b2, %x : memref<24xf32>, memref<1x56x56x24xf32>) outs(%y : memref<1x56x56x24xf32>)
      {kernel_shape = array<i64: 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, extra_maps = [#channel, #id], panel = 24 : i64} epilogue {
  ^bb0(%acc: f32, %b: f32, %r: f32):
    %s = arith.addf %acc, %b : f32
    %t = arith.addf %s, %r : f32
    kernel.yield %t : f32
  }
  return
}

// -----

// Somebody else reads the expanded tensor: it stays; only the last two are fused.
// CHECK-LABEL: @shared
// CHECK:         memref.alloc() : memref<1x58x58x144xf32>
// CHECK:         memref.alloc() : memref<1x8x56x144xf32>
// CHECK:         scf.for
// CHECK:           %[[W:.*]] = memref.subview %{{.*}}[%{{.*}}, %{{.*}}, 0, 0] [1, 10, 58, 144]
// CHECK:           kernel.depthwise_conv ins(%[[W]],
func.func @shared(%x: memref<1x58x58x24xf32>, %w0: memref<1x9x1x1x24x16xf32>, %w1: memref<3x3x144xf32>, %w2: memref<1x1x1x1x144x24xf32>,
                  %y: memref<1x56x56x24xf32>, %z: memref<1x58x58x144xf32>) {
  %wide = memref.alloc() : memref<1x58x58x144xf32>
  %middle = memref.alloc() : memref<1x56x56x144xf32>
  kernel.conv ins(%x, %w0 : memref<1x58x58x24xf32>, memref<1x9x1x1x24x16xf32>) outs(%wide : memref<1x58x58x144xf32>)
      {kernel_shape = array<i64: 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, extra_maps = [], panel = 16 : i64} epilogue {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  memref.copy %wide, %z : memref<1x58x58x144xf32> to memref<1x58x58x144xf32>
  kernel.depthwise_conv ins(%wide, %w1 : memref<1x58x58x144xf32>, memref<3x3x144xf32>) outs(%middle : memref<1x56x56x144xf32>)
      {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, extra_maps = []} epilogue {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  kernel.conv ins(%middle, %w2 : memref<1x56x56x144xf32>, memref<1x1x1x1x144x24xf32>) outs(%y : memref<1x56x56x24xf32>)
      {kernel_shape = array<i64: 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, extra_maps = [], panel = 24 : i64} epilogue {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// -----

// Small enough for the cache as it is.
// CHECK-LABEL: @small
// CHECK-NOT:     scf
func.func @small(%x: memref<1x30x30x24xf32>, %w1: memref<3x3x24xf32>, %w2: memref<1x1x1x1x24x24xf32>, %y: memref<1x28x28x24xf32>) {
  %middle = memref.alloc() : memref<1x28x28x24xf32>
  kernel.depthwise_conv ins(%x, %w1 : memref<1x30x30x24xf32>, memref<3x3x24xf32>) outs(%middle : memref<1x28x28x24xf32>)
      {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, extra_maps = []} epilogue {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  kernel.conv ins(%middle, %w2 : memref<1x28x28x24xf32>, memref<1x1x1x1x24x24xf32>) outs(%y : memref<1x28x28x24xf32>)
      {kernel_shape = array<i64: 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, extra_maps = [], panel = 24 : i64} epilogue {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}
