#include <benchmark/benchmark.h>
#include <m2crt/pool.h>
#include <m2crt/resize.h>

#include <vector>

namespace {
namespace rt = m2crt;
using rt::idx;

template <idx Channels, idx Out, idx Kernel, idx Stride>
struct shape {
  static constexpr idx batch = 1, out_h = Out, out_w = Out, channels = Channels;
  static constexpr idx in_h = (Out - 1) * Stride + Kernel, in_w = in_h;
  static constexpr idx kernel_h = Kernel, kernel_w = Kernel, stride_h = Stride, stride_w = Stride;
  static constexpr idx dilation_h = 1, dilation_w = 1, pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;
  static constexpr idx in_pixel = Channels, in_row = in_w * Channels, in_batch = in_h * in_row;
  static constexpr idx out_pixel = Channels, out_row = Out * Channels, out_batch = Out * out_row;
  static constexpr idx taps_h = 2, taps_w = 2;
};

constexpr auto same = [](auto acc, idx, idx, idx, idx) { return acc; };

template <idx Channels, idx Out, idx Kernel, idx Stride>
void max_pool(benchmark::State& state) {
  using S = shape<Channels, Out, Kernel, Stride>;
  std::vector<float> in(S::in_batch, 1.0f), out(S::out_batch);
  for (auto _ : state) {
    rt::max_pool<S>(in.data(), out.data(), same);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * (S::in_batch + S::out_batch) * idx{sizeof(float)});
}

template <idx Channels, idx Size>
void global_average(benchmark::State& state) {
  using S = shape<Channels, Size, 1, 1>;
  std::vector<float> in(S::in_batch, 1.0f), out(Channels);
  for (auto _ : state) {
    rt::global_average_pool<S>(in.data(), out.data(), same);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * S::in_batch * idx{sizeof(float)});
}

/// Doubles a plane by linear interpolation; bytes written.
template <idx Channels, idx Out>
void double_linear(benchmark::State& state) {
  using S = shape<Channels, Out, 1, 1>;
  std::vector<float> in(S::in_batch, 1.0f), out(S::out_batch), weight(2 * Out, 0.5f);
  std::vector<std::int32_t> index;
  for (std::int32_t i = 0; i < 2 * Out; ++i) index.push_back(i / 4);
  const rt::resize_axis<float> axis{index.data(), weight.data()};
  for (auto _ : state) {
    rt::resize<S>(in.data(), axis, axis, out.data(), same);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * S::out_batch * idx{sizeof(float)});
}

BENCHMARK(max_pool<64, 56, 3, 2>);
BENCHMARK(max_pool<32, 14, 2, 2>);
BENCHMARK(global_average<512, 7>);
BENCHMARK(global_average<1280, 7>);
BENCHMARK(double_linear<256, 20>);
BENCHMARK(double_linear<32, 160>);
}  // namespace
