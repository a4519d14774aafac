// Matrix products C[M,N] = epilogue(A[M,K] * B[K,N]).
//
// A traits struct S gives the shape, all in elements:
//   m, n, k               the sizes
//   a_row, a_column       strides of A; a column stride of 1 is best, a row stride of 1 (A transposed) good
//   c_row                 row stride of C, whose columns are consecutive
// and `panel` for a B packed by m2crt::pack_panels (pack.h) or b_row, b_column for any other B.
//
// `epilogue(acc, m, n)` finishes the elements of C that start at row m, column n: acc is a vector of consecutive
// columns, or one element in the last few columns, and what it returns is stored. Each element is summed over k in one
// order that only the shape decides; the error is below k * epsilon * sum |a b|. M = 1 streams B at the speed of its
// cache level.
#pragma once

#include <m2crt/pack.h>

namespace m2crt {

/// The rows of a plain matrix product, as contract_tile walks them.
template <idx AStride, idx CStride>
struct matrix_rows {
  idx row = 0;
  M2CRT_INLINE idx offset_a() const { return row * AStride; }
  M2CRT_INLINE idx offset_c() const { return row * CStride; }
  M2CRT_INLINE void next() { ++row; }
  M2CRT_INLINE void go(idx to) { row = to; }
  template <class Epilogue, class V>
  M2CRT_INLINE auto finish(const Epilogue& epilogue, V acc, idx column) const {
    return epilogue(acc, row, column);
  }
};

/// C = epilogue(A * B), B packed in panels of S::panel.
template <class S, class A, class B, class C, class Epilogue, class Part = whole>
inline void gemm(const A* a, const B* b, C* c, const Epilogue& epilogue, Part part = {}) {
  using rows = matrix_rows<S::a_row, S::c_row>;
  contract_packed<runs<S::k, S::a_column>, S::panel, S::n, S::m, S::k * idx{sizeof(A)}, rows>(a, b, c, epilogue, part);
}

/// The rows of a matrix product whose distances only the run knows.
struct sized_rows {
  idx a_row, c_row, row = 0;
  M2CRT_INLINE idx offset_a() const { return row * a_row; }
  M2CRT_INLINE idx offset_c() const { return row * c_row; }
  M2CRT_INLINE void next() { ++row; }
  M2CRT_INLINE void go(idx to) { row = to; }
  template <class Epilogue, class V>
  M2CRT_INLINE auto finish(const Epilogue& epilogue, V acc, idx column) const {
    return epilogue(acc, row, column);
  }
};

/// gemm where m, a_row and c_row are members that the run sets. A panel that is wider than many rows want, made
/// for few of them or for another instruction set, is read in slices.
template <class S, class A, class B, class C, class Epilogue, class Part = whole>
inline void gemm_sized(const S& s, const A* a, const B* b, C* c, const Epilogue& epilogue, Part part = {}) {
  using run = runs<S::k, S::a_column>;
  using T = sum_type<A>;
  constexpr int width = panel_lanes<T, S::panel>, vectors = static_cast<int>(S::panel / width);
  using V = vec<T, width>;
  constexpr idx step = S::panel * step_elements<A>, slice_step = step / vectors;
  constexpr idx full = S::n / S::panel, rest = S::n % S::panel, panel_size = run_steps<A>(S::k) * step;
  constexpr idx row_bytes = S::k * idx{sizeof(A)};
  constexpr int for_many = group_vectors(64, vectors), slice = vectors % for_many == 0 ? for_many : 1;
  constexpr idx few_rows = 4;
  const sized_rows rows{s.a_row, s.c_row};
  if constexpr (full > 0) {
    if (slice == vectors || s.m < few_rows)
      contract_groups_sized<run, step, V, vectors, S::panel>(s.m, row_bytes, rows, a, b, c, 0, full, panel_size,
                                                             epilogue, part);
    else
      for (idx p = 0; p < full; ++p)
        contract_groups_sized<run, step, V, slice, slice * width>(s.m, row_bytes, rows, a, b + p * panel_size, c,
                                                                  p * S::panel, vectors / slice, slice * slice_step,
                                                                  epilogue, part);
  }
  if constexpr (rest > 0)
    contract_groups_sized<run, step, V, static_cast<int>((rest + width - 1) / width), rest>(
        s.m, row_bytes, rows, a, b + full * panel_size, c, full * S::panel, 1, 0, epilogue, part);
}

/// One tile of a product with sizes and strides that only the run knows: Rows rows by Vectors vectors of columns, or by
/// single columns where V is the element type.
template <int Rows, int Vectors, class V, class S, class T, class Epilogue>
M2CRT_INLINE void product_tile(const S& s, const T* a, const T* b, T* c, idx row, idx column,
                               const Epilogue& epilogue) {
  constexpr idx width = lane_count<V>;
  V acc[Rows][Vectors] = {};
  const T* left = a + row * s.a_row;
  const T* right = b + column * s.b_column;
  for (idx k = 0; k < s.k; ++k) {
    V columns[Vectors];
    M2CRT_UNROLL for (int v = 0; v < Vectors; ++v) {
      columns[v] = load<V>(right + k * s.b_row + v * width);
      if constexpr (width > 1) hold(columns[v]);
    }
    M2CRT_UNROLL for (int r = 0; r < Rows; ++r) {
      const V x = splat<V>(left[r * s.a_row + k * s.a_column]);
      M2CRT_UNROLL for (int v = 0; v < Vectors; ++v) acc[r][v] += x * columns[v];
    }
  }
  M2CRT_UNROLL for (int r = 0; r < Rows; ++r) {
    M2CRT_UNROLL for (int v = 0; v < Vectors; ++v)
        store(c + (row + r) * s.c_row + column + v * width, epilogue(acc[r][v], row + r, column + v * width));
  }
}

/// Rows by Columns dot products along k, for operands whose k is consecutive in both.
template <int Rows, int Columns, class S, class T, class Epilogue>
M2CRT_INLINE void product_dots(const S& s, const T* a, const T* b, T* c, idx row, idx column,
                               const Epilogue& epilogue) {
  using V = vec<T>;
  constexpr idx width = lanes<T>;
  V sums[Rows][Columns] = {};
  T tails[Rows][Columns] = {};
  const idx whole = s.k / width * width;
  for (idx k = 0; k < whole; k += width) {
    V right[Columns];
    M2CRT_UNROLL for (int j = 0; j < Columns; ++j) {
      right[j] = load<V>(b + (column + j) * s.b_column + k);
      hold(right[j]);
    }
    M2CRT_UNROLL for (int r = 0; r < Rows; ++r) {
      const V left = load<V>(a + (row + r) * s.a_row + k);
      M2CRT_UNROLL for (int j = 0; j < Columns; ++j) sums[r][j] += left * right[j];
    }
  }
  for (idx k = whole; k < s.k; ++k)
    for (int r = 0; r < Rows; ++r)
      for (int j = 0; j < Columns; ++j) tails[r][j] += a[(row + r) * s.a_row + k] * b[(column + j) * s.b_column + k];
  for (int r = 0; r < Rows; ++r)
    for (int j = 0; j < Columns; ++j)
      c[(row + r) * s.c_row + column + j] =
          epilogue(static_cast<T>(sum_lanes(sums[r][j]) + tails[r][j]), row + r, column + j);
}

/// C = epilogue(A * B) with sizes (m, n, k) and strides (a_row, a_column, b_row, b_column, c_row) that are members of
/// `s`. Operands are read as they lie: tiles of rows by vectors of columns, dot products where B's columns are
/// consecutive along k, else single elements. A part has rows, or, where these are few, columns.
template <class S, class T, class Epilogue, class Part = whole>
inline void product_sized(const S& s, const T* a, const T* b, T* c, const Epilogue& epilogue, Part part = {}) {
  constexpr idx width = lanes<T>;
  const bool by_rows = s.m >= 16 || s.n < 64;
  const range own_rows = by_rows ? part.of(s.m, tile_rows(2)) : range{0, s.m};
  const range columns = by_rows ? range{0, s.n} : part.of(s.n, 2 * width);
  // Blocks of Most rows, of half as many, and single ones.
  auto row_blocks = [&](auto most, auto tile) {
    constexpr int large = decltype(most)::value, small = large / 2;
    idx row = own_rows.begin;
    for (; row + large <= own_rows.end; row += large) tile(most, row);
    for (; row + small <= own_rows.end; row += small) tile(std::integral_constant<int, small>{}, row);
    for (; row < own_rows.end; ++row) tile(std::integral_constant<int, 1>{}, row);
  };
  if (s.b_column != 1 && s.b_row == 1 && s.a_column == 1) {
    row_blocks(std::integral_constant<int, vector_registers >= 32 ? 4 : 2>{}, [&](auto rows, idx row) {
      constexpr int height = decltype(rows)::value;
      idx column = columns.begin;
      for (; column + 4 <= columns.end; column += 4) product_dots<height, 4>(s, a, b, c, row, column, epilogue);
      for (; column < columns.end; ++column) product_dots<height, 1>(s, a, b, c, row, column, epilogue);
    });
    return;
  }
  row_blocks(std::integral_constant<int, tile_rows(2)>{}, [&](auto rows, idx row) {
    constexpr int height = decltype(rows)::value;
    idx column = columns.begin;
    if (s.b_column == 1) {
      if constexpr (height == 1)  // two vectors of sums alone would wait for one another's FMAs
        for (; column + 8 * width <= columns.end; column += 8 * width)
          product_tile<1, 8, vec<T>>(s, a, b, c, row, column, epilogue);
      for (; column + 2 * width <= columns.end; column += 2 * width)
        product_tile<height, 2, vec<T>>(s, a, b, c, row, column, epilogue);
      for (; column + width <= columns.end; column += width)
        product_tile<height, 1, vec<T>>(s, a, b, c, row, column, epilogue);
    }
    for (; column < columns.end; ++column) product_tile<height, 1, T>(s, a, b, c, row, column, epilogue);
  });
}

/// How gemm_any reads its B: rows as they lie, columns as they lie (by dot products), or packed into scratch first,
/// panel by panel or, if A is too large to pass again under each panel, all at once.
enum class operand { rows, columns, packed_panel, packed };

constexpr operand operand_way(idx m, idx n, idx k, idx a_column, idx b_row, idx b_column, idx element_bytes) {
  if (element_bytes == 2)  // pairs are made by packing
    return m * k * element_bytes <= block_bytes ? operand::packed_panel : operand::packed;
  if (b_row == 1 && a_column == 1 && (m <= 2 || n <= 2)) return operand::columns;
  if (b_column == 1 && (m < 16 || k * n * element_bytes <= 16 * 1024)) return operand::rows;
  return m * k * element_bytes <= block_bytes ? operand::packed_panel : operand::packed;
}

/// The width of the panels that gemm_any packs n columns into. It suits every vector width (wide panels are read in
/// slices), so that the size of the scratch memory depends on the shape alone.
constexpr idx scratch_panel(idx n) { return n <= 4 ? 4 : n <= 8 ? 8 : n <= 16 ? 16 : 32; }

/// Elements of scratch memory that gemm_any needs.
constexpr idx scratch_size(operand way, idx n, idx k, idx element_bytes) {
  if (element_bytes == 2) k += k % 2;
  if (way == operand::packed_panel) return k * scratch_panel(n);
  return way == operand::packed ? packed_size(k, n, scratch_panel(n)) : 0;
}

template <class S, class T>
inline constexpr operand operand_of = operand_way(S::m, S::n, S::k, S::a_column, S::b_row, S::b_column, sizeof(T));
template <class S, class T>
inline constexpr idx gemm_scratch = scratch_size(operand_of<S, T>, S::n, S::k, sizeof(T));

/// contract_groups over columns [First, S::n) of a row-major B: whole vectors of Width lanes, then narrower ones, so
/// that nothing past a row of B is read.
template <class S, int Width, idx First, class T, class C, class Epilogue, class Part>
inline void contract_rows(const T* a, const T* b, C* c, const Epilogue& epilogue, Part part) {
  constexpr idx vectors = (S::n - First) / Width;
  constexpr idx next = First + vectors * Width;
  if constexpr (vectors > 0) {
    using rows = matrix_rows<S::a_row, S::c_row>;
    constexpr int group = group_vectors(S::m, vectors);
    constexpr int rest = static_cast<int>(vectors % group);
    using run = runs<S::k, S::a_column>;
    contract_groups<run, S::b_row, vec<T, Width>, group, group * Width, S::m, S::k * idx{sizeof(T)}, rows>(
        a, b + First, c, First, vectors / group, group * Width, epilogue, part);
    if constexpr (rest > 0)
      contract_groups<run, S::b_row, vec<T, Width>, rest, rest * Width, S::m, S::k * idx{sizeof(T)}, rows>(
          a, b + next - rest * Width, c, next - rest * Width, 1, 0, epilogue, part);
  }
  if constexpr (next < S::n) contract_rows<S, (Width > 4 ? Width / 2 : 1), next>(a, b, c, epilogue, part);
}

/// B as it is read under a left operand of its type.
template <class T>
inline void pack_any(const T* b, idx k_stride, idx n_stride, idx k_size, idx n_size, idx panel, T* packed) {
  if constexpr (step_elements<T> == 2)
    pack_pair_panels(b, k_stride, n_stride, k_size, n_size, panel, packed);
  else
    pack_panels(b, k_stride, n_stride, k_size, n_size, panel, packed);
}

/// C = epilogue(A * B) for a B known only at run time, with any strides. `scratch` has gemm_scratch<S, T> elements, for
/// each part its own.
template <class S, class T, class C, class Epilogue, class Part = whole>
inline void gemm_any(const T* a, const T* b, C* c, [[maybe_unused]] T* scratch, const Epilogue& epilogue,
                     Part part = {}) {
  using rows = matrix_rows<S::a_row, S::c_row>;
  using run = runs<S::k, S::a_column>;
  constexpr idx row_bytes = S::k * idx{sizeof(T)};
  constexpr operand way = operand_of<S, T>;
  if constexpr (way == operand::rows) {
    contract_rows<S, lanes<T>, 0>(a, b, c, epilogue, part);
  } else if constexpr (way == operand::columns) {
    contract_groups<run, 1, T, 1, 1, S::m, row_bytes, rows>(a, b, c, 0, S::n, S::b_column, epilogue, part);
  } else if constexpr (way == operand::packed) {
    // Each part packs all of B: little beside the products of so many rows.
    constexpr idx panel = scratch_panel(S::n);
    pack_any(b, S::b_row, S::b_column, S::k, S::n, panel, scratch);
    contract_packed<run, panel, S::n, S::m, row_bytes, rows>(a, scratch, c, epilogue, part);
  } else {
    constexpr idx panel = scratch_panel(S::n);
    constexpr idx full = S::n / panel * panel;
    // A part has panels of its own.
    const range columns = part.of(S::n, panel);
    for (idx first = columns.begin; first < columns.end && first < full; first += panel) {
      pack_any(b + first * S::b_column, S::b_row, S::b_column, S::k, panel, panel, scratch);
      contract_packed<run, panel, panel, S::m, row_bytes, rows>(
          a, scratch, c + first, [&](auto acc, idx m, idx n) { return epilogue(acc, m, first + n); });
    }
    if constexpr (full < S::n) {
      if (columns.begin > full || columns.end <= full) return;
      pack_any(b + full * S::b_column, S::b_row, S::b_column, S::k, S::n - full, panel, scratch);
      contract_packed<run, panel, S::n - full, S::m, row_bytes, rows>(
          a, scratch, c + full, [&](auto acc, idx m, idx n) { return epilogue(acc, m, full + n); });
    }
  }
}

}  // namespace m2crt
