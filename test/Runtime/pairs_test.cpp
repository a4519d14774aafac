// Products and convolutions of 16-bit integers: bit for bit what a naive loop gives.
#include <gtest/gtest.h>
#include <m2crt/conv.h>
#include <m2crt/depthwise.h>
#include <m2crt/elementwise.h>
#include <m2crt/gemm.h>
#include <m2crt/winograd.h>

#include <vector>

#include "values.h"

namespace {
namespace rt = m2crt;
using rt::idx;
using std::int16_t, std::int32_t, std::int8_t;

template <idx M, idx N, idx K, idx AStep = 1, idx Slack = 0, idx Rows = M>
struct shape {
  static constexpr idx m = M, n = N, k = K;
  static constexpr idx a_column = AStep, a_row = K * AStep + Slack, c_row = N + Slack;
  static constexpr idx b_row = N + Slack, b_column = 1;
  static constexpr idx panel = rt::pair_panel_width(Rows, N, rt::lanes<int32_t>, rt::vector_registers);
};
template <class S>
struct transposed : S {
  static constexpr idx b_row = 1, b_column = S::k + 3;
};

template <class T>
std::vector<T> make(idx count, unsigned seed, double range) {
  return random_values<T>(count, seed, range);
}

// Requantised to int16, as the compiler's epilogues are.
int16_t requantise(int32_t sum, float scale) {
  const float scaled = std::nearbyint(static_cast<float>(sum) * scale);
  return static_cast<int16_t>(scaled < -128 ? -128 : scaled > 127 ? 127 : scaled);
}

/// Runs multiply(a, b, c, epilogue) with random numbers of the whole range, of which some are the extremes.
template <class S, class B, class Multiply>
void check(Multiply multiply) {
  auto a = make<int16_t>((S::m - 1) * S::a_row + (S::k - 1) * S::a_column + 1, 1, 255.9);
  auto b = make<B>((S::k - 1) * S::b_row + (S::n - 1) * S::b_column + 1, 2, 127.9);
  for (std::size_t i = 0; i < a.size(); i += 7) a[i] = i % 2 ? -255 : 255;
  for (std::size_t i = 0; i < b.size(); i += 5) b[i] = i % 2 ? -128 : 127;
  const auto scale = random_values(S::n, 3, 1e-3);
  std::vector<int16_t> c(static_cast<std::size_t>((S::m - 1) * S::c_row + S::n), 999);
  multiply(a.data(), b.data(), c.data(), [&](auto acc, idx, idx n) {
    using F = rt::rebind<decltype(acc), float>;
    return rt::quantize<int16_t>(F(rt::convert<F>(acc) * rt::load<F>(scale.data() + n)), -128.0f, 127.0f);
  });
  for (idx m = 0; m < S::m; ++m) {
    for (idx n = 0; n < S::c_row && m * S::c_row + n < static_cast<idx>(c.size()); ++n) {
      const int16_t got = c[static_cast<std::size_t>(m * S::c_row + n)];
      if (n >= S::n) {
        ASSERT_EQ(got, 999) << "wrote past row " << m;
        continue;
      }
      int32_t sum = 0;
      for (idx k = 0; k < S::k; ++k)
        sum += a[static_cast<std::size_t>(m * S::a_row + k * S::a_column)] *
               b[static_cast<std::size_t>(k * S::b_row + n * S::b_column)];
      ASSERT_EQ(got, requantise(sum, scale[static_cast<std::size_t>(n)])) << "m " << m << " n " << n;
    }
  }
}

/// B packed with 8 or 16 bits.
template <class S, class B>
void check_packed_as() {
  check<S, B>([](const int16_t* a, const B* b, int16_t* c, const auto& epilogue) {
    std::vector<B> packed(static_cast<std::size_t>(rt::packed_size<int16_t>(S::k, 1, S::n, S::panel)));
    rt::pack_pair_panels(b, S::b_row, S::b_column, S::k, S::n, S::panel, packed.data());
    rt::gemm<S>(a, packed.data(), c, epilogue);
  });
}
template <class S>
void check_packed() {
  check_packed_as<S, int8_t>();
  check_packed_as<S, int16_t>();
}

template <class S>
void check_any() {
  check<S, int16_t>([](const int16_t* a, const int16_t* b, int16_t* c, const auto& epilogue) {
    std::vector<int16_t> scratch(static_cast<std::size_t>(rt::gemm_scratch<S, int16_t>));
    rt::gemm_any<S>(a, b, c, scratch.data(), epilogue);
  });
}

template <class S>
struct sized_rows {
  static constexpr idx n = S::n, k = S::k, a_column = S::a_column, panel = S::panel;
  idx m, a_row, c_row;
};
template <idx M, idx N, idx K, idx Slack = 0>
void check_sized() {
  using S = shape<M, N, K, 1, Slack, 1>;
  check<S, int8_t>([](const int16_t* a, const int8_t* b, int16_t* c, const auto& epilogue) {
    std::vector<int8_t> packed(static_cast<std::size_t>(rt::packed_size<int16_t>(S::k, 1, S::n, S::panel)));
    rt::pack_pair_panels(b, S::b_row, S::b_column, S::k, S::n, S::panel, packed.data());
    rt::gemm_sized(sized_rows<S>{S::m, S::a_row, S::c_row}, a, packed.data(), c, epilogue);
  });
}

TEST(Pairs, Products) {
  check_packed<shape<37, 101, 77>>();
  check_packed<shape<13, 17, 5>>();
  check_packed<shape<6, 16, 1>>();
  check_packed<shape<49, 24, 33>>();
  check_packed<shape<7, 40, 64>>();
  check_packed<shape<100, 3, 9>>();
  check_packed<shape<9, 1, 30>>();
  check_packed<shape<1, 256, 132>>();
  check_packed<shape<1, 10, 255>>();
  check_packed<shape<130, 130, 130>>();
}
TEST(Pairs, Strides) {
  check_packed<shape<19, 35, 23, 2, 3>>();
  check_packed<transposed<shape<19, 35, 23, 1, 5>>>();
}
TEST(Pairs, PanelsForFewRowsServeMany) {
  check_packed<shape<20, 150, 31, 1, 0, 1>>();
  check_sized<1, 101, 77>();
  check_sized<3, 256, 40>();
  check_sized<19, 130, 21, 3>();
  check_sized<33, 10, 64>();
}
TEST(Pairs, RightOperandOfTheRun) {
  check_any<shape<5, 37, 30>>();
  check_any<shape<1, 101, 63, 1, 3>>();
  check_any<transposed<shape<33, 37, 51, 1, 2>>>();
  check_any<transposed<shape<300, 40, 501>>>();
}

template <idx In, idx OutH, idx OutW, idx Out, idx KH, idx KW, idx Stride = 1, idx Dilation = 1, idx Groups = 1,
          idx PixelSlack = 0>
struct window {
  static constexpr idx batch = 2, out_h = OutH, out_w = OutW, in_channels = In, out_channels = Out, groups = Groups;
  static constexpr idx kernel_h = KH, kernel_w = KW, stride_h = Stride, stride_w = Stride;
  static constexpr idx dilation_h = Dilation, dilation_w = Dilation;
  static constexpr idx in_h = (OutH - 1) * Stride + (KH - 1) * Dilation + 1;
  static constexpr idx in_w = (OutW - 1) * Stride + (KW - 1) * Dilation + 1;
  static constexpr idx in_pixel = In + PixelSlack, in_row = in_w * in_pixel, in_batch = in_h * in_row;
  static constexpr idx out_pixel = Out, out_row = OutW * Out, out_batch = OutH * out_row;
  static constexpr idx panel =
      rt::pair_panel_width(batch * OutH * OutW, Out / Groups, rt::lanes<int32_t>, rt::vector_registers);
};

template <class S>
void check_conv() {
  constexpr idx group_in = S::in_channels / S::groups, group_out = S::out_channels / S::groups;
  const auto in = make<int16_t>(S::batch * S::in_batch, 1, 255.9);
  const auto filter = make<int8_t>(S::out_channels * group_in * S::kernel_h * S::kernel_w, 2, 127.9);
  std::vector<int8_t> packed(static_cast<std::size_t>(
      S::groups * rt::packed_size<int16_t>(group_in, S::kernel_h * S::kernel_w, group_out, S::panel)));
  rt::pack_pair_filter(filter.data(), S::out_channels, group_in, S::kernel_h, S::kernel_w, S::groups, S::panel,
                       packed.data());
  std::vector<int32_t> out(static_cast<std::size_t>(S::batch * S::out_batch));
  rt::conv<S>(in.data(), packed.data(), out.data(), [](auto acc, auto...) { return acc; });
  for (idx n = 0; n < S::batch; ++n)
    for (idx oh = 0; oh < S::out_h; ++oh)
      for (idx ow = 0; ow < S::out_w; ++ow)
        for (idx o = 0; o < S::out_channels; ++o) {
          int32_t sum = 0;
          for (idx kh = 0; kh < S::kernel_h; ++kh)
            for (idx kw = 0; kw < S::kernel_w; ++kw)
              for (idx i = 0; i < group_in; ++i)
                sum += in[static_cast<std::size_t>(
                           n * S::in_batch + (oh * S::stride_h + kh * S::dilation_h) * S::in_row +
                           (ow * S::stride_w + kw * S::dilation_w) * S::in_pixel + o / group_out * group_in + i)] *
                       filter[static_cast<std::size_t>(((o * group_in + i) * S::kernel_h + kh) * S::kernel_w + kw)];
          ASSERT_EQ(out[static_cast<std::size_t>(n * S::out_batch + oh * S::out_row + ow * S::out_pixel + o)], sum)
              << "n " << n << " oh " << oh << " ow " << ow << " o " << o;
        }
}

template <class S>
void check_depthwise() {
  constexpr idx taps = S::kernel_h * S::kernel_w;
  const auto in = make<int16_t>(S::batch * S::in_batch, 1, 255.9);
  const auto filter = make<int16_t>(taps * S::channels, 2, 255.9);
  std::vector<int32_t> packed(filter.size()), out(static_cast<std::size_t>(S::batch * S::out_batch));
  rt::pack_row_pairs(filter.data(), S::kernel_h, S::kernel_w * S::channels, packed.data());
  rt::depthwise<S>(in.data(), packed.data(), out.data(), [](auto acc, auto...) { return acc; });
  for (idx n = 0; n < S::batch; ++n)
    for (idx oh = 0; oh < S::out_h; ++oh)
      for (idx ow = 0; ow < S::out_w; ++ow)
        for (idx c = 0; c < S::channels; ++c) {
          int32_t sum = 0;
          for (idx tap = 0; tap < taps; ++tap)
            sum += in[static_cast<std::size_t>(
                       n * S::in_batch + (oh * S::stride_h + tap / S::kernel_w * S::dilation_h) * S::in_row +
                       (ow * S::stride_w + tap % S::kernel_w * S::dilation_w) * S::in_pixel + c)] *
                   filter[static_cast<std::size_t>(tap * S::channels + c)];
          ASSERT_EQ(out[static_cast<std::size_t>(n * S::out_batch + oh * S::out_row + ow * S::out_pixel + c)], sum)
              << "n " << n << " oh " << oh << " ow " << ow << " c " << c;
        }
}
template <idx Channels, idx OutH, idx OutW, idx KH, idx KW, idx Stride = 1, idx Dilation = 1, idx PixelSlack = 0>
struct depthwise_window : window<Channels, OutH, OutW, Channels, KH, KW, Stride, Dilation, Channels, PixelSlack> {
  static constexpr idx channels = Channels;
};

template <idx In, idx OutH, idx OutW, idx Out, idx PixelSlack = 0>
struct winograd_window : window<In, OutH, OutW, Out, 3, 3, 1, 1, 1, PixelSlack> {
  static constexpr idx tile_h = 4, tile_w = 4;
};

/// The direct sums, of the largest numbers that occur.
template <class S>
void check_winograd(bool extreme) {
  auto in = make<int16_t>(S::batch * S::in_batch, 1, 255.9);
  auto filter = make<int16_t>(S::out_channels * S::in_channels * 9, 2, 127.9);
  if (extreme) {
    for (int16_t& x : in) x = 255;
    for (int16_t& w : filter) w = -128;
  }
  const idx tiles = S::batch * ((S::out_h + 3) / 4) * ((S::out_w + 3) / 4);
  std::vector<int16_t> packed(
      static_cast<std::size_t>(36 * rt::packed_size<int16_t>(S::in_channels, 1, S::out_channels, S::panel)));
  std::vector<int16_t> scratch(static_cast<std::size_t>(rt::winograd_scratch(tiles, S::in_channels, 36, S::panel, 2)));
  rt::pack_integer_winograd(filter.data(), S::out_channels, S::in_channels, S::panel, packed.data());
  std::vector<int32_t> out(static_cast<std::size_t>(S::batch * S::out_batch)), direct(out.size());
  rt::winograd<S>(in.data(), packed.data(), out.data(), scratch.data(), [](auto acc, auto...) { return acc; });
  std::vector<int16_t> plain(
      static_cast<std::size_t>(rt::packed_size<int16_t>(S::in_channels, 9, S::out_channels, S::panel)));
  rt::pack_pair_filter(filter.data(), S::out_channels, S::in_channels, 3, 3, 1, S::panel, plain.data());
  rt::conv<S>(in.data(), plain.data(), direct.data(), [](auto acc, auto...) { return acc; });
  ASSERT_EQ(out, direct);
}

TEST(Pairs, Winograd) {
  check_winograd<winograd_window<16, 8, 8, 16>>(false);
  check_winograd<winograd_window<13, 7, 9, 21>>(false);
  check_winograd<winograd_window<33, 5, 3, 5, 3>>(false);
  check_winograd<winograd_window<113, 6, 10, 24>>(true);  // 1017 products of 255 * 128: just below the limit
}

TEST(Pairs, Depthwise) {
  check_depthwise<depthwise_window<37, 5, 9, 3, 3>>();
  check_depthwise<depthwise_window<64, 5, 7, 3, 3, 2>>();
  check_depthwise<depthwise_window<19, 4, 6, 5, 5, 1, 2, 3>>();
  check_depthwise<depthwise_window<8, 4, 6, 2, 1>>();
  check_depthwise<depthwise_window<33, 3, 5, 9, 9>>();
  check_depthwise<depthwise_window<1024, 3, 5, 3, 3>>();
}

TEST(Pairs, Convolutions) {
  check_conv<window<5, 7, 9, 11, 3, 3>>();
  check_conv<window<3, 6, 5, 20, 7, 7, 2>>();
  check_conv<window<1, 6, 5, 9, 3, 3>>();
  check_conv<window<16, 5, 7, 33, 1, 1>>();
  check_conv<window<8, 5, 7, 16, 3, 3, 2, 2>>();
  check_conv<window<12, 5, 7, 16, 3, 3, 1, 1, 4>>();
  check_conv<window<6, 5, 7, 10, 1, 3, 1, 1, 2, 4>>();
}
}  // namespace
