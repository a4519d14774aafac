// Legal, unique C++ identifiers from ONNX names.
#pragma once

#include "mlir/IR/Location.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include <string>
#include <vector>

namespace m2c::emit {

/// Whether C++ or the C library's global names forbid `name` as an identifier of the generated code.
bool isReservedName(llvm::StringRef name);

/// `name` as an identifier: other characters become _, a digit in front gets one before it, reserved names one behind.
std::string legalizeName(llvm::StringRef name);

/// The .npy files that a model's program writes its outputs to: their names with characters outside A-Za-z0-9_.- as _,
/// numbered where that makes two equal.
std::vector<std::string> getOutputFileNames(llvm::ArrayRef<llvm::StringRef> outputs);

/// Identifiers of one scope, each given out once.
class NameScope {
public:
  explicit NameScope(const NameScope *outer = nullptr) : outer(outer) {}
  /// `hint` made legal and, where taken, numbered: x, x_2, x_3.
  std::string unique(llvm::StringRef hint);
  bool contains(llvm::StringRef name) const { return used.contains(name) || (outer && outer->contains(name)); }

private:
  const NameScope *outer;
  llvm::StringSet<> used;
  llvm::StringMap<unsigned> next;
};

/// The names of the ONNX nodes that `loc` was made from, in order, each once.
llvm::SmallVector<llvm::StringRef> getNodeNames(mlir::Location loc);

/// A short identifier for a kernel made of these nodes: the first node's name without repeated scopes, then what the
/// others do. {"/layers/layers.0/Gemm", "/act/Relu"} gives "layers_0_gemm_relu".
std::string getKernelName(llvm::ArrayRef<llvm::StringRef> nodes);

/// The ONNX name of the value that the op with this location makes, shortened likewise: "h", "layers_0_gemm"; "" if
/// unknown.
std::string getBufferName(mlir::Location loc);

} // namespace m2c::emit
