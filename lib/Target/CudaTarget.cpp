#include "m2c/Target/CudaTarget.h"

using namespace m2c;
using llvm::StringRef;

namespace {
struct Architecture {
  const char *name, *description;
};
} // namespace

// Tensor cores take tf32 from sm_80 on, and so does cp.async.
static constexpr Architecture architectures[] = {
    {"sm_80", "Ampere, A100"},       {"sm_86", "Ampere, RTX 30"},         {"sm_89", "Ada, RTX 40"},
    {"sm_90", "Hopper, H100, H200"}, {"sm_100", "Blackwell, B100, B200"}, {"sm_120", "Blackwell, RTX 50"}};

llvm::Expected<CudaTarget> CudaTarget::parse(StringRef arch, StringRef math) {
  CudaTarget target;
  if (math != "fp32" && math != "tf32")
    return llvm::createStringError("unknown --cuda-math '" + math + "'; use fp32 or tf32");
  target.math = math == "fp32" ? CudaMath::Fp32 : CudaMath::Tf32;
  std::string names;
  for (const Architecture &known : architectures) {
    if (arch == known.name) {
      target.arch = known.name;
      target.description = known.description;
      return target;
    }
    names += (names.empty() ? "" : ", ") + std::string(known.name);
  }
  return llvm::createStringError("unknown --gpu-arch '" + arch + "'; use one of " + names);
}

StringRef m2c::getMathName(CudaMath math) { return math == CudaMath::Fp32 ? "fp32" : "tf32"; }
