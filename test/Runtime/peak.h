// What a benchmark's figure is compared with: the FMA rate of this core, measured in the same run because other
// processes may slow it down.
#pragma once

#include <benchmark/benchmark.h>
#include <m2crt/tile.h>

#include <ctime>

namespace peak {

inline double thread_seconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Seconds of CPU time that one call of f takes: the least of many short batches.
template <class F>
double least_seconds(F f, double batch_seconds = 5e-4, int batches = 60) {
  long calls = 1;
  for (;; calls *= 2) {
    const double start = thread_seconds();
    for (long i = 0; i < calls; ++i) f();
    if (thread_seconds() - start > batch_seconds / 2) break;
  }
  double least = 1e30;
  for (int batch = 0; batch < batches; ++batch) {
    const double start = thread_seconds();
    for (long i = 0; i < calls; ++i) f();
    const double seconds = (thread_seconds() - start) / static_cast<double>(calls);
    if (seconds < least) least = seconds;
  }
  return least;
}

/// Floating-point operations a second of ten independent chains of fused multiply-adds.
inline double flops() {
  using V = m2crt::vec<float>;
  constexpr int chains = 10, steps = 2000;
  V x = m2crt::splat<V>(1e-9f);
  benchmark::DoNotOptimize(x);
  const double seconds = least_seconds([&] {
    V sum[chains];  // with different values, or the compiler merges them
    M2CRT_UNROLL for (int c = 0; c < chains; ++c) sum[c] = m2crt::splat<V>(static_cast<float>(c));
    for (int i = 0; i < steps; ++i) M2CRT_UNROLL for (int c = 0; c < chains; ++c) sum[c] = sum[c] * x + x;
    M2CRT_UNROLL for (int c = 0; c < chains; ++c) benchmark::DoNotOptimize(sum[c]);
  });
  return 2.0 * chains * steps * m2crt::lanes<float> / seconds;
}

/// Runs f under `state` and reports GFLOP/s and the share of peak of its fastest batches.
template <class F>
void report(benchmark::State& state, double operations, F f) {
  for (auto _ : state) {
    f();
    benchmark::ClobberMemory();
  }
  const double peak = flops();
  const double rate = operations / least_seconds([&] {
                        f();
                        benchmark::ClobberMemory();
                      });
  state.counters["GFLOP/s"] = rate * 1e-9;
  state.counters["%peak"] = 100 * rate / peak;
}

}  // namespace peak
