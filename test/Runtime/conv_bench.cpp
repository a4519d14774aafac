#include <m2crt/conv.h>
#include <m2crt/depthwise.h>

#include <vector>

#include "peak.h"

namespace {
namespace rt = m2crt;
using rt::idx;

template <idx In, idx OutH, idx OutW, idx Out, idx KH, idx KW, idx Stride, idx Groups = 1>
struct shape {
  static constexpr idx batch = 1, out_h = OutH, out_w = OutW, in_channels = In, out_channels = Out, groups = Groups;
  static constexpr idx channels = In, kernel_h = KH, kernel_w = KW, stride_h = Stride, stride_w = Stride;
  static constexpr idx dilation_h = 1, dilation_w = 1;
  static constexpr idx in_pixel = In, in_row = ((OutW - 1) * Stride + KW) * In,
                       in_batch = ((OutH - 1) * Stride + KH) * in_row;
  static constexpr idx out_pixel = Out, out_row = (OutW + 2) * Out, out_batch = (OutH + 2) * out_row;
  static constexpr idx panel = rt::panel_width(OutH * OutW, Out, rt::lanes<float>, rt::vector_registers);
};

/// An epilogue that adds a bias and clips at zero.
auto relu_bias(const std::vector<float>& bias) {
  return [p = bias.data()](auto acc, idx, idx, idx, idx c) {
    using V = decltype(acc);
    return rt::max(V{}, V(acc + rt::load<V>(p + c)));
  };
}

/// Output channels, output plane, input channels, kernel, stride.
template <idx Out, idx OutH, idx OutW, idx In, idx KH, idx KW, idx Stride>
void conv(benchmark::State& state) {
  using S = shape<In, OutH, OutW, Out, KH, KW, Stride>;
  std::vector<float> in(S::in_batch, 1.0f), out(S::out_batch), bias(Out, 1.0f);
  std::vector<float> filter(static_cast<std::size_t>(rt::packed_filter_size(Out, In, KH, KW, 1, S::panel)), 1.0f);
  peak::report(state, 2.0 * OutH * OutW * Out * In * KH * KW,
               [&] { rt::conv<S>(in.data(), filter.data(), out.data(), relu_bias(bias)); });
}

template <idx Channels, idx Out, idx Kernel, idx Stride>
void depthwise(benchmark::State& state) {
  using S = shape<Channels, Out, Out, Channels, Kernel, Kernel, Stride, Channels>;
  std::vector<float> in(S::in_batch, 1.0f), out(S::out_batch), bias(Channels, 1.0f),
      filter(Kernel * Kernel * Channels, 1.0f);
  peak::report(state, 2.0 * Out * Out * Channels * Kernel * Kernel,
               [&] { rt::depthwise<S>(in.data(), filter.data(), out.data(), relu_bias(bias)); });
}

// ResNet-18
BENCHMARK(conv<64, 112, 112, 3, 7, 7, 2>);
BENCHMARK(conv<64, 56, 56, 64, 3, 3, 1>);
BENCHMARK(conv<128, 28, 28, 128, 3, 3, 1>);
BENCHMARK(conv<256, 14, 14, 256, 3, 3, 1>);
BENCHMARK(conv<512, 7, 7, 512, 3, 3, 1>);
BENCHMARK(conv<128, 28, 28, 64, 3, 3, 2>);
BENCHMARK(conv<128, 28, 28, 64, 1, 1, 2>);
// MobileNet, lip-sync
BENCHMARK(conv<24, 56, 56, 144, 1, 1, 1>);
BENCHMARK(conv<144, 56, 56, 24, 1, 1, 1>);
BENCHMARK(conv<64, 14, 14, 384, 1, 1, 1>);
BENCHMARK(conv<960, 7, 7, 160, 1, 1, 1>);
BENCHMARK(conv<160, 7, 7, 960, 1, 1, 1>);
BENCHMARK(conv<1024, 10, 10, 512, 1, 1, 1>);
BENCHMARK(conv<512, 10, 10, 1024, 1, 1, 1>);
BENCHMARK(conv<3, 320, 320, 16, 1, 1, 1>);
// one dimension
BENCHMARK(conv<32, 1, 216, 69, 1, 25, 1>);
BENCHMARK(conv<128, 1, 198, 64, 1, 5, 1>);

BENCHMARK(depthwise<64, 14, 3, 1>);
BENCHMARK(depthwise<32, 112, 3, 1>);
BENCHMARK(depthwise<144, 56, 3, 1>);
BENCHMARK(depthwise<384, 14, 3, 1>);
BENCHMARK(depthwise<960, 7, 3, 1>);
BENCHMARK(depthwise<1024, 10, 3, 1>);
BENCHMARK(depthwise<96, 56, 3, 2>);
BENCHMARK(depthwise<32, 28, 5, 1>);
}  // namespace
