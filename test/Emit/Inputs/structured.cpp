// Compares the printed operations of run-structured.mlir with plain loops.
#include "ops.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string_view>
#include <vector>

static int errors = 0;

static void expect(const char *what, int i, double got, double expected) {
  if (!(std::fabs(got - expected) <= 1e-5 * (1 + std::fabs(expected))) && ++errors < 20)
    std::printf("%s[%d] is %g, not %g\n", what, i, got, expected);
}

int main() {
  constexpr int H = 5, W = 37, R = 11;
  std::vector<float> x(H * W), table(R * W);
  for (int i = 0; i < H * W; ++i)
    x[i] = std::sin(i * 0.7f) * 2;
  for (int i = 0; i < R * W; ++i)
    table[i] = i * 0.5f;
  std::int64_t ids[6] = {0, 10, -1, 3, 99, -99};
  std::vector<float> silu(H * W), turned(H * W), sums(H), peaks(W), best(H), rows(6 * W), chosen(H * W), padded(7 * 39),
      decay(H * W), flipped(H * W);
  float total[1];
  std::vector<std::int64_t> where(H), counts(H * W);
  std::vector<std::uint8_t> inside(H * W), any(H);
  std::vector<std::int32_t> tens(H * W);

  ops::Model model;
  if (!model.run(x, ids, table, silu, turned, sums, peaks, total, best, where, rows, inside, chosen, tens, padded,
                 decay, flipped, counts, any)) {
    std::printf("%s\n", model.error());
    return 1;
  }
  double sum = 10;
  for (int i = 0; i < H; ++i) {
    double squares = 0;
    int place = 0;
    bool some = false;
    for (int j = 0; j < W; ++j) {
      double v = x[i * W + j];
      squares += v * v;
      place = v > x[i * W + place] ? j : place;
      some |= v > 0 && v < 1;
      expect("silu", i * W + j, silu[i * W + j], (v + 0.25) / (1 + std::exp(-v - 0.25)));
      expect("turned", i * W + j, turned[j * H + i], v + 1);
      expect("inside", i * W + j, inside[i * W + j], v > 0 && v < 1);
      expect("chosen", i * W + j, chosen[i * W + j], v > 0 && v < 1 ? v : 10);
      expect("tens", i * W + j, tens[i * W + j], static_cast<int>(x[i * W + j] * 10.0f));
      expect("decay", i * W + j, decay[i * W + j], v + (i ? 0.5 * decay[(i - 1) * W + j] : 0));
      expect("flipped", i * W + j, flipped[i * W + j], x[i * W + 36 - j]);
      expect("counts", i * W + j, static_cast<double>(counts[i * W + j]), i * j + j);
    }
    expect("sums", i, sums[i], squares);
    expect("best", i, best[i], x[i * W + place]);
    expect("where", i, static_cast<double>(where[i]), place);
    expect("any", i, any[i], some);
    for (int j = 0; j < W; ++j)
      sum += x[i * W + j] / squares;
  }
  expect("total", 0, total[0], sum);
  for (int j = 0; j < W; ++j) {
    float peak = -INFINITY;
    for (int i = 0; i < H; ++i)
      peak = std::max(peak, x[i * W + j]);
    expect("peaks", j, peaks[j], peak);
  }
  const int expectedRows[6] = {0, 10, 10, 3, 10, 0};
  for (int i = 0; i < 6; ++i)
    for (int j = 0; j < W; ++j)
      expect("rows", i * W + j, rows[i * W + j], table[expectedRows[i] * W + j]);
  for (int i = 0; i < 7; ++i)
    for (int j = 0; j < 39; ++j) {
      bool border = i == 0 || j == 0 || i == 6 || j == 38;
      expect("padded", i * 39 + j, padded[i * 39 + j], border ? 3 : x[(i - 1) * W + j - 1]);
    }

  // Wrong sizes are refused, and say so.
  std::vector<float> small(3);
  if (model.run(small, ids, table, silu, turned, sums, peaks, total, best, where, rows, inside, chosen, tens, padded,
                decay, flipped, counts, any) ||
      std::string_view(model.error()) != "x has 3 elements but needs 185") {
    std::printf("a wrong size was not refused: %s\n", model.error());
    ++errors;
  }
#ifdef OPS_ARENA_BYTES // on GPUs the arena is never the caller's
  alignas(64) static unsigned char arena[ops::Model::arena_bytes];
  ops::Model borrowed(arena, sizeof arena), tooSmall(arena, 16);
  if (!borrowed.ok() || tooSmall.ok()) {
    std::printf("the caller's arena is not taken rightly\n");
    ++errors;
  }
#endif
  return errors != 0;
}
