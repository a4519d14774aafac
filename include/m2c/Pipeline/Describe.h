// What the compiler says of itself, asked of its own registries: the source of docs/Operators.md and docs/Passes.md.
#pragma once

#include "llvm/Support/raw_ostream.h"

namespace m2c {

/// One JSON object per operator of the onnx dialect, a line each: its domain and name, the opset of its newest version,
/// what infers, evaluates and rewrites it, and the lowering patterns rooted at it.
void describeOperators(llvm::raw_ostream &os);

/// One line per station: its name and its pass pipeline, as m2c-opt takes it.
void describeStages(llvm::raw_ostream &os);

} // namespace m2c
