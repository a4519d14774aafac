// Time loops: the shape as a struct, what is missing as nullptr.
// RUN: m2c-opt %s -outline-kernels -print-cpp -o /dev/null | FileCheck %s

// CHECK:      struct lstm_shape {
// CHECK-NEXT:   static constexpr rt::idx steps = 6, batch = 2, hidden = 8, projected_step = 64, projected_row = 32, y_step = 16;
// CHECK-NEXT:   static constexpr rt::idx y_row = 8, width = 8;
// CHECK-NEXT:   static constexpr bool reverse = true, input_forget = false;
// CHECK-NEXT:   static constexpr float clip = 3.0f;
// CHECK:      rt::lstm<lstm_shape>(x, w, nullptr, state, nullptr, nullptr, y, y_2, y_3, scratch);
// CHECK:        static constexpr bool reverse = false, linear_before_reset = true;
// An alpha that the model leaves out is ONNX's.
// CHECK:      rt::gru<gru_shape>(x, w, nullptr, nullptr, nullptr, nullptr, y, scratch,
// CHECK-NEXT:     rt::hard_sigmoid_activation{0.3f, 0.5f}, rt::relu_activation{});

func.func @recurrent(%x: memref<6x2x32xf32>, %r: memref<256xf32>, %h0: memref<2x8xf32>, %y: memref<6x2x8xf32>, %h: memref<2x8xf32>, %c: memref<2x8xf32>, %scratch: memref<192xf32>, %xg: memref<6x2x24xf32>, %rg: memref<256xf32>, %scratch_2: memref<256xf32>) {
  kernel.lstm ins(%x, %r : memref<6x2x32xf32>, memref<256xf32>) initial_h(%h0 : memref<2x8xf32>)
    outs(%y, %h, %c : memref<6x2x8xf32>, memref<2x8xf32>, memref<2x8xf32>) scratch(%scratch : memref<192xf32>)
    {has_y, reverse, panel = 8 : i64, clip = 3.0 : f32}
  kernel.gru ins(%xg, %rg : memref<6x2x24xf32>, memref<256xf32>) outs(%h : memref<2x8xf32>) scratch(%scratch_2 : memref<256xf32>)
    {linear_before_reset, panel = 8 : i64, activations = ["HardSigmoid", "Relu"], activation_alpha = array<f32: 0.3>}
  return
}
