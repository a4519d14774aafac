// Running other programs, without a shell.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace m2c {

struct ProcessOptions {
  std::string folder;         ///< the working directory; empty: this process's
  bool captureOutput = false; ///< collect stdout and stderr instead of passing them through
};

struct ProcessResult {
  int status = 0;     ///< the exit status; 128 + the signal's number where one ended it
  std::string output; ///< what was captured
};

/// Runs `arguments[0]`, found on PATH, and waits. Fails only where the program cannot be started.
llvm::Expected<ProcessResult> runProcess(llvm::ArrayRef<std::string> arguments, const ProcessOptions &options = {});

/// The words of an environment variable such as CXX="ccache g++", or those of `otherwise` where it is unset or empty.
std::vector<std::string> getEnvironmentWords(llvm::StringRef variable, llvm::StringRef otherwise = "");

} // namespace m2c
