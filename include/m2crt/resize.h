// Resampling of channels-last images by separable taps.
//
// Per axis, output position o is the weighted sum of `taps` input positions: index[o * taps + t] with weight
// weight[o * taps + t]. One tap is nearest-neighbour, two linear, four cubic; every coordinate rule of ONNX is a table.
//
// A traits struct S gives the shape; strides are in elements:
//   batch, out_h, out_w, channels, taps_h, taps_w, in_batch, in_row, in_pixel, out_batch, out_row, out_pixel
#pragma once

#include <m2crt/tile.h>

namespace m2crt {

/// The tap tables of one axis; weight is not read where there is one tap.
template <class T>
struct resize_axis {
  const std::int32_t* index;
  const T* weight;
};
template <class T>
resize_axis(const std::int32_t*, const T*) -> resize_axis<T>;

/// One output pixel, all channels from c on: columns first, then rows.
template <class S, class V, class T, class W, class Epilogue>
M2CRT_INLINE void resize_pixel(const T* in, T* out, resize_axis<W> rows, resize_axis<W> columns, idx n, idx oh, idx ow,
                               idx c, const Epilogue& epilogue) {
  constexpr int width = lane_count<V>;
  for (; c + width <= S::channels; c += width) {
    V acc{};
    M2CRT_UNROLL for (idx th = 0; th < S::taps_h; ++th) {
      const T* row = in + rows.index[th] * S::in_row + c;
      V sum{};
      M2CRT_UNROLL for (idx tw = 0; tw < S::taps_w; ++tw) {
        const V pixel = load<V>(row + columns.index[tw] * S::in_pixel);
        if constexpr (S::taps_w == 1)
          sum = pixel;
        else
          sum += splat<V>(columns.weight[tw]) * pixel;
      }
      if constexpr (S::taps_h == 1)
        acc = sum;
      else
        acc += splat<V>(rows.weight[th]) * sum;
    }
    store(out + c, epilogue(acc, n, oh, ow, c));
  }
  if constexpr (S::channels % width != 0)
    if (c < S::channels)
      resize_pixel<S, vec<T, (width > 4 ? width / 2 : 1)>>(in, out, rows, columns, n, oh, ow, c, epilogue);
}

/// out[n, oh, ow, c] = epilogue(sum over the taps of oh and ow of weight * in[n, index_h, index_w, c]).
/// A part has rows of outputs.
template <class S, class T, class W, class Epilogue, class Part = whole>
inline void resize(const T* in, resize_axis<W> rows, resize_axis<W> columns, T* out, const Epilogue& epilogue,
                   Part part = {}) {
  const range own = part.of(S::batch * S::out_h);
  for (idx n = 0; n < S::batch; ++n) {
    const range here = own.clip(n * S::out_h, S::out_h);
    for (idx oh = here.begin; oh < here.end; ++oh)
      for (idx ow = 0; ow < S::out_w; ++ow)
        resize_pixel<S, vec<T>>(in + n * S::in_batch, out + n * S::out_batch + oh * S::out_row + ow * S::out_pixel,
                                resize_axis<W>{rows.index + oh * S::taps_h, rows.weight + oh * S::taps_h},
                                resize_axis<W>{columns.index + ow * S::taps_w, columns.weight + ow * S::taps_w}, n, oh,
                                ow, 0, epilogue);
  }
}

}  // namespace m2crt
