// What several families' decompositions write.
#pragma once

#include "m2c/Graph/Decompose.h"
#include "m2c/Graph/ShapeMath.h"

namespace m2c::graph {

inline std::vector<double> toDoubles(llvm::ArrayRef<float> values) { return {values.begin(), values.end()}; }
inline std::vector<double> toDoubles(llvm::ArrayRef<int64_t> values) { return {values.begin(), values.end()}; }

/// Each head `group` times: [B, H, L, D] -> [B, H * group, L, D]
inline mlir::Value repeatHeads(Composer &c, mlir::Value value, int64_t group) {
  if (group == 1)
    return value;
  llvm::SmallVector<int64_t> shape(Composer::shape(value));
  value = c.reshape(value, {shape[0], shape[1], 1, shape[2], shape[3]});
  value = c.make("Expand", {value, c.ints({shape[0], shape[1], group, shape[2], shape[3]})});
  return c.reshape(value, {shape[0], shape[1] * group, shape[2], shape[3]});
}

/// The transposed matrices.
inline mlir::Value swapLast(Composer &c, mlir::Value value) {
  llvm::SmallVector<int64_t> order = identityPermutation(static_cast<int64_t>(Composer::shape(value).size()));
  std::swap(order[order.size() - 1], order[order.size() - 2]);
  return c.transpose(value, order);
}

/// Those of these attributes that the op has.
inline llvm::SmallVector<mlir::NamedAttribute> keepAttributes(mlir::Operation *op,
                                                              std::initializer_list<llvm::StringRef> names) {
  llvm::SmallVector<mlir::NamedAttribute> kept;
  for (llvm::StringRef name : names)
    if (mlir::Attribute value = op->getAttr(name))
      kept.emplace_back(mlir::StringAttr::get(op->getContext(), name), value);
  return kept;
}

} // namespace m2c::graph
