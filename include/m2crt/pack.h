// The layouts that the contraction kernels read their right operand in, and the functions that make them: for constant
// weights in the compiler, for run-time operands in the kernels, for everything in the tests.
//
// Panels: columns in groups of P, each group K rows of P consecutive elements: [ceil(N / P)][K][P], zero-padded in N.
// P is a number of whole vectors (panel_width), 4 for three or four columns, 1 for fewer: rows of the transposed
// matrix, read by dot products.
#pragma once

#include <m2crt/tile.h>

namespace m2crt {

/// Vectors of a panel of P elements: the widest, of at least 16 bytes, that divides it; else single elements. So a
/// panel that was made for one target can be read on any other.
template <class T, idx P>
inline constexpr int panel_lanes = P % lanes<T> == 0                               ? lanes<T>
                                   : vector_bytes >= 32 && P % (lanes<T> / 2) == 0 ? lanes<T> / 2
                                   : vector_bytes >= 64 && P % (lanes<T> / 4) == 0 ? lanes<T> / 4
                                                                                   : 1;

/// Half-cycles a step of k for m rows by one group of `vectors` vectors: FMA or load bound, plus what the panel's way
/// through the caches costs.
constexpr idx group_cost(idx m, int vectors, int registers) {
  const even_split split(m, tile_rows(vectors, registers));
  idx cost = 0;
  for (idx tile = 0; tile < split.tiles && tile < 2; ++tile) {
    const idx tiles = tile == 0 ? split.large_tiles : split.tiles - split.large_tiles;
    const idx rows = split.large - tile;
    const idx fma = rows * vectors, loads = rows + vectors;
    cost += tiles * (8 * (fma > loads ? fma : loads) + vectors);
  }
  return cost;
}

/// The cheapest number of vectors of a group for m rows and `vectors` vectors of columns in all.
constexpr int group_vectors(idx m, idx vectors, int registers = vector_registers) {
  int best = 1;
  idx best_cost = 0;
  for (int n = 1; n <= 8 && n <= vectors; ++n) {
    const idx rest = vectors % n;
    const idx cost =
        vectors / n * group_cost(m, n, registers) + (rest ? group_cost(m, static_cast<int>(rest), registers) : 0);
    if (n == 1 || cost <= best_cost) {
      best = n;
      best_cost = cost;
    }
  }
  return best;
}

/// The panel width P for m rows by n columns on vectors of `width` lanes.
constexpr idx panel_width(idx m, idx n, int width, int registers) {
  if (n <= 2) return 1;
  if (n <= 4) return 4;
  if (width > 8 && n <= width / 2) return width / 2;
  return width * group_vectors(m, (n + width - 1) / width, registers);
}

/// Elements of a packed K x N operand.
constexpr idx packed_size(idx k, idx n, idx panel) { return (n + panel - 1) / panel * panel * k; }

/// Packs b[K,N], element (k, n) at b[k * k_stride + n * n_stride], into panels of P.
template <class T>
inline void pack_panels(const T* b, idx k_stride, idx n_stride, idx k_size, idx n_size, idx panel, T* packed) {
  for (idx first = 0; first < n_size; first += panel) {
    const idx valid = n_size - first < panel ? n_size - first : panel;
    for (idx k = 0; k < k_size; ++k) {
      const T* from = b + k * k_stride + first * n_stride;
      for (idx n = 0; n < valid; ++n) packed[n] = from[n * n_stride];
      for (idx n = valid; n < panel; ++n) packed[n] = T{};
      packed += panel;
    }
  }
}

/// Elements of a packed convolution filter.
constexpr idx packed_filter_size(idx out_channels, idx group_channels, idx kernel_h, idx kernel_w, idx groups,
                                 idx panel) {
  return groups * packed_size(group_channels * kernel_h * kernel_w, out_channels / groups, panel);
}

/// Packs a convolution filter, ONNX's [O][I / groups][KH][KW], into per group panels [groups][ceil(O / groups / P)][KH]
/// [KW][I / groups][P]: the order in which the channels-last input is read.
template <class T>
inline void pack_filter(const T* filter, idx out_channels, idx group_channels, idx kernel_h, idx kernel_w, idx groups,
                        idx panel, T* packed) {
  const idx taps = kernel_h * kernel_w, group_out = out_channels / groups, depth = group_channels * taps;
  for (idx g = 0; g < groups; ++g) {
    for (idx first = 0; first < group_out; first += panel) {
      for (idx tap = 0; tap < taps; ++tap) {
        for (idx i = 0; i < group_channels; ++i) {
          for (idx n = 0; n < panel; ++n) {
            const idx o = g * group_out + first + n;
            *packed++ = first + n < group_out ? filter[o * depth + i * taps + tap] : T{};
          }
        }
      }
    }
  }
}

/// C = epilogue(A * B) for packed B: the groups of NV vectors that suit Rows out of panels of P, then the last, partly
/// filled one. RowBytes and Cursor as for contract_groups.
template <class Runs, idx P, idx Columns, idx Rows, idx RowBytes, class Cursor, class T, class Epilogue,
          class Part = whole>
inline void contract_packed(const T* a, const T* b, T* c, const Epilogue& epilogue, Part part = {}) {
  constexpr int width = panel_lanes<T, P>;
  using V = vec<T, width>;
  constexpr int panel_vectors = static_cast<int>(P / width);
  constexpr idx full = Columns / P, rest = Columns % P;
  constexpr idx panel_size = Runs::depth * P;
  if constexpr (full > 0) {
    // A panel made for few rows is wide; for many rows it is read in slices.
    constexpr int slice =
        panel_vectors % group_vectors(Rows, panel_vectors) == 0 ? group_vectors(Rows, panel_vectors) : 1;
    if constexpr (slice == panel_vectors)
      contract_groups<Runs, P, V, slice, P, Rows, RowBytes, Cursor>(a, b, c, 0, full, panel_size, epilogue, part);
    else
      for (idx p = 0; p < full; ++p)
        contract_groups<Runs, P, V, slice, slice * width, Rows, RowBytes, Cursor>(
            a, b + p * panel_size, c, p * P, panel_vectors / slice, slice * width, epilogue, part);
  }
  if constexpr (rest > 0) {
    constexpr int vectors = static_cast<int>((rest + width - 1) / width);
    contract_groups<Runs, P, V, vectors, rest, Rows, RowBytes, Cursor>(a, b + full * panel_size, c, full * P, 1, 0,
                                                                       epilogue, part);
  }
}

}  // namespace m2crt
