// m2c convert: a model to C++ source, or to IR.
#include "m2c/Driver/Compilation.h"
#include "m2c/Driver/Generate.h"
#include "m2c/Support/Files.h"
#include "llvm/ADT/SmallVectorExtras.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace m2c;

/// Writes IR to the output, or to stdout where there is none.
static ExitStatus writeIr(Compilation &compilation, StringRef output) {
  compilation.getProgress().clear();
  if (output.empty()) {
    compilation.printIr(outs());
    return exitOk;
  }
  if (ExitStatus status = compilation.checkOutputs({output.str()}))
    return status;
  std::string text;
  raw_string_ostream stream(text);
  compilation.printIr(stream);
  return succeed(writeFiles({{output.str(), text}}));
}

int m2c::runConvert(const ConvertOptions &options) {
  Compilation compilation(options);
  if (ExitStatus status = compilation.import())
    return status;
  std::optional<Stage> print = parseStage(options.emit), last = parseStage(options.stopAfter);
  if (print && (!last || *print <= *last)) {
    if (ExitStatus status = compilation.runTo(*print))
      return status;
    if (ExitStatus status = writeIr(compilation, ""))
      return status;
    if (options.output.empty() && !last)
      return exitOk;
  }
  if (last) {
    if (ExitStatus status = compilation.runTo(*last))
      return status;
    return writeIr(compilation, options.output);
  }

  EmittedModel code;
  if (ExitStatus status = generate(compilation, sys::path::stem(options.output), options.withMain, code))
    return status;
  std::vector<OutputFile> files = listGenerated(code, options.output);
  auto paths = map_to_vector(files, [](const OutputFile &file) { return file.path; });
  if (ExitStatus status = compilation.checkOutputs(paths))
    return status;
  if (ExitStatus status = succeed(writeFiles(files)))
    return status;
  if (!options.quiet)
    errs() << "m2c: " << compilation.describeTarget() << "\n";
  return exitOk;
}
