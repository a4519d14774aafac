// From the last form of the IR to CUDA C++ text.
#pragma once

#include "m2c/Emit/EmitCpp.h"
#include "m2c/Target/CudaTarget.h"

namespace m2c {

/// Prints the module's public function as a program of kernels for `target`, in the form that the Plan station and
/// outline-kernels leave it in for a GPU. Reports what has no kernel.
mlir::FailureOr<EmittedModel> emitCuda(mlir::ModuleOp module, const EmitOptions &options, const CudaTarget &target);

} // namespace m2c
