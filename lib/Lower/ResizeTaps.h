// The tables of taps by which Resize samples one axis.
#pragma once

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include <cstdint>

namespace m2c::lower {

/// How ONNX's Resize maps and weighs positions.
struct ResizeMode {
  llvm::StringRef mode = "nearest", coordinates = "half_pixel", nearest = "round_prefer_floor";
  bool antialias = false, excludeOutside = false;
  double cubicA = -0.75;
};

/// One axis: `taps` input positions and weights for each output position.
struct ResizeTaps {
  int64_t taps = 1;
  llvm::SmallVector<int32_t> index;
  llvm::SmallVector<float> weight;
  bool leavesInput = false; ///< tf_crop_and_resize: some position lies outside; its weights are zero
};

/// The taps from `in` to `out` elements by `scale`. `roi` is the part of the input that tf_crop_and_resize samples.
ResizeTaps getResizeTaps(const ResizeMode &mode, int64_t in, int64_t out, double scale, double roiStart, double roiEnd);

} // namespace m2c::lower
