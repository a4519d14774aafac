#include "m2c/Quantize/Histogram.h"
#include <cmath>

using namespace m2c::quantize;

/// Two bins become one, about the middle; as often as `newLimit` is larger.
void Histogram::widen(double newLimit) {
  if (bins.empty()) {
    bins.assign(kBins, 0);
    limit = newLimit;
  }
  while (limit < newLimit) {
    std::vector<uint64_t> merged(kBins, 0);
    for (size_t i = 0; i != kBins; ++i)
      merged[kBins / 4 + i / 2] += bins[i];
    bins = std::move(merged);
    limit *= 2;
  }
}

/// The smallest power of two above `x`.
static double getLimit(float x) {
  int exponent = 0;
  std::frexp(x, &exponent);
  return std::ldexp(1.0, exponent);
}

bool Histogram::add(llvm::ArrayRef<float> elements) {
  Range added;
  bool isFinite = true;
  for (float x : elements) {
    isFinite &= std::isfinite(x);
    added.include(x);
  }
  if (!isFinite)
    return false;
  range.include(added);
  count += elements.size();
  float largest = std::max(-added.low, added.high);
  if (elements.empty() || (added.low == 0 && added.high == 0)) {
    zeros += elements.size();
    return true;
  }
  widen(getLimit(largest));
  double perBin = static_cast<double>(kBins) / (2 * limit);
  for (float x : elements) {
    if (x == 0)
      ++zeros;
    else
      ++bins[static_cast<size_t>((x + limit) * perBin)];
  }
  return true;
}

void Histogram::add(const Histogram &other) {
  range.include(other.range);
  count += other.count;
  zeros += other.zeros;
  if (other.bins.empty())
    return;
  widen(other.limit);
  Histogram wide = other;
  wide.widen(limit);
  for (size_t i = 0; i != kBins; ++i)
    bins[i] += wide.bins[i];
}
