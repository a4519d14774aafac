// Floats of 16, 8 and 4 bits. In memory they are unsigned integers with their bits (4-bit ones a byte each); arithmetic
// is done in float32. These are the conversions, of vectors of lanes and of scalars.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

#include "m2crt/math.h"

namespace m2crt {

/// What a format's largest exponent holds: infinities and NaNs as in IEEE 754; numbers and, with all bits set, one NaN;
/// numbers only, and NaN is minus zero; numbers
/// only, and NaN becomes minus zero.
enum class specials { ieee, one_nan, minus_zero_nan, none };

template <int Exponent, int Mantissa, int Bias, specials Specials>
struct float_format {
  static constexpr int exponent = Exponent, mantissa = Mantissa, bias = Bias;
  static constexpr specials kind = Specials;
  static constexpr unsigned top = (1u << (Exponent + Mantissa)) - 1;  ///< all bits but the sign
  static constexpr unsigned sign = top + 1;
  static constexpr unsigned infinity = top & ~((1u << Mantissa) - 1);  ///< of ieee
  static constexpr unsigned nan = Specials == specials::ieee      ? infinity | (1u << (Mantissa - 1))
                                  : Specials == specials::one_nan ? top
                                                                  : sign;
  static constexpr unsigned largest = Specials == specials::ieee      ? infinity - 1
                                      : Specials == specials::one_nan ? top - 1
                                                                      : top;
};

using float16 = float_format<5, 10, 15, specials::ieee>;
using bfloat16 = float_format<8, 7, 127, specials::ieee>;
using float8e4m3fn = float_format<4, 3, 7, specials::one_nan>;
using float8e4m3fnuz = float_format<4, 3, 8, specials::minus_zero_nan>;
using float8e5m2 = float_format<5, 2, 15, specials::ieee>;
using float8e5m2fnuz = float_format<5, 2, 16, specials::minus_zero_nan>;
using float4e2m1fn = float_format<2, 1, 1, specials::none>;
/// Powers of two, 2^(bits - 127), without sign and zero.
struct float8e8m0fnu {};

/// The value of `bits`.
template <class Format>
inline float decode_float(unsigned bits) {
  if constexpr (std::is_same_v<Format, float8e8m0fnu>) {
    return bits == 255 ? std::numeric_limits<float>::quiet_NaN() : std::ldexp(1.0f, static_cast<int>(bits) - 127);
  } else {
    const unsigned magnitude = bits & Format::top;
    const bool negative = (bits & Format::sign) != 0;
    float value = 0;
    if constexpr (Format::kind == specials::minus_zero_nan)
      if (bits == Format::sign) return std::numeric_limits<float>::quiet_NaN();
    if constexpr (Format::kind == specials::one_nan)
      if (magnitude == Format::top) return std::numeric_limits<float>::quiet_NaN();
    if (Format::kind == specials::ieee && magnitude >= Format::infinity) {
      value = magnitude == Format::infinity ? std::numeric_limits<float>::infinity()
                                            : std::numeric_limits<float>::quiet_NaN();
    } else {
      const int exponent = static_cast<int>(magnitude >> Format::mantissa);
      const unsigned fraction = magnitude & ((1u << Format::mantissa) - 1);
      const float significand = static_cast<float>(exponent == 0 ? fraction : fraction | (1u << Format::mantissa));
      value = std::ldexp(significand, (exponent == 0 ? 1 : exponent) - Format::bias - Format::mantissa);
    }
    return negative ? -value : value;
  }
}

/// The bits of `x`, rounded to nearest even. What is too large becomes infinity, else NaN, else the largest number.
template <class Format>
inline unsigned encode_float(float x) {
  if constexpr (std::is_same_v<Format, float8e8m0fnu>) {
    if (!(x == x) || x < 0) return 255;
    int exponent = 0;
    const float significand = std::frexp(x, &exponent);  // [0.5, 1)
    if (x == 0 || exponent < -126) return 0;
    if (x > std::ldexp(1.0f, 127)) return x == std::numeric_limits<float>::infinity() ? 255 : 254;
    // To nearest, from the middle on upwards.
    const int rounded = exponent - 1 + (significand >= 0.75f ? 1 : 0);
    return rounded > 127 ? 254u : static_cast<unsigned>(rounded + 127);
  } else {
    const unsigned sign = std::signbit(x) ? Format::sign : 0;
    if (x != x)
      return Format::kind == specials::ieee || Format::kind == specials::one_nan ? sign | Format::nan : Format::nan;
    constexpr unsigned overflow = Format::kind == specials::ieee   ? Format::infinity
                                  : Format::kind == specials::none ? Format::largest
                                                                   : Format::nan;
    const unsigned too_large = Format::kind == specials::minus_zero_nan ? overflow : sign | overflow;
    const float magnitude = std::fabs(x);
    if (magnitude == std::numeric_limits<float>::infinity()) return too_large;
    constexpr int least = 1 - Format::bias;  // exponent of the smallest normal number
    int exponent = magnitude == 0 ? least : std::ilogb(magnitude);
    if (exponent < least) exponent = least;
    // In units of the last place; an exact product.
    const double units = std::nearbyint(std::ldexp(static_cast<double>(magnitude), Format::mantissa - exponent));
    if (exponent > 2 * Format::bias + 2) return too_large;
    const unsigned bits = static_cast<unsigned>(units) + (static_cast<unsigned>(exponent - least) << Format::mantissa);
    if (bits > Format::largest) return too_large;
    if (bits == 0 && Format::kind == specials::minus_zero_nan) return 0;
    return sign | bits;
  }
}

/// Lanes of `Format`'s bits as float32.
template <class Format, class V>
M2CRT_INLINE rebind<V, float> widen_float(V bits) {
  if constexpr (std::is_same_v<Format, bfloat16>) {
    return bit_cast<rebind<V, float>>(
        static_cast<rebind<V, std::uint32_t>>(convert<rebind<V, std::uint32_t>>(bits) << 16));
  } else if constexpr (lane_count<V> == 1) {
    return decode_float<Format>(bits);
  } else {
    rebind<V, float> x{};
#if defined(__F16C__)
    if constexpr (std::is_same_v<Format, float16> && lane_count<V> == 8)
      return _mm256_cvtph_ps(bit_cast<__m128i>(bits));
#endif
    for (int i = 0; i < lane_count<V>; ++i) x[i] = decode_float<Format>(bits[i]);
    return x;
  }
}

/// Lanes of float32 rounded to the bits of `Format`, as lanes of Bits.
template <class Format, class Bits, class V>
M2CRT_INLINE rebind<V, Bits> narrow_float(V x) {
  if constexpr (lane_count<V> == 1) {
    return static_cast<Bits>(encode_float<Format>(x));
  } else {
    rebind<V, Bits> bits{};
#if defined(__F16C__)
    if constexpr (std::is_same_v<Format, float16> && lane_count<V> == 8)
      return bit_cast<rebind<V, Bits>>(_mm256_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT));
#endif
    for (int i = 0; i < lane_count<V>; ++i) bits[i] = static_cast<Bits>(encode_float<Format>(x[i]));
    return bits;
  }
}

}  // namespace m2crt
