// Affine quantisation: x is about scale * (q - zeroPoint).
#pragma once

#include <cstdint>
#include <limits>

namespace m2c::quantize {

/// The integers that stand for activations.
enum class ActivationType { Uint8, Int8, None };

/// What a tensor's elements lie in; empty until something is included.
struct Range {
  float low = std::numeric_limits<float>::infinity();
  float high = -std::numeric_limits<float>::infinity();

  bool isEmpty() const { return low > high; }
  void include(float value);
  void include(const Range &other);
};

struct Affine {
  float scale = 1;
  int zeroPoint = 0;
};

/// uint8: asymmetric over 0 to 255; int8: symmetric over -127 to 127. Zero, with which convolutions pad, is exact.
Affine chooseAffine(Range range, ActivationType type);

/// The scale of symmetric integers up to `limit` for numbers up to `largest`; 1 where all are 0.
float chooseScale(float largest, int limit);

/// round(x / scale) + zeroPoint, ties to even, saturated, as QuantizeLinear.
int quantize(float x, const Affine &affine, int lowest, int highest);

} // namespace m2c::quantize
