// RUN: m2c-opt %s -pass-pipeline='builtin.module(func.func(fuse-epilogue))' -split-input-file | FileCheck %s
// RUN: m2c-opt %s -pass-pipeline='builtin.module(func.func(fuse-epilogue{keep-types}))' -split-input-file | FileCheck %s --check-prefix=KEEP

#mn = affine_map<(m, n) -> (m, n)>
#n = affine_map<(m, n) -> (n)>
#maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]

// Bias, residual and activation all join the contraction.
// CHECK-LABEL: @bias_residual_relu
// CHECK-NOT:     linalg.generic
// CHECK:         kernel.contract ins(%arg0, %arg1 : {{.*}}) extras(%arg2, %arg3 :
// CHECK:         ^bb0(%[[ACC:.*]]: f32, %[[B:.*]]: f32, %[[R:.*]]: f32):
// CHECK-NEXT:      %[[S:.*]] = arith.addf %[[ACC]], %[[B]]
// CHECK-NEXT:      %[[T:.*]] = arith.addf %[[S]], %[[R]]
// CHECK-NEXT:      %[[M:.*]] = arith.maximumf %[[T]]
// CHECK-NEXT:      kernel.yield %[[M]]
// CHECK-NOT:     linalg.generic
func.func @bias_residual_relu(%x: tensor<3x7xf32>, %w: tensor<7x5xf32>, %bias: tensor<5xf32>, %residual: tensor<3x5xf32>) -> tensor<3x5xf32> {
  %zero = arith.constant 0.0 : f32
  %o = tensor.empty() : tensor<3x5xf32>
  %y = kernel.contract ins(%x, %w : tensor<3x7xf32>, tensor<7x5xf32>) outs(%o : tensor<3x5xf32>) {extra_maps = [], indexing_maps = #maps} epilogue {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  } -> tensor<3x5xf32>
  %z = linalg.generic {indexing_maps = [#mn, #n, #mn], iterator_types = ["parallel", "parallel"]}
      ins(%y, %bias : tensor<3x5xf32>, tensor<5xf32>) outs(%o : tensor<3x5xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %s = arith.addf %a, %b : f32
    linalg.yield %s : f32
  } -> tensor<3x5xf32>
  %r = linalg.generic {indexing_maps = [#mn, #mn, #mn], iterator_types = ["parallel", "parallel"]}
      ins(%residual, %z : tensor<3x5xf32>, tensor<3x5xf32>) outs(%o : tensor<3x5xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %s = arith.addf %b, %a : f32
    %m = arith.maximumf %s, %zero : f32
    linalg.yield %m : f32
  } -> tensor<3x5xf32>
  return %r : tensor<3x5xf32>
}

// -----

#mn = affine_map<(m, n) -> (m, n)>
#maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]

// A value with a second use has to be stored: nothing joins.
// CHECK-LABEL: @second_use
// CHECK:         kernel.contract
// CHECK:         linalg.generic
func.func @second_use(%x: tensor<3x7xf32>, %w: tensor<7x5xf32>) -> (tensor<3x5xf32>, tensor<3x5xf32>) {
  %o = tensor.empty() : tensor<3x5xf32>
  %y = kernel.contract ins(%x, %w : tensor<3x7xf32>, tensor<7x5xf32>) outs(%o : tensor<3x5xf32>) {extra_maps = [], indexing_maps = #maps} epilogue {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  } -> tensor<3x5xf32>
  %z = linalg.generic {indexing_maps = [#mn, #mn], iterator_types = ["parallel", "parallel"]}
      ins(%y : tensor<3x5xf32>) outs(%o : tensor<3x5xf32>) {
  ^bb0(%a: f32, %out: f32):
    %s = arith.negf %a : f32
    linalg.yield %s : f32
  } -> tensor<3x5xf32>
  return %y, %z : tensor<3x5xf32>, tensor<3x5xf32>
}

// -----

#id = affine_map<(b, m, n) -> (b, m, n)>
#n = affine_map<(b, m, n) -> (n)>
#maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]

// The consumer takes the kernel's shape, and the reshape moves behind both.
// CHECK-LABEL: @through_reshape
// CHECK-NOT:     linalg.generic
// CHECK:         %[[Y:.*]] = kernel.contract ins(%arg0, %arg1 : {{.*}}) extras(%arg2 :
// CHECK:         tensor.expand_shape %[[Y]]
// CHECK-NEXT:    return
func.func @through_reshape(%x: tensor<6x7xf32>, %w: tensor<7x5xf32>, %bias: tensor<5xf32>) -> tensor<2x3x5xf32> {
  %o = tensor.empty() : tensor<6x5xf32>
  %y = kernel.contract ins(%x, %w : tensor<6x7xf32>, tensor<7x5xf32>) outs(%o : tensor<6x5xf32>) {extra_maps = [], indexing_maps = #maps} epilogue {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  } -> tensor<6x5xf32>
  %e = tensor.expand_shape %y [[0, 1], [2]] output_shape [2, 3, 5] : tensor<6x5xf32> into tensor<2x3x5xf32>
  %p = tensor.empty() : tensor<2x3x5xf32>
  %z = linalg.generic {indexing_maps = [#id, #n, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%e, %bias : tensor<2x3x5xf32>, tensor<5xf32>) outs(%p : tensor<2x3x5xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %s = arith.addf %a, %b : f32
    linalg.yield %s : f32
  } -> tensor<2x3x5xf32>
  return %z : tensor<2x3x5xf32>
}

// -----

#mn = affine_map<(m, n) -> (m, n)>
#maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]

// Truth values are masks in registers: a consumer that makes them stays behind.
// CHECK-LABEL: @change_of_type
// CHECK:         kernel.contract {{.*}} outs(%{{.*}} : tensor<3x5xf32>)
// CHECK:         linalg.generic
// CHECK:           arith.cmpf
func.func @change_of_type(%x: tensor<3x7xf32>, %w: tensor<7x5xf32>) -> tensor<3x5xi1> {
  %zero = arith.constant 0.0 : f32
  %o = tensor.empty() : tensor<3x5xf32>
  %y = kernel.contract ins(%x, %w : tensor<3x7xf32>, tensor<7x5xf32>) outs(%o : tensor<3x5xf32>) {extra_maps = [], indexing_maps = #maps} epilogue {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  } -> tensor<3x5xf32>
  %b = tensor.empty() : tensor<3x5xi1>
  %z = linalg.generic {indexing_maps = [#mn, #mn], iterator_types = ["parallel", "parallel"]} ins(%y : tensor<3x5xf32>) outs(%b : tensor<3x5xi1>) {
  ^bb0(%a: f32, %out: i1):
    %c = arith.cmpf ogt, %a, %zero : f32
    linalg.yield %c : i1
  } -> tensor<3x5xi1>
  return %z : tensor<3x5xi1>
}

// -----

#mn = affine_map<(m, n) -> (m, n)>
#n = affine_map<(m, n) -> (n)>
#maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]

// Sums of 32 bits end as the codes of the next layer; not on GPUs.
// CHECK-LABEL: @requantise
// CHECK:         kernel.contract ins(%arg0, %arg1 : {{.*}}) extras(%arg2 : {{.*}}) outs({{.*}} : tensor<3x5xi16>)
// CHECK:         ^bb0(%{{.*}}: i32, %{{.*}}: f32):
// CHECK:           kernel.yield %{{.*}} : i16
// CHECK-NOT:     linalg.generic
// KEEP-LABEL: @requantise
// KEEP:          kernel.yield %{{.*}} : i32
// KEEP:          linalg.generic
func.func @requantise(%x: tensor<3x7xi16>, %w: tensor<7x5xi16>, %scale: tensor<5xf32>) -> tensor<3x5xi16> {
  %o = tensor.empty() : tensor<3x5xi32>
  %y = kernel.contract ins(%x, %w : tensor<3x7xi16>, tensor<7x5xi16>) outs(%o : tensor<3x5xi32>) {extra_maps = [], indexing_maps = #maps} epilogue {
  ^bb0(%acc: i32):
    kernel.yield %acc : i32
  } -> tensor<3x5xi32>
  %e = tensor.empty() : tensor<3x5xi16>
  %z = linalg.generic {indexing_maps = [#mn, #n, #mn], iterator_types = ["parallel", "parallel"]}
      ins(%y, %scale : tensor<3x5xi32>, tensor<5xf32>) outs(%e : tensor<3x5xi16>) {
  ^bb0(%a: i32, %s: f32, %out: i16):
    %f = arith.sitofp %a : i32 to f32
    %p = arith.mulf %f, %s : f32
    %r = math.roundeven %p : f32
    %c = arith.fptosi %r : f32 to i16
    linalg.yield %c : i16
  } -> tensor<3x5xi16>
  return %z : tensor<3x5xi16>
}
