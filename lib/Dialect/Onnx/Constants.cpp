// Constant tensors.
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Dialect/Onnx/Onnx.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace m2c::onnx;

int64_t m2c::onnx::getElementBytes(Type elementType) {
  if (auto complex = dyn_cast<ComplexType>(elementType))
    return 2 * getElementBytes(complex.getElementType());
  return elementType.isIntOrFloat() ? llvm::divideCeil(elementType.getIntOrFloatBitWidth(), 8) : 0;
}

std::optional<int64_t> m2c::onnx::getTensorBytes(ShapedType type) {
  if (!type.hasStaticShape())
    return std::nullopt;
  int64_t bytes = getElementBytes(type.getElementType());
  if (llvm::is_contained(type.getShape(), 0))
    return 0;
  for (int64_t size : type.getShape())
    if (llvm::MulOverflow(bytes, size, bytes))
      return std::nullopt;
  return bytes;
}

std::optional<ConstantData> m2c::onnx::readConstant(ElementsAttr value) {
  ShapedType type = value.getShapedType();
  std::optional<int64_t> total = getTensorBytes(type);
  ConstantData data;
  data.elementBytes = getElementBytes(type.getElementType());
  if (!total || data.elementBytes == 0)
    return std::nullopt;
  auto own = [&]() {
    data.owned = std::make_unique_for_overwrite<std::max_align_t[]>(*total / sizeof(std::max_align_t) + 1);
    data.bytes = ArrayRef<char>(reinterpret_cast<char *>(data.owned.get()), *total);
    return reinterpret_cast<char *>(data.owned.get());
  };

  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    if (!blob || static_cast<int64_t>(blob->getData().size()) != *total)
      return std::nullopt;
    data.bytes = blob->getData();
    return data;
  }
  auto dense = dyn_cast<DenseIntOrFPElementsAttr>(value);
  if (!dense)
    return std::nullopt;
  if (type.getElementType().isInteger(1)) {
    char *out = own();
    for (bool element : dense.getValues<bool>())
      *out++ = element;
  } else if (dense.isSplat()) {
    char *out = own();
    for (int64_t i = 0; i != *total; i += data.elementBytes)
      std::memcpy(out + i, dense.getRawData().data(), data.elementBytes);
  } else {
    data.bytes = dense.getRawData();
    if (reinterpret_cast<uintptr_t>(data.bytes.data()) % std::min<int64_t>(data.elementBytes, 8) != 0) {
      ArrayRef<char> raw = data.bytes;
      llvm::copy(raw, own());
    }
  }
  return data;
}

ElementsAttr m2c::onnx::getConstant(Value value) {
  ElementsAttr constant;
  if (value && matchPattern(value, m_Constant(&constant)))
    return constant;
  return {};
}

template <class T, class Out>
static void convert(const ConstantData &data, SmallVectorImpl<Out> &out) {
  llvm::append_range(out, data.as<T>());
}

/// Integers of any width and signedness.
template <class Out>
static bool convertIntegers(IntegerType type, const ConstantData &data, SmallVectorImpl<Out> &out) {
  bool isUnsigned = type.isUnsigned() || type.getWidth() == 1;
  if (type.getWidth() < 8) { // one per byte; the sign may not be extended
    unsigned width = type.getWidth();
    for (uint8_t byte : data.as<uint8_t>()) {
      uint64_t bits = byte & llvm::maskTrailingOnes<uint64_t>(width);
      out.push_back(isUnsigned ? static_cast<int64_t>(bits) : llvm::SignExtend64(bits, width));
    }
    return true;
  }
  switch (type.getWidth()) {
  case 8:
    isUnsigned ? convert<uint8_t>(data, out) : convert<int8_t>(data, out);
    return true;
  case 16:
    isUnsigned ? convert<uint16_t>(data, out) : convert<int16_t>(data, out);
    return true;
  case 32:
    isUnsigned ? convert<uint32_t>(data, out) : convert<int32_t>(data, out);
    return true;
  case 64:
    isUnsigned ? convert<uint64_t>(data, out) : convert<int64_t>(data, out);
    return true;
  default:
    return false;
  }
}

std::optional<SmallVector<int64_t>> m2c::onnx::getIntegers(ElementsAttr value) {
  auto type = value ? dyn_cast<IntegerType>(value.getShapedType().getElementType()) : IntegerType();
  std::optional<ConstantData> data = type ? readConstant(value) : std::nullopt;
  SmallVector<int64_t> integers;
  if (!data || !convertIntegers(type, *data, integers))
    return std::nullopt;
  return integers;
}

std::optional<SmallVector<int64_t>> m2c::onnx::getConstantIntegers(Value value) {
  return getIntegers(getConstant(value));
}

std::optional<SmallVector<double>> m2c::onnx::getFloats(ElementsAttr value) {
  std::optional<ConstantData> data = value ? readConstant(value) : std::nullopt;
  if (!data)
    return std::nullopt;
  SmallVector<double> floats;
  Type type = value.getShapedType().getElementType();
  if (auto integer = dyn_cast<IntegerType>(type)) {
    if (!convertIntegers(integer, *data, floats))
      return std::nullopt;
  } else if (type.isF32()) {
    convert<float>(*data, floats);
  } else if (type.isF64()) {
    convert<double>(*data, floats);
  } else if (auto floatType = dyn_cast<FloatType>(type)) {
    unsigned width = floatType.getWidth();
    for (size_t i = 0, bytes = getElementBytes(type); i != data->getBytes().size(); i += bytes) {
      uint64_t bits = 0;
      std::memcpy(&bits, data->getBytes().data() + i, bytes);
      APFloat number(floatType.getFloatSemantics(), APInt(width, bits & llvm::maskTrailingOnes<uint64_t>(width)));
      bool lost;
      number.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &lost);
      floats.push_back(number.convertToDouble());
    }
  } else {
    return std::nullopt;
  }
  return floats;
}

std::optional<SmallVector<double>> m2c::onnx::getConstantFloats(Value value) { return getFloats(getConstant(value)); }

std::optional<double> m2c::onnx::getSplat(ElementsAttr value) {
  if (!value || value.getShapedType().getNumElements() == 0)
    return std::nullopt;
  auto one = RankedTensorType::get({1}, value.getShapedType().getElementType());
  if (auto dense = dyn_cast<DenseIntOrFPElementsAttr>(value); dense && dense.isSplat()) {
    std::optional<SmallVector<double>> element = getFloats(dense.resizeSplat(one));
    return element ? std::optional<double>(element->front()) : std::nullopt;
  }
  std::optional<ConstantData> data = readConstant(value);
  size_t size = getElementBytes(one.getElementType());
  if (!data ||
      std::memcmp(data->getBytes().data(), data->getBytes().data() + size, data->getBytes().size() - size) != 0)
    return std::nullopt;
  ConstantBuffer buffer(one);
  llvm::copy(data->getBytes().take_front(size), buffer.getBytes().begin());
  std::optional<SmallVector<double>> element = getFloats(std::move(buffer).finish());
  return element ? std::optional<double>(element->front()) : std::nullopt;
}

//===- Making constants -===//

ConstantBuffer::ConstantBuffer(RankedTensorType type)
    : type(type), blob(HeapAsmResourceBlob::allocate(getTensorBytes(type).value(), 64, /*dataIsMutable=*/true)) {
  std::memset(getBytes().data(), 0, getBytes().size());
}

static ElementsAttr createSmall(RankedTensorType type, ArrayRef<char> bytes) {
  if (type.getNumElements() == 0)
    return DenseElementsAttr::get(type, ArrayRef<Attribute>());
  if (!type.getElementType().isInteger(1))
    return DenseElementsAttr::getFromRawBuffer(type, bytes);
  return DenseElementsAttr::get(type, llvm::map_to_vector(bytes, [](char byte) { return byte != 0; }));
}

ElementsAttr ConstantBuffer::finish(StringRef name) && {
  if (static_cast<int64_t>(getBytes().size()) <= kSmallConstantBytes)
    return createSmall(type, getBytes());
  return DenseResourceElementsAttr::get(type, name, std::move(blob));
}

ElementsAttr m2c::onnx::createConstant(MLIRContext *context, ArrayRef<int64_t> elements) {
  auto type = RankedTensorType::get({static_cast<int64_t>(elements.size())}, IntegerType::get(context, 64));
  return createConstant<int64_t>(type, elements);
}

ElementsAttr m2c::onnx::createConstant(RankedTensorType type, ArrayRef<char> bytes, AsmResourceBlob::DeleterFn deleter,
                                       StringRef name) {
  size_t alignment = std::max<int64_t>(1, std::min<int64_t>(8, getElementBytes(type.getElementType())));
  AsmResourceBlob blob =
      UnmanagedAsmResourceBlob::allocateWithAlign(bytes, alignment, std::move(deleter), /*dataIsMutable=*/false);
  if (static_cast<int64_t>(bytes.size()) <= kSmallConstantBytes)
    return createSmall(type, bytes);
  return DenseResourceElementsAttr::get(type, name, std::move(blob));
}
