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
  template <class Epilogue, class V>
  M2CRT_INLINE V finish(const Epilogue& epilogue, V acc, idx column) const {
    return epilogue(acc, row, column);
  }
};

/// C = epilogue(A * B), B packed in panels of S::panel.
template <class S, class T, class Epilogue>
inline void gemm(const T* a, const T* b, T* c, const Epilogue& epilogue) {
  using rows = matrix_rows<S::a_row, S::c_row>;
  contract_packed<runs<S::k, S::a_column>, S::panel, S::n, S::m, S::k * idx{sizeof(T)}, rows>(a, b, c, epilogue);
}

/// How gemm_any reads its B: rows as they lie, columns as they lie (by dot products), or packed into scratch first,
/// panel by panel or, if A is too large to pass again under each panel, all at once.
enum class operand { rows, columns, packed_panel, packed };

constexpr operand operand_way(idx m, idx n, idx k, idx a_column, idx b_row, idx b_column, idx element_bytes) {
  if (b_row == 1 && a_column == 1 && (m <= 2 || n <= 2)) return operand::columns;
  if (b_column == 1 && (m < 16 || k * n * element_bytes <= 16 * 1024)) return operand::rows;
  return m * k * element_bytes <= block_bytes ? operand::packed_panel : operand::packed;
}

/// The width of the panels that gemm_any packs n columns into. It suits every vector width (wide panels are read in
/// slices), so that the size of the scratch memory depends on the shape alone.
constexpr idx scratch_panel(idx n) { return n <= 4 ? 4 : n <= 8 ? 8 : n <= 16 ? 16 : 32; }

/// Elements of scratch memory that gemm_any needs.
constexpr idx scratch_size(operand way, idx n, idx k) {
  if (way == operand::packed_panel) return k * scratch_panel(n);
  return way == operand::packed ? packed_size(k, n, scratch_panel(n)) : 0;
}

template <class S, class T>
inline constexpr operand operand_of = operand_way(S::m, S::n, S::k, S::a_column, S::b_row, S::b_column, sizeof(T));
template <class S, class T>
inline constexpr idx gemm_scratch = scratch_size(operand_of<S, T>, S::n, S::k);

/// contract_groups over columns [First, S::n) of a row-major B: whole vectors of Width lanes, then narrower ones, so
/// that nothing past a row of B is read.
template <class S, int Width, idx First, class T, class Epilogue>
inline void contract_rows(const T* a, const T* b, T* c, const Epilogue& epilogue) {
  constexpr idx vectors = (S::n - First) / Width;
  constexpr idx next = First + vectors * Width;
  if constexpr (vectors > 0) {
    using rows = matrix_rows<S::a_row, S::c_row>;
    constexpr int group = group_vectors(S::m, vectors);
    constexpr int rest = static_cast<int>(vectors % group);
    using run = runs<S::k, S::a_column>;
    contract_groups<run, S::b_row, vec<T, Width>, group, group * Width, S::m, S::k * idx{sizeof(T)}, rows>(
        a, b + First, c, First, vectors / group, group * Width, epilogue);
    if constexpr (rest > 0)
      contract_groups<run, S::b_row, vec<T, Width>, rest, rest * Width, S::m, S::k * idx{sizeof(T)}, rows>(
          a, b + next - rest * Width, c, next - rest * Width, 1, 0, epilogue);
  }
  if constexpr (next < S::n) contract_rows<S, (Width > 4 ? Width / 2 : 1), next>(a, b, c, epilogue);
}

/// C = epilogue(A * B) for a B known only at run time, with any strides. `scratch` has gemm_scratch<S, T> elements.
template <class S, class T, class Epilogue>
inline void gemm_any(const T* a, const T* b, T* c, [[maybe_unused]] T* scratch, const Epilogue& epilogue) {
  using rows = matrix_rows<S::a_row, S::c_row>;
  using run = runs<S::k, S::a_column>;
  constexpr idx row_bytes = S::k * idx{sizeof(T)};
  constexpr operand way = operand_of<S, T>;
  if constexpr (way == operand::rows) {
    contract_rows<S, lanes<T>, 0>(a, b, c, epilogue);
  } else if constexpr (way == operand::columns) {
    contract_groups<run, 1, T, 1, 1, S::m, row_bytes, rows>(a, b, c, 0, S::n, S::b_column, epilogue);
  } else if constexpr (way == operand::packed) {
    constexpr idx panel = scratch_panel(S::n);
    pack_panels(b, S::b_row, S::b_column, S::k, S::n, panel, scratch);
    contract_packed<run, panel, S::n, S::m, row_bytes, rows>(a, scratch, c, epilogue);
  } else {
    constexpr idx panel = scratch_panel(S::n);
    constexpr idx whole = S::n / panel * panel;
    for (idx first = 0; first < whole; first += panel) {
      pack_panels(b + first * S::b_column, S::b_row, S::b_column, S::k, panel, panel, scratch);
      contract_packed<run, panel, panel, S::m, row_bytes, rows>(
          a, scratch, c + first, [&](auto acc, idx m, idx n) { return epilogue(acc, m, first + n); });
    }
    if constexpr (whole < S::n) {
      pack_panels(b + whole * S::b_column, S::b_row, S::b_column, S::k, S::n - whole, panel, scratch);
      contract_packed<run, panel, S::n - whole, S::m, row_bytes, rows>(
          a, scratch, c + whole, [&](auto acc, idx m, idx n) { return epilogue(acc, m, whole + n); });
    }
  }
}

}  // namespace m2crt
