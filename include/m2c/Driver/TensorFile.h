// Tensors in files: NumPy's .npy and ONNX's TensorProto.
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <string>
#include <vector>

namespace m2c {

/// Elements of one type, row-major, little endian.
struct Tensor {
  std::string name;
  std::string type; ///< as NumPy names it: float32, int64, bool ...
  std::vector<int64_t> shape;
  std::string data;

  int64_t numElements() const;
  /// Whether `data` is as large as type and shape say.
  bool isComplete() const;
  /// float32[1,3]
  std::string describe() const;
  /// Element `i` as a double.
  double at(int64_t i) const;
};

/// Bytes of one element of `type`; 0 where it is unknown.
int64_t getElementBytes(llvm::StringRef type);

llvm::Expected<Tensor> readNpy(llvm::StringRef path);
llvm::Expected<Tensor> readTensorProto(llvm::StringRef path);

} // namespace m2c
