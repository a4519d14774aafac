#include "m2c/Quantize/Affine.h"
#include <algorithm>
#include <cmath>

using namespace m2c::quantize;

void Range::include(float value) {
  low = std::min(low, value);
  high = std::max(high, value);
}

void Range::include(const Range &other) {
  low = std::min(low, other.low);
  high = std::max(high, other.high);
}

float m2c::quantize::chooseScale(float largest, int limit) {
  if (largest == 0)
    return 1;
  return std::max(largest / static_cast<float>(limit), std::numeric_limits<float>::min()); // 1 / scale is finite
}

Affine m2c::quantize::chooseAffine(Range range, ActivationType type) {
  range.include(0);
  if (type == ActivationType::Int8)
    return {chooseScale(std::max(-range.low, range.high), 127), 0};
  constexpr int kHighest = 255;
  // Half of each end, since the width of the widest range is no float.
  float scale = chooseScale(range.high / 2 - range.low / 2, kHighest) * 2;
  if (range.low == range.high)
    return {1, 0};
  int zeroPoint = static_cast<int>(std::nearbyint(-range.low / scale));
  return {scale, std::clamp(zeroPoint, 0, kHighest)};
}

int m2c::quantize::quantize(float x, const Affine &affine, int lowest, int highest) {
  float rounded = std::nearbyint(x / affine.scale) + static_cast<float>(affine.zeroPoint);
  return static_cast<int>(std::clamp(rounded, static_cast<float>(lowest), static_cast<float>(highest)));
}
