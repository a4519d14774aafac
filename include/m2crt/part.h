// The part of a kernel's work that one thread does. A kernel takes one behind its other arguments and computes only
// those of its outputs: each is computed by one part, by the same operations as without parts, so that results are the
// same bits however many there are. Parts may run at the same time and in any order.
#pragma once

#include <m2crt/vec.h>

namespace m2crt {

/// Units begin <= i < end of some work.
struct range {
  idx begin, end;
  /// Those of the `size` units from `first` on, counted from there.
  constexpr range clip(idx first, idx size) const {
    return {begin > first ? begin - first : 0, end - first < size ? end - first : size};
  }
};

/// All of the work: what kernels do unless they are given a part.
struct whole {
  static constexpr bool is_whole = true;
  constexpr range of(idx units) const { return {0, units}; }
  constexpr range of(idx size, idx) const { return {0, size}; }
};

/// Part `index` of `count`.
struct part {
  static constexpr bool is_whole = false;
  idx index = 0, count = 1;
  /// Its share of `units`; none where there are fewer units than parts before it.
  constexpr range of(idx units) const { return {units * index / count, units * (index + 1) / count}; }
  /// Its share of `size` elements, beginning and ending at multiples of `unit` or at the end.
  constexpr range of(idx size, idx unit) const {
    const range units = of((size + unit - 1) / unit);
    return {units.begin * unit, units.end * unit < size ? units.end * unit : size};
  }
};

}  // namespace m2crt
