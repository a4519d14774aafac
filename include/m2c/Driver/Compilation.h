// One model on its way through the compiler, for the subcommands.
#pragma once

#include "m2c/Driver/Diagnostics.h"
#include "m2c/Driver/Driver.h"
#include "m2c/Emit/EmitCpp.h"
#include "m2c/Pipeline/Pipeline.h"
#include "m2c/Support/Progress.h"
#include "m2c/Target/CudaTarget.h"
#include "m2c/Target/Target.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Support/Timing.h"
#include <map>
#include <memory>
#include <optional>

namespace m2c {

class ModelFile;

/// An input or output of the model.
struct ModelValue {
  std::string name;
  std::string type; ///< float32[1,3]; symbolic dimensions by name
  bool isDynamic = false;
};

class Compilation {
public:
  explicit Compilation(const ModelOptions &options);

  /// Parses the options and reads the model. Each step returns exitOk or has reported why not.
  ExitStatus import();
  /// Takes the model as a message that was read before.
  ExitStatus import(const ModelFile &file);
  /// Runs the stages up to and including `last`.
  ExitStatus runTo(Stage last);
  /// The C++ or CUDA C++ of a model that went through all stages, in files called `stem`.
  ExitStatus emit(llvm::StringRef stem, bool withMain, EmittedModel &code);

  mlir::ModuleOp getModule() { return *module; }
  /// Whether the model's program maps a weights file.
  bool mapsWeights() const { return options.weights == "file"; }
  /// Whether the generated code calls functions of the user.
  bool hasCustomOps() const { return !options.customOps.empty(); }
  /// The value ranges of inputs that the model's metadata gives as `range.<input>`.
  std::map<std::string, std::pair<double, double>> getInputRanges();
  /// exitOk if the command may write these files: none is read, none is a device or folder, none is there twice.
  ExitStatus checkOutputs(llvm::ArrayRef<std::string> outputs);
  const Target &getTarget() const { return target; }
  /// The GPU that the code is for; none: the processor.
  const std::optional<CudaTarget> &getCudaTarget() const { return cudaTarget; }
  /// The model's name as a C++ identifier.
  const std::string &getName() const { return name; }
  std::vector<ModelValue> getInputs();
  std::vector<ModelValue> getOutputs();
  Progress &getProgress() { return progress; }

  /// From now on errors go into `list` instead of to stderr.
  void collectErrors(std::vector<std::string> &list) { diagnostics->collectErrors(list); }

  /// Writes the IR as text, large weights left out.
  void printIr(llvm::raw_ostream &os);
  /// "target native: AVX2 and FMA (znver3)"
  std::string describeTarget() const;

private:
  ExitStatus start();
  ExitStatus finishImport(mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> imported);

  const ModelOptions &options;
  Target target;
  std::optional<CudaTarget> cudaTarget;
  std::string name;
  Progress progress;
  mlir::DefaultTimingManager timingManager;
  mlir::TimingScope timing;
  std::unique_ptr<mlir::MLIRContext> context;
  std::optional<DiagnosticPrinter> diagnostics;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::optional<Stage> done;
};

} // namespace m2c
