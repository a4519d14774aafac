// onnx.Constant -> arith.constant with the same attribute, so that weights stay where they are.
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Lower/Lower.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace m2c;

namespace {

struct LowerConstant : OpConversionPattern<onnx::ConstantOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::ConstantOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    auto type = dyn_cast_or_null<RankedTensorType>(getTypeConverter()->convertType(op.getType()));
    ElementsAttr value = op.getValue();
    if (!type)
      return rewriter.notifyMatchFailure(op, "constant is not a ranked tensor");
    if (type != value.getType()) { // unsigned: the same bytes under the signless type
      std::optional<onnx::ConstantData> data = onnx::readConstant(value);
      if (!data)
        return rewriter.notifyMatchFailure(op, "constant's data cannot be read");
      onnx::ConstantBuffer buffer(type);
      if (type.getElementTypeBitWidth() != value.getShapedType().getElementTypeBitWidth()) {
        auto integers = onnx::getIntegers(value); // of 2 or 4 bits: their signs are extended to bytes
        llvm::transform(*integers, buffer.as<int8_t>().begin(), [](int64_t i) { return static_cast<int8_t>(i); });
      } else {
        llvm::copy(data->getBytes(), buffer.getBytes().begin());
      }
      value = std::move(buffer).finish();
    }
    rewriter.replaceOpWithNewOp<arith::ConstantOp>(op, type, cast<TypedAttr>(value));
    return success();
  }
};

} // namespace

void lower::populateConstantPatterns(OnnxTypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<LowerConstant>(converter, patterns.getContext());
}
