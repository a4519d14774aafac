// How near a tensor is to its reference over many runs.
#pragma once

#include "m2c/Driver/TensorFile.h"
#include <optional>

namespace m2c {

class Similarity {
public:
  /// Both have the same number of elements.
  void add(const Tensor &actual, const Tensor &reference);
  void add(const Similarity &other);

  /// |actual - reference| / |reference|, in Euclidean norms; 0 where both are 0.
  double getError() const;
  /// 20 log10 of its reciprocal, in dB; infinite where there is no error.
  double getSnr() const;
  double getCosine() const;
  /// The share of rows whose largest element is the same one; nothing where no tensor was a matrix of several columns.
  std::optional<double> getTopOneAgreement() const;

private:
  double noise = 0, signal = 0, actualSignal = 0, product = 0;
  int64_t rows = 0, agreeing = 0;
};

} // namespace m2c
