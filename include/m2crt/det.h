// Determinants.
#pragma once

#include "m2crt/vec.h"

namespace m2crt {

/// y[m] = the determinant of x[m], n x n, by Gauss's elimination with partial pivoting; work has n * n elements.
///   S: matrices, n
template <class S, class T>
inline void det(const T* x, T* y, T* work) {
  constexpr idx n = S::n;
  for (idx m = 0; m < S::matrices; ++m) {
    for (idx i = 0; i < n * n; ++i) work[i] = x[m * n * n + i];
    T result = 1;
    for (idx k = 0; k < n; ++k) {
      idx pivot = k;
      for (idx i = k + 1; i < n; ++i)
        if (std::fabs(work[i * n + k]) > std::fabs(work[pivot * n + k])) pivot = i;
      const T top = work[pivot * n + k];
      result *= pivot == k ? top : -top;
      if (top == 0) break;
      for (idx j = k; j < n; ++j) {
        const T moved = work[pivot * n + j];
        work[pivot * n + j] = work[k * n + j];
        work[k * n + j] = moved;
      }
      for (idx i = k + 1; i < n; ++i) {
        const T factor = work[i * n + k] / top;
        for (idx j = k + 1; j < n; ++j) work[i * n + j] -= factor * work[k * n + j];
      }
    }
    y[m] = result;
  }
}

}  // namespace m2crt
