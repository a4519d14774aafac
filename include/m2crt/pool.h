// Pooling on channels-last tensors. Windows are clipped to the input, whose border holds no padding.
//
// A traits struct S gives the shape; strides are in elements:
//   batch, in_h, in_w, out_h, out_w, channels
//   kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w
//   pad_top, pad_left, pad_bottom, pad_right
//   in_batch, in_row, in_pixel, out_batch, out_row, out_pixel
//
// `epilogue(acc, n, oh, ow, c)` finishes consecutive channels that start at c, or one channel in the last few.
// Rounding up (ceil_mode) is a larger out_h or out_w: windows may reach past the bottom and right padding.
#pragma once

#include <m2crt/tile.h>

#include <limits>

namespace m2crt {

/// The part of a window's taps that lies inside an axis of `size`, for a window that starts at `start`.
struct tap_range {
  idx begin, end;
  constexpr tap_range(idx start, idx taps, idx dilation, idx size)
      : begin(start < 0 ? (-start + dilation - 1) / dilation : 0),
        end(start + (taps - 1) * dilation < size ? taps : (size - start + dilation - 1) / dilation) {
    if (end < begin) end = begin;
  }
  constexpr idx count() const { return end - begin; }
};

/// The largest of a window; NaNs may be lost.
struct max_fold {
  template <class V>
  static M2CRT_INLINE V first() {
    using limits = std::numeric_limits<lane_type<V>>;
    return splat<V>(limits::has_infinity ? -limits::infinity() : limits::lowest());
  }
  template <class V>
  static M2CRT_INLINE V fold(V acc, V x) {
    return max(acc, x);
  }
  template <class V>
  static M2CRT_INLINE V finish(V acc, lane_type<V>) {
    return acc;
  }
};

/// The mean of a window, summed row by row.
struct mean_fold {
  template <class V>
  static M2CRT_INLINE V first() {
    return V{};
  }
  template <class V>
  static M2CRT_INLINE V fold(V acc, V x) {
    return acc + x;
  }
  template <class V>
  static M2CRT_INLINE V finish(V acc, lane_type<V> count) {
    return acc / splat<V>(count);
  }
};

/// One output pixel: folds rows x columns of taps around `window`, all channels from `c` on. Whole: the window is not
/// clipped, and the tap loops have constant trip counts.
template <class S, class Fold, bool Whole, class V, class T, class Epilogue>
M2CRT_INLINE void pool_pixel(const T* window, T* out, tap_range rows, tap_range columns, T count, idx n, idx oh, idx ow,
                             idx c, const Epilogue& epilogue) {
  constexpr int width = lane_count<V>;
  for (; c + width <= S::channels; c += width) {
    V acc = Fold::template first<V>();
    const T* at = window + c;
    if constexpr (Whole && S::kernel_h * S::kernel_w <= 25) {
      M2CRT_UNROLL for (idx kh = 0; kh < S::kernel_h; ++kh) M2CRT_UNROLL for (idx kw = 0; kw < S::kernel_w; ++kw) acc =
          Fold::fold(acc, load<V>(at + kh * S::dilation_h * S::in_row + kw * S::dilation_w * S::in_pixel));
    } else {
      for (idx kh = rows.begin; kh < rows.end; ++kh)
        for (idx kw = columns.begin; kw < columns.end; ++kw)
          acc = Fold::fold(acc, load<V>(at + kh * S::dilation_h * S::in_row + kw * S::dilation_w * S::in_pixel));
    }
    store(out + c, epilogue(Fold::finish(acc, count), n, oh, ow, c));
  }
  if constexpr (S::channels % width != 0)
    if (c < S::channels)
      pool_pixel<S, Fold, Whole, vec<T, (width > 4 ? width / 2 : 1)>>(window, out, rows, columns, count, n, oh, ow, c,
                                                                      epilogue);
}

/// Visits every window, of a part those of its rows; CountPadding: the mean counts the taps in the padding, but none
/// beyond it.
template <class S, class Fold, bool CountPadding, class T, class Epilogue, class Part>
inline void pool(const T* in, T* out, const Epilogue& epilogue, Part part) {
  const range own = part.of(S::batch * S::out_h);
  for (idx n = 0; n < S::batch; ++n) {
    const range here = own.clip(n * S::out_h, S::out_h);
    for (idx oh = here.begin; oh < here.end; ++oh) {
      const idx top = oh * S::stride_h - S::pad_top;
      const tap_range rows(top, S::kernel_h, S::dilation_h, S::in_h);
      const tap_range padded_rows(top + S::pad_top, S::kernel_h, S::dilation_h, S::pad_top + S::in_h + S::pad_bottom);
      for (idx ow = 0; ow < S::out_w; ++ow) {
        const idx left = ow * S::stride_w - S::pad_left;
        const tap_range columns(left, S::kernel_w, S::dilation_w, S::in_w);
        const tap_range padded_columns(left + S::pad_left, S::kernel_w, S::dilation_w,
                                       S::pad_left + S::in_w + S::pad_right);
        const idx count = CountPadding ? padded_rows.count() * padded_columns.count() : rows.count() * columns.count();
        // May point before the input where the window is clipped; only the taps inside are read.
        const T* window = in + (n * S::in_batch + top * S::in_row + left * S::in_pixel);
        T* to = out + n * S::out_batch + oh * S::out_row + ow * S::out_pixel;
        if (rows.count() == S::kernel_h && columns.count() == S::kernel_w)
          pool_pixel<S, Fold, true, vec<T>>(window, to, rows, columns, T(count), n, oh, ow, 0, epilogue);
        else
          pool_pixel<S, Fold, false, vec<T>>(window, to, rows, columns, T(count), n, oh, ow, 0, epilogue);
      }
    }
  }
}

/// out = epilogue(max over the window); -infinity for a window with no tap inside.
template <class S, class T, class Epilogue, class Part = whole>
inline void max_pool(const T* in, T* out, const Epilogue& epilogue, Part part = {}) {
  pool<S, max_fold, false>(in, out, epilogue, part);
}

/// out = epilogue(sum over the window / taps), taps inside the input only or, with S::count_include_pad, also those in
/// the padding.
template <class S, class T, class Epilogue, class Part = whole>
inline void average_pool(const T* in, T* out, const Epilogue& epilogue, Part part = {}) {
  pool<S, mean_fold, S::count_include_pad>(in, out, epilogue, part);
}

/// Channels [c, S::channels) of one image: NV vectors at a time, whose independent chains hide the latency of the fold;
/// each image row is folded on its own first, which halves the digits that a long sum loses.
template <class S, class Fold, class V, int NV, class T, class Epilogue>
M2CRT_INLINE idx global_channels(const T* in, T* out, idx n, idx c, const Epilogue& epilogue) {
  constexpr int width = lane_count<V>;
  for (; c + NV * width <= S::channels; c += NV * width) {
    V acc[NV];
    M2CRT_UNROLL for (int v = 0; v < NV; ++v) acc[v] = Fold::template first<V>();
    for (idx h = 0; h < S::in_h; ++h) {
      V row[NV];
      M2CRT_UNROLL for (int v = 0; v < NV; ++v) row[v] = Fold::template first<V>();
      const T* pixel = in + h * S::in_row + c;
      for (idx w = 0; w < S::in_w; ++w, pixel += S::in_pixel)
        M2CRT_UNROLL for (int v = 0; v < NV; ++v) row[v] = Fold::fold(row[v], load<V>(pixel + v * width));
      M2CRT_UNROLL for (int v = 0; v < NV; ++v) acc[v] = Fold::fold(acc[v], row[v]);
    }
    M2CRT_UNROLL for (int v = 0; v < NV; ++v) store(
        out + c + v * width, epilogue(Fold::finish(acc[v], T(S::in_h * S::in_w)), n, idx{0}, idx{0}, c + v * width));
  }
  return c;
}

template <class S, class Fold, class T, class Epilogue>
inline void global_pool(const T* in, T* out, const Epilogue& epilogue) {
  for (idx n = 0; n < S::batch; ++n, in += S::in_batch, out += S::out_batch) {
    idx c = global_channels<S, Fold, vec<T>, 4>(in, out, n, 0, epilogue);
    c = global_channels<S, Fold, vec<T>, 1>(in, out, n, c, epilogue);
    global_channels<S, Fold, T, 1>(in, out, n, c, epilogue);
  }
}

/// Over the whole plane of each channel; S needs batch, in_h, in_w, channels and the strides in_* and out_batch.
template <class S, class T, class Epilogue>
inline void global_average_pool(const T* in, T* out, const Epilogue& epilogue) {
  global_pool<S, mean_fold>(in, out, epilogue);
}

template <class S, class T, class Epilogue>
inline void global_max_pool(const T* in, T* out, const Epilogue& epilogue) {
  global_pool<S, max_fold>(in, out, epilogue);
}

}  // namespace m2crt
