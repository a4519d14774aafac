// Tables from keys to values.
#pragma once

#include "m2crt/vec.h"

namespace m2crt {

/// y[i] = values[j] where x[i] equals keys[j], else values[keys]. The keys are in ascending order.
///   S: count, keys
template <class S, class K, class V>
inline void look_up(const K* x, const K* keys, const V* values, V* y) {
  for (idx i = 0; i < S::count; ++i) {
    idx first = 0;
    for (idx count = S::keys; count > 0;) {
      const idx half = count / 2;
      const bool right = keys[first + half] < x[i];
      first = right ? first + half + 1 : first;
      count = right ? count - half - 1 : half;
    }
    const bool found = first < S::keys && keys[first] == x[i];
    y[i] = values[found ? first : S::keys];
  }
}

}  // namespace m2crt
