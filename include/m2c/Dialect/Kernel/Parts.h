// Operations whose work is split: attributes that the Plan station sets and the printer follows.
#pragma once

#include "m2c/IR/Dim.h"
#include "mlir/IR/Operation.h"

namespace m2c {

/// On an operation: how many parts it is worth splitting into at most, as a list of one size (affine_map<() -> (4)>).
constexpr llvm::StringLiteral partsAttrName = "m2c.parts";
/// On a split contraction: the batch dimension that is split (i64); not there where the matrix product itself is.
constexpr llvm::StringLiteral splitDimAttrName = "m2c.split_dim";
/// On the allocation of a buffer, later on the view of the arena and on the argument of the kernel's function: each
/// part has its own.
constexpr llvm::StringLiteral ownAttrName = "m2c.own";

/// The most parts of `op`; nothing for one that is not split.
std::optional<Dim> getParts(mlir::Operation *op);
void setParts(mlir::Operation *op, const Dim &parts);

} // namespace m2c
