// Conversions of narrow floats: every bit pattern, and rounding, against the definition of their formats in double.
#include "m2crt/narrow.h"

#include <gtest/gtest.h>

#include <vector>

namespace {

using m2crt::specials;

/// The value of a pattern, from its fields.
template <class F>
double value_of(unsigned bits) {
  const unsigned magnitude = bits & F::top;
  const double sign = (bits & F::sign) != 0 ? -1 : 1, nan = std::nan("");
  if (F::kind == specials::minus_zero_nan && bits == F::sign) return nan;
  if (F::kind == specials::one_nan && magnitude == F::top) return nan;
  if (F::kind == specials::ieee && magnitude >= F::infinity)
    return magnitude == F::infinity ? sign * std::numeric_limits<double>::infinity() : nan;
  const int exponent = static_cast<int>(magnitude >> F::mantissa);
  const double fraction = magnitude & ((1u << F::mantissa) - 1), unit = std::pow(2.0, -F::mantissa);
  return exponent == 0 ? sign * fraction * unit * std::pow(2.0, 1 - F::bias)
                       : sign * (1 + fraction * unit) * std::pow(2.0, exponent - F::bias);
}

template <class F>
void check(const char* name) {
  SCOPED_TRACE(name);
  // Decoding, and that encoding gives every number back.
  std::vector<unsigned> finite;
  for (unsigned bits = 0; bits < 2 * F::sign; ++bits) {
    const double want = value_of<F>(bits);
    const float got = m2crt::decode_float<F>(bits);
    if (std::isnan(want)) {
      EXPECT_TRUE(std::isnan(got)) << bits;
      continue;
    }
    EXPECT_EQ(static_cast<double>(got), want) << bits;
    EXPECT_EQ(m2crt::encode_float<F>(got), bits) << bits;
    if (bits < F::sign && std::isfinite(want)) finite.push_back(bits);
  }
  // Between two neighbours to the nearest, in the middle to the even one.
  for (std::size_t i = 0; i + 1 < finite.size(); ++i) {
    const double low = value_of<F>(finite[i]), high = value_of<F>(finite[i + 1]), middle = (low + high) / 2;
    const auto even = static_cast<unsigned>(finite[i] % 2 == 0 ? finite[i] : finite[i + 1]);
    EXPECT_EQ(m2crt::encode_float<F>(static_cast<float>(middle)), even) << middle;
    EXPECT_EQ(m2crt::encode_float<F>(std::nextafter(static_cast<float>(middle), 0.0f)), finite[i]) << middle;
    EXPECT_EQ(m2crt::encode_float<F>(std::nextafter(static_cast<float>(middle), std::numeric_limits<float>::max())),
              finite[i + 1])
        << middle;
  }
}

TEST(NarrowTest, ConvertsEveryFormat) {
  check<m2crt::float16>("float16");
  check<m2crt::bfloat16>("bfloat16");
  check<m2crt::float8e4m3fn>("float8e4m3fn");
  check<m2crt::float8e4m3fnuz>("float8e4m3fnuz");
  check<m2crt::float8e5m2>("float8e5m2");
  check<m2crt::float8e5m2fnuz>("float8e5m2fnuz");
  check<m2crt::float4e2m1fn>("float4e2m1fn");
}

TEST(NarrowTest, TurnsWhatIsTooLargeIntoInfinityOrNaNOrTheLargestNumber) {
  EXPECT_EQ(m2crt::encode_float<m2crt::float16>(1e6f), 0x7c00u);
  EXPECT_EQ(m2crt::encode_float<m2crt::float16>(-1e6f), 0xfc00u);
  EXPECT_EQ(m2crt::encode_float<m2crt::float8e4m3fn>(1e6f), 0x7fu);
  EXPECT_EQ(m2crt::encode_float<m2crt::float8e5m2fnuz>(1e6f), 0x80u);
  EXPECT_EQ(m2crt::encode_float<m2crt::float4e2m1fn>(-1e6f), 0xfu);
}

TEST(NarrowTest, GivesTheSameBitsInVectors) {
  using V = m2crt::vec<float, 8>;
  V x = {0.1f, -1.0f, 65504.0f, 70000.0f, 1e-7f, 6e-5f, -0.0f, 3.14159f};
  auto bits = m2crt::narrow_float<m2crt::float16, std::uint16_t>(x);
  auto back = m2crt::widen_float<m2crt::float16>(bits);
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(bits[i], m2crt::encode_float<m2crt::float16>(x[i])) << i;
    EXPECT_EQ(back[i], m2crt::decode_float<m2crt::float16>(bits[i])) << i;
  }
}

}  // namespace
