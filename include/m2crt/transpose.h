// Copies that change the order of dimensions.
#pragma once

#include <utility>

#include "m2crt/part.h"

namespace m2crt {

// One step of the butterfly that transposes a square of lanes: swaps the S-wide blocks off the diagonal of rows a and
// b.
template <int S, class V, std::size_t... L>
M2CRT_INLINE void swap_blocks(V& a, V& b, std::index_sequence<L...>) {
  constexpr int n = lane_count<V>;
  V low = __builtin_shufflevector(
      a, b, ((static_cast<int>(L) & S) != 0 ? n + static_cast<int>(L) - S : static_cast<int>(L))...);
  V high = __builtin_shufflevector(
      a, b, ((static_cast<int>(L) & S) != 0 ? n + static_cast<int>(L) : static_cast<int>(L) + S)...);
  a = low;
  b = high;
}

template <int S, class V, int N>
M2CRT_INLINE void transpose_lanes(V (&rows)[N]) {
  if constexpr (S < N) {
#pragma GCC unroll 16
    for (int i = 0; i < N; ++i)
      if ((i & S) == 0) swap_blocks<S>(rows[i], rows[i + S], std::make_index_sequence<N>{});
    transpose_lanes<S * 2>(rows);
  }
}

/// Transposes a square of registers in place: lane c of row r becomes lane r of row c.
template <class V, int N>
M2CRT_INLINE void transpose_square(V (&rows)[N]) {
  static_assert(N == lane_count<V>);
  transpose_lanes<1>(rows);
}

/// y[c * OutStride + r] = x[r * InStride + c] for r < Rows, c < Columns: squares of one register a side, and single
/// elements at the edges. x and y do not overlap. A part has rows or columns, of whichever there are more.
template <idx Rows, idx Columns, idx InStride, idx OutStride, class T, class Part = whole>
inline void transpose_2d(const T* __restrict x, T* __restrict y, Part part = {}) {
  constexpr idx side = sizeof(T) >= 4 ? idx{lanes<T>} : idx{1};
  constexpr idx rows = Rows / side * side, columns = side > 1 && rows > 0 ? Columns / side * side : 0;
  const range own_rows = Rows >= Columns ? part.of(Rows, 64) : range{0, Rows};
  const range own_columns = Rows >= Columns ? range{0, Columns} : part.of(Columns, 64);
  if constexpr (columns > 0) {
    using V = vec<T>;
    for (idx r = own_rows.begin; r < own_rows.end && r < rows; r += side) {
      for (idx c = own_columns.begin; c < own_columns.end && c < columns; c += side) {
        V square[side];
#pragma GCC unroll 16
        for (idx i = 0; i < side; ++i) square[i] = load<V>(x + (r + i) * InStride + c);
        transpose_square(square);
#pragma GCC unroll 16
        for (idx i = 0; i < side; ++i) store(y + (c + i) * OutStride + r, square[i]);
      }
    }
  }
  // Right of the squares, then below them.
  for (idx c = own_columns.begin > columns ? own_columns.begin : columns; c < own_columns.end; ++c)
    for (idx r = own_rows.begin; r < own_rows.end; ++r) y[c * OutStride + r] = x[r * InStride + c];
  if constexpr (columns > 0 && rows < Rows)
    for (idx c = own_columns.begin; c < own_columns.end && c < columns; ++c)
      for (idx r = own_rows.begin > rows ? own_rows.begin : rows; r < own_rows.end; ++r)
        y[c * OutStride + r] = x[r * InStride + c];
}

/// y[i * OutStride] = x[i * InStride] for i < N.
template <idx N, idx InStride, idx OutStride, class T, class Part = whole>
inline void copy_strided(const T* __restrict x, T* __restrict y, Part part = {}) {
  const range own = part.of(N, 64);
  if constexpr (InStride == 1 && OutStride == 1)
    std::memcpy(y + own.begin, x + own.begin, static_cast<std::size_t>(own.end - own.begin) * sizeof(T));
  else
    for (idx i = own.begin; i < own.end; ++i) y[i * OutStride] = x[i * InStride];
}

/// The same with sizes and strides that only the run knows.
template <class T, class Part = whole>
inline void transpose_2d_sized(idx rows, idx columns, idx in_stride, idx out_stride, const T* __restrict x,
                               T* __restrict y, Part part = {}) {
  constexpr idx side = sizeof(T) >= 4 ? idx{lanes<T>} : idx{1};
  const idx whole_rows = side > 1 ? rows / side * side : 0, whole_columns = side > 1 ? columns / side * side : 0;
  const range own_rows = rows >= columns ? part.of(rows, 64) : range{0, rows};
  const range own_columns = rows >= columns ? range{0, columns} : part.of(columns, 64);
  if constexpr (side > 1) {
    using V = vec<T>;
    for (idx r = own_rows.begin; r < own_rows.end && r < whole_rows; r += side) {
      for (idx c = own_columns.begin; c < own_columns.end && c < whole_columns; c += side) {
        V square[side];
#pragma GCC unroll 16
        for (idx i = 0; i < side; ++i) square[i] = load<V>(x + (r + i) * in_stride + c);
        transpose_square(square);
#pragma GCC unroll 16
        for (idx i = 0; i < side; ++i) store(y + (c + i) * out_stride + r, square[i]);
      }
    }
  }
  for (idx c = own_columns.begin; c < own_columns.end; ++c)
    for (idx r = c < whole_columns && own_rows.begin < whole_rows ? whole_rows : own_rows.begin; r < own_rows.end; ++r)
      y[c * out_stride + r] = x[r * in_stride + c];
}
template <class T, class Part = whole>
inline void copy_strided_sized(idx n, idx in_stride, idx out_stride, const T* __restrict x, T* __restrict y,
                               Part part = {}) {
  const range own = part.of(n, 64);
  for (idx i = own.begin; i < own.end; ++i) y[i * out_stride] = x[i * in_stride];
}

}  // namespace m2crt
