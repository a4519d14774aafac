// RUN: m2c-opt %s -infer-shapes -split-input-file -verify-diagnostics | FileCheck %s

#input = affine_map<()[s0, s1] -> (s0, s1, 64)>

// What exporters write to flatten: the shape comes to expressions in the input's dimensions.
// CHECK-DAG:   [[TARGET:#.*]] = affine_map<()[s0, s1] -> (s0 * s1, -1)>
// CHECK-DAG:   [[FLAT:#.*]] = affine_map<()[s0, s1] -> (s0 * s1, 64)>
// CHECK-DAG:   [[HEADS:#.*]] = affine_map<()[s0, s1] -> (s0, s1, 4, 16)>
// CHECK-LABEL: @flatten
// CHECK:         onnx.Sizes [[TARGET]] : tensor<2xi64>
// CHECK:         onnx.Reshape %arg0, %{{.*}} -> tensor<?x64xf32, [[FLAT]]>
// CHECK:         onnx.Reshape %arg0, %{{.*}} -> tensor<?x?x4x16xf32, [[HEADS]]>
func.func @flatten(%x: tensor<?x?x64xf32, #input>) -> (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>)
    attributes {m2c.symbols = ["batch", "length"], m2c.bounds = [-1, -1]} {
  %shape = onnx.Shape %x : (tensor<?x?x64xf32, #input>) -> tensor<*x!onnx.unknown>
  %zero = onnx.Constant dense<0> : tensor<i64>
  %one = onnx.Constant dense<1> : tensor<i64>
  %axis = onnx.Constant dense<0> : tensor<1xi64>
  %minus = onnx.Constant dense<-1> : tensor<1xi64>
  %b = onnx.Gather %shape, %zero {axis = 0 : i64} : (tensor<*x!onnx.unknown>, tensor<i64>) -> tensor<*x!onnx.unknown>
  %l = onnx.Gather %shape, %one {axis = 0 : i64} : (tensor<*x!onnx.unknown>, tensor<i64>) -> tensor<*x!onnx.unknown>
  %rows = onnx.Mul %b, %l : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %list = onnx.Unsqueeze %rows, %axis : (tensor<*x!onnx.unknown>, tensor<1xi64>) -> tensor<*x!onnx.unknown>
  %target = onnx.Concat %list, %minus {axis = 0 : i64} : (tensor<*x!onnx.unknown>, tensor<1xi64>) -> tensor<*x!onnx.unknown>
  %flat = onnx.Reshape %x, %target : (tensor<?x?x64xf32, #input>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %heads = onnx.Constant dense<[0, 0, 4, 16]> : tensor<4xi64>
  %split = onnx.Reshape %x, %heads : (tensor<?x?x64xf32, #input>, tensor<4xi64>) -> tensor<*x!onnx.unknown>
  return %flat, %split : tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>
}

// -----

#past = affine_map<()[s0, s1] -> (s0, 64)>
#now = affine_map<()[s0, s1] -> (s1, 64)>

// CHECK:       [[SUM:#.*]] = affine_map<()[s0, s1] -> (s0 + s1, 64)>
// CHECK-LABEL: @concat
// CHECK:         onnx.Concat {{.*}} -> tensor<?x64xf32, [[SUM]]>
func.func @concat(%x: tensor<?x64xf32, #past>, %y: tensor<?x64xf32, #now>) -> tensor<*x!onnx.unknown>
    attributes {m2c.symbols = ["past", "now"], m2c.bounds = [-1, -1]} {
  %0 = onnx.Concat %x, %y {axis = 0 : i64} : (tensor<?x64xf32, #past>, tensor<?x64xf32, #now>) -> tensor<*x!onnx.unknown>
  return %0 : tensor<*x!onnx.unknown>
}

// -----

#a = affine_map<()[s0, s1] -> (s0)>
#b = affine_map<()[s0, s1] -> (s1)>

// Two symbols have to be equal; the run checks it. The part of a table must be there.
// CHECK-LABEL: @checks
// CHECK-SAME:    m2c.checks = {{\[\[}}#{{.*}}, "==", "sum"], [#{{.*}}, "<=", "part"]]
func.func @checks(%x: tensor<?xf32, #a>, %y: tensor<?xf32, #b>, %table: tensor<512x8xf32>)
    -> (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) attributes {m2c.symbols = ["n", "m"], m2c.bounds = [-1, -1]} {
  %0 = onnx.Add %x, %y : (tensor<?xf32, #a>, tensor<?xf32, #b>) -> tensor<*x!onnx.unknown> loc("sum")
  %start = onnx.Constant dense<0> : tensor<1xi64>
  %end = onnx.Shape %x : (tensor<?xf32, #a>) -> tensor<*x!onnx.unknown>
  // CHECK: onnx.Slice {{.*}} -> tensor<?x8xf32,
  %1 = onnx.Slice %table, %start, %end : (tensor<512x8xf32>, tensor<1xi64>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown> loc("part")
  return %0, %1 : tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>
}

// -----

#image = affine_map<()[s0, s1] -> (s0, 3, s1, 32)>

// CHECK:       [[OUT:#.*]] = affine_map<()[s0, s1] -> (s0, 8, (s1 - 1) floordiv 2 + 1, 16)>
// CHECK-LABEL: @window
// CHECK:         onnx.Conv {{.*}} -> tensor<?x8x?x16xf32, [[OUT]]>
func.func @window(%x: tensor<?x3x?x32xf32, #image>, %w: tensor<8x3x3x3xf32>) -> tensor<*x!onnx.unknown>
    attributes {m2c.symbols = ["batch", "height"], m2c.bounds = [-1, -1]} {
  %0 = onnx.Conv %x, %w {pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>} : (tensor<?x3x?x32xf32, #image>, tensor<8x3x3x3xf32>) -> tensor<*x!onnx.unknown>
  return %0 : tensor<*x!onnx.unknown>
}

// -----

#sym = affine_map<()[s0] -> (s0, 64)>

// expected-error @+4 {{dimension 1 of 'x' [batch,64] is 64 but dimension 0 of '' [63,10] is 63}}
func.func @mismatch(%x: tensor<?x64xf32, #sym> loc("x"), %w: tensor<63x10xf32>) -> tensor<*x!onnx.unknown>
    attributes {m2c.symbols = ["batch"], m2c.bounds = [-1]} {
  // The message names the symbol.
  %0 = onnx.MatMul %x, %w : (tensor<?x64xf32, #sym>, tensor<63x10xf32>) -> tensor<*x!onnx.unknown>
  return %0 : tensor<*x!onnx.unknown>
}
