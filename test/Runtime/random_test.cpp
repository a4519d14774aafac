#include "m2crt/random.h"

#include <gtest/gtest.h>

#include <vector>

namespace {

using namespace m2crt;

struct shape {
  static constexpr idx count = 100003, seed = 12345, stream = 7, samples = count, classes = 3;
  static constexpr double low = -2, high = 3, mean = 1.5, scale = 2;
};
struct other_stream : shape {
  static constexpr idx stream = 8;
};
struct short_shape : shape {
  static constexpr idx count = 5;
};

// The answers of the reference implementation (Random123's kat_vectors).
TEST(Random, PhiloxHasItsKnownAnswers) {
  const philox_block zero = philox(0, 0, 0), ones = philox(~0ull, ~0ull, ~0ull),
                     pi = philox(0x299f31d0a4093822ull, 0x85a308d3243f6a88ull, 0x0370734413198a2eull);
  const std::uint32_t expected[3][4] = {{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
                                        {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
                                        {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}};
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(zero.word[i], expected[0][i]);
    EXPECT_EQ(ones.word[i], expected[1][i]);
    EXPECT_EQ(pi.word[i], expected[2][i]);
  }
}

template <class T>
void check_moments(const std::vector<T>& y, double mean, double variance) {
  double sum = 0, square = 0, next = 0;
  for (T v : y) sum += v;
  sum /= static_cast<double>(y.size());
  for (std::size_t i = 0; i < y.size(); ++i) {
    square += (y[i] - sum) * (y[i] - sum);
    if (i + 1 < y.size()) next += (y[i] - sum) * (y[i + 1] - sum);
  }
  const auto n = static_cast<double>(y.size());
  EXPECT_NEAR(sum, mean, 5 * std::sqrt(variance / n));
  EXPECT_NEAR(square / n, variance, 0.03 * variance);
  EXPECT_NEAR(next / n / variance, 0, 5 / std::sqrt(n));  // neighbours are not correlated
}

template <class T>
void check_distributions() {
  std::vector<T> uniform(shape::count), normal(shape::count), other(shape::count), few(short_shape::count);
  random_uniform<shape>(uniform.data());
  random_normal<shape>(normal.data());
  random_uniform<other_stream>(other.data());
  random_uniform<short_shape>(few.data());
  check_moments(uniform, 0.5, 25.0 / 12);
  check_moments(normal, 1.5, 4);
  double tail = 0, both = 0;
  for (idx i = 0; i < shape::count; ++i) {
    const auto at = static_cast<std::size_t>(i);
    EXPECT_GE(uniform[at], -2);
    EXPECT_LE(uniform[at], 3);
    tail += std::fabs(normal[at] - 1.5) > 4 ? 1 : 0;
    both += (uniform[at] - 0.5) * (other[at] - 0.5);
  }
  EXPECT_NEAR(tail / shape::count, 0.0455, 0.004);                             // beyond two deviations
  EXPECT_NEAR(both / shape::count / (25.0 / 12), 0, 0.016);                    // streams are not correlated
  for (std::size_t i = 0; i < few.size(); ++i) EXPECT_EQ(few[i], uniform[i]);  // whatever the count
}

TEST(Random, HasTheMomentsOfItsDistribution) {
  check_distributions<float>();
  check_distributions<double>();
}

TEST(Random, MultinomialFollowsTheProbabilities) {
  const float logits[] = {std::log(0.2f), std::log(0.5f), std::log(0.3f)};
  std::vector<std::int64_t> y(shape::count);
  multinomial<shape>(logits, y.data());
  double counts[3] = {};
  for (std::int64_t v : y) counts[v] += 1.0 / shape::count;
  EXPECT_NEAR(counts[0], 0.2, 0.01);
  EXPECT_NEAR(counts[1], 0.5, 0.01);
  EXPECT_NEAR(counts[2], 0.3, 0.01);
}

}  // namespace
