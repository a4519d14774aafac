// Windows of convolutions and pools.
#include "m2c/Graph/Windows.h"

using namespace mlir;

namespace m2c::graph {
namespace {

/// Copies the attributes, defaults filled in; false if a length does not fit.
bool fill(const WindowAttrs &attrs, size_t rank, Window &window, std::string &problem) {
  auto take = [&](ArrayRef<int64_t> given, size_t size, int64_t standard, int64_t least, StringRef name,
                  SmallVector<int64_t> &out) {
    if (!given.empty() && given.size() != size) {
      problem =
          (name + " has " + Twine(given.size()) + " values but the input has " + Twine(rank) + " spatial dimensions")
              .str();
      return false;
    }
    out.assign(given.begin(), given.end());
    out.resize(size, standard);
    for (int64_t v : out)
      if (v < least) {
        problem = (name + " " + Twine(v) + " is less than " + Twine(least)).str();
        return false;
      }
    return true;
  };
  return take(attrs.kernel, rank, 1, 1, "kernel_shape", window.kernel) &&
         take(attrs.strides, rank, 1, 1, "strides", window.strides) &&
         take(attrs.dilations, rank, 1, 1, "dilations", window.dilations) &&
         take(attrs.pads, 2 * rank, 0, std::numeric_limits<int64_t>::min(), "pads", window.pads);
}

/// Splits `total` padding of dimension d; SAME_LOWER puts the odd one first.
void splitPads(Window &window, size_t d, int64_t total, bool lower) {
  int64_t small = total / 2, large = total - small;
  window.pads[d] = lower ? large : small;
  window.pads[d + window.kernel.size()] = lower ? small : large;
}

} // namespace

std::optional<Window> resolveWindow(const WindowAttrs &attrs, ArrayRef<Dim> spatial, std::string &problem) {
  size_t rank = spatial.size();
  Window window;
  if (!fill(attrs, rank, window, problem))
    return std::nullopt;
  for (size_t d = 0; d < rank; ++d) {
    int64_t stride = window.strides[d], extent = (window.kernel[d] - 1) * window.dilations[d] + 1;
    if (attrs.autoPad == "VALID")
      window.pads[d] = window.pads[d + rank] = 0;
    if (!spatial[d].isNumber()) {
      // Padding that depends on the size is a number only where each step is one element.
      bool same = attrs.autoPad.starts_with("SAME");
      if (same && stride == 1)
        splitPads(window, d, extent - 1, attrs.autoPad == "SAME_LOWER");
      Dim room = spatial[d] + (window.pads[d] + window.pads[d + rank] - extent);
      window.output.push_back((same && stride != 1) || (attrs.ceilMode && stride != 1) ? Dim::unknown()
                                                                                       : room.floorDiv(stride) + 1);
      continue;
    }
    int64_t in = spatial[d].getNumber();
    if (attrs.autoPad.starts_with("SAME")) {
      int64_t out = (in + stride - 1) / stride;
      splitPads(window, d, std::max<int64_t>(0, (out - 1) * stride + extent - in), attrs.autoPad == "SAME_LOWER");
      window.output.push_back(out);
      continue;
    }
    int64_t begin = window.pads[d], room = in + begin + window.pads[d + rank] - extent;
    if (room < 0) {
      problem = ("the window covers " + Twine(extent) + " elements of spatial dimension " + Twine(d) +
                 " but the padded input has only " + Twine(room + extent))
                    .str();
      return std::nullopt;
    }
    int64_t out = (attrs.ceilMode ? room + stride - 1 : room) / stride + 1;
    if (attrs.ceilMode && (out - 1) * stride >= in + begin)
      --out; // a window may not start in the padding behind the input
    window.output.push_back(out);
  }
  return window;
}

std::optional<Window> resolveTransposedWindow(const WindowAttrs &attrs, ArrayRef<Dim> spatial, std::string &problem) {
  size_t rank = spatial.size();
  Window window;
  if (!fill(attrs, rank, window, problem))
    return std::nullopt;
  ArrayRef<int64_t> outputShape = attrs.outputShape;
  if (outputShape.size() == rank + 2)
    outputShape = outputShape.drop_front(2); // older exporters list batch and channels too
  for (auto [list, name] : {std::pair(outputShape, "output_shape"), std::pair(attrs.outputPadding, "output_padding")})
    if (!list.empty() && list.size() != rank) {
      problem = (Twine(name) + " has " + Twine(list.size()) + " values but the input has " + Twine(rank) +
                 " spatial dimensions")
                    .str();
      return std::nullopt;
    }
  for (size_t d = 0; d < rank; ++d) {
    int64_t stride = window.strides[d];
    int64_t extent = (window.kernel[d] - 1) * window.dilations[d] + 1;
    int64_t extra = attrs.outputPadding.empty() ? 0 : attrs.outputPadding[d];
    bool same = attrs.autoPad.starts_with("SAME");
    if (attrs.autoPad == "VALID")
      window.pads[d] = window.pads[d + rank] = 0;
    if (!spatial[d].isNumber()) {
      window.output.push_back(!outputShape.empty() ? Dim(outputShape[d])
                              : same               ? Dim::unknown()
                                                   : (spatial[d] - 1) * stride +
                                                         (extra + extent - window.pads[d] - window.pads[d + rank]));
      continue;
    }
    int64_t in = spatial[d].getNumber();
    int64_t full = stride * (in - 1) + extra + extent;
    if (!outputShape.empty() || same) {
      int64_t out = outputShape.empty() ? in * stride : outputShape[d];
      // The specification: SAME_UPPER puts the smaller half first, all others the larger one.
      splitPads(window, d, std::max<int64_t>(0, full - out), attrs.autoPad != "SAME_UPPER");
      window.output.push_back(out);
      continue;
    }
    window.output.push_back(full - window.pads[d] - window.pads[d + rank]);
  }
  return window;
}

} // namespace m2c::graph
