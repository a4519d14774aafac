// Convolution of stride 1 by Winograd's minimal filtering: F(m x m', r x r') computes a tile of m x m' outputs of an r
// x r' filter with (m + r - 1)(m' + r' - 1) multiplications instead of m m' r r'.
//
// A traits struct S gives the shape as for m2crt::conv (conv.h; one group, strides and dilations 1), and
//   tile_h, tile_w        the outputs m, m' of a tile; 1 where the kernel's extent is 1
//   panel                 of the filter, packed by m2crt::pack_winograd
//
// Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2015), with the points 0, 1, -1, 2, -2 and
// infinity. For each block of tiles: the inputs' transform B^T d B goes to V[e][tile][channel], one matrix product per
// e and panel of filters gives M[e][tile][P], and the outputs' transform A^T M A passes through the epilogue. V stays
// in the second-level cache, M nearly in the first. The input's padding is in the buffer; pixels past it that a last
// tile would cover are taken as zero and never read, so infinities and NaN only reach the outputs of the tiles that
// hold them.
//
// On 16-bit integers, for tiles of 4 x 4 outputs of 3 x 3 filters, it is exact: each row of the filter's transform
// times its denominator has integers, and the outputs' transform undoes that modulo 2^32. All fits for |in| and
// |filter| up to 255, as long as the sums stay below 2^25 (winograd_integer_limit).
//
// Error (relative to the largest output, inputs and filters of order 1): about 4 times the direct sum's for 4 taps a
// side, 10 to 20 times for 6.
#pragma once

#include <m2crt/gemm.h>

namespace m2crt {

// ---- one dimension --------------------------------------------------------------------------------------------------

/// Interpolation points of the algorithm with `taps` multiplications: the first taps - 1, and infinity.
inline constexpr int winograd_points[] = {0, 1, -1, 2, -2};

/// Whether there is an algorithm for `tile` outputs of a filter of `kernel` elements.
constexpr bool has_winograd(idx tile, idx kernel) {
  const idx taps = tile + kernel - 1;
  return taps == 1 || (tile >= 2 && kernel >= 2 && (taps == 4 || taps == 6));
}

/// B^T d, in place.
template <class V>
M2CRT_INLINE void winograd_input(V (&)[1]) {}

template <class V>
M2CRT_INLINE void winograd_input(V (&d)[4]) {
  const V d1 = d[1];
  d[0] = d[2] - d[0];
  d[1] = d1 + d[2];
  d[2] -= d1;
  d[3] -= d1;
}

template <class V>
M2CRT_INLINE void winograd_input(V (&d)[6]) {
  using T = lane_type<V>;
  const V two = splat<V>(T(2)), four = splat<V>(T(4));
  const V d1 = d[1], d2 = d[2], d3 = d[3], d4 = d[4];
  const V even = d4 - four * d2, odd = d3 - four * d1;  // of the points 1 and -1
  const V even2 = d4 - d2, odd2 = two * (d3 - d1);      // of 2 and -2
  d[0] = four * (d[0] - d2) + even2;
  d[1] = even + odd;
  d[2] = even - odd;
  d[3] = even2 + odd2;
  d[4] = even2 - odd2;
  d[5] += four * (d1 - d3) - d3;
}

/// A^T m: sum over the points p of p^i m[p], the last output with the point at infinity.
template <int Tile, class V>
M2CRT_INLINE void winograd_output(V (&out)[Tile], const V (&m)[1]) {
  out[0] = m[0];
}

template <int Tile, class V>
M2CRT_INLINE void winograd_output(V (&out)[Tile], const V (&m)[4]) {
  const V sum = m[1] + m[2], difference = m[1] - m[2];
  out[0] = m[0] + sum;
  M2CRT_UNROLL for (int i = 1; i < Tile; ++i) out[i] = i % 2 ? difference : sum;
  out[Tile - 1] += m[3];
}

template <int Tile, class V>
M2CRT_INLINE void winograd_output(V (&out)[Tile], const V (&m)[6]) {
  using T = lane_type<V>;
  const V sum = m[1] + m[2], difference = m[1] - m[2], sum2 = m[3] + m[4], difference2 = m[3] - m[4];
  out[0] = m[0] + sum + sum2;
  M2CRT_UNROLL for (int i = 1; i < Tile; ++i) {
    const V power = splat<V>(T(1 << i));
    out[i] = i % 2 ? difference + power * difference2 : sum + power * sum2;
  }
  out[Tile - 1] += m[5];
}

/// The sums of 16-bit integers that `winograd` can tell apart: 64 times one has to fit 32 bits.
inline constexpr idx winograd_integer_limit = idx{1} << 25;

/// 24 A^T m for filters that were transformed to integers, modulo 2^32.
template <class V>
M2CRT_INLINE void winograd_integer_output(V (&out)[4], const V (&m)[6]) {
  const V sum = (m[1] + m[2]) << 2, difference = (m[1] - m[2]) << 2, sum2 = m[3] + m[4], difference2 = m[3] - m[4];
  out[0] = (m[0] << 2) + (m[0] << 1) + sum + sum2;
  out[1] = difference + (difference2 << 1);
  out[2] = sum + (sum2 << 2);
  out[3] = difference + (difference2 << 3) + (m[5] << 4) + (m[5] << 3);
}

// ---- filters --------------------------------------------------------------------------------------------------------

/// G of one dimension, in double: row e of [tile + kernel - 1][kernel].
inline double winograd_filter_coefficient(idx taps, idx e, idx k, idx kernel) {
  if (taps == 1) return 1;
  if (e == taps - 1) return k == kernel - 1 ? 1 : 0;
  double power = 1, product = 1;
  for (idx i = 0; i < k; ++i) power *= winograd_points[e];
  for (idx other = 0; other < taps - 1; ++other)
    if (other != e) product *= winograd_points[e] - winograd_points[other];
  return power / product;
}

/// Elements of a filter packed by pack_winograd.
constexpr idx packed_winograd_size(idx out_channels, idx in_channels, idx taps, idx panel) {
  return taps * packed_size(in_channels, out_channels, panel);
}

/// Transforms (G g G^T, in double) and packs a filter, ONNX's [O][I][KH][KW], for tiles of tile_h x tile_w outputs into
/// [ceil(O / P)][taps_h * taps_w][I][P].
template <class T>
inline void pack_winograd(const T* filter, idx out_channels, idx in_channels, idx kernel_h, idx kernel_w, idx tile_h,
                          idx tile_w, idx panel, T* packed) {
  const idx taps_h = tile_h + kernel_h - 1, taps_w = tile_w + kernel_w - 1;
  double g_h[8][8] = {}, g_w[8][8] = {};
  for (idx e = 0; e < taps_h; ++e)
    for (idx k = 0; k < kernel_h; ++k) g_h[e][k] = winograd_filter_coefficient(taps_h, e, k, kernel_h);
  for (idx e = 0; e < taps_w; ++e)
    for (idx k = 0; k < kernel_w; ++k) g_w[e][k] = winograd_filter_coefficient(taps_w, e, k, kernel_w);
  for (idx o = 0; o < (out_channels + panel - 1) / panel * panel; ++o) {
    T* to = packed + o / panel * panel * taps_h * taps_w * in_channels + o % panel;
    for (idx i = 0; i < in_channels; ++i) {
      const T* g = filter + (o * in_channels + i) * kernel_h * kernel_w;
      double rows[8][8] = {};  // G g
      for (idx e = 0; e < taps_h && o < out_channels; ++e)
        for (idx kw = 0; kw < kernel_w; ++kw)
          for (idx kh = 0; kh < kernel_h; ++kh) rows[e][kw] += g_h[e][kh] * static_cast<double>(g[kh * kernel_w + kw]);
      for (idx e = 0; e < taps_h; ++e) {
        for (idx f = 0; f < taps_w; ++f) {
          double sum = 0;
          for (idx kw = 0; kw < kernel_w; ++kw) sum += rows[e][kw] * g_w[f][kw];
          to[((e * taps_w + f) * in_channels + i) * panel] = static_cast<T>(sum);
        }
      }
    }
  }
}

/// G of one dimension for 3 taps, each row times its denominator.
inline constexpr int winograd_integer_filter[6][3] = {{1, 0, 0}, {-1, -1, -1}, {-1, 1, -1},
                                                      {1, 2, 4}, {1, -2, 4},   {0, 0, 1}};

/// pack_winograd for 16-bit integers and tiles of 4 x 4: [ceil(O / P)][36][ceil(I / 2)][P][2].
inline void pack_integer_winograd(const std::int16_t* filter, idx out_channels, idx in_channels, idx panel,
                                  std::int16_t* packed) {
  for (idx first = 0; first < out_channels; first += panel)
    for (idx e = 0; e < 36; ++e)
      packed = pack_pairs(
          in_channels, out_channels - first < panel ? out_channels - first : panel, panel, packed, [&](idx i, idx n) {
            const std::int16_t* g = filter + ((first + n) * in_channels + i) * 9;
            int sum = 0;
            for (idx tap = 0; tap < 9; ++tap)
              sum += winograd_integer_filter[e / 6][tap / 3] * winograd_integer_filter[e % 6][tap % 3] * g[tap];
            return sum;
          });
}

// ---- blocks ---------------------------------------------------------------------------------------------------------

/// A cache line between the planes of V and M, whose scattered accesses would else meet in one cache set.
inline constexpr idx winograd_gap = 16;

/// Tiles of a block at most: V in the larger part of the second-level cache, but enough of them to hide the filters'
/// way from further off.
constexpr idx winograd_block(idx tiles, idx in_channels, idx taps, idx element_bytes) {
  const idx fit = block_bytes / (taps * in_channels * element_bytes);
  return even_split(tiles, fit < 16 ? 16 : fit > 24 ? 24 : fit).large;
}

/// Elements of scratch memory that `winograd` needs.
constexpr idx winograd_scratch(idx tiles, idx in_channels, idx taps, idx panel, idx element_bytes) {
  const idx block = winograd_block(tiles, in_channels, taps, element_bytes);
  const idx sum = element_bytes == 2 ? 2 : 1;  // elements that a sum takes
  return taps * (block * (in_channels + sum * panel) + (1 + sum) * winograd_gap);
}

/// The tiles of a convolution.
template <class S>
struct winograd_tiles {
  static constexpr int taps_h = S::tile_h + S::kernel_h - 1, taps_w = S::tile_w + S::kernel_w - 1;
  static constexpr idx taps = taps_h * taps_w;
  static constexpr idx rows = (S::out_h + S::tile_h - 1) / S::tile_h, columns = (S::out_w + S::tile_w - 1) / S::tile_w;
  static constexpr idx total = S::batch * rows * columns;

  idx n, oh, ow;  // the first output
  explicit winograd_tiles(idx tile)
      : n(tile / (rows * columns)), oh(tile / columns % rows * S::tile_h), ow(tile % columns * S::tile_w) {}
};

/// V[e] = B^T d B of one tile for the channels of one vector. EdgeH, EdgeW: rows and columns of the tile that exist.
template <class S, class V, bool Edge>
M2CRT_INLINE void winograd_input_tile(const lane_type<V>* in, lane_type<V>* out, idx e_step,
                                      [[maybe_unused]] idx edge_h, [[maybe_unused]] idx edge_w) {
  using tiles = winograd_tiles<S>;
  V rows[tiles::taps_h][tiles::taps_w];
  M2CRT_UNROLL for (int w = 0; w < tiles::taps_w; ++w) {
    V d[tiles::taps_h] = {};
    if (!Edge || w < edge_w) {
      M2CRT_UNROLL for (int h = 0; h < tiles::taps_h; ++h) {
        if (!Edge || h < edge_h) d[h] = load<V>(in + h * S::in_row + w * S::in_pixel);
      }
      winograd_input(d);
    }
    M2CRT_UNROLL for (int h = 0; h < tiles::taps_h; ++h) rows[h][w] = d[h];
  }
  M2CRT_UNROLL for (int h = 0; h < tiles::taps_h; ++h) {
    winograd_input(rows[h]);
    M2CRT_UNROLL for (int w = 0; w < tiles::taps_w; ++w) store(out + (h * tiles::taps_w + w) * e_step, rows[h][w]);
  }
}

/// The transform of one tile for all channels, to v[e * e_step + channel].
template <class S, bool Edge, class T>
inline void winograd_input_channels(const T* in, T* v, idx e_step, idx edge_h, idx edge_w) {
  constexpr idx whole = S::in_channels / lanes<T> * lanes<T>;
  for (idx c = 0; c < whole; c += lanes<T>) winograd_input_tile<S, vec<T>, Edge>(in + c, v + c, e_step, edge_h, edge_w);
  for (idx c = whole; c < S::in_channels; ++c) winograd_input_tile<S, T, Edge>(in + c, v + c, e_step, edge_h, edge_w);
}

/// Outputs of one tile for the channels of one vector that begin at `channel`, from m[e * e_step].
template <class S, class V, bool Edge, class C, class Epilogue>
M2CRT_INLINE void winograd_output_tile(const lane_type<V>* m, idx e_step, C* out, const winograd_tiles<S>& at,
                                       idx channel, const Epilogue& epilogue) {
  using tiles = winograd_tiles<S>;
  constexpr bool is_integer = std::is_same_v<lane_type<V>, std::int32_t>;
  using W = rebind<V, std::conditional_t<is_integer, std::uint32_t, lane_type<V>>>;  // unsigned, to wrap
  auto transform = [](auto& to, const auto& from) {
    if constexpr (is_integer)
      winograd_integer_output(to, from);
    else
      winograd_output(to, from);
  };
  W columns[S::tile_h][tiles::taps_w];
  M2CRT_UNROLL for (int w = 0; w < tiles::taps_w; ++w) {
    W d[tiles::taps_h], sums[S::tile_h];
    M2CRT_UNROLL for (int h = 0; h < tiles::taps_h; ++h) d[h] =
        bit_cast<W>(load<V>(m + (h * tiles::taps_w + w) * e_step));
    transform(sums, d);
    M2CRT_UNROLL for (int h = 0; h < S::tile_h; ++h) columns[h][w] = sums[h];
  }
  M2CRT_UNROLL for (int h = 0; h < S::tile_h; ++h) {
    if (Edge && at.oh + h >= S::out_h) break;
    W sums[S::tile_w];
    transform(sums, columns[h]);
    M2CRT_UNROLL for (int w = 0; w < S::tile_w; ++w) {
      if (Edge && at.ow + w >= S::out_w) break;
      V sum = bit_cast<V>(sums[w]);
      if constexpr (is_integer)  // 576 times the sum; times 1/9 modulo 2^32: 64 times
        sum = bit_cast<V>(static_cast<W>(sums[w] * splat<W>(954437177u))) >> 6;
      store(out + h * S::out_row + w * S::out_pixel,
            static_cast<rebind<V, C>>(epilogue(sum, at.n, at.oh + h, at.ow + w, channel)));
    }
  }
}

/// The Valid channels from `channel` on of one tile.
template <class S, idx Valid, bool Edge, class T, class C, class Epilogue>
inline void winograd_output_channels(const T* m, idx e_step, C* out, const winograd_tiles<S>& at, idx channel,
                                     const Epilogue& epilogue) {
  constexpr idx whole = Valid / lanes<T> * lanes<T>;
  M2CRT_UNROLL for (idx c = 0; c < whole; c += lanes<T>)
      winograd_output_tile<S, vec<T>, Edge>(m + c, e_step, out + c, at, channel + c, epilogue);
  for (idx c = whole; c < Valid; ++c)
    winograd_output_tile<S, T, Edge>(m + c, e_step, out + c, at, channel + c, epilogue);
}

/// One panel of Valid filters for Tiles tiles from `first` on: products, then outputs.
template <class S, idx Tiles, idx Valid, class T, class M, class C, class Epilogue>
inline void winograd_panel(const T* v, const T* filter, M* m, C* out, idx first, idx channel,
                           const Epilogue& epilogue) {
  using tiles = winograd_tiles<S>;
  constexpr idx v_step = Tiles * S::in_channels + winograd_gap, m_step = Tiles * S::panel + winograd_gap;
  for (idx e = 0; e < tiles::taps; ++e)
    contract_packed<runs<S::in_channels>, S::panel, S::panel, Tiles, S::in_channels * idx{sizeof(T)},
                    matrix_rows<S::in_channels, S::panel>>(
        v + e * v_step, filter + e * packed_size<T>(S::in_channels, 1, S::panel, S::panel), m + e * m_step,
        [](auto acc, idx, idx) { return acc; });
  for (idx t = 0; t < Tiles; ++t) {
    const tiles at(first + t);
    C* to = out + at.n * S::out_batch + at.oh * S::out_row + at.ow * S::out_pixel + channel;
    if (at.oh + S::tile_h <= S::out_h && at.ow + S::tile_w <= S::out_w)
      winograd_output_channels<S, Valid, false>(m + t * S::panel, m_step, to, at, channel, epilogue);
    else
      winograd_output_channels<S, Valid, true>(m + t * S::panel, m_step, to, at, channel, epilogue);
  }
}

/// These panels of filters for Tiles tiles from `first` on.
template <class S, idx Tiles, class T, class C, class Epilogue>
inline void winograd_tile_block(const T* in, const T* filter, C* out, T* scratch, idx first, range panels,
                                const Epilogue& epilogue) {
  using tiles = winograd_tiles<S>;
  constexpr idx v_step = Tiles * S::in_channels + winograd_gap;
  T* const v = scratch;
  auto* const m = reinterpret_cast<sum_type<T>*>(scratch + tiles::taps * v_step);
  for (idx t = 0; t < Tiles; ++t) {
    const tiles at(first + t);
    const T* from = in + at.n * S::in_batch + at.oh * S::in_row + at.ow * S::in_pixel;
    const idx edge_h = S::out_h + S::kernel_h - 1 - at.oh, edge_w = S::out_w + S::kernel_w - 1 - at.ow;
    if (edge_h >= tiles::taps_h && edge_w >= tiles::taps_w)
      winograd_input_channels<S, false>(from, v + t * S::in_channels, v_step, edge_h, edge_w);
    else
      winograd_input_channels<S, true>(from, v + t * S::in_channels, v_step, edge_h, edge_w);
  }
  constexpr idx full = S::out_channels / S::panel, rest = S::out_channels % S::panel;
  constexpr idx panel_size = tiles::taps * packed_size<T>(S::in_channels, 1, S::panel, S::panel);
  for (idx p = panels.begin; p < panels.end && p < full; ++p)
    winograd_panel<S, Tiles, S::panel>(v, filter + p * panel_size, m, out, first, p * S::panel, epilogue);
  if constexpr (rest > 0)
    if (panels.end > full)
      winograd_panel<S, Tiles, rest>(v, filter + full * panel_size, m, out, first, full * S::panel, epilogue);
}

/// The convolution. `scratch` has winograd_scratch(...) elements, for each part its own. A part is a piece of the walk
/// over blocks of tiles and, for each, panels of filters; a block that parts share is transformed by each of them.
template <class S, class T, class C, class Epilogue, class Part = whole>
inline void winograd(const T* in, const T* filter, C* out, T* scratch, const Epilogue& epilogue, Part part = {}) {
  using tiles = winograd_tiles<S>;
  static_assert(has_winograd(S::tile_h, S::kernel_h) && has_winograd(S::tile_w, S::kernel_w));
  constexpr even_split split(tiles::total, winograd_block(tiles::total, S::in_channels, tiles::taps, sizeof(T)));
  constexpr idx panels = (S::out_channels + S::panel - 1) / S::panel;
  const range own = part.of(split.tiles * panels);
  for (idx b = own.begin / panels; b * panels < own.end; ++b) {
    const range filters = own.clip(b * panels, panels);
    if (split.large_tiles == split.tiles || b < split.large_tiles)
      winograd_tile_block<S, split.large>(in, filter, out, scratch, split.start_of(b), filters, epilogue);
    else if constexpr (split.large_tiles < split.tiles)
      winograd_tile_block<S, split.large - 1>(in, filter, out, scratch, split.start_of(b), filters, epilogue);
  }
}

}  // namespace m2crt
