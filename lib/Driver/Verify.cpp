// m2c verify: a model's outputs against ONNX test data.
#include "m2c/Driver/Compare.h"
#include "m2c/Driver/Executable.h"
#include "m2c/Emit/Names.h"
#include "m2c/Support/Files.h"
#include "m2c/Support/Process.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace m2c;

namespace {

class Verifier {
public:
  Verifier(const VerifyOptions &options, Compilation &compilation)
      : options(options), target(compilation.getTarget()), inputs(compilation.getInputs()),
        outputs(compilation.getOutputs()) {
    SmallVector<StringRef> names;
    for (const ModelValue &output : outputs)
      names.push_back(output.name);
    outputFiles = emit::getOutputFileNames(names);
  }

  /// Builds into `folder`, then compares every data set.
  ExitStatus run(Compilation &compilation, const TemporaryFolder &folder);

private:
  ExitStatus runDataSet(StringRef dataSet);
  ExitStatus compareOutput(size_t index, StringRef reference, StringRef actual);

  const VerifyOptions &options;
  const Target &target; // set when the model was imported, before the verifier is made
  std::vector<ModelValue> inputs, outputs;
  std::vector<std::string> outputFiles;
  std::string program, outputFolder;
};

} // namespace

static std::string joinPath(StringRef folder, const Twine &name) {
  SmallString<128> path = folder;
  sys::path::append(path, name);
  return path.str().str();
}

/// The folders test_data_set_N in `folder` in order of N, or `folder` itself where it holds the data.
static std::vector<std::string> findDataSets(StringRef folder) {
  std::vector<std::pair<unsigned, std::string>> found;
  std::error_code error;
  for (sys::fs::directory_iterator it(folder, error), end; it != end && !error; it.increment(error)) {
    StringRef name = sys::path::filename(it->path());
    unsigned number = 0;
    if (name.consume_front("test_data_set_") && !name.getAsInteger(10, number))
      found.emplace_back(number, it->path());
  }
  llvm::sort(found);
  std::vector<std::string> result;
  for (auto &[number, path] : found)
    result.push_back(path);
  if (result.empty() && sys::fs::exists(joinPath(folder, "output_0.pb")))
    result.push_back(folder.str());
  return result;
}

ExitStatus Verifier::compareOutput(size_t index, StringRef reference, StringRef actual) {
  Expected<Tensor> expected = readTensorProto(reference), got = readNpy(actual);
  if (!expected) {
    if (!got)
      consumeError(got.takeError());
    return succeed(expected.takeError());
  }
  if (!got)
    return succeed(got.takeError());
  outs() << "  " << left_justify(outputs[index].name, 24) << " " << left_justify(expected->describe(), 22) << " ";
  if (got->describe() != expected->describe()) {
    outs() << "FAILED: got " << got->describe() << "\n";
    return exitMismatch;
  }
  Comparison result = compare(*got, *expected, options.rtol, options.atol);
  outs() << format("abs %.3g  rel %.3g  ulp %llu  ", result.maxAbsolute, result.maxRelative,
                   static_cast<unsigned long long>(result.maxUlp));
  if (result.mismatches == 0) {
    outs() << "ok\n";
    return exitOk;
  }
  outs() << format("FAILED: %lld of %lld differ, first [%lld]: got %.9g, expected %.9g\n",
                   static_cast<long long>(result.mismatches), static_cast<long long>(result.elements),
                   static_cast<long long>(result.firstMismatch), result.actual, result.expected);
  return exitMismatch;
}

ExitStatus Verifier::runDataSet(StringRef dataSet) {
  std::vector<std::string> command = {program, "--output-dir", outputFolder};
  for (size_t i = 0; i < inputs.size(); ++i) {
    std::string file = joinPath(dataSet, "input_" + Twine(i) + ".pb");
    if (!sys::fs::exists(file))
      return succeed(createStringError("'" + file + "' is missing: the data of input '" + inputs[i].name + "'"));
    command.push_back("--input");
    command.push_back(inputs[i].name + "=" + file);
  }
  Expected<ProcessResult> result = runProcess(command, {.folder = "", .captureOutput = true});
  if (!result)
    return succeed(result.takeError());
  if (result->status != 0) {
    reportError("the model's program ended " + describeEnd(target, result->status) + "\n" + result->output);
    return exitMismatch;
  }
  ExitStatus status = exitOk;
  for (size_t i = 0; i < outputs.size(); ++i) {
    std::string reference = joinPath(dataSet, "output_" + Twine(i) + ".pb");
    if (!sys::fs::exists(reference))
      continue;
    ExitStatus one = compareOutput(i, reference, joinPath(outputFolder, outputFiles[i]));
    status = std::max(status, one);
  }
  return status;
}

ExitStatus Verifier::run(Compilation &compilation, const TemporaryFolder &folder) {
  std::vector<std::string> dataSets = findDataSets(options.testDataDir);
  if (dataSets.empty())
    return succeed(createStringError("'" + options.testDataDir + "' holds no test_data_set_N"));
  EmittedModel code;
  if (ExitStatus status = generate(compilation, compilation.getName(), /*withMain=*/true, code))
    return status;
  program = folder.path("program");
  outputFolder = folder.path("outputs");
  if (ExitStatus status = compileGenerated(compilation, code, program))
    return status;
  sys::fs::create_directory(outputFolder);
  ExitStatus status = exitOk;
  for (const std::string &dataSet : dataSets) {
    outs() << sys::path::filename(dataSet) << "\n";
    status = std::max(status, runDataSet(dataSet));
  }
  return status;
}

int m2c::runVerify(const VerifyOptions &options) {
  Compilation compilation(options);
  if (ExitStatus status = compilation.import())
    return status;
  Verifier verifier(options, compilation);
  Expected<TemporaryFolder> folder = TemporaryFolder::create();
  if (!folder)
    return succeed(folder.takeError());
  return verifier.run(compilation, *folder);
}
