// Softmax and log-softmax of a row.
#pragma once

#include "m2crt/reduce.h"

namespace m2crt {

/// y[i] = epilogue(exp(x[i] - max x) / sum exp(x - max x), i), 0 <= i < N; y may be x. 3 ULP + the rounding of the sum.
template <idx N, class T, class Epilogue>
inline void softmax_row(const T* x, T* y, Epilogue epilogue) {
  constexpr idx step = lanes<T>, whole = N / step * step, rest = N - whole;
  using V = vec<T>;
  constexpr T lowest = -std::numeric_limits<T>::infinity();
  // The tail is one vector whose other lanes hold -inf: they add nothing.
  V tail = splat<V>(lowest);
  for (idx i = 0; i < rest; ++i) tail[i] = x[whole + i];
  T highest = vreduce<whole, T>(lowest, [=](auto lanes, idx i) { return load(lanes, x + i); }, max_op{});
  if constexpr (rest != 0) highest = maximum(highest, fold_lanes(tail, max_op{}));
  T total = vreduce<whole, T>(
      T{},
      [=](auto lanes, idx i) {
        auto e = exp_flushed(load(lanes, x + i) - splat(lanes, highest));
        store(y + i, e);
        return e;
      },
      add_op{});
  if constexpr (rest != 0) {
    tail = exp_flushed(tail - splat<V>(highest));
    store_n(y + whole, tail, rest);
    total += sum_lanes(tail);
  }
  const T scale = T{1} / total;
  vloop<N, T>([&](auto lanes, idx i) { store(y + i, epilogue(load(lanes, y + i) * splat(lanes, scale), i)); });
}

/// y[i] = epilogue(x[i] - max x - log(sum exp(x - max x)), i), 0 <= i < N; y may be x.
template <idx N, class T, class Epilogue>
inline void log_softmax_row(const T* x, T* y, Epilogue epilogue) {
  T highest = vreduce<N, T>(
      -std::numeric_limits<T>::infinity(), [=](auto lanes, idx i) { return load(lanes, x + i); }, max_op{});
  T total = vreduce<N, T>(
      T{}, [=](auto lanes, idx i) { return exp_flushed(load(lanes, x + i) - splat(lanes, highest)); }, add_op{});
  const T log_total = log(total);
  vloop<N, T>([&](auto lanes, idx i) {
    store(y + i, epilogue(load(lanes, x + i) - splat(lanes, highest) - splat(lanes, log_total), i));
  });
}

/// Both for rows whose length only the run knows.
template <class T, class Epilogue>
inline void softmax_row(idx n, const T* x, T* y, Epilogue epilogue) {
  const T highest = vreduce<T>(
      n, -std::numeric_limits<T>::infinity(), [=](auto lanes, idx i) { return load(lanes, x + i); }, max_op{});
  const T total = vreduce<T>(
      n, T{},
      [=](auto lanes, idx i) {
        auto e = exp_flushed(load(lanes, x + i) - splat(lanes, highest));
        store(y + i, e);
        return e;
      },
      add_op{});
  const T scale = T{1} / total;
  vloop<T>(n, [&](auto lanes, idx i) { store(y + i, epilogue(load(lanes, y + i) * splat(lanes, scale), i)); });
}
template <class T, class Epilogue>
inline void log_softmax_row(idx n, const T* x, T* y, Epilogue epilogue) {
  const T highest = vreduce<T>(
      n, -std::numeric_limits<T>::infinity(), [=](auto lanes, idx i) { return load(lanes, x + i); }, max_op{});
  const T log_total = log(vreduce<T>(
      n, T{}, [=](auto lanes, idx i) { return exp_flushed(load(lanes, x + i) - splat(lanes, highest)); }, add_op{}));
  vloop<T>(n, [&](auto lanes, idx i) {
    store(y + i, epilogue(load(lanes, x + i) - splat(lanes, highest) - splat(lanes, log_total), i));
  });
}

}  // namespace m2crt
