// How a tensor's elements are distributed, collected sample by sample in one pass.
#pragma once

#include "m2c/Quantize/Affine.h"
#include "llvm/ADT/ArrayRef.h"
#include <vector>

namespace m2c::quantize {

/// Equal bins over [-limit, limit), where the limit is a power of two that doubles when a larger element comes: pairs
/// of bins then become one, so that the result does not depend on the order of samples. Zeros are counted apart: every
/// quantisation keeps them, and after a Relu they are most elements.
class Histogram {
public:
  static constexpr size_t kBins = 16384;

  /// False if an element is infinite or no number.
  bool add(llvm::ArrayRef<float> elements);
  void add(const Histogram &other);

  /// The smallest and the largest element.
  Range getRange() const { return range; }
  uint64_t getCount() const { return count; }
  uint64_t getZeros() const { return zeros; }
  /// Empty where all elements are 0.
  llvm::ArrayRef<uint64_t> getBins() const { return bins; }
  double getBinWidth() const { return 2 * limit / kBins; }
  /// The middle of bin `i`.
  double getCenter(size_t i) const { return -limit + (static_cast<double>(i) + 0.5) * getBinWidth(); }

private:
  void widen(double newLimit);
  Range range;
  uint64_t count = 0, zeros = 0;
  double limit = 0;
  std::vector<uint64_t> bins;
};

/// How calibration makes a range of a histogram.
enum class Method {
  MinMax,     ///< all elements
  Percentile, ///< all but a share that is cut off at the ends
  Mse,        ///< the range of the least squared error
  Entropy,    ///< the range of the least Kullback-Leibler divergence
};

struct CalibrationOptions {
  Method method = Method::MinMax;
  double percentile = 99.99; ///< per cent of the elements that stay inside, of Method::Percentile
  ActivationType type = ActivationType::Uint8;
};

Range calibrate(const Histogram &histogram, const CalibrationOptions &options);

/// The mean squared error that `type` over `range` makes of the histogram's elements.
double estimateSquaredError(const Histogram &histogram, Range range, ActivationType type);

} // namespace m2c::quantize
