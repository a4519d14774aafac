// Time loops of LSTM and GRU as in a text classifier: T steps, B rows, H units. GFLOP/s counts the recurrent product.
#include <benchmark/benchmark.h>

#include <random>
#include <vector>

#include "m2crt/recurrent.h"

namespace {

using namespace m2crt;

std::vector<float> draw(idx n, float range) {
  std::mt19937 engine(1);
  std::uniform_real_distribution<float> values(-range, range);
  std::vector<float> v(n);
  for (float& x : v) x = values(engine);
  return v;
}

template <idx Steps, idx Batch, idx Hidden, int Gates, bool Linear = false>
struct shape : recurrent_defaults {
  static constexpr idx steps = Steps, batch = Batch, hidden = Hidden;
  static constexpr idx projected_row = Gates * Hidden, projected_step = Batch * projected_row;
  static constexpr idx y_row = Hidden, y_step = Batch * Hidden;
  static constexpr bool linear_before_reset = Linear;
};

template <class Shape>
void finish(benchmark::State& state, idx gates) {
  const double flops = 2.0 * (Shape::steps - 1) * Shape::batch * gates * Shape::hidden * Shape::hidden;
  state.counters["FLOP/s"] = benchmark::Counter(flops, benchmark::Counter::kIsIterationInvariantRate);
}

template <idx T, idx B, idx H>
void lstm_loop(benchmark::State& state) {
  using S = shape<T, B, H, 4>;
  auto projected = draw(T * B * 4 * H, 1), r = draw(4 * H * H, 0.1f);
  std::vector<float> packed(packed_recurrence_size(4, H, lanes<float>)), y(T * B * H), scratch(lstm_scratch(B, H));
  pack_recurrence(r.data(), packed.data(), 4, H, lanes<float>);
  for (auto _ : state) {
    lstm<S>(projected.data(), packed.data(), nullptr, nullptr, nullptr, nullptr, y.data(), nullptr, nullptr,
            scratch.data());
    benchmark::ClobberMemory();
  }
  finish<S>(state, 4);
}

template <idx T, idx B, idx H, bool Linear>
void gru_loop(benchmark::State& state) {
  using S = shape<T, B, H, 3, Linear>;
  auto projected = draw(T * B * 3 * H, 1), r = draw(3 * H * H, 0.1f);
  std::vector<float> packed(packed_recurrence_size(3, H, lanes<float>, !Linear)), y(T * B * H),
      scratch(gru_scratch(B, H));
  if (Linear)
    pack_recurrence(r.data(), packed.data(), 3, H, lanes<float>);
  else
    pack_recurrence_split(r.data(), packed.data(), 3, H, lanes<float>);
  for (auto _ : state) {
    gru<S>(projected.data(), packed.data(), nullptr, nullptr, nullptr, y.data(), nullptr, scratch.data());
    benchmark::ClobberMemory();
  }
  finish<S>(state, 3);
}

BENCHMARK(lstm_loop<20, 32, 256>);
BENCHMARK(lstm_loop<20, 8, 256>);
BENCHMARK(lstm_loop<20, 1, 256>);
BENCHMARK(gru_loop<20, 32, 256, false>);
BENCHMARK(gru_loop<20, 32, 256, true>);
BENCHMARK(gru_loop<20, 1, 256, false>);
BENCHMARK(gru_loop<20, 1, 256, true>);

}  // namespace
