// Names of ONNX nodes and values travel as locations, through every pass: the location of an op made from a node is
//     loc("node"("result"))                     or, with several results,   loc("node"(fused["y", "h"]))
// and passes that merge ops fuse their locations, the op that makes the result last.
#pragma once

#include "mlir/IR/Location.h"
#include "mlir/IR/Value.h"

namespace m2c::onnx {

/// The location of an op that stands for the node `node` with these results (those it has, not absent ones).
mlir::Location makeNodeLoc(mlir::MLIRContext *context, llvm::StringRef node, llvm::ArrayRef<llvm::StringRef> results);

/// The ONNX nodes that an op was made from, in order; empty if its location has no names.
llvm::SmallVector<llvm::StringRef> getNodeNames(mlir::Location loc);

/// The first of them, or "".
llvm::StringRef getNodeName(mlir::Location loc);

/// The ONNX name of a value: an op result's by the op's location, a block argument's by its own or by `onnx.name`.
/// "" if it has none.
llvm::StringRef getValueName(mlir::Value value);

} // namespace m2c::onnx
