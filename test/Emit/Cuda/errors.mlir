// What there is no kernel for is refused, all at once.
// RUN: not m2c-opt %s -split-input-file -outline-kernels -print-cuda -o /dev/null 2>&1 | FileCheck %s

// CHECK: error: elements of type float16 have no kernels on GPUs; use --target cpu
func.func @float16(%x: memref<4xf16>, %y: memref<4xf16> {m2c.output}) {
  linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]}
    ins(%x : memref<4xf16>) outs(%y : memref<4xf16>) {
  ^bb0(%a: f16, %b: f16):
    linalg.yield %a : f16
  }
  return
}

// -----

// CHECK: error: the program would read or write single elements of a tensor between kernels, which is not supported on GPUs; use --target cpu
func.func @scatter(%x: memref<4xf32>, %n: memref<4xi64>, %y: memref<9xf32> {m2c.output}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  scf.for %i = %c0 to %c4 step %c1 {
    %at = memref.load %n[%i] : memref<4xi64>
    %j = arith.index_cast %at : i64 to index
    %v = memref.load %x[%i] : memref<4xf32>
    memref.store %v, %y[%j] : memref<9xf32>
  }
  return
}

// -----

// CHECK: error: 'kernel.contract' op has 70000 matrices, but a kernel on GPUs takes at most 65535; use --target cpu
func.func @batches(%a: memref<70000x2x3xf32>, %b: memref<70000x3x2xf32>, %c: memref<70000x2x2xf32> {m2c.output}) {
  kernel.contract ins(%a, %b : memref<70000x2x3xf32>, memref<70000x3x2xf32>) outs(%c : memref<70000x2x2xf32>)
    {indexing_maps = [affine_map<(b, m, n, k) -> (b, m, k)>, affine_map<(b, m, n, k) -> (b, k, n)>,
                      affine_map<(b, m, n, k) -> (b, m, n)>], extra_maps = []} epilogue {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}
