// Operators and stations as the compiler's own registries have them.
#include "m2c/Pipeline/Describe.h"
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Dialect/Onnx/Schema.h"
#include "m2c/Graph/Decompose.h"
#include "m2c/Graph/Evaluate.h"
#include "m2c/Graph/Infer.h"
#include "m2c/Graph/Rewrite.h"
#include "m2c/Lower/Lower.h"
#include "m2c/Pipeline/Pipeline.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/JSON.h"

using namespace mlir;
using namespace m2c;

/// The names of the patterns by the operator that they are rooted at.
static llvm::StringMap<SmallVector<StringRef>> byRoot(const RewritePatternSet &patterns) {
  llvm::StringMap<SmallVector<StringRef>> names;
  for (const std::unique_ptr<RewritePattern> &pattern : const_cast<RewritePatternSet &>(patterns).getNativePatterns())
    if (std::optional<OperationName> root = pattern->getRootKind())
      names[root->getStringRef()].push_back(pattern->getDebugName());
  return names;
}

namespace {
struct Patterns {
  std::unique_ptr<lower::OnnxTypeConverter> converter; // the lowerings refer to it
  RewritePatternSet simplifications, decompositions, lowerings;
};
} // namespace

/// All that replaces operators of the onnx dialect.
static Patterns getPatterns(MLIRContext &context) {
  Patterns all{std::make_unique<lower::OnnxTypeConverter>(), RewritePatternSet(&context), RewritePatternSet(&context),
               RewritePatternSet(&context)};
  graph::addSimplifyPatterns(all.simplifications);
  graph::addDecompositions(all.decompositions);
  lower::populateLoweringPatterns(*all.converter, all.lowerings);
  return all;
}

std::function<bool(StringRef)> m2c::getOperatorCheck(MLIRContext &context) {
  Patterns all = getPatterns(context);
  llvm::StringSet<> known;
  for (const RewritePatternSet *patterns : {&all.simplifications, &all.decompositions, &all.lowerings})
    for (const auto &entry : byRoot(*patterns))
      known.insert(entry.getKey());
  return
      [known](StringRef name) { return known.contains(name) || graph::EvaluatorRegistry::get().find(name) != nullptr; };
}

void m2c::describeOperators(llvm::raw_ostream &os) {
  DialectRegistry registry;
  registerDialects(registry);
  MLIRContext context(registry);
  context.loadAllAvailableDialects();
  auto [converter, simplifications, decompositions, lowerings] = getPatterns(context);
  auto rewrites = byRoot(simplifications), decomposes = byRoot(decompositions), lowers = byRoot(lowerings);

  for (RegisteredOperationName op : context.getRegisteredOperations()) {
    auto *interface = op.getInterface<onnx::OnnxOp>();
    if (!interface)
      continue;
    StringRef name = op.getStringRef();
    const onnx::OpSchema &schema = interface->getOpSchema();
    const graph::Evaluator *evaluator = graph::EvaluatorRegistry::get().find(name);
    llvm::json::Object object{{"domain", schema.domain},
                              {"operator", schema.opType},
                              {"since", schema.sinceVersion},
                              {"inferred", graph::InferenceRegistry::get().find(name) != nullptr},
                              {"evaluated", evaluator != nullptr},
                              {"evaluated_from_types", evaluator && !evaluator->readsValues},
                              {"rewrites", llvm::json::Array(rewrites.lookup(name))},
                              {"decompositions", llvm::json::Array(decomposes.lookup(name))},
                              {"lowerings", llvm::json::Array(lowers.lookup(name))}};
    os << llvm::json::Value(std::move(object)) << "\n";
  }
}

void m2c::describeStages(llvm::raw_ostream &os) {
  MLIRContext context;
  for (Stage stage : {Stage::Graph, Stage::Lower, Stage::Optimize, Stage::Plan, Stage::Emit}) {
    PassManager manager(&context, ModuleOp::getOperationName());
    buildStage(manager, stage, {});
    os << getStageName(stage) << " ";
    manager.printAsTextualPipeline(os);
    os << "\n";
  }
}
