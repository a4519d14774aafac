// Conversion between any two element types of ONNX.
#include "Cast.h"

using namespace mlir;
using namespace m2c;
using lower::ScalarBuilder;
using Compare = ScalarBuilder::Compare;

namespace {

/// The largest number of a float type of 8 or 4 bits.
double largestOf(FloatType type) { return APFloat::getLargest(type.getFloatSemantics()).convertToDouble(); }

/// Float32 to a float of less than 32 bits. With `saturate` what is too large becomes the largest number.
Value narrow(const ScalarBuilder &s, Value x, FloatType to, bool saturate, StringRef roundMode) {
  if (isa<Float8E8M0FNUType>(to)) { // a power of two: its exponent, rounded as asked for
    auto bits = [&](Value value) { return arith::BitcastOp::create(s.builder, s.loc, s.builder.getI32Type(), value); };
    auto number = [&](int64_t value) { return s.constant(s.builder.getI32Type(), static_cast<double>(value)); };
    Value raw = bits(x), magnitude = arith::AndIOp::create(s.builder, s.loc, raw, number(0x7fffffff));
    int64_t bias = roundMode == "up" ? 0x7fffff : roundMode == "nearest" ? 0x400000 : 0;
    Value exponent = arith::ShRUIOp::create(s.builder, s.loc, s.add(magnitude, number(bias)), number(23));
    Value isNaN = s.compare(Compare::NotEqual, x, x),
          infinite = s.compare(Compare::Equal, magnitude, number(0x7f800000));
    exponent = s.min(exponent, number(saturate ? 254 : 255));
    exponent = s.select(infinite, number(saturate ? 254 : 255), s.select(isNaN, number(255), exponent));
    Value byte = arith::TruncIOp::create(s.builder, s.loc, s.builder.getI8Type(), exponent);
    return arith::BitcastOp::create(s.builder, s.loc, to, byte);
  }
  if (to.getWidth() < 16 && saturate) {
    double largest = largestOf(to);
    x = s.max(s.min(x, s.constantLike(x, largest)), s.constantLike(x, -largest));
  }
  return arith::TruncFOp::create(s.builder, s.loc, to, x);
}

/// Wraps `x`, an integer of 8 bits, to the 2 or 4 bits of `type`.
Value wrap(const ScalarBuilder &s, Value x, IntegerType type) {
  Value shift = s.constantLike(x, 8 - type.getWidth());
  x = arith::ShLIOp::create(s.builder, s.loc, x, shift);
  return type.isUnsigned() ? arith::ShRUIOp::create(s.builder, s.loc, x, shift).getResult()
                           : arith::ShRSIOp::create(s.builder, s.loc, x, shift).getResult();
}

} // namespace

namespace m2c::lower {

Value castElement(const ScalarBuilder &s, Value x, Type from, Type to, bool saturate, StringRef roundMode) {
  if (from == to)
    return x;
  MLIRContext *context = to.getContext();
  auto isNarrow = [](Type type) { return isa<FloatType>(type) && type.getIntOrFloatBitWidth() < 32; };
  ScalarBuilder source{s.builder, s.loc, from.isUnsignedInteger()};
  Type single = Float32Type::get(context);
  if (isNarrow(from)) {
    x = arith::ExtFOp::create(s.builder, s.loc, single, x);
    from = single;
  }
  if (isNarrow(to))
    return narrow(s, source.cast(x, single, false), cast<FloatType>(to), saturate, roundMode);
  auto integer = dyn_cast<IntegerType>(to);
  if (!integer)
    return source.cast(x, to, false);
  bool sub = integer.getWidth() > 1 && integer.getWidth() < 8;
  Type stored = IntegerType::get(context, sub ? 8 : integer.getWidth());
  if (isa<FloatType>(from) && integer.getWidth() > 1 && integer.getWidth() < 32) {
    // By way of 32 bits, so that what is out of range wraps as everywhere else.
    Value wide = source.cast(x, IntegerType::get(context, 32), false);
    x = arith::TruncIOp::create(s.builder, s.loc, stored, wide);
  } else {
    x = source.cast(x, stored, integer.isUnsigned());
  }
  return sub ? wrap(s, x, integer) : x;
}

} // namespace m2c::lower
