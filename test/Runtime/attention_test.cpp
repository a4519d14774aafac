// Attention against a naive reference in double: odd sizes, strides of both layouts, masks, causal, queries in blocks.
#include "m2crt/attention.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace {

using m2crt::idx;

/// [batch, position, head, width] in memory, as a projection leaves it; Pitch adds a gap between positions.
template <idx Batch, idx Heads, idx Queries, idx Keys, idx Width, idx ValueWidth, bool Causal, idx Pitch = 0>
struct shape {
  static constexpr idx batch = Batch, heads = Heads, queries = Queries, keys = Keys, width = Width,
                       value_width = ValueWidth;
  static constexpr idx q_column = 1, k_column = 1, v_column = 1;
  static constexpr idx q_head = Width, q_row = Heads * Width + Pitch, q_batch = Queries * q_row;
  static constexpr idx k_head = Width, k_row = Heads * Width + Pitch, k_batch = Keys * k_row;
  static constexpr idx v_head = ValueWidth, v_row = Heads * ValueWidth + Pitch, v_batch = Keys * v_row;
  static constexpr idx out_head = ValueWidth, out_row = Heads * ValueWidth + Pitch, out_batch = Queries * out_row;
  static constexpr bool causal = Causal;
};

std::vector<float> random(idx n, unsigned seed) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(static_cast<std::size_t>(n));
  for (float& v : values) v = normal(engine);
  return values;
}

/// `sized`: by the kernel for sizes that only the run knows.
template <class S>
void check_one(bool masked, bool sized) {
  const float scale = 0.37f, infinity = std::numeric_limits<float>::infinity();
  std::vector<float> q = random(S::batch * S::q_batch, 1), k = random(S::batch * S::k_batch, 2),
                     v = random(S::batch * S::v_batch, 3);
  std::vector<float> mask(static_cast<std::size_t>(S::queries * S::keys), 0.0f);
  if (masked)
    for (std::size_t i = 0; i < mask.size(); ++i)
      mask[i] = i % 3 == 1 || i < static_cast<std::size_t>(S::keys) ? -infinity : 0.5f;
  std::vector<float> out(static_cast<std::size_t>(S::batch * S::out_batch), -7.0f);
  std::vector<float> scratch(
      static_cast<std::size_t>(sized ? m2crt::attention_sized_scratch(S::keys, S::width)
                                     : m2crt::attention_scratch(S::queries, S::keys, S::width, S::value_width)));
  auto score = [&](auto acc, idx, idx, idx m, idx n) {
    return acc + m2crt::load<decltype(acc)>(mask.data() + m * S::keys + n);
  };
  if (sized)
    m2crt::attention_sized(S{}, q.data(), k.data(), v.data(), out.data(), scratch.data(), scale, score);
  else
    m2crt::attention<S>(q.data(), k.data(), v.data(), out.data(), scratch.data(), scale, score);
  for (idx b = 0; b < S::batch; ++b)
    for (idx h = 0; h < S::heads; ++h)
      for (idx m = 0; m < S::queries; ++m) {
        std::vector<double> p(static_cast<std::size_t>(S::keys));
        double highest = -infinity, total = 0;
        for (idx n = 0; n < S::keys; ++n) {
          double sum = 0;
          for (idx d = 0; d < S::width; ++d)
            sum += static_cast<double>(q[static_cast<std::size_t>(b * S::q_batch + h * S::q_head + m * S::q_row + d)]) *
                   k[static_cast<std::size_t>(b * S::k_batch + h * S::k_head + n * S::k_row + d)];
          p[static_cast<std::size_t>(n)] =
              S::causal && n > m ? -infinity : sum * scale + mask[static_cast<std::size_t>(m * S::keys + n)];
          highest = std::max(highest, p[static_cast<std::size_t>(n)]);
        }
        for (double& e : p) total += e = highest == -infinity ? 0 : std::exp(e - highest);
        for (idx d = 0; d < S::value_width; ++d) {
          double want = 0;
          for (idx n = 0; n < S::keys; ++n)
            want += total == 0 ? 0
                               : p[static_cast<std::size_t>(n)] / total *
                                     v[static_cast<std::size_t>(b * S::v_batch + h * S::v_head + n * S::v_row + d)];
          ASSERT_NEAR(out[static_cast<std::size_t>(b * S::out_batch + h * S::out_head + m * S::out_row + d)], want,
                      2e-5)
              << b << " " << h << " " << m << " " << d;
        }
        for (idx d = S::heads * S::value_width; d < S::out_row; ++d)  // the gap stays as it was
          ASSERT_EQ(out[static_cast<std::size_t>(b * S::out_batch + m * S::out_row + d)], -7.0f);
      }
}

template <class S>
void check(bool masked = false) {
  check_one<S>(masked, false);
  check_one<S>(masked, true);
}

TEST(AttentionTest, OneOfEach) { check<shape<1, 1, 1, 1, 1, 1, false>>(); }
TEST(AttentionTest, OddSizes) { check<shape<2, 3, 7, 13, 5, 11, false, 3>>(); }
TEST(AttentionTest, Masked) { check<shape<1, 2, 9, 17, 8, 8, false>>(true); }
TEST(AttentionTest, Causal) { check<shape<1, 2, 19, 19, 16, 16, true>>(); }
TEST(AttentionTest, CausalWithMoreKeys) { check<shape<1, 1, 5, 12, 16, 16, true>>(true); }
TEST(AttentionTest, OneQuery) { check<shape<1, 4, 1, 65, 64, 64, false>>(); }
TEST(AttentionTest, FewQueries) { check<shape<2, 3, 3, 37, 20, 12, false, 5>>(true); }
TEST(AttentionTest, QueriesInBlocks) { check<shape<1, 1, 101, 1024, 8, 8, false>>(); }

}  // namespace
