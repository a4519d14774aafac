// Lowers Gemm and MatMul of every rank to one contraction.
#include "ScalarBuilder.h"
#include "m2c/Dialect/Kernel/Kernel.h"
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Lower/Lower.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::lower;

namespace {

/// kernel.contract with an empty epilogue region and these maps of (lhs, rhs, out).
kernel::ContractOp createContract(OpBuilder &builder, Location loc, Value lhs, Value rhs, RankedTensorType type,
                                  ArrayRef<AffineMap> maps, ValueRange extras = {},
                                  ArrayRef<AffineMap> extraMaps = {}) {
  return kernel::ContractOp::create(builder, loc, TypeRange{type}, lhs, rhs, extras,
                                    ValueRange{createEmpty(builder, loc, type)}, /*scratch=*/Value(),
                                    builder.getAffineMapArrayAttr(maps), builder.getAffineMapArrayAttr(extraMaps),
                                    /*panel=*/IntegerAttr());
}

bool isNumber(Type type) { return type.isF32() || type.isF64() || type.isInteger(32) || type.isInteger(64); }

struct LowerGemm : OpConversionPattern<onnx::GemmOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::GemmOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = getResult(op, getTypeConverter(), rewriter);
    if (!type)
      return failure();
    Type element = type.getElementType();
    if (!isNumber(element))
      return rewriter.notifyMatchFailure(op, "supported for float32, float64, int32 and int64");
    Location loc = op.getLoc();
    MLIRContext *context = getContext();
    AffineExpr m, n, k;
    bindDims(context, m, n, k);
    auto map = [&](AffineExpr row, AffineExpr column, bool transposed) {
      return AffineMap::get(3, 0, transposed ? ArrayRef<AffineExpr>{column, row} : ArrayRef<AffineExpr>{row, column},
                            context);
    };
    SmallVector<AffineMap> maps{map(m, k, op.getTransA() != 0), map(k, n, op.getTransB() != 0), map(m, n, false)};
    double alpha = op.getAlpha(), beta = op.getBeta();
    SmallVector<Value> extras;
    SmallVector<AffineMap> extraMaps;
    if (Value c = adaptor.getC(); c && beta != 0) {
      // Aligned at the right; what is broadcast loses its dimension.
      Dims shape = getDims(c), kept;
      SmallVector<AffineExpr> exprs;
      for (auto [i, extent] : llvm::enumerate(shape)) {
        if (extent == 1)
          continue;
        kept.push_back(extent);
        exprs.push_back(getAffineDimExpr(2 - shape.size() + i, context));
      }
      extras.push_back(createReshape(rewriter, loc, c, kept));
      extraMaps.push_back(AffineMap::get(2, 0, exprs, context));
    }
    kernel::ContractOp contract =
        createContract(rewriter, loc, adaptor.getA(), adaptor.getB(), type, maps, extras, extraMaps);
    {
      OpBuilder::InsertionGuard guard(rewriter);
      SmallVector<Type> types(1 + extras.size(), element);
      Block *block = rewriter.createBlock(&contract.getEpilogue(), {}, types, SmallVector<Location>(types.size(), loc));
      ScalarBuilder scalar{rewriter, loc};
      Value result = block->getArgument(0);
      if (alpha != 1)
        result = scalar.mul(result, scalar.constant(element, alpha));
      if (!extras.empty()) {
        Value addend = block->getArgument(1);
        result = scalar.add(result, beta == 1 ? addend : scalar.mul(addend, scalar.constant(element, beta)));
      }
      kernel::YieldOp::create(rewriter, loc, result);
    }
    rewriter.replaceOp(op, contract.getResults());
    return success();
  }
};

/// MatMul, or that of 16-bit integers.
template <class Op>
struct LowerMatMul : OpConversionPattern<Op> {
  using OpConversionPattern<Op>::OpConversionPattern;

  LogicalResult matchAndRewrite(Op op, typename Op::Adaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = getResult(op, this->getTypeConverter(), rewriter);
    if (!type)
      return failure();
    Value a = adaptor.getA(), b = adaptor.getB();
    if (!isNumber(type.getElementType()))
      return rewriter.notifyMatchFailure(op, "supported for float32, float64, int32 and int64");
    Location loc = op.getLoc();
    Dims aShape = getDims(a), bShape = getDims(b);
    if (aShape.size() == 1)
      aShape.insert(aShape.begin(), Dim(1));
    if (bShape.size() == 1)
      bShape.push_back(1);
    Dim m = aShape[aShape.size() - 2], k = aShape.back(), n = bShape.back();
    Dims aBatch(ArrayRef<Dim>(aShape).drop_back(2)), bBatch(ArrayRef<Dim>(bShape).drop_back(2));

    // One right operand for all of the batch: its rows are the rows of one product.
    if (llvm::all_of(bBatch, [](const Dim &extent) { return extent == 1; })) {
      for (const Dim &extent : aBatch)
        m *= extent;
      aBatch.clear();
      bBatch.clear();
    }
    Dims batch;
    size_t rank = std::max(aBatch.size(), bBatch.size());
    aBatch.insert(aBatch.begin(), rank - aBatch.size(), Dim(1));
    bBatch.insert(bBatch.begin(), rank - bBatch.size(), Dim(1));
    for (auto [x, y] : llvm::zip_equal(aBatch, bBatch))
      batch.push_back(x == 1 ? y : x);

    // An operand has only the batch dimensions along which it varies.
    MLIRContext *context = op.getContext();
    unsigned dims = rank + 3;
    AffineExpr dimM = getAffineDimExpr(rank, context), dimN = getAffineDimExpr(rank + 1, context),
               dimK = getAffineDimExpr(rank + 2, context);
    auto prepare = [&](Value &value, ArrayRef<Dim> own, Dim rows, Dim columns, AffineExpr row, AffineExpr column) {
      Dims shape;
      SmallVector<AffineExpr> exprs;
      for (auto [d, extent] : llvm::enumerate(own)) {
        if (extent == 1)
          continue;
        shape.push_back(extent);
        exprs.push_back(getAffineDimExpr(d, context));
      }
      shape.append({rows, columns});
      exprs.append({row, column});
      value = createReshape(rewriter, loc, value, shape);
      return AffineMap::get(dims, 0, exprs, context);
    };
    AffineMap aMap = prepare(a, aBatch, m, k, dimM, dimK), bMap = prepare(b, bBatch, k, n, dimK, dimN);
    Dims outShape(batch);
    SmallVector<AffineExpr> outExprs;
    for (size_t d = 0; d < rank; ++d)
      outExprs.push_back(getAffineDimExpr(d, context));
    outShape.append({m, n});
    outExprs.append({dimM, dimN});
    auto outType = getTensorType(outShape, type.getElementType());
    kernel::ContractOp contract =
        createContract(rewriter, loc, a, b, outType, {aMap, bMap, AffineMap::get(dims, 0, outExprs, context)});
    kernel::buildIdentityEpilogue(rewriter, loc, contract.getEpilogue(), type.getElementType());
    rewriter.replaceOp(op, createReshape(rewriter, loc, contract->getResult(0), getDims(type)));
    return success();
  }
};

} // namespace

Value m2c::lower::createProduct(OpBuilder &builder, Location loc, Value lhs, Value rhs, RankedTensorType type,
                                ArrayRef<AffineMap> maps) {
  kernel::ContractOp contract = createContract(builder, loc, lhs, rhs, type, maps);
  kernel::buildIdentityEpilogue(builder, loc, contract.getEpilogue(), type.getElementType());
  return contract->getResult(0);
}

void lower::populateMatMulPatterns(OnnxTypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<LowerGemm, LowerMatMul<onnx::MatMulOp>, LowerMatMul<onnx::OwnIntegerMatMulOp>>(converter,
                                                                                              patterns.getContext());
}
