// The different rows of a matrix.
#pragma once

#include <algorithm>

#include "m2crt/vec.h"

namespace m2crt {

/// a < b, with NaN behind all numbers.
template <class T>
inline bool comes_before(T a, T b) {
  return a < b || (a == a && b != b);
}

/// Of x[rows, width]: where each different row first stands, which of them each row is, how often each does, and how
/// many there are; with `sorted` in ascending order, else as they come. NaNs are equal. `order` is scratch.
///   S: rows, width, sorted; rows and width may be members
template <class S, class T>
inline void unique_sized(const S& s, const T* x, std::int64_t* first, std::int64_t* inverse, std::int64_t* counts,
                         std::int64_t* count, std::int64_t* order) {
  auto compare = [&s, x](std::int64_t a, std::int64_t b) {
    for (idx i = 0; i < s.width; ++i) {
      const T p = x[a * s.width + i], q = x[b * s.width + i];
      if (comes_before(p, q)) return -1;
      if (comes_before(q, p)) return 1;
    }
    return 0;
  };
  for (idx i = 0; i < s.rows; ++i) order[i] = i;
  std::sort(order, order + s.rows, [&compare](std::int64_t a, std::int64_t b) {
    const int difference = compare(a, b);
    return difference != 0 ? difference < 0 : a < b;
  });
  idx found = 0;
  for (idx i = 0; i < s.rows; ++i) {
    if (i == 0 || compare(order[i - 1], order[i]) != 0) {
      first[found] = order[i];
      counts[found++] = 0;
    }
    inverse[order[i]] = found - 1;
    ++counts[found - 1];
  }
  *count = found;
  if (S::sorted != 0) return;
  // Renumbered as they come; order[g] is the new number of group g.
  idx next = 0;
  for (idx i = 0; i < s.rows; ++i)
    if (first[inverse[i]] == i) order[inverse[i]] = next++;
  for (idx i = 0; i < s.rows; ++i) inverse[i] = order[inverse[i]];
  for (idx g = 0; g < found; ++g) counts[g] = 0;
  for (idx i = 0; i < s.rows; ++i)
    if (counts[inverse[i]]++ == 0) first[inverse[i]] = i;
}
template <class S, class T>
inline void unique(const T* x, std::int64_t* first, std::int64_t* inverse, std::int64_t* counts, std::int64_t* count,
                   std::int64_t* order) {
  unique_sized(S{}, x, first, inverse, counts, count, order);
}

}  // namespace m2crt
