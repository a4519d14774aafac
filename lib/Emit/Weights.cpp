// Constants: their bytes, as arrays and as a file.
#include "Model.h"
#include "m2c/Emit/Cpp/Expression.h"
#include "m2c/Support/Files.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/Support/raw_ostream.h"
#include <charconv>
#include <cmath>

using namespace mlir;
using namespace m2c;
using namespace m2c::emit;

static unsigned getElementBytes(Type type) { return type.isIndex() ? 8 : (type.getIntOrFloatBitWidth() + 7) / 8; }

FailureOr<std::string> m2c::emit::getConstantBytes(memref::GlobalOp global) {
  Attribute initial = global.getInitialValueAttr();
  Type type = global.getType().getElementType();
  size_t size = global.getType().getNumElements() * getElementBytes(type);
  if (auto resource = dyn_cast_or_null<DenseResourceElementsAttr>(initial)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    if (!blob || blob->getData().size() != size)
      return global.emitError("the data of constant '") << global.getSymName() << "' is missing or has a wrong size",
             failure();
    return std::string(blob->getData().data(), size);
  }
  auto dense = dyn_cast_or_null<DenseElementsAttr>(initial);
  if (!dense)
    return global.emitError("constant '") << global.getSymName() << "' has no value", failure();
  std::string bytes;
  bytes.reserve(size);
  auto append = [&](const APInt &bits) {
    uint64_t value = bits.getZExtValue();
    bytes.append(reinterpret_cast<const char *>(&value), getElementBytes(type)); // little endian, as all our hosts
  };
  if (isa<FloatType>(type))
    for (const APFloat &value : dense.getValues<APFloat>())
      append(value.bitcastToAPInt());
  else
    for (const APInt &value : dense.getValues<APInt>())
      append(value);
  return bytes;
}

template <class T>
static T elementAt(const std::string &bytes, size_t i) {
  T value;
  std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
  return value;
}

template <class T>
static std::string printNumber(T value) {
  if constexpr (std::is_floating_point_v<T>) {
    std::string limits = sizeof(T) == 4 ? "std::numeric_limits<float>::" : "std::numeric_limits<double>::";
    if (std::isnan(value))
      return limits + "quiet_NaN()";
    if (std::isinf(value))
      return (value < 0 ? "-" : "") + limits + "infinity()";
  } else if (sizeof(T) == 8 && value == std::numeric_limits<T>::min() && std::is_signed_v<T>) {
    return "std::numeric_limits<std::int64_t>::min()";
  }
  char text[64];
  std::string digits(text, std::to_chars(text, text + sizeof text, value).ptr);
  if (std::is_floating_point_v<T> && digits.find_first_of(".e") == std::string::npos)
    digits += ".0";
  return sizeof(T) == 4 && std::is_floating_point_v<T> ? digits + "f" : digits;
}

std::string m2c::emit::printArray(const WeightBlock &block) {
  std::string text = "   ";
  size_t column = 3, count = block.bytes.size() / getElementBytes(block.elementType);
  for (size_t i = 0; i < count; ++i) {
    Type type = block.elementType;
    unsigned size = getElementBytes(type);
    std::string number =
        type.isF32()   ? printNumber(elementAt<float>(block.bytes, i))
        : type.isF64() ? printNumber(elementAt<double>(block.bytes, i))
        : size == 1
            ? printNumber<int>(type.isUnsignedInteger() || type.isInteger(1) ? elementAt<uint8_t>(block.bytes, i)
                                                                             : elementAt<int8_t>(block.bytes, i))
        : size == 2                ? printNumber<int>(type.isUnsignedInteger() ? elementAt<uint16_t>(block.bytes, i)
                                                                               : elementAt<int16_t>(block.bytes, i))
        : size == 4                ? printNumber<int64_t>(type.isUnsignedInteger() ? elementAt<uint32_t>(block.bytes, i)
                                                                                   : elementAt<int32_t>(block.bytes, i))
        : type.isUnsignedInteger() ? printNumber(elementAt<uint64_t>(block.bytes, i)) + "u"
                                   : printNumber(elementAt<int64_t>(block.bytes, i));
    if (column + number.size() + 2 > 118) {
      text += "\n   ";
      column = 3;
    }
    text += " " + number + ",";
    column += number.size() + 2;
  }
  return text;
}

std::string m2c::emit::makeWeightsFile(const ModelParts &model) {
  std::string file;
  file.reserve(model.weightBytes + weightsMarkBytes);
  for (const WeightBlock &block : model.weights) {
    file.resize(block.offset, '\0');
    file += block.bytes;
  }
  file.resize(model.weightBytes, '\0');
  return file + getWeightsMark(model);
}

std::string m2c::emit::getWeightsMark(const ModelParts &model) {
  // Hashes of the blocks, hashed: the blocks need not be joined for it.
  std::string digests;
  for (const WeightBlock &block : model.weights)
    digests += sha256(block.bytes);
  return sha256(digests).substr(0, weightsMarkBytes);
}
