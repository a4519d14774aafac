// The canonical form of graphs: one way to write each thing.
#include "m2c/Graph/Passes.h"
#include "m2c/Graph/Rewrite.h"

using namespace mlir;

namespace m2c {
#define GEN_PASS_DEF_SIMPLIFYGRAPHPASS
#include "m2c/Graph/Passes.h.inc"

void graph::addSimplifyPatterns(RewritePatternSet &patterns) {
  addEvaluationPattern(patterns);
  addIdentityPatterns(patterns);
  addReshapePatterns(patterns);
  addTransposePatterns(patterns);
  addSlicePatterns(patterns);
  addArithmeticPatterns(patterns);
  addWindowPatterns(patterns);
}

namespace {
struct SimplifyGraphPass : impl::SimplifyGraphPassBase<SimplifyGraphPass> {
  using SimplifyGraphPassBase::SimplifyGraphPassBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    graph::addSimplifyPatterns(patterns);
    // Where it stops early: every state on the way is a valid graph.
    (void)graph::applyPatterns(getOperation(), std::move(patterns));
  }
};
} // namespace
} // namespace m2c
