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

func.func @dynamic(%n: index) {
  // expected-error @+1 {{needs a static shape to be planned, but has type 'memref<?xf32>'}}
  %a = memref.alloc(%n) : memref<?xf32>
  return
}
