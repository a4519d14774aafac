// Shape inference over a module: the blocks of its functions, then their signatures.
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Graph/Infer.h"
#include "m2c/Graph/Passes.h"
#include "m2c/Graph/Sequences.h"

using namespace mlir;

namespace m2c {
#define GEN_PASS_DEF_INFERSHAPESPASS
#include "m2c/Graph/Passes.h.inc"

namespace {
struct InferShapesPass : impl::InferShapesPassBase<InferShapesPass> {
  void runOnOperation() override {
    int64_t evaluated = 0;
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (function.isExternal())
        continue;
      Block &body = function.getBody().front();
      if (failed(graph::inferBlock(body, /*evaluating=*/true, evaluated)))
        return signalPassFailure();
      graph::splitSequenceOutputs(function);
      graph::eraseUnusedSequences(body);
      graph::updateSignature(function);
    }
  }
};
} // namespace

void graph::updateSignature(func::FuncOp function) {
  Block &body = function.getBody().front();
  function.setType(
      FunctionType::get(function.getContext(), body.getArgumentTypes(), body.getTerminator()->getOperandTypes()));
}
} // namespace m2c
