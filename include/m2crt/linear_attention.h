// Linear attention: each head of keys and values keeps a state [dk, dv] that every step decays, corrects and adds to.
//
//   S: batch, steps, heads (of keys and values), group (query heads that share one), key_width, value_width,
//      has_past, decay (0 none, 1 one per head, 2 one per key feature), beta (0 none, 1 one for all heads, 2 one per
//      head), scale
#pragma once

#include "m2crt/lanes.h"
#include "m2crt/math.h"

namespace m2crt {

/// state *= exp(decay); v <- beta (v - state^T k), with beta; state += k v^T; out = scale state^T q, for all steps.
/// query [batch, steps, heads * group, dk], key [batch, steps, heads, dk], value [.., heads, dv], past and state
/// [batch, heads, dk, dv], out [batch, steps, heads * group, dv]; written has dv elements. What S lacks is not read.
template <class S, class T>
inline void linear_attention(const T* query, const T* key, const T* value, const T* past, const T* decay, const T* beta,
                             T* out, T* state, T* written) {
  constexpr idx dk = S::key_width, dv = S::value_width, heads = S::heads;
  constexpr idx size = dk * dv, queries = heads * S::group;
  for (idx b = 0; b < S::batch; ++b) {
    for (idx h = 0; h < heads; ++h) {
      T* s = state + (b * heads + h) * size;
      for (idx i = 0; i < size; ++i) s[i] = S::has_past ? past[(b * heads + h) * size + i] : T{};
      for (idx t = 0; t < S::steps; ++t) {
        const idx step = b * S::steps + t;
        const T* k = key + (step * heads + h) * dk;
        const T* v = value + (step * heads + h) * dv;
        const T strength = S::beta == 1 ? beta[step] : S::beta == 2 ? beta[step * heads + h] : T(1);
        vloop<dv, T>([&](auto lanes, idx i) { store(written + i, splat(lanes, T{})); });
        if constexpr (S::decay != 0 || S::beta != 0)
          for (idx d = 0; d < dk; ++d) {
            const T kept = S::decay == 0   ? T(1)
                           : S::decay == 1 ? exp(decay[step * heads + h])
                                           : exp(decay[(step * heads + h) * dk + d]);
            T* row = s + d * dv;
            vloop<dv, T>([&](auto lanes, idx i) {
              const auto decayed = load(lanes, row + i) * splat(lanes, kept);
              store(row + i, decayed);
              if constexpr (S::beta != 0)
                store(written + i, mul_add(decayed, splat(lanes, k[d]), load(lanes, written + i)));
            });
          }
        vloop<dv, T>([&](auto lanes, idx i) {
          store(written + i, (load(lanes, v + i) - load(lanes, written + i)) * splat(lanes, strength));
        });
        T* o = out + (step * queries + h * S::group) * dv;
        vloop<S::group * dv, T>([&](auto lanes, idx i) { store(o + i, splat(lanes, T{})); });
        const T* q = query + (step * queries + h * S::group) * dk;
        for (idx d = 0; d < dk; ++d) {
          T* row = s + d * dv;
          vloop<dv, T>([&](auto lanes, idx i) {
            const auto next = mul_add(splat(lanes, k[d]), load(lanes, written + i), load(lanes, row + i));
            store(row + i, next);
            for (idx g = 0; g < S::group; ++g)
              store(o + g * dv + i,
                    mul_add(next, splat(lanes, q[g * dk + d] * T(S::scale)), load(lanes, o + g * dv + i)));
          });
        }
      }
    }
  }
}

}  // namespace m2crt
