// The tables of taps by which Resize samples one axis: coordinates and weights as the ONNX specification defines them.
#include "ResizeTaps.h"
#include <algorithm>
#include <cmath>

using namespace m2c::lower;

/// The input position of output x.
static double getPosition(const ResizeMode &mode, int64_t x, int64_t in, int64_t out, double scale, double roiStart,
                          double roiEnd) {
  auto last = static_cast<double>(in - 1);
  if (mode.coordinates == "align_corners")
    return out == 1 ? 0 : static_cast<double>(x) * last / static_cast<double>(out - 1);
  if (mode.coordinates == "asymmetric")
    return static_cast<double>(x) / scale;
  if (mode.coordinates == "pytorch_half_pixel" && out == 1)
    return 0;
  if (mode.coordinates == "tf_crop_and_resize")
    return out == 1
               ? 0.5 * (roiStart + roiEnd) * last
               : roiStart * last + static_cast<double>(x) * (roiEnd - roiStart) * last / static_cast<double>(out - 1);
  double position = (static_cast<double>(x) + 0.5) / scale - 0.5;
  if (mode.coordinates == "half_pixel_symmetric") {
    double center = static_cast<double>(in) / 2;
    position += center * (1 - static_cast<double>(out) / (scale * static_cast<double>(in)));
  }
  return position;
}

static double roundNearest(llvm::StringRef how, double position) {
  if (how == "floor")
    return std::floor(position);
  if (how == "ceil")
    return std::ceil(position);
  return how == "round_prefer_ceil" ? std::floor(position + 0.5) : std::ceil(position - 0.5);
}

/// The interpolation kernel at `distance`.
static double getWeight(const ResizeMode &mode, double distance) {
  double d = std::abs(distance), a = mode.cubicA;
  if (mode.mode == "linear")
    return std::max(1 - d, 0.0);
  if (d <= 1)
    return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

ResizeTaps m2c::lower::getResizeTaps(const ResizeMode &mode, int64_t in, int64_t out, double scale, double roiStart,
                                     double roiEnd) {
  ResizeTaps table;
  double stretch = mode.antialias ? std::min(scale, 1.0) : 1.0; // an antialiasing kernel widens when shrinking
  int64_t before = 0;                                           // first tap, from the element left of the position
  if (mode.mode != "nearest") {
    before = static_cast<int64_t>(std::floor(-(mode.mode == "linear" ? 1 : 2) / stretch)) + 1;
    table.taps = 2 - 2 * before;
  }
  auto clamp = [&](int64_t i) { return static_cast<int32_t>(std::clamp<int64_t>(i, 0, in - 1)); };
  for (int64_t x = 0; x < out; ++x) {
    double position = getPosition(mode, x, in, out, scale, roiStart, roiEnd);
    bool outside = mode.coordinates == "tf_crop_and_resize" && (position < 0 || position > static_cast<double>(in - 1));
    table.leavesInput |= outside;
    if (mode.mode == "nearest") {
      table.index.push_back(clamp(static_cast<int64_t>(roundNearest(mode.nearest, position))));
      table.weight.push_back(outside ? 0.0f : 1.0f);
      continue;
    }
    double left = std::ceil(position) - 1, ratio = position - left; // ratio in (0, 1]
    llvm::SmallVector<double> weights;
    double sum = 0;
    for (int64_t t = 0; t < table.taps; ++t) {
      int64_t i = static_cast<int64_t>(left) + before + t;
      double weight = getWeight(mode, stretch * (static_cast<double>(before + t) - ratio));
      if (mode.excludeOutside && (i < 0 || i >= in))
        weight = 0;
      sum += weight;
      weights.push_back(weight);
      table.index.push_back(clamp(i));
    }
    bool normalize = mode.antialias || mode.excludeOutside;
    for (double weight : weights)
      table.weight.push_back(static_cast<float>(outside ? 0 : normalize ? weight / sum : weight));
  }
  return table;
}
