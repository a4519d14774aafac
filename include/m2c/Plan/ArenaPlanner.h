// Packs buffers with known lifetimes into one block of memory.
#pragma once

#include <cstdint>
#include <vector>

namespace m2c {

/// A buffer: its size in bytes and the first and last step (inclusive) at which it holds a value.
struct BufferLifetime {
  int64_t bytes;
  int64_t first;
  int64_t last;
};

/// One offset per buffer, and the size of the block.
struct ArenaPlan {
  std::vector<int64_t> offsets;
  int64_t bytes = 0;
};

/// First fit, largest buffer first (Pisarchyk and Lee 2020, greedy by size); offsets are multiples of `alignment`.
ArenaPlan planArena(const std::vector<BufferLifetime> &buffers, int64_t alignment);

/// Whether no two buffers that live at the same time share a byte, and all lie inside the block.
bool isValidPlan(const std::vector<BufferLifetime> &buffers, const ArenaPlan &plan);

} // namespace m2c
