// The GPUs that CUDA code is made for.
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>

namespace m2c {

/// The arithmetic of matrix products on float32 data.
enum class CudaMath {
  Fp32, ///< as the CPU's
  Tf32, ///< on tensor cores: factors rounded to 10 bits of fraction, sums in float32
};

struct CudaTarget {
  std::string arch;        ///< as nvcc's -arch spells it, "sm_80"
  std::string description; ///< "Ampere, A100"
  CudaMath math = CudaMath::Tf32;

  /// The target of an architecture and an arithmetic ("fp32", "tf32"). Fails for names that are unknown.
  static llvm::Expected<CudaTarget> parse(llvm::StringRef arch, llvm::StringRef math);
};

/// "fp32", "tf32"
llvm::StringRef getMathName(CudaMath math);

} // namespace m2c
