// Pools on channels-last tensors, windows clipped to the input. The shapes are those of m2crt/pool.h; epilogues are
// called with (acc, n, oh, ow, c).
#pragma once

#include "m2crt/cuda/pixels.cuh"

namespace m2crt {
namespace cuda {

/// The part of a window's taps that lies inside an axis of `size`, for a window that starts at `start`.
struct tap_range {
  idx begin, end;
  M2CRT_DEVICE tap_range(idx start, idx taps, idx dilation, idx size)
      : begin(start < 0 ? (-start + dilation - 1) / dilation : 0),
        end(start + (taps - 1) * dilation < size ? taps : (size - start + dilation - 1) / dilation) {
    if (end < begin) end = begin;
  }
  M2CRT_DEVICE idx count() const { return end - begin; }
};

template <class T>
M2CRT_DEVICE T lowest() {
  if constexpr (std::is_floating_point_v<T>)
    return -limits<T>::infinity();
  else
    return std::is_unsigned_v<T> ? T(0) : limits<T>::min();
}

template <class S, bool Average, bool CountPadding, class T, class Finish>
struct pool_output {
  const T* in;
  T* out;
  Finish finish;
  __device__ void operator()(idx i) const {
    const pixel<S> at(i);
    const idx top = at.oh * S::stride_h - S::pad_top, left = at.ow * S::stride_w - S::pad_left;
    const tap_range rows(top, S::kernel_h, S::dilation_h, S::in_h), columns(left, S::kernel_w, S::dilation_w, S::in_w);
    const T* image = in + at.n * S::in_batch + at.c;
    T acc = Average ? T(0) : lowest<T>();
    for (idx kh = rows.begin; kh < rows.end; ++kh)
      for (idx kw = columns.begin; kw < columns.end; ++kw) {
        const T x = image[(top + kh * S::dilation_h) * S::in_row + (left + kw * S::dilation_w) * S::in_pixel];
        acc = Average ? T(acc + x) : maximum(acc, x);
      }
    if constexpr (Average) {
      idx count = rows.count() * columns.count();
      if constexpr (CountPadding)
        count = tap_range(top + S::pad_top, S::kernel_h, S::dilation_h, S::pad_top + S::in_h + S::pad_bottom).count() *
                tap_range(left + S::pad_left, S::kernel_w, S::dilation_w, S::pad_left + S::in_w + S::pad_right).count();
      acc = acc / T(count);
    }
    out[at.out()] = finish(acc, at.n, at.oh, at.ow, at.c);
  }
};
template <class S, class T, class Finish>
inline void max_pool(queue& to, const T* in, T* out, Finish finish) {
  map(to, S::batch * S::out_h * S::out_w * S::channels, pool_output<S, false, false, T, Finish>{in, out, finish});
}
template <class S, class T, class Finish>
inline void average_pool(queue& to, const T* in, T* out, Finish finish) {
  map(to, S::batch * S::out_h * S::out_w * S::channels,
      pool_output<S, true, S::count_include_pad, T, Finish>{in, out, finish});
}

/// Over the whole plane of each channel: S has batch, in_h, in_w, channels, in_batch, in_row, in_pixel, out_batch.
template <class S, bool Average, class T, class Finish>
struct plane_total {
  using type = T;
  static constexpr idx outputs = S::batch * S::channels, terms = S::in_h * S::in_w;
  static constexpr bool columns = true;
  const T* in;
  T* out;
  Finish finish_value;
  static __device__ T identity() { return Average ? T(0) : lowest<T>(); }
  static __device__ T combine(T a, T b) { return Average ? T(a + b) : maximum(a, b); }
  __device__ T term(idx o, idx i) const {
    return in[o / S::channels * S::in_batch + i / S::in_w * S::in_row + i % S::in_w * S::in_pixel + o % S::channels];
  }
  __device__ void finish(idx o, T total) const {
    const idx n = o / S::channels, c = o % S::channels;
    out[n * S::out_batch + c] = finish_value(Average ? T(total / T(terms)) : total, n, idx{0}, idx{0}, c);
  }
};
template <class S, class T, class Finish>
inline void global_average_pool(queue& to, const T* in, T* out, Finish finish) {
  reduce(to, plane_total<S, true, T, Finish>{in, out, finish});
}
template <class S, class T, class Finish>
inline void global_max_pool(queue& to, const T* in, T* out, Finish finish) {
  reduce(to, plane_total<S, false, T, Finish>{in, out, finish});
}

}  // namespace cuda
}  // namespace m2crt
