// Nodes per second down 100 full trees of depth 8 over 30 features, for one row and for many.
#include <benchmark/benchmark.h>

#include <random>
#include <vector>

#include "m2crt/trees.h"

namespace {

using namespace m2crt;

constexpr idx depth = 8, records = (2 << depth) - 1;

template <idx Rows>
struct ensemble {
  static constexpr idx rows = Rows, features = 30, trees = 100, targets = 1, aggregate = 1;
  static constexpr bool missing = false, single = true;
};

template <idx Rows>
void walk(benchmark::State& state) {
  using shape = ensemble<Rows>;
  std::mt19937 engine(1);
  std::normal_distribution<float> draw;
  std::vector<std::int32_t> nodes, roots, targets{0};
  for (idx tree = 0; tree < shape::trees; ++tree) {
    roots.push_back(static_cast<std::int32_t>(tree * records));
    for (idx i = 0; i < records; ++i) {
      const bool leaf = 2 * i + 1 >= records;
      const float split = draw(engine);
      std::int32_t bits;
      std::memcpy(&bits, &split, sizeof bits);
      nodes.insert(nodes.end(), {bits, leaf ? 0 : static_cast<std::int32_t>(engine() % 30),
                                 leaf ? -1 : static_cast<std::int32_t>(tree * records + 2 * i + 1)});
    }
  }
  std::vector<float> x(Rows * shape::features), y(Rows), weights{0}, base{0};
  for (float& v : x) v = draw(engine);
  for (auto _ : state) {
    trees<shape>(x.data(), nodes.data(), roots.data(), targets.data(), weights.data(), base.data(), y.data());
    benchmark::DoNotOptimize(y.data());
    benchmark::ClobberMemory();
  }
  state.counters["nodes/s"] =
      benchmark::Counter(Rows * shape::trees * (depth + 1), benchmark::Counter::kIsIterationInvariantRate);
}

BENCHMARK(walk<1>);
BENCHMARK(walk<16>);
BENCHMARK(walk<256>);

}  // namespace
