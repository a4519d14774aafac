// Reductions of elements to one value, of rows to one row, and positions of extremes. What is reduced is a lambda over
// (lanes, i) as in elementwise.h, so that x*x, |x| or exp(x) need no buffer.
#pragma once

#include <cstdint>

#include "m2crt/elementwise.h"

namespace m2crt {

/// combine over f(lanes, i), 0 <= i < N, starting from `identity` (0 for sums, 1 for products, -inf for maxima), which
/// every lane starts with. Four vectors accumulate in turn, so the order is fixed but is not that of a simple loop:
/// `combine` must be associative and commutative, give or take rounding.
template <idx N, class Widest = float, class T, class F, class Combine>
M2CRT_INLINE T vreduce(T identity, F f, Combine combine) {
  constexpr int step = lanes<Widest>;
  using V = vec<T, step>;
  constexpr idx vectors = N / step, quads = vectors / 4 * 4;
  T result = identity;
  if constexpr (vectors > 0) {
    V a = splat<V>(identity);
    if constexpr (quads > 0) {
      V b = a, c = a, d = a;
      for (idx i = 0; i < quads * step; i += 4 * step) {
        a = combine(a, f(lane_tag<step>{}, i));
        b = combine(b, f(lane_tag<step>{}, i + step));
        c = combine(c, f(lane_tag<step>{}, i + 2 * step));
        d = combine(d, f(lane_tag<step>{}, i + 3 * step));
      }
      a = combine(combine(a, b), combine(c, d));
    }
    for (idx i = quads * step; i < vectors * step; i += step) a = combine(a, f(lane_tag<step>{}, i));
    result = fold_lanes(a, combine);
  }
  for (idx i = vectors * step; i < N; ++i) result = combine(result, f(lane_tag<1>{}, i));
  return result;
}

/// The same down the columns: for every i < N, finish(lanes, i, combine over f(lanes, row, i), 0 <= row < Rows). Rows
/// are taken in order; N runs along the vectors.
template <idx Rows, idx N, class Widest = float, class T, class F, class Combine, class Finish>
M2CRT_INLINE void vreduce_rows(T identity, F f, Combine combine, Finish finish) {
  constexpr int step = lanes<Widest>;
  using V = vec<T, step>;
  constexpr idx quads = N / (4 * step) * (4 * step), whole = N / step * step;
  for (idx i = 0; i < quads; i += 4 * step) {
    V a = splat<V>(identity), b = a, c = a, d = a;
    for (idx row = 0; row < Rows; ++row) {
      a = combine(a, f(lane_tag<step>{}, row, i));
      b = combine(b, f(lane_tag<step>{}, row, i + step));
      c = combine(c, f(lane_tag<step>{}, row, i + 2 * step));
      d = combine(d, f(lane_tag<step>{}, row, i + 3 * step));
    }
    finish(lane_tag<step>{}, i, a);
    finish(lane_tag<step>{}, i + step, b);
    finish(lane_tag<step>{}, i + 2 * step, c);
    finish(lane_tag<step>{}, i + 3 * step, d);
  }
  for (idx i = quads; i < whole; i += step) {
    V a = splat<V>(identity);
    for (idx row = 0; row < Rows; ++row) a = combine(a, f(lane_tag<step>{}, row, i));
    finish(lane_tag<step>{}, i, a);
  }
  for (idx i = whole; i < N; ++i) {
    T a = identity;
    for (idx row = 0; row < Rows; ++row) a = combine(a, f(lane_tag<1>{}, row, i));
    finish(lane_tag<1>{}, i, a);
  }
}

/// Both for lengths that only the run knows; the columns may be a range.
template <class Widest = float, class T, class F, class Combine>
M2CRT_INLINE T vreduce(idx n, T identity, F f, Combine combine) {
  constexpr int step = lanes<Widest>;
  using V = vec<T, step>;
  const idx quads = n / (4 * step) * (4 * step), whole = n / step * step;
  V a = splat<V>(identity), b = a, c = a, d = a;
  for (idx i = 0; i < quads; i += 4 * step) {
    a = combine(a, f(lane_tag<step>{}, i));
    b = combine(b, f(lane_tag<step>{}, i + step));
    c = combine(c, f(lane_tag<step>{}, i + 2 * step));
    d = combine(d, f(lane_tag<step>{}, i + 3 * step));
  }
  a = combine(combine(a, b), combine(c, d));
  for (idx i = quads; i < whole; i += step) a = combine(a, f(lane_tag<step>{}, i));
  T result = fold_lanes(a, combine);
  for (idx i = whole; i < n; ++i) result = combine(result, f(lane_tag<1>{}, i));
  return result;
}
template <class Widest = float, class N, class T, class F, class Combine, class Finish>
M2CRT_INLINE void vreduce_rows(idx rows, N n, T identity, F f, Combine combine, Finish finish) {
  vloop<Widest>(n, [&](auto lanes, idx i) {
    auto total = splat(lanes, identity);
    for (idx row = 0; row < rows; ++row) total = combine(total, f(lanes, row, i));
    finish(lanes, i, total);
  });
}

// The usual ways to combine.
struct add_op {
  template <class V>
  M2CRT_INLINE V operator()(V a, V b) const {
    return a + b;
  }
};
struct mul_op {
  template <class V>
  M2CRT_INLINE V operator()(V a, V b) const {
    return a * b;
  }
};
struct max_op {  // NaN wins, as in numpy
  template <class V>
  M2CRT_INLINE V operator()(V a, V b) const {
    return maximum(a, b);
  }
};
struct min_op {
  template <class V>
  M2CRT_INLINE V operator()(V a, V b) const {
    return minimum(a, b);
  }
};

template <idx N, class T>
M2CRT_INLINE T sum(const T* x) {
  return vreduce<N, T>(T{}, [=](auto lanes, idx i) { return load(lanes, x + i); }, add_op{});
}
template <idx N, class T>
M2CRT_INLINE T mean(const T* x) {
  return sum<N>(x) / static_cast<T>(N);
}

// ---- positions of extremes ----------------------------------------------------------------------------------------

// Whether `x` takes the place of `best`: larger, or equal with Last, or the first (last) NaN.
template <bool Max, bool Last, class V>
M2CRT_INLINE mask_of<V> beats(V x, V best) {
  if constexpr (lane_count<V> == 1) {
    if (x != x) return Last || best == best;
    return Max ? (Last ? x >= best : x > best) : (Last ? x <= best : x < best);
  } else {
    auto nan = x != x;
    if constexpr (!Last) nan &= best == best;
    if constexpr (Max)
      return nan | (Last ? x >= best : x > best);
    else
      return nan | (Last ? x <= best : x < best);
  }
}

/// out[i * out_stride] = the row < Rows where x[row * row_stride + i] is largest (Max) or smallest, for 0 <= i < N: the
/// first of equals, or the last. A NaN beats every number. N runs along the vectors.
template <idx Rows, idx N, bool Max, bool Last, class T>
inline void arg_reduce_rows(const T* x, idx row_stride, std::int64_t* out, idx out_stride) {
  auto block = [&](auto lanes, idx i) {
    constexpr int count = decltype(lanes)::count;
    using V = vec<T, count>;
    V best = load<V>(x + i);
    using I = vec<std::int32_t, count>;
    I position{};
    for (idx row = 1; row < Rows; ++row) {
      V v = load<V>(x + row * row_stride + i);
      auto better = beats<Max, Last>(v, best);
      best = where(better, v, best);
      position = where(better, splat<I>(static_cast<std::int32_t>(row)), position);
    }
    if constexpr (count == 1)
      out[i * out_stride] = position;
    else
      for (int j = 0; j < count; ++j) out[(i + j) * out_stride] = position[j];
  };
  vloop<N, std::conditional_t<(sizeof(T) < sizeof(std::int32_t)), std::int32_t, T>>(block);
}

/// The same along contiguous elements: the i < N where x[i] is largest (Max) or smallest.
template <idx N, bool Max, bool Last, class T>
inline std::int64_t arg_reduce(const T* x) {
  constexpr int step = lanes<T>;
  T best = x[0];
  idx at = 0;
  constexpr bool vectors = sizeof(T) == sizeof(std::int32_t) && N >= 2 * step;
  constexpr idx whole = vectors ? N - N % step : 1;
  if constexpr (vectors) {  // every lane keeps its own best; they are compared at the end
    using V = vec<T, step>;
    using I = vec<std::int32_t, step>;
    V bests = load<V>(x);
    I positions{}, block{};
    for (idx i = step; i < whole; i += step) {
      block += 1;
      V v = load<V>(x + i);
      auto better = beats<Max, Last>(v, bests);
      bests = select(better, v, bests);
      positions = select(better, block, positions);
    }
    best = bests[0];
    at = positions[0] * idx{step};
    for (int j = 1; j < step; ++j) {
      T v = bests[j];
      idx p = positions[j] * idx{step} + j;
      bool earlier = Last ? p > at : p < at;
      // Among equals (both NaN counts as equal) the position decides.
      if (beats<Max, false, T>(v, best) || (earlier && !beats<Max, false, T>(best, v))) best = v, at = p;
    }
  }
  for (idx i = whole; i < N; ++i)
    if (beats<Max, Last, T>(x[i], best)) best = x[i], at = i;
  return at;
}

}  // namespace m2crt
