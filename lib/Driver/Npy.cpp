// Reading NumPy's array files, as the model's executable writes them.
#include "m2c/Driver/TensorFile.h"
#include "m2c/Support/Files.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>

using namespace llvm;
using namespace m2c;

int64_t m2c::getElementBytes(StringRef type) {
  return StringSwitch<int64_t>(type)
      .Cases({"float64", "int64", "uint64"}, 8)
      .Cases({"float32", "int32", "uint32"}, 4)
      .Cases({"float16", "int16", "uint16"}, 2)
      .Cases({"int8", "uint8", "bool"}, 1)
      .Default(0);
}

int64_t Tensor::numElements() const { return static_cast<int64_t>(data.size()) / getElementBytes(type); }

bool Tensor::isComplete() const {
  int64_t bytes = getElementBytes(type);
  for (int64_t extent : shape)
    if (extent < 0 || MulOverflow(bytes, extent, bytes))
      return false;
  return bytes == static_cast<int64_t>(data.size());
}

std::string Tensor::describe() const {
  auto extents = map_range(shape, [](int64_t extent) { return std::to_string(extent); });
  return type + "[" + join(extents, ",") + "]";
}

template <class T>
static double elementAt(StringRef data, int64_t i) {
  T value;
  std::memcpy(&value, data.data() + static_cast<size_t>(i) * sizeof(T), sizeof(T));
  return static_cast<double>(value);
}

double Tensor::at(int64_t i) const {
  using Reader = double (*)(StringRef, int64_t);
  Reader reader = StringSwitch<Reader>(type)
                      .Case("float64", elementAt<double>)
                      .Case("float32", elementAt<float>)
                      .Case("float16", elementAt<_Float16>)
                      .Case("int64", elementAt<int64_t>)
                      .Case("int32", elementAt<int32_t>)
                      .Case("int16", elementAt<int16_t>)
                      .Case("int8", elementAt<int8_t>)
                      .Case("uint64", elementAt<uint64_t>)
                      .Case("uint32", elementAt<uint32_t>)
                      .Case("uint16", elementAt<uint16_t>)
                      .Default(elementAt<uint8_t>);
  return reader(data, i);
}

static std::string getTypeOfDescriptor(StringRef descriptor) {
  return StringSwitch<std::string>(descriptor)
      .Case("<f8", "float64")
      .Case("<f4", "float32")
      .Case("<f2", "float16")
      .Case("<i8", "int64")
      .Case("<i4", "int32")
      .Case("<i2", "int16")
      .Cases({"|i1", "<i1"}, "int8")
      .Case("<u8", "uint64")
      .Case("<u4", "uint32")
      .Case("<u2", "uint16")
      .Cases({"|u1", "<u1"}, "uint8")
      .Case("|b1", "bool")
      .Default("");
}

/// The text after `'key':` in a header such as {'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }.
static StringRef getField(StringRef header, StringRef key) {
  return header.split(("'" + key + "':").str()).second.ltrim();
}

Expected<Tensor> m2c::readNpy(StringRef path) {
  Expected<std::string> text = readFile(path);
  if (!text)
    return text.takeError();
  StringRef bytes = *text;
  auto broken = [&](const Twine &reason) { return createStringError("'" + path + "' is no .npy file: " + reason); };
  if (!bytes.consume_front("\x93NUMPY") || bytes.size() < 6)
    return broken("its first bytes are others");
  bool wide = bytes[0] > 1; // versions 2 and 3 have a 4-byte length
  size_t prefix = wide ? 6 : 4;
  size_t length = wide ? support::endian::read32le(bytes.data() + 2) : support::endian::read16le(bytes.data() + 2);
  if (bytes.size() < prefix + length)
    return broken("its header is cut off");
  StringRef header = bytes.substr(prefix, length);
  if (!getField(header, "fortran_order").starts_with("False"))
    return broken("column-major order is not supported");
  Tensor tensor;
  tensor.type = getTypeOfDescriptor(getField(header, "descr").substr(1).split('\'').first);
  if (tensor.type.empty())
    return broken("unknown element type");
  StringRef extents = getField(header, "shape").substr(1).split(')').first;
  while (!extents.trim().empty()) {
    auto [extent, rest] = extents.split(',');
    int64_t value = 0;
    if (extent.trim().getAsInteger(10, value))
      return broken("bad shape");
    tensor.shape.push_back(value);
    extents = rest;
  }
  tensor.data = bytes.drop_front(prefix + length).str();
  if (!tensor.isComplete())
    return broken(Twine(tensor.data.size()) + " bytes of data for " + tensor.describe());
  return tensor;
}
