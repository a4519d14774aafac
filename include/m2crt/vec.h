// Vectors of lanes over the GCC/Clang vector extensions: the one place that knows the instruction set's width and its
// few intrinsics. Every function here also takes a plain scalar, so that a generic lambda written once serves the
// vector body and the scalar tail of a loop with the same arithmetic (and the same bits).
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#if defined(__SSE2__)
#  include <immintrin.h>
#endif

namespace m2crt {

using idx = std::ptrdiff_t;

#define M2CRT_INLINE inline __attribute__((always_inline))

// Bytes of the widest vector register that the target computes in.
#if defined(__AVX512F__)
inline constexpr int vector_bytes = 64;
#elif defined(__AVX__)
inline constexpr int vector_bytes = 32;
#else
inline constexpr int vector_bytes = 16;
#endif

// Architectural vector registers: 32 with AVX-512, NEON and RVV, else 16. Register tiles are sized by it.
#if defined(__AVX512F__) || defined(__aarch64__) || defined(__riscv_vector)
inline constexpr int vector_registers = 32;
#else
inline constexpr int vector_registers = 16;
#endif

/// Lanes of T in one register.
template <class T>
inline constexpr int lanes = vector_bytes / static_cast<int>(sizeof(T));

template <class T, int N>
struct vec_of {
  typedef T type __attribute__((vector_size(N * sizeof(T)), may_alias));
  typedef T unaligned __attribute__((vector_size(N * sizeof(T)), aligned(alignof(T)), may_alias));
};
template <class T>
struct vec_of<T, 1> {
  using type = T;
  using unaligned = T;
};

/// N lanes of T; vec<T, 1> is T itself.
template <class T, int N = lanes<T>>
using vec = typename vec_of<T, N>::type;

/// What a vector is made of: lane_traits<V>::type and ::count.
template <class V, class = void>
struct lane_traits {
  using type = std::remove_cv_t<std::remove_reference_t<decltype(std::declval<V>()[0])>>;
  static constexpr int count = static_cast<int>(sizeof(V) / sizeof(type));
};
template <class V>
struct lane_traits<V, std::enable_if_t<std::is_arithmetic_v<V>>> {
  using type = V;
  static constexpr int count = 1;
};
template <class V>
using lane_type = typename lane_traits<V>::type;
template <class V>
inline constexpr int lane_count = lane_traits<V>::count;

/// Whether V is N lanes of T. (std::is_same would drop the vector attribute, with a warning.)
template <class V, class T, int N>
inline constexpr bool is_vec = lane_count<V> == N && std::is_same_v<lane_type<V>, T>;

/// The vector with V's lane count and lanes of T.
template <class V, class T>
using rebind = vec<T, lane_count<V>>;

// ---- memory -------------------------------------------------------------------------------------------------------

/// V from lane_count<V> consecutive elements at p (no alignment needed).
template <class V>
M2CRT_INLINE V load(const lane_type<V>* p) {
  if constexpr (lane_count<V> == 1)
    return *p;
  else
    return *reinterpret_cast<const typename vec_of<lane_type<V>, lane_count<V>>::unaligned*>(p);
}

template <class V>
M2CRT_INLINE void store(lane_type<V>* p, V v) {
  if constexpr (lane_count<V> == 1)
    *p = v;
  else
    *reinterpret_cast<typename vec_of<lane_type<V>, lane_count<V>>::unaligned*>(p) = v;
}

/// Every lane = x.
template <class V>
M2CRT_INLINE V splat(lane_type<V> x) {
  if constexpr (lane_count<V> == 1)
    return x;
  else
    return x - V{};
}

/// Lane i = p[i * stride]; stride in elements.
template <class V>
M2CRT_INLINE V load_strided(const lane_type<V>* p, idx stride) {
  if constexpr (lane_count<V> == 1) {
    return *p;
  } else {
    V v{};
    for (int i = 0; i < lane_count<V>; ++i) v[i] = p[i * stride];
    return v;
  }
}

/// The first n lanes from p, the others 0; reads nothing past p[n - 1]. 0 <= n <= lane_count<V>.
template <class V>
M2CRT_INLINE V load_n(const lane_type<V>* p, idx n) {
  V v{};
  std::memcpy(&v, p, static_cast<std::size_t>(n) * sizeof(lane_type<V>));
  return v;
}

/// The first n lanes to p; writes nothing past p[n - 1].
template <class V>
M2CRT_INLINE void store_n(lane_type<V>* p, V v, idx n) {
  std::memcpy(p, &v, static_cast<std::size_t>(n) * sizeof(lane_type<V>));
}

// ---- arithmetic ---------------------------------------------------------------------------------------------------

/// a * b + c, fused where the target has it: in a scalar too, and in constants, so that all lane counts give the same
/// bits.
template <class V>
M2CRT_INLINE V mul_add(V a, V b, V c) {
#if defined(__FMA__)
#  if defined(__AVX512F__)
  if constexpr (is_vec<V, float, 16>) return _mm512_fmadd_ps(a, b, c);
  if constexpr (is_vec<V, double, 8>) return _mm512_fmadd_pd(a, b, c);
#  endif
  if constexpr (is_vec<V, float, 8>) return _mm256_fmadd_ps(a, b, c);
  if constexpr (is_vec<V, float, 4>) return _mm_fmadd_ps(a, b, c);
  if constexpr (is_vec<V, double, 4>) return _mm256_fmadd_pd(a, b, c);
  if constexpr (is_vec<V, double, 2>) return _mm_fmadd_pd(a, b, c);
  if constexpr (is_vec<V, float, 1>) return __builtin_fmaf(a, b, c);
  if constexpr (is_vec<V, double, 1>) return __builtin_fma(a, b, c);
#endif
  return a * b + c;
}

/// The same bits seen as lanes of another type of the same size.
template <class To, class From>
M2CRT_INLINE To bit_cast(From from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  std::memcpy(&to, &from, sizeof(To));
  return to;
}

/// c + a[2i] * b[2i] + a[2i + 1] * b[2i + 1] by lane i of 32 bits, for a and b whose lanes are pairs of int16.
template <class V>
M2CRT_INLINE V mul_add_pairs(V a, V b, V c) {
  static_assert(std::is_same_v<lane_type<V>, std::int32_t>);
#if defined(__AVX512BW__)
  if constexpr (lane_count<V> == 16) {
#  if defined(__AVX512VNNI__)
    return bit_cast<V>(_mm512_dpwssd_epi32(bit_cast<__m512i>(c), bit_cast<__m512i>(a), bit_cast<__m512i>(b)));
#  else
    return bit_cast<V>(_mm512_madd_epi16(bit_cast<__m512i>(a), bit_cast<__m512i>(b))) + c;
#  endif
  }
#endif
#if defined(__AVX2__)
  if constexpr (lane_count<V> == 8) {
#  if defined(__AVX512VNNI__) && defined(__AVX512VL__)
    return bit_cast<V>(_mm256_dpwssd_epi32(bit_cast<__m256i>(c), bit_cast<__m256i>(a), bit_cast<__m256i>(b)));
#  elif defined(__AVXVNNI__)
    return bit_cast<V>(_mm256_dpwssd_avx_epi32(bit_cast<__m256i>(c), bit_cast<__m256i>(a), bit_cast<__m256i>(b)));
#  else
    return bit_cast<V>(_mm256_madd_epi16(bit_cast<__m256i>(a), bit_cast<__m256i>(b))) + c;
#  endif
  }
#endif
#if defined(__SSE2__)
  if constexpr (lane_count<V> == 4) return bit_cast<V>(_mm_madd_epi16(bit_cast<__m128i>(a), bit_cast<__m128i>(b))) + c;
#  if !defined(__AVX2__)
  if constexpr (lane_count<V> == 8) {
    struct halves {
      vec<std::int32_t, 4> low, high;
    };
    const auto x = bit_cast<halves>(a), y = bit_cast<halves>(b), z = bit_cast<halves>(c);
    return bit_cast<V>(halves{mul_add_pairs(x.low, y.low, z.low), mul_add_pairs(x.high, y.high, z.high)});
  }
#  endif
#endif
  using U = rebind<V, std::uint32_t>;
  auto low = [](V x) { return static_cast<V>(bit_cast<V>(static_cast<U>(bit_cast<U>(x) << 16)) >> 16); };
  return low(a) * low(b) + (a >> 16) * (b >> 16) + c;
}

/// m ? a : b by lane; m is what a comparison of two V gives.
template <class M, class V>
M2CRT_INLINE V select(M m, V a, V b) {
  return m ? a : b;
}

/// The larger by lane; b where either is NaN (x86's vmaxps). max(bound, x) therefore keeps a NaN in x.
template <class V>
M2CRT_INLINE V max(V a, V b) {
#if defined(__AVX512F__)
  if constexpr (is_vec<V, float, 16>) return _mm512_maskz_max_ps(0xffff, a, b);
#endif
#if defined(__AVX__)
  if constexpr (is_vec<V, float, 8>) return _mm256_max_ps(a, b);
#endif
#if defined(__SSE2__)
  if constexpr (is_vec<V, float, 4>) return _mm_max_ps(a, b);
#endif
  return select(a > b, a, b);
}

/// The smaller by lane; b where either is NaN.
template <class V>
M2CRT_INLINE V min(V a, V b) {
#if defined(__AVX512F__)
  if constexpr (is_vec<V, float, 16>) return _mm512_maskz_min_ps(0xffff, a, b);
#endif
#if defined(__AVX__)
  if constexpr (is_vec<V, float, 8>) return _mm256_min_ps(a, b);
#endif
#if defined(__SSE2__)
  if constexpr (is_vec<V, float, 4>) return _mm_min_ps(a, b);
#endif
  return select(a < b, a, b);
}

/// Lane-wise value conversion; float to integer truncates.
template <class To, class From>
M2CRT_INLINE To convert(From from) {
  if constexpr (lane_count<To> == 1)
    return static_cast<To>(from);
  else
    return __builtin_convertvector(from, To);
}

/// Lanes of int8 as int16; those of int16 as they are.
template <class V>
M2CRT_INLINE rebind<V, std::int16_t> widen_bytes(V x) {
  // gcc 12 converts 8-bit lanes by halves.
#if defined(__AVX512BW__)
  if constexpr (is_vec<V, std::int8_t, 32>)
    return bit_cast<rebind<V, std::int16_t>>(_mm512_cvtepi8_epi16(bit_cast<__m256i>(x)));
#endif
#if defined(__AVX2__)
  if constexpr (is_vec<V, std::int8_t, 16>)
    return bit_cast<rebind<V, std::int16_t>>(_mm256_cvtepi8_epi16(bit_cast<__m128i>(x)));
#endif
  return convert<rebind<V, std::int16_t>>(x);
}

// ---- across lanes -------------------------------------------------------------------------------------------------

/// Folds the lanes with `op` (associative and commutative), halving: op(low half, high half).
template <class V, class Op>
M2CRT_INLINE lane_type<V> fold_lanes(V v, Op op) {
  constexpr int n = lane_count<V>;
  if constexpr (n == 1) {
    return v;
  } else {
    using half = vec<lane_type<V>, n / 2>;
    half low, high;
    std::memcpy(&low, &v, sizeof(half));
    std::memcpy(&high, reinterpret_cast<const char*>(&v) + sizeof(half), sizeof(half));
    return fold_lanes(op(low, high), op);
  }
}

template <class V>
M2CRT_INLINE lane_type<V> sum_lanes(V v) {
  return fold_lanes(v, [](auto a, auto b) { return a + b; });
}

template <class V>
M2CRT_INLINE lane_type<V> max_lanes(V v) {
  return fold_lanes(v, [](auto a, auto b) { return max(a, b); });
}

}  // namespace m2crt
