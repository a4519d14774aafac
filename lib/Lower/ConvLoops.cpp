// Convolutions that no kernel takes, of any rank and type: one loop nest on the padded input.
#include "ConvLoops.h"
#include "ScalarBuilder.h"

using namespace mlir;

namespace m2c::lower {

/// out[n, g, o, y..] = sum over i, k.. of x[n, g, i, y*s + k*d ..] * filter[g, ., ., k..]. The filter's dimensions are
/// (group, output, input, taps), or with `swapped` (group, input, output, taps).
static Value convolve(OpBuilder &builder, Location loc, Value x, Value filter, ArrayRef<int64_t> out,
                      ArrayRef<int64_t> strides, ArrayRef<int64_t> dilations, int64_t groups, bool swapped) {
  MLIRContext *context = builder.getContext();
  SmallVector<int64_t> in(tensorType(x).getShape()), weights(tensorType(filter).getShape());
  Type element = tensorType(x).getElementType();
  int64_t spatial = in.size() - 2, loops = 4 + 2 * spatial;
  SmallVector<int64_t> inShape{in[0], groups, in[1] / groups}, filterShape{groups, weights[0] / groups, weights[1]},
      outShape{out[0], groups, out[1] / groups};
  llvm::append_range(inShape, ArrayRef(in).drop_front(2));
  llvm::append_range(filterShape, ArrayRef(weights).drop_front(2));
  llvm::append_range(outShape, out.drop_front(2));
  auto dim = [&](int64_t d) { return getAffineDimExpr(d, context); };
  // Loops: n, g, o, y.., i, k..
  int64_t inputs = 3 + spatial;
  SmallVector<AffineExpr> xMap{dim(0), dim(1), dim(inputs)}, outMap{dim(0), dim(1), dim(2)};
  SmallVector<AffineExpr> filterMap{dim(1), swapped ? dim(inputs) : dim(2), swapped ? dim(2) : dim(inputs)};
  for (int64_t d = 0; d < spatial; ++d) {
    AffineExpr y = dim(3 + d), k = dim(inputs + 1 + d);
    xMap.push_back(y * strides[d] + k * dilations[d]);
    filterMap.push_back(k);
    outMap.push_back(y);
  }
  SmallVector<utils::IteratorType> iterators(3 + spatial, utils::IteratorType::parallel);
  iterators.append(1 + spatial, utils::IteratorType::reduction);
  SmallVector<AffineMap> maps;
  for (ArrayRef<AffineExpr> map : {ArrayRef(xMap), ArrayRef(filterMap), ArrayRef(outMap)})
    maps.push_back(AffineMap::get(loops, 0, map, context));
  auto type = RankedTensorType::get(outShape, element);
  SmallVector<Value> operands{createReshape(builder, loc, x, toDims(inShape)),
                              createReshape(builder, loc, filter, toDims(filterShape))};
  Value sum =
      linalg::GenericOp::create(builder, loc, type, operands, createFilled(builder, loc, type, 0), maps, iterators,
                                [&](OpBuilder &b, Location l, ValueRange args) {
                                  ScalarBuilder s{b, l};
                                  linalg::YieldOp::create(b, l, s.add(args[2], s.mul(args[0], args[1])));
                                })
          .getResult(0);
  return createReshape(builder, loc, sum, toDims(out));
}

static Value addBias(OpBuilder &builder, Location loc, Value value, Value bias) {
  if (!bias)
    return value;
  SmallVector<int64_t> shape(tensorType(value).getRank() - 1, 1);
  shape[0] = tensorType(bias).getNumElements();
  return createElementwise(builder, loc, tensorType(value), {value, createReshape(builder, loc, bias, toDims(shape))},
                           [](OpBuilder &b, Location l, ValueRange x) { return ScalarBuilder{b, l}.add(x[0], x[1]); });
}

Value createConvLoops(OpBuilder &builder, Location loc, Value x, Value filter, Value bias, RankedTensorType type,
                      const Window &window, int64_t groups) {
  int64_t spatial = type.getRank() - 2, first = window.kernel.size() - spatial;
  SmallVector<int64_t> low(type.getRank(), 0), high(type.getRank(), 0);
  for (int64_t d = 0; d < spatial; ++d) {
    unsigned w = first + d;
    int64_t needed = (type.getDimSize(d + 2) - 1) * window.strides[w] + window.span(w);
    low[d + 2] = window.low[w];
    high[d + 2] = std::max<int64_t>(needed - tensorType(x).getDimSize(d + 2) - window.low[w], 0);
  }
  Value padded = createPad(builder, loc, x, low, high);
  Value sum = convolve(builder, loc, padded, filter, type.getShape(), ArrayRef(window.strides).drop_front(first),
                       ArrayRef(window.dilations).drop_front(first), groups, /*swapped=*/false);
  return addBias(builder, loc, sum, bias);
}

Value createConvTransposeLoops(OpBuilder &builder, Location loc, Value x, Value filter, Value bias,
                               RankedTensorType type, const TransposedWindow &window, int64_t groups) {
  // The input spread by zeros, convolved by the filter turned round.
  SmallVector<int64_t> in(tensorType(x).getShape()), from(in.size(), 0), sizes(in), shape(in), offsets(in.size(), 0),
      steps(in.size(), 1);
  for (size_t d = 0; d < in.size() - 2; ++d) {
    int64_t span = (tensorType(filter).getDimSize(d + 2) - 1) * window.dilations[d] + 1;
    shape[d + 2] = type.getDimSize(d + 2) + span - 1;
    offsets[d + 2] = span - 1 - window.pads[d];
    steps[d + 2] = window.strides[d];
    for (; offsets[d + 2] < 0; ++from[d + 2]) // input that reaches no output
      offsets[d + 2] += steps[d + 2];
    sizes[d + 2] = std::min(in[d + 2] - from[d + 2], (shape[d + 2] - 1 - offsets[d + 2]) / steps[d + 2] + 1);
  }
  MLIRContext *context = builder.getContext();
  Value zeros = createFilled(builder, loc, RankedTensorType::get(shape, type.getElementType()), 0);
  Value used = sizes == in ? x : createSlice(builder, loc, x, toDims(from), toDims(sizes));
  Value spread =
      tensor::InsertSliceOp::create(builder, loc, used, zeros, getAsIndexOpFoldResult(context, offsets),
                                    getAsIndexOpFoldResult(context, sizes), getAsIndexOpFoldResult(context, steps));
  auto filterType = tensorType(filter);
  Value turned = createElementwise(builder, loc, filterType, {}, [&](OpBuilder &b, Location l, ValueRange) {
    SmallVector<Value> at;
    for (int64_t d = 0; d < filterType.getRank(); ++d) {
      at.push_back(linalg::IndexOp::create(b, l, d));
      if (d >= 2)
        at.back() =
            ScalarBuilder{b, l}.sub(arith::ConstantIndexOp::create(b, l, filterType.getDimSize(d) - 1), at.back());
    }
    return tensor::ExtractOp::create(b, l, filter, at).getResult();
  });
  SmallVector<int64_t> ones(in.size() - 2, 1);
  Value sum = convolve(builder, loc, spread, turned, type.getShape(), ones, window.dilations, groups, /*swapped=*/true);
  return addBias(builder, loc, sum, bias);
}

} // namespace m2c::lower
