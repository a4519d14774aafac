// What makes a kernel op well formed, and the shapes it derives from its operands.
#include "m2c/Dialect/Kernel/Kernel.h"
#include <m2crt/winograd.h>

using namespace mlir;
using namespace m2c::kernel;

namespace {

ShapedType shaped(Value value) { return cast<ShapedType>(value.getType()); }

LogicalResult verifyRank(Operation *op, Value value, int64_t rank, StringRef name) {
  if (shaped(value).getRank() == rank)
    return success();
  return op->emitOpError() << name << " has rank " << shaped(value).getRank() << ", expected " << rank;
}

/// out = (in - dilation * (kernel - 1) - 1) / stride + 1 for both spatial dimensions.
LogicalResult verifyWindow(Operation *op, Value input, Value output, ArrayRef<int64_t> kernel,
                           ArrayRef<int64_t> strides, ArrayRef<int64_t> dilations) {
  for (unsigned d = 0; d < 2; ++d) {
    int64_t in = shaped(input).getDimSize(d + 1), out = shaped(output).getDimSize(d + 1);
    int64_t span = dilations[d] * (kernel[d] - 1) + 1;
    if (!ShapedType::isDynamic(in) && !ShapedType::isDynamic(out) && (in - span) / strides[d] + 1 < out)
      return op->emitOpError("input extent ")
             << in << " is too small for output extent " << out << " of dimension " << d + 1;
  }
  return success();
}

} // namespace

LogicalResult m2c::kernel::verifyEpilogue(Operation *operation) {
  auto op = cast<KernelOpInterface>(operation);
  if (!op.getEpilogueRegion())
    return success();
  MutableOperandRange extras = op.getExtrasMutable();
  Block &block = op.getEpilogueRegion()->front();
  if (block.getNumArguments() != extras.size() + 1)
    return op->emitOpError("epilogue has ")
           << block.getNumArguments() << " arguments for " << extras.size() << " extras and the result";
  if (block.getTerminator()->getNumOperands() != 1)
    return op->emitOpError("epilogue yields ") << block.getTerminator()->getNumOperands() << " values, expected 1";
  Type element = shaped(op.getDpsInits()[0]).getElementType(), yielded = block.getTerminator()->getOperand(0).getType();
  // 16-bit integers are summed in 32 bits.
  Type sum = element;
  if (op.canChangeType()) {
    sum = shaped(op->getOperand(0)).getElementType();
    sum = sum.isInteger(16) ? IntegerType::get(sum.getContext(), 32) : sum;
  }
  if (block.getArgument(0).getType() != sum || yielded != element)
    return op->emitOpError("epilogue turns ") << block.getArgument(0).getType() << " into " << yielded << ", expected "
                                              << sum << " and the output's element type " << element;
  if (op.getExtraMaps().size() != extras.size())
    return op->emitOpError("has ") << op.getExtraMaps().size() << " extra_maps for " << extras.size() << " extras";
  for (unsigned i = 0; i < extras.size(); ++i) {
    AffineMap map = cast<AffineMapAttr>(op.getExtraMaps()[i]).getValue();
    if (map.getNumResults() != shaped(extras[i].get()).getRank())
      return op->emitOpError("map of extra ")
             << i << " has " << map.getNumResults() << " results for rank " << shaped(extras[i].get()).getRank();
  }
  return success();
}

SmallVector<int64_t> ContractOp::getIterationShape() {
  SmallVector<int64_t> shape(getMap(0).getNumDims(), 1);
  Value operands[] = {getLhs(), getRhs(), getInits().front()};
  for (unsigned i = 0; i < 3; ++i) {
    if (i == 1 && getPanel())
      continue; // packed: its dimensions are not the logical ones
    for (auto [result, expr] : llvm::enumerate(getMap(i).getResults()))
      shape[cast<AffineDimExpr>(expr).getPosition()] = shaped(operands[i]).getDimSize(result);
  }
  return shape;
}

LogicalResult ContractOp::verify() {
  if (getIndexingMaps().size() != 3)
    return emitOpError("has ") << getIndexingMaps().size() << " indexing_maps, expected 3 (lhs, rhs, out)";
  for (unsigned i = 0; i < 3; ++i)
    if (!getMap(i).isProjectedPermutation())
      return emitOpError("indexing map ") << i << " is not a projected permutation";
  if (getMap(0).getNumDims() < 3)
    return emitOpError("has ") << getMap(0).getNumDims() << " iteration dimensions, expected at least 3 (m, n, k)";
  return success();
}

LogicalResult ConvOp::verify() {
  if (failed(verifyRank(*this, getInput(), 4, "input")) || failed(verifyRank(*this, getInits().front(), 4, "output")) ||
      failed(verifyWindow(*this, getInput(), getInits().front(), getKernelShape(), getStrides(), getDilations())))
    return failure();
  if (std::optional<ArrayRef<int64_t>> tile = getWinogradTile()) {
    if (tile->size() != 2)
      return emitOpError("winograd_tile has ") << tile->size() << " extents, expected 2";
    auto isOne = [](int64_t extent) { return extent == 1; };
    if (!llvm::all_of(getStrides(), isOne) || !llvm::all_of(getDilations(), isOne) || getGroups() != 1)
      return emitOpError("winograd_tile needs strides and dilations of 1 and one group");
    if (shaped(getInput()).getElementType().isInteger(16) &&
        (*tile != ArrayRef<int64_t>{4, 4} || getKernelShape() != ArrayRef<int64_t>{3, 3}))
      return emitOpError("winograd_tile of integers is [4, 4] for a kernel of [3, 3]");
    for (unsigned d = 0; d < 2; ++d)
      if (!m2crt::has_winograd((*tile)[d], getKernelShape()[d]))
        return emitOpError("there is no algorithm for winograd_tile ")
               << (*tile)[d] << " and kernel extent " << getKernelShape()[d];
  }
  return success();
}

LogicalResult DepthwiseConvOp::verify() {
  if (failed(verifyRank(*this, getInput(), 4, "input")) || failed(verifyRank(*this, getFilter(), 3, "filter")) ||
      failed(verifyWindow(*this, getInput(), getInits().front(), shaped(getFilter()).getShape().take_front(2),
                          getStrides(), getDilations())))
    return failure();
  return success();
}

LogicalResult PadBorderOp::verify() {
  Type element = shaped(getInits().front()).getElementType();
  if (getValue().getType() != element)
    return emitOpError("value has type ") << getValue().getType() << ", expected the element type " << element;
  return success();
}

LogicalResult PoolOp::verify() {
  if (failed(verifyRank(*this, getInput(), 4, "input")))
    return failure();
  if (getPads().size() != 4)
    return emitOpError("has ") << getPads().size() << " pads, expected 4 (top, left, bottom, right)";
  if (getKind() != "max" && getKind() != "average")
    return emitOpError("kind is '") << getKind() << "', expected 'max' or 'average'";
  return success();
}
