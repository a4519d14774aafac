// What m2c inspect says of a model.
#pragma once

#include "m2c/Driver/Compilation.h"
#include <map>

namespace m2c {

struct KernelReport {
  std::string name;               ///< the generated function
  std::string algorithm;          ///< "contract m=1 n=256 k=132, panels of 16"
  std::vector<std::string> nodes; ///< the ONNX nodes in it
  double mflop = 0;
  std::string parts; ///< among how many threads it is split at most; "" for one
};

struct Report {
  std::string model, producer, sha256;
  int64_t irVersion = 0;
  std::map<std::string, int64_t> opsets;
  std::vector<ModelValue> inputs, outputs;
  std::map<std::string, int64_t> operators; ///< with counts
  int64_t parameters = 0;
  // The rest is there only where everything is supported.
  std::vector<std::string> unsupported;
  std::vector<KernelReport> kernels;
  double mflop = 0;
  int64_t weightBytes = 0, arenaBytes = 0;
};

/// What the model holds, from its imported IR.
void describeModel(Compilation &compilation, Report &report);
/// What it became, from the IR after the last stage.
void describeKernels(mlir::ModuleOp module, Report &report);

/// The kernel that a function calls, in words, and its floating point operations in millions.
std::string describeKernel(mlir::Operation *op);
double countMflop(mlir::Operation *op);

void printText(const Report &report, llvm::raw_ostream &os);
void printJson(const Report &report, llvm::raw_ostream &os);

} // namespace m2c
