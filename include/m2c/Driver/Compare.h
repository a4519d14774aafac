// How far a tensor is from its reference.
#pragma once

#include "m2c/Driver/TensorFile.h"

namespace m2c {

struct Comparison {
  int64_t elements = 0;
  int64_t mismatches = 0; ///< elements beyond atol + rtol * |expected|, or that differ where the type is no float
  double maxAbsolute = 0;
  double maxRelative = 0; ///< over elements that are not 0
  uint64_t maxUlp = 0;    ///< float32 only
  int64_t firstMismatch = -1;
  double actual = 0, expected = 0; ///< at firstMismatch
};

/// Both have the same type and shape. NaN equals NaN, infinities equal themselves.
Comparison compare(const Tensor &actual, const Tensor &expected, double rtol, double atol);

} // namespace m2c
