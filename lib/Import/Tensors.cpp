#include "Tensors.h"
#include "DetachData.h"
#include "Types.h"
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Dialect/Onnx/Onnx.h"
#include "onnx-ml.pb.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::importer;
using m2c::onnx::ConstantBuffer;
using m2c::onnx::ConstantData;
using ::onnx::TensorProto;

namespace {

constexpr int64_t kMaxDenseBytes = int64_t(1) << 31; // of a sparse tensor made dense

/// Bits of an element in raw_data; 0 for strings.
unsigned getRawBits(Type element) {
  if (auto complex = dyn_cast<ComplexType>(element))
    return 2 * complex.getElementType().getIntOrFloatBitWidth();
  if (element.isInteger(1))
    return 8;
  return element.isIntOrFloat() ? element.getIntOrFloatBitWidth() : 0;
}

/// Writes the numbers of a typed field; false if there are not as many as the type wants.
template <class To, class Field>
bool writeField(const Field &field, MutableArrayRef<To> out) {
  if (static_cast<size_t>(field.size()) != out.size())
    return false;
  llvm::transform(field, out.begin(), [](auto value) { return static_cast<To>(value); });
  return true;
}

/// Elements of 2 or 4 bits, the first one lowest, into one byte each.
void unpackSmall(StringRef packed, unsigned bits, MutableArrayRef<char> out) {
  unsigned perByte = 8 / bits;
  for (size_t i = 0; i != out.size(); ++i)
    out[i] = static_cast<uint8_t>(packed[i / perByte]) >> (i % perByte * bits) & ((1 << bits) - 1);
}

/// int32_data: all integers of up to 32 bits but uint32, and the bits of small floats.
bool writeInt32Data(const TensorProto &tensor, Type element, ConstantBuffer &buffer) {
  const auto &field = tensor.int32_data();
  unsigned bits = getRawBits(element);
  if (bits < 8) { // packed bytes, one in each int32
    if (static_cast<size_t>(field.size()) != llvm::divideCeil(buffer.getBytes().size() * bits, 8))
      return false;
    std::string packed(field.begin(), field.end());
    unpackSmall(packed, bits, buffer.getBytes());
    return true;
  }
  if (bits == 8)
    return writeField<uint8_t>(field, buffer.as<uint8_t>());
  return bits == 16 ? writeField<uint16_t>(field, buffer.as<uint16_t>())
                    : writeField<int32_t>(field, buffer.as<int32_t>());
}

/// What the typed field for this data type holds; false if the number of its elements is wrong.
bool writeTypedData(const TensorProto &tensor, Type element, ConstantBuffer &buffer) {
  auto floats = [&](MutableArrayRef<char> bytes) {
    return MutableArrayRef<float>(reinterpret_cast<float *>(bytes.data()), bytes.size() / sizeof(float));
  };
  auto doubles = [&](MutableArrayRef<char> bytes) {
    return MutableArrayRef<double>(reinterpret_cast<double *>(bytes.data()), bytes.size() / sizeof(double));
  };
  switch (tensor.data_type()) {
  case TensorProto::FLOAT:
  case TensorProto::COMPLEX64:
    return writeField<float>(tensor.float_data(), floats(buffer.getBytes()));
  case TensorProto::DOUBLE:
  case TensorProto::COMPLEX128:
    return writeField<double>(tensor.double_data(), doubles(buffer.getBytes()));
  case TensorProto::INT64:
    return writeField<int64_t>(tensor.int64_data(), buffer.as<int64_t>());
  case TensorProto::UINT64:
    return writeField<uint64_t>(tensor.uint64_data(), buffer.as<uint64_t>());
  case TensorProto::UINT32:
    return writeField<uint32_t>(tensor.uint64_data(), buffer.as<uint32_t>());
  default:
    return writeInt32Data(tensor, element, buffer);
  }
}

/// How many numbers the typed field holds, before anything is allocated for them.
int64_t countTypedData(const TensorProto &tensor) {
  switch (tensor.data_type()) {
  case TensorProto::FLOAT:
  case TensorProto::COMPLEX64:
    return tensor.float_data_size();
  case TensorProto::DOUBLE:
  case TensorProto::COMPLEX128:
    return tensor.double_data_size();
  case TensorProto::INT64:
    return tensor.int64_data_size();
  case TensorProto::UINT64:
  case TensorProto::UINT32:
    return tensor.uint64_data_size();
  default:
    return tensor.int32_data_size();
  }
}

} // namespace

/// The data as raw_data has it, checked to be as large as the tensor.
FailureOr<TensorReader::Data> TensorReader::findRaw(const TensorProto &tensor, int64_t expectedBytes,
                                                    const Twine &where) {
  FailureOr<Data> data = Data{tensor.raw_data(), nullptr};
  if (tensor.data_location() == TensorProto::EXTERNAL)
    data = findExternal(tensor, expectedBytes, where);
  if (failed(data))
    return failure();
  if (static_cast<int64_t>(data->bytes.size()) != expectedBytes)
    return context.error(where) << "its data has " << data->bytes.size() << " bytes, but its shape "
                                << formatShape({tensor.dims().data(), static_cast<size_t>(tensor.dims_size())})
                                << " of " << getDataTypeName(tensor.data_type()) << " needs " << expectedBytes;
  return data;
}

FailureOr<StringRef> TensorReader::readDetached(const TensorProto &tensor, const Twine &where,
                                                std::shared_ptr<MappedFile> &owner) {
  Type element = getElementType(&context.mlirContext, tensor.data_type());
  std::optional<int64_t> count = countElements({tensor.dims().data(), static_cast<size_t>(tensor.dims_size())});
  if (!element || !count)
    return context.error(where) << "its type or shape is not possible";
  FailureOr<Data> data = findRaw(tensor, llvm::divideCeil(*count * getRawBits(element), 8), where);
  if (failed(data))
    return failure();
  owner = data->file;
  return data->bytes;
}

FailureOr<ElementsAttr> TensorReader::read(const TensorProto &tensor, const Twine &where) {
  Type element = getElementType(&context.mlirContext, tensor.data_type());
  if (!element)
    return context.error(where) << "its element type is " << getDataTypeName(tensor.data_type())
                                << ", which m2c does not know";
  ArrayRef<int64_t> shape(tensor.dims().data(), tensor.dims_size());
  std::optional<int64_t> count = countElements(shape);
  if (!count)
    return context.error(where) << "its shape " << formatShape(shape) << " is not possible";
  auto type = RankedTensorType::get(shape, element);
  std::string name = tensor.name().empty() ? "tensor" : tensor.name();
  auto wrongCount = [&](int64_t found) {
    return context.error(where) << "it holds " << found << " elements, but its shape " << formatShape(shape)
                                << " needs " << *count;
  };

  if (isa<onnx::StringType>(element)) {
    if (tensor.string_data_size() != *count)
      return wrongCount(tensor.string_data_size());
    SmallVector<StringRef> strings(tensor.string_data().begin(), tensor.string_data().end());
    return ElementsAttr(DenseStringElementsAttr::get(type, strings));
  }

  unsigned bits = getRawBits(element);
  int64_t rawBytes = llvm::divideCeil(*count * bits, 8);
  if (tensor.data_location() == TensorProto::EXTERNAL || tensor.has_raw_data()) {
    FailureOr<Data> data = findRaw(tensor, rawBytes, where);
    if (failed(data))
      return failure();
    return readRaw(*data, type, name);
  }

  int64_t perElement = isa<ComplexType>(element) ? 2 : 1;
  int64_t expected = bits < 8 ? rawBytes : *count * perElement;
  if (int64_t found = countTypedData(tensor); found != expected)
    return wrongCount(found / perElement);
  ConstantBuffer buffer(type);
  if (!writeTypedData(tensor, element, buffer))
    return wrongCount(countTypedData(tensor));
  return std::move(buffer).finish(name);
}

ElementsAttr TensorReader::readRaw(Data data, RankedTensorType type, StringRef name) {
  unsigned bits = getRawBits(type.getElementType());
  auto address = reinterpret_cast<uintptr_t>(data.bytes.data());
  bool isAligned = address % std::min<int64_t>(8, onnx::getElementBytes(type.getElementType())) == 0;
  if (data.file && isAligned && bits >= 8)
    return onnx::createConstant(
        type, ArrayRef(data.bytes.data(), data.bytes.size()), [file = data.file](void *, size_t, size_t) {}, name);
  ConstantBuffer buffer(type);
  if (bits < 8)
    unpackSmall(data.bytes, bits, buffer.getBytes());
  else
    llvm::copy(data.bytes, buffer.getBytes().begin());
  if (data.file)
    data.file->release(data.bytes);
  return std::move(buffer).finish(name);
}

FailureOr<ElementsAttr> TensorReader::read(const ::onnx::SparseTensorProto &tensor, const Twine &where) {
  FailureOr<ElementsAttr> values = read(tensor.values(), where + ", values");
  FailureOr<ElementsAttr> indices = read(tensor.indices(), where + ", indices");
  if (failed(values) || failed(indices))
    return failure();
  ArrayRef<int64_t> shape(tensor.dims().data(), tensor.dims_size());
  std::optional<int64_t> count = countElements(shape);
  Type element = values->getElementType();
  int64_t elementBytes = onnx::getElementBytes(element);
  if (!count || elementBytes == 0 || *count > kMaxDenseBytes / elementBytes)
    return context.error(where) << "its shape " << formatShape(shape) << " cannot be made dense";
  ArrayRef<int64_t> indexShape = indices->getShapedType().getShape();
  int64_t nonZeros = values->getNumElements();
  bool isLinear = indexShape == ArrayRef<int64_t>{nonZeros};
  if (!indices->getElementType().isSignlessInteger(64) ||
      (!isLinear && indexShape != ArrayRef<int64_t>{nonZeros, static_cast<int64_t>(shape.size())}))
    return context.error(where) << "its indices have the shape " << formatShape(indexShape) << ", but there are "
                                << nonZeros << " values of rank " << shape.size();

  ConstantBuffer buffer(RankedTensorType::get(shape, element));
  std::optional<ConstantData> valueData = onnx::readConstant(*values);
  std::optional<SmallVector<int64_t>> indexData = onnx::getIntegers(*indices);
  for (int64_t i = 0; i != nonZeros; ++i) {
    int64_t position = isLinear ? (*indexData)[i] : 0;
    bool isInside = position >= 0 && position < *count;
    for (size_t d = 0; !isLinear && d != shape.size(); ++d) {
      int64_t index = (*indexData)[i * shape.size() + d];
      isInside &= index >= 0 && index < shape[d];
      position = isInside ? position * shape[d] + index : 0;
    }
    if (!isInside)
      return context.error(where) << "index " << i << " lies outside its shape " << formatShape(shape);
    std::memcpy(buffer.getBytes().data() + position * elementBytes, valueData->getBytes().data() + i * elementBytes,
                elementBytes);
  }
  return std::move(buffer).finish(tensor.values().name());
}
