// What the compiler says of itself, asked of its own registries: the source of docs/Operators.md and docs/Passes.md.
#pragma once

#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/raw_ostream.h"
#include <functional>

namespace m2c {

/// One JSON object per operator of the onnx dialect, a line each: its domain and name, the opset of its newest version,
/// what infers, evaluates and rewrites it, and the lowering patterns rooted at it.
void describeOperators(llvm::raw_ostream &os);

/// Whether anything lowers, rewrites, decomposes or evaluates the operators called so ("onnx.Add").
std::function<bool(llvm::StringRef)> getOperatorCheck(mlir::MLIRContext &context);

/// One line per station: its name and its pass pipeline, as m2c-opt takes it.
void describeStages(llvm::raw_ostream &os);

} // namespace m2c
