// Arithmetic on axes and shapes that inference, evaluation and rewriting share.
#pragma once

#include "m2c/IR/Dim.h"
#include "mlir/Support/LLVM.h"
#include <optional>

namespace m2c::graph {

constexpr int64_t kDynamic = mlir::ShapedType::kDynamic;

/// `axis`, counted from the end if negative, in [0, rank); nothing if it lies outside [-rank, rank).
std::optional<int64_t> normalizeAxis(int64_t axis, int64_t rank);

/// All of `axes` normalized; nothing if one is out of range or given twice.
std::optional<llvm::SmallVector<int64_t>> normalizeAxes(llvm::ArrayRef<int64_t> axes, int64_t rank);

/// One dimension of ONNX's Slice: elements start, start + step, ..., `count` of them.
struct SliceRange {
  int64_t start, step, count;
};

/// Clamps `start` and `end` to a dimension of size `size` as ONNX does; `step` is not 0.
SliceRange resolveSlice(int64_t size, int64_t start, int64_t end, int64_t step);

/// The same with symbols: nothing where the sizes do not decide which way an end is clamped. Sizes known to hold at
/// least the elements asked for are assumed to do so, and `op` gets a check for the run.
struct SymbolicRange {
  Dim start;
  int64_t step;
  Dim count;
};
std::optional<SymbolicRange> resolveSlice(mlir::Operation *op, const Dim &size, const Dim &start, const Dim &end,
                                          const Dim &step);

/// Shape of two operands broadcast together, numpy's way; kDynamic where unknown. Nothing if they do not fit, and then
/// `clash` is the output dimension where.
std::optional<llvm::SmallVector<int64_t>> broadcastShapes(llvm::ArrayRef<int64_t> a, llvm::ArrayRef<int64_t> b,
                                                          size_t *clash = nullptr);

/// Whether `from` can be broadcast to `to` without changing `to`.
bool broadcastsTo(llvm::ArrayRef<int64_t> from, llvm::ArrayRef<int64_t> to);

/// The identity permutation of `rank` dimensions, or reversed, as Transpose's default.
llvm::SmallVector<int64_t> identityPermutation(int64_t rank);
llvm::SmallVector<int64_t> reversePermutation(int64_t rank);
bool isIdentityPermutation(llvm::ArrayRef<int64_t> perm);

} // namespace m2c::graph
