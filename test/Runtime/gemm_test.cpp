#include <gtest/gtest.h>
#include <m2crt/gemm.h>

#include <cmath>
#include <vector>

#include "values.h"

namespace {
namespace rt = m2crt;
using rt::idx;

/// Which of A's (or B's) strides is 1, and how far apart rows are beyond their extent.
enum class order { rows, columns, neither };

template <idx M, idx N, idx K, order A = order::rows, order B = order::rows, idx Slack = 0>
struct shape {
  static constexpr idx m = M, n = N, k = K;
  static constexpr idx a_row = A == order::rows ? K + Slack : A == order::columns ? 1 : 2 * K + Slack;
  static constexpr idx a_column = A == order::rows ? 1 : A == order::columns ? M + Slack : 2;
  static constexpr idx b_row = B == order::rows ? N + Slack : B == order::columns ? 1 : 2 * N + Slack;
  static constexpr idx b_column = B == order::rows ? 1 : B == order::columns ? K + Slack : 2;
  static constexpr idx c_row = N + Slack;
  static constexpr idx panel = rt::panel_width(M, N, rt::lanes<float>, rt::vector_registers);
};
template <class S, idx P>
struct with_panel : S {
  static constexpr idx panel = P;
};

idx extent(idx rows, idx row, idx columns, idx column) { return (rows - 1) * row + (columns - 1) * column + 1; }

/// Runs `multiply(a, b, c, epilogue)` with relu(acc + bias[n] + m) as the epilogue and compares every element.
template <class S, class Multiply>
void check(Multiply multiply) {
  const auto a = random_values(extent(S::m, S::a_row, S::k, S::a_column), 1);
  const auto b = random_values(extent(S::k, S::b_row, S::n, S::b_column), 2);
  const auto bias = random_values(S::n, 3);
  std::vector<float> c(static_cast<std::size_t>(extent(S::m, S::c_row, S::n, 1)), 99.0f);
  multiply(a.data(), b.data(), c.data(), [&](auto acc, idx m, idx n) {
    using V = decltype(acc);
    return rt::max(V{}, V(acc + rt::load<V>(bias.data() + n) + rt::splat<V>(static_cast<float>(m))));
  });
  for (idx m = 0; m < S::m; ++m) {
    for (idx n = 0; n < S::c_row && m * S::c_row + n < static_cast<idx>(c.size()); ++n) {
      const float got = c[static_cast<std::size_t>(m * S::c_row + n)];
      if (n >= S::n) {
        ASSERT_EQ(got, 99.0f) << "wrote past row " << m;
        continue;
      }
      double sum = bias[static_cast<std::size_t>(n)] + static_cast<double>(m), magnitude = std::abs(sum);
      for (idx k = 0; k < S::k; ++k) {
        const double term = static_cast<double>(a[static_cast<std::size_t>(m * S::a_row + k * S::a_column)]) *
                            b[static_cast<std::size_t>(k * S::b_row + n * S::b_column)];
        sum += term;
        magnitude += std::abs(term);
      }
      ASSERT_NEAR(got, std::max(sum, 0.0), 1e-6 * magnitude) << "m " << m << " n " << n;
    }
  }
}

template <class S>
void check_packed() {
  check<S>([](const float* a, const float* b, float* c, const auto& epilogue) {
    std::vector<float> packed(static_cast<std::size_t>(rt::packed_size(S::k, S::n, S::panel)));
    rt::pack_panels(b, S::b_row, S::b_column, S::k, S::n, S::panel, packed.data());
    rt::gemm<S>(a, packed.data(), c, epilogue);
  });
}

/// What gemm_sized takes of a shape when it runs.
template <class S>
struct sized_rows {
  static constexpr idx n = S::n, k = S::k, a_column = S::a_column, panel = S::panel;
  idx m, a_row, c_row;
};

/// The same with rows and strides as members: a panel is chosen for one row.
template <idx M, idx N, idx K, idx Slack = 0>
void check_sized() {
  using S = with_panel<shape<M, N, K, order::rows, order::rows, Slack>,
                       rt::panel_width(1, N, rt::lanes<float>, rt::vector_registers)>;
  check<S>([](const float* a, const float* b, float* c, const auto& epilogue) {
    std::vector<float> packed(static_cast<std::size_t>(rt::packed_size(S::k, S::n, S::panel)));
    rt::pack_panels(b, S::b_row, S::b_column, S::k, S::n, S::panel, packed.data());
    rt::gemm_sized(sized_rows<S>{S::m, S::a_row, S::c_row}, a, packed.data(), c, epilogue);
  });
}

template <class S>
void check_product() {
  struct sized {
    idx m, n, k, a_row, a_column, b_row, b_column, c_row;
  };
  check<S>([](const float* a, const float* b, float* c, const auto& epilogue) {
    rt::product_sized(sized{S::m, S::n, S::k, S::a_row, S::a_column, S::b_row, S::b_column, S::c_row}, a, b, c,
                      epilogue);
  });
}

template <class S>
void check_any() {
  check<S>([](const float* a, const float* b, float* c, const auto& epilogue) {
    std::vector<float> scratch(static_cast<std::size_t>(rt::gemm_scratch<S, float>));
    rt::gemm_any<S>(a, b, c, scratch.data(), epilogue);
  });
}

TEST(Gemm, OddSizes) {
  check_packed<shape<37, 101, 77>>();
  check_packed<shape<13, 17, 5>>();
  check_packed<shape<6, 16, 1>>();
  check_packed<shape<49, 24, 33>>();
  check_packed<shape<7, 40, 64>>();
  check_packed<shape<100, 3, 9>>();
  check_packed<shape<11, 4, 20>>();
  check_packed<shape<130, 130, 130>>();
}

TEST(Gemm, FewRows) {
  check_packed<shape<1, 256, 132>>();
  check_packed<shape<1, 132, 100>>();
  check_packed<shape<1, 10, 256>>();
  check_packed<shape<2, 50, 19>>();
  check_packed<shape<3, 100, 41>>();
  check_packed<shape<4, 70, 128>>();
  check_packed<shape<1, 7, 3>>();
}

TEST(Gemm, FewColumns) {
  check_packed<shape<1, 1, 1>>();
  check_packed<shape<1, 1, 300>>();
  check_packed<shape<1, 2, 32>>();
  check_packed<shape<45, 1, 67>>();
  check_packed<shape<9, 2, 30>>();
  check_packed<shape<9, 2, 3>>();
}

TEST(Gemm, StridesBeyondTheExtents) {
  check_packed<shape<19, 35, 23, order::rows, order::columns, 5>>();
  check_packed<shape<19, 35, 23, order::columns, order::rows, 3>>();
  check_packed<shape<19, 35, 23, order::neither, order::neither, 3>>();
  check_packed<shape<3, 1, 64, order::columns, order::rows, 3>>();
}

TEST(Gemm, BlocksOfRows) { check_packed<shape<300, 20, 900>>(); }

TEST(Gemm, AnyPanelWidthServesAnyShape) {
  check_packed<with_panel<shape<20, 150, 31>, 64>>();
  check_packed<with_panel<shape<20, 150, 31>, 16>>();
  check_packed<with_panel<shape<20, 150, 31>, 32>>();
  check_packed<with_panel<shape<20, 15, 31>, 4>>();
  check_packed<with_panel<shape<1, 150, 31>, 24>>();
  check_packed<with_panel<shape<5, 7, 31>, 1>>();
}

TEST(GemmSized, AnyNumberOfRows) {
  check_sized<1, 101, 77>();
  check_sized<2, 101, 77>();
  check_sized<3, 256, 40>();
  check_sized<4, 256, 40>();
  check_sized<7, 300, 33, 3>();
  check_sized<8, 130, 20>();
  check_sized<19, 130, 20>();
  check_sized<33, 10, 64>();
  check_sized<5, 3, 64>();
  check_sized<9, 1, 50>();
  check_sized<300, 20, 900, 2>();
}

TEST(ProductSized, AnyStrides) {
  check_product<shape<5, 37, 30>>();
  check_product<shape<1, 101, 64, order::rows, order::rows, 3>>();
  check_product<shape<6, 1, 1>>();
  check_product<shape<33, 37, 50, order::rows, order::columns, 2>>();
  check_product<shape<3, 9, 5, order::rows, order::columns>>();
  check_product<shape<19, 35, 23, order::columns, order::rows, 3>>();
  check_product<shape<19, 35, 23, order::columns, order::columns, 3>>();
  check_product<shape<21, 40, 30, order::neither, order::neither>>();
}

TEST(GemmAny, RowMajor) {
  check_any<shape<5, 37, 30>>();
  check_any<shape<1, 101, 64, order::rows, order::rows, 3>>();
  check_any<shape<33, 37, 50>>();
  check_any<shape<33, 37, 200, order::rows, order::rows, 3>>();
  check_any<shape<17, 3, 40>>();
}

TEST(GemmAny, Transposed) {
  check_any<shape<1, 37, 50, order::rows, order::columns>>();
  check_any<shape<2, 9, 5, order::rows, order::columns, 2>>();
  check_any<shape<33, 37, 50, order::rows, order::columns, 2>>();
  check_any<shape<33, 37, 50, order::columns, order::columns>>();
  check_any<shape<1, 37, 50, order::columns, order::columns>>();
}

TEST(GemmAny, LargeLeftOperand) { check_any<shape<150, 40, 500, order::rows, order::columns>>(); }
TEST(GemmAny, NoUnitStride) { check_any<shape<21, 40, 30, order::neither, order::neither>>(); }
}  // namespace
