// A model that keeps its state against the same model whose caller carries it from run to run.
#include "carried_attention.h"
#include "carried_cell.h"
#include "kept_attention.h"
#include "kept_cell.h"

#include <cmath>
#include <cstdio>
#include <cstring>
#include <vector>

namespace {

float noise(unsigned i) { return std::sin(static_cast<float>(i) * 12.9898f) * 1.7f; }

bool same(const std::vector<float> &a, const std::vector<float> &b, const char *what, unsigned step) {
  if (a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0)
    return true;
  std::printf("%s differs in step %u\n", what, step);
  return false;
}

bool run_cell(kept_cell::Model &kept) {
  carried_cell::Model carried;
  std::vector<float> state(5, 0.0f), next(5);
  for (unsigned step = 0; step < 7; ++step) {
    std::vector<float> x = {noise(step), noise(step + 100), noise(step + 200)}, a(1), b(1);
    if (!kept.run(x, a) || !carried.run(x, state, b, next) || !same(a, b, "the cell", step))
      return false;
    state.swap(next);
  }
  return true;
}

bool run_attention(kept_attention::Model &kept) {
  carried_attention::Model carried;
  std::vector<float> past;
  unsigned seed = 0;
  for (std::size_t added : {3, 1, 1, 5, 1}) {
    const std::size_t length = past.size() / 8;
    if (kept.length() != length)
      return std::printf("the length is %zu, not %zu\n", kept.length(), length), false;
    std::vector<float> x(added * 8), a(added * 8), b(added * 8), present((length + added) * 8);
    for (float &e : x)
      e = noise(seed++);
    if (!kept.run(added, x, a) || !carried.run(added, length, x, past, b, present) ||
        !same(a, b, "attention", static_cast<unsigned>(length)))
      return std::printf("%s %s\n", kept.error(), carried.error()), false;
    past = present;
  }
  return true;
}

} // namespace

int main() {
  kept_cell::Model cell;
  kept_attention::Model attention;
  for (int turn = 0; turn < 2; ++turn) { // the second one from the start again
    if (!run_cell(cell) || !run_attention(attention))
      return 1;
    if (turn == 0) {
      cell.reset();
      attention.reset();
    }
  }
  std::vector<float> x(8), y(8);
  unsigned steps = 0;
  while (attention.run(1, x, y))
    ++steps;
  std::printf("%u more steps: %s\n", steps, attention.error());
  std::vector<float> second(kept_cell::Model::y_size);
  kept_cell_model *in_c = kept_cell_create();
  const float one[3] = {1, 2, 3};
  kept_cell_run(in_c, one, 3, second.data(), 1);
  const float first = second[0];
  kept_cell_run(in_c, one, 3, second.data(), 1);
  const bool moved = second[0] != first;
  kept_cell_reset(in_c);
  kept_cell_run(in_c, one, 3, second.data(), 1);
  std::printf("in C: %s\n", moved && second[0] == first ? "the same after reset" : "wrong");
  kept_cell_destroy(in_c);
  return 0;
}
