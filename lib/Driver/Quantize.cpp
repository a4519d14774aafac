// m2c quantize: a float model to one with QuantizeLinear and DequantizeLinear.
//
// The model is compiled with the values to observe as outputs and run on the calibration data; then the quantised model
// is compiled likewise and both are compared, value by value.
#include "m2c/Quantize/Quantize.h"
#include "QuantizeReport.h"
#include "m2c/Driver/ModelProgram.h"
#include "m2c/Driver/Similarity.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using namespace m2c;
using quantize::ActivationType;
using quantize::WeightType;

namespace {

/// How a quantised model differs from the float one over the calibration data.
struct Difference {
  double error = 0;             ///< of the model's outputs
  StringMap<Similarity> values; ///< that both models have
};

class Quantizer {
public:
  explicit Quantizer(const QuantizeOptions &options)
      : options(options), programOptions(options), context(mlir::MLIRContext::Threading::DISABLED),
        diagnostics(&context, options.model) {
    programOptions.optimize = 1; // what takes the C++ compiler longest pays only in long runs
  }

  ExitStatus run();

private:
  ExitStatus readOptions();
  ExitStatus readModel();
  ExitStatus findFloats();
  ExitStatus buildProgram(const ModelFile &model, ArrayRef<std::string> values, StringRef stem, ModelProgram &program);
  ExitStatus collectRanges();
  ExitStatus observe(const DataSet &dataSet, StringMap<quantize::Histogram> &histograms);
  ExitStatus quantizeBy(const quantize::Plan &plan, std::optional<ModelFile> &result);
  ExitStatus compare(const ModelFile &quantized, StringRef stem, Difference &difference);
  ExitStatus compareDataSet(const DataSet &dataSet, ModelProgram &quantized, Difference &difference,
                            StringMap<Similarity> &modelOutputs);
  ExitStatus evaluate(const quantize::Plan &plan, std::optional<ModelFile> &quantized, Difference &difference);
  ExitStatus rankLayers(std::vector<size_t> &ranked);
  ExitStatus meetBudget(quantize::Plan &plan, std::optional<ModelFile> &quantized, Difference &difference);
  ExitStatus write(const ModelFile &result);
  void report(const quantize::Plan &plan, const Difference *difference);
  std::vector<std::string> listObserved() const;

  const QuantizeOptions &options;
  ModelOptions programOptions;
  quantize::Options rules;
  quantize::CalibrationOptions calibration;
  mlir::MLIRContext context;
  DiagnosticPrinter diagnostics;
  std::optional<TemporaryFolder> folder;
  std::optional<ModelFile> model;
  std::vector<std::string> modelOutputs;
  StringSet<> floats;
  quantize::Plan possible; ///< with all layers that there are
  quantize::Plan whole;    ///< with those that the options allow
  std::vector<DataSet> dataSets;
  ModelProgram program; ///< of the float model, with the observed values as outputs
  StringMap<quantize::Range> ranges;
  StringMap<double> alone; ///< by the layers' outputs: the signal-to-noise ratio where only that layer is quantised
  QuantizeReport result;
};

} // namespace

static ExitStatus refuse(const Twine &message) {
  reportError(message);
  return exitBadModel;
}

ExitStatus Quantizer::readOptions() {
  rules.activations = StringSwitch<ActivationType>(options.activations)
                          .Case("uint8", ActivationType::Uint8)
                          .Case("int8", ActivationType::Int8)
                          .Default(ActivationType::None);
  StringRef weights = options.weights;
  if (weights == "none") {
    rules.weights = WeightType::None;
  } else if (weights.consume_front("int4:block")) {
    rules.weights = WeightType::Int4;
    if (weights.getAsInteger(10, rules.blockSize) || rules.blockSize < 2)
      return refuse("--weights '" + options.weights + "': the block size is no number of at least 2; use int4:block32");
  } else if (weights != "int8") {
    return refuse("--weights '" + options.weights + "' is unknown; use int8, int4:block32 or none");
  }
  bool weightsOnly = rules.activations == ActivationType::None;
  if (weightsOnly && rules.weights == WeightType::None)
    return refuse("--activations none and --weights none leave nothing to quantise");
  if (!weightsOnly && rules.weights == WeightType::Int4)
    return refuse("--weights " + options.weights +
                  " needs --activations none: products of integers have one scale for "
                  "a whole sum, and blocks have several");
  if (!weightsOnly && options.calibrationDir.empty())
    return refuse("--calib is missing: the folder with data sets that the ranges of --activations " +
                  options.activations + " are taken from; --activations none quantises weights only");
  if (options.errorBudget && options.calibrationDir.empty())
    return refuse("--error-budget needs --calib: the data sets that the error is measured with");
  for (const std::string &name : options.excluded)
    rules.floatNodes.insert(name);
  rules.keepFirst = is_contained(options.keepFloat, "first");
  rules.keepLast = is_contained(options.keepFloat, "last");
  calibration.method = StringSwitch<quantize::Method>(options.method)
                           .Case("percentile", quantize::Method::Percentile)
                           .Case("mse", quantize::Method::Mse)
                           .Case("entropy", quantize::Method::Entropy)
                           .Default(quantize::Method::MinMax);
  rules.searchesWeightScales = calibration.method == quantize::Method::Mse;
  calibration.percentile = options.percentile;
  calibration.type = rules.activations;
  return exitOk;
}

/// What the file holds, checked as by every other command, and made ready.
ExitStatus Quantizer::readModel() {
  context.loadDialect<mlir::func::FuncDialect>();
  mlir::FailureOr<ModelFile> read = ModelFile::read(options.model, context);
  if (failed(read))
    return exitBadModel;
  model.emplace(std::move(*read));
  Compilation check(programOptions);
  if (ExitStatus status = check.import(*model))
    return status;
  std::vector<std::string> outputs = {options.output};
  if (options.externalData)
    outputs.push_back(options.output + ".data");
  if (ExitStatus status = check.checkOutputs(outputs))
    return status;
  for (const ModelValue &output : check.getOutputs())
    modelOutputs.push_back(output.name);
  for (const ModelValue &input : check.getInputs())
    if (input.isDynamic && rules.activations != ActivationType::None)
      return refuse(options.model + ": input '" + input.name + "' is " + input.type +
                    ", but m2c measures quantised activations with known sizes only; pin them with --dim NAME=SIZE or "
                    "--shape, which leaves them open in the model that is written");
  if (!options.calibrationDir.empty()) {
    Expected<std::vector<DataSet>> found = findDataSets(options.calibrationDir, check.getInputs());
    if (!found)
      return refuse("--calib: " + toString(found.takeError()));
    dataSets = std::move(*found);
  }
  if (failed(model->sortNodes(context)) || failed(quantize::prepare(*model, rules, context)))
    return exitBadModel;
  mlir::FailureOr<unsigned> folded = quantize::foldBatchNormalization(*model, context);
  if (failed(folded))
    return exitBadModel;
  result.foldedNorms = *folded;
  return exitOk;
}

/// The values that layers may be made of have types only where shape inference has come by.
ExitStatus Quantizer::findFloats() {
  Compilation compilation(programOptions);
  if (ExitStatus status = compilation.import(quantize::addOutputs(*model, quantize::listCandidates(*model))))
    return status;
  if (ExitStatus status = compilation.runTo(Stage::Graph))
    return status;
  for (const ModelValue &output : compilation.getOutputs())
    if (StringRef(output.type).starts_with("float32"))
      floats.insert(output.name);
  return exitOk;
}

ExitStatus Quantizer::buildProgram(const ModelFile &file, ArrayRef<std::string> values, StringRef stem,
                                   ModelProgram &built) {
  Compilation compilation(programOptions);
  if (ExitStatus status = compilation.import(quantize::addOutputs(file, values)))
    return status;
  return built.build(compilation, *folder, stem);
}

/// Integers-to-be and the outputs of layers.
std::vector<std::string> Quantizer::listObserved() const {
  std::vector<std::string> values = whole.values;
  for (const quantize::Layer &layer : possible.layers)
    for (const std::string &output : layer.outputs)
      if (!is_contained(values, output))
        values.push_back(output);
  return values;
}

ExitStatus Quantizer::observe(const DataSet &dataSet, StringMap<quantize::Histogram> &histograms) {
  if (ExitStatus status = program.run(dataSet))
    return status == exitMismatch ? refuse("--calib: data set '" + dataSet.path + "' does not fit the model")
                                  : exitBadModel;
  for (auto [i, value] : enumerate(program.getOutputs())) {
    auto found = histograms.find(value.name);
    if (found == histograms.end())
      continue;
    Expected<Tensor> tensor = program.readOutput(i);
    if (!tensor)
      return succeed(tensor.takeError());
    ArrayRef elements(reinterpret_cast<const float *>(tensor->data.data()), tensor->data.size() / sizeof(float));
    if (!found->second.add(elements))
      return refuse(
          "value '" + value.name + "' is infinite or no number for data set '" + dataSet.path +
          "', so it has no range; leave that data set out, or keep the nodes that read it float with --exclude");
  }
  return exitOk;
}

ExitStatus Quantizer::collectRanges() {
  std::vector<std::string> observed = listObserved();
  if (ExitStatus status = buildProgram(*model, observed, "float", program))
    return status;
  StringMap<quantize::Histogram> histograms;
  for (const std::string &value : whole.values)
    histograms[value];
  for (const DataSet &dataSet : dataSets)
    if (ExitStatus status = observe(dataSet, histograms))
      return status;
  for (const std::string &value : whole.values)
    ranges[value] = quantize::calibrate(histograms[value], calibration);
  return exitOk;
}

ExitStatus Quantizer::quantizeBy(const quantize::Plan &plan, std::optional<ModelFile> &quantized) {
  StringMap<quantize::Range> shared = ranges;
  quantize::shareRanges(plan, shared);
  mlir::FailureOr<ModelFile> rewritten = quantize::rewrite(*model, plan, rules, shared, context);
  if (failed(rewritten))
    return exitBadModel;
  quantized.emplace(std::move(*rewritten));
  return exitOk;
}

ExitStatus Quantizer::compareDataSet(const DataSet &dataSet, ModelProgram &quantized, Difference &difference,
                                     StringMap<Similarity> &ofOutputs) {
  if (ExitStatus status = program.run(dataSet))
    return status;
  if (ExitStatus status = quantized.run(dataSet))
    return status;
  StringMap<size_t> places;
  for (auto [i, value] : enumerate(quantized.getOutputs()))
    places[value.name] = i;
  for (auto [i, value] : enumerate(program.getOutputs())) {
    auto place = places.find(value.name);
    if (place == places.end())
      continue;
    Expected<Tensor> reference = program.readOutput(i), actual = quantized.readOutput(place->second);
    if (!reference || !actual)
      return succeed(joinErrors(reference ? Error::success() : reference.takeError(),
                                actual ? Error::success() : actual.takeError()));
    Similarity one;
    one.add(*actual, *reference);
    difference.values[value.name].add(one);
    if (is_contained(modelOutputs, value.name))
      ofOutputs[value.name].add(one);
  }
  return exitOk;
}

ExitStatus Quantizer::compare(const ModelFile &quantized, StringRef stem, Difference &difference) {
  ModelProgram other;
  if (ExitStatus status = buildProgram(quantized, listObserved(), stem, other))
    return status;
  StringMap<Similarity> ofOutputs;
  for (const DataSet &dataSet : dataSets)
    if (ExitStatus status = compareDataSet(dataSet, other, difference, ofOutputs))
      return status;
  for (const auto &output : ofOutputs) // the worst one
    difference.error = std::max(difference.error, output.second.getError());
  return exitOk;
}

ExitStatus Quantizer::evaluate(const quantize::Plan &plan, std::optional<ModelFile> &quantized,
                               Difference &difference) {
  if (ExitStatus status = quantizeBy(plan, quantized))
    return status;
  return dataSets.empty() ? exitOk : compare(*quantized, "quantized", difference);
}

//===- The error budget -===//

/// The layers' nodes, the most sensitive one first: the one whose output suffers most where only it is quantised.
ExitStatus Quantizer::rankLayers(std::vector<size_t> &ranked) {
  StringMap<quantize::Range> shared = ranges;
  quantize::shareRanges(whole, shared);
  std::vector<std::pair<std::string, std::string>> copies;
  mlir::FailureOr<ModelFile> isolated = quantize::isolate(*model, whole, rules, shared, copies, context);
  if (failed(isolated))
    return exitBadModel;
  std::vector<std::string> values;
  for (const auto &[output, copy] : copies) {
    values.push_back(output);
    values.push_back(copy);
  }
  ModelProgram both;
  if (ExitStatus status = buildProgram(*isolated, values, "isolated", both))
    return status;
  StringMap<size_t> places;
  for (auto [i, value] : enumerate(both.getOutputs()))
    places[value.name] = i;
  StringMap<Similarity> similarities;
  for (const DataSet &dataSet : dataSets) {
    if (ExitStatus status = both.run(dataSet))
      return status;
    for (const auto &[output, copy] : copies) {
      Expected<Tensor> reference = both.readOutput(places[output]), actual = both.readOutput(places[copy]);
      if (!reference || !actual)
        return succeed(joinErrors(reference ? Error::success() : reference.takeError(),
                                  actual ? Error::success() : actual.takeError()));
      similarities[output].add(*actual, *reference);
    }
  }
  std::vector<std::pair<double, size_t>> bySnr;
  for (const quantize::Layer &layer : whole.layers) {
    if (layer.kind == quantize::LayerKind::Move)
      continue;
    double snr = similarities[layer.outputs.front()].getSnr();
    alone[layer.outputs.front()] = snr;
    bySnr.emplace_back(snr, layer.node);
  }
  llvm::sort(bySnr);
  for (auto [snr, node] : bySnr)
    ranked.push_back(node);
  return exitOk;
}

/// Leaves as few of the most sensitive layers float as the budget needs: doubles their number until the error fits,
/// then halves the step between.
ExitStatus Quantizer::meetBudget(quantize::Plan &plan, std::optional<ModelFile> &quantized, Difference &difference) {
  result.errorOfAll = difference.error;
  std::vector<size_t> ranked;
  if (ExitStatus status = rankLayers(ranked))
    return status;
  if (difference.error <= *options.errorBudget)
    return exitOk;
  bool isMet = false;
  auto attempt = [&](size_t count, bool &fits) -> ExitStatus {
    rules.floatLayers.clear();
    rules.floatLayers.insert(ranked.begin(), ranked.begin() + static_cast<ptrdiff_t>(count));
    quantize::Plan tried = quantize::makePlan(*model, rules, floats);
    fits = tried.layers.empty(); // then there is no error, and nothing is left of the quantisation
    if (fits)
      return exitOk;
    std::optional<ModelFile> found;
    Difference measured;
    if (ExitStatus status = evaluate(tried, found, measured))
      return status;
    fits = measured.error <= *options.errorBudget;
    if (fits) {
      plan = std::move(tried);
      quantized.emplace(std::move(*found));
      difference = std::move(measured);
      isMet = true;
    }
    return exitOk;
  };
  size_t tooFew = 0, enough = 0; // layers that stay float
  for (bool fits = false; !fits;) {
    enough = std::min(ranked.size(), tooFew == 0 ? 1 : 2 * tooFew);
    if (ExitStatus status = attempt(enough, fits))
      return status;
    if (!fits)
      tooFew = enough;
  }
  while (enough - tooFew > 1) {
    size_t middle = tooFew + (enough - tooFew) / 2;
    bool fits = false;
    if (ExitStatus status = attempt(middle, fits))
      return status;
    (fits ? enough : tooFew) = middle;
  }
  if (isMet)
    return exitOk;
  std::string text;
  raw_string_ostream(text) << format(
      "--error-budget %g cannot be met with any layer quantised, and with all the error is "
      "%.4g; choose a larger budget or another --method",
      *options.errorBudget, *result.errorOfAll);
  return refuse(text);
}

void Quantizer::report(const quantize::Plan &plan, const Difference *difference) {
  StringMap<quantize::Range> shared = ranges;
  quantize::shareRanges(plan, shared);
  DenseMap<size_t, const quantize::Layer *> kept;
  for (const quantize::Layer &layer : plan.layers)
    kept[layer.node] = &layer;
  StringSet<> integers;
  for (const std::string &value : plan.values)
    integers.insert(value);
  auto describe = [&](const std::string &value, bool isInteger) {
    QuantizedValue described{value, {}, {}};
    if (auto found = shared.find(value); found != shared.end())
      described.range = found->second;
    if (isInteger && integers.contains(value))
      described.affine = quantize::chooseAffine(*described.range, rules.activations);
    return described;
  };
  for (const quantize::Layer &layer : possible.layers) {
    QuantizedLayer line;
    line.node = quantize::getNodeName(*model, layer.node);
    line.op = quantize::getOperator(*model, layer.node);
    const quantize::Layer *quantized = kept.lookup(layer.node);
    line.isQuantized = quantized != nullptr;
    for (const std::string &value : quantize::listActivations(*model, layer))
      line.inputs.push_back(describe(value, line.isQuantized));
    line.output = describe(layer.outputs.front(), quantized && quantized->quantizesOutput);
    if (difference)
      line.snr = difference->values.lookup(layer.outputs.front()).getSnr();
    if (auto found = alone.find(layer.outputs.front()); found != alone.end() && layer.kind != quantize::LayerKind::Move)
      line.alone = found->second;
    result.layers.push_back(std::move(line));
  }
  if (difference)
    result.error = difference->error;
}

ExitStatus Quantizer::write(const ModelFile &quantized) {
  std::string text, data, dataPath = options.output + ".data";
  if (failed(quantize::serialize(quantized, sys::path::filename(dataPath), options.externalData, context, text, data)))
    return exitBadModel;
  std::vector<OutputFile> files = {{options.output, text}};
  if (!data.empty())
    files.push_back({dataPath, data});
  result.bytes = text.size() + data.size();
  result.bytesBefore = quantize::getModelBytes(*model);
  return succeed(writeFiles(files));
}

ExitStatus Quantizer::run() {
  if (ExitStatus status = readOptions())
    return status;
  if (ExitStatus status = readModel())
    return status;
  if (ExitStatus status = findFloats())
    return status;
  whole = quantize::makePlan(*model, rules, floats);
  quantize::Options withoutExceptions = rules;
  withoutExceptions.floatNodes.clear();
  withoutExceptions.keepFirst = withoutExceptions.keepLast = false;
  possible = quantize::makePlan(*model, withoutExceptions, floats);
  if (whole.layers.empty())
    return refuse(options.model + ": no Conv, ConvTranspose, Gemm or MatMul of float32 is left to quantise; "
                                  "float16 models have to be float32, and --exclude and --keep-float leave some");
  Expected<TemporaryFolder> made = TemporaryFolder::create();
  if (!made)
    return succeed(made.takeError());
  folder.emplace(std::move(*made));
  if (!dataSets.empty())
    if (ExitStatus status = collectRanges())
      return status;
  quantize::Plan plan = whole;
  std::optional<ModelFile> quantized;
  Difference difference;
  if (ExitStatus status = evaluate(plan, quantized, difference))
    return status;
  if (options.errorBudget)
    if (ExitStatus status = meetBudget(plan, quantized, difference))
      return status;
  if (ExitStatus status = write(*quantized))
    return status;
  result.model = options.model;
  result.output = options.output;
  result.dataSets = dataSets.size();
  report(plan, dataSets.empty() ? nullptr : &difference);
  if (options.json)
    printJson(result, options, outs());
  else if (!options.quiet)
    printText(result, options, outs());
  return exitOk;
}

int m2c::runQuantize(const QuantizeOptions &options) { return Quantizer(options).run(); }
