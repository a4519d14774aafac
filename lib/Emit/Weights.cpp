// Constants: their bytes, as arrays and as a file.
#include "Model.h"
#include "m2c/Emit/Cpp/Expression.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Support/xxhash.h"
#include <charconv>
#include <cmath>

using namespace mlir;
using namespace m2c;
using namespace m2c::emit;

static unsigned getElementBytes(Type type) { return type.isIndex() ? 8 : (type.getIntOrFloatBitWidth() + 7) / 8; }

FailureOr<StringRef> m2c::emit::getConstantBytes(memref::GlobalOp global, std::deque<std::string> &made) {
  Attribute initial = global.getInitialValueAttr();
  Type type = global.getType().getElementType();
  size_t size = global.getType().getNumElements() * getElementBytes(type);
  if (auto resource = dyn_cast_or_null<DenseResourceElementsAttr>(initial)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    if (!blob || blob->getData().size() != size)
      return global.emitError("the data of constant '") << global.getSymName() << "' is missing or has a wrong size",
             failure();
    return StringRef(blob->getData().data(), size);
  }
  auto dense = dyn_cast_or_null<DenseElementsAttr>(initial);
  if (!dense)
    return global.emitError("constant '") << global.getSymName() << "' has no value", failure();
  std::string &bytes = made.emplace_back();
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
  return StringRef(bytes);
}

template <class T>
static T elementAt(StringRef bytes, size_t i) {
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
    bool bits = type.isUnsignedInteger() || isa<FloatType>(type); // narrow floats are stored as their bits
    std::string number =
        type.isF32()   ? printNumber(elementAt<float>(block.bytes, i))
        : type.isF64() ? printNumber(elementAt<double>(block.bytes, i))
        : size == 1    ? printNumber<int>(bits || type.isInteger(1) ? elementAt<uint8_t>(block.bytes, i)
                                                                    : elementAt<int8_t>(block.bytes, i))
        : size == 2 ? printNumber<int>(bits ? elementAt<uint16_t>(block.bytes, i) : elementAt<int16_t>(block.bytes, i))
        : size == 4 ? type.isUnsignedInteger() ? printNumber(elementAt<uint32_t>(block.bytes, i))
                                               : printNumber(elementAt<int32_t>(block.bytes, i))
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

WeightsFile m2c::emit::makeWeightsFile(ModelParts &&model) {
  static const char zeros[weightsAlignment] = {};
  WeightsFile file;
  file.mark = model.weightsMark;
  file.own = std::move(model.ownBytes);
  int64_t end = 0;
  auto fillTo = [&](int64_t offset) {
    if (offset > end)
      file.pieces.emplace_back(zeros, offset - end);
    end = offset;
  };
  for (const WeightBlock &block : model.weights) {
    fillTo(block.offset);
    file.pieces.push_back(block.bytes);
    end += static_cast<int64_t>(block.bytes.size());
  }
  fillTo(model.weightBytes);
  file.own.push_back(file.mark);
  file.pieces.emplace_back(file.own.back());
  return file;
}

std::string m2c::emit::getWeightsMark(ArrayRef<WeightBlock> weights) {
  // Hashes of the blocks, hashed: the blocks need not be joined for it. (Speed counts here, nobody is to be kept from
  // forging.)
  SmallVector<uint64_t> digests;
  auto add = [&](ArrayRef<uint8_t> bytes) {
    llvm::XXH128_hash_t hash = llvm::xxh3_128bits(bytes);
    digests.append({hash.low64, hash.high64});
  };
  for (const WeightBlock &block : weights)
    add(llvm::arrayRefFromStringRef(block.bytes));
  add(ArrayRef(reinterpret_cast<const uint8_t *>(digests.data()), digests.size() * sizeof(uint64_t)));
  std::string mark;
  llvm::raw_string_ostream(mark) << llvm::format_hex_no_prefix(digests.end()[-1], 16)
                                 << llvm::format_hex_no_prefix(digests.end()[-2], 16);
  return mark;
}
