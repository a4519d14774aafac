// The road from onnx to what is printed, station by station, and why each pass stands where it stands.
#include "m2c/Pipeline/Pipeline.h"
#include "m2c/Emit/Passes.h"
#include "m2c/Graph/Passes.h"
#include "m2c/Lower/Passes.h"
#include "m2c/Optimize/Passes.h"
#include "m2c/Plan/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace m2c;

static constexpr StringRef stageNames[] = {"import", "graph", "lower", "optimize", "plan", "emit"};

StringRef m2c::getStageName(Stage stage) { return stageNames[static_cast<size_t>(stage)]; }

std::optional<Stage> m2c::parseStage(StringRef name) {
  for (auto [i, stage] : llvm::enumerate(stageNames))
    if (stage == name)
      return static_cast<Stage>(i);
  return std::nullopt;
}

static void addCleanup(OpPassManager &manager) {
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
}

/// onnx -> onnx with static shapes, in as few and as large operators as its meaning allows.
static void buildGraph(OpPassManager &manager, const PipelineOptions &options) {
  manager.addPass(createInferShapesPass());
  manager.addPass(createVerifyGraphPass());
  if (!options.cuda) // GPUs have no such kernels
    manager.addPass(
        createRecoverIntegerPass({options.target.march, options.strictAccuracy || options.optimizationLevel < 2}));
  manager.addPass(createDecomposeOperatorsPass());
  manager.addPass(createWidenFloatsPass()); // behind it, so that each part rounds as the model's types say
  // Idioms are matched in canonical form, and what they are made of may first have to become equal.
  manager.addPass(createSimplifyGraphPass());
  manager.addPass(createCSEPass());
  manager.addPass(createFoldNormalizationPass());
  manager.addPass(createRecoverActivationsPass());
  manager.addPass(createRecoverNormalizationPass());
  manager.addPass(createRecoverAttentionPass());
  // Attention leaves transposes that cancel, and new constants.
  manager.addPass(createSimplifyGraphPass());
  manager.addPass(createCSEPass());
  manager.addPass(createVerifyGraphPass());
  manager.addNestedPass<func::FuncOp>(createCheckStatesPass());
}

/// onnx -> linalg, tensor, kernel.
static void buildLower(OpPassManager &manager) {
  manager.addPass(createLowerOnnxPass());
  manager.addNestedPass<func::FuncOp>(createOutputsToArgumentsPass());
  addCleanup(manager);
}

/// Everything that is decided on tensors: order of dimensions, what is computed together, how weights lie.
static void buildOptimize(OpPassManager &manager, const PipelineOptions &options) {
  manager.addNestedPass<func::FuncOp>(createFoldEmptyPass());
  // Kernels are channels-last and ONNX is channels-first: cancel the transposes before fusion, which they would block.
  manager.addNestedPass<func::FuncOp>(createSinkTransposesPass());
  manager.addNestedPass<func::FuncOp>(createFoldConstantsPass());
  addCleanup(manager);
  if (options.optimizationLevel > 0) {
    // Kernels take what follows them first; element-wise fusion would move it into the consumer, where it is
    // recomputed.
    manager.addNestedPass<func::FuncOp>(createFuseEpiloguePass({/*keepTypes=*/options.cuda.has_value()}));
    manager.addNestedPass<func::FuncOp>(createFuseElementwisePass());
    // Merged element-wise ops may now follow a kernel directly.
    manager.addNestedPass<func::FuncOp>(createFuseEpiloguePass({/*keepTypes=*/options.cuda.has_value()}));
    addCleanup(manager);
    // A bias is constant only when its parts are added up; the table folds with its bias.
    manager.addNestedPass<func::FuncOp>(createFoldConstantsPass());
    manager.addNestedPass<func::FuncOp>(createFoldTablesPass());
    manager.addNestedPass<func::FuncOp>(createFoldConstantsPass());
  }
  if (options.optimizationLevel > 1 && !options.strictAccuracy && !options.cuda)
    manager.addNestedPass<func::FuncOp>(createChooseAlgorithmsPass({options.target.march}));
  PackWeightsPassOptions pack;
  pack.vectorBytes = options.target.vectorBytes;
  pack.vectorRegisters = options.target.vectorRegisters;
  pack.wholeRows = options.cuda.has_value();
  manager.addNestedPass<func::FuncOp>(createPackWeightsPass(pack));
}

/// Tensors -> buffers -> one arena.
static void buildPlan(OpPassManager &manager, const PipelineOptions &options) {
  // From here to bufferization no CSE: it would share destinations again.
  manager.addNestedPass<func::FuncOp>(createPrepareBufferizePass());
  manager.addPass(bufferization::createEmptyTensorEliminationPass());
  manager.addPass(bufferization::createEmptyTensorToAllocTensorPass());
  bufferization::OneShotBufferizePassOptions bufferize;
  bufferize.bufferizeFunctionBoundaries = true;
  bufferize.functionBoundaryTypeConversion = bufferization::LayoutMapOption::IdentityLayoutMap;
  bufferize.bufferAlignment = 0;
  manager.addPass(bufferization::createOneShotBufferizePass(bufferize));
  // A copy onto itself folds only after equal subviews are one.
  addCleanup(manager);
  manager.addPass(createCanonicalizerPass());
  manager.addNestedPass<func::FuncOp>(createPlaceStatesPass());
  manager.addNestedPass<func::FuncOp>(createContiguousRowsPass());
  if (options.optimizationLevel > 1 && !options.cuda) // a GPU's second-level cache holds the tensors whole
    manager.addNestedPass<func::FuncOp>(createFuseStripsPass({options.target.march}));
  // On a GPU tiles are in shared memory; only what goes from step to step is in scratch memory.
  manager.addNestedPass<func::FuncOp>(createAddScratchPass({/*stateOnly=*/options.cuda.has_value()}));
  if (!options.cuda) // all buffers are there, and one can still see which of them are scratch memory
    manager.addNestedPass<func::FuncOp>(createSplitKernelsPass({options.target.march}));
  manager.addNestedPass<func::FuncOp>(createPlanArenaPass());
}

void m2c::buildStage(OpPassManager &manager, Stage stage, const PipelineOptions &options) {
  switch (stage) {
  case Stage::Import:
    return;
  case Stage::Graph:
    return buildGraph(manager, options);
  case Stage::Lower:
    return buildLower(manager);
  case Stage::Optimize:
    return buildOptimize(manager, options);
  case Stage::Plan:
    return buildPlan(manager, options);
  case Stage::Emit:
    manager.addPass(createOutlineKernelsPass());
    return;
  }
}

void m2c::buildPipeline(OpPassManager &manager, Stage last, const PipelineOptions &options) {
  for (size_t stage = 0; stage <= static_cast<size_t>(last); ++stage)
    buildStage(manager, static_cast<Stage>(stage), options);
}
