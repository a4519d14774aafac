// What printed expressions need beside elementwise.h: a vector's lane count as a tag, gathers, and truth values of any
// width (a comparison's mask, bytes compared with 0, a bool for all lanes) combined with each other.
#pragma once

#include "m2crt/elementwise.h"

namespace m2crt {

/// The tag of v's lanes, for an epilogue that is handed a vector.
template <class V>
M2CRT_INLINE constexpr lane_tag<lane_count<V>> lanes_of(const V&) {
  return {};
}

/// Lane i = p[offsets[i]].
template <int N, class T, class I>
M2CRT_INLINE vec<T, N> gather(lane_tag<N>, const T* p, I offsets) {
  if constexpr (N == 1) {
    return p[offsets];
  } else {
    vec<T, N> v{};
    for (int i = 0; i < N; ++i) v[i] = p[offsets[i]];
    return v;
  }
}

/// m as a mask as wide as M, which is a mask or bool.
template <class M, class From>
M2CRT_INLINE M same_mask(From m) {
  if constexpr (lane_count<M> == 1)
    return m != 0;
  else if constexpr (lane_count<From> == 1)
    return m ? M{} == M{} : M{} != M{};
  else if constexpr (sizeof(From) == sizeof(M))
    return bit_cast<M>(m);
  else
    return __builtin_convertvector(m, M);
}

// The wider operand's mask type, or the only vector's.
template <class A, class B>
using common_mask = std::conditional_t<(lane_count<A> > 1 && (lane_count<B> == 1 || sizeof(A) >= sizeof(B))), A, B>;

template <class A, class B>
M2CRT_INLINE auto mask_and(A a, B b) {
  using M = common_mask<A, B>;
  if constexpr (lane_count<M> == 1)
    return a && b;
  else
    return static_cast<M>(same_mask<M>(a) & same_mask<M>(b));
}
template <class A, class B>
M2CRT_INLINE auto mask_or(A a, B b) {
  using M = common_mask<A, B>;
  if constexpr (lane_count<M> == 1)
    return a || b;
  else
    return static_cast<M>(same_mask<M>(a) | same_mask<M>(b));
}
template <class A, class B>
M2CRT_INLINE auto mask_xor(A a, B b) {
  using M = common_mask<A, B>;
  if constexpr (lane_count<M> == 1)
    return (a != 0) != (b != 0);
  else
    return static_cast<M>(same_mask<M>(a) ^ same_mask<M>(b));
}
/// m ? a : b for truth values.
template <class A, class B, class C>
M2CRT_INLINE auto mask_where(A m, B a, C b) {
  return mask_or(mask_and(m, a), mask_and(mask_not(m), b));
}

}  // namespace m2crt
