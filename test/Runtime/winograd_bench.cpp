#include <m2crt/winograd.h>

#include <vector>

#include "peak.h"

namespace {
namespace rt = m2crt;
using rt::idx;

template <idx Batch, idx In, idx OutH, idx OutW, idx Out, idx KH, idx KW, idx TileH, idx TileW>
struct shape {
  static constexpr idx batch = Batch, out_h = OutH, out_w = OutW, in_channels = In, out_channels = Out;
  static constexpr idx kernel_h = KH, kernel_w = KW, tile_h = TileH, tile_w = TileW;
  static constexpr idx in_pixel = In, in_row = (OutW + KW - 1) * In, in_batch = (OutH + KH - 1) * in_row;
  static constexpr idx out_pixel = Out, out_row = OutW * Out, out_batch = OutH * out_row;
  static constexpr idx panel = rt::panel_width(24, Out, rt::lanes<float>, rt::vector_registers);
};

/// Reports the direct convolution's operations, so the share of peak exceeds 100 %.
template <idx Batch, idx In, idx OutH, idx OutW, idx Out, idx KH, idx KW, idx TileH, idx TileW>
void winograd(benchmark::State& state) {
  using S = shape<Batch, In, OutH, OutW, Out, KH, KW, TileH, TileW>;
  using tiles = rt::winograd_tiles<S>;
  auto size = [](idx count) { return static_cast<std::size_t>(count); };
  std::vector<float> in(size(Batch * S::in_batch), 1.0f), out(size(Batch * S::out_batch)), bias(size(Out), 1.0f);
  std::vector<float> filter(size(rt::packed_winograd_size(Out, In, tiles::taps, S::panel)), 1.0f);
  std::vector<float> scratch(size(rt::winograd_scratch(tiles::total, In, tiles::taps, S::panel, sizeof(float))));
  peak::report(state, 2.0 * Batch * OutH * OutW * Out * In * KH * KW, [&] {
    rt::winograd<S>(in.data(), filter.data(), out.data(), scratch.data(), [&](auto acc, idx, idx, idx, idx c) {
      using V = decltype(acc);
      return rt::max(V{}, V(acc + rt::load<V>(bias.data() + c)));
    });
  });
}

// ResNet-18: F(4x4,3x3), and F(2x2,3x3) for the small planes
BENCHMARK(winograd<1, 64, 56, 56, 64, 3, 3, 4, 4>);
BENCHMARK(winograd<1, 64, 56, 56, 64, 3, 3, 2, 2>);
BENCHMARK(winograd<1, 128, 28, 28, 128, 3, 3, 4, 4>);
BENCHMARK(winograd<1, 128, 28, 28, 128, 3, 3, 2, 2>);
BENCHMARK(winograd<1, 256, 14, 14, 256, 3, 3, 4, 4>);
BENCHMARK(winograd<1, 256, 14, 14, 256, 3, 3, 2, 2>);
BENCHMARK(winograd<1, 512, 7, 7, 512, 3, 3, 4, 4>);
BENCHMARK(winograd<1, 512, 7, 7, 512, 3, 3, 2, 2>);
// few channels, a batch, other kernels, one dimension
BENCHMARK(winograd<1, 32, 14, 14, 64, 3, 3, 4, 4>);
BENCHMARK(winograd<32, 32, 14, 14, 64, 3, 3, 4, 4>);
BENCHMARK(winograd<1, 64, 28, 28, 64, 5, 5, 2, 2>);
BENCHMARK(winograd<1, 64, 1, 198, 128, 1, 5, 1, 2>);
}  // namespace
