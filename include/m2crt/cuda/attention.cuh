// Scaled dot-product attention without the score matrix in memory: a block of threads has 16 queries of a head and
// walks over the keys, 32 at a time, keeping each query's running maximum and sum.
//
// S has batch, heads, queries, keys, width, value_width, the strides q_batch, q_head, q_row, q_column, k_.., v_..,
// out_batch, out_head, out_row (out's columns are consecutive), and causal: key k is visible to query q only if k <= q.
#pragma once

#include "m2crt/cuda/lanes.cuh"

namespace m2crt {
namespace cuda {

inline constexpr idx attention_queries = 16, attention_keys = 32, attention_threads = 128;

template <class S>
struct attention_memory {
  // Odd pitches: neighbouring rows start in other banks.
  float q[attention_queries][S::width | 1], k[attention_keys][S::width | 1], v[attention_keys][S::value_width];
  float scores[attention_queries][attention_keys + 1];
};

/// score(acc, b, h, q, k) finishes the scaled scores. A query that sees no key gives zeros.
template <class S, class Score>
__global__ void __launch_bounds__(attention_threads)
    attention_kernel(const float* query, const float* key, const float* value, float* out, float scale, Score score) {
  // The threads of a query: 8 neighbours, so that its maxima and sums stay in a warp.
  constexpr idx lanes = attention_threads / attention_queries, keys = attention_keys / lanes;
  constexpr idx columns = ceil_div(S::value_width, lanes);
  auto& m = shared<attention_memory<S>>();
  const idx thread = thread_index(), row = thread / lanes, lane = thread % lanes;
  const idx b = block_y() / S::heads, h = block_y() % S::heads, first = block_x() * attention_queries;
  query += b * S::q_batch + h * S::q_head;
  key += b * S::k_batch + h * S::k_head;
  value += b * S::v_batch + h * S::v_head;
  out += b * S::out_batch + h * S::out_head;
  for (idx i = thread; i < attention_queries * S::width; i += attention_threads) {
    const idx r = i / S::width, c = i % S::width;
    m.q[r][c] = first + r < S::queries ? query[(first + r) * S::q_row + c * S::q_column] : 0.0f;
  }
  const float lowest = -limits<float>::infinity();
  float highest = lowest, total = 0, acc[columns] = {};
  const idx last = S::causal && first + attention_queries < S::keys ? first + attention_queries : S::keys;
  for (idx k0 = 0; k0 < last; k0 += attention_keys) {
    __syncthreads();  // the keys before are read by all
    for (idx i = thread; i < attention_keys * S::width; i += attention_threads) {
      const idx r = i / S::width, c = i % S::width;
      m.k[r][c] = k0 + r < S::keys ? key[(k0 + r) * S::k_row + c * S::k_column] : 0.0f;
    }
    for (idx i = thread; i < attention_keys * S::value_width; i += attention_threads) {
      const idx r = i / S::value_width, c = i % S::value_width;
      m.v[r][c] = k0 + r < S::keys ? value[(k0 + r) * S::v_row + c * S::v_column] : 0.0f;
    }
    __syncthreads();
    float s[keys] = {};
    for (idx c = 0; c < S::width; ++c) M2CRT_UNROLLED
    for (idx j = 0; j < keys; ++j) s[j] += m.q[row][c] * m.k[lane + j * lanes][c];
    float best = highest;
    M2CRT_UNROLLED
    for (idx j = 0; j < keys; ++j) {
      const idx k = k0 + lane + j * lanes;
      const bool visible = k < S::keys && first + row < S::queries && (!S::causal || k <= first + row);
      s[j] = visible ? score(s[j] * scale, b, h, first + row, k) : lowest;
      best = maximum(best, s[j]);
    }
    for (int mask = lanes / 2; mask > 0; mask /= 2) best = maximum(best, __shfl_xor_sync(~0u, best, mask));
    const float shrink = highest == lowest ? 0.0f : exp(highest - best);
    float sum = 0;
    M2CRT_UNROLLED
    for (idx j = 0; j < keys; ++j) {
      s[j] = s[j] == lowest ? 0.0f : exp(s[j] - best);
      sum += s[j];
      m.scores[row][lane + j * lanes] = s[j];
    }
    for (int mask = lanes / 2; mask > 0; mask /= 2) sum += __shfl_xor_sync(~0u, sum, mask);
    highest = best;
    total = total * shrink + sum;
    __syncwarp();  // a query's scores are written by its own warp
    M2CRT_UNROLLED
    for (idx j = 0; j < columns; ++j) acc[j] *= shrink;
    for (idx k = 0; k < attention_keys; ++k) {
      const float p = m.scores[row][k];
      M2CRT_UNROLLED
      for (idx j = 0; j < columns; ++j)
        if (lane + j * lanes < S::value_width) acc[j] += p * m.v[k][lane + j * lanes];
    }
  }
  if (first + row >= S::queries) return;
  const float inverse = total == 0.0f ? 0.0f : 1.0f / total;
  M2CRT_UNROLLED
  for (idx j = 0; j < columns; ++j)
    if (lane + j * lanes < S::value_width) out[(first + row) * S::out_row + lane + j * lanes] = acc[j] * inverse;
}

template <class S, class Score>
inline void attention(queue& to, const float* query, const float* key, const float* value, float* out, float scale,
                      Score score) {
  static_assert(S::batch * S::heads <= 65535);
  if (S::batch * S::heads * S::queries > 0)
    launch(to, attention_kernel<S, Score>, grid_of(ceil_div(S::queries, attention_queries), S::batch * S::heads),
           attention_threads, sizeof(attention_memory<S>), query, key, value, out, scale, score);
}

}  // namespace cuda
}  // namespace m2crt
