// Sizes of dimensions that are numbers, or expressions in the model's symbols.
//
// A symbol is a size that only the run knows: a named dimension of an input ("batch"), or a size computed from others.
// The function's attribute `m2c.symbols` names them; symbol i is the AffineExpr symbol s<i>. On onnx types a shape with
// symbols is `?` where they stand, with the exact sizes as the tensor's encoding:
// tensor<?x64xf32, affine_map<()[s0] -> (s0, 64)>>.
#pragma once

#include "mlir/IR/AffineMap.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Value.h"

namespace m2c {

/// A number, an expression in symbols in canonical form (equal sizes are equal objects), or unknown.
class Dim {
public:
  Dim(int64_t number) : number(number) {}
  explicit Dim(mlir::AffineExpr expr);
  static Dim unknown() { return Dim(mlir::ShapedType::kDynamic); }

  bool isUnknown() const { return !expr && mlir::ShapedType::isDynamic(number); }
  bool isNumber() const { return !expr && !mlir::ShapedType::isDynamic(number); }
  bool isSymbolic() const { return bool(expr); }
  /// The number; only of one that is.
  int64_t getNumber() const {
    assert(isNumber());
    return number;
  }
  std::optional<int64_t> asNumber() const { return isNumber() ? std::optional(number) : std::nullopt; }
  mlir::AffineExpr getExpr(mlir::MLIRContext *context) const;
  /// What an MLIR type has for it: the number or kDynamic.
  int64_t getTypeDim() const { return isNumber() ? number : mlir::ShapedType::kDynamic; }

  /// Equal for sure; an unknown equals nothing.
  bool operator==(const Dim &other) const {
    return !isUnknown() && !other.isUnknown() && expr == other.expr && (expr || number == other.number);
  }
  bool operator!=(const Dim &other) const { return !(*this == other); }

  // Unknown if an operand is. Divisions round down; nothing is known of divisions by zero.
  Dim operator+(const Dim &other) const;
  Dim operator-(const Dim &other) const;
  Dim operator*(const Dim &other) const;
  Dim floorDiv(const Dim &divisor) const;
  Dim ceilDiv(int64_t divisor) const { return (*this + (divisor - 1)).floorDiv(divisor); }
  Dim &operator+=(const Dim &other) { return *this = *this + other; }
  Dim &operator*=(const Dim &other) { return *this = *this * other; }

  /// this / divisor where that leaves no rest whatever the symbols are.
  std::optional<Dim> divideExactly(const Dim &divisor) const;

  /// The largest that this can be where symbol i is at most largest[i], in the symbols that those are given in; unknown
  /// if it depends on one without a bound. No symbol is negative.
  Dim atMost(llvm::ArrayRef<Dim> largest) const;

  /// Whether the predicate holds for one of the symbols that this depends on.
  bool dependsOn(llvm::function_ref<bool(unsigned)> symbol) const;

  /// The size for these symbols' sizes.
  int64_t evaluate(llvm::ArrayRef<int64_t> symbols) const;

  /// "batch*64 + 1"; "?" if unknown.
  std::string str(llvm::ArrayRef<std::string> symbols = {}) const;

private:
  mlir::AffineExpr expr;
  int64_t number = 0;
};

using Dims = llvm::SmallVector<Dim>;

Dim product(llvm::ArrayRef<Dim> dims);

/// The sizes that a tensor's type states.
Dims getDims(mlir::RankedTensorType type);
inline Dims getDims(mlir::Value value) { return getDims(mlir::cast<mlir::RankedTensorType>(value.getType())); }

/// The type with these sizes, with an encoding if one is symbolic.
mlir::RankedTensorType getTensorType(llvm::ArrayRef<Dim> dims, mlir::Type element);

/// Whether no size is unknown.
inline bool allKnown(llvm::ArrayRef<Dim> dims) {
  return llvm::none_of(dims, [](const Dim &dim) { return dim.isUnknown(); });
}

/// The numbers of `dims`; nothing if one is not a number.
std::optional<llvm::SmallVector<int64_t>> asNumbers(llvm::ArrayRef<Dim> dims);

Dims toDims(llvm::ArrayRef<int64_t> shape);

/// "[batch,3,?]".
std::string formatDims(llvm::ArrayRef<Dim> dims, llvm::ArrayRef<std::string> symbols = {});

} // namespace m2c
