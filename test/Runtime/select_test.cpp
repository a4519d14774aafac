// Kernels that select: positions of elements, non-maximum suppression, different rows.
#include "m2crt/select.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "m2crt/nms.h"
#include "m2crt/unique.h"

namespace {

using namespace m2crt;

struct open_count {
  static constexpr idx rank = 2;
  idx elements, count;
};

TEST(NonZero, GivesIndicesByDimensionAndNoMoreThanThereIsRoomFor) {
  const std::uint8_t x[] = {0, 1, 0, 1, 1, 0};
  const std::int64_t dims[] = {2, 3};
  std::vector<std::int64_t> y(7, -1);
  nonzero_sized(open_count{6, 3}, x, dims, y.data());
  EXPECT_EQ(y, (std::vector<std::int64_t>{0, 1, 1, 1, 0, 1, -1}));
  std::vector<std::int64_t> few(3, -1);
  nonzero_sized(open_count{6, 1}, x, dims, few.data());
  EXPECT_EQ(few, (std::vector<std::int64_t>{0, 1, -1}));
}

struct four_boxes {
  static constexpr idx batch = 1, classes = 2, boxes = 4, rows = 6, center = 0;
};
struct four_centers {
  static constexpr idx batch = 1, classes = 2, boxes = 4, rows = 6, center = 1;
};

TEST(NonMaxSuppression, KeepsTheBestOfThoseThatOverlap) {
  // 0 and 1 overlap by 1/3, 2 is 0 with its corners swapped, 3 is empty.
  const float boxes[] = {0, 0, 2, 2, 0, 1, 2, 3, 2, 2, 0, 0, 5, 5, 5, 5};
  const float scores[] = {0.5f, 0.9f, 0.7f, 0.1f, 0.2f, 0.2f, std::nanf(""), 0.3f};
  const std::int64_t most = 3;
  const float overlap = 0.5f, threshold = 0.15f;
  std::vector<std::int64_t> selected(18, -1), order(4);
  std::int64_t count = 0;
  non_max_suppression<four_boxes>(boxes, scores, &most, &overlap, &threshold, selected.data(), &count, order.data());
  ASSERT_EQ(count, 5);
  EXPECT_EQ(selected, (std::vector<std::int64_t>{0, 0, 1, 0, 0, 2, 0, 1, 3, 0, 1, 0, 0, 1, 1, -1, -1, -1}));
  const float none = 0, low = 0.15f;
  non_max_suppression<four_boxes>(boxes, scores, &most, &none, &low, selected.data(), &count, order.data());
  EXPECT_EQ(count, 3);  // 1; 3 and 0
  const float centers[] = {1, 1, 2, 2, 2, 1, 2, 2, 1, 1, 2, 2, 5, 5, 0, 0};
  non_max_suppression<four_centers>(centers, scores, &most, &overlap, &threshold, selected.data(), &count,
                                    order.data());
  EXPECT_EQ(count, 5);
}

struct five_rows {
  static constexpr idx rows = 5, width = 2, sorted = 1;
};
struct five_unsorted {
  static constexpr idx rows = 5, width = 2, sorted = 0;
};

TEST(Unique, SortsOrKeepsTheOrder) {
  const float nan = std::nanf("");
  const float x[] = {3, 1, nan, 0, 1, 2, nan, 0, 3, 1};
  std::vector<std::int64_t> first(5, -1), inverse(5), counts(5, -1), order(5);
  std::int64_t count = 0;
  unique<five_rows>(x, first.data(), inverse.data(), counts.data(), &count, order.data());
  ASSERT_EQ(count, 3);
  EXPECT_EQ(first, (std::vector<std::int64_t>{2, 0, 1, -1, -1}));
  EXPECT_EQ(inverse, (std::vector<std::int64_t>{1, 2, 0, 2, 1}));
  EXPECT_EQ(counts, (std::vector<std::int64_t>{1, 2, 2, -1, -1}));
  unique<five_unsorted>(x, first.data(), inverse.data(), counts.data(), &count, order.data());
  ASSERT_EQ(count, 3);
  EXPECT_EQ(first[0], 0);
  EXPECT_EQ(first[1], 1);
  EXPECT_EQ(first[2], 2);
  EXPECT_EQ(inverse, (std::vector<std::int64_t>{0, 1, 2, 1, 0}));
  EXPECT_EQ(counts[0], 2);
  EXPECT_EQ(counts[1], 2);
  EXPECT_EQ(counts[2], 1);
}

}  // namespace
