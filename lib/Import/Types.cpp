#include "Types.h"
#include "m2c/Dialect/Onnx/Onnx.h"
#include "onnx-ml.pb.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using ::onnx::TensorProto;

Type m2c::getElementType(MLIRContext *context, int32_t dataType) {
  auto integer = [&](unsigned width, IntegerType::SignednessSemantics sign) {
    return IntegerType::get(context, width, sign);
  };
  switch (dataType) {
  case TensorProto::FLOAT:
    return Float32Type::get(context);
  case TensorProto::DOUBLE:
    return Float64Type::get(context);
  case TensorProto::FLOAT16:
    return Float16Type::get(context);
  case TensorProto::BFLOAT16:
    return BFloat16Type::get(context);
  case TensorProto::FLOAT8E4M3FN:
    return Float8E4M3FNType::get(context);
  case TensorProto::FLOAT8E4M3FNUZ:
    return Float8E4M3FNUZType::get(context);
  case TensorProto::FLOAT8E5M2:
    return Float8E5M2Type::get(context);
  case TensorProto::FLOAT8E5M2FNUZ:
    return Float8E5M2FNUZType::get(context);
  case TensorProto::FLOAT8E8M0:
    return Float8E8M0FNUType::get(context);
  case TensorProto::FLOAT4E2M1:
    return Float4E2M1FNType::get(context);
  case TensorProto::BOOL:
    return integer(1, IntegerType::Signless);
  case TensorProto::INT2:
    return integer(2, IntegerType::Signless);
  case TensorProto::INT4:
    return integer(4, IntegerType::Signless);
  case TensorProto::INT8:
    return integer(8, IntegerType::Signless);
  case TensorProto::INT16:
    return integer(16, IntegerType::Signless);
  case TensorProto::INT32:
    return integer(32, IntegerType::Signless);
  case TensorProto::INT64:
    return integer(64, IntegerType::Signless);
  case TensorProto::UINT2:
    return integer(2, IntegerType::Unsigned);
  case TensorProto::UINT4:
    return integer(4, IntegerType::Unsigned);
  case TensorProto::UINT8:
    return integer(8, IntegerType::Unsigned);
  case TensorProto::UINT16:
    return integer(16, IntegerType::Unsigned);
  case TensorProto::UINT32:
    return integer(32, IntegerType::Unsigned);
  case TensorProto::UINT64:
    return integer(64, IntegerType::Unsigned);
  case TensorProto::COMPLEX64:
    return ComplexType::get(Float32Type::get(context));
  case TensorProto::COMPLEX128:
    return ComplexType::get(Float64Type::get(context));
  case TensorProto::STRING:
    return onnx::StringType::get(context);
  default:
    return {};
  }
}

std::string m2c::getDataTypeName(int32_t dataType) {
  if (!::onnx::TensorProto_DataType_IsValid(dataType))
    return "type " + std::to_string(dataType);
  return StringRef(::onnx::TensorProto_DataType_Name(static_cast<::onnx::TensorProto_DataType>(dataType))).lower();
}

std::optional<int64_t> m2c::countElements(ArrayRef<int64_t> shape) {
  constexpr int64_t kMaxElements = int64_t(1) << 48;
  int64_t count = 1;
  for (int64_t size : shape)
    if (size < 0 || llvm::MulOverflow(count, std::max<int64_t>(size, 1), count) || count > kMaxElements)
      return std::nullopt;
  return llvm::is_contained(shape, 0) ? 0 : count;
}

std::string m2c::formatShape(ArrayRef<int64_t> shape) {
  std::string text = "[";
  llvm::raw_string_ostream stream(text);
  llvm::interleaveComma(shape, stream);
  return text + "]";
}
