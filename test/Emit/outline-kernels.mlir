// RUN: m2c-opt %s -outline-kernels | FileCheck %s

// Two layers that do the same on other weights and buffers share a function; a fill goes with the reduction that starts from it.
#id = affine_map<(d0) -> (d0)>
#one = affine_map<(d0) -> (0)>
memref.global "private" constant @first : memref<8xf32> = dense<1.0>
memref.global "private" constant @second : memref<8xf32> = dense<2.0>

// CHECK-LABEL: func.func @model
// CHECK-DAG:     %[[FIRST:.*]] = memref.get_global @first
// CHECK-DAG:     %[[SECOND:.*]] = memref.get_global @second
// CHECK:         call @layers_0_add_relu(
// CHECK:         call @layers_0_add_relu(
// CHECK:         call @reducesum(
// CHECK-NOT:     linalg
// CHECK:         return
func.func @model(%x: memref<8xf32>, %y: memref<1xf32> {m2c.output}, %arena: memref<128xi8> {m2c.arena}) {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %zero = arith.constant 0.0 : f32
  %first = memref.get_global @first : memref<8xf32>
  %second = memref.get_global @second : memref<8xf32>
  %a = memref.view %arena[%c0][] : memref<128xi8> to memref<8xf32>
  %b = memref.view %arena[%c64][] : memref<128xi8> to memref<8xf32>
  linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
      ins(%x, %first : memref<8xf32>, memref<8xf32>) outs(%a : memref<8xf32>) {
  ^bb0(%l: f32, %r: f32, %o: f32):
    %sum = arith.addf %l, %r : f32
    %relu = arith.maximumf %sum, %zero : f32
    linalg.yield %relu : f32
  } loc(fused["/layers/layers.0/Add"("s"), "/layers/act/Relu"("a")])
  linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
      ins(%a, %second : memref<8xf32>, memref<8xf32>) outs(%b : memref<8xf32>) {
  ^bb0(%l: f32, %r: f32, %o: f32):
    %sum = arith.addf %l, %r : f32
    %relu = arith.maximumf %sum, %zero : f32
    linalg.yield %relu : f32
  } loc(fused["/layers/layers.1/Add"("t"), "/layers/act/Relu"("b")])
  linalg.fill ins(%zero : f32) outs(%y : memref<1xf32>)
  linalg.generic {indexing_maps = [#id, #one], iterator_types = ["reduction"]}
      ins(%b : memref<8xf32>) outs(%y : memref<1xf32>) {
  ^bb0(%l: f32, %o: f32):
    %sum = arith.addf %l, %o : f32
    linalg.yield %sum : f32
  } loc("/ReduceSum"("y"))
  return
}

// CHECK-LABEL: func.func private @layers_0_add_relu
// CHECK-SAME:    strided<[1], offset: ?>> {m2c.name = "x"}
// CHECK-SAME:    {m2c.name = "y"}
// CHECK-LABEL: func.func private @reducesum
// CHECK:         linalg.fill
// CHECK-NEXT:    linalg.generic
