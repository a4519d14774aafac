// Storage of constants: conversion between element types and their arithmetic domains.
#include "m2c/Graph/ConstantTensor.h"
#include "m2c/Dialect/Onnx/Constants.h"
#include "llvm/ADT/bit.h"
#include <cmath>
#include <cstring>
#include <limits>

using namespace mlir;

namespace m2c::graph {

std::optional<Domain> getDomain(Type type) {
  if (isa<Float16Type, BFloat16Type, Float32Type, Float64Type>(type))
    return Domain::Float;
  auto integer = dyn_cast<IntegerType>(type);
  if (!integer)
    return std::nullopt;
  if (integer.getWidth() == 1)
    return Domain::Unsigned;
  if (integer.getWidth() != 8 && integer.getWidth() != 16 && integer.getWidth() != 32 && integer.getWidth() != 64)
    return std::nullopt;
  return integer.isUnsigned() ? Domain::Unsigned : Domain::Signed;
}

size_t getElementBytes(Type type) { return (type.getIntOrFloatBitWidth() + 7) / 8; }

int64_t countElements(ArrayRef<int64_t> shape) {
  int64_t count = 1;
  for (int64_t dim : shape)
    count *= dim;
  return count;
}

namespace {
/// `v` rounded to `mantissa` explicit bits, halves to even, with the smallest normal exponent `minExponent`.
double roundTo(double v, int mantissa, int minExponent) {
  if (v == 0 || !std::isfinite(v))
    return v;
  int ulp = std::max(std::ilogb(v), minExponent) - mantissa;
  return std::ldexp(std::nearbyint(std::ldexp(v, -ulp)), ulp);
}

struct Half {
  uint16_t bits;
};
struct BFloat {
  uint16_t bits;
};
struct Bool {
  uint8_t value;
};

double decode(Half half) {
  int exponent = half.bits >> 10 & 31;
  double mantissa = half.bits & 1023;
  double v = exponent == 31
                 ? (mantissa != 0 ? std::numeric_limits<double>::quiet_NaN() : std::numeric_limits<double>::infinity())
             : exponent == 0 ? std::ldexp(mantissa, -24)
                             : std::ldexp(mantissa + 1024, exponent - 25);
  return half.bits >> 15 ? -v : v;
}
double decode(BFloat b) { return llvm::bit_cast<float>(uint32_t(b.bits) << 16); }
uint64_t decode(Bool b) { return b.value != 0; }
template <class T>
T decode(T v) {
  return v;
}

void encode(double v, Half &out) {
  uint16_t sign = std::signbit(v) ? 0x8000 : 0;
  double r = std::fabs(roundTo(v, 10, -14));
  if (std::isnan(v))
    out.bits = sign | 0x7e00;
  else if (r > 65504)
    out.bits = sign | 0x7c00;
  else if (r < 0x1p-14)
    out.bits = sign | uint16_t(std::ldexp(r, 24));
  else {
    int e = std::ilogb(r);
    out.bits = sign | uint16_t((e + 15) << 10 | (int(std::ldexp(r, 10 - e)) - 1024));
  }
}
void encode(double v, BFloat &out) {
  if (std::isnan(v))
    out.bits = 0x7fc0;
  else
    out.bits = llvm::bit_cast<uint32_t>(float(roundTo(v, 7, -126))) >> 16;
}
template <class T>
void encode(T v, Bool &out) {
  out.value = v != 0;
}
/// Floats to integers saturate, so that nothing here is undefined; NaN becomes 0.
template <class To, class From>
To convert(From v) {
  if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    if (std::isnan(v))
      return 0;
    if (v <= double(std::numeric_limits<To>::min()))
      return std::numeric_limits<To>::min();
    if (v >= double(std::numeric_limits<To>::max()))
      return std::numeric_limits<To>::max();
  }
  return static_cast<To>(v);
}
template <class From, class T>
  requires std::is_arithmetic_v<T>
void encode(From v, T &out) {
  out = convert<T>(v);
}

/// Calls `f` with a null pointer of the C++ type that stores `type`.
template <class F>
void visitStorage(Type type, F f) {
  if (type.isF32())
    return f((float *)nullptr);
  if (type.isF64())
    return f((double *)nullptr);
  if (type.isF16())
    return f((Half *)nullptr);
  if (type.isBF16())
    return f((BFloat *)nullptr);
  bool isUnsigned = type.isUnsignedInteger();
  switch (type.getIntOrFloatBitWidth()) {
  case 1:
    return f((Bool *)nullptr);
  case 8:
    return isUnsigned ? f((uint8_t *)nullptr) : f((int8_t *)nullptr);
  case 16:
    return isUnsigned ? f((uint16_t *)nullptr) : f((int16_t *)nullptr);
  case 32:
    return isUnsigned ? f((uint32_t *)nullptr) : f((int32_t *)nullptr);
  default:
    return isUnsigned ? f((uint64_t *)nullptr) : f((int64_t *)nullptr);
  }
}

template <class T>
T load(const ConstantTensor &tensor, int64_t i) {
  T value{};
  visitStorage(tensor.getElementType(), [&]<class S>(S *) {
    S stored;
    std::memcpy(&stored, tensor.data() + i * sizeof(S), sizeof(S));
    value = convert<T>(decode(stored));
  });
  return value;
}
} // namespace

ConstantTensor::ConstantTensor(Type elementType, ArrayRef<int64_t> shape)
    : elementType(elementType), shape(shape), count(countElements(shape)) {
  std::shared_ptr<char[]> bytes(new char[std::max<size_t>(getBytes(), 1)]());
  elements = bytes.get();
  owner = bytes;
}

std::optional<ConstantTensor> ConstantTensor::get(ElementsAttr attr) {
  auto type = attr ? dyn_cast<RankedTensorType>(attr.getShapedType()) : RankedTensorType();
  if (!type || !getDomain(type.getElementType()))
    return std::nullopt;
  std::optional<onnx::ConstantData> data = onnx::readConstant(attr);
  if (!data)
    return std::nullopt;
  ConstantTensor tensor;
  tensor.elementType = type.getElementType();
  tensor.shape.assign(type.getShape().begin(), type.getShape().end());
  tensor.count = type.getNumElements();
  auto owner = std::make_shared<onnx::ConstantData>(std::move(*data));
  tensor.elements = owner->getBytes().data();
  tensor.owner = std::move(owner);
  return tensor;
}

std::optional<ConstantTensor> ConstantTensor::get(Value value) { return get(onnx::getConstant(value)); }

ElementsAttr ConstantTensor::toAttr(StringRef name) const {
  auto release = [keep = owner](void *, size_t, size_t) mutable { keep.reset(); };
  return onnx::createConstant(getType(), ArrayRef<char>(elements, getBytes()), std::move(release), name);
}

template <class T>
ConstantTensor ConstantTensor::from(Type elementType, ArrayRef<int64_t> shape, ArrayRef<T> values) {
  ConstantTensor tensor(elementType, shape);
  assert(tensor.size() == int64_t(values.size()) && "as many values as elements");
  visitStorage(elementType, [&]<class S>(S *) {
    auto *out = reinterpret_cast<S *>(tensor.mutableData());
    // Narrow integers wrap: they come from arithmetic modulo 2^64. Floats saturate.
    for (int64_t i = 0; i < tensor.count; ++i)
      encode(values[i], out[i]);
  });
  return tensor;
}

template <class T>
std::vector<T> ConstantTensor::values() const {
  std::vector<T> out(count);
  visitStorage(elementType, [&]<class S>(S *) {
    for (int64_t i = 0; i < count; ++i) {
      S stored;
      std::memcpy(&stored, elements + i * sizeof(S), sizeof(S));
      out[i] = convert<T>(decode(stored));
    }
  });
  return out;
}

template ConstantTensor ConstantTensor::from<double>(Type, ArrayRef<int64_t>, ArrayRef<double>);
template ConstantTensor ConstantTensor::from<int64_t>(Type, ArrayRef<int64_t>, ArrayRef<int64_t>);
template ConstantTensor ConstantTensor::from<uint64_t>(Type, ArrayRef<int64_t>, ArrayRef<uint64_t>);
template std::vector<double> ConstantTensor::values<double>() const;
template std::vector<int64_t> ConstantTensor::values<int64_t>() const;
template std::vector<uint64_t> ConstantTensor::values<uint64_t>() const;

double ConstantTensor::getDouble(int64_t i) const { return load<double>(*this, i); }
int64_t ConstantTensor::getInt(int64_t i) const { return load<int64_t>(*this, i); }

ConstantTensor ConstantTensor::reshape(ArrayRef<int64_t> newShape) const {
  ConstantTensor tensor = *this;
  assert(countElements(newShape) == count && "as many elements");
  tensor.shape.assign(newShape.begin(), newShape.end());
  return tensor;
}

bool ConstantTensor::isSplat() const {
  size_t bytes = getElementBytes();
  for (int64_t i = 1; i < count; ++i)
    if (std::memcmp(elements, elements + i * bytes, bytes) != 0)
      return false;
  return count > 0;
}

} // namespace m2c::graph
