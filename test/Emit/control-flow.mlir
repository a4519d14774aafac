// Kernels inside loops and branches are functions too, whose calls print inside C++ loops and branches.
// RUN: m2c-opt %s -outline-kernels | FileCheck %s
// RUN: m2c-opt %s -outline-kernels -print-cpp -o /dev/null | FileCheck %s --check-prefix=CPP

#id = affine_map<(d0) -> (d0)>
memref.global "private" constant @bias : memref<8xf32> = dense<1.0>

// The weight is named outside; the part of a buffer, the trip's number and the scalars stay inside.
// CHECK-LABEL: func.func @model
// CHECK:         %[[BIAS:.*]] = memref.get_global @bias
// CHECK:         scf.for %[[I:.*]] =
// CHECK:           %[[ROW:.*]] = memref.subview %{{.*}}[%[[I]], 0] [1, 8] [1, 1]
// CHECK:           %[[POSITIVE:.*]] = memref.load
// CHECK:           scf.if %[[POSITIVE]] {
// CHECK:             %[[CAST:.*]] = memref.cast %[[BIAS]]
// CHECK:             call @kernel(%[[ROW]], %[[CAST]], %{{.*}})
// CHECK:           } else {
// CHECK:             call @kernel_2(%[[ROW]], %{{.*}})
// CHECK:           }
// CHECK:         memref.store
// CHECK-NOT:     linalg
// CHECK:         return

// CPP:      void run_kernels(
// CPP:        for (rt::idx [[I:i.*]] = 0; [[I]] < 5; ++[[I]]) {
// CPP-NEXT:     const auto [[X:.*]] = c[0] != 0;
// CPP-NEXT:     if ([[X]]) {
// CPP-NEXT:       {{.*}}(x + [[I]]*8, bias, y + [[I]]*8);
// CPP-NEXT:     } else {
// CPP-NEXT:       {{.*}}(x + [[I]]*8, y + [[I]]*8);
// CPP-NEXT:     }
// CPP-NEXT:   }
// CPP-NEXT:   n[0] = 5;
func.func @model(%x: memref<5x8xf32> {onnx.name = "x"}, %c: memref<i1> {onnx.name = "c"},
                 %y: memref<5x8xf32> {onnx.name = "y", m2c.output}, %n: memref<i64> {onnx.name = "n", m2c.output}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c5 = arith.constant 5 : index
  %five = arith.constant 5 : i64
  scf.for %i = %c0 to %c5 step %c1 {
    %bias = memref.get_global @bias : memref<8xf32>
    %in = memref.subview %x[%i, 0] [1, 8] [1, 1] : memref<5x8xf32> to memref<8xf32, strided<[1], offset: ?>>
    %out = memref.subview %y[%i, 0] [1, 8] [1, 1] : memref<5x8xf32> to memref<8xf32, strided<[1], offset: ?>>
    %positive = memref.load %c[] : memref<i1>
    scf.if %positive {
      linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
          ins(%in, %bias : memref<8xf32, strided<[1], offset: ?>>, memref<8xf32>) outs(%out : memref<8xf32, strided<[1], offset: ?>>) {
      ^bb0(%l: f32, %r: f32, %o: f32):
        %sum = arith.addf %l, %r : f32
        linalg.yield %sum : f32
      }
    } else {
      linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
          ins(%in : memref<8xf32, strided<[1], offset: ?>>) outs(%out : memref<8xf32, strided<[1], offset: ?>>) {
      ^bb0(%l: f32, %o: f32):
        %exp = math.exp %l : f32
        linalg.yield %exp : f32
      }
    }
  }
  memref.store %five, %n[] : memref<i64>
  return
}
