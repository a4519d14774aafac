// The generated files for GPUs.
#pragma once

#include "Model.h"
#include "m2c/Target/CudaTarget.h"

namespace m2c::emit::cuda {

std::string printHeaderFile(const ModelParts &model, const EmitOptions &options);
mlir::FailureOr<std::string> printSourceFile(ModelParts &model, const EmitOptions &options, const CudaTarget &target,
                                             mlir::Location loc);
/// Whether the weights are arrays of the program rather than a file.
bool hasInlineWeights(const ModelParts &model, const EmitOptions &options);

} // namespace m2c::emit::cuda
