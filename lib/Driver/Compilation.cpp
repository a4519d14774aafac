#include "m2c/Driver/Compilation.h"
#include "m2c/Emit/Cuda/EmitCuda.h"
#include "m2c/Emit/Names.h"
#include "m2c/IR/Symbols.h"
#include "m2c/Import/ModelFile.h"
#include "m2c/Support/Files.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/AsmState.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace m2c;

Compilation::Compilation(const ModelOptions &options) : options(options), progress(options.quiet) {
  applyDefaultTimingManagerCLOptions(timingManager);
  timing = timingManager.getRootScope();
  name = emit::legalizeName(options.name.empty() ? llvm::sys::path::stem(options.model) : StringRef(options.name));
}

/// Parses the options and makes what holds the IR.
ExitStatus Compilation::start() {
  llvm::Expected<Target> parsed = Target::parse(options.march);
  if (!parsed) {
    reportError(llvm::toString(parsed.takeError()));
    return exitUsage;
  }
  target = *parsed;
  if (options.cuda) {
    llvm::Expected<CudaTarget> gpu = CudaTarget::parse(options.gpuArch, options.cudaMath);
    if (!gpu) {
      reportError(llvm::toString(gpu.takeError()));
      return exitUsage;
    }
    cudaTarget = *gpu;
    if (!options.states.empty()) {
      reportError("--state is for code on the CPU only; pass the states as inputs and outputs, whose device pointers "
                  "run_async takes");
      return exitUsage;
    }
  }

  DialectRegistry registry;
  registerDialects(registry);
  context = std::make_unique<MLIRContext>(registry, MLIRContext::Threading::DISABLED);
  context->loadAllAvailableDialects();
  diagnostics.emplace(context.get(), options.model);
  return exitOk;
}

static ImportOptions getImportOptions(const ModelOptions &options) {
  ImportOptions importOptions;
  importOptions.shapes = options.shapes;
  importOptions.dims = options.dims;
  importOptions.bounds = options.bounds;
  importOptions.states = options.states;
  for (const auto &[op, custom] : options.customOps)
    importOptions.customOps[op] = {custom.header, custom.function};
  return importOptions;
}

ExitStatus Compilation::finishImport(FailureOr<OwningOpRef<ModuleOp>> imported) {
  progress.clear();
  if (failed(imported))
    return exitBadModel;
  module = std::move(*imported);
  done = Stage::Import;
  return exitOk;
}

ExitStatus Compilation::import() {
  if (ExitStatus status = start())
    return status;
  progress.show("reading " + options.model);
  return finishImport(importOnnx(options.model, getImportOptions(options), *context));
}

ExitStatus Compilation::import(const ModelFile &file) {
  if (ExitStatus status = start())
    return status;
  return finishImport(importOnnx(file, getImportOptions(options), *context));
}

/// Runs one station's passes, timed under its name.
static LogicalResult runStage(ModuleOp module, Stage stage, const PipelineOptions &options, TimingScope &timing) {
  PassManager manager(module->getName());
  if (failed(applyPassManagerCLOptions(manager)))
    return failure();
  TimingScope scope = timing.nest(getStageName(stage));
  manager.enableTiming(scope);
  buildStage(manager, stage, options);
  return manager.run(module);
}

ExitStatus Compilation::runTo(Stage last) {
  PipelineOptions pipelineOptions;
  pipelineOptions.target = target;
  pipelineOptions.cuda = cudaTarget;
  pipelineOptions.optimizationLevel = options.optimize;
  pipelineOptions.strictAccuracy = options.accuracy == "strict";
  for (; *done < last; done = static_cast<Stage>(static_cast<unsigned>(*done) + 1)) {
    Stage stage = static_cast<Stage>(static_cast<unsigned>(*done) + 1);
    progress.show(getStageName(stage));
    LogicalResult result = runStage(*module, stage, pipelineOptions, timing);
    progress.clear();
    if (succeeded(result))
      continue;
    if (stage <= Stage::Lower) // what the model asks for was refused
      return exitBadModel;
    return failInternally("the " + getStageName(stage) + " stage failed");
  }
  return exitOk;
}

/// What the generated file says of how it was made.
static std::string describeOptions(const ModelOptions &options) {
  std::string text = options.cuda ? "--target cuda --gpu-arch " + options.gpuArch + " --cuda-math " + options.cudaMath
                                  : "--march=" + options.march;
  for (const auto &[input, shape] : options.shapes)
    text += " --shape " + input + ":" +
            llvm::join(llvm::map_range(shape, [](int64_t e) { return std::to_string(e); }), "x");
  for (const auto &[symbol, size] : options.dims)
    text += " --dim " + symbol + "=" + std::to_string(size);
  for (const auto &[symbol, bound] : options.bounds)
    text += " --dim " + symbol + "=1.." + std::to_string(bound);
  for (const std::string &state : options.states)
    text += " --state " + state;
  for (const auto &[op, custom] : options.customOps)
    text += " --custom-op " + op + "=" + custom.header + ":" + custom.function;
  if (options.weights != "embed")
    text += " --weights " + options.weights;
  if (options.accuracy != "balanced")
    text += " --accuracy " + options.accuracy;
  return options.optimize == 3 ? text : text + " -O" + std::to_string(options.optimize);
}

std::map<std::string, std::pair<double, double>> Compilation::getInputRanges() {
  std::map<std::string, std::pair<double, double>> ranges;
  auto metadata = (*module)->getAttrOfType<DictionaryAttr>("onnx.metadata");
  if (!metadata)
    return ranges;
  for (NamedAttribute entry : metadata) {
    StringRef key = entry.getName();
    auto text = dyn_cast<StringAttr>(entry.getValue());
    if (!text || !key.consume_front("range."))
      continue;
    auto [low, high] = text.getValue().split(' ');
    double from = 0, to = 0; // half open, as in the metadata: "0 21" is 0 to 20
    if (!low.getAsDouble(from) && !high.trim().getAsDouble(to) && from < to)
      ranges[key.str()] = {from, to - 1};
  }
  return ranges;
}

ExitStatus Compilation::checkOutputs(ArrayRef<std::string> outputs) {
  std::vector<std::string> inputs{options.model};
  if (auto external = (*module)->getAttrOfType<ArrayAttr>("onnx.external_files"))
    for (auto file : external.getAsRange<StringAttr>())
      inputs.push_back(file.str());
  if (llvm::Error error = m2c::checkOutputs(outputs, inputs)) {
    reportError(llvm::toString(std::move(error)));
    return exitUsage;
  }
  return exitOk;
}

ExitStatus Compilation::emit(StringRef stem, bool withMain, EmittedModel &code) {
  EmitOptions emitOptions;
  emitOptions.name = name;
  emitOptions.fileStem = stem.str();
  emitOptions.modelFile = llvm::sys::path::filename(options.model).str();
  if (auto hash = (*module)->getAttrOfType<StringAttr>("onnx.sha256"))
    emitOptions.modelSha256 = hash.str();
  emitOptions.commandLine = describeOptions(options);
  emitOptions.march = target.march;
  emitOptions.weights = options.weights == "file"     ? WeightsMode::File
                        : options.weights == "inline" ? WeightsMode::Inline
                                                      : WeightsMode::Embed;
  emitOptions.main = withMain;
  emitOptions.inputRanges = getInputRanges();
  progress.show(cudaTarget ? "writing CUDA C++" : "writing C++");
  FailureOr<EmittedModel> emitted =
      cudaTarget ? emitCuda(*module, emitOptions, *cudaTarget) : emitCpp(*module, emitOptions);
  progress.clear();
  if (failed(emitted) && cudaTarget) // not all that the CPU's printer knows is there for GPUs
    return exitBadModel;
  if (failed(emitted))
    return failInternally("the emit stage failed");
  code = std::move(*emitted);
  return exitOk;
}

/// An element type as NumPy names it, ui8 as uint8.
static std::string getTypeName(Type type) {
  std::string text;
  llvm::raw_string_ostream os(text);
  if (type.isInteger(1))
    os << "bool";
  else if (auto integer = dyn_cast<IntegerType>(type))
    os << (integer.isUnsigned() ? "uint" : "int") << integer.getWidth();
  else if (type.isBF16())
    os << "bfloat16";
  else if (isa<FloatType>(type) && type.getIntOrFloatBitWidth() >= 16)
    os << "float" << type.getIntOrFloatBitWidth();
  else
    os << type;
  return text;
}

/// float32[batch,3], symbolic dimensions by their names.
static std::string describeType(Type type, ArrayRef<std::string> symbols) {
  auto shaped = dyn_cast<ShapedType>(type);
  if (!shaped)
    return getTypeName(type);
  if (!shaped.hasRank())
    return getTypeName(shaped.getElementType()) + "[...]";
  return getTypeName(shaped.getElementType()) + formatDims(getDims(cast<RankedTensorType>(type)), symbols);
}

static ModelValue describeValue(Type type, DictionaryAttr attributes, ArrayRef<std::string> symbols) {
  ModelValue value;
  if (auto valueName = attributes ? attributes.getAs<StringAttr>("onnx.name") : StringAttr())
    value.name = valueName.str();
  value.type = describeType(type, symbols);
  auto shaped = dyn_cast<ShapedType>(type);
  value.isDynamic = shaped && !shaped.hasStaticShape();
  return value;
}

/// The model's function.
static func::FuncOp getMain(ModuleOp module) { return *module.getOps<func::FuncOp>().begin(); }

std::vector<ModelValue> Compilation::getInputs() {
  std::vector<ModelValue> values;
  func::FuncOp main = getMain(*module);
  for (unsigned i = 0; i < main.getNumArguments(); ++i)
    values.push_back(describeValue(main.getArgument(i).getType(), main.getArgAttrDict(i), getSymbolNames(main)));
  return values;
}

std::vector<ModelValue> Compilation::getOutputs() {
  std::vector<ModelValue> values;
  func::FuncOp main = getMain(*module);
  for (unsigned i = 0; i < main.getNumResults(); ++i)
    values.push_back(describeValue(main.getResultTypes()[i], main.getResultAttrDict(i), getSymbolNames(main)));
  return values;
}

void Compilation::printIr(llvm::raw_ostream &os) {
  OpPrintingFlags flags;
  flags.elideLargeElementsAttrs(16).elideLargeResourceString(64).enableDebugInfo(false);
  module->print(os, flags);
}

std::string Compilation::describeTarget() const {
  if (cudaTarget)
    return "target cuda " + cudaTarget->arch + ": " + cudaTarget->description + ", matrix products in " +
           getMathName(cudaTarget->math).str();
  std::string text = "target " + target.march + ": " + target.instructions;
  return target.cpu.empty() || target.cpu == target.march ? text : text + " (" + target.cpu + ")";
}
