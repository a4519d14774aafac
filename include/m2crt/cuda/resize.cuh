// Resampling of channels-last images by separable taps. The shape is that of m2crt/resize.h; the epilogue is called
// with (acc, n, oh, ow, c).
#pragma once

#include "m2crt/cuda/pixels.cuh"

namespace m2crt {
namespace cuda {

/// The tap tables of one axis; weight is not read where there is one tap.
template <class W>
struct resize_axis {
  const std::int32_t* index;
  const W* weight;
};
template <class W>
resize_axis(const std::int32_t*, const W*) -> resize_axis<W>;

template <class S, class T, class W, class Finish>
struct resize_output {
  const T* in;
  resize_axis<W> rows, columns;
  T* out;
  Finish finish;
  __device__ void operator()(idx i) const {
    const pixel<S> at(i);
    T acc{};
    M2CRT_UNROLLED
    for (idx th = 0; th < S::taps_h; ++th) {
      const idx row_tap = at.oh * S::taps_h + th;
      const T* row = in + at.n * S::in_batch + rows.index[row_tap] * S::in_row + at.c;
      T sum{};
      M2CRT_UNROLLED
      for (idx tw = 0; tw < S::taps_w; ++tw) {
        const idx column_tap = at.ow * S::taps_w + tw;
        const T x = row[columns.index[column_tap] * S::in_pixel];
        if constexpr (S::taps_w == 1)
          sum = x;
        else
          sum += columns.weight[column_tap] * x;
      }
      if constexpr (S::taps_h == 1)
        acc = sum;
      else
        acc += rows.weight[row_tap] * sum;
    }
    out[at.out()] = finish(acc, at.n, at.oh, at.ow, at.c);
  }
};
template <class S, class T, class W, class Finish>
inline void resize(queue& to, const T* in, resize_axis<W> rows, resize_axis<W> columns, T* out, Finish finish) {
  map(to, S::batch * S::out_h * S::out_w * S::channels, resize_output<S, T, W, Finish>{in, rows, columns, out, finish});
}

}  // namespace cuda
}  // namespace m2crt
