// Random numbers from counters: Philox 4x32-10 of Salmon, Moraes, Dror and Shaw, "Parallel Random Numbers: As Easy as
// 1, 2, 3" (2011). Element i of a tensor depends on the seed, the stream and i only, so that results are the same for
// any machine, vector width and order. A stream is a node of the model.
//
//   S: count, seed, stream
#pragma once

#include "m2crt/vec.h"

namespace m2crt {

struct philox_block {
  std::uint32_t word[4];
};

/// The four words of a block; `key` is the seed, the counter is block and stream.
M2CRT_INLINE philox_block philox(std::uint64_t key, std::uint64_t block, std::uint64_t stream) {
  std::uint32_t x0 = static_cast<std::uint32_t>(block), x1 = static_cast<std::uint32_t>(block >> 32);
  std::uint32_t x2 = static_cast<std::uint32_t>(stream), x3 = static_cast<std::uint32_t>(stream >> 32);
  std::uint32_t k0 = static_cast<std::uint32_t>(key), k1 = static_cast<std::uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53} * x0, b = std::uint64_t{0xCD9E8D57} * x2;
    x0 = static_cast<std::uint32_t>(b >> 32) ^ x1 ^ k0;
    x1 = static_cast<std::uint32_t>(b);
    x2 = static_cast<std::uint32_t>(a >> 32) ^ x3 ^ k1;
    x3 = static_cast<std::uint32_t>(a);
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return {{x0, x1, x2, x3}};
}

/// Uniform in [0, 1): 24 bits for float, 53 for double (which takes two words of each block).
template <class T>
M2CRT_INLINE T uniform01(const philox_block& block, int i) {
  if constexpr (sizeof(T) == 8)
    return static_cast<T>((std::uint64_t{block.word[2 * i]} << 21) ^ (block.word[2 * i + 1] >> 11)) *
           static_cast<T>(1.0 / 9007199254740992.0);
  else
    return static_cast<T>(block.word[i] >> 8) * static_cast<T>(1.0 / 16777216.0);
}

/// Calls set(i, uniform number) for i = 0 .. S::count - 1.
template <class S, class T, class Set>
M2CRT_INLINE void draw_uniform(Set set) {
  constexpr int each = sizeof(T) == 8 ? 2 : 4;
  for (idx i = 0; i < S::count; i += each) {
    const philox_block block = philox(static_cast<std::uint64_t>(S::seed), static_cast<std::uint64_t>(i / each),
                                      static_cast<std::uint64_t>(S::stream));
    for (int j = 0; j < each && i + j < S::count; ++j) set(i + j, uniform01<T>(block, j));
  }
}

/// y = low + (high - low) u.  S: low, high
template <class S, class T>
inline void random_uniform(T* y) {
  draw_uniform<S, T>([=](idx i, T u) { y[i] = static_cast<T>(S::low) + static_cast<T>(S::high - S::low) * u; });
}

/// y = mean + scale n, n normally distributed, by Box and Muller's transform of pairs.  S: mean, scale
template <class S, class T>
inline void random_normal(T* y) {
  constexpr int each = sizeof(T) == 8 ? 2 : 4;
  for (idx i = 0; i < S::count; i += each) {
    const philox_block block = philox(static_cast<std::uint64_t>(S::seed), static_cast<std::uint64_t>(i / each),
                                      static_cast<std::uint64_t>(S::stream));
    for (int j = 0; j < each && i + j < S::count; ++j) {
      const T u = uniform01<T>(block, j / 2 * 2),
              angle = static_cast<T>(6.283185307179586) * uniform01<T>(block, j / 2 * 2 + 1);
      const T radius = std::sqrt(static_cast<T>(-2) * std::log(static_cast<T>(1) - u));
      y[i + j] = static_cast<T>(S::mean) +
                 static_cast<T>(S::scale) * radius * (j % 2 == 0 ? std::cos(angle) : std::sin(angle));
    }
  }
}

/// y[row, sample]: class c with probability proportional to exp(logits[row, c]).  S: rows, classes, samples
template <class S, class T, class I>
inline void multinomial(const T* logits, I* y) {
  draw_uniform<S, T>([=](idx i, T u) {
    const T* row = logits + i / S::samples * S::classes;
    T most = row[0], total = 0;
    for (idx c = 1; c < S::classes; ++c) most = row[c] > most ? row[c] : most;
    for (idx c = 0; c < S::classes; ++c) total += std::exp(row[c] - most);
    T left = u * total;
    idx chosen = 0;
    for (; chosen < S::classes - 1; ++chosen) {
      left -= std::exp(row[chosen] - most);
      if (left < 0) break;
    }
    y[i] = static_cast<I>(chosen);
  });
}

}  // namespace m2crt
