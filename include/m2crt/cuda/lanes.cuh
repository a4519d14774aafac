// The scalar operations of fused expressions: one element per thread. The names are those of elementwise.h and lanes.h,
// so that the same printer serves both; the results are within the error of CUDA's own functions.
#pragma once

#include "m2crt/cuda/base.cuh"

namespace m2crt {
namespace cuda {

/// std::numeric_limits, which device code cannot call.
template <class T>
struct limits {
  static constexpr M2CRT_DEVICE T infinity() { return std::is_same_v<T, float> ? T(HUGE_VALF) : T(HUGE_VAL); }
  static M2CRT_DEVICE T quiet_NaN() { return T(std::nanf("")); }
  static constexpr M2CRT_DEVICE T min() { return T(std::make_unsigned_t<T>(1) << (8 * sizeof(T) - 1)); }
};

// ---- choices and truth values -------------------------------------------------------------------------------------

template <class T>
M2CRT_DEVICE T where(bool m, T a, T b) {
  return m ? a : b;
}
M2CRT_DEVICE bool mask_not(bool m) { return !m; }
M2CRT_DEVICE bool mask_and(bool a, bool b) { return a && b; }
M2CRT_DEVICE bool mask_or(bool a, bool b) { return a || b; }
M2CRT_DEVICE bool mask_xor(bool a, bool b) { return a != b; }
M2CRT_DEVICE bool mask_where(bool m, bool a, bool b) { return m ? a : b; }
M2CRT_DEVICE std::uint8_t as_bytes(bool m) { return m ? 1 : 0; }
template <class T>
M2CRT_DEVICE bool is_nan(T x) {
  return x != x;
}
template <class T>
M2CRT_DEVICE bool is_inf(T x) {
  return x == limits<T>::infinity() || x == -limits<T>::infinity();
}
template <class T>
M2CRT_DEVICE bool ordered(T a, T b) {
  return a == a && b == b;
}
template <class T>
M2CRT_DEVICE bool unordered(T a, T b) {
  return !ordered(a, b);
}

/// The larger (smaller); NaN where either is NaN.
template <class T>
M2CRT_DEVICE T maximum(T a, T b) {
  return a != a ? a : a > b ? a : b;
}
template <class T>
M2CRT_DEVICE T minimum(T a, T b) {
  return a != a ? a : a < b ? a : b;
}
/// The larger (smaller); the other one where one is NaN.
template <class T>
M2CRT_DEVICE T max_num(T a, T b) {
  return b != b ? a : a > b ? a : b;
}
template <class T>
M2CRT_DEVICE T min_num(T a, T b) {
  return b != b ? a : a < b ? a : b;
}
/// max(x, 0), NaN kept.
template <class T>
M2CRT_DEVICE T relu(T x) {
  return x < T(0) ? T(0) : x;
}
template <class T>
M2CRT_DEVICE T clamp(T x, T low, T high) {
  return x < low ? low : x > high ? high : x;
}

// ---- conversions --------------------------------------------------------------------------------------------------

/// Float to integer truncates, anything to bool is x != 0.
template <class T, class From>
M2CRT_DEVICE T cast(From x) {
  if constexpr (std::is_same_v<T, bool>)
    return x != From(0);
  else
    return static_cast<T>(x);
}
template <class T, class From>
M2CRT_DEVICE T bit_cast(From x) {
  static_assert(sizeof(T) == sizeof(From));
  T y;
  memcpy(&y, &x, sizeof(T));
  return y;
}

// ---- arithmetic ---------------------------------------------------------------------------------------------------

/// Rounded towards minus infinity.
template <class T>
M2CRT_DEVICE T floor_div(T a, T b) {
  T q = a / b;
  return q * b != a && (a < 0) != (b < 0) ? static_cast<T>(q - 1) : q;
}
/// The remainder with the sign of the dividend.
template <class T>
M2CRT_DEVICE T fmod(T a, T b) {
  if constexpr (std::is_floating_point_v<T>)
    return std::fmod(a, b);
  else
    return static_cast<T>(a % b);
}
template <class T>
M2CRT_DEVICE T mul_add(T a, T b, T c) {
  if constexpr (std::is_floating_point_v<T>)
    return std::fma(a, b, c);
  else
    return static_cast<T>(a * b + c);
}
template <class T>
M2CRT_DEVICE T abs(T x) {
  if constexpr (std::is_floating_point_v<T>)
    return std::fabs(x);
  else
    return static_cast<T>(x < 0 ? -x : x);
}
template <class T, class F>
M2CRT_DEVICE T map_lanes(T x, F f) {
  return f(x);
}
template <class T, class F>
M2CRT_DEVICE T map_lanes(T x, T y, F f) {
  return f(x, y);
}

#define M2CRT_MATH(name, call) \
  template <class T>           \
  M2CRT_DEVICE T name(T x) {   \
    return call;               \
  }
M2CRT_MATH(ceil, std::ceil(x))
M2CRT_MATH(floor, std::floor(x))
M2CRT_MATH(trunc, std::trunc(x))
M2CRT_MATH(round, std::round(x))
M2CRT_MATH(round_even, std::rint(x))
M2CRT_MATH(sqrt, std::sqrt(x))
M2CRT_MATH(rsqrt, T(1) / std::sqrt(x))
M2CRT_MATH(exp, std::exp(x))
M2CRT_MATH(exp2, std::exp2(x))
M2CRT_MATH(expm1, std::expm1(x))
M2CRT_MATH(log, std::log(x))
M2CRT_MATH(log1p, std::log1p(x))
M2CRT_MATH(log2, std::log2(x))
M2CRT_MATH(tanh, std::tanh(x))
M2CRT_MATH(erf, std::erf(x))
M2CRT_MATH(sigmoid, T(1) / (T(1) + std::exp(-x)))
M2CRT_MATH(softplus, x > T(0) ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)))
#undef M2CRT_MATH
template <class T>
M2CRT_DEVICE T pow(T x, T y) {
  return std::pow(x, y);
}
template <class T>
M2CRT_DEVICE T copysign(T x, T y) {
  return std::copysign(x, y);
}

// ---- the usual ways to combine ------------------------------------------------------------------------------------

struct add_op {
  template <class T>
  M2CRT_DEVICE T operator()(T a, T b) const {
    return a + b;
  }
};
struct mul_op {
  template <class T>
  M2CRT_DEVICE T operator()(T a, T b) const {
    return a * b;
  }
};
struct max_op {  // NaN wins
  template <class T>
  M2CRT_DEVICE T operator()(T a, T b) const {
    return maximum(a, b);
  }
};
struct min_op {
  template <class T>
  M2CRT_DEVICE T operator()(T a, T b) const {
    return minimum(a, b);
  }
};

/// An epilogue that does nothing.
struct keep {
  template <class T, class... Indices>
  M2CRT_DEVICE T operator()(T acc, Indices...) const {
    return acc;
  }
};

}  // namespace cuda
}  // namespace m2crt
