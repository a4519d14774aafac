// RUN: m2c-opt %s -pass-pipeline='builtin.module(func.func(plan-arena))' -split-input-file -verify-diagnostics | FileCheck %s

// The third buffer takes the place of the first, which nothing reads any more.
// CHECK-LABEL: @chain
// CHECK-SAME:    %[[ARENA:[a-z0-9]+]]: memref<128xi8> {m2c.arena})
// CHECK:         %[[ZERO:.*]] = arith.constant 0 : index
// CHECK:         memref.view %[[ARENA]][%[[ZERO]]]
// CHECK:         %[[OFFSET:.*]] = arith.constant 64 : index
// CHECK:         memref.view %[[ARENA]][%[[OFFSET]]]
// CHECK:         %[[AGAIN:.*]] = arith.constant 0 : index
// CHECK:         memref.view %[[ARENA]][%[[AGAIN]]]
func.func @chain(%x: memref<16xf32>, %y: memref<16xf32>) {
  %a = memref.alloc() : memref<16xf32>
  linalg.exp ins(%x : memref<16xf32>) outs(%a : memref<16xf32>)
  %b = memref.alloc() : memref<16xf32>
  linalg.exp ins(%a : memref<16xf32>) outs(%b : memref<16xf32>)
  %c = memref.alloc() : memref<16xf32>
  linalg.exp ins(%b : memref<16xf32>) outs(%c : memref<16xf32>)
  linalg.exp ins(%c : memref<16xf32>) outs(%y : memref<16xf32>)
  return
}

// -----

// A buffer read inside a loop lives until the loop ends, and so does one reached only through a view.
// CHECK-LABEL: @loop
// CHECK-SAME:    memref<128xi8> {m2c.arena})
func.func @loop(%x: memref<16xf32>, %y: memref<16xf32>, %n: index) {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %a = memref.alloc() : memref<16xf32>
  linalg.exp ins(%x : memref<16xf32>) outs(%a : memref<16xf32>)
  scf.for %i = %zero to %n step %one {
    %view = memref.subview %a[0] [16] [1] : memref<16xf32> to memref<16xf32, strided<[1]>>
    linalg.exp ins(%view : memref<16xf32, strided<[1]>>) outs(%y : memref<16xf32>)
    %b = memref.alloc() : memref<16xf32>
    linalg.exp ins(%x : memref<16xf32>) outs(%b : memref<16xf32>)
    linalg.exp ins(%b : memref<16xf32>) outs(%y : memref<16xf32>)
  }
  return
}

// -----

// Where only the run knows the sizes: the third buffer shares its part with the first, and a part is as large as the
// larger of its buffers. Where parts begin are symbols behind those of the inputs.
// CHECK-DAG:   [[LARGE:#.*]] = affine_map<()[s0] -> (s0 * 64, s0 * 4)>
// CHECK-DAG:   [[SMALL:#.*]] = affine_map<()[s0] -> (s0 * 4)>
// CHECK-DAG:   [[START:#.*]] = affine_map<()[s0, s1] -> (s1)>
// CHECK-LABEL: @symbolic
// CHECK-SAME:    %[[ARENA:[a-z0-9]+]]: memref<64xi8> {m2c.arena})
// CHECK-SAME:    m2c.arena_parts = {{\[}}[[LARGE]], [[SMALL]]]
// CHECK-SAME:    m2c.symbols = ["batch", "arena_part0", "arena_part1"]
// CHECK:         memref.view %[[ARENA]]{{.*}} : memref<64xi8> to memref<16xf32>
// CHECK:         %[[PART:.*]] = kernel.size [[START]]
// CHECK:         memref.view %[[ARENA]][%[[PART]]][%{{.*}}] : memref<64xi8> to memref<?x16xf32>
func.func @symbolic(%x: memref<?x16xf32>, %y: memref<?xf32>) attributes {m2c.symbols = ["batch"], m2c.bounds = [-1]} {
  %fixed = memref.alloc() : memref<16xf32>
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%fixed : memref<16xf32>)
  %n = kernel.size affine_map<()[s0] -> (s0)>
  %a = memref.alloc(%n) : memref<?x16xf32>
  linalg.exp ins(%x : memref<?x16xf32>) outs(%a : memref<?x16xf32>)
  %b = memref.alloc(%n) : memref<?xf32>
  linalg.reduce { arith.addf } ins(%a : memref<?x16xf32>) outs(%b : memref<?xf32>) dimensions = [1]
  %c = memref.alloc(%n) : memref<?xf32>
  linalg.exp ins(%b : memref<?xf32>) outs(%c : memref<?xf32>)
  linalg.exp ins(%c : memref<?xf32>) outs(%y : memref<?xf32>)
  return
}

// -----

func.func @unknown(%n: index) {
  // expected-error @+1 {{has a size that is not known in the model's symbols}}
  %a = memref.alloc(%n) : memref<?xf32>
  return
}

// -----

// A size that the run finds: with a bound the buffer is as large as it can be, without one it grows outside the arena. The
// allocation goes behind the definition of its size.
// CHECK-LABEL: @found
// CHECK-SAME:    %[[ARENA:[a-z0-9]+]]: memref<64xi8> {m2c.arena})
// CHECK:         kernel.define_sizes %{{.*}} {symbols = array<i64: 0, 1>}
// CHECK-DAG:     memref.view %[[ARENA]][{{.*}}][{{.*}}] : memref<64xi8> to memref<?xf32>
// CHECK-DAG:     %[[MEMORY:.*]] = kernel.reserve 0, #{{.*}} : memref<?xi8>
// CHECK-DAG:     memref.view %[[MEMORY]]
func.func @found(%n: memref<2xi64>) attributes {m2c.symbols = ["a", "b"], m2c.bounds = [-1, -1],
    m2c.found = [[0, affine_map<()[s0, s1] -> (16)>, "x"], [1, affine_map<()[s0, s1] -> (-1)>, "y"]]} {
  %zero = arith.constant 0.0 : f32
  %a = kernel.size affine_map<()[s0] -> (s0)>
  %b = kernel.size affine_map<()[s0, s1] -> (s1)>
  %bounded = memref.alloc(%a) : memref<?xf32>
  %open = memref.alloc(%b) : memref<?xf32>
  kernel.define_sizes %n {symbols = array<i64: 0, 1>} : memref<2xi64>
  linalg.fill ins(%zero : f32) outs(%bounded : memref<?xf32>)
  linalg.fill ins(%zero : f32) outs(%open : memref<?xf32>)
  return
}

// -----

func.func @used_before(%n: memref<1xi64>) attributes {m2c.symbols = ["a"], m2c.bounds = [-1],
    m2c.found = [[0, affine_map<()[s0] -> (16)>, "x"]]} {
  %zero = arith.constant 0.0 : f32
  %a = kernel.size affine_map<()[s0] -> (s0)>
  %bounded = memref.alloc(%a) : memref<?xf32>
  // expected-error @+1 {{internal error: uses the size 'a' before it is found}}
  linalg.fill ins(%zero : f32) outs(%bounded : memref<?xf32>)
  kernel.define_sizes %n {symbols = array<i64: 0>} : memref<1xi64>
  return
}
