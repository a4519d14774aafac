// RUN: m2c-opt %s -pass-pipeline='builtin.module(func.func(pack-weights))' | FileCheck %s
// RUN: m2c-opt %s -pass-pipeline='builtin.module(func.func(pack-weights{vector-bytes=64}))' | FileCheck %s --check-prefix=WIDE

// Constant weights of an RNN with 2 units: [k][unit] in one panel of two vectors, zero-padded.
// CHECK-LABEL: @constant(
// CHECK: %[[R:.*]] = arith.constant dense<[1.0{{0*}}e+00, 3.0{{0*}}e+00, {{(0.0*e.00, )+}}2.0{{0*}}e+00, 4.0{{0*}}e+00, {{.*}}> : tensor<32xf32>
// CHECK: kernel.rnn ins(%{{.*}}, %[[R]] : tensor<4x1x2xf32>, tensor<32xf32>){{.*}}panel = 8
// WIDE-LABEL: @constant(
// WIDE: kernel.rnn {{.*}}tensor<64xf32>{{.*}}panel = 16
func.func @constant(%x: tensor<4x1x2xf32>, %h: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %r = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %0 = kernel.rnn ins(%x, %r : tensor<4x1x2xf32>, tensor<2x2xf32>) outs(%h : tensor<1x2xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// Weights that only the model's caller knows are packed by the model; without linear_before_reset the last gate is apart.
// CHECK-LABEL: @dynamic(
// CHECK: %[[P:.*]] = kernel.pack "recurrence_split" ins(%arg1 : tensor<24x8xf32>) outs(%{{.*}} : tensor<256xf32>)
// CHECK: kernel.gru ins(%arg0, %[[P]] :
func.func @dynamic(%x: tensor<4x1x24xf32>, %r: tensor<24x8xf32>, %h: tensor<1x8xf32>) -> tensor<1x8xf32> {
  %0 = kernel.gru ins(%x, %r : tensor<4x1x24xf32>, tensor<24x8xf32>) outs(%h : tensor<1x8xf32>) -> tensor<1x8xf32>
  return %0 : tensor<1x8xf32>
}
