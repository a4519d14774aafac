// Scaled dot-product attention, one head at a time, without the score matrix in memory: the keys and values of a head
// are packed once where enough queries read them, then a block of queries at a time is multiplied by the keys, put
// through softmax and multiplied by the values, with its scores in the second-level cache.
//
// A traits struct S gives the shape, all in elements:
//   batch, heads, queries, keys, width, value_width
//   q_batch, q_head, q_row, q_column, k_batch .. v_column, out_batch, out_head, out_row   strides; out's columns are
//   contiguous causal                                                                  key k is visible to query q only
//   if k <= q
#pragma once

#include "m2crt/elementwise.h"
#include "m2crt/gemm.h"
#include "m2crt/reduce.h"
#include "m2crt/transpose.h"

namespace m2crt {

// Bytes that the scores of a block of queries may take.
inline constexpr idx score_bytes = 128 * 1024;

/// Queries of a block: as many as their scores fit, in blocks of about the same size.
constexpr idx query_block(idx queries, idx keys) {
  const idx fit = score_bytes / (idx{sizeof(float)} * keys), most = fit < 6 ? 6 : fit;
  const idx blocks = (queries + most - 1) / most;
  return (queries + blocks - 1) / blocks;
}

/// Floats of scratch that attention needs, for any vector length.
constexpr idx attention_scratch(idx queries, idx keys, idx width, idx value_width) {
  constexpr idx widest_panel = 128;
  return width * (keys + widest_panel) + keys * (value_width + widest_panel) + query_block(queries, keys) * (keys + 1);
}

/// Queries of a block where only the run knows how many keys there are: whole register tiles for any vector length.
inline constexpr idx attention_any_rows = 24;

/// From so many queries and keys on, the keys of a head are transposed first.
inline constexpr idx attention_transposed_queries = 4, attention_transposed_keys = 16;

/// The distance of the rows of transposed keys: no power of two, whose rows would meet in one cache set. Size is idx,
/// or the compiler's expression in sizes that the run gives.
template <class Size>
constexpr Size transposed_keys_row(Size keys) {
  return keys + 16;
}

/// Floats of scratch that attention_sized needs.
template <class Size>
constexpr Size attention_sized_scratch(Size keys, idx width) {
  return (keys + 1) * attention_any_rows + transposed_keys_row(keys) * width;
}

/// Replaces the first `visible` scores by exp(score - max), the others by 0, and returns 1 / their sum; 0 for a row
/// without a finite score, which then counts for nothing.
inline float softmax_scores(float* scores, idx visible, idx n) {
  const float lowest = -std::numeric_limits<float>::infinity();
  using V = vec<float>;
  constexpr idx step = lanes<float>;
  float highest = lowest;
  const idx whole = visible / step * step;
  if (whole > 0) {
    V best = load<V>(scores);
    for (idx i = step; i < whole; i += step) best = maximum(best, load<V>(scores + i));
    highest = fold_lanes(best, max_op{});
  }
  for (idx i = whole; i < visible; ++i) highest = maximum(highest, scores[i]);
  if (highest == lowest) {
    for (idx i = 0; i < n; ++i) scores[i] = 0.0f;
    return 0.0f;
  }
  V sums{};
  float total = 0.0f;
  for (idx i = 0; i < whole; i += step) {
    const V e = exp_flushed(load<V>(scores + i) - splat<V>(highest));
    store(scores + i, e);
    sums += e;
  }
  for (idx i = whole; i < visible; ++i) total += scores[i] = exp_flushed(scores[i] - highest);
  for (idx i = visible; i < n; ++i) scores[i] = 0.0f;
  return 1.0f / (total + sum_lanes(sums));
}

/// The two products of a block of Queries queries.
template <class S, idx Queries>
struct score_shape {
  static constexpr idx m = Queries, n = S::keys, k = S::width, a_row = S::q_row, a_column = S::q_column,
                       b_row = S::k_column, b_column = S::k_row, c_row = S::keys;
  static constexpr idx panel = panel_width(query_block(S::queries, S::keys), n, lanes<float>, vector_registers);
};
template <class S, idx Queries>
struct value_shape {
  static constexpr idx m = Queries, n = S::value_width, k = S::keys, a_row = S::keys, a_column = 1, b_row = S::v_row,
                       b_column = S::v_column, c_row = S::out_row;
  static constexpr idx panel = panel_width(query_block(S::queries, S::keys), n, lanes<float>, vector_registers);
};

/// Product's right operand is read as it lies by all queries, so by any block of them too (gemm.h).
template <class Product>
constexpr bool reads_as_it_lies =
    operand_of<Product, float> == operand::rows || operand_of<Product, float> == operand::columns;

/// One of the two products with a right operand that is packed, or read as it lies.
template <class Product, bool Packed, class Epilogue>
inline void attention_gemm(const float* a, const float* b, float* c, const Epilogue& epilogue) {
  if constexpr (Packed)
    gemm<Product>(a, b, c, epilogue);
  else
    gemm_any<Product>(a, b, c, static_cast<float*>(nullptr), epilogue);
}

/// Queries `first`, `first` + 1 .. of one head; score(acc, query, key) finishes the scaled scores.
template <class S, idx Queries, class Score>
inline void attend(const float* q, const float* keys, const float* values, float* out, float* scores,
                   float* inverse_sums, float scale, idx first, const Score& score) {
  constexpr bool pack_keys = !reads_as_it_lies<score_shape<S, S::queries>>;
  constexpr bool pack_values = !reads_as_it_lies<value_shape<S, S::queries>>;
  attention_gemm<score_shape<S, Queries>, pack_keys>(
      q + first * S::q_row, keys, scores, [&](auto acc, idx m, idx n) { return score(acc * scale, first + m, n); });
  for (idx m = 0; m < Queries; ++m) {
    const idx visible = S::causal && first + m + 1 < S::keys ? first + m + 1 : S::keys;
    inverse_sums[m] = softmax_scores(scores + m * S::keys, visible, S::keys);
  }
  attention_gemm<value_shape<S, Queries>, pack_values>(static_cast<const float*>(scores), values,
                                                       out + first * S::out_row,
                                                       [&](auto acc, idx m, idx) { return acc * inverse_sums[m]; });
}

/// out[b, h, q, :] = sum over k of softmax over k of score(scale * <query[b, h, q], key[b, h, k]>, b, h, q, k) *
/// value[b, h, k, :]. `scratch` has attention_scratch(...) floats, for each part its own. A query that sees no key (all
/// scores -inf) gives zeros, as ONNX's Attention-25 has it.
template <class S, class Score, class Part = whole>
inline void attention(const float* query, const float* key, const float* value, float* out, float* scratch, float scale,
                      const Score& score, Part part = {}) {
  constexpr idx block = query_block(S::queries, S::keys), blocks = S::queries / block, rest = S::queries % block;
  using first_product = score_shape<S, block>;
  using second_product = value_shape<S, block>;
  float* packed_keys = scratch;
  float* packed_values = packed_keys + packed_size(S::width, S::keys, first_product::panel);
  float* scores = packed_values + packed_size(S::keys, S::value_width, second_product::panel);
  float* inverse_sums = scores + block * S::keys;
  static_assert(packed_size(S::width, S::keys, first_product::panel) +
                        packed_size(S::keys, S::value_width, second_product::panel) + block * (S::keys + 1) <=
                    attention_scratch(S::queries, S::keys, S::width, S::value_width),
                "attention_scratch is too small");
  // A part is a piece of the walk over the blocks of queries of all heads.
  constexpr idx units = blocks + (rest != 0 ? 1 : 0);
  const range own = part.of(S::batch * S::heads * units);
  for (idx b = 0; b < S::batch; ++b) {
    for (idx h = 0; h < S::heads; ++h) {
      const range here = own.clip((b * S::heads + h) * units, units);
      if (here.begin >= here.end) continue;
      const float* q = query + b * S::q_batch + h * S::q_head;
      float* o = out + b * S::out_batch + h * S::out_head;
      const float* keys = key + b * S::k_batch + h * S::k_head;
      const float* values = value + b * S::v_batch + h * S::v_head;
      if constexpr (!reads_as_it_lies<score_shape<S, S::queries>>) {
        pack_panels(keys, S::k_column, S::k_row, S::width, S::keys, first_product::panel, packed_keys);
        keys = packed_keys;
      }
      if constexpr (!reads_as_it_lies<value_shape<S, S::queries>>) {
        pack_panels(values, S::v_row, S::v_column, S::keys, S::value_width, second_product::panel, packed_values);
        values = packed_values;
      }
      auto at = [&](auto acc, idx m, idx n) { return score(acc, b, h, m, n); };
      for (idx i = here.begin; i < here.end && i < blocks; ++i)
        attend<S, block>(q, keys, values, o, scores, inverse_sums, scale, i * block, at);
      if constexpr (rest != 0)
        if (here.end > blocks) attend<S, rest>(q, keys, values, o, scores, inverse_sums, scale, blocks * block, at);
    }
  }
}

/// The shape of one of the two products.
struct attention_product {
  idx m, n, k, a_row, a_column, c_row, b_row, b_column;
};

/// The same where members of `s` are set by the run. `scratch` has attention_sized_scratch(s.keys, S::width) floats,
/// for each part its own.
template <class S, class Score, class Part = whole>
inline void attention_sized(const S& s, const float* query, const float* key, const float* value, float* out,
                            float* scratch, float scale, const Score& score, Part part = {}) {
  float* scores = scratch;
  float* inverse_sums = scores + attention_any_rows * s.keys;
  float* transposed = inverse_sums + attention_any_rows;
  const bool transpose = s.queries >= attention_transposed_queries && s.keys >= attention_transposed_keys &&
                         s.k_column == 1 && s.k_row != 1;
  const idx key_row = transpose ? 1 : s.k_row, key_column = transpose ? transposed_keys_row(s.keys) : s.k_column;
  const idx units = (s.queries + attention_any_rows - 1) / attention_any_rows;
  const range own = part.of(s.batch * s.heads * units);
  for (idx b = 0; b < s.batch; ++b) {
    for (idx h = 0; h < s.heads; ++h) {
      const range here = own.clip((b * s.heads + h) * units, units);
      if (here.begin >= here.end) continue;
      const float* q = query + b * s.q_batch + h * s.q_head;
      const float* k = key + b * s.k_batch + h * s.k_head;
      const float* v = value + b * s.v_batch + h * s.v_head;
      float* o = out + b * s.out_batch + h * s.out_head;
      if (transpose) {
        transpose_2d_sized(s.keys, s.width, s.k_row, key_column, k, transposed);
        k = transposed;
      }
      for (idx block = here.begin; block < here.end; ++block) {
        const idx first = block * attention_any_rows;
        const idx rows = s.queries - first < attention_any_rows ? s.queries - first : attention_any_rows;
        product_sized(attention_product{rows, s.keys, s.width, s.q_row, s.q_column, s.keys, key_column, key_row},
                      q + first * s.q_row, k, scores,
                      [&](auto acc, idx m, idx n) { return score(acc * scale, b, h, first + m, n); });
        for (idx m = 0; m < rows; ++m) {
          const idx visible = s.causal && first + m + 1 < s.keys ? first + m + 1 : s.keys;
          inverse_sums[m] = softmax_scores(scores + m * s.keys, visible, s.keys);
        }
        product_sized(attention_product{rows, s.value_width, s.keys, s.keys, 1, s.out_row, s.v_row, s.v_column},
                      static_cast<const float*>(scores), v, o + first * s.out_row,
                      [&](auto acc, idx m, idx) { return acc * inverse_sums[m]; });
      }
    }
  }
}

}  // namespace m2crt
