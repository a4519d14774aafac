// Ensembles of decision trees.
//
// A node is a record of 32-bit words: the split (one word of a float, two of a double), the feature, the child. A row
// goes to node `child` where its feature is at most the split, else to node `child` + 1; where S::missing, the
// feature's lowest bit says that NaN goes to the first as well, and the others are the feature. Every kind of
// comparison is written so. A leaf has a negative child and feature 0. Its split is what it adds to the only target
// (S::single), or else the bits of the first of its -child - 1 entries in leaf_targets and leaf_weights.
//
// Steps down a tree wait for memory: eight walks go side by side, of eight rows down one tree, or of one row down
// eight.
//
//   S: rows, features, trees, targets, aggregate (0 mean, 1 sum, 2 minimum, 3 maximum), missing, single
#pragma once

#include <limits>

#include "m2crt/vec.h"

namespace m2crt {

template <class T>
struct tree_node {
  T split;
  std::int32_t feature, child;
  static constexpr idx words = static_cast<idx>(sizeof(T)) / 4 + 2;

  static M2CRT_INLINE tree_node at(const std::int32_t* nodes, idx i) {
    tree_node node;
    std::memcpy(&node.split, nodes + i * words, sizeof(T));
    std::memcpy(&node.feature, nodes + i * words + words - 2, sizeof node.feature);
    std::memcpy(&node.child, nodes + i * words + words - 1, sizeof node.child);
    return node;
  }
};

inline constexpr idx tree_walks = 8, tree_rows = 256;

/// Takes each walk from node at[w] with the features row[w] to its leaf.
template <class S, class T>
M2CRT_INLINE void walk_trees(const std::int32_t* nodes, const T* const* row, std::int32_t* at) {
  bool walking = true;
  while (walking) {
    walking = false;
    _Pragma("GCC unroll 8") for (idx w = 0; w < tree_walks; ++w) {
      const tree_node<T> node = tree_node<T>::at(nodes, at[w]);
      bool first;
      if constexpr (S::missing) {
        const T x = row[w][node.feature >> 1];
        first = x <= node.split || (x != x && (node.feature & 1) != 0);
      } else {
        first = row[w][node.feature] <= node.split;
      }
      const bool inner = node.child >= 0;
      at[w] = inner ? node.child + (first ? 0 : 1) : at[w];
      walking |= inner;
    }
  }
}

template <class S, class T>
M2CRT_INLINE void aggregate_leaf(T* sum, T weight) {
  if constexpr (S::aggregate == 2)
    *sum = weight < *sum ? weight : *sum;
  else if constexpr (S::aggregate == 3)
    *sum = weight > *sum ? weight : *sum;
  else
    *sum += weight;
}

/// Adds the leaf at node `at` to the targets' sums.
template <class S, class T>
M2CRT_INLINE void add_leaf(const std::int32_t* nodes, const std::int32_t* leaf_targets, const T* leaf_weights, idx at,
                           T* sums) {
  const tree_node<T> leaf = tree_node<T>::at(nodes, at);
  if constexpr (S::single) {
    aggregate_leaf<S>(sums, leaf.split);
  } else {
    std::int32_t entry;
    std::memcpy(&entry, nodes + at * tree_node<T>::words, sizeof entry);
    for (std::int32_t last = entry - leaf.child - 1; entry < last; ++entry)
      aggregate_leaf<S>(sums + leaf_targets[entry], leaf_weights[entry]);
  }
}

/// y[row, target] = base[target] + aggregate over all trees of the leaves that the row reaches.
template <class S, class T>
inline void trees(const T* x, const std::int32_t* nodes, const std::int32_t* roots, const std::int32_t* leaf_targets,
                  const T* leaf_weights, const T* base, T* y) {
  constexpr T start = S::aggregate == 2   ? std::numeric_limits<T>::infinity()
                      : S::aggregate == 3 ? -std::numeric_limits<T>::infinity()
                                          : T{};
  for (idx i = 0; i < S::rows * S::targets; ++i) y[i] = start;
  const T* row[tree_walks];
  std::int32_t at[tree_walks];
  if constexpr (S::rows >= tree_walks) {
    // Tree by tree over some rows: both stay in the caches.
    for (idx chunk = 0; chunk < S::rows; chunk += tree_rows) {
      const idx end = S::rows - chunk < tree_rows ? S::rows : chunk + tree_rows;
      for (idx tree = 0; tree < S::trees; ++tree)
        for (idx first = chunk; first < end; first += tree_walks) {
          const idx count = end - first < tree_walks ? end - first : tree_walks;
          for (idx w = 0; w < tree_walks; ++w) {
            row[w] = x + (first + (w < count ? w : 0)) * S::features;
            at[w] = roots[tree];
          }
          walk_trees<S>(nodes, row, at);
          for (idx w = 0; w < count; ++w)
            add_leaf<S>(nodes, leaf_targets, leaf_weights, at[w], y + (first + w) * S::targets);
        }
    }
  } else {
    for (idx r = 0; r < S::rows; ++r) {
      for (idx w = 0; w < tree_walks; ++w) row[w] = x + r * S::features;
      for (idx first = 0; first < S::trees; first += tree_walks) {
        const idx count = S::trees - first < tree_walks ? S::trees - first : tree_walks;
        for (idx w = 0; w < tree_walks; ++w) at[w] = roots[first + (w < count ? w : 0)];
        walk_trees<S>(nodes, row, at);
        for (idx w = 0; w < count; ++w) add_leaf<S>(nodes, leaf_targets, leaf_weights, at[w], y + r * S::targets);
      }
    }
  }
  for (idx r = 0; r < S::rows; ++r)
    for (idx t = 0; t < S::targets; ++t) {
      T& sum = y[r * S::targets + t];
      if constexpr (S::aggregate == 0) sum /= static_cast<T>(S::trees);
      if constexpr (S::aggregate >= 2) sum = sum == start ? T{} : sum;  // no leaf has this target
      sum += base[t];
    }
}

}  // namespace m2crt
