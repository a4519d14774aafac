#include "m2c/Driver/Generate.h"
#include "m2c/Support/Files.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using namespace m2c;

ExitStatus m2c::succeed(Error error) {
  if (!error)
    return exitOk;
  reportError(toString(std::move(error)));
  return exitUsage;
}

ExitStatus m2c::generate(Compilation &compilation, StringRef stem, bool withMain, EmittedModel &code) {
  // The source names its header and its weights, in texts that have no escapes.
  if (llvm::any_of(stem, [](unsigned char c) { return c < 32 || c == '"' || c == '\\'; }))
    return succeed(createStringError("the name of the output file, '" + stem +
                                     "', has a quote, a backslash or a control character; choose one without"));
  if (ExitStatus status = compilation.runTo(Stage::Emit))
    return status;
  return compilation.emit(stem, withMain, code);
}

std::vector<OutputFile> m2c::listGenerated(const EmittedModel &code, StringRef source) {
  SmallString<128> base = source;
  sys::path::replace_extension(base, "");
  std::vector<OutputFile> files = {{source.str(), code.source}, {(base + ".h").str(), code.header}};
  if (!code.weights.empty())
    files.emplace_back((base + ".weights").str(), code.weights.pieces);
  return files;
}
