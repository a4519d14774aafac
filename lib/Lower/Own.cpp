// m2c's own operators: calls of m2crt's functions, and of the user's.
#include "Call.h"
#include "m2c/Dialect/Onnx/OnnxOps.h"

using namespace mlir;
using namespace m2c;

namespace {

struct LowerLookUp : OpConversionPattern<onnx::OwnLookUpOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::OwnLookUpOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = lower::getStaticResult(op, getTypeConverter(), rewriter);
    if (!type)
      return failure();
    rewriter.replaceOp(
        op,
        lower::createCall(rewriter, op.getLoc(), "look_up", "lookup.h", adaptor.getOperands(), {type},
                          {{"count", type.getNumElements()}, {"keys", tensorType(adaptor.getKeys()).getDimSize(0)}}));
    return success();
  }
};

struct LowerPairwiseCoupling : OpConversionPattern<onnx::OwnPairwiseCouplingOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::OwnPairwiseCouplingOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = lower::getStaticResult(op, getTypeConverter(), rewriter);
    if (!type)
      return failure();
    int64_t classes = type.getDimSize(1);
    auto scratch = [&](ArrayRef<int64_t> shape) { return RankedTensorType::get(shape, type.getElementType()); };
    rewriter.replaceOp(op,
                       lower::createCall(rewriter, op.getLoc(), "pairwise_coupling", "coupling.h", adaptor.getPairs(),
                                         {type, scratch({classes, classes}), scratch({classes})},
                                         {{"rows", type.getDimSize(0)}, {"classes", classes}})
                           .front());
    return success();
  }
};

struct LowerTrees : OpConversionPattern<onnx::OwnTreesOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::OwnTreesOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = lower::getStaticResult(op, getTypeConverter(), rewriter);
    if (!type)
      return failure();
    rewriter.replaceOp(op, lower::createCall(rewriter, op.getLoc(), "trees", "trees.h", adaptor.getOperands(), {type},
                                             {{"rows", type.getDimSize(0)},
                                              {"features", tensorType(adaptor.getX()).getDimSize(1)},
                                              {"trees", tensorType(adaptor.getRoots()).getDimSize(0)},
                                              {"targets", type.getDimSize(1)},
                                              {"aggregate", op.getAggregate()},
                                              {"missing", op.getMissing()},
                                              {"single", op.getSingle()}}));
    return success();
  }
};

/// The user's function sees the model's element types, also where buffers have signless ones.
struct LowerCustom : OpConversionPattern<onnx::OwnCustomOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::OwnCustomOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    if (!lower::getStaticResult(op, getTypeConverter(), rewriter))
      return failure();
    SmallVector<Value> inits;
    SmallVector<Type> types;
    SmallVector<Attribute> elements;
    for (Type type : llvm::concat<Type>(llvm::to_vector(op->getOperandTypes()), llvm::to_vector(op->getResultTypes())))
      elements.push_back(TypeAttr::get(cast<RankedTensorType>(type).getElementType()));
    for (Type type : op->getResultTypes()) {
      types.push_back(getTypeConverter()->convertType(type));
      inits.push_back(createEmpty(rewriter, op.getLoc(), cast<RankedTensorType>(types.back())));
    }
    rewriter.replaceOpWithNewOp<kernel::CallOp>(op, types, op.getFunctionAttr(), op.getHeaderAttr(),
                                                adaptor.getInputs(), inits, op.getParametersAttr(),
                                                rewriter.getUnitAttr(), rewriter.getArrayAttr(elements));
    return success();
  }
};

} // namespace

void lower::populateOwnPatterns(OnnxTypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<LowerLookUp, LowerPairwiseCoupling, LowerTrees, LowerCustom>(converter, patterns.getContext());
}
