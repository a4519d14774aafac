// Kernels on rows: softmax, normalisations, positions of extremes. A block per row.
//
// S gives rows, length and where row (i0 * outer_1 + i1) * outer_2 + i2 starts: i0 * x_0 + i1 * x_1 + i2 * x_2 in x,
// and with y_0 .. y_2 in y. Epilogues are called with (acc, row, i). y may be x.
#pragma once

#include "m2crt/cuda/map.cuh"

namespace m2crt {
namespace cuda {

template <class S>
M2CRT_DEVICE idx row_of_x(idx row) {
  return row / (S::outer_1 * S::outer_2) * S::x_0 + row / S::outer_2 % S::outer_1 * S::x_1 + row % S::outer_2 * S::x_2;
}
template <class S>
M2CRT_DEVICE idx row_of_y(idx row) {
  return row / (S::outer_1 * S::outer_2) * S::y_0 + row / S::outer_2 % S::outer_1 * S::y_1 + row % S::outer_2 * S::y_2;
}

/// combine over the values of a block's threads, for all of them. `parts` is used by no other reduction.
template <idx Threads, class T, class Combine>
__device__ inline T block_total(T value, T* parts, Combine combine) {
  value = warp_reduce(value, combine);
  if constexpr (Threads > warp_size) {
    if (thread_index() % warp_size == 0) parts[thread_index() / warp_size] = value;
    __syncthreads();
    value = parts[0];
    for (idx w = 1; w < Threads / warp_size; ++w) value = combine(value, parts[w]);
  }
  return value;
}

template <class T, idx Threads>
struct row_memory {
  T first[Threads / warp_size], second[Threads / warp_size];
};
/// Threads for a row: about four elements each.
constexpr idx row_threads(idx length) { return length <= 128 ? 32 : length <= 1024 ? 128 : length <= 4096 ? 256 : 512; }

template <class S, bool Log, class T, idx Threads, class Finish>
__global__ void __launch_bounds__(Threads) softmax_kernel(const T* x, T* y, Finish finish) {
  auto& memory = shared<row_memory<T, Threads>>();
  const idx row = block_x();
  x += row_of_x<S>(row);
  y += row_of_y<S>(row);
  T highest = -limits<T>::infinity();
  for (idx i = thread_index(); i < S::length; i += Threads) highest = maximum(highest, x[i]);
  highest = block_total<Threads>(highest, memory.first, max_op{});
  T total{};
  for (idx i = thread_index(); i < S::length; i += Threads) total += exp(x[i] - highest);
  total = block_total<Threads>(total, memory.second, add_op{});
  const T scale = Log ? log(total) : T(1) / total;
  for (idx i = thread_index(); i < S::length; i += Threads)
    y[i] = finish(Log ? x[i] - highest - scale : exp(x[i] - highest) * scale, row, i);
}

/// (x - mean) / sqrt(variance + epsilon), or without Centered x / sqrt(mean square + epsilon).
template <class S, bool Centered, class T, idx Threads, class Finish>
__global__ void __launch_bounds__(Threads) normalize_kernel(const T* x, T* y, T epsilon, Finish finish) {
  auto& memory = shared<row_memory<T, Threads>>();
  const idx row = block_x();
  x += row_of_x<S>(row);
  y += row_of_y<S>(row);
  T center{};
  if constexpr (Centered) {
    for (idx i = thread_index(); i < S::length; i += Threads) center += x[i];
    center = block_total<Threads>(center, memory.first, add_op{}) / T(S::length);
  }
  T square{};
  for (idx i = thread_index(); i < S::length; i += Threads) square += (x[i] - center) * (x[i] - center);
  square = block_total<Threads>(square, memory.second, add_op{});
  const T scale = rsqrt(square / T(S::length) + epsilon);
  for (idx i = thread_index(); i < S::length; i += Threads) y[i] = finish((x[i] - center) * scale, row, i);
}

template <class S, bool Log, class T, class Finish>
inline void softmax_rows(queue& to, const T* x, T* y, Finish finish) {
  constexpr idx threads = row_threads(S::length);
  if (S::rows * S::length > 0)
    launch(to, softmax_kernel<S, Log, T, threads, Finish>, grid_of(S::rows), threads, sizeof(row_memory<T, threads>), x,
           y, finish);
}
template <class S, class T, class Finish>
inline void softmax(queue& to, const T* x, T* y, Finish finish) {
  softmax_rows<S, false>(to, x, y, finish);
}
template <class S, class T, class Finish>
inline void log_softmax(queue& to, const T* x, T* y, Finish finish) {
  softmax_rows<S, true>(to, x, y, finish);
}
template <class S, bool Centered, class T, class Finish>
inline void normalize_rows(queue& to, const T* x, T* y, T epsilon, Finish finish) {
  constexpr idx threads = row_threads(S::length);
  if (S::rows * S::length > 0)
    launch(to, normalize_kernel<S, Centered, T, threads, Finish>, grid_of(S::rows), threads,
           sizeof(row_memory<T, threads>), x, y, epsilon, finish);
}
template <class S, class T, class Finish>
inline void layer_norm(queue& to, const T* x, T* y, same<T> epsilon, Finish finish) {
  normalize_rows<S, true>(to, x, y, epsilon, finish);
}
template <class S, class T, class Finish>
inline void rms_norm(queue& to, const T* x, T* y, same<T> epsilon, Finish finish) {
  normalize_rows<S, false>(to, x, y, epsilon, finish);
}

// ---- positions of extremes ----------------------------------------------------------------------------------------

/// An element and where it is; the better of two by value (a NaN beats every number), then by position.
template <class T>
struct found {
  T value;
  idx position;  // -1 for none
};
template <bool Max, bool Last, class T>
M2CRT_DEVICE found<T> better(found<T> a, found<T> b) {
  if (b.position < 0) return a;
  if (a.position < 0) return b;
  const bool a_nan = a.value != a.value, b_nan = b.value != b.value;
  if (a_nan != b_nan) return a_nan ? a : b;
  if (!a_nan && a.value != b.value) return (Max ? a.value > b.value : a.value < b.value) ? a : b;
  return (Last ? a.position > b.position : a.position < b.position) ? a : b;
}

/// S also has `step`, the distance of a row's elements in x; y has one element per row. A warp per row.
template <class S, bool Max, bool Last, class T>
__global__ void __launch_bounds__(32) arg_reduce_kernel(const T* x, std::int64_t* y) {
  const idx row = block_x();
  x += row_of_x<S>(row);
  found<T> best{T{}, -1};
  for (idx i = thread_index(); i < S::length; i += warp_size)
    best = better<Max, Last>(best, found<T>{x[i * S::step], i});
  for (int mask = 16; mask > 0; mask /= 2) {
    found<T> other{__shfl_xor_sync(~0u, best.value, mask), __shfl_xor_sync(~0u, best.position, mask)};
    best = better<Max, Last>(best, other);
  }
  if (thread_index() == 0) y[row_of_y<S>(row)] = best.position;
}
template <class S, bool Max, bool Last, class T>
inline void arg_reduce(queue& to, const T* x, std::int64_t* y) {
  if (S::rows > 0) launch(to, arg_reduce_kernel<S, Max, Last, T>, grid_of(S::rows), 32, 0, x, y);
}

}  // namespace cuda
}  // namespace m2crt
