// What the lowering patterns of all operator families share.
//
// A family's patterns are in lib/Lower/<Family>.cpp. They are conversion patterns: operands come through the adaptor
// with their converted types (unsigned integers become signless), constants that steer the lowering (axes, pads ...)
// are read from the original operand with onnx::getConstantIntegers.
#pragma once

#include "m2c/Dialect/Kernel/Tensors.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/DialectConversion.h"

namespace m2c::lower {

/// onnx types to those of linalg: unsigned integers become signless ones of the same width, those of 2 and 4 bits have
/// a byte each.
class OnnxTypeConverter : public mlir::TypeConverter {
public:
  OnnxTypeConverter();
};

/// The patterns of all operator families.
void populateLoweringPatterns(OnnxTypeConverter &converter, mlir::RewritePatternSet &patterns);

// One per operator family.
void populateConstantPatterns(OnnxTypeConverter &converter, mlir::RewritePatternSet &patterns);
void populateElementwisePatterns(OnnxTypeConverter &converter, mlir::RewritePatternSet &patterns);
void populateShapePatterns(OnnxTypeConverter &converter, mlir::RewritePatternSet &patterns);
void populateIndexPatterns(OnnxTypeConverter &converter, mlir::RewritePatternSet &patterns);
void populateMatMulPatterns(OnnxTypeConverter &converter, mlir::RewritePatternSet &patterns);
void populateConvPatterns(OnnxTypeConverter &converter, mlir::RewritePatternSet &patterns);
void populateResizePatterns(OnnxTypeConverter &converter, mlir::RewritePatternSet &patterns);
void populatePoolPatterns(OnnxTypeConverter &converter, mlir::RewritePatternSet &patterns);
void populateReducePatterns(OnnxTypeConverter &converter, mlir::RewritePatternSet &patterns);
void populateNormalizePatterns(OnnxTypeConverter &converter, mlir::RewritePatternSet &patterns);
void populateRecurrentPatterns(OnnxTypeConverter &converter, mlir::RewritePatternSet &patterns);
void populateQuantizePatterns(OnnxTypeConverter &converter, mlir::RewritePatternSet &patterns);
void populateScatterPatterns(OnnxTypeConverter &converter, mlir::RewritePatternSet &patterns);
void populateImagePatterns(OnnxTypeConverter &converter, mlir::RewritePatternSet &patterns);
void populateAttentionPatterns(OnnxTypeConverter &converter, mlir::RewritePatternSet &patterns);
void populateCallPatterns(OnnxTypeConverter &converter, mlir::RewritePatternSet &patterns);
void populateOwnPatterns(OnnxTypeConverter &converter, mlir::RewritePatternSet &patterns);
void populateRandomPatterns(OnnxTypeConverter &converter, mlir::RewritePatternSet &patterns);
void populateControlFlowPatterns(OnnxTypeConverter &converter, mlir::RewritePatternSet &patterns);

/// The converted type of a result of `op`, if that and all operands have static shapes. Otherwise null, and the pattern
/// that asks has failed to match.
mlir::RankedTensorType getStaticResult(mlir::Operation *op, const mlir::TypeConverter *converter,
                                       mlir::RewriterBase &rewriter, unsigned result = 0);

/// The same for patterns that take symbolic dimensions: the type has them as its encoding.
mlir::RankedTensorType getResult(mlir::Operation *op, const mlir::TypeConverter *converter,
                                 mlir::RewriterBase &rewriter, unsigned result = 0);

/// A tensor filled with one number.
mlir::Value createFilled(mlir::OpBuilder &builder, mlir::Location loc, mlir::RankedTensorType type, double value);

/// A scalar arith.constant of a float, integer or bool type.
mlir::Value createScalar(mlir::OpBuilder &builder, mlir::Location loc, mlir::Type type, double value);

/// Same elements, other shape, by collapsing and expanding dimensions.
mlir::Value createReshape(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value, mlir::ArrayRef<Dim> shape);

/// tensor.pad with a constant on both sides of each dimension; `value` itself if there is nothing to pad.
mlir::Value createPad(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value, mlir::ArrayRef<int64_t> low,
                      mlir::ArrayRef<int64_t> high, double padding = 0);

/// extract_slice; strides of 1 where none are given.
mlir::Value createSlice(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value, mlir::ArrayRef<Dim> offsets,
                        mlir::ArrayRef<Dim> sizes, mlir::ArrayRef<int64_t> strides = {});

/// `parts` joined along an axis.
mlir::Value createConcat(mlir::OpBuilder &builder, mlir::Location loc, int64_t axis, mlir::ValueRange parts);

/// The map by which an operand of `shape` is broadcast to `rank` loops as in NumPy: trailing dimensions are aligned,
/// extent 1 reads element 0.
mlir::AffineMap getBroadcastMap(mlir::MLIRContext *context, mlir::ArrayRef<int64_t> shape,
                                mlir::ArrayRef<int64_t> result);

/// kernel.contract without an epilogue, as MatMul lowers to it; `maps` are those of lhs, rhs and result.
mlir::Value createProduct(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value lhs, mlir::Value rhs,
                          mlir::RankedTensorType type, mlir::ArrayRef<mlir::AffineMap> maps);

using ScalarFn = llvm::function_ref<mlir::Value(mlir::OpBuilder &, mlir::Location, mlir::ValueRange)>;

/// A linalg.generic that computes each element of `type` from the broadcast elements of `inputs`. Inputs that are
/// constants with one value become scalar constants of the body.
mlir::Value createElementwise(mlir::OpBuilder &builder, mlir::Location loc, mlir::RankedTensorType type,
                              mlir::ValueRange inputs, ScalarFn body);

} // namespace m2c::lower
