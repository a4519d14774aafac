// Structured operations of every kind, printed, compiled and compared with plain loops (Inputs/structured.cpp).
// RUN: rm -rf %t && mkdir -p %t
// RUN: m2c-opt %s -outline-kernels -print-cpp="folder=%t" -o /dev/null
// RUN: %cxx -std=c++17 -O1 -Wall -Wextra -Werror -I%t %S/Inputs/structured.cpp %t/ops.cpp -o %t/ops
// RUN: %t/ops
// RUN: %cxx -std=c++17 -O1 -Wall -Wextra -Werror -march=native -I%t %S/Inputs/structured.cpp %t/ops.cpp -o %t/ops_native
// RUN: %t/ops_native

#id = affine_map<(d0, d1) -> (d0, d1)>
#swap = affine_map<(d0, d1) -> (d1, d0)>
#row = affine_map<(d0, d1) -> (d0)>
#col = affine_map<(d0, d1) -> (d1)>
#none = affine_map<(d0, d1) -> ()>
memref.global "private" constant @bias : memref<37xf32> = dense<0.25>
func.func @ops(
    %x: memref<5x37xf32> {onnx.name = "x"}, %ids: memref<6xi64> {onnx.name = "ids"}, %table: memref<11x37xf32> {onnx.name = "table"},
    %silu: memref<5x37xf32> {onnx.name = "silu", m2c.output}, %turned: memref<37x5xf32> {onnx.name = "turned", m2c.output},
    %sums: memref<5xf32> {onnx.name = "sums", m2c.output}, %peaks: memref<37xf32> {onnx.name = "peaks", m2c.output},
    %total: memref<f32> {onnx.name = "total", m2c.output}, %best: memref<5xf32> {onnx.name = "best", m2c.output},
    %where: memref<5xi64> {onnx.name = "where", m2c.output}, %rows: memref<6x37xf32> {onnx.name = "rows", m2c.output},
    %inside: memref<5x37xi1> {onnx.name = "inside", m2c.output}, %chosen: memref<5x37xf32> {onnx.name = "chosen", m2c.output},
    %tens: memref<5x37xi32> {onnx.name = "tens", m2c.output}, %padded: memref<7x39xf32> {onnx.name = "padded", m2c.output},
    %decay: memref<5x37xf32> {onnx.name = "decay", m2c.output}, %flipped: memref<5x37xf32> {onnx.name = "flipped", m2c.output},
    %counts: memref<5x37xi64> {onnx.name = "counts", m2c.output}, %any: memref<5xi1> {onnx.name = "any", m2c.output},
    %arena: memref<1024xi8> {m2c.arena}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c5 = arith.constant 5 : index
  %c36 = arith.constant 36 : index
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %ten = arith.constant 10.0 : f32
  %half = arith.constant 0.5 : f32
  %low = arith.constant 0xFF800000 : f32
  %i0 = arith.constant 0 : i64
  %i10 = arith.constant 10 : i64
  %i11 = arith.constant 11 : i64
  %false = arith.constant false
  %bias = memref.get_global @bias : memref<37xf32>
  %h = memref.view %arena[%c0][] : memref<1024xi8> to memref<5x37xf32>

  linalg.generic {indexing_maps = [#id, #col, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x, %bias : memref<5x37xf32>, memref<37xf32>) outs(%h : memref<5x37xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %sum = arith.addf %a, %b : f32
    linalg.yield %sum : f32
  }
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%h : memref<5x37xf32>) outs(%silu : memref<5x37xf32>) {
  ^bb0(%a: f32, %o: f32):
    %minus = arith.negf %a : f32
    %e = math.exp %minus : f32
    %sum = arith.addf %one, %e : f32
    %gate = arith.divf %one, %sum : f32
    %y = arith.mulf %a, %gate : f32
    linalg.yield %y : f32
  }
  linalg.generic {indexing_maps = [#swap, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<5x37xf32>) outs(%turned : memref<37x5xf32>) {
  ^bb0(%a: f32, %o: f32):
    %y = arith.addf %a, %one : f32
    linalg.yield %y : f32
  }

  linalg.fill ins(%zero : f32) outs(%sums : memref<5xf32>)
  linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : memref<5x37xf32>) outs(%sums : memref<5xf32>) {
  ^bb0(%a: f32, %o: f32):
    %square = arith.mulf %a, %a : f32
    %y = arith.addf %o, %square : f32
    linalg.yield %y : f32
  }
  linalg.fill ins(%low : f32) outs(%peaks : memref<37xf32>)
  linalg.generic {indexing_maps = [#id, #col], iterator_types = ["reduction", "parallel"]}
      ins(%x : memref<5x37xf32>) outs(%peaks : memref<37xf32>) {
  ^bb0(%a: f32, %o: f32):
    %y = arith.maximumf %o, %a : f32
    linalg.yield %y : f32
  }
  linalg.fill ins(%ten : f32) outs(%total : memref<f32>)
  linalg.generic {indexing_maps = [#id, #row, #none], iterator_types = ["reduction", "reduction"]}
      ins(%x, %sums : memref<5x37xf32>, memref<5xf32>) outs(%total : memref<f32>) {
  ^bb0(%a: f32, %s: f32, %o: f32):
    %scaled = arith.divf %a, %s : f32
    %y = arith.addf %scaled, %o : f32
    linalg.yield %y : f32
  }

  linalg.fill ins(%low : f32) outs(%best : memref<5xf32>)
  linalg.fill ins(%i0 : i64) outs(%where : memref<5xi64>)
  linalg.generic {indexing_maps = [#id, #row, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : memref<5x37xf32>) outs(%best, %where : memref<5xf32>, memref<5xi64>) {
  ^bb0(%a: f32, %b: f32, %p: i64):
    %j = linalg.index 1 : index
    %k = arith.index_cast %j : index to i64
    %better = arith.cmpf ogt, %a, %b : f32
    %value = arith.select %better, %a, %b : f32
    %place = arith.select %better, %k, %p : i64
    linalg.yield %value, %place : f32, i64
  }

  linalg.generic {indexing_maps = [#row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%ids : memref<6xi64>) outs(%rows : memref<6x37xf32>) {
  ^bb0(%n: i64, %o: f32):
    %negative = arith.cmpi slt, %n, %i0 : i64
    %wrapped = arith.addi %n, %i11 : i64
    %plain = arith.select %negative, %wrapped, %n : i64
    %atleast = arith.maxsi %plain, %i0 : i64
    %clamped = arith.minsi %atleast, %i10 : i64
    %r = arith.index_cast %clamped : i64 to index
    %j = linalg.index 1 : index
    %y = memref.load %table[%r, %j] : memref<11x37xf32>
    linalg.yield %y : f32
  }

  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<5x37xf32>) outs(%inside : memref<5x37xi1>) {
  ^bb0(%a: f32, %o: i1):
    %above = arith.cmpf ogt, %a, %zero : f32
    %below = arith.cmpf olt, %a, %one : f32
    %y = arith.andi %above, %below : i1
    linalg.yield %y : i1
  }
  linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%inside, %x : memref<5x37xi1>, memref<5x37xf32>) outs(%chosen : memref<5x37xf32>) {
  ^bb0(%m: i1, %a: f32, %o: f32):
    %y = arith.select %m, %a, %ten : f32
    linalg.yield %y : f32
  }
  linalg.fill ins(%false : i1) outs(%any : memref<5xi1>)
  linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}
      ins(%inside : memref<5x37xi1>) outs(%any : memref<5xi1>) {
  ^bb0(%m: i1, %o: i1):
    %y = arith.ori %m, %o : i1
    linalg.yield %y : i1
  }
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<5x37xf32>) outs(%tens : memref<5x37xi32>) {
  ^bb0(%a: f32, %o: i32):
    %scaled = arith.mulf %a, %ten : f32
    %y = arith.fptosi %scaled : f32 to i32
    linalg.yield %y : i32
  }

  kernel.pad_border outs(%padded : memref<7x39xf32>) {low = array<i64: 1, 1>, high = array<i64: 1, 1>, value = 3.0 : f32}
  %interior = memref.subview %padded[1, 1] [5, 37] [1, 1] : memref<7x39xf32> to memref<5x37xf32, strided<[39, 1], offset: 40>>
  memref.copy %x, %interior : memref<5x37xf32> to memref<5x37xf32, strided<[39, 1], offset: 40>>

  %first = memref.subview %x[0, 0] [1, 37] [1, 1] : memref<5x37xf32> to memref<1x37xf32, strided<[37, 1]>>
  %start = memref.subview %decay[0, 0] [1, 37] [1, 1] : memref<5x37xf32> to memref<1x37xf32, strided<[37, 1]>>
  memref.copy %first, %start : memref<1x37xf32, strided<[37, 1]>> to memref<1x37xf32, strided<[37, 1]>>
  scf.for %t = %c1 to %c5 step %c1 {
    %before = arith.subi %t, %c1 : index
    %in = memref.subview %x[%t, 0] [1, 37] [1, 1] : memref<5x37xf32> to memref<1x37xf32, strided<[37, 1], offset: ?>>
    %last = memref.subview %decay[%before, 0] [1, 37] [1, 1] : memref<5x37xf32> to memref<1x37xf32, strided<[37, 1], offset: ?>>
    %next = memref.subview %decay[%t, 0] [1, 37] [1, 1] : memref<5x37xf32> to memref<1x37xf32, strided<[37, 1], offset: ?>>
    linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
        ins(%in, %last : memref<1x37xf32, strided<[37, 1], offset: ?>>, memref<1x37xf32, strided<[37, 1], offset: ?>>)
        outs(%next : memref<1x37xf32, strided<[37, 1], offset: ?>>) {
    ^bb0(%a: f32, %b: f32, %o: f32):
      %old = arith.mulf %b, %half : f32
      %y = arith.addf %a, %old : f32
      linalg.yield %y : f32
    }
  }

  linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel"]} outs(%flipped : memref<5x37xf32>) {
  ^bb0(%o: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %k = arith.subi %c36, %j : index
    %y = memref.load %x[%i, %k] : memref<5x37xf32>
    linalg.yield %y : f32
  }
  linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel"]} outs(%counts : memref<5x37xi64>) {
  ^bb0(%o: i64):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %ij = arith.muli %i, %j : index
    %sum = arith.addi %ij, %j : index
    %y = arith.index_cast %sum : index to i64
    linalg.yield %y : i64
  }
  return
}
