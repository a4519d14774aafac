// The small kernels: look-up, determinants, pairwise coupling, maxima of regions.
#include <gtest/gtest.h>

#include <vector>

#include "m2crt/coupling.h"
#include "m2crt/det.h"
#include "m2crt/lookup.h"
#include "m2crt/roi_pool.h"

namespace {

using namespace m2crt;

struct nine_of_four {
  static constexpr idx count = 9, keys = 4;
};

TEST(LookUp, FindsEachKeyAndNothingElse) {
  const std::int64_t keys[] = {-5, 0, 3, 100}, x[] = {-5, -6, 0, 1, 3, 99, 100, 101, -4};
  const float values[] = {1, 2, 3, 4, -1}, expected[] = {1, -1, 2, -1, 3, -1, 4, -1, -1};
  float y[9];
  look_up<nine_of_four>(x, keys, values, y);
  for (int i = 0; i < 9; ++i) EXPECT_EQ(y[i], expected[i]) << x[i];
}

struct two_of_one {
  static constexpr idx count = 2, keys = 1;
};

TEST(LookUp, NanIsNoKey) {
  const float keys[] = {1}, x[] = {std::nanf(""), 1}, values[] = {5, 6};
  float y[2];
  look_up<two_of_one>(x, keys, values, y);
  EXPECT_EQ(y[0], 6);
  EXPECT_EQ(y[1], 5);
}

struct three_matrices {
  static constexpr idx matrices = 3, n = 3;
};

TEST(Det, OfKnownMatrices) {
  const double x[] = {0, 2, 1, 1, 0, 3, 4, 1, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 1, 2, 3, 2, 4, 6, 1, 0, 1};
  double y[3], work[9];
  det<three_matrices>(x, y, work);
  EXPECT_NEAR(y[0], 25, 1e-12);
  EXPECT_NEAR(y[1], 24, 1e-12);
  EXPECT_NEAR(y[2], 0, 1e-12);
}

struct two_rows {
  static constexpr idx rows = 2, classes = 3;
};

TEST(PairwiseCoupling, GivesBackConsistentProbabilities) {
  // p_i / (p_i + p_j) of p = (0.5, 0.3, 0.2) and of equal ones
  const double pairs[] = {0.5 / 0.8, 0.5 / 0.7, 0.3 / 0.5, 0.5, 0.5, 0.5};
  double y[6], q[9], qp[3];
  pairwise_coupling<two_rows>(pairs, y, q, qp);
  const double expected[] = {0.5, 0.3, 0.2, 1.0 / 3, 1.0 / 3, 1.0 / 3};
  for (int i = 0; i < 6; ++i) EXPECT_NEAR(y[i], expected[i], 5e-3);
  EXPECT_NEAR(y[0] + y[1] + y[2], 1, 1e-9);
}

struct three_regions {
  static constexpr idx batch = 2, channels = 1, h = 4, w = 4, regions = 3, out_h = 2, out_w = 2;
  static constexpr double scale = 1;
};

TEST(MaxRoiPool, TakesTheMaximaOfParts) {
  std::vector<float> x(32);
  for (int i = 0; i < 32; ++i) x[static_cast<std::size_t>(i)] = static_cast<float>(i);
  // all of image 0; one pixel of image 1; outside
  const float regions[] = {0, 0, 0, 3, 3, 1, 2, 1, 2, 1, 0, 9, 9, 12, 12};
  float y[12];
  max_roi_pool<three_regions>(x.data(), regions, y);
  const float expected[] = {5, 7, 13, 15, 22, 22, 22, 22, 0, 0, 0, 0};
  for (int i = 0; i < 12; ++i) EXPECT_EQ(y[i], expected[i]) << i;
}

}  // namespace
