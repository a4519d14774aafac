// The contraction micro-kernel, and the loops around it that every matrix product and convolution shares.
//
// A register tile holds MR rows x NV vectors of the output. Each row has its own base pointer into the left operand, so
// a tile may span image rows; the columns come from one panel of packed weights (pack.h). Along the contraction a row
// is read in *runs* of consecutive elements: a matrix product is one run of K, a convolution KH runs of KW * C.
//
// Operands of 16-bit integers are multiplied two at a time and summed in 32 bits: a step takes a pair of a run's
// elements and a row of pairs of the panel (pack.h). The right operand may have 8 bits, which are widened as they are
// loaded.
#pragma once

#include <m2crt/part.h>

#include <cstdint>
#include <type_traits>

namespace m2crt {

// Asks for full unrolling of a loop with a small constant trip count. (gcc 12 takes no template-dependent count.)
#define M2CRT_UNROLL _Pragma("GCC unroll 64")

// What a block of the left operand may occupy of the second-level cache; panels of the right one pass through the rest.
inline constexpr idx block_bytes = 256 * 1024;

/// How a row of the left operand is read: Outer x Inner runs of Length elements that are Step apart, the runs
/// OuterStep and InnerStep elements apart. The right operand's rows follow one another in the same order.
template <idx Length, idx Step = 1, idx Inner = 1, idx InnerStep = 0, idx Outer = 1, idx OuterStep = 0>
struct runs {
  static constexpr idx length = Length, step = Step;
  static constexpr idx inner = Inner, inner_step = InnerStep;
  static constexpr idx outer = Outer, outer_step = OuterStep;
  static constexpr idx depth = Length * Inner * Outer;
};

/// Rows of the largest register tile with `vectors` columns, for `registers` vector registers: the tile, one row of the
/// right operand and one broadcast stay in registers. 6 x 2 and 4 x 3 keep two FMA units busy with 16 registers (97-99
/// % of peak, 8 x 1 at most 89 %: one load an FMA); with 32, 8 x 2 equals 14 x 2 and needs fewer row pointers.
constexpr int tile_rows(int vectors, int registers = vector_registers) {
  if (registers >= 32) return vectors <= 3 ? 8 : vectors == 4 ? 6 : vectors <= 6 ? 4 : 3;
  return vectors == 1 ? 8 : vectors == 2 ? 6 : vectors == 3 ? 4 : vectors == 4 ? 3 : vectors <= 6 ? 2 : 1;
}

/// Independent accumulators that hide the FMA latency of two units (4 cycles each).
inline constexpr int accumulators_in_flight = 8;

/// Copies of a small tile that take turns along the run, so that a tile of few vectors is not bound by FMA latency.
constexpr int tile_chains(int vectors) {
  return vectors >= accumulators_in_flight ? 1 : (accumulators_in_flight + vectors - 1) / vectors;
}

/// `total` rows in the fewest tiles of at most `most` rows, sizes `large` (first) and `large - 1`: no short tail, whose
/// few accumulators would run at half speed. 49 rows by 6 are 4 x 6 + 5 x 5, not 8 x 6 + 1.
struct even_split {
  idx tiles, large, large_tiles;
  constexpr even_split(idx total, idx most)
      : tiles((total + most - 1) / most),
        large((total + tiles - 1) / tiles),
        large_tiles(total - tiles * (large - 1)) {}
  /// Where a tile begins.
  constexpr idx start_of(idx tile) const {
    return tile <= large_tiles ? tile * large : tile * (large - 1) + large_tiles;
  }
};

/// Keeps v in a register. gcc 12 folds a load that two FMAs share into both, which doubles the loads: 2 x 4 at 75 % of
/// peak instead of 97 % with AVX-512, 4 x 2 at 58 % instead of 97 % with AVX2.
template <class V>
M2CRT_INLINE void hold([[maybe_unused]] V& v) {
#if defined(__GNUC__) && !defined(__clang__) && defined(__SSE2__)
  asm("" : "+x"(v));
#endif
}

/// Elements of the left operand that one step takes: two of 16 bits, whose products are summed in one lane.
template <class A>
inline constexpr idx step_elements = std::is_same_v<A, std::int16_t> ? 2 : 1;

/// What products of elements of A are summed in.
template <class A>
using sum_type = std::conditional_t<std::is_same_v<A, std::int16_t>, std::int32_t, A>;

/// Steps that a run of `length` elements takes.
template <class A>
constexpr idx run_steps(idx length) {
  return (length + step_elements<A> - 1) / step_elements<A>;
}

/// What one step takes of a row of the left operand, in all lanes.
template <class V, idx Length, idx Step, class A>
M2CRT_INLINE V load_left(const A* p) {
  if constexpr (std::is_same_v<A, lane_type<V>>) {
    return splat<V>(*p);
  } else {
    A pair[2] = {p[0], A{}};
    if constexpr (Length > 1 && Step == 1)
      std::memcpy(pair, p, sizeof(pair));
    else if constexpr (Length > 1)
      pair[1] = p[Step];
    else
      pair[1] = pair[0], pair[0] = A{};
    lane_type<V> both;
    std::memcpy(&both, pair, sizeof(both));
    return splat<V>(both);
  }
}

/// What one step takes of a vector of columns.
template <class V, class B>
M2CRT_INLINE V load_right(const B* p) {
  if constexpr (std::is_same_v<B, lane_type<V>>)
    return load<V>(p);
  else
    return bit_cast<V>(widen_bytes(load<vec<B, 2 * lane_count<V>>>(p)));
}

/// sum += x * y for operands of type A.
template <class A, class V>
M2CRT_INLINE void accumulate(V& sum, V x, V y) {
  if constexpr (step_elements<A> == 2)
    sum = mul_add_pairs(x, y, sum);
  else
    sum += x * y;
}

/// acc[r][v] = sum over k of rows[r][k] * b[k][v], with the rows of b BStep elements apart.
template <class Runs, idx BStep, class V, int MR, int NV, class A, class B>
M2CRT_INLINE void multiply_tile(V (&acc)[MR][NV], const A* const (&rows)[MR], const B* b) {
  constexpr idx group = step_elements<A>, column_step = lane_count<V> * group;
  constexpr idx length = Runs::length / group, left_over = Runs::length % group;
  constexpr int chains = length >= tile_chains(MR * NV) ? tile_chains(MR * NV) : 1;
  constexpr idx whole = length - length % chains;
  V sums[chains][MR][NV] = {};
  for (idx outer = 0; outer < Runs::outer; ++outer) {
    for (idx inner = 0; inner < Runs::inner; ++inner) {
      const idx start = outer * Runs::outer_step + inner * Runs::inner_step;
      // Step k takes the run's elements from `at` on.
      auto step = [&](V(&sum)[MR][NV], idx k, idx at) {
        // Whichever side has fewer vectors stays in registers; the other passes through one at a time.
        if constexpr (NV <= MR) {
          V columns[NV];
          M2CRT_UNROLL for (int v = 0; v < NV; ++v) {
            columns[v] = load_right<V>(b + k * BStep + v * column_step);
            if constexpr (vector_bytes < 64 || MR == 2 || NV == 3) hold(columns[v]);
          }
          M2CRT_UNROLL for (int r = 0; r < MR; ++r) {
            const V x = load_left<V, Runs::length, Runs::step>(rows[r] + start + at * Runs::step);
            M2CRT_UNROLL for (int v = 0; v < NV; ++v) accumulate<A>(sum[r][v], x, columns[v]);
          }
        } else {
          V x[MR];
          M2CRT_UNROLL for (int r = 0; r < MR; ++r) x[r] =
              load_left<V, Runs::length, Runs::step>(rows[r] + start + at * Runs::step);
          M2CRT_UNROLL for (int v = 0; v < NV; ++v) {
            V column = load_right<V>(b + k * BStep + v * column_step);
            if constexpr (MR <= 3) hold(column);
            M2CRT_UNROLL for (int r = 0; r < MR; ++r) accumulate<A>(sum[r][v], x[r], column);
          }
        }
      };
      // Left to itself clang unrolls by two and spills 4 x 3.
      _Pragma("GCC unroll 1") for (idx k = 0; k < whole; k += chains) M2CRT_UNROLL for (int c = 0; c < chains; ++c)
          step(sums[c], k + c, (k + c) * group);
      if constexpr (whole < length)
        M2CRT_UNROLL for (int c = 0; c < length - whole; ++c) step(sums[c], whole + c, (whole + c) * group);
      // The last element of an odd run stands beside the one before it, which has been taken: its weights are 0.
      if constexpr (left_over > 0) step(sums[0], length, Runs::length > 1 ? Runs::length - group : 0);
      b += (length + left_over) * BStep;
    }
  }
  M2CRT_UNROLL for (int c = 1; c < chains; ++c) {
    M2CRT_UNROLL for (int r = 0; r < MR; ++r) {
      M2CRT_UNROLL for (int v = 0; v < NV; ++v) sums[0][r][v] += sums[c][r][v];
    }
  }
  M2CRT_UNROLL for (int r = 0; r < MR; ++r) { M2CRT_UNROLL for (int v = 0; v < NV; ++v) acc[r][v] = sums[0][r][v]; }
}

/// acc[r][0] = sum over k of rows[r][k] * b[k], vectors along k: for products with one or two columns.
template <class Runs, class T, int MR>
M2CRT_INLINE void multiply_dots(T (&acc)[MR][1], const T* const (&rows)[MR], const T* b) {
  using V = vec<T>;
  constexpr idx width = lanes<T>;
  constexpr int chains = Runs::length >= width * tile_chains(MR) ? tile_chains(MR) : 1;
  constexpr idx whole = Runs::length - Runs::length % (width * chains);
  V sums[chains][MR] = {};
  T tails[MR] = {};
  for (idx outer = 0; outer < Runs::outer; ++outer) {
    for (idx inner = 0; inner < Runs::inner; ++inner) {
      const idx start = outer * Runs::outer_step + inner * Runs::inner_step;
      for (idx k = 0; k < whole; k += width * chains) {
        M2CRT_UNROLL for (int c = 0; c < chains; ++c) {
          const V column = load<V>(b + k + c * width);
          M2CRT_UNROLL for (int r = 0; r < MR; ++r) sums[c][r] += load<V>(rows[r] + start + k + c * width) * column;
        }
      }
      for (idx k = whole; k < Runs::length; ++k)
        M2CRT_UNROLL for (int r = 0; r < MR; ++r) tails[r] += rows[r][start + k] * b[k];
      b += Runs::length;
    }
  }
  M2CRT_UNROLL for (int r = 0; r < MR; ++r) {
    M2CRT_UNROLL for (int c = 1; c < chains; ++c) sums[0][r] += sums[c][r];
    acc[r][0] = sum_lanes(sums[0][r]) + tails[r];
  }
}

/// One tile of MR rows from `cursor` on (left behind the last), its first column `column` of the output; the columns
/// from Valid on are padding.
///
/// A Cursor walks the output rows: offset_a() and offset_c() are the element offsets of the row in the left operand and
/// in the output, next() goes on to the following row, go(row) to any, finish(epilogue, acc, column) calls
/// epilogue(acc, indices...), which gives elements of the output's type.
template <class Runs, idx BStep, class V, int MR, int NV, idx Valid, class Cursor, class A, class B, class C,
          class Epilogue>
M2CRT_INLINE void contract_tile(const A* a, const B* b, C* c, Cursor& cursor, idx column, const Epilogue& epilogue) {
  constexpr int width = lane_count<V>;
  using T = lane_type<V>;
  const A* rows[MR];
  Cursor at = cursor;
  M2CRT_UNROLL for (int r = 0; r < MR; ++r) {
    rows[r] = a + cursor.offset_a();
    cursor.next();
  }
  V acc[MR][NV];
  if constexpr (std::is_same_v<A, T> && width == 1 && NV == 1 && BStep == 1 && Runs::step == 1 &&
                Runs::length >= lanes<T>)
    multiply_dots<Runs>(acc, rows, b);
  else
    multiply_tile<Runs, BStep>(acc, rows, b);
  constexpr int whole = static_cast<int>(Valid / width < NV ? Valid / width : NV);
  constexpr int rest = static_cast<int>(Valid - whole * width);  // < width, or whole == NV
  [[maybe_unused]] T tails[MR][width];
  Cursor row = at;
  M2CRT_UNROLL for (int r = 0; r < MR; ++r) {
    C* out = c + row.offset_c() + column;
    M2CRT_UNROLL for (int v = 0; v < whole; ++v)
        store(out + v * width, row.finish(epilogue, acc[r][v], column + v * width));
    if constexpr (whole < NV) store(tails[r], acc[r][whole]);
    row.next();
  }
  if constexpr (whole < NV) {
    for (const auto& tail : tails) {
      C* out = c + at.offset_c() + column + whole * width;
      M2CRT_UNROLL for (int i = 0; i < rest; ++i) out[i] = at.finish(epilogue, tail[i], column + whole * width + i);
      at.next();
    }
  }
}

/// The tiles of a part, in the order of contract_groups: tiles(group, first, end) for pieces of blocks of `block`
/// tiles.
template <class Tiles>
inline void walk_tiles(part own, const even_split& split, idx block, idx count, const Tiles& tiles) {
  const range all = own.of(split.tiles * count);
  for (idx begin = 0; begin < split.tiles; begin += block) {
    const idx height = begin + block < split.tiles ? block : split.tiles - begin;
    const range units = all.clip(begin * count, height * count);
    for (idx unit = units.begin; unit < units.end;) {
      const idx tile = unit % height, left = units.end - unit, end = tile + left < height ? tile + left : height;
      tiles(unit / height, begin + tile, begin + end);
      unit += end - tile;
    }
  }
}

/// All tiles, or a part's: tiles(cursor, group, first, end), with the cursor on the first row of tile `first`, leaves
/// it behind the last. `from` is on the first row of all.
template <class Cursor, class Part, class Tiles>
M2CRT_INLINE void walk_groups(const Cursor& from, const even_split& split, idx block, idx count,
                              [[maybe_unused]] Part own, const Tiles& tiles) {
  if constexpr (Part::is_whole) {
    Cursor start = from;
    for (idx begin = 0; begin < split.tiles; begin += block) {
      const idx end = begin + block < split.tiles ? begin + block : split.tiles;
      Cursor cursor = start;
      for (idx j = 0; j < count; ++j) {
        cursor = start;
        tiles(cursor, j, begin, end);
      }
      start = cursor;
    }
  } else {
    walk_tiles(own, split, block, count, [&](idx j, idx tile, idx end) {
      Cursor cursor = from;
      cursor.go(split.start_of(tile));
      tiles(cursor, j, tile, end);
    });
  }
}

/// `count` column groups of NV vectors: C[rows, group] = epilogue(A * B) for all Rows rows. Group j starts at column
/// first + j * Valid of the output, its right operand at b + j * group_step.
/// Blocks of rows that fit the second-level cache (row_bytes of the left operand each) pass under all groups in turn,
/// so that neither operand comes from far away more than once a block. A part is a piece of this walk.
template <class Runs, idx BStep, class V, int NV, idx Valid, idx Rows, idx RowBytes, class Cursor, class A, class B,
          class C, class Epilogue, class Part = whole>
inline void contract_groups(const A* a, const B* b, C* c, idx first, idx count, idx group_step,
                            const Epilogue& epilogue, Part part = {}) {
  constexpr even_split split(Rows, tile_rows(NV));
  constexpr idx most = block_bytes / (RowBytes * split.large) > 1 ? block_bytes / (RowBytes * split.large) : 1;
  constexpr idx block = even_split(split.tiles, most).large;
  auto tiles = [&](Cursor& cursor, idx j, idx tile, idx end) {
    const B* group = b + j * group_step;
    const idx column = first + j * Valid;
    for (; tile < end && tile < split.large_tiles; ++tile)
      contract_tile<Runs, BStep, V, split.large, NV, Valid>(a, group, c, cursor, column, epilogue);
    if constexpr (split.large_tiles < split.tiles)
      for (; tile < end; ++tile)
        contract_tile<Runs, BStep, V, split.large - 1, NV, Valid>(a, group, c, cursor, column, epilogue);
  };
  walk_groups(Cursor{}, split, block, count, part, tiles);
}

/// f(the integral constant n) for 1 <= n <= Most.
template <int Most, class F>
M2CRT_INLINE void with_constant(int n, F f) {
  if constexpr (Most > 1)
    if (n < Most) return with_constant<Most - 1>(n, f);
  f(std::integral_constant<int, Most>{});
}

/// contract_groups for rows that only the run counts, from `start` on.
template <class Runs, idx BStep, class V, int NV, idx Valid, class Cursor, class A, class B, class C, class Epilogue,
          class Part = whole>
inline void contract_groups_sized(idx rows, idx row_bytes, const Cursor& from, const A* a, const B* b, C* c, idx first,
                                  idx count, idx group_step, const Epilogue& epilogue, Part part = {}) {
  if (rows <= 0) return;
  constexpr int height = tile_rows(NV);
  const even_split split(rows, height);
  const idx fit = block_bytes / (row_bytes * split.large);
  const idx block = even_split(split.tiles, fit > 1 ? fit : 1).large;
  auto group_tiles = [&](Cursor& cursor, idx j, idx tile, idx end) {
    const B* group = b + j * group_step;
    const idx column = first + j * Valid;
    auto tiles = [&](idx last, idx size) {
      if (tile < last)
        with_constant<height>(static_cast<int>(size), [&](auto tile_height) {
          for (; tile < last; ++tile)
            contract_tile<Runs, BStep, V, decltype(tile_height)::value, NV, Valid>(a, group, c, cursor, column,
                                                                                   epilogue);
        });
    };
    tiles(end < split.large_tiles ? end : split.large_tiles, split.large);
    tiles(end, split.large - 1);
  };
  walk_groups(from, split, block, count, part, group_tiles);
}

}  // namespace m2crt
