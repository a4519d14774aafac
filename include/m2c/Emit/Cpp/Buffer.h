// A memref as the C++ printer sees it.
#pragma once

#include "m2c/IR/Dim.h"
#include "mlir/IR/AffineMap.h"
#include "mlir/IR/BuiltinTypes.h"
#include <optional>
#include <string>

namespace m2c::emit {

/// A symbolic view: a pointer expression, extents and strides (in elements), which are numbers or expressions in the
/// model's symbols. A chain of subviews, collapses and casts is one of these; it costs no line of code.
struct Buffer {
  std::string base;    ///< a C++ expression of type element*
  std::string moved;   ///< what a dynamic subview adds to it ("i0 * 64"); empty for none
  int64_t offset = 0;  ///< what static subviews add to it
  std::string element; ///< the C++ type of an element in memory
  mlir::Type elementType;
  Dims shape, strides;
  bool constant = false; ///< read-only memory: a weight or an input

  int64_t rank() const { return static_cast<int64_t>(shape.size()); }
  Dim size() const;
  /// Whether the elements lie in one run, in order.
  bool isContiguous() const;
  /// The pointer to element [0, .., 0].
  std::string pointer() const { return pointer(""); }
  /// The pointer to element [0, .., 0] + `terms` ("i0*64 + i1"; empty for none).
  std::string pointer(llvm::StringRef terms) const;
  /// The element at pointer() + `terms`: base[...].
  std::string elementAt(llvm::StringRef terms) const;
};

/// The offset in elements of buffer[map(d0, d1, ...)] as an affine expression of the d's.
mlir::AffineExpr getAddress(const Buffer &buffer, mlir::AffineMap map);

/// By how much `address` grows when dimension `dim` grows by one; nullopt if that is not the same everywhere.
std::optional<Dim> getCoefficient(mlir::AffineExpr address, unsigned dim, unsigned numDims);

/// `expr` as C++, its dimensions named by `dims` and its symbols by `symbols`; "" for zero.
std::string printAffine(mlir::AffineExpr expr, llvm::ArrayRef<std::string> dims, llvm::ArrayRef<std::string> symbols);

/// A size as C++; a sum is in parentheses.
std::string printSize(const Dim &dim, llvm::ArrayRef<std::string> symbols);

/// The C++ type of an element in memory (bool is a byte), or "" if the printer has none.
std::string getMemoryType(mlir::Type type);
/// The C++ type of a scalar. Floats of less than 32 bits are unsigned integers with their bits.
std::string getScalarType(mlir::Type type);
/// m2crt's name of a float format of less than 32 bits; "" for other types.
std::string getNarrowFormat(mlir::Type type);

} // namespace m2c::emit
