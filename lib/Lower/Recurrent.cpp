// LSTM, GRU and RNN: the input's share of the gates is one contraction over all time steps; the time loop is a kernel,
// one per direction.
#include "ScalarBuilder.h"
#include "m2c/Dialect/Kernel/Kernel.h"
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Lower/Lower.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::lower;

namespace {

/// What the three operators have in common, with time first (layout 0).
struct Recurrent {
  Location loc;
  Dim steps, batch;
  int64_t hidden, gates, directions;
  bool batchFirst;
};

Value sliceDirection(OpBuilder &builder, Location loc, Value value, int64_t axis, int64_t direction) {
  auto type = tensorType(value);
  Dims offsets(type.getRank(), Dim(0)), sizes = getDims(type), shape;
  offsets[axis] = direction;
  sizes[axis] = 1;
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (dim != axis)
      shape.push_back(sizes[dim]);
  return createReshape(builder, loc, createSlice(builder, loc, value, offsets, sizes), shape);
}

/// A state [D, B, H] (or [B, D, H]) of one direction; null if it is absent or all zero.
Value initialState(OpBuilder &builder, const Recurrent &r, Value original, Value converted, int64_t direction) {
  if (!converted)
    return {};
  if (ElementsAttr constant = onnx::getConstant(original))
    if (std::optional<double> splat = onnx::getSplat(constant); splat && *splat == 0)
      return {};
  return sliceDirection(builder, r.loc, converted, r.batchFirst ? 1 : 0, direction);
}

/// Columns [first, first + count) * H of the bias row [2 * gates * H] of one direction.
Value biasPart(OpBuilder &builder, const Recurrent &r, Value bias, int64_t direction, int64_t first, int64_t count) {
  Value row =
      createSlice(builder, r.loc, bias, {Dim(direction), Dim(first * r.hidden)}, {Dim(1), Dim(count * r.hidden)});
  return createReshape(builder, r.loc, row, {Dim(count * r.hidden)});
}

Value addVectors(OpBuilder &builder, Location loc, Value a, Value b) {
  return createElementwise(builder, loc, tensorType(a), {a, b}, [](OpBuilder &inner, Location l, ValueRange x) {
    return ScalarBuilder{inner, l}.add(x[0], x[1]);
  });
}

/// [T, B, gates * H] = X W^T + bias, as one product of T * B rows.
Value project(OpBuilder &builder, const Recurrent &r, Value input, Value weights, Value bias) {
  Dim width = getDims(input).back(), columns = r.gates * r.hidden, rows = r.steps * r.batch;
  Value lhs = createReshape(builder, r.loc, input, {rows, width});
  MLIRContext *context = builder.getContext();
  AffineExpr m, n, k;
  bindDims(context, m, n, k);
  auto type = getTensorType({rows, columns}, tensorType(input).getElementType());
  SmallVector<AffineMap> maps{AffineMap::get(3, 0, {m, k}, context), AffineMap::get(3, 0, {n, k}, context),
                              AffineMap::get(3, 0, {m, n}, context)};
  Value product = createProduct(builder, r.loc, lhs, weights, type, maps);
  if (bias)
    product = createElementwise(builder, r.loc, type, {product, bias}, [](OpBuilder &inner, Location l, ValueRange x) {
      return ScalarBuilder{inner, l}.add(x[0], x[1]);
    });
  return createReshape(builder, r.loc, product, {r.steps, r.batch, columns});
}

bool isUsed(Value value) { return value && !value.use_empty(); }

/// The activations of one direction, of `perDirection` each; empty where they are the defaults.
template <class Op>
ArrayAttr activationsOf(Op op, int64_t direction, size_t perDirection, ArrayRef<StringRef> defaults) {
  SmallVector<Attribute> names;
  if constexpr (std::is_same_v<decltype(op.getActivations()), std::optional<ArrayAttr>>) {
    if (!op.getActivations())
      return ArrayAttr::get(op.getContext(), {});
    names.assign(op.getActivations()->begin(), op.getActivations()->end());
  } else {
    names.assign(op.getActivations().begin(), op.getActivations().end());
  }
  if (names.size() < (direction + 1) * perDirection)
    return ArrayAttr::get(op.getContext(), {});
  ArrayRef<Attribute> own = ArrayRef<Attribute>(names).slice(direction * perDirection, perDirection);
  bool isDefault = llvm::all_of(llvm::zip_equal(own, defaults), [](auto pair) {
    return cast<StringAttr>(std::get<0>(pair)).getValue() == std::get<1>(pair);
  });
  return ArrayAttr::get(op.getContext(), isDefault ? ArrayRef<Attribute>() : own);
}

DenseF32ArrayAttr parametersOf(OpBuilder &builder, std::optional<ArrayRef<float>> all, int64_t direction,
                               int64_t directions) {
  if (!all)
    return builder.getDenseF32ArrayAttr({});
  size_t each = all->size() / directions;
  return builder.getDenseF32ArrayAttr(all->slice(direction * each, each));
}

/// Joins the directions' outputs: Y [T, B, H] each to [T, D, B, H], states [B, H] each to [D, B, H]; then layout 1's
/// order.
Value joinDirections(OpBuilder &builder, const Recurrent &r, ArrayRef<Value> parts, bool isSequence) {
  SmallVector<Value> expanded;
  for (Value part : parts)
    expanded.push_back(isSequence ? createReshape(builder, r.loc, part, {r.steps, Dim(1), r.batch, Dim(r.hidden)})
                                  : createReshape(builder, r.loc, part, {Dim(1), r.batch, Dim(r.hidden)}));
  Value joined = expanded.front();
  if (expanded.size() > 1)
    joined = createConcat(builder, r.loc, isSequence ? 1 : 0, expanded);
  if (r.batchFirst)
    joined = createTranspose(builder, r.loc, joined,
                             isSequence ? ArrayRef<int64_t>{2, 0, 1, 3} : ArrayRef<int64_t>{1, 0, 2});
  return joined;
}

template <class Op>
struct LowerRecurrent : OpConversionPattern<Op> {
  using OpConversionPattern<Op>::OpConversionPattern;
  static constexpr bool isLstm = std::is_same_v<Op, onnx::LSTMOp>;
  static constexpr bool isGru = std::is_same_v<Op, onnx::GRUOp>;

  LogicalResult matchAndRewrite(Op op, typename Op::Adaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    auto inputType = tensorType(adaptor.getX());
    auto recurrenceType = tensorType(adaptor.getR());
    if (!recurrenceType.hasStaticShape() || !inputType.getElementType().isF32())
      return rewriter.notifyMatchFailure(op, "not float32 with weights of static shape");
    bool batchFirst = op.getLayout() != 0;
    Recurrent r{op.getLoc(),
                getDims(inputType)[batchFirst ? 1 : 0],
                getDims(inputType)[batchFirst ? 0 : 1],
                recurrenceType.getDimSize(2),
                isLstm  ? 4
                : isGru ? 3
                        : 1,
                recurrenceType.getDimSize(0),
                batchFirst};
    Value input = adaptor.getX();
    if (batchFirst)
      input = createTranspose(rewriter, r.loc, input, {1, 0, 2});

    SmallVector<Value> sequences, hiddenStates, cellStates;
    for (int64_t d = 0; d < r.directions; ++d) {
      bool reverse = op.getDirection() == "reverse" || d == 1;
      ResultRange results = lowerDirection(op, adaptor, rewriter, r, input, d, reverse);
      size_t next = 0;
      if (isUsed(op.getY()))
        sequences.push_back(results[next++]);
      hiddenStates.push_back(results[next++]);
      if (isLstm)
        cellStates.push_back(results[next]);
    }
    SmallVector<Value> replacements;
    if (op.getY())
      replacements.push_back(sequences.empty() ? createEmpty(rewriter, r.loc, tensorType(op.getY()))
                                               : joinDirections(rewriter, r, sequences, true));
    if (op.getYH())
      replacements.push_back(joinDirections(rewriter, r, hiddenStates, false));
    if constexpr (isLstm)
      if (op.getYC())
        replacements.push_back(joinDirections(rewriter, r, cellStates, false));
    rewriter.replaceOp(op, replacements);
    return success();
  }

private:
  static ResultRange lowerDirection(Op op, typename Op::Adaptor adaptor, ConversionPatternRewriter &rewriter,
                                    const Recurrent &r, Value input, int64_t d, bool reverse) {
    Value weights = sliceDirection(rewriter, r.loc, adaptor.getW(), 0, d);
    Value recurrence = sliceDirection(rewriter, r.loc, adaptor.getR(), 0, d);
    Value bias, recurrenceBias;
    if (adaptor.getB()) {
      bias = biasPart(rewriter, r, adaptor.getB(), d, 0, r.gates);
      bool keepsHiddenBias = false;
      if constexpr (isGru)
        keepsHiddenBias = op.getLinearBeforeReset() != 0;
      if (keepsHiddenBias) {
        // Rbh stays with h R^T; Rbz and Rbr join their gates' input.
        recurrenceBias = biasPart(rewriter, r, adaptor.getB(), d, r.gates + 2, 1);
        Value outer = biasPart(rewriter, r, adaptor.getB(), d, r.gates, 2);
        bias = addVectors(rewriter, r.loc, bias, createPad(rewriter, r.loc, outer, {0}, {r.hidden}));
      } else {
        bias = addVectors(rewriter, r.loc, bias, biasPart(rewriter, r, adaptor.getB(), d, r.gates, r.gates));
      }
    }
    Value projected = project(rewriter, r, input, weights, bias);
    Value initialH = initialState(rewriter, r, op.getInitialH(), adaptor.getInitialH(), d);
    Value lengths = adaptor.getSequenceLens();

    Type element = tensorType(input).getElementType();
    bool hasY = isUsed(op.getY());
    SmallVector<Value> inits;
    if (hasY)
      inits.push_back(createEmpty(rewriter, r.loc, getTensorType({r.steps, r.batch, Dim(r.hidden)}, element)));
    for (int state = 0; state < (isLstm ? 2 : 1); ++state)
      inits.push_back(createEmpty(rewriter, r.loc, getTensorType({r.batch, Dim(r.hidden)}, element)));
    SmallVector<Type> types = llvm::map_to_vector(inits, [](Value init) { return init.getType(); });

    auto flag = [&](bool value) { return value ? rewriter.getUnitAttr() : UnitAttr(); };
    FloatAttr clip = rewriter.getF32FloatAttr(op.getClip().value_or(0.0f));
    DenseF32ArrayAttr alpha = parametersOf(rewriter, op.getActivationAlpha(), d, r.directions);
    DenseF32ArrayAttr beta = parametersOf(rewriter, op.getActivationBeta(), d, r.directions);
    if constexpr (isLstm) {
      Value initialC = initialState(rewriter, r, op.getInitialC(), adaptor.getInitialC(), d);
      Value peephole = adaptor.getP() ? sliceDirection(rewriter, r.loc, adaptor.getP(), 0, d) : Value();
      return kernel::LstmOp::create(rewriter, r.loc, types, projected, recurrence, peephole, initialH, initialC,
                                    lengths, inits, Value(), flag(hasY), flag(reverse), flag(op.getInputForget() != 0),
                                    clip, activationsOf(op, d, 3, {"Sigmoid", "Tanh", "Tanh"}), alpha, beta,
                                    IntegerAttr())
          ->getResults();
    } else if constexpr (isGru) {
      return kernel::GruOp::create(rewriter, r.loc, types, projected, recurrence, recurrenceBias, initialH, lengths,
                                   inits, Value(), flag(hasY), flag(reverse), flag(op.getLinearBeforeReset() != 0),
                                   clip, activationsOf(op, d, 2, {"Sigmoid", "Tanh"}), alpha, beta, IntegerAttr())
          ->getResults();
    } else {
      return kernel::RnnOp::create(rewriter, r.loc, types, projected, recurrence, initialH, lengths, inits, Value(),
                                   flag(hasY), flag(reverse), clip, activationsOf(op, d, 1, {"Tanh"}), alpha, beta,
                                   IntegerAttr())
          ->getResults();
    }
  }
};

} // namespace

void lower::populateRecurrentPatterns(OnnxTypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<LowerRecurrent<onnx::LSTMOp>, LowerRecurrent<onnx::GRUOp>, LowerRecurrent<onnx::RNNOp>>(
      converter, patterns.getContext());
}
