#include "m2crt/trees.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace {

using namespace m2crt;

/// Random trees as tables, and their naive evaluation.
template <class T>
struct forest {
  std::mt19937 engine{7};
  bool missing, single;
  idx features, targets;
  std::vector<std::int32_t> nodes, roots, leaf_targets{0};
  std::vector<T> leaf_weights{T(0)};

  forest(bool missing, bool single, idx features, idx targets, idx trees, int depth)
      : missing(missing), single(single), features(features), targets(targets) {
    for (idx tree = 0; tree < trees; ++tree) {
      roots.push_back(add(1));
      grow(roots.back(), depth);
    }
  }

  std::int32_t count() const {
    return static_cast<std::int32_t>(nodes.size()) / static_cast<std::int32_t>(tree_node<T>::words);
  }
  std::int32_t add(int records) {
    std::int32_t first = count();
    nodes.resize(nodes.size() + static_cast<std::size_t>(records * tree_node<T>::words));
    return first;
  }
  void write(std::int32_t at, T split, std::int32_t feature, std::int32_t child) {
    std::int32_t* to = &nodes[static_cast<std::size_t>(at * tree_node<T>::words)];
    std::memcpy(to, &split, sizeof split);
    to[tree_node<T>::words - 2] = feature;
    to[tree_node<T>::words - 1] = child;
  }
  T draw() { return static_cast<T>(static_cast<int>(engine() % 17) - 8) / 4; }

  void grow(std::int32_t at, int depth) {
    if (depth == 0 || engine() % 5 == 0) {
      if (single) return write(at, draw(), 0, -1);
      const auto entries = static_cast<std::int32_t>(engine() % 3);
      write(at, T(0), 0, -1 - entries);
      const auto first = static_cast<std::int32_t>(leaf_targets.size());
      std::memcpy(&nodes[static_cast<std::size_t>(at * tree_node<T>::words)], &first, sizeof first);
      for (std::int32_t i = 0; i < entries; ++i) {
        leaf_targets.push_back(static_cast<std::int32_t>(engine() % static_cast<unsigned>(targets)));
        leaf_weights.push_back(draw());
      }
      return;
    }
    const std::int32_t child = add(2);
    auto feature = static_cast<std::int32_t>(engine() % static_cast<unsigned>(features));
    write(at, draw(), missing ? feature * 2 + static_cast<std::int32_t>(engine() % 2) : feature, child);
    grow(child, depth - 1);
    grow(child + 1, depth - 1);
  }

  std::vector<double> evaluate(const T* row, idx aggregate) {
    std::vector<std::vector<double>> reached(static_cast<std::size_t>(targets));
    for (std::int32_t at : roots) {
      auto node = tree_node<T>::at(nodes.data(), at);
      while (node.child >= 0) {
        const T x = row[missing ? node.feature / 2 : node.feature];
        const bool first = x <= node.split || (missing && std::isnan(x) && node.feature % 2 == 1);
        at = node.child + (first ? 0 : 1);
        node = tree_node<T>::at(nodes.data(), at);
      }
      if (single) {
        reached[0].push_back(node.split);
      } else {
        std::int32_t entry;
        std::memcpy(&entry, &nodes[static_cast<std::size_t>(at * tree_node<T>::words)], sizeof entry);
        for (std::int32_t i = 0; i < -1 - node.child; ++i)
          reached[static_cast<std::size_t>(leaf_targets[static_cast<std::size_t>(entry + i)])].push_back(
              leaf_weights[static_cast<std::size_t>(entry + i)]);
      }
    }
    std::vector<double> result;
    for (const auto& values : reached) {
      double sum = 0, least = values.empty() ? 0 : values[0], most = least;
      for (double v : values) sum += v, least = std::min(least, v), most = std::max(most, v);
      result.push_back(aggregate == 0   ? sum / static_cast<double>(roots.size())
                       : aggregate == 1 ? sum
                       : aggregate == 2 ? least
                                        : most);
    }
    return result;
  }
};

template <idx Rows, idx Targets, idx Aggregate, bool Missing, bool Single>
struct ensemble {
  static constexpr idx rows = Rows, features = 5, trees = 11, targets = Targets, aggregate = Aggregate;
  static constexpr bool missing = Missing, single = Single;
};

template <class T, idx Rows, idx Targets, idx Aggregate, bool Missing, bool Single>
void agrees() {
  using shape = ensemble<Rows, Targets, Aggregate, Missing, Single>;
  forest<T> trees_(Missing, Single, 5, Targets, 11, 6);
  std::vector<T> x(Rows * 5), base(Targets), y(Rows * Targets + 1, T(42));
  for (T& v : x) v = trees_.draw();
  if (Missing)
    for (std::size_t i = 0; i < x.size(); i += 7) x[i] = std::numeric_limits<T>::quiet_NaN();
  for (idx t = 0; t < Targets; ++t) base[static_cast<std::size_t>(t)] = static_cast<T>(t) + T(0.5);
  trees<shape>(x.data(), trees_.nodes.data(), trees_.roots.data(), trees_.leaf_targets.data(),
               trees_.leaf_weights.data(), base.data(), y.data());
  for (idx row = 0; row < Rows; ++row) {
    const auto expected = trees_.evaluate(&x[static_cast<std::size_t>(row * 5)], Aggregate);
    for (idx t = 0; t < Targets; ++t)
      EXPECT_NEAR(y[static_cast<std::size_t>(row * Targets + t)],
                  expected[static_cast<std::size_t>(t)] + static_cast<double>(t) + 0.5, 1e-5);
  }
  EXPECT_EQ(y.back(), T(42));
}

template <class T, idx Rows>
void agrees_for_rows() {
  agrees<T, Rows, 1, 1, false, true>();
  agrees<T, Rows, 1, 0, true, true>();
  agrees<T, Rows, 3, 1, false, false>();
  agrees<T, Rows, 3, 2, true, false>();
  agrees<T, Rows, 2, 3, true, false>();
}

TEST(Trees, AgreeWithNaiveWalks) {
  agrees_for_rows<float, 1>();
  agrees_for_rows<float, 7>();
  agrees_for_rows<float, 8>();
  agrees_for_rows<float, 19>();
  agrees_for_rows<double, 3>();
  agrees_for_rows<double, 17>();
}

}  // namespace
