// What callers of models whose sizes depend on data rely on. Ends with status 1 where that does not hold.
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

#include "arange.h"
#include "detection.h"
#include "shapes.h"

static int failures = 0;
#define EXPECT(condition)                                                                                              \
  do {                                                                                                                 \
    if (!(condition)) {                                                                                                \
      std::printf("%d: %s does not hold\n", __LINE__, #condition);                                                     \
      ++failures;                                                                                                      \
    }                                                                                                                  \
  } while (false)

static void range() {
  arange::Model model;
  std::int64_t n[1] = {13};
  std::vector<std::int64_t> r(5);
  std::vector<float> p(25), m(5);
  EXPECT(model.run(n, r, p, m));
  EXPECT(model.r_size() == 5 && model.p_shape()[0] == 5 && model.p_shape()[1] == 5 && r[4] == 11);
  n[0] = 3;
  EXPECT(model.run(n, r, p, m) && model.r_size() == 0 && model.p_size() == 0);
  // Too little room: nothing is written behind it, and the shape says what is needed.
  n[0] = 15;
  EXPECT(!model.run(n, r, p, m));
  EXPECT(std::strstr(model.error(), "r has room for 5 elements but needs 6") != nullptr);
  EXPECT(model.r_size() == 6);
  n[0] = std::int64_t{1} << 40;
  EXPECT(!model.run(n, r, p, m));
  EXPECT(std::strstr(model.error(), "but can be 0 to 16777216") != nullptr);
  n[0] = INT64_MIN / 2;
  EXPECT(model.run(n, r, p, m) && model.r_size() == 0);
  n[0] = 5;
  EXPECT(model.run(n, r, p, m) && model.r_size() == 1 && model.error()[0] == 0);
}

static void detections() {
  static_assert(detection::Model::kept_capacity == 24, "4 boxes of 2 classes");
  detection_model *model = detection_create();
  std::vector<float> boxes(96, 0), scores(48, 1), threshold{0.5f}, table(48), top(18);
  std::vector<std::int64_t> kept(DETECTION_KEPT_CAPACITY);
  for (std::size_t i = 0; i < 24; ++i)
    boxes[4 * i] = float(i), boxes[4 * i + 2] = float(i) + 1, boxes[4 * i + 3] = 1;
  auto run = [&] {
    return detection_run(model, boxes.data(), 96, scores.data(), 48, threshold.data(), 1, kept.data(), kept.size(),
                         table.data(), table.size(), top.data(), top.size());
  };
  EXPECT(run() == 0 && detection_kept_shape(model)[0] == 8 && detection_top_shape(model)[0] == 3);
  threshold[0] = 2;
  EXPECT(run() == 0 && detection_kept_shape(model)[0] == 0 && detection_top_shape(model)[0] == 0);
  detection_destroy(model);
}

static void shapes_of_inputs() {
  shapes::Model model;
  std::vector<float> x(24, 1), row(5, 2), r(24), d(100), e(100);
  std::vector<std::int32_t> c(100);
  std::vector<std::int64_t> shape{2, 3, 4}, wide{2, 5}, times{1, 1};
  auto run = [&] { return model.run(x, shape, row, wide, times, r, c, d, e); };
  EXPECT(run());
  shape = {2, 3, 5};
  EXPECT(!run() && std::strstr(model.error(), "is 30 but must be 24") != nullptr);
  shape = {-1, -1, 2};
  EXPECT(!run());
  shape = {2, 0, -1};
  EXPECT(run() && model.r_shape()[2] == 2);
  wide = {2, 4}; // 5 does not broadcast to 4
  EXPECT(!run());
  wide = {-2, 5};
  EXPECT(!run() && std::strstr(model.error(), "is -2 but can be 0 to") != nullptr);
  wide = {2, 5};
  times = {1, 21};
  EXPECT(!run() && std::strstr(model.error(), "d has room for 100 elements but needs 105") != nullptr);
}

int main() {
  range();
  detections();
  shapes_of_inputs();
  return failures != 0;
}
