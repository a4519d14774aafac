// The compiler's road: the only place that knows the order of the passes.
#pragma once

#include "m2c/Target/CudaTarget.h"
#include "m2c/Target/Target.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Pass/PassManager.h"
#include <optional>

namespace m2c {

/// The stations of the road, as `--stop-after` and the timing report name them.
enum class Stage { Import, Graph, Lower, Optimize, Plan, Emit };

/// "import", "graph" ...
llvm::StringRef getStageName(Stage stage);
std::optional<Stage> parseStage(llvm::StringRef name);

struct PipelineOptions {
  Target target;
  /// The GPU that the code is for; none: the processor `target`.
  std::optional<CudaTarget> cuda;
  /// 0: no fusion; 1: fusion; 2 and 3: and the fastest algorithms by the cost model.
  unsigned optimizationLevel = 3;
  /// Only algorithms whose error is that of the direct sum: no Winograd.
  bool strictAccuracy = false;
};

/// Adds the passes of one station (none for Import: that is the importer).
void buildStage(mlir::OpPassManager &manager, Stage stage, const PipelineOptions &options);

/// All stations up to and including `last`.
void buildPipeline(mlir::OpPassManager &manager, Stage last, const PipelineOptions &options);

/// All dialects that m2c's IR uses, with the interface models that its passes need.
void registerDialects(mlir::DialectRegistry &registry);

/// All passes, m2c's and those of upstream that tests and the pipeline name, for textual pipelines.
void registerPasses();

} // namespace m2c
