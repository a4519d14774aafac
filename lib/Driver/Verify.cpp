// m2c verify: a model's outputs against ONNX test data, or against another model's.
#include "VerifyAgainst.h"
#include "m2c/Driver/Compare.h"
#include "m2c/Driver/ModelProgram.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace m2c;

/// Compares output `index` of the last run with the file of its reference.
static ExitStatus compareOutput(const ModelProgram &program, size_t index, StringRef reference,
                                const VerifyOptions &options) {
  Expected<Tensor> expected = readTensorProto(reference), got = program.readOutput(index);
  if (!expected) {
    if (!got)
      consumeError(got.takeError());
    return succeed(expected.takeError());
  }
  if (!got)
    return succeed(got.takeError());
  outs() << "  " << left_justify(program.getOutputs()[index].name, 24) << " " << left_justify(expected->describe(), 22)
         << " ";
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

static ExitStatus verifyDataSet(ModelProgram &program, const DataSet &dataSet, const VerifyOptions &options) {
  if (ExitStatus status = program.run(dataSet))
    return status;
  ExitStatus status = exitOk;
  for (size_t i = 0; i != program.getOutputs().size(); ++i) {
    SmallString<128> reference(dataSet.path);
    sys::path::append(reference, "output_" + Twine(i) + ".pb");
    if (!sys::fs::exists(reference))
      continue;
    ExitStatus one = compareOutput(program, i, reference, options);
    status = std::max(status, one);
  }
  return status;
}

int m2c::runVerify(const VerifyOptions &options) {
  if (!options.against.empty())
    return verifyAgainst(options);
  Compilation compilation(options);
  if (ExitStatus status = compilation.import())
    return status;
  Expected<std::vector<DataSet>> dataSets = findDataSets(options.testDataDir, compilation.getInputs());
  if (!dataSets)
    return succeed(dataSets.takeError());
  Expected<TemporaryFolder> folder = TemporaryFolder::create();
  if (!folder)
    return succeed(folder.takeError());
  ModelProgram program;
  if (ExitStatus status = program.build(compilation, *folder, "program"))
    return status;
  ExitStatus status = exitOk;
  for (const DataSet &dataSet : *dataSets) {
    outs() << dataSet.getName() << "\n";
    status = std::max(status, verifyDataSet(program, dataSet, options));
  }
  return status;
}
