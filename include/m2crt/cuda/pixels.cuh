// Kernels on channels-last images with a thread per output element, whose neighbours are channels.
#pragma once

#include "m2crt/cuda/map.cuh"

namespace m2crt {
namespace cuda {

/// Where output i of S (channels fastest) is.
template <class S>
struct pixel {
  idx n, oh, ow, c;
  explicit M2CRT_DEVICE pixel(idx i)
      : n(i / (S::out_h * S::out_w * S::channels)),
        oh(i / (S::out_w * S::channels) % S::out_h),
        ow(i / S::channels % S::out_w),
        c(i % S::channels) {}
  M2CRT_DEVICE idx out() const { return n * S::out_batch + oh * S::out_row + ow * S::out_pixel + c; }
};

}  // namespace cuda
}  // namespace m2crt
