// m2c build and m2c run: a model to a program.
#include "m2c/Driver/CppCompiler.h"
#include "m2c/Driver/Executable.h"
#include "m2c/Support/Files.h"
#include "m2c/Support/Process.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace m2c;

int m2c::runBuild(const BuildOptions &options) {
  Compilation compilation(options);
  if (ExitStatus status = compilation.import())
    return status;
  if (ExitStatus status = compilation.checkOutputs({options.output}))
    return status;
  bool isProgram = getOutputKind(options.output) == OutputKind::Executable;
  EmittedModel code;
  std::string stem = isProgram ? sys::path::stem(options.output).str() : compilation.getName();
  if (ExitStatus status = generate(compilation, stem, isProgram, code))
    return status;
  if (ExitStatus status = compileGenerated(compilation, code, options.output))
    return status;
  if (!isProgram) { // who links it needs the header
    SmallString<128> header(sys::path::parent_path(options.output));
    sys::path::append(header, stem + ".h");
    if (ExitStatus status = succeed(writeFiles({{header.str().str(), code.header}})))
      return status;
  }
  if (!options.quiet)
    errs() << "m2c: " << compilation.describeTarget() << "\n";
  return exitOk;
}

int m2c::runRun(const RunOptions &options) {
  Compilation compilation(options);
  if (ExitStatus status = compilation.import())
    return status;
  std::vector<std::string> command(1);
  if (ExitStatus status = buildCached(compilation, command.front()))
    return status;
  append_range(command, options.arguments);
  Expected<ProcessResult> result = runProcess(command);
  if (!result)
    return succeed(result.takeError());
  if (result->status > 128)
    reportError("the model's program ended " + describeEnd(compilation.getTarget(), result->status));
  return result->status;
}
