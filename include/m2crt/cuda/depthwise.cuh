// Depthwise convolution on channels-last tensors. The shape is that of m2crt/depthwise.h; the epilogue is called with
// (acc, n, oh, ow, c).
#pragma once

#include "m2crt/cuda/pixels.cuh"

namespace m2crt {
namespace cuda {

template <class S, class T, class Finish>
struct depthwise_output {
  const T *in, *filter;
  T* out;
  Finish finish;
  __device__ void operator()(idx i) const {
    const pixel<S> at(i);
    const T* window =
        in + at.n * S::in_batch + at.oh * S::stride_h * S::in_row + at.ow * S::stride_w * S::in_pixel + at.c;
    T acc{};
    M2CRT_UNROLLED
    for (idx kh = 0; kh < S::kernel_h; ++kh) M2CRT_UNROLLED
    for (idx kw = 0; kw < S::kernel_w; ++kw)
      acc += window[kh * S::dilation_h * S::in_row + kw * S::dilation_w * S::in_pixel] *
             filter[(kh * S::kernel_w + kw) * S::channels + at.c];
    out[at.out()] = finish(acc, at.n, at.oh, at.ow, at.c);
  }
};
template <class S, class T, class Finish>
inline void depthwise(queue& to, const T* in, const T* filter, T* out, Finish finish) {
  map(to, S::batch * S::out_h * S::out_w * S::channels, depthwise_output<S, T, Finish>{in, filter, out, finish});
}

}  // namespace cuda
}  // namespace m2crt
