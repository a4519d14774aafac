// The target of passes that have it as an option.
#pragma once

#include "m2c/Target/Target.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Location.h"

namespace m2c {

/// Sets `target` to what the option says; an error, as a pass's initialize gives it, for a name that is unknown.
inline mlir::LogicalResult parseTarget(llvm::StringRef march, mlir::MLIRContext *context, Target &target) {
  llvm::Expected<Target> parsed = Target::parse(march);
  if (!parsed)
    return mlir::emitError(mlir::UnknownLoc::get(context)) << llvm::toString(parsed.takeError());
  target = *parsed;
  return mlir::success();
}

} // namespace m2c
