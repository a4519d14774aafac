#include "m2c/Quantize/Weights.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <cmath>

using namespace m2c::quantize;

ScaleMap ScaleMap::perAxis(llvm::ArrayRef<int64_t> shape, std::optional<unsigned> axis) {
  ScaleMap map;
  if (!axis)
    return map;
  map.count = map.scales = static_cast<size_t>(shape[*axis]);
  for (int64_t extent : shape.drop_front(*axis + 1))
    map.inner *= static_cast<size_t>(extent);
  return map;
}

ScaleMap ScaleMap::blocked(llvm::ArrayRef<int64_t> shape, unsigned axis, int64_t block) {
  ScaleMap map = perAxis(shape, axis);
  map.block = static_cast<size_t>(block);
  map.keepsInner = true;
  map.scales = llvm::divideCeil(map.count, map.block) * map.inner;
  for (int64_t extent : shape.take_front(axis))
    map.scales *= static_cast<size_t>(extent);
  return map;
}

size_t ScaleMap::find(size_t element) const {
  size_t along = element / inner % count / block;
  if (!keepsInner)
    return along;
  size_t outer = element / inner / count;
  return (outer * llvm::divideCeil(count, block) + along) * inner + element % inner;
}

/// Makes each scale smaller where what it cuts off costs less than the steps that become finer.
static void searchScales(llvm::ArrayRef<float> weights, const ScaleMap &map, int limit, std::vector<float> &scales) {
  constexpr int kSteps = 100, kLeast = 75;
  std::vector<float> largest = scales;
  std::vector<double> least(scales.size(), std::numeric_limits<double>::infinity()), errors(scales.size());
  for (int step = kSteps; step >= kLeast; --step) {
    errors.assign(scales.size(), 0);
    auto getScale = [&](size_t i) { return largest[i] * static_cast<float>(step) / kSteps; };
    for (size_t i = 0; i != weights.size(); ++i) {
      size_t at = map.find(i);
      float scale = getScale(at);
      double difference = weights[i] - static_cast<double>(scale) * quantize(weights[i], {scale, 0}, -limit, limit);
      errors[at] += difference * difference;
    }
    for (size_t i = 0; i != scales.size(); ++i)
      if (errors[i] < least[i]) {
        least[i] = errors[i];
        scales[i] = getScale(i);
      }
  }
}

IntegerWeights m2c::quantize::quantizeWeights(llvm::ArrayRef<float> weights, const ScaleMap &map, int limit,
                                              llvm::ArrayRef<float> least, bool searches) {
  IntegerWeights result;
  result.scales.assign(map.scales, 0);
  for (size_t i = 0; i != weights.size(); ++i) {
    float &largest = result.scales[map.find(i)];
    largest = std::max(largest, std::abs(weights[i]));
  }
  for (float &scale : result.scales)
    scale = chooseScale(scale, limit);
  if (searches)
    searchScales(weights, map, limit, result.scales);
  for (size_t i = 0; i != least.size(); ++i)
    result.scales[i] = std::max(result.scales[i], least[i]);
  result.elements.reserve(weights.size());
  for (size_t i = 0; i != weights.size(); ++i)
    result.elements.push_back(
        static_cast<int8_t>(quantize(weights[i], {result.scales[map.find(i)], 0}, -limit, limit)));
  return result;
}

std::vector<uint8_t> m2c::quantize::packInt4(llvm::ArrayRef<int8_t> elements) {
  std::vector<uint8_t> packed((elements.size() + 1) / 2, 0);
  for (size_t i = 0; i != elements.size(); ++i)
    packed[i / 2] |= static_cast<uint8_t>((elements[i] & 15) << (i % 2 * 4));
  return packed;
}

std::vector<int32_t> m2c::quantize::quantizeBias(llvm::ArrayRef<float> bias, llvm::ArrayRef<float> scales) {
  std::vector<int32_t> result;
  for (size_t i = 0; i != bias.size(); ++i) {
    double q = std::nearbyint(static_cast<double>(bias[i]) / scales[scales.size() == 1 ? 0 : i]);
    result.push_back(static_cast<int32_t>(std::clamp<double>(q, INT32_MIN, INT32_MAX)));
  }
  return result;
}
