// What branches and loops cannot do, with the node and the reason.
// RUN: m2c-opt %s -infer-shapes -verify-graph -split-input-file -verify-diagnostics

func.func @branches(%c: tensor<i1>, %x: tensor<2x4xf32>) -> tensor<*x!onnx.unknown> {
  // expected-error @+1 {{(If): the branches give its result '' the shapes [2,4] and [2,1], but the generated code has one buffer for it, of a size known before the run starts}}
  %0 = onnx.If %c : (tensor<i1>) -> tensor<*x!onnx.unknown> {
    %1 = onnx.Relu %x : (tensor<2x4xf32>) -> tensor<*x!onnx.unknown>
    onnx.yield %1 : tensor<*x!onnx.unknown>
  }, {
    %axis = onnx.Constant dense<1> : tensor<1xi64>
    %1 = onnx.ReduceSum %x, %axis : (tensor<2x4xf32>, tensor<1xi64>) -> tensor<*x!onnx.unknown>
    onnx.yield %1 : tensor<*x!onnx.unknown>
  }
  return %0 : tensor<*x!onnx.unknown>
}

// -----

// A size that each trip finds anew is none of what leaves the loop.
func.func @found_inside(%m: tensor<i64>, %x: tensor<4xf32>) -> (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) {
  // expected-error @+1 {{(Loop): the shape of its result '' depends on values that are only known at run time: [_extent_2,1,?]}}
  %0, %1 = onnx.Loop %m, none, %x : (tensor<i64>, none, tensor<4xf32>) -> (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) {
  ^bb0(%i: tensor<*x!onnx.unknown>, %go: tensor<*x!onnx.unknown>, %a: tensor<*x!onnx.unknown>):
    %n = onnx.Exp %a : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
    %at = onnx.NonZero %n : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
    onnx.yield %go, %n, %at : tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>
  }
  return %0, %1 : tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>
}

// -----

func.func @grows(%x: tensor<4xf32>) -> tensor<*x!onnx.unknown> {
  %m = onnx.Constant dense<5> : tensor<i64>
  // expected-error @+1 {{(Loop): its carried value '' changes its shape from [4] to [?], but the generated code has one buffer for it}}
  %0 = onnx.Loop %m, none, %x : (tensor<i64>, none, tensor<4xf32>) -> tensor<*x!onnx.unknown> {
  ^bb0(%i: tensor<*x!onnx.unknown>, %go: tensor<*x!onnx.unknown>, %a: tensor<*x!onnx.unknown>):
    %n = onnx.Concat %a, %x {axis = 0 : i64} : (tensor<*x!onnx.unknown>, tensor<4xf32>) -> tensor<*x!onnx.unknown>
    onnx.yield %go, %n : tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>
  }
  return %0 : tensor<*x!onnx.unknown>
}

// -----

func.func @endless(%x: tensor<4xf32>) -> tensor<*x!onnx.unknown> {
  // expected-error @+1 {{(Loop): it never ends: it has no trip count, and its condition is always true}}
  %0 = onnx.Loop none, none, %x : (none, none, tensor<4xf32>) -> tensor<*x!onnx.unknown> {
  ^bb0(%i: tensor<*x!onnx.unknown>, %go: tensor<*x!onnx.unknown>, %a: tensor<*x!onnx.unknown>):
    %n = onnx.Exp %a : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
    onnx.yield %go, %n : tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>
  }
  return %0 : tensor<*x!onnx.unknown>
}

// -----

// Of a body whose own values have no known shape, only the node where that starts is named.
func.func @inside(%c: tensor<i1>, %x: tensor<4xf32>, %axes: tensor<1xi64>) -> tensor<*x!onnx.unknown> {
  %0 = onnx.If %c : (tensor<i1>) -> tensor<*x!onnx.unknown> {
    // expected-error @+1 {{(Unsqueeze): the shape of its result '' depends on values that are only known at run time}}
    %1 = onnx.Unsqueeze %x, %axes : (tensor<4xf32>, tensor<1xi64>) -> tensor<*x!onnx.unknown>
    onnx.yield %1 : tensor<*x!onnx.unknown>
  }, {
    %1 = onnx.Constant dense<0> : tensor<1x2xi64>
    onnx.yield %1 : tensor<1x2xi64>
  }
  return %0 : tensor<*x!onnx.unknown>
}

// -----

func.func @scan_lengths(%h: tensor<3xf32>, %x: tensor<6x3xf32>, %z: tensor<5x3xf32>) -> tensor<*x!onnx.unknown> {
  // expected-error @+1 {{(Scan): scan input '' [5,3] has 5 slices along axis 0 but the inputs before it have 6}}
  %0 = onnx.Scan %h, %x, %z {num_scan_inputs = 2 : i64} : (tensor<3xf32>, tensor<6x3xf32>, tensor<5x3xf32>) -> tensor<*x!onnx.unknown> {
  ^bb0(%a: tensor<*x!onnx.unknown>, %s: tensor<*x!onnx.unknown>, %t: tensor<*x!onnx.unknown>):
    %n = onnx.Add %a, %s : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
    onnx.yield %n : tensor<*x!onnx.unknown>
  }
  return %0 : tensor<*x!onnx.unknown>
}


// -----

// The trips are counted once; what stays unknown then ends the search.
func.func @counted_once(%m: tensor<i64>, %x: tensor<5xf32>, %y: tensor<1xf32>) -> (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) {
  // expected-error @+2 {{(Loop): the shape of its result '' depends on values that are only known at run time: [?]}}
  // expected-error @+1 {{(Loop): the shape of its result '' depends on values that are only known at run time: [?,?]}}
  %0, %1 = onnx.Loop %m, none, %y : (tensor<i64>, none, tensor<1xf32>) -> (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) {
  ^bb0(%i: tensor<*x!onnx.unknown>, %go: tensor<*x!onnx.unknown>, %a: tensor<*x!onnx.unknown>):
    %one = onnx.Constant dense<1> : tensor<i64>
    %zero = onnx.Constant dense<0> : tensor<1xi64>
    %next = onnx.Add %i, %one : (tensor<*x!onnx.unknown>, tensor<i64>) -> tensor<*x!onnx.unknown>
    %begin = onnx.Unsqueeze %i, %zero : (tensor<*x!onnx.unknown>, tensor<1xi64>) -> tensor<*x!onnx.unknown>
    %end = onnx.Unsqueeze %next, %zero : (tensor<*x!onnx.unknown>, tensor<1xi64>) -> tensor<*x!onnx.unknown>
    %s = onnx.Slice %x, %begin, %end : (tensor<5xf32>, tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
    %n = onnx.Add %a, %s : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
    onnx.yield %go, %n, %n : tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>
  }
  return %0, %1 : tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>
}
