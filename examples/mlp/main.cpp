// Reads one digit of 5 x 7 dots.
#include "mlp.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

int main(int argc, char **argv) {
  // A seven with a dot too many, or what is given.
  std::string dots = "#####....#...#...#.#.#....#....#...";
  if (argc > 1)
    dots = argv[1];

  mlp::Model model;
  std::array<float, mlp::Model::dots_size> input;
  if (dots.size() != input.size()) {
    std::fprintf(stderr, "a digit has %zu dots, this one has %zu\n", input.size(), dots.size());
    return 1;
  }
  std::transform(dots.begin(), dots.end(), input.begin(), [](char c) { return c == '#' ? 1.0f : 0.0f; });
  std::array<float, mlp::Model::scores_size> scores;
  if (!model.run(input, scores)) {
    std::fprintf(stderr, "%s\n", model.error());
    return 1;
  }

  for (std::size_t row = 0; row < dots.size(); row += 5)
    std::printf("%s\n", dots.substr(row, 5).c_str());
  auto best = std::max_element(scores.begin(), scores.end());
  std::printf("digit %d, score %.3f\n", static_cast<int>(best - scores.begin()), *best);
  return 0;
}
