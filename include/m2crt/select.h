// Positions of elements.
#pragma once

#include "m2crt/vec.h"

namespace m2crt {

/// y[rank, count]: the indices of the elements of x that are not 0, in row-major order; dims are the extents of x.
///   S: elements, rank, count; elements and count may be members
template <class S>
inline void nonzero_sized(const S& s, const std::uint8_t* x, const std::int64_t* dims, std::int64_t* y) {
  std::int64_t at[S::rank] = {};
  idx found = 0;
  for (idx i = 0; i < s.elements; ++i) {
    if (x[i] != 0 && found < s.count) {
      for (idx d = 0; d < S::rank; ++d) y[d * s.count + found] = at[d];
      ++found;
    }
    for (idx d = S::rank - 1; d >= 0; --d) {
      if (++at[d] < dims[d]) break;
      at[d] = 0;
    }
  }
}
template <class S>
inline void nonzero(const std::uint8_t* x, const std::int64_t* dims, std::int64_t* y) {
  nonzero_sized(S{}, x, dims, y);
}

}  // namespace m2crt
