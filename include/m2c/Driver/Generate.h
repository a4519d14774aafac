// From a model that was read to its C++ files.
#pragma once

#include "m2c/Driver/Compilation.h"
#include "m2c/Support/Files.h"

namespace m2c {

/// exitOk, or exitUsage after reporting the error: for what has to do with files.
ExitStatus succeed(llvm::Error error);

/// Runs all stages and prints C++. The files are called `stem`.cpp, `stem`.h and, where there is one, `stem`.weights.
ExitStatus generate(Compilation &compilation, llvm::StringRef stem, bool withMain, EmittedModel &code);

/// The files: the source as `source`, the header and the weights beside it.
std::vector<OutputFile> listGenerated(const EmittedModel &code, llvm::StringRef source);

} // namespace m2c
