#include <gtest/gtest.h>
#include <m2crt/conv.h>
#include <m2crt/depthwise.h>

#include <cmath>
#include <vector>

#include "values.h"

namespace {
namespace rt = m2crt;
using rt::idx;

template <idx Batch, idx In, idx OutH, idx OutW, idx Out, idx KH, idx KW, idx Stride = 1, idx Dilation = 1,
          idx Groups = 1, idx PixelSlack = 0, idx RowSlack = 0>
struct shape {
  static constexpr idx batch = Batch, out_h = OutH, out_w = OutW, in_channels = In, out_channels = Out, groups = Groups;
  static constexpr idx channels = In;
  static constexpr idx kernel_h = KH, kernel_w = KW, stride_h = Stride, stride_w = Stride;
  static constexpr idx dilation_h = Dilation, dilation_w = Dilation;
  static constexpr idx in_h = (OutH - 1) * Stride + (KH - 1) * Dilation + 1;
  static constexpr idx in_w = (OutW - 1) * Stride + (KW - 1) * Dilation + 1;
  static constexpr idx in_pixel = In + PixelSlack, in_row = in_w * in_pixel + RowSlack,
                       in_batch = in_h * in_row + RowSlack;
  static constexpr idx out_pixel = Out + PixelSlack, out_row = OutW * out_pixel + RowSlack;
  static constexpr idx out_batch = OutH * out_row + RowSlack;
  static constexpr idx panel =
      rt::panel_width(Batch * OutH * OutW, Out / Groups, rt::lanes<float>, rt::vector_registers);
};

/// Runs `convolve(in, filter, out, epilogue)`; the epilogue adds the bias and a number made from all the indices.
template <class S, class Convolve>
void check(Convolve convolve) {
  constexpr idx group_in = S::in_channels / S::groups, group_out = S::out_channels / S::groups;
  constexpr idx slack = 99;
  const auto in = random_values(S::batch * S::in_batch, 1);
  const auto filter = random_values(S::out_channels * group_in * S::kernel_h * S::kernel_w, 2);
  const auto bias = random_values(S::out_channels, 3);
  std::vector<float> out(static_cast<std::size_t>(S::batch * S::out_batch), float{slack});
  auto place = [](idx n, idx oh, idx ow) {
    return static_cast<float>(n) - 0.25f * static_cast<float>(oh) + 0.5f * static_cast<float>(ow);
  };
  convolve(in.data(), filter.data(), out.data(), [&](auto acc, idx n, idx oh, idx ow, idx c) {
    using V = decltype(acc);
    return V(acc + rt::load<V>(bias.data() + c) + rt::splat<V>(place(n, oh, ow)));
  });
  idx written = 0;
  for (idx n = 0; n < S::batch; ++n)
    for (idx oh = 0; oh < S::out_h; ++oh)
      for (idx ow = 0; ow < S::out_w; ++ow)
        for (idx o = 0; o < S::out_channels; ++o) {
          double sum = static_cast<double>(bias[static_cast<std::size_t>(o)]) + static_cast<double>(place(n, oh, ow)),
                 magnitude = std::abs(sum);
          for (idx kh = 0; kh < S::kernel_h; ++kh)
            for (idx kw = 0; kw < S::kernel_w; ++kw)
              for (idx i = 0; i < group_in; ++i) {
                const idx at = n * S::in_batch + (oh * S::stride_h + kh * S::dilation_h) * S::in_row +
                               (ow * S::stride_w + kw * S::dilation_w) * S::in_pixel + o / group_out * group_in + i;
                const double term =
                    static_cast<double>(in[static_cast<std::size_t>(at)]) *
                    filter[static_cast<std::size_t>(((o * group_in + i) * S::kernel_h + kh) * S::kernel_w + kw)];
                sum += term;
                magnitude += std::abs(term);
              }
          float& got = out[static_cast<std::size_t>(n * S::out_batch + oh * S::out_row + ow * S::out_pixel + o)];
          ASSERT_NEAR(got, sum, 1e-6 * magnitude) << "n " << n << " oh " << oh << " ow " << ow << " o " << o;
          got = float{slack};
          ++written;
        }
  for (float x : out) ASSERT_EQ(x, float{slack}) << "wrote between pixels or rows";
  ASSERT_EQ(written, S::batch * S::out_h * S::out_w * S::out_channels);
}

template <class S>
void check_conv() {
  check<S>([](const float* in, const float* filter, float* out, const auto& epilogue) {
    constexpr idx group_in = S::in_channels / S::groups;
    std::vector<float> packed(static_cast<std::size_t>(
        rt::packed_filter_size(S::out_channels, group_in, S::kernel_h, S::kernel_w, S::groups, S::panel)));
    rt::pack_filter(filter, S::out_channels, group_in, S::kernel_h, S::kernel_w, S::groups, S::panel, packed.data());
    rt::conv<S>(in, packed.data(), out, epilogue);
  });
}

template <class S>
void check_depthwise() {
  check<S>([](const float* in, const float* filter, float* out, const auto& epilogue) {
    constexpr idx taps = S::kernel_h * S::kernel_w;
    std::vector<float> packed(static_cast<std::size_t>(S::channels * taps));
    for (idx i = 0; i < S::channels * taps; ++i) packed[i % taps * S::channels + i / taps] = filter[i];
    rt::depthwise<S>(in, packed.data(), out, epilogue);
  });
}
template <idx Batch, idx Channels, idx OutH, idx OutW, idx KH, idx KW, idx Stride = 1, idx Dilation = 1,
          idx PixelSlack = 0, idx RowSlack = 0>
using depthwise_shape =
    shape<Batch, Channels, OutH, OutW, Channels, KH, KW, Stride, Dilation, Channels, PixelSlack, RowSlack>;

TEST(Conv, OddSizes) {
  check_conv<shape<1, 5, 7, 9, 11, 3, 3>>();
  check_conv<shape<1, 16, 14, 14, 32, 3, 3>>();
  check_conv<shape<1, 33, 5, 3, 40, 3, 2>>();
  check_conv<shape<1, 1, 8, 8, 24, 5, 5>>();
}
TEST(Conv, FirstLayers) {
  check_conv<shape<1, 3, 9, 11, 64, 7, 7, 2>>();
  check_conv<shape<1, 3, 9, 11, 32, 3, 3, 2>>();
  check_conv<shape<2, 1, 7, 7, 32, 3, 3>>();
}
TEST(Conv, Pointwise) {
  check_conv<shape<1, 6, 13, 13, 12, 1, 1>>();
  check_conv<shape<1, 64, 7, 7, 96, 1, 1>>();
  check_conv<shape<1, 16, 9, 10, 20, 1, 1, 2>>();
}
TEST(Conv, OneDimension) {
  check_conv<shape<1, 69, 1, 30, 32, 1, 25>>();
  check_conv<shape<3, 7, 1, 31, 10, 1, 3>>();
}
TEST(Conv, FewOutputChannels) {
  check_conv<shape<1, 16, 9, 9, 3, 1, 1>>();
  check_conv<shape<1, 16, 5, 9, 1, 3, 3>>();
  check_conv<shape<1, 3, 5, 9, 2, 3, 3>>();
}
TEST(Conv, Dilated) {
  check_conv<shape<1, 5, 7, 9, 11, 3, 3, 1, 2>>();
  check_conv<shape<1, 5, 4, 6, 11, 3, 3, 2, 3>>();
}
TEST(Conv, Groups) {
  check_conv<shape<1, 12, 6, 7, 24, 3, 3, 1, 1, 4>>();
  check_conv<shape<2, 8, 5, 5, 40, 3, 3, 2, 1, 2>>();
  check_conv<shape<1, 6, 5, 5, 12, 3, 3, 1, 1, 6>>();
}
TEST(Conv, PitchesBeyondTheExtents) {
  check_conv<shape<2, 5, 6, 7, 20, 3, 3, 1, 1, 1, 3, 10>>();
  check_conv<shape<2, 16, 6, 7, 20, 1, 1, 1, 1, 1, 3, 10>>();
  check_conv<shape<2, 16, 6, 7, 20, 1, 1, 1, 1, 1, 0, 10>>();
}
TEST(Conv, BlocksOfPixels) { check_conv<shape<1, 300, 20, 20, 24, 1, 1>>(); }

TEST(Depthwise, Kernels) {
  check_depthwise<depthwise_shape<1, 32, 7, 7, 3, 3>>();
  check_depthwise<depthwise_shape<1, 19, 6, 17, 5, 5>>();
  check_depthwise<depthwise_shape<2, 8, 6, 9, 3, 3, 2>>();
  check_depthwise<depthwise_shape<1, 13, 4, 10, 5, 5, 2>>();
  check_depthwise<depthwise_shape<1, 16, 1, 20, 1, 9>>();
  check_depthwise<depthwise_shape<1, 3, 5, 1, 3, 3>>();
  check_depthwise<depthwise_shape<1, 1, 5, 5, 2, 2>>();
}
TEST(Depthwise, Dilated) { check_depthwise<depthwise_shape<1, 12, 6, 9, 3, 3, 1, 2>>(); }
TEST(Depthwise, PitchesBeyondTheExtents) { check_depthwise<depthwise_shape<2, 20, 5, 9, 3, 3, 1, 1, 4, 12>>(); }
TEST(Depthwise, PitchOfAPowerOfTwo) {
  check_depthwise<depthwise_shape<2, 512, 4, 10, 3, 3>>();
  check_depthwise<depthwise_shape<1, 500, 4, 10, 3, 3, 2, 1, 12>>();
  check_depthwise<depthwise_shape<1, 512, 3, 9, 3, 3, 1, 2>>();
}
}  // namespace
