// Matrix products.
#pragma once

#include "m2crt/cuda/product.cuh"

namespace m2crt {
namespace cuda {

/// S has m, n, k, the strides a_row, a_column, b_row, b_column, c_row, and for three batch dimensions batch_0 ..
/// batch_2, a_batch_0 .. c_batch_2. The epilogue is called with (acc, batch, m, n), batch counting all of them.
template <class S>
struct matrix_product {
  static constexpr idx m = S::m, n = S::n, k = S::k, batches = S::batch_0 * S::batch_1 * S::batch_2;
  static constexpr idx b_row = S::b_row, b_column = S::b_column;
  static constexpr bool a_runs = S::a_column == 1 && k % 4 == 0 && S::a_row % 4 == 0 && S::a_batch_0 % 4 == 0 &&
                                 S::a_batch_1 % 4 == 0 && S::a_batch_2 % 4 == 0;
  static constexpr bool b_runs = b_column == 1 && b_row % 4 == 0 && (n % 4 == 0 || S::b_padded) &&
                                 S::b_batch_0 % 4 == 0 && S::b_batch_1 % 4 == 0 && S::b_batch_2 % 4 == 0;
  static M2CRT_DEVICE idx at(idx z, idx s0, idx s1, idx s2) {
    return z / (S::batch_1 * S::batch_2) * s0 + z / S::batch_2 % S::batch_1 * s1 + z % S::batch_2 * s2;
  }
  static M2CRT_DEVICE idx a_row(idx m) { return m * S::a_row; }
  static M2CRT_DEVICE idx a_column(idx k) { return k * S::a_column; }
  static M2CRT_DEVICE idx c_row(idx m) { return m * S::c_row; }
  static M2CRT_DEVICE idx a_batch(idx z) { return at(z, S::a_batch_0, S::a_batch_1, S::a_batch_2); }
  static M2CRT_DEVICE idx b_batch(idx z) { return at(z, S::b_batch_0, S::b_batch_1, S::b_batch_2); }
  static M2CRT_DEVICE idx c_batch(idx z) { return at(z, S::c_batch_0, S::c_batch_1, S::c_batch_2); }
  template <class F, class T>
  static M2CRT_DEVICE T finish(const F& f, T acc, idx z, idx m, idx n) {
    return f(acc, z, m, n);
  }
};
template <class S, arithmetic Math = model_arithmetic, class T, class Finish>
inline void gemm(queue& to, const T* a, const T* b, T* c, Finish finish) {
  product<matrix_product<S>, Math>(to, a, b, c, finish);
}

}  // namespace cuda
}  // namespace m2crt
