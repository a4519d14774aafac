#include <gtest/gtest.h>
#include <m2crt/winograd.h>

#include <cmath>
#include <limits>
#include <vector>

#include "values.h"

namespace {
namespace rt = m2crt;
using rt::idx;

template <idx Batch, idx In, idx OutH, idx OutW, idx Out, idx KH, idx KW, idx TileH, idx TileW, idx PixelSlack = 0,
          idx RowSlack = 0>
struct shape {
  static constexpr idx batch = Batch, out_h = OutH, out_w = OutW, in_channels = In, out_channels = Out;
  static constexpr idx kernel_h = KH, kernel_w = KW, tile_h = TileH, tile_w = TileW;
  static constexpr idx in_pixel = In + PixelSlack, in_row = (OutW + KW - 1) * in_pixel + RowSlack;
  static constexpr idx in_batch = (OutH + KH - 1) * in_row + RowSlack;
  static constexpr idx out_pixel = Out + PixelSlack, out_row = OutW * out_pixel + RowSlack;
  static constexpr idx out_batch = OutH * out_row + RowSlack;
  static constexpr idx panel = rt::panel_width(1000, Out, rt::lanes<float>, rt::vector_registers);
  static constexpr idx taps = rt::winograd_tiles<shape>::taps, tiles = rt::winograd_tiles<shape>::total;
};

/// The outputs for `in`, with an epilogue that adds a bias and a number made from all the indices.
template <class S>
std::vector<float> convolve(const std::vector<float>& in, const std::vector<float>& filter,
                            const std::vector<float>& bias, float untouched) {
  std::vector<float> packed(
      static_cast<std::size_t>(rt::packed_winograd_size(S::out_channels, S::in_channels, S::taps, S::panel)));
  rt::pack_winograd(filter.data(), S::out_channels, S::in_channels, S::kernel_h, S::kernel_w, S::tile_h, S::tile_w,
                    S::panel, packed.data());
  std::vector<float> out(static_cast<std::size_t>(S::batch * S::out_batch), untouched);
  std::vector<float> scratch(
      static_cast<std::size_t>(rt::winograd_scratch(S::tiles, S::in_channels, S::taps, S::panel, sizeof(float))));
  rt::winograd<S>(in.data(), packed.data(), out.data(), scratch.data(), [&](auto acc, idx n, idx oh, idx ow, idx c) {
    using V = decltype(acc);
    const float place = static_cast<float>(n) - 0.25f * static_cast<float>(oh) + 0.5f * static_cast<float>(ow);
    return V(acc + rt::load<V>(bias.data() + c) + rt::splat<V>(place));
  });
  return out;
}

template <class S>
void check(double tolerance = 4e-6) {
  constexpr idx slack = 99;
  const auto in = random_values(S::batch * S::in_batch, 1);
  const auto filter = random_values(S::out_channels * S::in_channels * S::kernel_h * S::kernel_w, 2);
  const auto bias = random_values(S::out_channels, 3);
  std::vector<float> out = convolve<S>(in, filter, bias, float{slack});
  for (idx n = 0; n < S::batch; ++n)
    for (idx oh = 0; oh < S::out_h; ++oh)
      for (idx ow = 0; ow < S::out_w; ++ow)
        for (idx o = 0; o < S::out_channels; ++o) {
          double sum = static_cast<double>(bias[static_cast<std::size_t>(o)]) + static_cast<double>(n) -
                       0.25 * static_cast<double>(oh) + 0.5 * static_cast<double>(ow);
          double magnitude = std::abs(sum);
          for (idx kh = 0; kh < S::kernel_h; ++kh)
            for (idx kw = 0; kw < S::kernel_w; ++kw)
              for (idx i = 0; i < S::in_channels; ++i) {
                const idx at = n * S::in_batch + (oh + kh) * S::in_row + (ow + kw) * S::in_pixel + i;
                const double term = static_cast<double>(in[static_cast<std::size_t>(at)]) *
                                    static_cast<double>(filter[static_cast<std::size_t>(
                                        ((o * S::in_channels + i) * S::kernel_h + kh) * S::kernel_w + kw)]);
                sum += term;
                magnitude += std::abs(term);
              }
          float& got = out[static_cast<std::size_t>(n * S::out_batch + oh * S::out_row + ow * S::out_pixel + o)];
          ASSERT_NEAR(got, sum, tolerance * magnitude) << "n " << n << " oh " << oh << " ow " << ow << " o " << o;
          got = float{slack};
        }
  for (float x : out) ASSERT_EQ(x, float{slack}) << "wrote between pixels or rows";
}

TEST(Winograd, ThreeByThree) {
  check<shape<1, 16, 8, 8, 16, 3, 3, 4, 4>>();
  check<shape<1, 16, 8, 8, 16, 3, 3, 2, 2>>();
  check<shape<2, 40, 7, 7, 24, 3, 3, 4, 4>>();
  check<shape<1, 8, 7, 9, 48, 3, 3, 2, 2>>();
}
TEST(Winograd, OddChannels) {
  check<shape<1, 5, 6, 11, 7, 3, 3, 4, 4>>();
  check<shape<1, 13, 5, 5, 19, 3, 3, 2, 2>>();
  check<shape<1, 1, 9, 4, 1, 3, 3, 4, 4>>();
}
TEST(Winograd, PlanesSmallerThanATile) {
  check<shape<1, 9, 1, 1, 8, 3, 3, 4, 4>>();
  check<shape<3, 9, 1, 3, 8, 3, 3, 2, 2>>();
}
TEST(Winograd, OtherKernels) {
  check<shape<1, 12, 9, 10, 16, 5, 5, 2, 2>>();
  check<shape<1, 12, 7, 10, 16, 4, 4, 3, 3>>();
  check<shape<1, 6, 7, 10, 16, 2, 2, 3, 3>>();
  check<shape<1, 6, 7, 10, 16, 2, 2, 5, 5>>();
}
TEST(Winograd, OneDimension) {
  check<shape<1, 12, 1, 31, 16, 1, 3, 1, 4>>();
  check<shape<2, 7, 1, 10, 16, 1, 5, 1, 2>>();
  check<shape<1, 8, 11, 5, 9, 3, 1, 2, 1>>();
}
TEST(Winograd, SeveralBlocks) {
  check<shape<1, 33, 40, 23, 8, 3, 3, 4, 4>>();
  check<shape<3, 20, 21, 16, 40, 3, 3, 2, 2>>();
}
TEST(Winograd, PitchesBeyondTheExtents) { check<shape<2, 10, 6, 9, 20, 3, 3, 4, 4, 3, 10>>(); }

// What lies behind the input's rows is no part of it: an infinity there reaches no output.
TEST(Winograd, ReadsNothingPastTheInput) {
  using S = shape<1, 9, 5, 6, 8, 3, 3, 4, 4, 2, 7>;
  const auto filter = random_values(S::out_channels * S::in_channels * 9, 2), bias = random_values(S::out_channels, 3);
  std::vector<float> in = random_values(S::in_batch, 1);
  std::vector<float> poisoned(in.size(), std::numeric_limits<float>::quiet_NaN());
  for (idx h = 0; h < S::out_h + 2; ++h)
    for (idx w = 0; w < S::out_w + 2; ++w)
      for (idx c = 0; c < S::in_channels; ++c) {
        const auto at = static_cast<std::size_t>(h * S::in_row + w * S::in_pixel + c);
        poisoned[at] = in[at];
      }
  // Exactly as long as what may be read.
  poisoned.resize(static_cast<std::size_t>((S::out_h + 1) * S::in_row + (S::out_w + 1) * S::in_pixel + S::in_channels));
  poisoned.shrink_to_fit();
  EXPECT_EQ(convolve<S>(in, filter, bias, 0.0f), convolve<S>(poisoned, filter, bias, 0.0f));
}
}  // namespace
