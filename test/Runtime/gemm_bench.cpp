#include <m2crt/gemm.h>

#include <vector>

#include "peak.h"

namespace {
namespace rt = m2crt;
using rt::idx;

template <idx M, idx N, idx K>
struct shape {
  static constexpr idx m = M, n = N, k = K, a_row = K, a_column = 1, c_row = N;
  static constexpr idx b_row = 1, b_column = K;
  static constexpr idx panel = rt::panel_width(M, N, rt::lanes<float>, rt::vector_registers);
};

template <idx M, idx N, idx K>
void gemm(benchmark::State& state) {
  using S = shape<M, N, K>;
  std::vector<float> a(M * K, 1.0f), c(M * N), bias(N, 1.0f);
  const auto size = static_cast<std::size_t>(rt::packed_size(K, N, S::panel));
  std::vector<float> storage(size + 16, 1.0f);
  float* b = storage.data() + (64 - reinterpret_cast<std::uintptr_t>(storage.data()) % 64) % 64 / sizeof(float);
  peak::report(state, 2.0 * M * N * K, [&] {
    rt::gemm<S>(a.data(), b, c.data(), [&](auto acc, idx, idx n) {
      using V = decltype(acc);
      return rt::max(V{}, V(acc + rt::load<V>(bias.data() + n)));
    });
  });
}

/// B transposed and packed at run time, as an attention score does.
template <idx M, idx N, idx K>
void gemm_transposed(benchmark::State& state) {
  using S = shape<M, N, K>;
  std::vector<float> a(M * K, 1.0f), b(K * N, 1.0f), c(M * N),
      scratch(static_cast<std::size_t>(rt::gemm_scratch<S, float>));
  peak::report(state, 2.0 * M * N * K, [&] {
    rt::gemm_any<S>(a.data(), b.data(), c.data(), scratch.data(), [](auto acc, idx, idx) { return acc; });
  });
}

BENCHMARK(gemm<32, 256, 256>);
BENCHMARK(gemm<32, 512, 512>);
BENCHMARK(gemm<128, 512, 512>);
BENCHMARK(gemm<128, 1024, 1024>);
BENCHMARK(gemm<49, 2048, 512>);
BENCHMARK(gemm<37, 100, 77>);
BENCHMARK(gemm<1, 256, 132>);
BENCHMARK(gemm<1, 512, 512>);
BENCHMARK(gemm<1, 1024, 1024>);
BENCHMARK(gemm<1, 10, 256>);
BENCHMARK(gemm<4, 512, 512>);
BENCHMARK(gemm_transposed<32, 32, 64>);
BENCHMARK(gemm_transposed<128, 128, 64>);
}  // namespace
