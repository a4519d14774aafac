// The canonical form of graphs: one way to write each thing.
#include "m2c/Graph/Passes.h"
#include "m2c/Graph/Rewrite.h"

using namespace mlir;

namespace m2c {
#define GEN_PASS_DEF_SIMPLIFYGRAPHPASS
#include "m2c/Graph/Passes.h.inc"

namespace {
struct SimplifyGraphPass : impl::SimplifyGraphPassBase<SimplifyGraphPass> {
  using SimplifyGraphPassBase::SimplifyGraphPassBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    graph::addEvaluationPattern(patterns);
    graph::addIdentityPatterns(patterns);
    graph::addReshapePatterns(patterns);
    graph::addTransposePatterns(patterns);
    graph::addSlicePatterns(patterns);
    graph::addArithmeticPatterns(patterns);
    graph::addWindowPatterns(patterns);
    int64_t before = countOps();
    if (failed(graph::applyPatterns(getOperation(), std::move(patterns))))
      ++numStopped; // every state on the way is a valid graph
    int64_t after = countOps();
    numRemoved += std::max<int64_t>(0, before - after);
  }

  int64_t countOps() {
    int64_t count = 0;
    getOperation().walk([&](Operation *op) { count += isa<onnx::OnnxOp>(op) && !isa<onnx::ConstantOp>(op); });
    return count;
  }
};
} // namespace
} // namespace m2c
