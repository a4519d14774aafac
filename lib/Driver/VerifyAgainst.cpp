#include "VerifyAgainst.h"
#include "m2c/Driver/ModelProgram.h"
#include "m2c/Driver/Similarity.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace m2c;

namespace {

class Comparer {
public:
  explicit Comparer(const VerifyOptions &options) : options(options), reference(options) {
    reference.model = options.against;
    reference.name.clear();
  }

  ExitStatus run();

private:
  ExitStatus checkInterfaces(Compilation &ours, Compilation &theirs) const;
  ExitStatus compareDataSet(const DataSet &dataSet);
  ExitStatus print() const;

  const VerifyOptions &options;
  ModelOptions reference;
  ModelProgram actual, expected;
  std::vector<Similarity> outputs;                         // over all data sets
  std::vector<std::pair<std::string, Similarity>> byInput; // over all outputs
};

} // namespace

/// Both have the same inputs and outputs, by position as ONNX's test data has them.
ExitStatus Comparer::checkInterfaces(Compilation &ours, Compilation &theirs) const {
  auto check = [&](StringRef what, ArrayRef<ModelValue> here, ArrayRef<ModelValue> there) {
    auto list = [](ArrayRef<ModelValue> values) {
      return values.empty() ? std::string("none")
                            : join(map_range(values, [](const ModelValue &v) { return v.name + " " + v.type; }), ", ");
    };
    bool isSame =
        here.size() == there.size() && llvm::all_of(zip_equal(here, there), [](auto pair) {
          return std::get<0>(pair).name == std::get<1>(pair).name && std::get<0>(pair).type == std::get<1>(pair).type;
        });
    if (isSame)
      return exitOk;
    reportError("'" + options.model + "' has the " + what + " " + list(here) + ", but '" + options.against + "' has " +
                list(there) + "; compare models that were made of the same one");
    return exitBadModel;
  };
  ExitStatus inputs = check("inputs", ours.getInputs(), theirs.getInputs());
  return inputs ? inputs : check("outputs", ours.getOutputs(), theirs.getOutputs());
}

ExitStatus Comparer::compareDataSet(const DataSet &dataSet) {
  if (ExitStatus status = actual.run(dataSet))
    return status;
  if (ExitStatus status = expected.run(dataSet))
    return status;
  Similarity all;
  for (size_t i = 0; i != outputs.size(); ++i) {
    Expected<Tensor> got = actual.readOutput(i), wanted = expected.readOutput(i);
    if (!got || !wanted)
      return succeed(
          joinErrors(got ? Error::success() : got.takeError(), wanted ? Error::success() : wanted.takeError()));
    Similarity one;
    one.add(*got, *wanted);
    outputs[i].add(one);
    all.add(one);
  }
  byInput.emplace_back(dataSet.getName().str(), all);
  return exitOk;
}

static std::string describe(const Similarity &similarity) {
  std::string text;
  raw_string_ostream os(text);
  os << format("SNR %.2f dB  error %.3g  cosine %.6f", similarity.getSnr(), similarity.getError(),
               similarity.getCosine());
  if (std::optional<double> share = similarity.getTopOneAgreement())
    os << format("  top-1 %.1f %%", *share * 100);
  return text;
}

ExitStatus Comparer::print() const {
  outs() << byInput.size() << (byInput.size() == 1 ? " data set\n" : " data sets\n");
  ExitStatus status = exitOk;
  for (auto [output, similarity] : zip_equal(actual.getOutputs(), outputs)) {
    outs() << "  " << left_justify(output.name, 24) << " " << left_justify(output.type, 22) << " "
           << describe(similarity);
    bool isNear = similarity.getSnr() >= options.minSnr;
    if (options.minSnr > 0 && isNear)
      outs() << "  ok";
    if (options.minSnr > 0 && !isNear) {
      outs() << format("  FAILED: below %.2f dB", options.minSnr);
      status = exitMismatch;
    }
    outs() << "\n";
  }
  std::vector<std::pair<double, size_t>> worst;
  for (auto [i, one] : enumerate(byInput))
    worst.emplace_back(one.second.getSnr(), i);
  llvm::sort(worst);
  constexpr size_t kNamed = 3;
  outs() << "worst inputs\n";
  for (auto [snr, i] : ArrayRef(worst).take_front(kNamed))
    outs() << "  " << left_justify(byInput[i].first, 24) << " " << describe(byInput[i].second) << "\n";
  return status;
}

ExitStatus Comparer::run() {
  Compilation ours(options), theirs(reference);
  for (Compilation *compilation : {&ours, &theirs}) {
    if (ExitStatus status = compilation->import())
      return status;
    if (ExitStatus status = compilation->runTo(Stage::Graph)) // which knows the outputs' types
      return status;
  }
  if (ExitStatus status = checkInterfaces(ours, theirs))
    return status;
  Expected<std::vector<DataSet>> dataSets = findDataSets(options.testDataDir, ours.getInputs());
  if (!dataSets)
    return succeed(dataSets.takeError());
  Expected<TemporaryFolder> folder = TemporaryFolder::create();
  if (!folder)
    return succeed(folder.takeError());
  if (ExitStatus status = actual.build(ours, *folder, "model"))
    return status;
  if (ExitStatus status = expected.build(theirs, *folder, "reference"))
    return status;
  outputs.resize(actual.getOutputs().size());
  for (const DataSet &dataSet : *dataSets)
    if (ExitStatus status = compareDataSet(dataSet))
      return status;
  return print();
}

int m2c::verifyAgainst(const VerifyOptions &options) { return Comparer(options).run(); }
