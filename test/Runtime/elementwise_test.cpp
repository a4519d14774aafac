#include "m2crt/elementwise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace {

using namespace m2crt;
const float nan_value = std::nanf("");

template <idx N>
void adds_every_element_once() {
  std::vector<float> a(N), b(N), out(N + 1, -1);
  for (idx i = 0; i < N; ++i) a[i] = static_cast<float>(i), b[i] = static_cast<float>(3 * i - 7);
  vloop<N>(
      [&](auto lanes, idx i) { store(out.data() + i, relu(load(lanes, a.data() + i) + load(lanes, b.data() + i))); });
  for (idx i = 0; i < N; ++i) EXPECT_EQ(out[i], std::max(0.0f, a[i] + b[i]));
  EXPECT_EQ(out[N], -1);
  std::fill(out.begin(), out.end(), -1.0f);
  vloop(N, [&](auto lanes, idx i) { store(out.data() + i, load(lanes, a.data() + i)); });
  for (idx i = 0; i < N; ++i) EXPECT_EQ(out[i], a[i]);
  EXPECT_EQ(out[N], -1);
}

TEST(Elementwise, CoversEveryLength) {
  adds_every_element_once<1>();
  adds_every_element_once<3>();
  adds_every_element_once<8>();
  adds_every_element_once<16>();
  adds_every_element_once<37>();
  adds_every_element_once<256>();
}

TEST(Elementwise, MixedWidthsFollowTheWidestType) {
  constexpr idx n = 21;
  float x[n], y[n];
  double d[n];
  std::uint8_t bytes[n], greater[n];
  for (idx i = 0; i < n; ++i)
    x[i] = static_cast<float>(i) - 9.5f, d[i] = static_cast<double>(i % 4),
    bytes[i] = static_cast<std::uint8_t>(i % 3 == 0);
  vloop<n, double>([&](auto lanes, idx i) {
    auto a = load(lanes, x + i);
    auto b = cast<float>(load(lanes, d + i));
    auto chosen = load(lanes, bytes + i);
    store(y + i, where(chosen, a, b));
    store(greater + i, as_bytes(cast<double>(a) > load(lanes, d + i)));
  });
  for (idx i = 0; i < n; ++i) {
    EXPECT_EQ(y[i], bytes[i] ? x[i] : static_cast<float>(d[i]));
    EXPECT_EQ(greater[i], x[i] > d[i]);
  }
}

template <class V>
void extremes_treat_nan_as_specified() {
  auto lane = [](auto v) {
    if constexpr (lane_count<V> == 1)
      return v;
    else
      return v[0];
  };
  V nan = splat<V>(nan_value), one = splat<V>(1), two = splat<V>(2);
  for (auto r : {maximum(nan, one), maximum(one, nan), minimum(nan, one), minimum(one, nan)})
    EXPECT_TRUE(std::isnan(lane(r)));
  for (auto r : {max_num(nan, one), max_num(one, nan), min_num(nan, one), min_num(one, nan)}) EXPECT_EQ(lane(r), 1);
  EXPECT_EQ(lane(maximum(one, two)), 2);
  EXPECT_EQ(lane(minimum(one, two)), 1);
  EXPECT_TRUE(std::isnan(lane(relu(nan))));
  EXPECT_TRUE(std::isnan(lane(clamp(nan, -1, 1))));
  EXPECT_EQ(lane(clamp(two, -1, 1)), 1);
  EXPECT_TRUE(lane(where(unordered(nan, one), one, two)) == 1);
  EXPECT_TRUE(lane(where(mask_not(one < two), one, two)) == 2);
}

TEST(Elementwise, ExtremesTreatNaNAsSpecified) {
  extremes_treat_nan_as_specified<float>();
  extremes_treat_nan_as_specified<vec<float>>();
  extremes_treat_nan_as_specified<vec<double>>();
}

template <class From, class To>
void casts_every_lane() {
  constexpr idx n = 19;
  From x[n];
  To y[n];
  for (idx i = 0; i < n; ++i) x[i] = static_cast<From>(i * 5 % 23);
  vloop<n>([&](auto lanes, idx i) { store(y + i, cast<To>(load(lanes, x + i))); });
  for (idx i = 0; i < n; ++i) EXPECT_EQ(y[i], static_cast<To>(x[i]));
}

TEST(Elementwise, Casts) {
  casts_every_lane<std::int8_t, float>();
  casts_every_lane<std::uint8_t, float>();
  casts_every_lane<std::uint8_t, std::int32_t>();
  casts_every_lane<float, std::int8_t>();
  casts_every_lane<std::int32_t, float>();
  casts_every_lane<std::int16_t, float>();
  casts_every_lane<float, std::int32_t>();
}

TEST(Elementwise, IntegerDivisionRoundsDown) {
  using I = vec<std::int32_t>;
  for (int a = -9; a <= 9; ++a)
    for (int b : {-4, -3, 2, 5}) {
      int want = static_cast<int>(std::floor(static_cast<double>(a) / b));
      EXPECT_EQ(floor_div(a, b), want);
      EXPECT_EQ(floor_div(splat<I>(a), splat<I>(b))[0], want);
    }
  EXPECT_EQ(m2crt::fmod(-5.5f, 3.0f), -2.5f);
}

TEST(Elementwise, StridedAndIota) {
  int values[32];
  for (int i = 0; i < 32; ++i) values[i] = i;
  auto v = load_strided(lane_tag<4>{}, values + 1, 3);
  EXPECT_EQ(v[3], 10);
  int out[8] = {};
  store_strided(out, v, 2);
  EXPECT_EQ(out[6], 10);
  EXPECT_EQ(out[5], 0);
  EXPECT_EQ((iota(lane_tag<4>{}, 5, 2))[3], 11);
  EXPECT_EQ(iota(lane_tag<1>{}, std::int64_t{5}), 5);
}

}  // namespace
