// Borders of buffers whose interior others write.
#pragma once

#include <limits>

#include "m2crt/vec.h"

namespace m2crt {

// Whether the dimensions of S from D on lie in one run.
template <class S, int D>
constexpr bool is_run() {
  idx expected = 1;
  for (int d = static_cast<int>(S::rank) - 1; d >= D; --d) {
    if (S::extent[d] != 1 && S::stride[d] != expected) return false;
    expected *= S::extent[d];
  }
  return true;
}

template <class S, int D>
constexpr idx count_from() {
  idx count = 1;
  for (int d = D; d < S::rank; ++d) count *= S::extent[d];
  return count;
}

template <class S, int D>
constexpr bool has_border() {
  for (int d = D; d < S::rank; ++d)
    if (S::low[d] + S::high[d] != 0) return true;
  return false;
}

/// Every element of the dimensions from D on = value.
template <class S, int D, class T>
inline void fill_all(T* y, T value) {
  if constexpr (is_run<S, D>()) {
    for (idx i = 0; i < count_from<S, D>(); ++i) y[i] = value;
  } else {
    for (idx i = 0; i < S::extent[D]; ++i) fill_all<S, D + 1>(y + i * S::stride[D], value);
  }
}

/// The border of y = value: the first low[d] and the last high[d] positions of each dimension d; the interior stays as
/// it is. S has rank, extent[], stride[] (in elements), low[] and high[].
template <class S, int D = 0, class T>
inline void pad_border(T* y, T value) {
  if constexpr (has_border<S, D>()) {
    for (idx i = 0; i < S::low[D]; ++i) fill_all<S, D + 1>(y + i * S::stride[D], value);
    for (idx i = S::low[D]; i < S::extent[D] - S::high[D]; ++i) pad_border<S, D + 1>(y + i * S::stride[D], value);
    for (idx i = S::extent[D] - S::high[D]; i < S::extent[D]; ++i) fill_all<S, D + 1>(y + i * S::stride[D], value);
  }
}

}  // namespace m2crt
