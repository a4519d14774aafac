// Sampling at positions that are known only at run time: grids and regions of interest.
#include "ScalarBuilder.h"
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Lower/Lower.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace m2c;
using lower::ScalarBuilder;
using Compare = ScalarBuilder::Compare;

namespace {

Value number(const ScalarBuilder &s, int64_t value) { return arith::ConstantIndexOp::create(s.builder, s.loc, value); }

Value both(const ScalarBuilder &s, Value a, Value b) {
  return a ? arith::AndIOp::create(s.builder, s.loc, a, b).getResult() : b;
}

/// A float as an index; what is far outside stays within 32 bits.
Value toIndex(const ScalarBuilder &s, Value x) {
  x = s.max(s.min(x, s.constantLike(x, 1e9)), s.constantLike(x, -1e9));
  Value integer = s.cast(x, s.builder.getI32Type(), false);
  return arith::IndexCastOp::create(s.builder, s.loc, s.builder.getIndexType(), integer);
}

/// How GridSample treats positions outside.
struct Borders {
  StringRef mode;
  bool alignCorners;

  /// `x` reflected at the borders of a dimension until it lies inside.
  Value reflect(const ScalarBuilder &s, Value x, int64_t extent) const {
    double low = alignCorners ? 0 : -0.5, high = static_cast<double>(extent) - (alignCorners ? 1 : 0.5);
    double range = high - low;
    if (range <= 0)
      return s.constantLike(x, low);
    // Distance from the low border, folded with period 2 * range.
    Value distance = s.abs(s.sub(x, s.constantLike(x, low))), period = s.constantLike(x, 2 * range);
    Value turns = s.math<math::FloorOp>(s.div(distance, period));
    Value rest = s.sub(distance, s.mul(turns, period));
    rest = s.min(rest, s.sub(period, rest));
    return s.add(rest, s.constantLike(x, low));
  }

  /// The sampling position itself.
  Value limit(const ScalarBuilder &s, Value x, int64_t extent) const {
    if (mode == "border")
      return s.max(s.min(x, s.constantLike(x, static_cast<double>(extent - 1))), s.constantLike(x, 0));
    return mode == "reflection" ? reflect(s, x, extent) : x;
  }

  /// The index of the pixel at integral position `x`, always inside; `inside` is narrowed to where it counts.
  Value pixel(const ScalarBuilder &s, Value x, int64_t extent, Value &inside) const {
    if (mode == "reflection") {
      Value outside =
          arith::OrIOp::create(s.builder, s.loc, s.compare(Compare::Less, x, s.constantLike(x, 0)),
                               s.compare(Compare::Greater, x, s.constantLike(x, static_cast<double>(extent - 1))));
      x = s.select(outside, reflect(s, x, extent), x);
    }
    Value index = toIndex(s, x), zero = number(s, 0), last = number(s, extent - 1);
    if (mode == "zeros") {
      inside = both(s, inside, s.compare(Compare::GreaterOrEqual, index, zero));
      inside = both(s, inside, s.compare(Compare::LessOrEqual, index, last));
    }
    return s.min(s.max(index, zero), last);
  }
};

/// The weights of the taps around a position, `t` in [0, 1) behind the tap that is left of it.
SmallVector<Value> tapWeights(const ScalarBuilder &s, Value t, StringRef mode) {
  Value one = s.constantLike(t, 1);
  if (mode == "linear")
    return {s.sub(one, t), t};
  // Keys' cubic with a = -0.75: the outer and the inner piece.
  double a = -0.75;
  auto c = [&](double value) { return s.constantLike(t, value); };
  auto outer = [&](Value d) {
    return s.sub(s.mul(s.add(s.mul(s.sub(s.mul(c(a), d), c(5 * a)), d), c(8 * a)), d), c(4 * a));
  };
  auto inner = [&](Value d) { return s.add(s.mul(s.mul(s.sub(s.mul(c(a + 2), d), c(a + 3)), d), d), one); };
  return {outer(s.add(t, one)), inner(t), inner(s.sub(one, t)), outer(s.sub(c(2), t))};
}

struct LowerGridSample : OpConversionPattern<onnx::GridSampleOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::GridSampleOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    auto type = dyn_cast_or_null<RankedTensorType>(getTypeConverter()->convertType(op.getY().getType()));
    auto source = tensorType(adaptor.getX());
    if (!type || !type.hasStaticShape() || !source.hasStaticShape() || source.getNumElements() == 0)
      return rewriter.notifyMatchFailure(op, "has no static shape, or no elements");
    if (!isa<FloatType>(source.getElementType()))
      return rewriter.notifyMatchFailure(op, "supported for floats only");
    int64_t dims = source.getRank() - 2;
    Borders borders{op.getPaddingMode(), op.getAlignCorners() != 0};
    StringRef mode = op.getMode();
    auto sample = [&](OpBuilder &b, Location loc, ValueRange) -> Value {
      ScalarBuilder s{b, loc};
      SmallVector<Value> base, grid;
      for (int64_t d = 0; d < source.getRank(); ++d) {
        base.push_back(linalg::IndexOp::create(b, loc, d));
        if (d != 1)
          grid.push_back(base.back());
      }
      grid.push_back(Value());
      SmallVector<SmallVector<Value>> weights;
      SmallVector<SmallVector<Value>> pixels; // integral positions
      for (int64_t d = 0; d < dims; ++d) {
        int64_t extent = source.getDimSize(d + 2);
        grid.back() = number(s, dims - 1 - d); // the grid's first component is the last dimension
        Value x = s.cast(tensor::ExtractOp::create(b, loc, adaptor.getGrid(), grid), source.getElementType(), false);
        auto n = static_cast<double>(extent);
        x = borders.alignCorners
                ? s.mul(s.mul(s.add(x, s.constantLike(x, 1)), s.constantLike(x, 0.5)), s.constantLike(x, n - 1))
                : s.mul(s.sub(s.mul(s.add(x, s.constantLike(x, 1)), s.constantLike(x, n)), s.constantLike(x, 1)),
                        s.constantLike(x, 0.5));
        if (mode == "nearest") {
          x = borders.limit(s, s.math<math::RoundEvenOp>(x), extent);
          pixels.push_back({s.math<math::TruncOp>(x)});
          weights.push_back({Value()});
          continue;
        }
        x = borders.limit(s, x, extent);
        Value left = s.math<math::FloorOp>(x);
        weights.push_back(tapWeights(s, s.sub(x, left), mode));
        pixels.emplace_back();
        int64_t first = mode == "linear" ? 0 : -1;
        for (int64_t tap = 0; tap < static_cast<int64_t>(weights.back().size()); ++tap)
          pixels.back().push_back(s.add(left, s.constantLike(left, static_cast<double>(first + tap))));
      }
      Value total;
      SmallVector<size_t> tap(dims, 0);
      for (bool done = false; !done;) {
        SmallVector<Value> at{base[0], base[1]};
        Value inside, weight;
        for (int64_t d = 0; d < dims; ++d) {
          at.push_back(borders.pixel(s, pixels[d][tap[d]], source.getDimSize(d + 2), inside));
          if (Value w = weights[d][tap[d]])
            weight = weight ? s.mul(weight, w) : w;
        }
        Value pixel = tensor::ExtractOp::create(b, loc, adaptor.getX(), at);
        if (inside)
          pixel = s.select(inside, pixel, s.constantLike(pixel, 0));
        Value term = weight ? s.mul(pixel, weight) : pixel;
        total = total ? s.add(total, term) : term;
        done = true;
        for (int64_t d = dims - 1; d >= 0 && done; --d) {
          done = ++tap[d] == weights[d].size();
          if (done)
            tap[d] = 0;
        }
      }
      return total;
    };
    rewriter.replaceOp(op, lower::createElementwise(rewriter, op.getLoc(), type, {}, sample));
    return success();
  }
};

/// The mean or maximum of bilinear samples in each bin of a region. How many samples a bin has may depend on its size,
/// so they are loops inside.
struct LowerRoiAlign : OpConversionPattern<onnx::RoiAlignOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(onnx::RoiAlignOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    auto type = dyn_cast<RankedTensorType>(op.getY().getType());
    auto source = tensorType(adaptor.getX());
    if (!type || !type.hasStaticShape() || !source.hasStaticShape() || source.getNumElements() == 0)
      return rewriter.notifyMatchFailure(op, "has no static shape, or no elements");
    Location loc = op.getLoc();
    SmallVector<Value> low, high, step;
    for (int64_t d = 0; d < 4; ++d) {
      low.push_back(arith::ConstantIndexOp::create(rewriter, loc, 0));
      high.push_back(arith::ConstantIndexOp::create(rewriter, loc, type.getDimSize(d)));
      step.push_back(arith::ConstantIndexOp::create(rewriter, loc, 1));
    }
    Value start = createEmpty(rewriter, loc, RankedTensorType::get(type.getShape(), source.getElementType()));
    auto nest =
        scf::buildLoopNest(rewriter, loc, low, high, step, ValueRange{start},
                           [&](OpBuilder &b, Location l, ValueRange at, ValueRange carried) -> scf::ValueVector {
                             Value y = alignBin(op, adaptor, ScalarBuilder{b, l}, type, at);
                             return {tensor::InsertOp::create(b, l, y, carried[0], at)};
                           });
    rewriter.replaceOp(op, nest.results);
    return success();
  }

private:
  /// The value of output `at` = (region, channel, row, column).
  static Value alignBin(onnx::RoiAlignOp op, OpAdaptor adaptor, const ScalarBuilder &s, RankedTensorType type,
                        ValueRange at) {
    OpBuilder &b = s.builder;
    auto source = tensorType(adaptor.getX());
    Type element = source.getElementType();
    auto c = [&](double value) { return s.constant(element, value); };
    double offset = op.getCoordinateTransformationMode() == "half_pixel" ? 0.5 : 0;
    auto roi = [&](int64_t i) {
      Value x = tensor::ExtractOp::create(b, s.loc, adaptor.getRois(), ValueRange{at[0], number(s, i)});
      return s.sub(s.mul(x, c(op.getSpatialScale())), c(offset));
    };
    Value image = tensor::ExtractOp::create(b, s.loc, adaptor.getBatchIndices(), ValueRange{at[0]});
    image = arith::IndexCastOp::create(b, s.loc, b.getIndexType(), image);
    image = s.min(s.max(image, number(s, 0)), number(s, source.getDimSize(0) - 1));
    SmallVector<Value> starts, bins, counts; // row, column
    for (int64_t d = 0; d < 2; ++d) {
      Value first = roi(1 - d), size = s.sub(roi(3 - d), first);
      if (offset == 0)
        size = s.max(size, c(1));
      auto outputs = static_cast<double>(type.getDimSize(d + 2));
      Value bin = s.div(size, c(outputs));
      Value count = number(s, op.getSamplingRatio());
      if (op.getSamplingRatio() <= 0)
        count = toIndex(s, s.math<math::CeilOp>(bin));
      Value index = arith::IndexCastOp::create(b, s.loc, b.getI32Type(), at[2 + d]);
      starts.push_back(s.add(first, s.mul(s.cast(index, element, false), bin)));
      bins.push_back(bin);
      counts.push_back(count);
    }
    bool average = op.getMode() == "avg";
    Value zero = number(s, 0), one = number(s, 1);
    Value start = c(average ? 0 : -std::numeric_limits<double>::infinity());
    auto nest = scf::buildLoopNest(
        b, s.loc, ValueRange{zero, zero}, counts, ValueRange{one, one}, ValueRange{start},
        [&](OpBuilder &inner, Location l, ValueRange i, ValueRange total) -> scf::ValueVector {
          ScalarBuilder t{inner, l};
          SmallVector<Value> position;
          for (int64_t d = 0; d < 2; ++d) {
            auto real = [&](Value index) {
              return t.cast(arith::IndexCastOp::create(inner, l, inner.getI32Type(), index), element, false);
            };
            Value part = t.div(t.mul(t.add(real(i[d]), t.constant(element, 0.5)), bins[d]), real(counts[d]));
            position.push_back(t.add(starts[d], part));
          }
          return {sample(op, adaptor, t, image, at[1], position, total[0], average)};
        });
    Value total = nest.results.front();
    if (!average)
      return total;
    Value count = s.max(arith::MulIOp::create(b, s.loc, counts[0], counts[1]), one);
    count = arith::IndexCastOp::create(b, s.loc, b.getI32Type(), count);
    return s.div(total, s.cast(count, element, false));
  }

  /// `total` plus, or at least, the bilinear sample at `position`. Outside by more than a pixel it is 0.
  static Value sample(onnx::RoiAlignOp op, OpAdaptor adaptor, const ScalarBuilder &s, Value image, Value channel,
                      ArrayRef<Value> position, Value total, bool average) {
    auto source = tensorType(adaptor.getX());
    Type element = source.getElementType();
    Value inside;
    SmallVector<std::array<Value, 2>> indices, weights;
    for (int64_t d = 0; d < 2; ++d) {
      int64_t extent = source.getDimSize(d + 2);
      Value x = position[d];
      inside = both(s, inside, s.compare(Compare::GreaterOrEqual, x, s.constant(element, -1)));
      inside = both(s, inside, s.compare(Compare::LessOrEqual, x, s.constant(element, static_cast<double>(extent))));
      Value last = s.constant(element, static_cast<double>(extent - 1));
      x = s.min(s.max(x, s.constant(element, 0)), last);
      Value left = s.math<math::FloorOp>(x), right = s.min(s.add(left, s.constant(element, 1)), last);
      Value fraction = s.sub(x, left);
      indices.push_back({toIndex(s, left), toIndex(s, right)});
      weights.push_back({s.sub(s.constant(element, 1), fraction), fraction});
    }
    SmallVector<Value> terms;
    for (int64_t y = 0; y < 2; ++y)
      for (int64_t x = 0; x < 2; ++x) {
        Value pixel = tensor::ExtractOp::create(s.builder, s.loc, adaptor.getX(),
                                                ValueRange{image, channel, indices[0][y], indices[1][x]});
        Value term = s.mul(s.mul(weights[0][y], weights[1][x]), pixel);
        terms.push_back(s.select(inside, term, s.constant(element, 0)));
      }
    if (average)
      return s.add(total, s.add(s.add(terms[0], terms[1]), s.add(terms[2], terms[3])));
    for (Value term : terms) // the maximum is over the weighted corners, as ONNX has it
      total = s.max(total, term);
    return total;
  }
};

} // namespace

void lower::populateImagePatterns(OnnxTypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<LowerGridSample, LowerRoiAlign>(converter, patterns.getContext());
}
