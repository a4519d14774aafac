// Constant tensors: the one way to read and to make them.
//
// A constant of up to kSmallConstantBytes is a DenseElementsAttr: it prints as text and folds. A larger one is a
// DenseResourceElementsAttr over a blob, mapped from the model's file or owned, which is never copied or hashed. In a
// blob an element takes whole bytes: 1 for bool, i2, i4, f4 and all 8-bit types; complex is two floats. Strings are
// DenseStringElementsAttr.
#pragma once

#include "mlir/IR/AsmState.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Value.h"
#include <optional>

namespace m2c::onnx {

constexpr int64_t kSmallConstantBytes = 1024;

/// Bytes that an element takes in constants; 0 for types that are not numbers.
int64_t getElementBytes(mlir::Type elementType);

/// Bytes of all elements, or nothing if the shape is not static or the count overflows.
std::optional<int64_t> getTensorBytes(mlir::ShapedType type);

/// The numbers of a constant, row-major, in host order. Refers to the attribute's memory where that holds them as they
/// are; a splat or packed bools are expanded into a copy that this object owns.
class ConstantData {
public:
  ConstantData() = default;
  ConstantData(ConstantData &&) = default;
  ConstantData &operator=(ConstantData &&) = default;

  mlir::ArrayRef<char> getBytes() const { return bytes; }

  /// T must have the size of an element: float, int64_t, uint8_t (also for bool and 4-bit types), uint16_t (for f16,
  /// bf16) ...
  template <class T>
  mlir::ArrayRef<T> as() const {
    assert(static_cast<int64_t>(sizeof(T)) == elementBytes && "not the element's size");
    return mlir::ArrayRef<T>(reinterpret_cast<const T *>(bytes.data()), bytes.size() / sizeof(T));
  }

private:
  friend std::optional<ConstantData> readConstant(mlir::ElementsAttr);
  mlir::ArrayRef<char> bytes;
  std::unique_ptr<std::max_align_t[]> owned;
  int64_t elementBytes = 1;
};

/// Nothing for strings and for resources whose blob is missing or has the wrong size.
std::optional<ConstantData> readConstant(mlir::ElementsAttr value);

/// The constant that makes `value`; null if that is no onnx.Constant.
mlir::ElementsAttr getConstant(mlir::Value value);

/// All elements, whatever the integer (or bool) type: shapes, axes, indices ...
std::optional<mlir::SmallVector<int64_t>> getIntegers(mlir::ElementsAttr value);
std::optional<mlir::SmallVector<int64_t>> getConstantIntegers(mlir::Value value);

/// All elements of any numeric type but complex as double.
std::optional<mlir::SmallVector<double>> getFloats(mlir::ElementsAttr value);
std::optional<mlir::SmallVector<double>> getConstantFloats(mlir::Value value);

/// If all elements are equal (bit for bit): the value of one. Reads large constants up to the first difference.
std::optional<double> getSplat(mlir::ElementsAttr value);

/// A new constant in the making: write the elements through `as`, then `finish`.
class ConstantBuffer {
public:
  /// Owned zeroed memory, 64-byte aligned. The type's shape is static and its elements are numbers.
  explicit ConstantBuffer(mlir::RankedTensorType type);

  mlir::MutableArrayRef<char> getBytes() { return blob.getMutableData(); }
  template <class T>
  mlir::MutableArrayRef<T> as() {
    assert(static_cast<int64_t>(sizeof(T)) == getElementBytes(type.getElementType()) && "not the element's size");
    return mlir::MutableArrayRef<T>(reinterpret_cast<T *>(getBytes().data()), getBytes().size() / sizeof(T));
  }

  /// The attribute; `name` is what its resource is called when printed.
  mlir::ElementsAttr finish(llvm::StringRef name = "constant") &&;

private:
  mlir::RankedTensorType type;
  mlir::AsmResourceBlob blob;
};

/// A constant with these numbers; T has the size of an element.
template <class T>
mlir::ElementsAttr createConstant(mlir::RankedTensorType type, mlir::ArrayRef<T> elements,
                                  llvm::StringRef name = "constant") {
  ConstantBuffer buffer(type);
  llvm::copy(elements, buffer.as<T>().begin());
  return std::move(buffer).finish(name);
}

/// i64, the shape [n].
mlir::ElementsAttr createConstant(mlir::MLIRContext *context, mlir::ArrayRef<int64_t> elements);

/// A constant over memory that somebody else owns until `deleter` is called. Copies it if it is small.
mlir::ElementsAttr createConstant(mlir::RankedTensorType type, mlir::ArrayRef<char> bytes,
                                  mlir::AsmResourceBlob::DeleterFn deleter, llvm::StringRef name);

} // namespace m2c::onnx
