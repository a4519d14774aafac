// Weights inside the object file and beside the program, two models in one C program (Inputs/two_models.c).
// RUN: rm -rf %t && mkdir -p %t
// RUN: m2c-opt %s -outline-kernels -print-cpp="folder=%t name=inside" -o /dev/null
// RUN: m2c-opt %s -outline-kernels -print-cpp="folder=%t name=beside weights=file" -o /dev/null
// RUN: %cxx -std=c++17 -O1 -Wall -Wextra -Werror -I%t -c %t/inside.cpp -o %t/inside.o
// RUN: %cxx -std=c++17 -O1 -Wall -Wextra -Werror -I%t -c %t/beside.cpp -o %t/beside.o
// RUN: %cxx -x c -std=c99 -Wall -Wextra -Werror -I%t -c %S/Inputs/two_models.c -o %t/two_models.o
// RUN: %cxx %t/two_models.o %t/inside.o %t/beside.o -o %t/two_models
// RUN: %t/two_models
// RUN: mv %t/beside.weights %t/elsewhere && not %t/two_models | FileCheck %s --check-prefix=MISSING
// RUN: env BESIDE_WEIGHTS=%t/elsewhere %t/two_models
// RUN: env BESIDE_WEIGHTS=%t/inside.h not %t/two_models | FileCheck %s --check-prefix=OTHER

// The same input and options give the same bytes.
// RUN: mkdir -p %t/again && m2c-opt %s -outline-kernels -print-cpp="folder=%t/again name=inside" -o /dev/null
// RUN: diff %t/inside.cpp %t/again/inside.cpp && cmp %t/inside.weights %t/again/inside.weights

// A main function of its own.
// RUN: m2c-opt %s -outline-kernels -print-cpp="folder=%t name=program main=true" -o /dev/null
// RUN: %cxx -std=c++17 -O1 -Wall -Wextra -Werror -I%t %t/program.cpp -o %t/program
// RUN: %t/program --input x=2 --output-dir %t | FileCheck %s --check-prefix=PROGRAM
// RUN: %python -c "import numpy; print(numpy.load('%t/y_1.npy'))" | FileCheck %s --check-prefix=NPY
// RUN: %t/program --benchmark --json --seconds 0.01 | FileCheck %s --check-prefix=JSON
// RUN: not %t/program --input z=1 2>&1 | FileCheck %s --check-prefix=USAGE
// RUN: not %t/program --input x=%t/program.h 2>&1 | FileCheck %s --check-prefix=BAD

// MISSING: cannot open the weights file '{{.*}}beside.weights'
// OTHER:   inside.h' is not the one made with this program
// PROGRAM: y/1 float32[1]  min 600000  max 600000  mean 600000  [600000]
// NPY:     [600000.]
// JSON:    {"median_us": {{[0-9.]+}}, "min_us": {{[0-9.]+}}, "p99_us": {{[0-9.]+}}, "iterations": {{[0-9]+}}}
// USAGE:   error: --input z=1 names no input of the model; write NAME=VALUE with one of: x
// BAD:     program.h' is neither a number nor a .npy or .pb file
#one = affine_map<(d0) -> (0)>
#id = affine_map<(d0) -> (d0)>
memref.global "private" constant @large : memref<600000xf32> = dense<0.5>
func.func @sum(%x: memref<1xf32> {onnx.name = "x"}, %y: memref<1xf32> {onnx.name = "y/1", m2c.output}) {
  %zero = arith.constant 0.0 : f32
  %w = memref.get_global @large : memref<600000xf32>
  linalg.fill ins(%zero : f32) outs(%y : memref<1xf32>)
  linalg.generic {indexing_maps = [#one, #id, #one], iterator_types = ["reduction"]}
      ins(%x, %w : memref<1xf32>, memref<600000xf32>) outs(%y : memref<1xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %product = arith.mulf %a, %b : f32
    %sum = arith.addf %o, %product : f32
    linalg.yield %sum : f32
  } loc("/Mul_Sum"("y/1"))
  return
}
