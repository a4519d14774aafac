// m2c's own operators: calls of m2crt's functions, and of the user's.
#include "Call.h"
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"

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

/// The run gives the symbols their sizes here. What follows has them as kernel.size; as data they are the operand.
struct LowerFoundSizes : OpConversionPattern<onnx::OwnFoundSizesOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::OwnFoundSizesOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    kernel::DefineSizesOp::create(rewriter, op.getLoc(), adaptor.getValues(), op.getSymbols());
    rewriter.replaceOp(op, adaptor.getValues());
    return success();
  }
};

struct LowerNonZero : OpConversionPattern<onnx::OwnNonZeroOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::OwnNonZeroOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = lower::getResult(op, getTypeConverter(), rewriter);
    if (!type)
      return failure();
    Location loc = op.getLoc();
    Dims shape = getDims(adaptor.getX());
    SmallVector<Value> extents;
    for (const Dim &dim : shape)
      extents.push_back(
          arith::IndexCastOp::create(rewriter, loc, rewriter.getI64Type(),
                                     getValueOrCreateConstantIndexOp(rewriter, loc, createSize(rewriter, loc, dim))));
    auto listType = RankedTensorType::get({static_cast<int64_t>(shape.size())}, rewriter.getI64Type());
    Value list = tensor::FromElementsOp::create(rewriter, loc, listType, extents);
    rewriter.replaceOp(op, lower::createCall(rewriter, loc, "nonzero", "select.h", {adaptor.getX(), list}, {type},
                                             {{"elements", product(shape)},
                                              {"rank", static_cast<int64_t>(shape.size())},
                                              {"count", getDims(type)[1]}}));
    return success();
  }
};

struct LowerNonMaxSuppression : OpConversionPattern<onnx::OwnNonMaxSuppressionOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::OwnNonMaxSuppressionOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = lower::getResult(op, getTypeConverter(), rewriter);
    if (!type)
      return failure();
    Dims scores = getDims(adaptor.getScores());
    RankedTensorType count = lower::getResult(op, getTypeConverter(), rewriter, 1);
    RankedTensorType order = getTensorType({scores[2]}, rewriter.getI64Type());
    ValueRange results = lower::createCall(rewriter, op.getLoc(), "non_max_suppression", "nms.h",
                                           {adaptor.getBoxes(), adaptor.getScores(), adaptor.getMost(),
                                            adaptor.getIouThreshold(), adaptor.getScoreThreshold()},
                                           {type, count, order},
                                           {{"batch", scores[0]},
                                            {"classes", scores[1]},
                                            {"boxes", scores[2]},
                                            {"rows", getDims(type)[0]},
                                            {"center", static_cast<int64_t>(op.getCenterPointBox())}});
    rewriter.replaceOp(op, results.take_front(2));
    return success();
  }
};

struct LowerUnique : OpConversionPattern<onnx::OwnUniqueOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::OwnUniqueOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = lower::getResult(op, getTypeConverter(), rewriter);
    if (!type)
      return failure();
    Dims shape = getDims(adaptor.getX());
    RankedTensorType count = lower::getResult(op, getTypeConverter(), rewriter, 3);
    ValueRange results =
        lower::createCall(rewriter, op.getLoc(), "unique", "unique.h", adaptor.getX(), {type, type, type, count, type},
                          {{"rows", shape[0]}, {"width", shape[1]}, {"sorted", static_cast<int64_t>(op.getSorted())}});
    rewriter.replaceOp(op, results.take_front(4));
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
  patterns.add<LowerLookUp, LowerFoundSizes, LowerNonZero, LowerNonMaxSuppression, LowerUnique, LowerPairwiseCoupling,
               LowerTrees, LowerCustom>(converter, patterns.getContext());
}
