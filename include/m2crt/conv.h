// Direct convolution on channels-last tensors.
//
// A traits struct S gives the shape; strides are in elements:
//   batch, out_h, out_w, in_channels, out_channels, groups
//   kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w
//   in_batch, in_row, in_pixel, out_batch, out_row, out_pixel
//   panel                 of the filter, packed by m2crt::pack_filter (pack.h)
//
//   out[n, oh, ow, o] = epilogue(sum over kh, kw, i of in[n, oh * stride_h + kh * dilation_h, ow * stride_w + kw *
//   dilation_w, i]
//                                                      * filter[o, i, kh, kw])
//
// The input already has its padding: `in` points at the element that tap (0, 0) of output pixel (0, 0) reads, and no
// bound is ever tested. A 1-D convolution has height 1. `epilogue(acc, n, oh, ow, o)` finishes consecutive channels
// that start at o, or one channel in the last few.
#pragma once

#include <m2crt/pack.h>

namespace m2crt {

/// The output pixels of a convolution in order, as contract_tile walks them: a tile may span rows and images.
template <class S>
struct conv_pixels {
  idx n = 0, oh = 0, ow = 0, in = 0, out = 0;
  M2CRT_INLINE idx offset_a() const { return in; }
  M2CRT_INLINE idx offset_c() const { return out; }
  M2CRT_INLINE void go(idx pixel) {
    n = pixel / (S::out_h * S::out_w);
    oh = pixel / S::out_w % S::out_h;
    ow = pixel % S::out_w;
    in = n * S::in_batch + oh * S::stride_h * S::in_row + ow * S::stride_w * S::in_pixel;
    out = n * S::out_batch + oh * S::out_row + ow * S::out_pixel;
  }
  M2CRT_INLINE void next() {
    in += S::stride_w * S::in_pixel;
    out += S::out_pixel;
    if (++ow < S::out_w) return;
    ow = 0;
    in += S::stride_h * S::in_row - S::out_w * S::stride_w * S::in_pixel;
    out += S::out_row - S::out_w * S::out_pixel;
    if (++oh < S::out_h) return;
    oh = 0;
    in += S::in_batch - S::out_h * S::stride_h * S::in_row;
    out += S::out_batch - S::out_h * S::out_row;
    ++n;
  }
  template <class Epilogue, class V>
  M2CRT_INLINE auto finish(const Epilogue& epilogue, V acc, idx channel) const {
    return epilogue(acc, n, oh, ow, channel);
  }
};

/// The kernel's taps as runs of the input: whole kernel rows where the channels of neighbouring taps adjoin.
template <class S, class A>
struct conv_runs {
  static constexpr idx channels = S::in_channels / S::groups;
  // Pairs do not go from one tap to the next.
  static constexpr bool joined =
      S::kernel_w == 1 || (S::dilation_w == 1 && S::in_pixel == channels && channels % step_elements<A> == 0);
  using type = std::conditional_t<
      joined, runs<S::kernel_w * channels, 1, 1, 0, S::kernel_h, S::dilation_h * S::in_row>,
      runs<channels, 1, S::kernel_w, S::dilation_w * S::in_pixel, S::kernel_h, S::dilation_h * S::in_row>>;
};

template <class S, class A, class B, class C, class Epilogue, class Part = whole>
inline void conv(const A* in, const B* filter, C* out, const Epilogue& epilogue, Part part = {}) {
  using run = typename conv_runs<S, A>::type;
  constexpr idx group_out = S::out_channels / S::groups;
  // New input per output pixel.
  constexpr idx pixel = S::out_h > 1 ? S::stride_h * S::in_row / S::out_w : S::stride_w * S::in_pixel;
  constexpr idx bytes = (pixel > 0 ? pixel : 1) * idx{sizeof(A)};
  constexpr idx pixels = S::batch * S::out_h * S::out_w;
  if constexpr (S::groups == 1) {
    contract_packed<run, S::panel, group_out, pixels, bytes, conv_pixels<S>>(in, filter, out, epilogue, part);
  } else {
    for (idx g = 0; g < S::groups; ++g)
      contract_packed<run, S::panel, group_out, pixels, bytes, conv_pixels<S>>(
          in + g * conv_runs<S, A>::channels,
          filter + g * packed_size<A>(run::length, run::inner * run::outer, group_out, S::panel), out + g * group_out,
          [&](auto acc, idx n, idx oh, idx ow, idx o) { return epilogue(acc, n, oh, ow, g * group_out + o); }, part);
  }
}

}  // namespace m2crt
