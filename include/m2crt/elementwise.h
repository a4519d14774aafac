// Loops over elements and the scalar operations of fused expressions. An expression is written once, as a lambda over
// (lanes, i): `lanes` says how many consecutive elements, starting at i, to compute, so the same text serves the vector
// body and the scalar tail:
//
//   vloop<1000>([&](auto lanes, idx i) {
//     auto x = load(lanes, a + i);
//     store(out + i, relu(x + load(lanes, b + i)));
//   });
//
// Booleans are bytes (0 or 1) in memory and masks in expressions: what comparisons give and where() takes.
#pragma once

#include <cstdint>
#include <limits>

#include "m2crt/math.h"
#include "m2crt/part.h"

namespace m2crt {

/// A count of lanes as a type.
template <int N>
struct lane_tag {
  static constexpr int count = N;
};

/// f(lane_tag, i) over 0 <= i < N: vectors of Step lanes, then single elements.
template <idx N, int Step, class F>
M2CRT_INLINE void vloop_by(F f) {
  constexpr idx whole = N - N % Step;
  for (idx i = 0; i < whole; i += Step) f(lane_tag<Step>{}, i);
  for (idx i = whole; i < N; ++i) f(lane_tag<1>{}, i);
}

/// f(lane_tag, i) over 0 <= i < N: full vectors, then single elements. Widest is the widest element type that f
/// touches: a vector holds as many lanes as a register holds of those.
template <idx N, class Widest = float, class F>
M2CRT_INLINE void vloop(F f) {
  vloop_by<N, lanes<Widest>>(f);
}

/// The same with a length known only at run time.
template <class Widest = float, class F>
M2CRT_INLINE void vloop(idx n, F f) {
  constexpr int step = lanes<Widest>;
  const idx whole = n - n % step;
  for (idx i = 0; i < whole; i += step) f(lane_tag<step>{}, i);
  for (idx i = whole; i < n; ++i) f(lane_tag<1>{}, i);
}

/// The same for a range, full vectors from its beginning on.
template <class Widest = float, class F>
M2CRT_INLINE void vloop(range over, F f) {
  vloop<Widest>(over.end - over.begin, [&](auto lanes, idx i) { f(lanes, over.begin + i); });
}

template <int N, class T>
M2CRT_INLINE vec<T, N> load(lane_tag<N>, const T* p) {
  return load<vec<T, N>>(p);
}
template <int N, class T>
M2CRT_INLINE vec<T, N> load_strided(lane_tag<N>, const T* p, idx stride) {
  return load_strided<vec<T, N>>(p, stride);
}
template <int N, class T>
M2CRT_INLINE vec<T, N> splat(lane_tag<N>, T x) {
  return splat<vec<T, N>>(x);
}
/// x, x + step, x + 2 step, ...
template <int N, class T>
M2CRT_INLINE vec<T, N> iota(lane_tag<N>, T x, T step = 1) {
  vec<T, N> v = splat<vec<T, N>>(x);
  if constexpr (N > 1)
    for (int i = 0; i < N; ++i) v[i] = static_cast<T>(x + static_cast<T>(i) * step);
  return v;
}
/// Lane i goes to p[i * stride].
template <class V>
M2CRT_INLINE void store_strided(lane_type<V>* p, V v, idx stride) {
  if constexpr (lane_count<V> == 1)
    *p = v;
  else
    for (int i = 0; i < lane_count<V>; ++i) p[i * stride] = v[i];
}

// ---- masks --------------------------------------------------------------------------------------------------------

/// Any truth value as a mask for V: a mask of lanes of another width, or bytes (false = 0).
template <class V, class M>
M2CRT_INLINE mask_of<V> as_mask(M m) {
  static_assert(lane_count<M> == lane_count<V>);
  if constexpr (lane_count<V> == 1)
    return m != 0;
  else if constexpr (sizeof(M) == sizeof(V))
    return bit_cast<mask_of<V>>(m != 0);
  else
    return __builtin_convertvector(m, mask_of<V>) != 0;
}

/// A mask as bytes, 1 where true.
template <class M>
M2CRT_INLINE rebind<M, std::uint8_t> as_bytes(M m) {
  if constexpr (lane_count<M> == 1)
    return m != 0;
  else
    return __builtin_convertvector(m, rebind<M, std::uint8_t>) & 1;
}

/// m ? a : b by lane, for a mask of any width.
template <class M, class V>
M2CRT_INLINE V where(M m, V a, V b) {
  return as_mask<V>(m) ? a : b;
}

/// Where m is false. (`!` of a vector is not the same thing in every compiler.)
template <class M>
M2CRT_INLINE auto mask_not(M m) {
  return m == M{};
}

template <class V>
M2CRT_INLINE mask_of<V> is_nan(V x) {
  return x != x;
}
template <class V>
M2CRT_INLINE mask_of<V> is_inf(V x) {
  return abs(x) == std::numeric_limits<lane_type<V>>::infinity();
}
/// Neither is NaN.
template <class V>
M2CRT_INLINE mask_of<V> ordered(V a, V b) {
  if constexpr (lane_count<V> == 1)
    return a == a && b == b;
  else
    return (a == a) & (b == b);
}
template <class V>
M2CRT_INLINE mask_of<V> unordered(V a, V b) {
  return mask_not(ordered(a, b));
}

// ---- operations ---------------------------------------------------------------------------------------------------

/// The larger; NaN where either is NaN.
template <class V>
M2CRT_INLINE V maximum(V a, V b) {
  if constexpr (is_floating<V>)
    return select(a != a, a, max(a, b));  // max() gives b where b is NaN
  else
    return a > b ? a : b;
}
/// The smaller; NaN where either is NaN.
template <class V>
M2CRT_INLINE V minimum(V a, V b) {
  if constexpr (is_floating<V>)
    return select(a != a, a, min(a, b));
  else
    return a < b ? a : b;
}
/// The larger; the other one where one is NaN.
template <class V>
M2CRT_INLINE V max_num(V a, V b) {
  return select(b != b, a, max(a, b));
}
/// The smaller; the other one where one is NaN.
template <class V>
M2CRT_INLINE V min_num(V a, V b) {
  return select(b != b, a, min(a, b));
}

/// max(x, 0), NaN kept.
template <class V>
M2CRT_INLINE V relu(V x) {
  return max(V{}, x);
}

/// Lane-wise value conversion to lanes of T: float to integer truncates, anything to bool is x != 0.
template <class T, class V>
M2CRT_INLINE rebind<V, T> cast(V x) {
  if constexpr (std::is_same_v<T, bool>) {
    return x != 0;
  } else if constexpr (lane_count<V> == 1) {
    return static_cast<T>(x);
  } else {
#if defined(__AVX512F__)
    // gcc 12 converts 8-bit lanes to 32-bit ones element by element. (maskz: its unmasked AVX-512 intrinsics warn.)
    if constexpr (is_vec<V, std::int8_t, 16> && sizeof(T) == 4)
      return convert<rebind<V, T>>(
          bit_cast<rebind<V, std::int32_t>>(_mm512_maskz_cvtepi8_epi32(0xffff, bit_cast<__m128i>(x))));
    if constexpr (is_vec<V, std::uint8_t, 16> && sizeof(T) == 4)
      return convert<rebind<V, T>>(
          bit_cast<rebind<V, std::int32_t>>(_mm512_maskz_cvtepu8_epi32(0xffff, bit_cast<__m128i>(x))));
#endif
#if defined(__AVX2__)
    if constexpr (is_vec<V, std::int8_t, 8> && sizeof(T) == 4)
      return convert<rebind<V, T>>(
          bit_cast<rebind<V, std::int32_t>>(_mm256_cvtepi8_epi32(_mm_cvtsi64_si128(bit_cast<std::int64_t>(x)))));
    if constexpr (is_vec<V, std::uint8_t, 8> && sizeof(T) == 4)
      return convert<rebind<V, T>>(
          bit_cast<rebind<V, std::int32_t>>(_mm256_cvtepu8_epi32(_mm_cvtsi64_si128(bit_cast<std::int64_t>(x)))));
#endif
    return convert<rebind<V, T>>(x);
  }
}

/// Integer quotient rounded down (towards minus infinity) rather than towards zero.
template <class V>
M2CRT_INLINE V floor_div(V a, V b) {
  V q = a / b, zero{};
  V one = splat<V>(1);
  if constexpr (lane_count<V> == 1)
    return (q * b != a && (a < 0) != (b < 0)) ? static_cast<V>(q - 1) : q;
  else
    return select((q * b != a) & ((a ^ b) < zero), q - one, q);
}

/// The remainder with the sign of the dividend, as C's.
template <class V>
M2CRT_INLINE V fmod(V a, V b) {
  if constexpr (is_floating<V>)
    return map_lanes(a, b, [](auto x, auto y) { return std::fmod(x, y); });
  else
    return static_cast<V>(a % b);
}

}  // namespace m2crt
