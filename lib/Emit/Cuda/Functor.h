// Functors of device code: what kernels do to elements, printed as structs with the pointers and scalars that they
// need.
//
//   struct fc1_relu_finish {
//     const float* bias;
//     M2CRT_DEVICE float operator()(float acc, rt::idx, rt::idx, rt::idx n) const { return rt::relu(acc + bias[n]); }
//   };
#pragma once

#include "m2c/Emit/Cpp/Expression.h"

namespace m2c::emit::cuda {

/// A functor in the making. `host` prints the function that launches the kernel.
class Functor {
public:
  Functor(Printer &host, llvm::StringRef hint) : host(host), deviceCode(host.state()), hint(hint.str()) {}

  /// The buffer as the functor's code sees it: a member holds its pointer.
  Buffer buffer(const Buffer &view);
  Buffer buffer(mlir::Value memref) { return buffer(host.buffer(memref)); }
  /// Makes known what the operations of `block` use from around it.
  void capture(mlir::Block &block);
  void capture(mlir::Value value);
  /// What prints the functor's code.
  Printer &device() { return deviceCode; }
  /// Prints the struct, with `functions` behind its members, and returns the text that makes one in the host's
  /// function.
  std::string finish(llvm::StringRef functions);

private:
  std::string member(const std::string &type, const std::string &value, llvm::StringRef name);

  struct Member {
    std::string type, name, value;
  };
  Printer &host;
  Printer deviceCode;
  std::string hint;
  llvm::SmallVector<Member> members;
};

/// The epilogue of `op` as a functor that is called with (acc, parameters...); `indices` are the indices of its domain
/// in terms of these. Without them: the indices are the parameters.
std::string printEpilogue(kernel::KernelOpInterface op, Printer &printer);
std::string printEpilogue(kernel::KernelOpInterface op, Printer &printer, llvm::ArrayRef<llvm::StringRef> parameters,
                          llvm::ArrayRef<std::string> indices);

/// The digits of `number` (a name) in the mixed base `extents`, the last one counting fastest, as factors of products:
/// "i / 12", "(i / 4 % 3)", "(i % 4)". Digits that are always 0 are "0".
llvm::SmallVector<std::string> splitIndex(llvm::StringRef number, llvm::ArrayRef<int64_t> extents);

/// Fails where there are more matrices than a grid of blocks has place for.
mlir::LogicalResult checkBatches(mlir::Operation *op, int64_t batches);

/// Fails where an op's elements are not all of the same type.
mlir::LogicalResult checkSameElements(mlir::Operation *op, llvm::ArrayRef<Buffer> buffers);

// What is launched in another way than C++ calls it. The other families' emitters serve both languages.
void registerContractEmitters(EmitterRegistry &registry);
void registerRowEmitters(EmitterRegistry &registry);  // softmax, normalize, arg_reduce
void registerCopyEmitters(EmitterRegistry &registry); // copy, transpose, pad_border
void registerAttentionEmitters(EmitterRegistry &registry);

/// Prints linalg operations: a thread per element, a block per sum.
mlir::LogicalResult printStructured(mlir::Operation *op, Printer &printer);

/// CUDA C++.
const Language &getLanguage();

} // namespace m2c::emit::cuda
