// Convolutions on channels-last tensors that hold their padding.
#pragma once

#include "m2crt/cuda/product.cuh"

namespace m2crt {
namespace cuda {

/// S has batch, out_h, out_w, in_channels, out_channels, groups, kernel_h .. dilation_w, in_batch, in_row, in_pixel,
/// out_batch, out_row, out_pixel, and panel: the filter is [groups][kernel_h][kernel_w][in_channels / groups][panel].
/// The epilogue is called with (acc, n, oh, ow, c).
template <class S>
struct window_product {
  static constexpr idx channels = S::in_channels / S::groups;
  static constexpr idx m = S::batch * S::out_h * S::out_w, n = S::out_channels / S::groups, batches = S::groups;
  static constexpr idx k = S::kernel_h * S::kernel_w * channels, b_row = S::panel, b_column = 1;
  static constexpr bool a_runs =
      channels % 4 == 0 && S::in_pixel % 4 == 0 && S::in_row % 4 == 0 && S::in_batch % 4 == 0;
  static constexpr bool b_runs = S::panel % 4 == 0;
  static M2CRT_DEVICE idx a_row(idx m) {
    return m / (S::out_h * S::out_w) * S::in_batch + m / S::out_w % S::out_h * S::stride_h * S::in_row +
           m % S::out_w * S::stride_w * S::in_pixel;
  }
  static M2CRT_DEVICE idx a_column(idx k) {
    return k / (S::kernel_w * channels) * S::dilation_h * S::in_row +
           k / channels % S::kernel_w * S::dilation_w * S::in_pixel + k % channels;
  }
  static M2CRT_DEVICE idx c_row(idx m) {
    return m / (S::out_h * S::out_w) * S::out_batch + m / S::out_w % S::out_h * S::out_row +
           m % S::out_w * S::out_pixel;
  }
  static M2CRT_DEVICE idx a_batch(idx z) { return z * channels; }
  static M2CRT_DEVICE idx b_batch(idx z) { return z * k * S::panel; }
  static M2CRT_DEVICE idx c_batch(idx z) { return z * n; }
  template <class F, class T>
  static M2CRT_DEVICE T finish(const F& f, T acc, idx z, idx m, idx column) {
    return f(acc, m / (S::out_h * S::out_w), m / S::out_w % S::out_h, m % S::out_w, z * n + column);
  }
};
template <class S, arithmetic Math = model_arithmetic, class T, class Finish>
inline void conv(queue& to, const T* in, const T* filter, T* out, Finish finish) {
  product<window_product<S>, Math>(to, in, filter, out, finish);
}

}  // namespace cuda
}  // namespace m2crt
