// A tensor whose elements are known at conversion, and access to them as numbers.
#pragma once

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Value.h"
#include <memory>
#include <optional>
#include <vector>

namespace m2c::graph {

/// The C++ type that arithmetic on an element type is done in. Float results are rounded once, when they are stored.
enum class Domain { Float, Signed, Unsigned };

/// The domain of `type`; nothing for a type that constants are not evaluated in (strings, 4- and 8-bit floats ...).
/// bool (`i1`) is Unsigned, one byte per element, 0 or 1.
std::optional<Domain> getDomain(mlir::Type type);

/// Bytes of one stored element of a type that has a domain.
size_t getElementBytes(mlir::Type type);

/// Number of elements of a static shape.
int64_t countElements(llvm::ArrayRef<int64_t> shape);

/// Shape, element type and elements in row-major order. Copies share the elements.
class ConstantTensor {
public:
  /// Zero-filled.
  ConstantTensor(mlir::Type elementType, llvm::ArrayRef<int64_t> shape);

  /// The elements of `attr`, without a copy where they are stored as bytes; nothing if the type has no domain.
  static std::optional<ConstantTensor> get(mlir::ElementsAttr attr);

  /// The elements of an onnx.Constant's result; nothing if `value` is not one.
  static std::optional<ConstantTensor> get(mlir::Value value);

  /// Converts `values` (double, int64_t or uint64_t) to `elementType`: floats are rounded to nearest even, integers
  /// wrap.
  template <class T>
  static ConstantTensor from(mlir::Type elementType, llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<T> values);

  mlir::Type getElementType() const { return elementType; }
  llvm::ArrayRef<int64_t> getShape() const { return shape; }
  int64_t getRank() const { return shape.size(); }
  int64_t size() const { return count; }
  size_t getElementBytes() const { return graph::getElementBytes(elementType); }
  size_t getBytes() const { return count * getElementBytes(); }
  const char *data() const { return elements; }

  /// The elements for writing; only for a tensor made by the first constructor.
  char *mutableData() { return const_cast<char *>(elements); }

  /// The elements converted to double, int64_t or uint64_t (floats to integers: towards zero, saturating).
  template <class T>
  std::vector<T> values() const;

  /// Element `i` of the flat tensor.
  double getDouble(int64_t i) const;
  int64_t getInt(int64_t i) const;

  /// The same elements with another shape of as many elements.
  ConstantTensor reshape(llvm::ArrayRef<int64_t> newShape) const;

  /// Whether all elements have equal bits.
  bool isSplat() const;

  mlir::RankedTensorType getType() const { return mlir::RankedTensorType::get(shape, elementType); }

  /// The attribute of an onnx.Constant: in text if small, else a resource blob.
  mlir::ElementsAttr toAttr(llvm::StringRef name = "folded") const;

private:
  ConstantTensor() = default;

  mlir::Type elementType;
  llvm::SmallVector<int64_t> shape;
  int64_t count = 0;
  std::shared_ptr<void> owner; // keeps `elements` alive, if this object allocated them
  const char *elements = nullptr;
};

/// Calls `f(double())`, `f(int64_t())` or `f(uint64_t())`, as the domain of `type` says.
template <class F>
auto visitDomain(mlir::Type type, F f) {
  switch (*getDomain(type)) {
  case Domain::Float:
    return f(double());
  case Domain::Signed:
    return f(int64_t());
  case Domain::Unsigned:
    return f(uint64_t());
  }
  llvm_unreachable("bad domain");
}

} // namespace m2c::graph
