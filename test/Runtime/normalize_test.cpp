#include "m2crt/normalize.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace {

using namespace m2crt;

template <idx N, class T>
void agrees_with_double(double offset) {
  std::mt19937 engine(N);
  std::normal_distribution<double> draw(offset, 2);
  std::vector<T> x(N), scale(N), bias(N), y(N + 1, 42), z(N + 1, 42);
  for (idx i = 0; i < N; ++i)
    x[i] = static_cast<T>(draw(engine)), scale[i] = static_cast<T>(i % 5), bias[i] = static_cast<T>(i % 3);
  double mean = 0, variance = 0, square = 0;
  for (T v : x) mean += v / double{N};
  for (T v : x) variance += (v - mean) * (v - mean) / N, square += static_cast<double>(v) * v / N;
  auto affine = [&](auto acc, idx i) {
    using V = decltype(acc);
    return mul_add(acc, load<V>(&scale[i]), load<V>(&bias[i]));
  };
  layer_norm_row<N>(x.data(), y.data(), T(1e-5), affine);
  rms_norm_row<N>(x.data(), z.data(), T(1e-5), affine);
  for (idx i = 0; i < N; ++i) {
    double layer = (x[i] - mean) / std::sqrt(variance + 1e-5), rms = x[i] / std::sqrt(square + 1e-5);
    EXPECT_NEAR(y[i], layer * scale[i] + bias[i], 2e-5 * (1 + std::fabs(offset)));
    EXPECT_NEAR(z[i], rms * scale[i] + bias[i], 1e-5);
  }
  EXPECT_EQ(y[N], 42);
  EXPECT_EQ(z[N], 42);
}

TEST(Normalize, AgreesWithDouble) {
  for (double offset : {0.0, 100.0}) {
    agrees_with_double<2, float>(offset);
    agrees_with_double<7, float>(offset);
    agrees_with_double<32, float>(offset);
    agrees_with_double<259, float>(offset);
    agrees_with_double<768, float>(offset);
    agrees_with_double<21, double>(offset);
  }
}

TEST(Normalize, WorksInPlace) {
  float x[10] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  layer_norm_row<10>(x, x, 0.0f, [](auto acc, idx) { return acc; });
  EXPECT_NEAR(x[0], -4.5 / std::sqrt(8.25), 1e-6);
  EXPECT_NEAR(x[9], 4.5 / std::sqrt(8.25), 1e-6);
}

}  // namespace
