// Models as programs of their own.
#pragma once

#include "m2c/Driver/Generate.h"

namespace m2c {

/// Compiles generated code in a temporary folder to `output`, whose suffix says to what.
ExitStatus compileGenerated(Compilation &compilation, const EmittedModel &code, llvm::StringRef output);

/// Builds the model's executable, or finds it in the cache ($XDG_CACHE_HOME/m2c, keyed by the generated code and the
/// compiler's command), and gives its path.
ExitStatus buildCached(Compilation &compilation, std::string &executable);

/// How a program made for `target` ended, by its exit status: "with status 2", or by which signal and what may be the
/// cause.
std::string describeEnd(const Target &target, int status);

} // namespace m2c
