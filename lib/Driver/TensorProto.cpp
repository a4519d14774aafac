// Reading ONNX's TensorProto files, as test data has them.
#include "m2c/Driver/TensorFile.h"
#include "m2c/Support/Files.h"
#include "onnx-ml.pb.h"

using namespace llvm;
using namespace m2c;

/// The name of a TensorProto's element type; empty for those that test data of supported models cannot have.
static std::string getTypeOf(int type) {
  switch (type) {
  case ::onnx::TensorProto::FLOAT:
    return "float32";
  case ::onnx::TensorProto::DOUBLE:
    return "float64";
  case ::onnx::TensorProto::FLOAT16:
    return "float16";
  case ::onnx::TensorProto::INT8:
    return "int8";
  case ::onnx::TensorProto::INT16:
    return "int16";
  case ::onnx::TensorProto::INT32:
    return "int32";
  case ::onnx::TensorProto::INT64:
    return "int64";
  case ::onnx::TensorProto::UINT8:
    return "uint8";
  case ::onnx::TensorProto::UINT16:
    return "uint16";
  case ::onnx::TensorProto::UINT32:
    return "uint32";
  case ::onnx::TensorProto::UINT64:
    return "uint64";
  case ::onnx::TensorProto::BOOL:
    return "bool";
  default:
    return "";
  }
}

/// Appends the values of a typed field in elements of `bytes` bytes (little endian, so the low ones).
template <class Field>
static void append(std::string &data, const Field &field, int64_t bytes) {
  for (auto value : field)
    data.append(reinterpret_cast<const char *>(&value), static_cast<size_t>(bytes));
}

Expected<Tensor> m2c::readTensorProto(StringRef path) {
  Expected<std::string> text = readFile(path);
  if (!text)
    return text.takeError();
  ::onnx::TensorProto proto;
  if (!proto.ParseFromString(*text))
    return createStringError("'" + path + "' is no ONNX tensor");
  Tensor tensor;
  tensor.name = proto.name();
  tensor.type = getTypeOf(proto.data_type());
  tensor.shape.assign(proto.dims().begin(), proto.dims().end());
  int64_t bytes = getElementBytes(tensor.type);
  if (bytes == 0)
    return createStringError("'" + path + "' has an element type that m2c cannot compare");
  if (proto.has_raw_data()) {
    tensor.data = proto.raw_data();
  } else { // one of these has values: narrow types share int32_data
    append(tensor.data, proto.float_data(), bytes);
    append(tensor.data, proto.double_data(), bytes);
    append(tensor.data, proto.int32_data(), bytes);
    append(tensor.data, proto.int64_data(), bytes);
    append(tensor.data, proto.uint64_data(), bytes);
  }
  if (!tensor.isComplete())
    return createStringError("'" + path + "' has " + Twine(tensor.data.size()) + " bytes of data for " +
                             tensor.describe());
  return tensor;
}
