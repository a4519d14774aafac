// Sizes that depend on data: what the rewrites are written with.
#include "m2c/Graph/FindSizes.h"
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Dialect/Onnx/Names.h"
#include "m2c/Graph/Rewrite.h"
#include "m2c/Graph/Sizes.h"
#include "m2c/IR/Symbols.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {

const FinderRegistry &FinderRegistry::get() {
  static const FinderRegistry registry = [] {
    FinderRegistry r;
    addControlFlowFinders(r);
    addShapeFinders(r);
    addSelectionFinders(r);
    return r;
  }();
  return registry;
}

Operation *findSizes(Operation *op) {
  const FindFunction *find = FinderRegistry::get().find(op->getName().getStringRef());
  auto hasDims = [](Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    return !isa<TensorType>(type) || (tensor && allKnown(getDims(tensor)));
  };
  if (!find || !llvm::all_of(op->getOperandTypes(), hasDims))
    return nullptr;
  PatternRewriter rewriter(op->getContext());
  rewriter.setInsertionPoint(op);
  Operation *before = op->getPrevNode();
  Block *block = op->getBlock();
  SizeComposer composer(rewriter, op);
  Composed results = (*find)(op, composer);
  if (!results)
    return nullptr;
  rewriter.replaceOp(op, *results);
  return before ? before->getNextNode() : &block->front();
}

bool SizeComposer::isKnown(Value value) const { return !value || getSizes(value) || ConstantTensor::get(value); }

bool SizeComposer::isList(Value value) const {
  constexpr int64_t kMostSizes = 64;
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.hasStaticShape() && type.getRank() <= 1 && type.getNumElements() <= kMostSizes &&
         type.getElementType().isIntOrIndex();
}

Value SizeComposer::list(Value value) {
  return cast(reshape(value, mlir::cast<RankedTensorType>(value.getType()).getNumElements()), rewriter.getI64Type());
}

Value SizeComposer::sizes(ArrayRef<Dim> dims) { return createSizes(rewriter, loc, dims); }

Value SizeComposer::count(Value n) {
  Value zero = constant(rewriter.getI64Type(), {}, 0), one = constant(rewriter.getI64Type(), {}, 1);
  return make("Range", {zero, reshape(n, ArrayRef<int64_t>()), one});
}

Value SizeComposer::find(Value values, ArrayRef<Dim> bounds) {
  auto type = mlir::cast<RankedTensorType>(values.getType());
  std::string name = getValueName(op->getResult(0)).str();
  SmallVector<int64_t> symbols;
  for (int64_t i = 0; i < type.getNumElements(); ++i) {
    std::string hint = name + "_extent" + (type.getNumElements() == 1 ? "" : std::to_string(i));
    Dim symbol = addFoundSize(op, hint, bounds.empty() ? Dim::unknown() : bounds[i]);
    symbols.push_back(mlir::cast<AffineSymbolExpr>(symbol.getExpr(op->getContext())).getPosition());
  }
  return make("m2c.FoundSizes", {values}, attr("symbols", symbols));
}

SmallVector<Value> SizeComposer::declare(ArrayRef<Value> values) {
  SmallVector<Value> results(values);
  for (auto [value, result] : llvm::zip_equal(results, op->getResults())) {
    auto type = mlir::dyn_cast<RankedTensorType>(result.getType());
    if (!type || !allKnown(getDims(type)))
      continue;
    Value reshaped = make("Reshape", {value, sizes(getDims(type))}, attr("allowzero", int64_t(1)));
    value = reshaped;
  }
  return results;
}

} // namespace m2c::graph
