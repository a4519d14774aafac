// RUN: m2c-opt %s -check-states -split-input-file -verify-diagnostics | FileCheck %s

// A symbol that grows with two states is held once.
// CHECK-LABEL: func.func @main_graph
// CHECK-SAME: m2c.held = {{\[\[}}0, #[[NEXT:.*]]{{\]\]}}
#s = affine_map<()[s0] -> (2, s0)>
#t = affine_map<()[s0] -> (2, s0 + 3)>
func.func @main_graph(%a: tensor<2x?xf32, #s> {m2c.state = "c", onnx.name = "a"}, %b: tensor<2x?xf32, #s> {m2c.state = "d", onnx.name = "b"},
    %c: tensor<2x?xf32, #t> {onnx.name = "x"}) -> (tensor<2x?xf32, #t> {onnx.name = "c"}, tensor<2x?xf32, #t> {onnx.name = "d"})
    attributes {m2c.symbols = ["length"], m2c.bounds = [7]} {
  return %c, %c : tensor<2x?xf32, #t>, tensor<2x?xf32, #t>
}

// -----

// expected-error@+1 {{--state c:a: the output is 'tensor<2xi32>' but the input 'tensor<2xf32>'}}
func.func @main_graph(%a: tensor<2xf32> {m2c.state = "c", onnx.name = "a"}, %c: tensor<2xi32>) -> (tensor<2xi32> {onnx.name = "c"}) {
  return %c : tensor<2xi32>
}

// -----

#s = affine_map<()[s0] -> (s0, 2)>
// expected-error@+1 {{--state c:a: dimension 0 has to be the same in all runs; pin it with --dim batch=SIZE; the output is [batch,2] and the input [batch,2]}}
func.func @main_graph(%a: tensor<?x2xf32, #s> {m2c.state = "c", onnx.name = "a"}) -> (tensor<?x2xf32, #s> {onnx.name = "c"})
    attributes {m2c.symbols = ["batch"], m2c.bounds = [-1]} {
  return %a : tensor<?x2xf32, #s>
}

// -----

#s = affine_map<()[s0, s1] -> (s0, s1)>
#t = affine_map<()[s0, s1] -> (s0 + 1, s1 + 1)>
// expected-error@+1 {{--state c:a: they differ in dimensions 0 and 1; one may grow; the output is [m + 1,n + 1] and the input [m,n]}}
func.func @main_graph(%a: tensor<?x?xf32, #s> {m2c.state = "c", onnx.name = "a"}, %c: tensor<?x?xf32, #t>) -> (tensor<?x?xf32, #t> {onnx.name = "c"})
    attributes {m2c.symbols = ["m", "n"], m2c.bounds = [4, 4]} {
  return %c : tensor<?x?xf32, #t>
}

// -----

#s = affine_map<()[s0] -> (s0)>
#t = affine_map<()[s0] -> (s0 + 1)>
#u = affine_map<()[s0] -> (s0 + 2)>
// expected-error@+1 {{--state d:b: 'n' would be n + 2 after a run, but another state makes it n + 1}}
func.func @main_graph(%a: tensor<?xf32, #s> {m2c.state = "c", onnx.name = "a"}, %b: tensor<?xf32, #s> {m2c.state = "d", onnx.name = "b"},
    %c: tensor<?xf32, #t>, %d: tensor<?xf32, #u>) -> (tensor<?xf32, #t> {onnx.name = "c"}, tensor<?xf32, #u> {onnx.name = "d"})
    attributes {m2c.symbols = ["n"], m2c.bounds = [4]} {
  return %c, %d : tensor<?xf32, #t>, tensor<?xf32, #u>
}
