// Copies that change the order of elements.
#pragma once

#include "m2crt/cuda/base.cuh"

namespace m2crt {
namespace cuda {

inline constexpr idx transpose_side = 32;

/// y[r + c * y_column] = x[r * x_row + c] for a matrix of S::rows x S::columns, and that for S::outer_0 x outer_1 x
/// outer_2 of them, which start x_0 .. x_2 apart in x and y_0 .. y_2 in y. Squares pass through shared memory, so that
/// both sides are read and written in runs.
template <class S, class T>
__global__ void __launch_bounds__(256) transpose_kernel(const T* x, T* y) {
  struct memory {
    T square[transpose_side][transpose_side + 1];
  };
  auto& square = shared<memory>().square;
  const idx lane = thread_index() % transpose_side, first = thread_index() / transpose_side, z = block_z();
  const idx i0 = z / (S::outer_1 * S::outer_2), i1 = z / S::outer_2 % S::outer_1, i2 = z % S::outer_2;
  x += i0 * S::x_0 + i1 * S::x_1 + i2 * S::x_2;
  y += i0 * S::y_0 + i1 * S::y_1 + i2 * S::y_2;
  const idx column0 = block_x() * transpose_side, row0 = block_y() * transpose_side;
  for (idx i = first; i < transpose_side; i += 8)
    if (row0 + i < S::rows && column0 + lane < S::columns) square[i][lane] = x[(row0 + i) * S::x_row + column0 + lane];
  __syncthreads();
  for (idx i = first; i < transpose_side; i += 8)
    if (row0 + lane < S::rows && column0 + i < S::columns)
      y[row0 + lane + (column0 + i) * S::y_column] = square[lane][i];
}

template <class S, class T>
inline void transpose(queue& to, const T* x, T* y) {
  constexpr idx outer = S::outer_0 * S::outer_1 * S::outer_2;
  static_assert(outer <= 65535 && ceil_div(S::rows, transpose_side) <= 65535);
  if (outer * S::rows * S::columns > 0)
    launch(to, transpose_kernel<S, T>,
           grid_of(ceil_div(S::columns, transpose_side), ceil_div(S::rows, transpose_side), outer), 256,
           transpose_side * (transpose_side + 1) * sizeof(T), x, y);
}

}  // namespace cuda
}  // namespace m2crt
