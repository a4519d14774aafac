#include "m2crt/math.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace {

using namespace m2crt;
using V = vec<float>;
constexpr float inf = std::numeric_limits<float>::infinity();
const float nan_value = std::nanf("");

// Distance in units of the last place of the float nearest to `want`.
double ulps(float got, double want) {
  float w = static_cast<float>(want);
  if (std::isnan(w) || std::isnan(got)) return std::isnan(w) && std::isnan(got) ? 0 : 1e9;
  if (std::isinf(w) || std::isinf(got)) return w == got ? 0 : 1e9;
  int e;
  std::frexp(w, &e);
  double unit = std::ldexp(1.0, std::max(e, -125) - 24);
  return std::fabs(got - want) / unit;
}

// The largest error of f over every `step`-th float in [low, high], vector and scalar alike (they must agree in bits).
template <class F, class Ref>
double worst(F f, Ref ref, float low, float high, std::uint32_t step = 997) {
  std::vector<float> xs;
  auto sweep = [&](float from, float to, float s) {  // magnitudes from..to, sign s
    std::uint32_t a = bit_cast<std::uint32_t>(from), b = bit_cast<std::uint32_t>(to);
    for (std::uint64_t i = a; i <= b; i += step) xs.push_back(s * bit_cast<float>(static_cast<std::uint32_t>(i)));
  };
  if (high > 0) sweep(std::max(low, 0.0f), high, 1);
  if (low < 0) sweep(high < 0 ? -high : 0.0f, -low, -1);
  while (xs.size() % lanes<float> != 0) xs.push_back(xs.back());
  double error = 0;
  float at = 0;
  for (std::size_t i = 0; i < xs.size(); i += lanes<float>) {
    V y = f(load<V>(&xs[i]));
    for (int j = 0; j < lanes<float>; ++j) {
      float x = xs[i + j], scalar = f(x);
      EXPECT_TRUE(bit_cast<std::uint32_t>(static_cast<float>(y[j])) == bit_cast<std::uint32_t>(scalar) ||
                  std::isnan(scalar))
          << "vector and scalar differ at " << x << ": " << y[j] << ", " << scalar;
      double e = ulps(y[j], ref(static_cast<double>(x)));
      if (e > error) error = e, at = x;
    }
    if (testing::Test::HasFailure()) break;
  }
  std::printf("  worst %.2f ulp at %.9g\n", error, at);
  return error;
}

// f at one value, through a vector and through a scalar.
template <class F>
float at(F f, float x) {
  V y = f(splat<V>(x));
  float s = f(x);
  EXPECT_TRUE(bit_cast<std::uint32_t>(static_cast<float>(y[0])) == bit_cast<std::uint32_t>(s) || std::isnan(s)) << x;
  return s;
}

#define M2CRT_LIFT(f) [](auto x) { return m2crt::f(x); }

TEST(Math, ExpIsWithinOneUlpIncludingDenormals) {
  auto f = M2CRT_LIFT(exp);
  EXPECT_LE(worst(f, [](double x) { return std::exp(x); }, -110, 110), 1.3);
  EXPECT_EQ(at(f, inf), inf);
  EXPECT_EQ(at(f, -inf), 0);
  EXPECT_EQ(at(f, 88.7228f), std::exp(88.7228f));
  EXPECT_EQ(at(f, 88.73f), inf);
  EXPECT_EQ(at(f, 0), 1);
  EXPECT_TRUE(std::isnan(at(f, nan_value)));
}

TEST(Math, ExpFlushedIsExpDownToTheSmallestNormal) {
  auto f = M2CRT_LIFT(exp_flushed);
  EXPECT_LE(worst(f, [](double x) { return std::exp(x); }, -86.9f, 110), 1.3);
  EXPECT_EQ(at(f, -88), 0);
  EXPECT_EQ(at(f, -inf), 0);
  EXPECT_EQ(at(f, inf), inf);
  EXPECT_TRUE(std::isnan(at(f, nan_value)));
}

TEST(Math, Expm1) {
  auto f = M2CRT_LIFT(expm1);
  EXPECT_LE(worst(f, [](double x) { return std::expm1(x); }, -110, 110), 1.5);
  EXPECT_EQ(at(f, -inf), -1);
  EXPECT_EQ(at(f, inf), inf);
  EXPECT_TRUE(std::signbit(at(f, -0.0f)));
  EXPECT_TRUE(std::isnan(at(f, nan_value)));
}

TEST(Math, Tanh) {
  auto f = M2CRT_LIFT(tanh);
  EXPECT_LE(worst(f, [](double x) { return std::tanh(x); }, -20, 20), 5);
  EXPECT_EQ(at(f, inf), 1);
  EXPECT_EQ(at(f, -inf), -1);
  EXPECT_TRUE(std::signbit(at(f, -0.0f)));
  EXPECT_TRUE(std::isnan(at(f, nan_value)));
}

TEST(Math, Sigmoid) {
  auto f = M2CRT_LIFT(sigmoid);
  EXPECT_LE(worst(f, [](double x) { return 1 / (1 + std::exp(-x)); }, -86, 100), 2.5);
  EXPECT_EQ(at(f, inf), 1);
  EXPECT_EQ(at(f, -inf), 0);
  EXPECT_TRUE(std::isnan(at(f, nan_value)));
}

TEST(Math, Erf) {
  auto f = M2CRT_LIFT(erf);
  EXPECT_LE(worst(f, [](double x) { return std::erf(x); }, -6, 6), 6);
  EXPECT_EQ(at(f, inf), 1);
  EXPECT_EQ(at(f, -inf), -1);
  EXPECT_TRUE(std::isnan(at(f, nan_value)));
}

TEST(Math, Log) {
  auto f = M2CRT_LIFT(log);
  EXPECT_LE(worst(f, [](double x) { return std::log(x); }, 0x1p-149f, 3.4e38f), 1.5);
  EXPECT_EQ(at(f, 0), -inf);
  EXPECT_EQ(at(f, -0.0f), -inf);
  EXPECT_EQ(at(f, inf), inf);
  EXPECT_TRUE(std::isnan(at(f, -1)));
  EXPECT_TRUE(std::isnan(at(f, -inf)));
  EXPECT_TRUE(std::isnan(at(f, nan_value)));
}

TEST(Math, Log1p) {
  auto f = M2CRT_LIFT(log1p);
  EXPECT_LE(worst(f, [](double x) { return std::log1p(x); }, -0.99999f, 3.4e38f), 2);
  EXPECT_EQ(at(f, -1), -inf);
  EXPECT_EQ(at(f, inf), inf);
  EXPECT_TRUE(std::isnan(at(f, -2)));
  EXPECT_TRUE(std::isnan(at(f, nan_value)));
}

TEST(Math, Softplus) {
  auto f = M2CRT_LIFT(softplus);
  EXPECT_LE(worst(f, [](double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x))); }, -110, 110), 2.5);
  EXPECT_EQ(at(f, inf), inf);
  EXPECT_EQ(at(f, -inf), 0);
}

TEST(Math, RoundingAgreesWithLibmEverywhere) {
  auto same = [](auto f, float (*ref)(float)) {
    for (std::uint64_t i = 0; i < 1ull << 32; i += 9973) {
      float x = bit_cast<float>(static_cast<std::uint32_t>(i));
      float got = at(f, x), want = ref(x);
      ASSERT_TRUE(bit_cast<std::uint32_t>(got) == bit_cast<std::uint32_t>(want) || std::isnan(want))
          << x << ": " << got << " instead of " << want;
    }
    for (float x :
         {0.5f, -0.5f, 1.5f, -1.5f, 2.5f, -2.5f, 0.49999997f, -0.49999997f, 8388607.5f, 0.0f, -0.0f, inf, -inf})
      EXPECT_TRUE(at(f, x) == ref(x) || std::isnan(ref(x))) << x;
    EXPECT_TRUE(std::isnan(at(f, nan_value)));
  };
  same(M2CRT_LIFT(round_even), std::nearbyintf);
  same(M2CRT_LIFT(floor), std::floor);
  same(M2CRT_LIFT(ceil), std::ceil);
  same(M2CRT_LIFT(trunc), std::trunc);
  same(M2CRT_LIFT(round), std::round);
  same(M2CRT_LIFT(abs), std::fabs);
  same(M2CRT_LIFT(sqrt), std::sqrt);
}

TEST(Math, SignKeepsZerosAndNaN) {
  auto f = M2CRT_LIFT(sign);
  EXPECT_EQ(at(f, 3), 1);
  EXPECT_EQ(at(f, -inf), -1);
  EXPECT_EQ(at(f, 0), 0);
  EXPECT_TRUE(std::isnan(at(f, nan_value)));
  EXPECT_EQ(m2crt::sign(-7), -1);
}

TEST(Math, DoubleGoesThroughLibm) {
  auto x = splat<vec<double>>(0.3);
  EXPECT_EQ(m2crt::exp(x)[0], std::exp(0.3));
  EXPECT_EQ(m2crt::tanh(0.3), std::tanh(0.3));
  EXPECT_EQ(m2crt::floor(x)[0], 0.0);
  EXPECT_EQ(m2crt::sigmoid(0.0), 0.5);
}

}  // namespace
