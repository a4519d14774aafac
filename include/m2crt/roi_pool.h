// Maxima over the parts of regions of interest.
#pragma once

#include "m2crt/vec.h"

namespace m2crt {

/// y[r, c, i, j]: the maximum of channel c in part (i, j) of region r, 0 where that is empty. x [batch, channels, h,
/// w]; regions [r]: image, x1, y1, x2, y2, both ends inside, scaled and rounded to pixels.
///   S: batch, channels, h, w, regions, out_h, out_w, scale
template <class S, class T>
inline void max_roi_pool(const T* x, const T* regions, T* y) {
  for (idx r = 0; r < S::regions; ++r) {
    const T* region = regions + r * 5;
    const idx wanted = static_cast<idx>(region[0]);
    const idx image = wanted < 0 ? 0 : wanted < S::batch ? wanted : S::batch - 1;
    const idx left = static_cast<idx>(std::round(region[1] * T(S::scale))),
              top = static_cast<idx>(std::round(region[2] * T(S::scale)));
    const idx right = static_cast<idx>(std::round(region[3] * T(S::scale))),
              bottom = static_cast<idx>(std::round(region[4] * T(S::scale)));
    const idx width = right - left + 1 > 1 ? right - left + 1 : 1, height = bottom - top + 1 > 1 ? bottom - top + 1 : 1;
    const auto clamp = [](idx v, idx high) { return v < 0 ? idx{0} : v < high ? v : high; };
    const T part_h = static_cast<T>(height) / static_cast<T>(S::out_h),
            part_w = static_cast<T>(width) / static_cast<T>(S::out_w);
    for (idx i = 0; i < S::out_h; ++i) {
      const idx first_row = clamp(top + static_cast<idx>(std::floor(static_cast<T>(i) * part_h)), S::h);
      const idx last_row = clamp(top + static_cast<idx>(std::ceil(static_cast<T>(i + 1) * part_h)), S::h);
      for (idx j = 0; j < S::out_w; ++j) {
        const idx first = clamp(left + static_cast<idx>(std::floor(static_cast<T>(j) * part_w)), S::w);
        const idx last = clamp(left + static_cast<idx>(std::ceil(static_cast<T>(j + 1) * part_w)), S::w);
        for (idx c = 0; c < S::channels; ++c) {
          const T* plane = x + (image * S::channels + c) * S::h * S::w;
          bool empty = true;
          T most = 0;
          for (idx row = first_row; row < last_row; ++row)
            for (idx column = first; column < last; ++column) {
              const T value = plane[row * S::w + column];
              most = empty || value > most ? value : most;
              empty = false;
            }
          y[((r * S::channels + c) * S::out_h + i) * S::out_w + j] = most;
        }
      }
    }
  }
}

}  // namespace m2crt
