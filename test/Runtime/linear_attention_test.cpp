#include "m2crt/linear_attention.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace {

using namespace m2crt;

template <idx Group, idx Dk, idx Dv, idx Decay, idx Beta, bool Past>
struct attention_shape {
  static constexpr idx batch = 2, steps = 5, heads = 2, group = Group, key_width = Dk, value_width = Dv;
  static constexpr bool has_past = Past;
  static constexpr idx decay = Decay, beta = Beta;
  static constexpr double scale = 0.3;
};

template <idx Group, idx Dk, idx Dv, idx Decay, idx Beta, bool Past>
void agrees_with_double() {
  using shape = attention_shape<Group, Dk, Dv, Decay, Beta, Past>;
  std::mt19937 engine(Dk + Dv);
  std::normal_distribution<float> draw(0, 0.5f);
  auto random = [&](idx n) {
    std::vector<float> v(static_cast<std::size_t>(n));
    for (float& x : v) x = draw(engine);
    return v;
  };
  constexpr idx rows = 10, queries = 2 * Group;
  const auto q = random(rows * queries * Dk), k = random(rows * 2 * Dk), v = random(rows * 2 * Dv),
             past = random(4 * Dk * Dv), decay = random(rows * 2 * Dk), beta = random(rows * 2);
  std::vector<float> y(rows * queries * Dv + 1, 42), state(4 * Dk * Dv + 1, 42), written(Dv);
  linear_attention<shape>(q.data(), k.data(), v.data(), past.data(), decay.data(), beta.data(), y.data(), state.data(),
                          written.data());
  auto at = [](const std::vector<float>& list, idx i) {
    return static_cast<double>(list[static_cast<std::size_t>(i)]);
  };
  for (idx b = 0; b < 2; ++b)
    for (idx h = 0; h < 2; ++h) {
      std::vector<double> s(Dk * Dv);
      for (idx i = 0; i < Dk * Dv; ++i) s[static_cast<std::size_t>(i)] = Past ? at(past, (b * 2 + h) * Dk * Dv + i) : 0;
      auto cell = [&](idx d, idx m) -> double& { return s[static_cast<std::size_t>(d * Dv + m)]; };
      for (idx t = 0; t < 5; ++t) {
        const idx step = b * 5 + t, head = step * 2 + h;
        for (idx d = 0; d < Dk; ++d)
          for (idx m = 0; m < Dv; ++m)
            cell(d, m) *= Decay == 0 ? 1 : std::exp(Decay == 1 ? at(decay, head) : at(decay, head * Dk + d));
        for (idx m = 0; m < Dv; ++m) {
          double found = 0, value = at(v, head * Dv + m);
          for (idx d = 0; d < Dk; ++d) found += cell(d, m) * at(k, head * Dk + d);
          if (Beta != 0) value = (value - found) * (Beta == 1 ? at(beta, step) : at(beta, head));
          for (idx d = 0; d < Dk; ++d) cell(d, m) += at(k, head * Dk + d) * value;
        }
        for (idx g = 0; g < Group; ++g)
          for (idx m = 0; m < Dv; ++m) {
            const idx query = step * queries + h * Group + g;
            double sum = 0;
            for (idx d = 0; d < Dk; ++d) sum += at(q, query * Dk + d) * cell(d, m);
            EXPECT_NEAR(y[static_cast<std::size_t>(query * Dv + m)], 0.3 * sum, 1e-4 * (1 + std::fabs(sum)));
          }
      }
      for (idx i = 0; i < Dk * Dv; ++i)
        EXPECT_NEAR(state[static_cast<std::size_t>((b * 2 + h) * Dk * Dv + i)], s[static_cast<std::size_t>(i)], 1e-3);
    }
  EXPECT_EQ(y.back(), 42);
  EXPECT_EQ(state.back(), 42);
}

TEST(LinearAttention, AgreesWithDouble) {
  agrees_with_double<1, 4, 3, 0, 0, false>();
  agrees_with_double<1, 7, 16, 1, 0, true>();
  agrees_with_double<2, 8, 5, 2, 1, true>();
  agrees_with_double<3, 3, 19, 2, 2, false>();
  agrees_with_double<1, 5, 8, 0, 2, true>();
}

}  // namespace
