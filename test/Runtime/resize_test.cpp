#include <gtest/gtest.h>
#include <m2crt/resize.h>

#include <random>
#include <vector>

namespace {
namespace rt = m2crt;
using rt::idx;

template <idx Channels, idx InH, idx InW, idx OutH, idx OutW, idx TapsH, idx TapsW, idx Slack = 0>
struct shape {
  static constexpr idx batch = 2, in_h = InH, in_w = InW, out_h = OutH, out_w = OutW, channels = Channels;
  static constexpr idx taps_h = TapsH, taps_w = TapsW;
  static constexpr idx in_pixel = Channels + Slack, in_row = InW * in_pixel + Slack, in_batch = InH * in_row;
  static constexpr idx out_pixel = Channels + Slack, out_row = OutW * out_pixel + Slack, out_batch = OutH * out_row;
};

struct axis {
  std::vector<std::int32_t> index;
  std::vector<float> weight;
  axis(idx in, idx out, idx taps, unsigned seed) {
    std::mt19937 engine(seed);
    for (idx i = 0; i < out * taps; ++i) {
      index.push_back(std::uniform_int_distribution<std::int32_t>(0, static_cast<std::int32_t>(in) - 1)(engine));
      weight.push_back(taps == 1 ? 1.0f : std::uniform_real_distribution<float>(-1, 1)(engine));
    }
  }
  rt::resize_axis<float> view() const { return {index.data(), weight.data()}; }
};

template <class S>
void check() {
  std::mt19937 engine(1);
  std::vector<float> in(static_cast<std::size_t>(S::batch * S::in_batch)),
      out(static_cast<std::size_t>(S::batch * S::out_batch), 9.0f);
  for (float& x : in) x = std::uniform_real_distribution<float>(-1, 1)(engine);
  const axis rows(S::in_h, S::out_h, S::taps_h, 2), columns(S::in_w, S::out_w, S::taps_w, 3);
  rt::resize<S>(in.data(), rows.view(), columns.view(), out.data(), [](auto acc, idx n, idx oh, idx ow, idx) {
    return decltype(acc)(acc + rt::splat<decltype(acc)>(static_cast<float>(n + oh + 2 * ow)));
  });
  for (idx n = 0; n < S::batch; ++n)
    for (idx oh = 0; oh < S::out_h; ++oh)
      for (idx ow = 0; ow < S::out_w; ++ow)
        for (idx c = 0; c < S::out_pixel; ++c) {
          const float got = out[static_cast<std::size_t>(n * S::out_batch + oh * S::out_row + ow * S::out_pixel + c)];
          if (c >= S::channels) {
            ASSERT_EQ(got, 9.0f);
            continue;
          }
          double sum = static_cast<double>(n + oh + 2 * ow);
          for (idx th = 0; th < S::taps_h; ++th)
            for (idx tw = 0; tw < S::taps_w; ++tw) {
              const auto h = static_cast<std::size_t>(oh * S::taps_h + th),
                         w = static_cast<std::size_t>(ow * S::taps_w + tw);
              const idx at = n * S::in_batch + rows.index[h] * S::in_row + columns.index[w] * S::in_pixel + c;
              sum += static_cast<double>(rows.weight[h]) * columns.weight[w] * in[static_cast<std::size_t>(at)];
            }
          ASSERT_NEAR(got, sum, 1e-5 * (1 + std::abs(sum)));
        }
}

TEST(Resize, Taps) {
  check<shape<20, 5, 6, 9, 11, 1, 1>>();
  check<shape<9, 5, 6, 10, 12, 2, 2>>();
  check<shape<13, 5, 6, 10, 12, 4, 4>>();
  check<shape<16, 1, 6, 1, 13, 1, 2>>();
  check<shape<7, 8, 8, 3, 3, 2, 1, 2>>();
}
}  // namespace
