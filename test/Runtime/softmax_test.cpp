#include "m2crt/softmax.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace {

using namespace m2crt;

/// `sized`: by the kernels for lengths that only the run knows.
template <idx N, class T>
void agrees_with_double(bool in_place, double offset, bool sized) {
  std::mt19937 engine(N);
  std::normal_distribution<double> draw(offset, 3);
  std::vector<T> x(N), y(N + 1, 42), z(N + 1, 42);
  for (T& v : x) v = static_cast<T>(draw(engine));
  double highest = *std::max_element(x.begin(), x.end()), total = 0;
  for (T v : x) total += std::exp(v - highest);
  std::vector<T> input = x;
  if (in_place) std::copy(x.begin(), x.end(), y.begin()), std::copy(x.begin(), x.end(), z.begin());
  auto twice = [](auto acc, idx) { return acc * 2; };
  auto same = [](auto acc, idx) { return acc; };
  if (sized) {
    softmax_row(N, in_place ? y.data() : x.data(), y.data(), twice);
    log_softmax_row(N, in_place ? z.data() : x.data(), z.data(), same);
  } else {
    softmax_row<N>(in_place ? y.data() : x.data(), y.data(), twice);
    log_softmax_row<N>(in_place ? z.data() : x.data(), z.data(), same);
  }
  for (idx i = 0; i < N; ++i) {
    double want = std::exp(input[i] - highest) / total;
    EXPECT_NEAR(y[i], 2 * want, 3e-6 * want + 1e-30) << N << " " << i;
    EXPECT_NEAR(z[i], input[i] - highest - std::log(total), 2e-6 * (1 + std::fabs(z[i])));
  }
  EXPECT_EQ(y[N], 42);
  EXPECT_EQ(z[N], 42);
}

TEST(Softmax, AgreesWithDouble) {
  for (bool in_place : {false, true})
    for (bool sized : {false, true})
      for (double offset : {0.0, 1000.0, -1000.0}) {
        agrees_with_double<1, float>(in_place, offset, sized);
        agrees_with_double<2, float>(in_place, offset, sized);
        agrees_with_double<10, float>(in_place, offset, sized);
        agrees_with_double<16, float>(in_place, offset, sized);
        agrees_with_double<128, float>(in_place, offset, sized);
        agrees_with_double<1003, float>(in_place, offset, sized);
        agrees_with_double<11, double>(in_place, offset, sized);
      }
}

TEST(Softmax, MaskedElementsAreZero) {
  float x[11], y[11];
  for (int i = 0; i < 11; ++i) x[i] = i % 2 ? -INFINITY : 1.0f;
  softmax_row<11>(x, y, [](auto acc, idx) { return acc; });
  for (int i = 0; i < 11; ++i) EXPECT_FLOAT_EQ(y[i], i % 2 ? 0.0f : 1.0f / 6);
}

}  // namespace
