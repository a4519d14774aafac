// Operators that become one call of an m2crt function that nothing is fused into.
#include "Call.h"
#include "m2c/Dialect/Kernel/Sizes.h"
#include "m2c/Dialect/Onnx/OnnxOps.h"

using namespace mlir;
using namespace m2c;

namespace m2c::lower {

ValueRange createCall(OpBuilder &builder, Location loc, StringRef callee, StringRef header, ValueRange inputs,
                      ArrayRef<RankedTensorType> types, ArrayRef<std::pair<StringRef, Dim>> sizes,
                      ArrayRef<std::pair<StringRef, double>> numbers) {
  SmallVector<Value> inits;
  SmallVector<Type> results(types.begin(), types.end());
  for (RankedTensorType type : types)
    inits.push_back(createEmpty(builder, loc, type));
  NamedAttrList parameters;
  for (const auto &[name, size] : sizes)
    parameters.set(name, size.isNumber() ? Attribute(builder.getI64IntegerAttr(size.getNumber()))
                                         : toAttribute({size}, builder.getContext()));
  for (auto [name, value] : numbers)
    parameters.set(name, builder.getF64FloatAttr(value));
  auto call =
      kernel::CallOp::create(builder, loc, results, builder.getStringAttr(callee), builder.getStringAttr(header),
                             inputs, inits, parameters.getDictionary(builder.getContext()), UnitAttr(), ArrayAttr());
  return call.getResults();
}

} // namespace m2c::lower

namespace {

struct LowerDet : OpConversionPattern<onnx::DetOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::DetOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = lower::getStaticResult(op, getTypeConverter(), rewriter);
    if (!type)
      return failure();
    auto x = tensorType(adaptor.getX());
    int64_t n = x.getShape().back();
    auto work = RankedTensorType::get({n, n}, x.getElementType());
    rewriter.replaceOp(op, lower::createCall(rewriter, op.getLoc(), "det", "det.h", adaptor.getX(), {type, work},
                                             {{"matrices", type.getNumElements()}, {"n", n}})
                               .front());
    return success();
  }
};

struct LowerMaxRoiPool : OpConversionPattern<onnx::MaxRoiPoolOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::MaxRoiPoolOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = lower::getStaticResult(op, getTypeConverter(), rewriter);
    if (!type)
      return failure();
    ArrayRef<int64_t> x = tensorType(adaptor.getX()).getShape(), y = type.getShape();
    rewriter.replaceOp(op, lower::createCall(rewriter, op.getLoc(), "max_roi_pool", "roi_pool.h",
                                             {adaptor.getX(), adaptor.getRois()}, {type},
                                             {{"batch", x[0]},
                                              {"channels", x[1]},
                                              {"h", x[2]},
                                              {"w", x[3]},
                                              {"regions", y[0]},
                                              {"out_h", y[2]},
                                              {"out_w", y[3]}},
                                             {{"scale", op.getSpatialScale()}}));
    return success();
  }
};

/// A state per head of keys and values; m2crt/linear_attention.h.
struct LowerLinearAttention : OpConversionPattern<onnx::LinearAttentionOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::LinearAttentionOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = lower::getStaticResult(op, getTypeConverter(), rewriter);
    if (!type)
      return failure();
    RankedTensorType state = lower::getStaticResult(op, getTypeConverter(), rewriter, 1);
    Location loc = op.getLoc();
    int64_t heads = op.getKvNumHeads(), group = static_cast<int64_t>(op.getQNumHeads()) / heads;
    int64_t keyWidth = state.getDimSize(2), valueWidth = state.getDimSize(3);
    ArrayRef<int64_t> query = tensorType(adaptor.getQuery()).getShape();
    auto lastOf = [](Value value) { return value ? tensorType(value).getShape().back() : 0; };
    int64_t decay = lastOf(adaptor.getDecay()), beta = lastOf(adaptor.getBeta());
    Value query3 = adaptor.getQuery();
    auto orQuery = [&](Value value) { return value ? value : query3; }; // not read
    double scale = op.getScale() == 0 ? 1 / std::sqrt(double(keyWidth)) : double(op.getScale());
    auto written = RankedTensorType::get({valueWidth}, type.getElementType());
    ValueRange results =
        lower::createCall(rewriter, loc, "linear_attention", "linear_attention.h",
                          {query3, adaptor.getKey(), adaptor.getValue(), orQuery(adaptor.getPastState()),
                           orQuery(adaptor.getDecay()), orQuery(adaptor.getBeta())},
                          {type, state, written},
                          {{"batch", query[0]},
                           {"steps", query[1]},
                           {"heads", heads},
                           {"group", group},
                           {"key_width", keyWidth},
                           {"value_width", valueWidth},
                           {"has_past", adaptor.getPastState() != nullptr},
                           {"decay", decay == 0                        ? 0
                                     : decay == heads && keyWidth != 1 ? 1
                                                                       : 2},
                           {"beta", beta == 0       ? 0
                                    : beta == heads ? 2
                                                    : 1}},
                          {{"scale", scale}});
    rewriter.replaceOp(op, results.take_front(2));
    return success();
  }
};

} // namespace

void lower::populateCallPatterns(OnnxTypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<LowerDet, LowerMaxRoiPool, LowerLinearAttention>(converter, patterns.getContext());
}
