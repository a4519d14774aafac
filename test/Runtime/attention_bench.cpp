// GFLOP/s of attention on the shapes of small transformers.
#include <benchmark/benchmark.h>

#include <vector>

#include "m2crt/attention.h"

namespace {

using m2crt::idx;

template <idx Heads, idx Length, idx Width>
struct shape {
  static constexpr idx batch = 1, heads = Heads, queries = Length, keys = Length, width = Width, value_width = Width;
  static constexpr idx q_column = 1, k_column = 1, v_column = 1;
  static constexpr idx q_head = Width, q_row = Heads * Width, q_batch = 0, k_head = Width, k_row = q_row, k_batch = 0;
  static constexpr idx v_head = Width, v_row = q_row, v_batch = 0, out_head = Width, out_row = q_row, out_batch = 0;
  static constexpr bool causal = false;
};

template <class S>
void attention(benchmark::State& state) {
  const std::size_t size = static_cast<std::size_t>(S::queries * S::q_row);
  std::vector<float> q(size, 0.01f), k(size, 0.02f), v(size, 0.03f), out(size);
  std::vector<float> scratch(
      static_cast<std::size_t>(m2crt::attention_scratch(S::queries, S::keys, S::width, S::value_width)));
  for (auto _ : state) {
    m2crt::attention<S>(q.data(), k.data(), v.data(), out.data(), scratch.data(), 0.125f,
                        [](auto acc, auto...) { return acc; });
    benchmark::ClobberMemory();
  }
  state.counters["GFLOP/s"] =
      benchmark::Counter(4.0 * S::heads * S::queries * S::keys * S::width,
                         benchmark::Counter::kIsIterationInvariantRate, benchmark::Counter::kIs1000);
}

BENCHMARK(attention<shape<4, 128, 64>>)->Name("attention/4x128x64");
BENCHMARK(attention<shape<4, 32, 64>>)->Name("attention/4x32x64");
BENCHMARK(attention<shape<8, 512, 64>>)->Name("attention/8x512x64");

}  // namespace

BENCHMARK_MAIN();
