func.func @stride(%x: memref<1x10x10x3xf32>, %w: memref<1x36x3x8xf32>, %y: memref<1x4x4x8xf32>) {
  kernel.conv ins(%x, %w : memref<1x10x10x3xf32>, memref<1x36x3x8xf32>) outs(%y : memref<1x4x4x8xf32>)
      {kernel_shape = array<i64: 3, 3>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, extra_maps = [], winograd_tile = array<i64: 4, 4>}
      epilogue {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// -----

func.func @tile(%x: memref<1x10x10x3xf32>, %w: memref<1x25x3x8xf32>, %y: memref<1x8x8x8xf32>) {
  kernel.conv ins(%x, %w : memref<1x10x10x3xf32>, memref<1x25x3x8xf32>) outs(%y : memref<1x8x8x8xf32>)
      {kernel_shape = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, extra_maps = [], winograd_tile = array<i64: 3, 3>}
      epilogue {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}
