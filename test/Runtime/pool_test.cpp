#include <gtest/gtest.h>
#include <m2crt/pool.h>

#include <cmath>
#include <limits>
#include <vector>

#include "values.h"

namespace {
namespace rt = m2crt;
using rt::idx;

/// Pads are top, left, bottom, right; CeilMode rounds the output size up.
template <idx Channels, idx InH, idx InW, idx KH, idx KW, idx Stride, idx Dilation, idx Top, idx Left, idx Bottom,
          idx Right, bool CountPadding = false, bool CeilMode = false, idx Slack = 0>
struct shape {
  static constexpr idx batch = 2, in_h = InH, in_w = InW, channels = Channels;
  static constexpr idx kernel_h = KH, kernel_w = KW, stride_h = Stride, stride_w = Stride;
  static constexpr idx dilation_h = Dilation, dilation_w = Dilation;
  static constexpr idx pad_top = Top, pad_left = Left, pad_bottom = Bottom, pad_right = Right;
  static constexpr idx round = CeilMode ? Stride - 1 : 0;
  static constexpr idx out_h = (InH + Top + Bottom - (KH - 1) * Dilation - 1 + round) / Stride + 1;
  static constexpr idx out_w = (InW + Left + Right - (KW - 1) * Dilation - 1 + round) / Stride + 1;
  static constexpr idx in_pixel = Channels + Slack, in_row = InW * in_pixel + Slack, in_batch = InH * in_row + Slack;
  static constexpr idx out_pixel = Channels + Slack, out_row = out_w * out_pixel + Slack,
                       out_batch = out_h * out_row + Slack;
  static constexpr bool count_include_pad = CountPadding;
};

template <class S>
void check() {
  const auto in = random_values(S::batch * S::in_batch, 1);
  std::vector<float> most(static_cast<std::size_t>(S::batch * S::out_batch)), mean = most;
  auto twice = [](auto acc, idx, idx oh, idx ow, idx c) {
    return decltype(acc)(acc + acc + rt::splat<decltype(acc)>(static_cast<float>(oh + 2 * ow + 0 * c)));
  };
  rt::max_pool<S>(in.data(), most.data(), twice);
  rt::average_pool<S>(in.data(), mean.data(), twice);
  for (idx n = 0; n < S::batch; ++n)
    for (idx oh = 0; oh < S::out_h; ++oh)
      for (idx ow = 0; ow < S::out_w; ++ow)
        for (idx c = 0; c < S::channels; ++c) {
          float largest = -std::numeric_limits<float>::infinity();
          double sum = 0;
          int inside = 0, padded = 0;
          for (idx kh = 0; kh < S::kernel_h; ++kh)
            for (idx kw = 0; kw < S::kernel_w; ++kw) {
              const idx ih = oh * S::stride_h + kh * S::dilation_h - S::pad_top;
              const idx iw = ow * S::stride_w + kw * S::dilation_w - S::pad_left;
              if (ih < S::in_h + S::pad_bottom && iw < S::in_w + S::pad_right) ++padded;
              if (ih < 0 || ih >= S::in_h || iw < 0 || iw >= S::in_w) continue;
              const float x = in[static_cast<std::size_t>(n * S::in_batch + ih * S::in_row + iw * S::in_pixel + c)];
              largest = std::max(largest, x);
              sum += x;
              ++inside;
            }
          const auto at = static_cast<std::size_t>(n * S::out_batch + oh * S::out_row + ow * S::out_pixel + c);
          const float place = static_cast<float>(oh + 2 * ow);
          ASSERT_EQ(most[at], 2 * largest + place);
          ASSERT_NEAR(mean[at], 2 * sum / (S::count_include_pad ? padded : inside) + place, 1e-5 * (1 + place))
              << oh << " " << ow;
        }
}

TEST(Pool, Windows) {
  check<shape<20, 9, 11, 3, 3, 2, 1, 1, 1, 1, 1>>();
  check<shape<8, 8, 8, 2, 2, 2, 1, 0, 0, 0, 0>>();
  check<shape<13, 7, 7, 3, 3, 1, 1, 1, 1, 1, 1, true>>();
  check<shape<1, 7, 6, 3, 2, 1, 1, 0, 1, 2, 0>>();
  check<shape<5, 1, 30, 1, 4, 3, 1, 0, 2, 0, 1, true>>();
  check<shape<17, 12, 12, 7, 7, 2, 1, 3, 3, 3, 3>>();
}
TEST(Pool, RoundsUp) {
  check<shape<9, 10, 10, 3, 3, 2, 1, 0, 0, 0, 0, false, true>>();
  check<shape<9, 10, 10, 3, 3, 2, 1, 1, 1, 1, 1, true, true>>();
}
TEST(Pool, Dilated) { check<shape<9, 12, 13, 3, 3, 1, 2, 1, 1, 1, 1>>(); }
TEST(Pool, PitchesBeyondTheExtents) { check<shape<21, 9, 9, 3, 3, 2, 1, 1, 1, 1, 1, false, false, 5>>(); }

template <idx Channels, idx H, idx W>
void check_global() {
  using S = shape<Channels, H, W, 1, 1, 1, 1, 0, 0, 0, 0, false, false, 3>;
  const auto in = random_values(S::batch * S::in_batch, 1);
  std::vector<float> most(static_cast<std::size_t>(S::batch * S::out_batch)), mean = most;
  auto same = [](auto acc, idx, idx, idx, idx) { return acc; };
  rt::global_max_pool<S>(in.data(), most.data(), same);
  rt::global_average_pool<S>(in.data(), mean.data(), same);
  for (idx n = 0; n < S::batch; ++n)
    for (idx c = 0; c < Channels; ++c) {
      double sum = 0;
      float largest = -2;
      for (idx h = 0; h < H; ++h)
        for (idx w = 0; w < W; ++w) {
          const float x = in[static_cast<std::size_t>(n * S::in_batch + h * S::in_row + w * S::in_pixel + c)];
          sum += x;
          largest = std::max(largest, x);
        }
      const auto at = static_cast<std::size_t>(n * S::out_batch + c);
      ASSERT_EQ(most[at], largest);
      ASSERT_NEAR(mean[at], sum / (H * W), 1e-6);
    }
}
TEST(GlobalPool, OddSizes) {
  check_global<77, 7, 7>();
  check_global<3, 1, 50>();
  check_global<128, 20, 3>();
}
}  // namespace
