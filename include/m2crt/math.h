// Elementary functions over vectors of lanes and over scalars, with the same arithmetic for both. For float32 they are
// polynomials and rationals with the stated error (ULP = units in the last place of the float32 result, measured
// against double with FMA); every one is right for NaN, infinities, zeros and denormals unless it says otherwise. Other
// element types go through libm, lane by lane.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

#include "m2crt/vec.h"

namespace m2crt {

/// What a comparison of two V gives: bool for a scalar, else a vector of signed integers, all ones where true.
template <class V>
using mask_of = decltype(V{} < V{});

template <class V>
inline constexpr bool is_float32 = std::is_same_v<lane_type<V>, float>;

template <class V>
inline constexpr bool is_floating = std::is_floating_point_v<lane_type<V>>;

/// f of every lane, one at a time: for the functions that only libm has.
template <class V, class F>
M2CRT_INLINE V map_lanes(V x, F f) {
  if constexpr (lane_count<V> == 1) {
    return f(x);
  } else {
    for (int i = 0; i < lane_count<V>; ++i) x[i] = f(x[i]);
    return x;
  }
}
template <class V, class F>
M2CRT_INLINE V map_lanes(V x, V y, F f) {
  if constexpr (lane_count<V> == 1) {
    return f(x, y);
  } else {
    for (int i = 0; i < lane_count<V>; ++i) x[i] = f(x[i], y[i]);
    return x;
  }
}

/// Whether any lane of a mask is true.
template <class M>
M2CRT_INLINE bool any_lane(M m) {
  if constexpr (lane_count<M> == 1) {
    return m;
  } else {
#if defined(__AVX__)
    if constexpr (sizeof(M) == 32) return _mm256_movemask_epi8(bit_cast<__m256i>(m)) != 0;
#endif
    return fold_lanes(m, [](auto a, auto b) { return a | b; }) != 0;
  }
}

/// c0 + c1 x + c2 x^2 + ..., by Horner's rule.
template <class V>
M2CRT_INLINE V polynomial(V, lane_type<V> c0) {
  return splat<V>(c0);
}
template <class V, class... C>
M2CRT_INLINE V polynomial(V x, lane_type<V> c0, C... rest) {
  return mul_add(x, polynomial(x, rest...), splat<V>(c0));
}

template <class V>
M2CRT_INLINE rebind<V, std::uint32_t> float_bits(V x) {
  return bit_cast<rebind<V, std::uint32_t>>(x);
}

// ---- exact functions ----------------------------------------------------------------------------------------------

template <class V>
M2CRT_INLINE V abs(V x) {
  if constexpr (is_float32<V>)
    return bit_cast<V>(float_bits(x) & 0x7fffffffu);
  else if constexpr (is_floating<V>)
    return map_lanes(x, [](auto v) { return std::fabs(v); });
  else if constexpr (std::is_unsigned_v<lane_type<V>>)
    return x;
  else
    return x < 0 ? -x : x;
}

/// The magnitude of x with the sign of s.
template <class V>
M2CRT_INLINE V copysign(V x, V s) {
  if constexpr (is_float32<V>)
    return bit_cast<V>((float_bits(x) & 0x7fffffffu) | (float_bits(s) & 0x80000000u));
  else
    return map_lanes(x, s, [](auto a, auto b) { return std::copysign(a, b); });
}

template <class V>
M2CRT_INLINE V sqrt(V x) {
#if defined(__AVX512F__)
  if constexpr (is_vec<V, float, 16>) return _mm512_maskz_sqrt_ps(0xffff, x);
  if constexpr (is_vec<V, double, 8>) return _mm512_maskz_sqrt_pd(0xff, x);
#endif
#if defined(__AVX__)
  if constexpr (is_vec<V, float, 8>) return _mm256_sqrt_ps(x);
  if constexpr (is_vec<V, double, 4>) return _mm256_sqrt_pd(x);
#endif
#if defined(__SSE2__)
  if constexpr (is_vec<V, float, 4>) return _mm_sqrt_ps(x);
  if constexpr (is_vec<V, double, 2>) return _mm_sqrt_pd(x);
#endif
  return map_lanes(x, [](auto v) { return std::sqrt(v); });
}

/// 1 / sqrt(x), both correctly rounded (1 ULP in all).
template <class V>
M2CRT_INLINE V rsqrt(V x) {
  return splat<V>(1) / sqrt(x);
}

/// x between low and high, NaN kept.
template <class V>
M2CRT_INLINE V clamp(V x, lane_type<V> low, lane_type<V> high) {
  return min(splat<V>(high), max(splat<V>(low), x));
}

/// To the nearest integer, halves to even.
template <class V>
M2CRT_INLINE V round_even(V x) {
#if defined(__AVX512F__)
  if constexpr (is_vec<V, float, 16>) return _mm512_maskz_roundscale_ps(0xffff, x, _MM_FROUND_TO_NEAREST_INT);
#endif
#if defined(__AVX__)
  if constexpr (is_vec<V, float, 8>) return _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
#endif
#if defined(__SSE4_1__)
  if constexpr (is_vec<V, float, 4>) return _mm_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
#endif
  if constexpr (is_float32<V>) {
    constexpr float shift = 0x1p23f;  // floats from here on are integers
    V magnitude = abs(x);
    return select(magnitude < shift, copysign((magnitude + shift) - shift, x), x);
  } else {
    return map_lanes(x, [](auto v) { return std::nearbyint(v); });
  }
}

/// x rounded to the nearest integer, halves to even, and clipped to [low, high] (integers that I has; low for NaN).
template <class I, class V>
M2CRT_INLINE rebind<V, I> quantize(V x, lane_type<V> low, lane_type<V> high) {
  x = min(max(x, splat<V>(low)), splat<V>(high));
  if constexpr (!is_float32<V> || lane_count<V> == 1) {
    return convert<rebind<V, I>>(round_even(x));
  } else {
    // What converts floats to integers rounds to even by itself.
    using W = rebind<V, std::int32_t>;
#if defined(__AVX512F__)
    if constexpr (is_vec<V, float, 16>) {
      const __m512i wide = _mm512_maskz_cvtps_epi32(0xffff, x);
      if constexpr (sizeof(I) == 2) return bit_cast<rebind<V, I>>(_mm512_maskz_cvtepi32_epi16(0xffff, wide));
      if constexpr (sizeof(I) == 1) return bit_cast<rebind<V, I>>(_mm512_maskz_cvtepi32_epi8(0xffff, wide));
      if constexpr (sizeof(I) == 4) return bit_cast<rebind<V, I>>(wide);
    }
#endif
#if defined(__AVX2__)
    if constexpr (is_vec<V, float, 8>) {
      const __m256i wide = _mm256_cvtps_epi32(x);
      if constexpr (sizeof(I) == 4) return bit_cast<rebind<V, I>>(wide);
      const __m128i half = _mm_packs_epi32(_mm256_castsi256_si128(wide), _mm256_extracti128_si256(wide, 1));
      if constexpr (sizeof(I) == 2) return bit_cast<rebind<V, I>>(half);
      if constexpr (sizeof(I) == 1)
        return bit_cast<rebind<V, I>>(
            _mm_cvtsi128_si64(std::is_signed_v<I> ? _mm_packs_epi16(half, half) : _mm_packus_epi16(half, half)));
    }
#endif
#if defined(__SSE2__)
    if constexpr (is_vec<V, float, 4>) {
      const __m128i wide = _mm_cvtps_epi32(x);
      return convert<rebind<V, I>>(bit_cast<W>(wide));
    }
#endif
    return convert<rebind<V, I>>(convert<W>(round_even(x)));
  }
}

template <class V>
M2CRT_INLINE V floor(V x) {
  if constexpr (is_float32<V>) {
    V r = round_even(x);
    return copysign(select(r > x, r - 1.0f, r), x);
  } else {
    return map_lanes(x, [](auto v) { return std::floor(v); });
  }
}

template <class V>
M2CRT_INLINE V ceil(V x) {
  if constexpr (is_float32<V>) {
    V r = round_even(x);
    return copysign(select(r < x, r + 1.0f, r), x);
  } else {
    return map_lanes(x, [](auto v) { return std::ceil(v); });
  }
}

/// Towards zero.
template <class V>
M2CRT_INLINE V trunc(V x) {
  return copysign(floor(abs(x)), x);
}

/// To the nearest integer, halves away from zero.
template <class V>
M2CRT_INLINE V round(V x) {
  V magnitude = abs(x), r = floor(magnitude);
  return copysign(select(magnitude - r >= 0.5f, r + 1.0f, r), x);
}

/// -1, 0 or 1; x itself where it is 0 or NaN.
template <class V>
M2CRT_INLINE V sign(V x) {
  V one = splat<V>(1), zero{};
  if constexpr (std::is_unsigned_v<lane_type<V>>)
    return select(x > zero, one, x);
  else
    return select(x > zero, one, select(x < zero, static_cast<V>(zero - one), x));
}

// ---- exponentials -------------------------------------------------------------------------------------------------

// Sign * x = n ln(2) + Sign * r with |r| <= ln(2) / 2. Adding a large number leaves n, biased by 126, in the low bits
// of `biased`: they become the exponent of 2^(n-1) by one shift. (Not 2^n, which overflows one n before the result
// does.)
template <class V>
struct exp_parts {
  V n, r;
  rebind<V, std::uint32_t> biased;
};
template <int Sign = 1, class V>
M2CRT_INLINE exp_parts<V> split_exp(V x) {
  constexpr float shift = 0x1.8p23f + 126;
  V t = mul_add(x, splat<V>(Sign * 1.44269504f), splat<V>(shift));
  V n = t - shift;
  V r = mul_add(n, splat<V>(Sign * -0.693359375f), x);
  r = mul_add(n, splat<V>(Sign * 2.12194440e-4f), r);
  return {n, r, float_bits(t)};
}

// 2 exp(Sign * r) for |r| <= ln(2) / 2, relative error 3e-9. The small terms go in pairs, for their latency.
template <int Sign = 1, class V>
M2CRT_INLINE V twice_exp_poly(V r) {
  V r2 = r * r;
  V small =
      mul_add(r2, splat<V>(2 * 1.381446491e-03f), polynomial(r, 2 * 4.166839272e-02f, Sign * 2 * 8.368780836e-03f));
  small = mul_add(r2, small, polynomial(r, 2 * 4.999999404e-01f, Sign * 2 * 1.666651964e-01f));
  return mul_add(r, mul_add(r, small, splat<V>(Sign * 2.0f)), splat<V>(2.0f));
}

// exp(Sign * x) for -87.4 <= Sign * x <= 89.5.
template <int Sign, class V>
M2CRT_INLINE V exp_bounded(V x) {
  auto [n, r, biased] = split_exp<Sign>(x);
  return twice_exp_poly<Sign>(r) * bit_cast<V>(biased << 23);
}

/// exp(x) to 1.3 ULP (0.9 with FMA), in 13 instructions; results below 1.7e-38 are 0. This is the one for softmax,
/// sigmoid and the like.
template <class V>
M2CRT_INLINE V exp_flushed(V x) {
  if constexpr (is_float32<V>) {
    return exp_bounded<1>(clamp(x, -87.4f, 89.5f));
  } else {
    return map_lanes(x, [](auto v) { return std::exp(v); });
  }
}

/// exp(x) to 1.3 ULP (0.9 with FMA), denormal results included.
template <class V>
M2CRT_INLINE V exp(V x) {
  if constexpr (is_float32<V>) {
    x = clamp(x, -104.5f, 89.5f);
    auto [n, r, biased] = split_exp(x);
    using U = decltype(biased);
    auto tiny = x < splat<V>(-86.0f);
    U scale = bit_cast<U>(select(tiny, bit_cast<V>(biased + 64u), bit_cast<V>(biased))) << 23;
    return twice_exp_poly(r) * bit_cast<V>(scale) * select(tiny, splat<V>(0x1p-64f), splat<V>(1.0f));
  } else {
    return map_lanes(x, [](auto v) { return std::exp(v); });
  }
}

/// 2^x, as exp(x ln 2): 1.1 ULP for |x| <= 1, up to 64 ULP at |x| = 127.
template <class V>
M2CRT_INLINE V exp2(V x) {
  if constexpr (is_float32<V>)
    return exp(x * 0.693147181f);
  else
    return map_lanes(x, [](auto v) { return std::exp2(v); });
}

/// exp(x) - 1 to 1.5 ULP, also for small x.
template <class V>
M2CRT_INLINE V expm1(V x) {
  if constexpr (is_float32<V>) {
    V bounded = clamp(x, -87.4f, 89.0f);
    auto [n, r, biased] = split_exp(bounded);
    V q = mul_add(r * r,
                  polynomial(r, 5.000000000e-01f, 1.666666567e-01f, 4.166635871e-02f, 8.333389647e-03f,
                             1.394072082e-03f, 1.984588453e-04f),
                  r);
    V half = bit_cast<V>(biased << 23);
    V y = mul_add(half, q, half - 0.5f);
    return select(x == V{}, x, y + y);
  } else {
    return map_lanes(x, [](auto v) { return std::expm1(v); });
  }
}

/// 1 / (1 + exp(-x)) to 2.5 ULP.
template <class V>
M2CRT_INLINE V sigmoid(V x) {
  V one = splat<V>(1);
  if constexpr (is_float32<V>)
    return one / (one + exp_bounded<-1>(clamp(x, -89.5f, 87.4f)));
  else
    return one / (one + exp_flushed(-x));
}

// tanh(x) = numerator / denominator for a bounded |x| <= 9.02, where tanh is 1 in float32. Relative error 2e-8.
template <class V>
struct ratio {
  V numerator, denominator;
};
template <class V>
M2CRT_INLINE ratio<V> tanh_ratio(V x) {
  x = clamp(x, -9.02f, 9.02f);
  V u = x * x, u2 = u * u;
  auto quartic = [&](float c0, float c1, float c2, float c3, float c4) {
    return mul_add(u2, mul_add(u2, splat<V>(c4), polynomial(u, c2, c3)), polynomial(u, c0, c1));
  };
  return {x * quartic(1.0f, 1.337957382e-01f, 3.493863624e-03f, 2.058066639e-05f, 1.331516497e-08f),
          quartic(1.0f, 4.671289027e-01f, 2.587042376e-02f, 3.282813122e-04f, 7.760422136e-07f)};
}

/// tanh(x) to 5 ULP, never beyond +-1, in 16 instructions.
template <class V>
M2CRT_INLINE V tanh(V x) {
  if constexpr (is_float32<V>) {
    auto [p, q] = tanh_ratio(x);
    return clamp(p / q, -1.0f, 1.0f);
  } else {
    return map_lanes(x, [](auto v) { return std::tanh(v); });
  }
}

/// erf(x) to 6 ULP, never beyond +-1.
template <class V>
M2CRT_INLINE V erf(V x) {
  if constexpr (is_float32<V>) {
    x = clamp(x, -4.06f, 4.06f);
    V u = x * x;
    V p = x * polynomial(u, 1.128379107e+00f, 1.907838434e-01f, 5.279028788e-02f, 3.779610153e-03f, 2.848087170e-04f,
                         2.041971584e-06f);
    V q = polynomial(u, 1.0f, 5.024104714e-01f, 1.142575294e-01f, 1.499743946e-02f, 1.165213063e-03f, 3.800409104e-05f);
    return clamp(p / q, -1.0f, 1.0f);
  } else {
    return map_lanes(x, [](auto v) { return std::erf(v); });
  }
}

// ---- logarithms ---------------------------------------------------------------------------------------------------

/// Natural logarithm to 1.5 ULP; -inf at 0, NaN below.
template <class V>
M2CRT_INLINE V log(V x) {
  if constexpr (is_float32<V>) {
    constexpr float inf = std::numeric_limits<float>::infinity();
    using I = rebind<V, std::int32_t>;
    using U = rebind<V, std::uint32_t>;
    auto tiny = x < splat<V>(0x1p-126f);
    V scaled = select(tiny, x * 0x1p23f, x);
    // scaled = m 2^e with m in [sqrt(1/2), sqrt(2)).
    I e = bit_cast<I>(float_bits(scaled) - 0x3f3504f3u) >> 23;
    V f = bit_cast<V>(float_bits(scaled) - (bit_cast<U>(e) << 23)) - 1.0f;
    V n = convert<V>(e) + select(tiny, splat<V>(-23.0f), V{});
    V f2 = f * f;
    V p = polynomial(f, 3.333333135e-01f, -2.500082254e-01f, 2.000123262e-01f, -1.662329733e-01f, 1.420155764e-01f,
                     -1.316059530e-01f, 1.276330054e-01f, -7.635588199e-02f);
    V y = mul_add(f2 * f, p, n * -2.12194440e-4f);
    y = mul_add(f2, splat<V>(-0.5f), y);
    y = mul_add(n, splat<V>(0.693359375f), f + y);
    y = select(x < inf, y, x);  // inf and NaN stay
    V none = splat<V>(std::numeric_limits<float>::quiet_NaN());
    return select(x > V{}, y, select(x == V{}, splat<V>(-inf), none));
  } else {
    return map_lanes(x, [](auto v) { return std::log(v); });
  }
}

/// log(1 + x) to 2 ULP, also for small x.
template <class V>
M2CRT_INLINE V log1p(V x) {
  if constexpr (is_float32<V>) {
    V u = 1.0f + x;
    V y = log(u);
    V lost = x - (u - 1.0f);  // what rounding 1 + x dropped
    y = select(u > V{}, select(u < std::numeric_limits<float>::infinity(), y + lost / u, y), y);
    return select(x == V{}, x, y);
  } else {
    return map_lanes(x, [](auto v) { return std::log1p(v); });
  }
}

template <class V>
M2CRT_INLINE V log2(V x) {
  return map_lanes(x, [](auto v) { return std::log2(v); });
}

/// log(1 + exp(x)) to 2.5 ULP, without overflow.
template <class V>
M2CRT_INLINE V softplus(V x) {
  return max(V{}, x) + log1p(exp(-abs(x)));
}

/// x to the power y, by libm (1 ULP).
template <class V>
M2CRT_INLINE V pow(V x, V y) {
  return map_lanes(x, y, [](auto a, auto b) { return static_cast<lane_type<V>>(std::pow(a, b)); });
}

}  // namespace m2crt
