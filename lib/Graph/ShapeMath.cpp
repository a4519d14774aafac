// Arithmetic on axes and shapes.
#include "m2c/Graph/ShapeMath.h"
#include "m2c/IR/Symbols.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;

namespace m2c::graph {

std::optional<int64_t> normalizeAxis(int64_t axis, int64_t rank) {
  if (axis < -rank || axis >= rank)
    return std::nullopt;
  return axis < 0 ? axis + rank : axis;
}

std::optional<SmallVector<int64_t>> normalizeAxes(ArrayRef<int64_t> axes, int64_t rank) {
  SmallVector<int64_t> result;
  for (int64_t axis : axes) {
    auto normal = normalizeAxis(axis, rank);
    if (!normal || llvm::is_contained(result, *normal))
      return std::nullopt;
    result.push_back(*normal);
  }
  return result;
}

SliceRange resolveSlice(int64_t size, int64_t start, int64_t end, int64_t step) {
  auto clamp = [&](int64_t v, int64_t low, int64_t high) {
    if (v < 0)
      v = v < -size ? -1 : v + size; // so that adding cannot overflow and "before the start" stays below 0
    return std::min(std::max(v, low), high);
  };
  if (step > 0) {
    start = clamp(start, 0, size);
    end = clamp(end, 0, size);
    return {start, step, end > start ? (end - start - 1) / step + 1 : 0};
  }
  start = clamp(start, 0, size - 1);
  end = clamp(end, -1, size - 1);
  if (size == 0 || start <= end)
    return {0, step, 0};
  // -(step + 1) + 1 would overflow for the smallest integer only when written as -step.
  uint64_t stride = 0 - uint64_t(step);
  return {start, step, int64_t(uint64_t(start - end - 1) / stride) + 1};
}

std::optional<SymbolicRange> resolveSlice(Operation *op, const Dim &size, const Dim &start, const Dim &end,
                                          const Dim &step) {
  if (size.isUnknown() || start.isUnknown() || end.isUnknown() || !step.isNumber())
    return std::nullopt;
  int64_t by = step.getNumber();
  if (size.isNumber() && start.isNumber() && end.isNumber()) {
    SliceRange range = resolveSlice(size.getNumber(), start.getNumber(), end.getNumber(), by);
    return SymbolicRange{range.start, range.step, range.count};
  }
  constexpr int64_t kOpen = std::numeric_limits<int32_t>::max(); // what exporters write for "to the end"
  // From where counting starts at 0, with a check that it lies within the dimension.
  auto resolve = [&](const Dim &position, bool backwards) -> Dim {
    if (auto number = position.asNumber()) {
      if (*number >= kOpen)
        return backwards ? size - 1 : size;
      if (*number <= -kOpen)
        return backwards ? Dim(-1) : Dim(0);
      if (*number == 0)
        return 0;
      if (*number < 0) {
        addAtMost(op, -*number, size);
        return size + *number;
      }
    }
    if (position != size)
      addAtMost(op, position, size);
    return position;
  };
  Dim first = resolve(start, by < 0), last = resolve(end, by < 0);
  return SymbolicRange{first, by, by > 0 ? (last - first).ceilDiv(by) : (first - last).ceilDiv(-by)};
}

std::optional<SmallVector<int64_t>> broadcastShapes(ArrayRef<int64_t> a, ArrayRef<int64_t> b, size_t *clash) {
  size_t rank = std::max(a.size(), b.size());
  SmallVector<int64_t> result(rank);
  for (size_t d = 0; d < rank; ++d) {
    int64_t x = d + a.size() < rank ? 1 : a[d + a.size() - rank];
    int64_t y = d + b.size() < rank ? 1 : b[d + b.size() - rank];
    if (x == y || y == 1)
      result[d] = x;
    else if (x == 1)
      result[d] = y;
    else if (x == kDynamic || y == kDynamic)
      result[d] = x == kDynamic ? y : x; // a dynamic dimension against n > 1 is 1 or n: n either way
    else {
      if (clash)
        *clash = d;
      return std::nullopt;
    }
  }
  return result;
}

bool broadcastsTo(ArrayRef<int64_t> from, ArrayRef<int64_t> to) {
  auto result = broadcastShapes(from, to);
  return result && ArrayRef<int64_t>(*result) == to;
}

SmallVector<int64_t> identityPermutation(int64_t rank) { return llvm::to_vector(llvm::seq<int64_t>(0, rank)); }

SmallVector<int64_t> reversePermutation(int64_t rank) {
  return llvm::to_vector(llvm::reverse(llvm::seq<int64_t>(0, rank)));
}

bool isIdentityPermutation(ArrayRef<int64_t> perm) { return llvm::equal(perm, llvm::seq<int64_t>(0, perm.size())); }

} // namespace m2c::graph
