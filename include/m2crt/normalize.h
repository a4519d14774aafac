// Layer and RMS normalisation of a row. Scale, bias and whatever follows them are the epilogue's.
#pragma once

#include "m2crt/reduce.h"

namespace m2crt {

/// y[i] = epilogue((x[i] - mean x) / sqrt(variance x + epsilon), i), 0 <= i < N; y may be x. The variance is the mean
/// square of x - mean x, in a second pass: no cancellation for rows far from 0.
template <idx N, class T, class Epilogue>
inline void layer_norm_row(const T* x, T* y, T epsilon, Epilogue epilogue) {
  const T center = mean<N>(x);
  T square = vreduce<N, T>(
      T{},
      [=](auto lanes, idx i) {
        auto d = load(lanes, x + i) - splat(lanes, center);
        return d * d;
      },
      add_op{});
  const T scale = rsqrt(square / static_cast<T>(N) + epsilon);
  vloop<N, T>([&](auto lanes, idx i) {
    store(y + i, epilogue((load(lanes, x + i) - splat(lanes, center)) * splat(lanes, scale), i));
  });
}

/// y[i] = epilogue(x[i] / sqrt(mean(x * x) + epsilon), i), 0 <= i < N; y may be x.
template <idx N, class T, class Epilogue>
inline void rms_norm_row(const T* x, T* y, T epsilon, Epilogue epilogue) {
  T square = vreduce<N, T>(
      T{},
      [=](auto lanes, idx i) {
        auto v = load(lanes, x + i);
        return v * v;
      },
      add_op{});
  const T scale = rsqrt(square / static_cast<T>(N) + epsilon);
  vloop<N, T>([&](auto lanes, idx i) { store(y + i, epilogue(load(lanes, x + i) * splat(lanes, scale), i)); });
}

}  // namespace m2crt
