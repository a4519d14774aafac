// From the last form of the IR to C++ text.
#pragma once

#include "mlir/IR/BuiltinOps.h"
#include <deque>
#include <map>
#include <string>

namespace m2c {

/// Where the weights go.
enum class WeightsMode {
  Embed,  ///< into the object file, by .incbin of OUT.weights
  File,   ///< OUT.weights is mapped when the first instance is made
  Inline, ///< as C++ arrays, whatever their size
};

struct EmitOptions {
  std::string name;        ///< the namespace, and the prefix of the C functions; empty: the function's name
  std::string fileStem;    ///< the name of the files without folder and suffix; empty: `name`
  std::string modelFile;   ///< the model's file name, for the first lines
  std::string modelSha256; ///< its SHA-256
  std::string commandLine; ///< the options given, for the first lines
  std::string march;       ///< what the C++ compiler should be told (-march=...); empty: nothing
  WeightsMode weights = WeightsMode::Embed;
  bool main = false; ///< with a main function
  /// What random inputs are drawn from: input name -> (lowest, highest); from the model's metadata `range.<input>`.
  std::map<std::string, std::pair<double, double>> inputRanges;
};

/// A file of constants, in pieces that lie in the module (which outlives this) or in `own`.
struct WeightsFile {
  llvm::SmallVector<llvm::StringRef> pieces;
  std::deque<std::string> own;
  std::string mark; ///< depends on all bytes
  bool empty() const { return pieces.empty(); }
};

/// The text of the generated files.
struct EmittedModel {
  std::string stem;    ///< of the file names
  std::string source;  ///< stem.cpp
  std::string header;  ///< stem.h
  WeightsFile weights; ///< stem.weights; empty: no such file
};

/// Weights up to this size are printed as arrays even where a file is asked for.
constexpr int64_t inlineWeightBytes = 64 * 1024;

/// Prints the module's public function, in the form that the Plan station and outline-kernels leave it in.
mlir::FailureOr<EmittedModel> emitCpp(mlir::ModuleOp module, const EmitOptions &options);

/// Writes the files, the source with `suffix`, into `folder`: all, or none and an error.
mlir::LogicalResult writeModel(mlir::ModuleOp module, const EmittedModel &files, llvm::StringRef folder,
                               llvm::StringRef suffix);

} // namespace m2c
