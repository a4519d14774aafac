// Transposes against the definition, over odd sizes and strides larger than the extents.
#include "m2crt/transpose.h"

#include <gtest/gtest.h>

#include <vector>

namespace {

using m2crt::idx;

template <idx Rows, idx Columns, idx InStride, idx OutStride, class T>
void check() {
  std::vector<T> x(static_cast<std::size_t>(Rows * InStride)), y(static_cast<std::size_t>(Columns * OutStride), T(-1)),
      want = y;
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<T>(i % 120);
  for (idx r = 0; r < Rows; ++r)
    for (idx c = 0; c < Columns; ++c)
      want[static_cast<std::size_t>(c * OutStride + r)] = x[static_cast<std::size_t>(r * InStride + c)];
  m2crt::transpose_2d<Rows, Columns, InStride, OutStride>(x.data(), y.data());
  EXPECT_EQ(y, want) << Rows << "x" << Columns << " strides " << InStride << " " << OutStride;
  y.assign(y.size(), T(-1));
  m2crt::transpose_2d_sized(Rows, Columns, InStride, OutStride, x.data(), y.data());
  EXPECT_EQ(y, want) << "sized " << Rows << "x" << Columns << " strides " << InStride << " " << OutStride;
}

template <class T>
void check_sizes() {
  check<1, 1, 1, 1, T>();
  check<3, 17, 17, 3, T>();
  check<8, 8, 8, 8, T>();
  check<16, 16, 16, 16, T>();
  check<33, 31, 31, 33, T>();
  check<7, 64, 64, 7, T>();
  check<64, 5, 5, 64, T>();
  check<19, 24, 29, 23, T>();
}

TEST(TransposeTest, Float) { check_sizes<float>(); }
TEST(TransposeTest, Double) { check_sizes<double>(); }
TEST(TransposeTest, Int32) { check_sizes<std::int32_t>(); }
TEST(TransposeTest, Int64) { check_sizes<std::int64_t>(); }
TEST(TransposeTest, Bytes) { check_sizes<std::int8_t>(); }

TEST(TransposeTest, CopiesWithStrides) {
  std::vector<float> x{0, 1, 2, 3, 4, 5, 6, 7, 8}, y(9, -1.0f);
  m2crt::copy_strided<3, 3, 2>(x.data(), y.data());
  EXPECT_EQ(y, (std::vector<float>{0, -1, 3, -1, 6, -1, -1, -1, -1}));
  y.assign(9, -1.0f);
  m2crt::copy_strided_sized(3, 3, 2, x.data(), y.data());
  EXPECT_EQ(y, (std::vector<float>{0, -1, 3, -1, 6, -1, -1, -1, -1}));
}

}  // namespace
