// Driving the C++ compiler over generated code.
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>

namespace m2c {

enum class OutputKind { Executable, SharedLibrary, StaticLibrary, Object };

/// What the suffix of `path` asks for: .so, .a, .o, else an executable.
OutputKind getOutputKind(llvm::StringRef path);

struct CompileJob {
  std::string folder; ///< holds the source, its header and its weights
  std::string source; ///< the file's name inside
  std::string output; ///< the path to make
  std::string march = "native";
  std::string gpuArch = {};  ///< of CUDA C++; empty: it is C++
  std::string includes = {}; ///< a folder to look for headers in; empty: none
};

/// The command that compiles `job`, for those who cache its result.
std::string getCompileCommand(const CompileJob &job);

/// What a tool that ended with another status than 0 said.
struct ToolFailure : llvm::ErrorInfo<ToolFailure> {
  explicit ToolFailure(std::string text) : text(std::move(text)) {}
  void log(llvm::raw_ostream &os) const override { os << text; }
  std::error_code convertToErrorCode() const override { return llvm::inconvertibleErrorCode(); }
  static char ID;
  std::string text;
};

/// Compiles and links or archives by $CXX (else c++) with $CXXFLAGS, and $AR (else ar); CUDA C++ by $NVCC (else nvcc,
/// or a clang) with $NVCCFLAGS. A ToolFailure holds the compiler's words; any other error says why it cannot be
/// started.
llvm::Error compileCpp(const CompileJob &job);

} // namespace m2c
