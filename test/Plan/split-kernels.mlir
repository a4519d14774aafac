// RUN: m2c-opt %s -pass-pipeline='builtin.module(func.func(split-kernels{march=x86-64-v3}))' -split-input-file | FileCheck %s

// What is worth several threads says how many at most; what is small stays as it is.
// CHECK:       #[[PARTS:.*]] = affine_map<() -> (6)>
// CHECK-LABEL: @products
// CHECK:         kernel.contract ins(%arg0, %arg1 : {{.*}} m2c.parts = #[[PARTS]]
// CHECK:         kernel.contract ins(%arg3, %arg4
// CHECK-NOT:     m2c.parts
// CHECK:         return
func.func @products(%x: memref<64x256xf32>, %w: memref<8x256x16xf32>, %y: memref<64x128xf32>,
                    %x1: memref<1x64xf32>, %w1: memref<4x64x16xf32>, %y1: memref<1x64xf32>) {
  kernel.contract ins(%x, %w : memref<64x256xf32>, memref<8x256x16xf32>) outs(%y : memref<64x128xf32>)
      {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>],
       panel = 16 : i64, extra_maps = []} epilogue {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  kernel.contract ins(%x1, %w1 : memref<1x64xf32>, memref<4x64x16xf32>) outs(%y1 : memref<1x64xf32>)
      {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>],
       panel = 16 : i64, extra_maps = []} epilogue {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// -----

// A long batch is split rather than its products, each part with scratch memory of its own.
#lhs = affine_map<(b, m, n, k) -> (b, m, k)>
#rhs = affine_map<(b, m, n, k) -> (b, n, k)>
#out = affine_map<(b, m, n, k) -> (b, m, n)>
// CHECK-LABEL: @batch
// CHECK:         memref.alloc() {m2c.own} : memref<4096xf32>
// CHECK:         kernel.contract {{.*}}m2c.parts = #{{.*}}, m2c.split_dim = 0 : i64
func.func @batch(%x: memref<12x128x64xf32>, %w: memref<12x128x64xf32>, %y: memref<12x128x128xf32>) {
  %scratch = memref.alloc() : memref<4096xf32>
  kernel.contract ins(%x, %w : memref<12x128x64xf32>, memref<12x128x64xf32>) outs(%y : memref<12x128x128xf32>)
      scratch(%scratch : memref<4096xf32>) {indexing_maps = [#lhs, #rhs, #out], extra_maps = []} epilogue {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// -----

// The state of a recurrence has the batch's rows, which parts share out.
// CHECK-LABEL: @recurrence
// CHECK:         memref.alloc() : memref<26112xf32>
// CHECK:         kernel.lstm {{.*}}m2c.parts = #
func.func @recurrence(%x: memref<20x32x1024xf32>, %r: memref<262144xf32>, %h: memref<32x256xf32>, %c: memref<32x256xf32>) {
  %state = memref.alloc() : memref<26112xf32>
  kernel.lstm ins(%x, %r : memref<20x32x1024xf32>, memref<262144xf32>) outs(%h, %c : memref<32x256xf32>, memref<32x256xf32>)
      scratch(%state : memref<26112xf32>) {panel = 8 : i64}
  return
}

// -----

// Sizes left to the run: so many parts as their work is worth then.
#id = affine_map<(n, c) -> (n, c)>
// CHECK:       #[[PARTS:.*]] = affine_map<()[s0] -> (s0 floordiv {{[0-9]+}})>
// CHECK-LABEL: @open
// CHECK:         linalg.generic {{.*}} {m2c.parts = #[[PARTS]]}
func.func @open(%x: memref<?x512xf32> {m2c.shape = affine_map<()[s0] -> (s0, 512)>},
                %y: memref<?x512xf32> {m2c.shape = affine_map<()[s0] -> (s0, 512)>}) attributes {m2c.symbols = ["batch"]} {
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<?x512xf32>) outs(%y : memref<?x512xf32>) {
  ^bb0(%a: f32, %b: f32):
    %e = math.exp %a : f32
    linalg.yield %e : f32
  }
  return
}

// -----

// One sum has no outputs to share out; a row of sums has.
// CHECK-LABEL: @sums
// CHECK:         linalg.generic {{.*}}"reduction"]} ins(%arg0 : memref<1000000xf32>)
// CHECK-NOT:     m2c.parts
// CHECK:         linalg.generic {{.*}}"reduction"]} ins(%arg2 : {{.*}} {m2c.parts = #
func.func @sums(%x: memref<1000000xf32>, %s: memref<f32>, %rows: memref<1000x1000xf32>, %t: memref<1000xf32>) {
  linalg.generic {indexing_maps = [affine_map<(k) -> (k)>, affine_map<(k) -> ()>], iterator_types = ["reduction"]}
      ins(%x : memref<1000000xf32>) outs(%s : memref<f32>) {
  ^bb0(%a: f32, %b: f32):
    %sum = arith.addf %a, %b : f32
    linalg.yield %sum : f32
  }
  linalg.generic {indexing_maps = [affine_map<(n, k) -> (n, k)>, affine_map<(n, k) -> (n)>], iterator_types = ["parallel", "reduction"]}
      ins(%rows : memref<1000x1000xf32>) outs(%t : memref<1000xf32>) {
  ^bb0(%a: f32, %b: f32):
    %sum = arith.addf %a, %b : f32
    linalg.yield %sum : f32
  }
  return
}
