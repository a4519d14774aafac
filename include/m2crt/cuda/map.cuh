// Elements on their own, and reductions of elements to one: what is computed is a functor, printed or written by hand.
#pragma once

#include "m2crt/cuda/lanes.cuh"

namespace m2crt {
namespace cuda {

inline constexpr idx map_threads = 256;

template <class F>
__global__ void __launch_bounds__(map_threads) map_kernel(F f, idx n) {
  const idx i = block_x() * map_threads + thread_index();
  if (i < n) f(i);
}

/// f(i) for 0 <= i < n, each by a thread of its own; neighbours should touch neighbours.
template <class F>
inline void map(queue& to, idx n, F f) {
  if (n > 0) launch(to, map_kernel<F>, grid_of(ceil_div(n, map_threads)), map_threads, 0, f, n);
}

/// combine over the values of a block's threads; thread 0 has the result. `parts` has a place per warp.
template <idx Threads, class T, class Combine>
__device__ inline T block_reduce(T value, T* parts, Combine combine) {
  value = warp_reduce(value, combine);
  if constexpr (Threads > warp_size) {
    const idx thread = thread_index();
    if (thread % warp_size == 0) parts[thread / warp_size] = value;
    __syncthreads();
    if (thread == 0)
      for (idx w = 1; w < Threads / warp_size; ++w) value = combine(value, parts[w]);
  }
  return value;
}

// ---- reductions ---------------------------------------------------------------------------------------------------
//
// A reduction R has
//   type                          of the sum
//   outputs, terms                how many sums, of how many terms each
//   type term(o, r), identity(), combine(a, b), void finish(o, total)
//   columns                       whether neighbouring outputs, rather than neighbouring terms, lie side by side

/// A block (of one or more warps) per output: neighbours read neighbouring terms.
template <class R, idx Threads>
__global__ void __launch_bounds__(Threads) reduce_rows_kernel(R r) {
  using T = typename R::type;
  struct memory {
    T parts[Threads / warp_size];
  };
  const idx output = block_x();
  T total = R::identity();
  for (idx i = thread_index(); i < R::terms; i += Threads) total = R::combine(total, r.term(output, i));
  total = block_reduce<Threads>(total, shared<memory>().parts, [](T a, T b) { return R::combine(a, b); });
  if (thread_index() == 0) r.finish(output, total);
}

/// 32 neighbouring outputs by 8 shares of the terms a block.
template <class R>
__global__ void __launch_bounds__(256) reduce_columns_kernel(R r) {
  using T = typename R::type;
  constexpr idx shares = 8;
  struct memory {
    T parts[shares][warp_size];
  };
  memory& m = shared<memory>();
  const idx lane = thread_index() % warp_size, share = thread_index() / warp_size;
  const idx output = block_x() * warp_size + lane;
  T total = R::identity();
  if (output < R::outputs)
    for (idx i = share; i < R::terms; i += shares) total = R::combine(total, r.term(output, i));
  m.parts[share][lane] = total;
  __syncthreads();
  if (share == 0 && output < R::outputs) {
    for (idx s = 1; s < shares; ++s) total = R::combine(total, m.parts[s][lane]);
    r.finish(output, total);
  }
}

/// All outputs of R.
template <class R>
inline void reduce(queue& to, R r) {
  using T = typename R::type;
  if constexpr (R::outputs == 0) {
  } else if constexpr (R::columns) {
    launch(to, reduce_columns_kernel<R>, grid_of(ceil_div(R::outputs, warp_size)), 256, 256 * sizeof(T), r);
  } else {
    constexpr idx threads = R::terms <= 64 ? 32 : R::terms <= 1024 ? 128 : 512;
    launch(to, reduce_rows_kernel<R, threads>, grid_of(R::outputs), threads, threads / warp_size * sizeof(T), r);
  }
}

}  // namespace cuda
}  // namespace m2crt
