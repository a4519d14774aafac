#include "m2c/Driver/ModelProgram.h"
#include "m2c/Emit/Names.h"
#include "m2c/Support/Process.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using namespace m2c;

ExitStatus ModelProgram::build(Compilation &compilation, const TemporaryFolder &folder, StringRef stem) {
  target = compilation.getTarget();
  inputs = compilation.getInputs();
  if (ExitStatus status = compilation.runTo(Stage::Graph)) // which knows the outputs' types
    return status;
  outputs = compilation.getOutputs();
  EmittedModel code;
  if (ExitStatus status = generate(compilation, compilation.getName(), /*withMain=*/true, code))
    return status;
  SmallVector<StringRef> names;
  for (const ModelValue &output : outputs)
    names.push_back(output.name);
  outputFiles = emit::getOutputFileNames(names);
  program = folder.path(stem);
  outputFolder = program + "_outputs";
  scratch = program + "_inputs";
  if (ExitStatus status = compileGenerated(compilation, code, program))
    return status;
  for (const std::string &made : {outputFolder, scratch})
    if (std::error_code error = sys::fs::create_directory(made))
      return succeed(createStringError(error, "cannot make '" + made + "': " + error.message()));
  return exitOk;
}

ExitStatus ModelProgram::run(const DataSet &dataSet) {
  Expected<std::vector<std::string>> files = getInputFiles(dataSet, inputs, scratch);
  if (!files)
    return succeed(files.takeError());
  std::vector<std::string> command = {program, "--output-dir", outputFolder};
  for (auto [input, file] : zip_equal(inputs, *files)) {
    command.push_back("--input");
    command.push_back(input.name + "=" + file);
  }
  Expected<ProcessResult> result = runProcess(command, {.folder = "", .captureOutput = true});
  if (!result)
    return succeed(result.takeError());
  if (result->status == 0)
    return exitOk;
  reportError("the model's program ended " + describeEnd(target, result->status) + "\n" + result->output);
  return exitMismatch;
}

Expected<Tensor> ModelProgram::readOutput(size_t i) const {
  SmallString<128> path(outputFolder);
  sys::path::append(path, outputFiles[i]);
  return readNpy(path);
}
