// Weights as integers.
#pragma once

#include "m2c/Quantize/Affine.h"
#include "llvm/ADT/ArrayRef.h"
#include <optional>
#include <vector>

namespace m2c::quantize {

/// Where each element's scale is.
struct ScaleMap {
  size_t scales = 1;
  /// Of a tensor with these sizes; no axis: one scale.
  static ScaleMap perAxis(llvm::ArrayRef<int64_t> shape, std::optional<unsigned> axis);
  /// Along `axis` every `block` elements share one.
  static ScaleMap blocked(llvm::ArrayRef<int64_t> shape, unsigned axis, int64_t block);
  size_t find(size_t element) const;

private:
  size_t count = 1, inner = 1, block = 1; // the axis: its size, the elements that one step along it skips, per scale
  bool keepsInner = false;
};

struct IntegerWeights {
  std::vector<float> scales;
  std::vector<int8_t> elements;
};

/// Symmetric integers up to `limit`. `least`: what each scale is at least; may be empty. A scale is that of the largest
/// element, or, where it searches, the one of those down to 3/4 of it with the least squared error.
IntegerWeights quantizeWeights(llvm::ArrayRef<float> weights, const ScaleMap &map, int limit,
                               llvm::ArrayRef<float> least, bool searches);

/// Two elements a byte, the first one in the low half.
std::vector<uint8_t> packInt4(llvm::ArrayRef<int8_t> elements);

/// int32 with these scales.
std::vector<int32_t> quantizeBias(llvm::ArrayRef<float> bias, llvm::ArrayRef<float> scales);

} // namespace m2c::quantize
