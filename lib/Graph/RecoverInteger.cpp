// Quantised operators as sums of integers.
//
// Codes are 8-bit integers with a scale and a zero point. They are kept as 16-bit integers from which the zero point
// has been subtracted ("centred"): signed and unsigned codes are then the same thing, a border of padding is zero, a
// sum of products needs no correction, and multiplying pairs of 16-bit integers is exact on every instruction set. What
// follows the sums is ordinary arithmetic on float32, which later passes fuse into the kernel.
#include "Integer.h"
#include "m2c/Graph/Decompose.h"
#include "m2c/Graph/Passes.h"
#include "m2c/Graph/Rewrite.h"
#include "m2c/Target/PassTarget.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c {
#define GEN_PASS_DEF_RECOVERINTEGERPASS
#include "m2c/Graph/Passes.h.inc"

namespace {

struct RecoverIntegerPass : impl::RecoverIntegerPassBase<RecoverIntegerPass> {
  using RecoverIntegerPassBase::RecoverIntegerPassBase;

  LogicalResult initialize(MLIRContext *context) override { return parseTarget(march, context, target); }

  void runOnOperation() override {
    MLIRContext *context = &getContext();
    RewritePatternSet composed(context), products(context), requantize(context);
    graph::addQLinearDecompositions(composed);
    graph::addMicrosoftQuantizeDecompositions(composed);
    graph::addIntegerProductPatterns(products, exact ? nullptr : &target);
    graph::addRequantizePatterns(requantize);
    for (RewritePatternSet *patterns : {&composed, &products, &requantize})
      if (failed(graph::applyPatterns(getOperation(), std::move(*patterns))))
        return signalPassFailure();
  }

private:
  Target target;
};

} // namespace
} // namespace m2c
