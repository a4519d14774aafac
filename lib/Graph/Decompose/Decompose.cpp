// The pass, and what decompositions are written with.
#include "m2c/Graph/Decompose.h"
#include "m2c/Graph/Infer.h"
#include "m2c/Graph/Passes.h"
#include "m2c/Graph/Rewrite.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c {
#define GEN_PASS_DEF_DECOMPOSEOPERATORSPASS
#include "m2c/Graph/Passes.h.inc"

void graph::addDecompositions(RewritePatternSet &patterns) {
  addAttentionDecompositions(patterns);
  addClassifierDecompositions(patterns);
  addConvDecompositions(patterns);
  addElementwiseDecompositions(patterns);
  addFlexAttentionDecompositions(patterns);
  addGradientDecompositions(patterns);
  addImageDecompositions(patterns);
  addMatMulDecompositions(patterns);
  addMicrosoftDecompositions(patterns);
  addMicrosoftAttentionDecompositions(patterns);
  addMicrosoftQuantizeDecompositions(patterns);
  addMlDecompositions(patterns);
  addNormalizeDecompositions(patterns);
  addQuantizeDecompositions(patterns);
  addReduceDecompositions(patterns);
  addRandomDecompositions(patterns);
  addTextDecompositions(patterns);
  addTreeDecompositions(patterns);
}

namespace {
struct DecomposeOperatorsPass : impl::DecomposeOperatorsPassBase<DecomposeOperatorsPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    graph::addDecompositions(patterns);
    if (failed(graph::applyPatterns(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
} // namespace m2c

namespace m2c::graph {

ValueRange Composer::makeAll(StringRef opType, ArrayRef<Value> operands, ArrayRef<NamedAttribute> attributes,
                             unsigned results) {
  StringRef domain = opType.consume_front("m2c.") ? "m2c" : "";
  const OpSchema *schema = findSchema(rewriter.getContext(), domain, opType);
  assert(schema && "no such operator");
  OperationState state(loc, getOperationName(domain, opType));
  SmallVector<int32_t> segments;
  size_t next = 0;
  for (const ValueSchema &value : schema->operands) {
    size_t size = value.arity == Arity::Variadic ? operands.size() - next : std::min<size_t>(1, operands.size() - next);
    int32_t present = 0;
    for (Value operand : operands.slice(next, size))
      if (operand) {
        state.addOperands(operand);
        ++present;
      }
    segments.push_back(present);
    next += size;
  }
  if (hasSegments(schema->operands))
    state.addAttribute("operandSegmentSizes", rewriter.getDenseI32ArrayAttr(segments));
  state.addAttributes(attributes);
  state.types.append(results, getUnknownType(rewriter.getContext()));
  if (hasSegments(schema->results)) {
    SmallVector<int32_t> resultSegments(schema->results.size(), 0);
    std::fill_n(resultSegments.begin(), results, 1);
    state.addAttribute("resultSegmentSizes", rewriter.getDenseI32ArrayAttr(resultSegments));
  }
  Operation *op = rewriter.create(state);
  const InferFunction *infer = InferenceRegistry::get().find(op->getName().getStringRef());
  assert(infer && "decomposed to an operator without inference");
  Inference inference(op);
  [[maybe_unused]] LogicalResult inferred = (*infer)(op, inference);
  assert(succeeded(inferred) && "a decomposition does not fit together");
  return op->getResults();
}

Value Composer::ints(ArrayRef<int64_t> values) {
  return createConstant(
      rewriter, loc,
      ConstantTensor::from<int64_t>(rewriter.getI64Type(), {static_cast<int64_t>(values.size())}, values), "ints");
}

Value Composer::constant(Type element, ArrayRef<int64_t> shape, ArrayRef<double> values) {
  return createConstant(rewriter, loc, ConstantTensor::from<double>(element, shape, values), "constant");
}

Value Composer::reshape(Value value, ArrayRef<int64_t> to) { return createReshape(rewriter, loc, value, to); }

Value Composer::transpose(Value value, ArrayRef<int64_t> permutation) {
  return createTranspose(rewriter, loc, value, permutation);
}

Value Composer::cast(Value value, Type to) {
  return element(value) == to ? value : make("Cast", {value}, attr("to", getDataType(to)));
}

Value Composer::slice(Value value, int64_t axis, int64_t start, int64_t end, int64_t step) {
  return make("Slice", {value, ints(start), ints(end), ints(axis), ints(step)});
}

} // namespace m2c::graph
