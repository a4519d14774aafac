// The compiler's road: the only place that knows the order of the passes.
#pragma once

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Pass/PassManager.h"

namespace m2c {

/// All dialects that m2c's IR uses, with the interface models that its passes need.
void registerDialects(mlir::DialectRegistry &registry);

/// All passes, m2c's and those of upstream that tests and the pipeline name, for textual pipelines.
void registerPasses();

} // namespace m2c
