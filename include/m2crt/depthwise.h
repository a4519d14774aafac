// Depthwise convolution on channels-last tensors: every channel has its own filter.
//
// A traits struct S gives the shape; strides are in elements:
//   batch, out_h, out_w, channels
//   kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w
//   in_batch, in_row, in_pixel, out_batch, out_row, out_pixel
//
//   out[n, oh, ow, c] = epilogue(sum over kh, kw of in[n, oh * stride_h + kh * dilation_h, ow * stride_w + kw *
//   dilation_w, c]
//                                                   * filter[kh, kw, c])
//
// The filter is ONNX's, transposed to [KH][KW][C]. The input already has its padding, as for m2crt::conv.
//
// Under an input of 16-bit integers, which is summed in 32 bits, the filter's elements are pairs: what pack_row_pairs
// makes. Two kernel rows are then multiplied at once.
#pragma once

#include <m2crt/tile.h>

namespace m2crt {

/// filter [KH][row] of int16 -> the same shape, in which each element has its row's value below that of the next row,
/// or 0 below the last one.
inline void pack_row_pairs(const std::int16_t* filter, idx kernel_h, idx row, std::int32_t* packed) {
  for (idx i = 0; i < kernel_h * row; ++i) {
    const std::int16_t pair[2] = {filter[i], i < (kernel_h - 1) * row ? filter[i + row] : std::int16_t{0}};
    std::memcpy(packed + i, pair, sizeof(pair));
  }
}

/// The elements at p in 32 bits each, below those at `next` where there are any.
template <class V>
M2CRT_INLINE V load_pairs(const std::int16_t* p, const std::int16_t* next) {
  constexpr int n = lane_count<V>;
  using H = vec<std::int16_t, n>;
  using U = rebind<V, std::uint32_t>;
#if defined(__AVX2__)
  if constexpr (n == 8) {  // gcc 12 widens halves on their own
    const auto low = bit_cast<__m128i>(load<H>(p));
    if (next == nullptr) return bit_cast<V>(_mm256_cvtepu16_epi32(low));
    const auto high = bit_cast<__m128i>(load<H>(next));
    return bit_cast<V>(_mm256_set_m128i(_mm_unpackhi_epi16(low, high), _mm_unpacklo_epi16(low, high)));
  }
#endif
#if defined(__AVX512BW__)
  if constexpr (n == 16) {
    const auto low = _mm512_maskz_cvtepu16_epi32(0xffff, bit_cast<__m256i>(load<H>(p)));
    if (next == nullptr) return bit_cast<V>(low);
    const auto high = _mm512_maskz_cvtepu16_epi32(0xffff, bit_cast<__m256i>(load<H>(next)));
    return bit_cast<V>(_mm512_or_si512(low, _mm512_maskz_slli_epi32(0xffff, high, 16)));
  }
#endif
  auto widen = [](H x) { return convert<U>(bit_cast<vec<std::uint16_t, n>>(x)); };
  const U low = widen(load<H>(p));
  if (next == nullptr) return bit_cast<V>(low);
  return bit_cast<V>(static_cast<U>(low | (widen(load<H>(next)) << 16)));
}

/// acc[t] = output t of TX neighbours in one row, for the channels at c: rows[kh] is the input row under kernel row kh,
/// pixels Pitch elements apart. One kernel row of filter vectors stays in registers; each input vector is loaded once a
/// kernel row for all the outputs that it meets.
template <class S, idx Pitch, class V, int TX, class A, class B>
M2CRT_INLINE void depthwise_tile(V (&acc)[TX], const A* const (&rows)[S::kernel_h], idx at, const B* filter) {
  constexpr int taps = static_cast<int>(S::kernel_w), stride = static_cast<int>(S::stride_w);
  constexpr int dilation = static_cast<int>(S::dilation_w);
  constexpr idx step = step_elements<A>;
  V sum[TX] = {};
  M2CRT_UNROLL for (idx kh = 0; kh < S::kernel_h; kh += step) {
    const A* row = rows[kh] + at;
    const A* next = step == 2 && kh + 1 < S::kernel_h ? rows[kh + 1] + at : nullptr;
    auto load_pixel = [&](idx offset) {
      if constexpr (step == 2)
        return load_pairs<V>(row + offset, next == nullptr ? next : next + offset);
      else
        return load<V>(row + offset);
    };
    const B* weights = filter + kh * S::kernel_w * S::channels;
    if constexpr (taps <= 7) {
      V weight[taps];
      M2CRT_UNROLL for (int kw = 0; kw < taps; ++kw) weight[kw] = load<V>(weights + kw * S::channels);
      M2CRT_UNROLL for (int x = 0; x < (TX - 1) * stride + (taps - 1) * dilation + 1; ++x) {
        const V pixel = load_pixel(x * Pitch);
        M2CRT_UNROLL for (int kw = 0; kw < taps; ++kw) {
          const int from = x - kw * dilation;
          if (from >= 0 && from % stride == 0 && from / stride < TX)
            accumulate<A>(sum[from / stride], weight[kw], pixel);
        }
      }
    } else {
      for (int kw = 0; kw < taps; ++kw) {
        const V weight = load<V>(weights + kw * S::channels);
        M2CRT_UNROLL for (int t = 0; t < TX; ++t) {
          const V pixel = load_pixel((t * stride + kw * dilation) * Pitch);
          accumulate<A>(sum[t], weight, pixel);
        }
      }
    }
  }
  M2CRT_UNROLL for (int t = 0; t < TX; ++t) acc[t] = sum[t];
}

/// Channels [first, end) of TX outputs from (n, oh, ow) on, the first at `at` of the rows: vectors of V, then narrower
/// ones, at last single channels.
template <class S, class V, int TX, idx Pitch, class A, class B, class C, class Epilogue>
M2CRT_INLINE void depthwise_pixels(const A* const (&rows)[S::kernel_h], idx at, const B* filter, C* out, idx n, idx oh,
                                   idx ow, idx first, idx end, const Epilogue& epilogue) {
  constexpr int width = lane_count<V>;
  using T = lane_type<V>;
  C* to = out + n * S::out_batch + oh * S::out_row + ow * S::out_pixel;
  idx c = first;
  for (; c + width <= end; c += width, at += width) {
    V acc[TX];
    depthwise_tile<S, Pitch>(acc, rows, at, filter + c);
    M2CRT_UNROLL for (int t = 0; t < TX; ++t) store(to + t * S::out_pixel + c, epilogue(acc[t], n, oh, ow + t, c));
  }
  if constexpr (S::channels % width != 0)
    if (c < end)
      depthwise_pixels<S, vec<T, (width > 4 ? width / 2 : 1)>, TX, Pitch>(rows, at, filter, out, n, oh, ow, c, end,
                                                                          epilogue);
}

/// Outputs a tile: as many as leave registers for a kernel row of the filter and one input vector; making pairs takes
/// more of them.
template <class S, class A>
constexpr idx depthwise_outputs() {
  constexpr idx most = vector_registers - 2 - (S::kernel_w <= 7 ? S::kernel_w : 1);
  constexpr idx enough = step_elements<A> == 2 && vector_registers < 32 ? 4 : 8;
  return most > enough ? enough : most;
}

/// Whether a strip of the input is copied to the stack before it is read: pixels a multiple of 2 KB apart meet in a few
/// sets of the first-level cache, and the 27 lines that a 3x3 tile reads evict one another (1024 channels at 10 x 10:
/// 168 us, 72 us with the copy). Other pitches run better straight from the input: the copy makes them a fifth to a
/// half slower.
template <class S, class T>
inline constexpr bool depthwise_staged = S::in_pixel * sizeof(T) % 2048 == 0 && S::dilation_h == 1;

/// The kernel_h rows below one output row, for one tile of pixels and `Chunk` channels, copied as a ring: going down,
/// only stride_h rows are new.
template <class S, class T, idx Width, idx Chunk>
struct depthwise_ring {
  T rows[S::kernel_h][Width * Chunk];
  idx next = 0;

  /// Makes input rows up to oh * stride_h + kernel_h - 1 present; `in` points at row 0.
  M2CRT_INLINE void fetch(const T* in, idx oh, idx width, idx channels) {
    for (; next < oh * S::stride_h + S::kernel_h; ++next)
      for (idx x = 0; x < width; ++x)
        std::memcpy(rows[next % S::kernel_h] + x * Chunk, in + next * S::in_row + x * S::in_pixel,
                    static_cast<std::size_t>(channels) * sizeof(T));
  }
};

/// Channels that are copied at a time.
inline constexpr idx depthwise_chunk = 128;

/// `chunks` of a column of tiles, TX outputs wide: down the image through a ring of copied rows.
template <class S, int TX, class T, class B, class C, class Epilogue>
inline void depthwise_column(const T* in, const B* filter, C* out, idx n, idx ow, range chunks,
                             const Epilogue& epilogue) {
  constexpr idx chunk = depthwise_chunk;
  constexpr idx width = (TX - 1) * S::stride_w + (S::kernel_w - 1) * S::dilation_w + 1;
  const T* base = in + n * S::in_batch + ow * S::stride_w * S::in_pixel;
  for (idx first = chunks.begin * chunk; first < chunks.end * chunk; first += chunk) {
    const idx end = first + chunk < S::channels ? first + chunk : S::channels;
    depthwise_ring<S, T, width, chunk> ring;
    for (idx oh = 0; oh < S::out_h; ++oh) {
      ring.fetch(base + first, oh, width, end - first);
      const T* rows[S::kernel_h];
      for (idx kh = 0; kh < S::kernel_h; ++kh) rows[kh] = ring.rows[(oh * S::stride_h + kh) % S::kernel_h];
      depthwise_pixels<S, vec<sum_type<T>>, TX, chunk>(rows, 0, filter, out, n, oh, ow, first, end, epilogue);
    }
  }
}

/// Whether the next tile's part of the rows that are read for the first time is asked for ahead: a tile goes through 27
/// pixels at a time, which hides a large image's order from the hardware (64 channels at 160 x 160: 1.7 ms, 0.7 ms with
/// it; 128 at 320 x 320: 18 ms, 14 ms; writing ahead as well loses a tenth).
template <class S, class T>
inline constexpr bool depthwise_prefetches = S::batch * S::in_batch * sizeof(T) > 2 * 1024 * 1024;

/// A row of `count` tiles of TX outputs from ow on, straight from the input.
template <class S, int TX, class T, class B, class C, class Epilogue>
inline void depthwise_row(const T* in, const B* filter, C* out, idx n, idx oh, idx ow, idx count,
                          const Epilogue& epilogue) {
  const T* rows[S::kernel_h];
  for (idx kh = 0; kh < S::kernel_h; ++kh)
    rows[kh] = in + n * S::in_batch + (oh * S::stride_h + kh * S::dilation_h) * S::in_row;
  for (; count > 0; --count, ow += TX) {
    if constexpr (depthwise_prefetches<S, T>) {
      constexpr idx ahead = TX * S::stride_w * S::in_pixel,
                    new_rows = S::stride_h < S::kernel_h ? S::stride_h : S::kernel_h;
      for (idx kh = S::kernel_h - new_rows; kh < S::kernel_h; ++kh)
        for (idx i = 0; i < ahead; i += idx{64 / sizeof(T)})
          __builtin_prefetch(rows[kh] + ow * S::stride_w * S::in_pixel + ahead + i);
    }
    depthwise_pixels<S, vec<sum_type<T>>, TX, S::in_pixel>(rows, ow * S::stride_w * S::in_pixel, filter, out, n, oh, ow,
                                                           0, S::channels, epilogue);
  }
}

/// A part has rows of outputs; of a staged input, chunks of its columns.
template <class S, class T, class B, class C, class Epilogue, class Part = whole>
inline void depthwise(const T* in, const B* filter, C* out, const Epilogue& epilogue, Part part = {}) {
  constexpr even_split split(S::out_w, depthwise_outputs<S, T>());
  constexpr idx small = split.tiles - split.large_tiles, small_from = split.large_tiles * split.large;
  constexpr idx chunks = (S::channels + depthwise_chunk - 1) / depthwise_chunk;
  constexpr idx units = depthwise_staged<S, T> ? split.tiles * chunks : S::out_h;
  const range own = part.of(S::batch * units);
  for (idx n = 0; n < S::batch; ++n) {
    const range here = own.clip(n * units, units);
    if constexpr (depthwise_staged<S, T>) {
      for (idx t = here.begin / chunks; t * chunks < here.end; ++t) {
        const range channels = here.clip(t * chunks, chunks);
        if (small == 0 || t < split.large_tiles)
          depthwise_column<S, split.large>(in, filter, out, n, split.start_of(t), channels, epilogue);
        else if constexpr (small > 0)
          depthwise_column<S, split.large - 1>(in, filter, out, n, split.start_of(t), channels, epilogue);
      }
    } else {
      for (idx oh = here.begin; oh < here.end; ++oh) {
        depthwise_row<S, split.large>(in, filter, out, n, oh, 0, split.large_tiles, epilogue);
        if constexpr (small > 0) depthwise_row<S, split.large - 1>(in, filter, out, n, oh, small_from, small, epilogue);
      }
    }
  }
}

}  // namespace m2crt
