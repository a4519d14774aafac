// The arena planner: reuse, alignment, and plans that are valid for any lifetimes.
#include "m2c/Plan/ArenaPlanner.h"
#include "gmock/gmock.h"
#include <random>

using namespace m2c;
using ::testing::ElementsAre;

TEST(ArenaPlannerTest, GivesADeadBuffersSlotToTheNextOneThatFits) {
  //                    bytes, live:  a 0..1        b 1..2        c 2..3, so c may reuse a
  ArenaPlan plan = planArena({{100, 0, 1}, {100, 1, 2}, {60, 2, 3}}, /*alignment=*/64);
  EXPECT_THAT(plan.offsets, ElementsAre(0, 128, 0));
  EXPECT_EQ(plan.bytes, 256);
}

TEST(ArenaPlannerTest, FillsAGapBetweenTwoLivingBuffers) {
  // b and d live for ever around a's old place, which c takes.
  ArenaPlan plan = planArena({{300, 0, 9}, {200, 0, 1}, {100, 0, 9}, {150, 2, 3}}, 1);
  EXPECT_EQ(plan.bytes, 600);
  EXPECT_EQ(plan.offsets[3], 300);
}

TEST(ArenaPlannerTest, IsEmptyWithoutBuffers) { EXPECT_EQ(planArena({}, 64).bytes, 0); }

TEST(ArenaPlannerTest, TheValidatorSeesAnOverlap) {
  std::vector<BufferLifetime> buffers{{10, 0, 1}, {10, 1, 2}};
  EXPECT_TRUE(isValidPlan(buffers, {{0, 10}, 20}));
  EXPECT_FALSE(isValidPlan(buffers, {{0, 9}, 20}));
  EXPECT_FALSE(isValidPlan(buffers, {{0, 10}, 19}));
}

TEST(ArenaPlannerTest, RandomPlansAreValidAlignedAndNoLargerThanTheSum) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<BufferLifetime> buffers;
    int64_t sum = 0;
    for (int i = 0; i < 40; ++i) {
      int64_t first = random() % 50;
      buffers.push_back(
          {static_cast<int64_t>(random() % 1000 + 1), first, first + static_cast<int64_t>(random() % 10)});
      sum += (buffers.back().bytes + 63) / 64 * 64;
    }
    ArenaPlan plan = planArena(buffers, 64);
    EXPECT_TRUE(isValidPlan(buffers, plan));
    EXPECT_LE(plan.bytes, sum);
    for (int64_t offset : plan.offsets)
      EXPECT_EQ(offset % 64, 0);
  }
}
