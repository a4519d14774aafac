#include "m2crt/reduce.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "values.h"

namespace {

using namespace m2crt;
const float nan_value = std::nanf("");

template <idx N, class T>
void sums_and_extremes() {
  auto x = random_values<T>(N, N, 4);
  double want = 0;
  for (T v : x) want += v;
  EXPECT_NEAR(static_cast<double>(sum<N>(x.data())), want, 1e-5 * N);
  auto element = [&](auto lanes, idx i) { return load(lanes, x.data() + i); };
  EXPECT_EQ((vreduce<N, T>(x[0], element, max_op{})), *std::max_element(x.begin(), x.end()));
  EXPECT_EQ((vreduce<N, T>(x[0], element, min_op{})), *std::min_element(x.begin(), x.end()));
  EXPECT_EQ((vreduce<T>(N, x[0], element, max_op{})), *std::max_element(x.begin(), x.end()));
  auto squares = vreduce<N, T>(
      T{},
      [&](auto lanes, idx i) {
        auto v = load(lanes, x.data() + i);
        return v * v;
      },
      add_op{});
  want = 0;
  for (T v : x) want += static_cast<double>(v) * v;
  EXPECT_NEAR(static_cast<double>(squares), want, 1e-5 * want);
}

TEST(Reduce, RowsOfEveryLength) {
  sums_and_extremes<1, float>();
  sums_and_extremes<5, float>();
  sums_and_extremes<8, float>();
  sums_and_extremes<31, float>();
  sums_and_extremes<64, float>();
  sums_and_extremes<259, float>();
  sums_and_extremes<19, double>();
  sums_and_extremes<77, std::int32_t>();
}

TEST(Reduce, MaximumKeepsNaN) {
  std::vector<float> x(50, 1.0f);
  x[33] = nan_value;
  EXPECT_TRUE(std::isnan(vreduce<50>(-1e30f, [&](auto lanes, idx i) { return load(lanes, x.data() + i); }, max_op{})));
}

template <idx Rows, idx N>
void sums_columns() {
  constexpr idx stride = N + 3;
  auto x = random_values(Rows * stride, 1, 4);
  std::vector<float> y(N + 1, -7);
  vreduce_rows<Rows, N>(
      0.0f, [&](auto lanes, idx row, idx i) { return load(lanes, x.data() + row * stride + i); }, add_op{},
      [&](auto, idx i, auto acc) { store(y.data() + i, acc); });
  std::vector<float> sized(N + 1, -7);
  vreduce_rows(
      Rows, N, 0.0f, [&](auto lanes, idx row, idx i) { return load(lanes, x.data() + row * stride + i); }, add_op{},
      [&](auto, idx i, auto acc) { store(sized.data() + i, acc); });
  for (idx i = 0; i < N; ++i) {
    double want = 0;
    for (idx r = 0; r < Rows; ++r) want += x[r * stride + i];
    EXPECT_NEAR(y[i], want, 1e-5 * Rows);
    EXPECT_NEAR(sized[i], want, 1e-5 * Rows);
  }
  EXPECT_EQ(y[N], -7);
}

TEST(Reduce, ColumnsOfEveryWidth) {
  sums_columns<1, 1>();
  sums_columns<7, 3>();
  sums_columns<9, 16>();
  sums_columns<5, 75>();
}

// What numpy does: NaN is extreme, the first (or the last) of equals.
template <bool Max, bool Last, class T>
idx naive_arg(const std::vector<T>& x, idx stride = 1, idx offset = 0) {
  idx best = 0, n = static_cast<idx>(x.size()) / stride;
  for (idx i = 1; i < n; ++i) {
    T v = x[i * stride + offset], b = x[best * stride + offset];
    bool vn = v != v, bn = b != b;
    bool better = vn ? (Last || !bn) : !bn && (Max ? (Last ? v >= b : v > b) : (Last ? v <= b : v < b));
    if (better) best = i;
  }
  return best;
}

template <idx N, bool Max, bool Last, class T>
void finds_positions() {
  for (unsigned seed = 0; seed < 20; ++seed) {
    auto x = random_values<T>(N, seed, 4);
    for (T& v : x) v = static_cast<T>(std::floor(static_cast<double>(v)));  // many equals
    if constexpr (std::is_floating_point_v<T>)
      if (seed % 3 == 0) x[seed * 7 % N] = static_cast<T>(nan_value), x[seed * 5 % N] = static_cast<T>(nan_value);
    EXPECT_EQ((arg_reduce<N, Max, Last>(x.data())), (naive_arg<Max, Last>(x))) << N << " seed " << seed;
  }
}

TEST(ArgReduce, AlongElements) {
  finds_positions<1, true, false, float>();
  finds_positions<13, true, false, float>();
  finds_positions<13, false, true, float>();
  finds_positions<100, true, false, float>();
  finds_positions<100, true, true, float>();
  finds_positions<101, false, false, float>();
  finds_positions<67, false, true, float>();
  finds_positions<67, true, false, double>();
  finds_positions<67, true, true, std::int32_t>();
  finds_positions<67, false, false, std::int8_t>();
}

template <idx Rows, idx N, bool Max, bool Last, class T>
void finds_positions_down_columns() {
  auto x = random_values<T>(Rows * N, 3, 4);
  for (T& v : x) v = static_cast<T>(std::floor(static_cast<double>(v)));
  if constexpr (std::is_floating_point_v<T>) x[N + 1] = static_cast<T>(nan_value);
  std::vector<std::int64_t> out(N * 2, -1);
  arg_reduce_rows<Rows, N, Max, Last>(x.data(), N, out.data(), 2);
  for (idx i = 0; i < N; ++i) EXPECT_EQ(out[2 * i], (naive_arg<Max, Last>(x, N, i))) << i;
}

TEST(ArgReduce, DownColumns) {
  finds_positions_down_columns<5, 21, true, false, float>();
  finds_positions_down_columns<9, 16, false, false, float>();
  finds_positions_down_columns<9, 35, true, true, float>();
  finds_positions_down_columns<9, 11, false, true, double>();
  finds_positions_down_columns<4, 40, true, false, std::int32_t>();
  finds_positions_down_columns<4, 40, true, false, std::uint8_t>();
}

}  // namespace
