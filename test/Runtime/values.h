// Random inputs for the kernels' tests.
#pragma once

#include <cstddef>
#include <random>
#include <vector>

/// `count` values between -range and range, integers for integer types; the same ones for the same seed.
template <class T = float>
std::vector<T> random_values(std::ptrdiff_t count, unsigned seed, double range = 1) {
  std::mt19937 engine(seed);
  std::uniform_real_distribution<double> draw(-range, range);
  std::vector<T> values(static_cast<std::size_t>(count));
  for (T& x : values) x = static_cast<T>(draw(engine));
  return values;
}
