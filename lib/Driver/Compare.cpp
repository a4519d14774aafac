#include "m2c/Driver/Compare.h"
#include <bit>
#include <cmath>
#include <cstring>

using namespace m2c;

/// The number of float32 values between two, counting through zero.
static uint64_t ulpDistance(float a, float b) {
  auto ordered = [](float x) {
    int32_t bits = std::bit_cast<int32_t>(x);
    return static_cast<int64_t>(bits < 0 ? INT32_MIN - static_cast<int64_t>(bits) : bits);
  };
  int64_t distance = ordered(a) - ordered(b);
  return static_cast<uint64_t>(distance < 0 ? -distance : distance);
}

Comparison m2c::compare(const Tensor &actual, const Tensor &expected, double rtol, double atol) {
  Comparison result;
  result.elements = expected.numElements();
  bool isFloat = llvm::StringRef(expected.type).starts_with("float");
  for (int64_t i = 0; i < result.elements; ++i) {
    double a = actual.at(i), e = expected.at(i);
    if (a == e || (std::isnan(a) && std::isnan(e)))
      continue;
    double difference = std::abs(a - e);
    bool comparable = std::isfinite(a) && std::isfinite(e);
    if (comparable) {
      result.maxAbsolute = std::max(result.maxAbsolute, difference);
      if (e != 0)
        result.maxRelative = std::max(result.maxRelative, difference / std::abs(e));
      if (expected.type == "float32")
        result.maxUlp = std::max(result.maxUlp, ulpDistance(static_cast<float>(a), static_cast<float>(e)));
    }
    if (isFloat && comparable && difference <= atol + rtol * std::abs(e))
      continue;
    if (result.mismatches++ == 0)
      result.firstMismatch = i, result.actual = a, result.expected = e;
  }
  return result;
}
