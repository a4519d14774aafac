// The layouts that the contraction kernels read their right operand in, and the functions that make them: for constant
// weights in the compiler, for run-time operands in the kernels, for everything in the tests.
//
// Panels: columns in groups of P, each group K rows of P consecutive elements: [ceil(N / P)][K][P], zero-padded in N.
// P is a number of whole vectors (panel_width), 4 for three or four columns, 1 for fewer: rows of the transposed
// matrix, read by dot products.
//
// Under a left operand of 16 bits (tile.h) a panel's rows are pairs of K's: [ceil(N / P)][ceil(K / 2)][P][2]. An odd
// last K is the second of its pair, beside a zero.
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

/// The same for panels of pairs, which are read in whole vectors.
constexpr idx pair_panel_width(idx m, idx n, int width, int registers) {
  const idx panel = panel_width(m, n, width, registers);
  return panel > 4 ? panel : 4;
}

/// Elements of a packed K x N operand.
constexpr idx packed_size(idx k, idx n, idx panel) { return (n + panel - 1) / panel * panel * k; }
/// The same of an operand of `runs` runs of `length`, for a left operand of A.
template <class A>
constexpr idx packed_size(idx length, idx runs, idx n, idx panel) {
  return packed_size(run_steps<A>(length) * step_elements<A> * runs, n, panel);
}

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

/// Packs the elements value(k, n), 0 <= k < k_size and 0 <= n < n_size, in pairs along k into panels of P.
template <class Packed, class Value>
inline Packed* pack_pairs(idx k_size, idx n_size, idx panel, Packed* packed, Value value) {
  for (idx k = 0; k < k_size; k += 2) {
    for (idx n = 0; n < panel; ++n) {
      const bool whole = k + 1 < k_size;
      *packed++ = n < n_size && whole ? static_cast<Packed>(value(k, n)) : Packed{};
      *packed++ = n < n_size ? static_cast<Packed>(value(whole ? k + 1 : k, n)) : Packed{};
    }
  }
  return packed;
}

/// pack_panels in pairs. Packed, int16 or int8, has all of the values.
template <class T, class Packed>
inline void pack_pair_panels(const T* b, idx k_stride, idx n_stride, idx k_size, idx n_size, idx panel,
                             Packed* packed) {
  for (idx first = 0; first < n_size; first += panel)
    packed = pack_pairs(k_size, n_size - first < panel ? n_size - first : panel, panel, packed,
                        [&](idx k, idx n) { return b[k * k_stride + (first + n) * n_stride]; });
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

/// pack_filter in pairs of input channels: [groups][ceil(O / groups / P)][KH][KW][ceil(I / groups / 2)][P][2].
template <class T, class Packed>
inline void pack_pair_filter(const T* filter, idx out_channels, idx group_channels, idx kernel_h, idx kernel_w,
                             idx groups, idx panel, Packed* packed) {
  const idx taps = kernel_h * kernel_w, group_out = out_channels / groups, depth = group_channels * taps;
  for (idx g = 0; g < groups; ++g)
    for (idx first = 0; first < group_out; first += panel)
      for (idx tap = 0; tap < taps; ++tap)
        packed = pack_pairs(group_channels, group_out - first < panel ? group_out - first : panel, panel, packed,
                            [&](idx i, idx n) { return filter[(g * group_out + first + n) * depth + i * taps + tap]; });
}

/// C = epilogue(A * B) for packed B: the groups of NV vectors that suit Rows out of panels of P, then the last, partly
/// filled one. RowBytes and Cursor as for contract_groups.
template <class Runs, idx P, idx Columns, idx Rows, idx RowBytes, class Cursor, class A, class B, class C,
          class Epilogue, class Part = whole>
inline void contract_packed(const A* a, const B* b, C* c, const Epilogue& epilogue, Part part = {}) {
  using T = sum_type<A>;
  constexpr int width = panel_lanes<T, P>;
  using V = vec<T, width>;
  constexpr int panel_vectors = static_cast<int>(P / width);
  constexpr idx full = Columns / P, rest = Columns % P;
  constexpr idx step = P * step_elements<A>;
  constexpr idx panel_size = run_steps<A>(Runs::length) * Runs::inner * Runs::outer * step;
  if constexpr (full > 0) {
    // A panel made for few rows is wide; for many rows it is read in slices.
    constexpr int slice =
        panel_vectors % group_vectors(Rows, panel_vectors) == 0 ? group_vectors(Rows, panel_vectors) : 1;
    if constexpr (slice == panel_vectors)
      contract_groups<Runs, step, V, slice, P, Rows, RowBytes, Cursor>(a, b, c, 0, full, panel_size, epilogue, part);
    else
      for (idx p = 0; p < full; ++p)
        contract_groups<Runs, step, V, slice, slice * width, Rows, RowBytes, Cursor>(
            a, b + p * panel_size, c, p * P, panel_vectors / slice, slice * width * step_elements<A>, epilogue, part);
  }
  if constexpr (rest > 0) {
    constexpr int vectors = static_cast<int>((rest + width - 1) / width);
    contract_groups<Runs, step, V, vectors, rest, Rows, RowBytes, Cursor>(a, b + full * panel_size, c, full * P, 1, 0,
                                                                          epilogue, part);
  }
}

}  // namespace m2crt
