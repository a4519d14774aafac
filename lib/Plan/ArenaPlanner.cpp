// Greedy by size: the largest buffer takes the lowest gap between the placed buffers that live at the same time.
#include "m2c/Plan/ArenaPlanner.h"

#include <algorithm>
#include <numeric>

using namespace m2c;

static bool overlapInTime(const BufferLifetime &a, const BufferLifetime &b) {
  return a.first <= b.last && b.first <= a.last;
}

ArenaPlan m2c::planArena(const std::vector<BufferLifetime> &buffers, int64_t alignment) {
  auto align = [&](int64_t bytes) { return (bytes + alignment - 1) / alignment * alignment; };
  std::vector<size_t> order(buffers.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return buffers[a].bytes != buffers[b].bytes ? buffers[a].bytes > buffers[b].bytes : a < b;
  });

  ArenaPlan plan;
  plan.offsets.assign(buffers.size(), 0);
  std::vector<size_t> placed; // by offset
  for (size_t current : order) {
    int64_t size = align(buffers[current].bytes), offset = 0;
    for (size_t other : placed) {
      if (!overlapInTime(buffers[current], buffers[other]))
        continue;
      if (offset + size <= plan.offsets[other])
        break;
      offset = std::max(offset, plan.offsets[other] + align(buffers[other].bytes));
    }
    plan.offsets[current] = offset;
    plan.bytes = std::max(plan.bytes, offset + size);
    auto position = std::upper_bound(placed.begin(), placed.end(), current,
                                     [&](size_t a, size_t b) { return plan.offsets[a] < plan.offsets[b]; });
    placed.insert(position, current);
  }
  return plan;
}

bool m2c::isValidPlan(const std::vector<BufferLifetime> &buffers, const ArenaPlan &plan) {
  for (size_t a = 0; a < buffers.size(); ++a) {
    if (plan.offsets[a] < 0 || plan.offsets[a] + buffers[a].bytes > plan.bytes)
      return false;
    for (size_t b = 0; b < a; ++b)
      if (overlapInTime(buffers[a], buffers[b]) && plan.offsets[a] < plan.offsets[b] + buffers[b].bytes &&
          plan.offsets[b] < plan.offsets[a] + buffers[a].bytes)
        return false;
  }
  return true;
}
