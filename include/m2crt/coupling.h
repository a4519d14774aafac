// Class probabilities from pairwise ones, by the second method of Wu, Lin and Weng, "Probability Estimates for
// Multi-class Classification by Pairwise Coupling" (2004), as in libsvm.
#pragma once

#include "m2crt/vec.h"

namespace m2crt {

/// pairs [rows, n (n - 1) / 2]: of classes i < j in order, the probability that a row of one of them is of class i.
/// y [rows, n]; q has n * n elements, qp n.
///   S: rows, classes
template <class S, class T>
inline void pairwise_coupling(const T* pairs, T* y, T* q, T* qp) {
  constexpr idx n = S::classes;
  for (idx row = 0; row < S::rows; ++row) {
    const T* r = pairs + row * (n * (n - 1) / 2);
    T* p = y + row * n;
    for (idx i = 0; i < n * n; ++i) q[i] = 0;
    for (idx i = 0, pair = 0; i < n; ++i)
      for (idx j = i + 1; j < n; ++j, ++pair) {
        const T ij = r[pair], ji = 1 - r[pair];
        q[i * n + i] += ji * ji;
        q[j * n + j] += ij * ij;
        q[i * n + j] = q[j * n + i] = -ij * ji;
      }
    for (idx i = 0; i < n; ++i) p[i] = T(1) / T(n);
    for (idx iteration = 0; iteration < (n > 100 ? n : 100); ++iteration) {
      T pqp = 0, worst = 0;
      for (idx i = 0; i < n; ++i) {
        qp[i] = 0;
        for (idx j = 0; j < n; ++j) qp[i] += q[i * n + j] * p[j];
        pqp += p[i] * qp[i];
      }
      for (idx i = 0; i < n; ++i) worst = std::fabs(qp[i] - pqp) > worst ? std::fabs(qp[i] - pqp) : worst;
      if (worst < T(0.005) / T(n)) break;
      for (idx i = 0; i < n; ++i) {
        const T change = (pqp - qp[i]) / q[i * n + i];
        p[i] += change;
        pqp = (pqp + change * (change * q[i * n + i] + 2 * qp[i])) / (1 + change) / (1 + change);
        for (idx j = 0; j < n; ++j) {
          qp[j] = (qp[j] + change * q[i * n + j]) / (1 + change);
          p[j] /= 1 + change;
        }
      }
    }
  }
}

}  // namespace m2crt
