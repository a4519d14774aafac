// From histograms to ranges.
#include "m2c/Quantize/Histogram.h"
#include <algorithm>
#include <cmath>

using namespace m2c::quantize;

static constexpr int kCandidates = 128; // parts of the whole range that are tried

/// The shares cut off are equal, but where one end has fewer elements than that.
static Range cutShares(const Histogram &histogram, double percentile) {
  llvm::ArrayRef<uint64_t> bins = histogram.getBins();
  double cut = static_cast<double>(histogram.getCount()) * (100 - percentile) / 100 / 2;
  size_t middle = bins.size() / 2;
  auto count = [&](size_t i) { return static_cast<double>(bins[i] + (i == middle ? histogram.getZeros() : 0)); };
  Range range = histogram.getRange(), result = range;
  double below = 0;
  for (size_t i = 0; i != bins.size(); ++i) {
    if (below + count(i) > cut) {
      result.low = static_cast<float>(histogram.getCenter(i) - histogram.getBinWidth() / 2);
      break;
    }
    below += count(i);
  }
  double above = 0;
  for (size_t i = bins.size(); i-- != 0;) {
    if (above + count(i) > cut) {
      result.high = static_cast<float>(histogram.getCenter(i) + histogram.getBinWidth() / 2);
      break;
    }
    above += count(i);
  }
  return {std::max(result.low, range.low), std::min(result.high, range.high)};
}

double m2c::quantize::estimateSquaredError(const Histogram &histogram, Range range, ActivationType type) {
  Affine affine = chooseAffine(range, type);
  int lowest = type == ActivationType::Uint8 ? 0 : -128, highest = type == ActivationType::Uint8 ? 255 : 127;
  double sum = 0;
  llvm::ArrayRef<uint64_t> bins = histogram.getBins();
  for (size_t i = 0; i != bins.size(); ++i) {
    if (bins[i] == 0)
      continue;
    double x = histogram.getCenter(i);
    int q = quantize(static_cast<float>(x), affine, lowest, highest);
    double difference = x - static_cast<double>(affine.scale) * (q - affine.zeroPoint);
    sum += static_cast<double>(bins[i]) * difference * difference;
  }
  return histogram.getCount() == 0 ? 0 : sum / static_cast<double>(histogram.getCount());
}

static Range shrink(const Range &range, int low, int high) {
  return {range.low * static_cast<float>(low) / kCandidates, range.high * static_cast<float>(high) / kCandidates};
}

/// Each end in turn, until none moves: the error is nearly a sum of what the ends cut off.
static Range minimizeSquaredError(const Histogram &histogram, ActivationType type) {
  Range whole = histogram.getRange();
  if (type == ActivationType::Int8) { // one number decides
    float largest = std::max(-whole.low, whole.high);
    whole = {-largest, largest};
  }
  int low = kCandidates, high = kCandidates;
  double best = estimateSquaredError(histogram, whole, type);
  auto search = [&](auto getRange, int &current) {
    bool moved = false;
    for (int i = kCandidates; i != 0; --i)
      if (double error = estimateSquaredError(histogram, getRange(i), type); error < best) {
        best = error;
        current = i;
        moved = true;
      }
    return moved;
  };
  if (type == ActivationType::Int8) {
    search([&](int i) { return shrink(whole, i, i); }, high);
    return shrink(whole, high, high);
  }
  bool moved = true;
  for (int round = 0; moved && round != 4; ++round) {
    moved = whole.high > 0 && search([&](int i) { return shrink(whole, low, i); }, high);
    if (whole.low < 0)
      moved |= search([&](int i) { return shrink(whole, i, high); }, low);
  }
  return shrink(whole, low, high);
}

/// How much the elements' distribution, with what lies outside moved to the ends, differs from the one that is left of
/// it in `levels` steps.
static double getDivergence(llvm::ArrayRef<uint64_t> bins, size_t begin, size_t end, int levels) {
  size_t size = end - begin;
  std::vector<double> actual(size), left(size, 0);
  double total = 0, below = 0, above = 0;
  for (size_t i = 0; i != bins.size(); ++i) {
    double n = static_cast<double>(bins[i]);
    total += n;
    (i < begin ? below : i >= end ? above : actual[i - begin]) += n;
  }
  double inside = 0;
  for (int level = 0; level != levels; ++level) { // each step spreads its elements over the bins that have any
    size_t from = size * level / levels, to = size * (level + 1) / levels;
    double sum = 0, filled = 0;
    for (size_t i = from; i != to; ++i) {
      sum += actual[i];
      filled += actual[i] != 0;
    }
    for (size_t i = from; i != to; ++i)
      left[i] = actual[i] != 0 ? sum / filled : 0;
    inside += sum;
  }
  if (inside == 0)
    return std::numeric_limits<double>::infinity();
  actual.front() += below;
  actual.back() += above;
  constexpr double kSmallest = 1e-4; // elements that the steps lost cost as if a few were left
  double divergence = 0;
  for (size_t i = 0; i != size; ++i)
    if (actual[i] != 0)
      divergence += actual[i] / total * std::log((actual[i] / total) / (std::max(left[i], kSmallest) / inside));
  return divergence;
}

static Range minimizeDivergence(const Histogram &histogram, ActivationType type) {
  Range whole = histogram.getRange();
  whole.include(0);
  constexpr int levels = 255;
  if (type == ActivationType::Int8) {
    float largest = std::max(-whole.low, whole.high);
    whole = {-largest, largest};
  }
  auto findBin = [&](float x) {
    double position = (x - histogram.getCenter(0)) / histogram.getBinWidth() + 0.5;
    return static_cast<size_t>(std::clamp(position, 0.0, static_cast<double>(Histogram::kBins - 1)));
  };
  Range best = whole;
  double least = std::numeric_limits<double>::infinity();
  for (int i = kCandidates; i != 0; --i) {
    Range range = shrink(whole, i, i);
    size_t begin = findBin(range.low), end = findBin(range.high) + 1;
    if (end - begin < static_cast<size_t>(levels)) // nothing would be merged
      break;
    if (double divergence = getDivergence(histogram.getBins(), begin, end, levels); divergence < least) {
      least = divergence;
      best = range;
    }
  }
  return best;
}

Range m2c::quantize::calibrate(const Histogram &histogram, const CalibrationOptions &options) {
  if (histogram.getBins().empty())
    return {0, 0};
  switch (options.method) {
  case Method::MinMax:
    return histogram.getRange();
  case Method::Percentile:
    return cutShares(histogram, options.percentile);
  case Method::Mse:
    return minimizeSquaredError(histogram, options.type);
  case Method::Entropy:
    return minimizeDivergence(histogram, options.type);
  }
  return histogram.getRange();
}
