// Symbolic views and the text of addresses.
#include "m2c/Emit/Cpp/Buffer.h"
#include "mlir/IR/AffineExprVisitor.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::emit;

Dim Buffer::size() const { return product(shape); }

bool Buffer::isContiguous() const {
  Dim expected = 1;
  for (auto [extent, stride] : llvm::reverse(llvm::zip_equal(shape, strides))) {
    if (extent != 1 && stride != expected)
      return false;
    expected *= extent;
  }
  return true;
}

static std::string join(const std::string &left, StringRef right) {
  if (right.empty())
    return left;
  if (left.empty())
    return right.str();
  return right.starts_with("-") ? left + " - " + right.drop_front().ltrim().str() : left + " + " + right.str();
}

static std::string sumTerms(const Buffer &buffer, StringRef terms) {
  std::string sum = join(buffer.moved, terms);
  return buffer.offset ? join(sum, std::to_string(buffer.offset)) : sum;
}

std::string Buffer::pointer(StringRef terms) const { return join(base, sumTerms(*this, terms)); }

std::string Buffer::elementAt(StringRef terms) const {
  std::string sum = sumTerms(*this, terms);
  return base + "[" + (sum.empty() ? "0" : sum) + "]";
}

AffineExpr m2c::emit::getAddress(const Buffer &buffer, AffineMap map) {
  AffineExpr address = getAffineConstantExpr(0, map.getContext());
  for (auto [expr, stride, extent] : llvm::zip_equal(map.getResults(), buffer.strides, buffer.shape))
    if (extent != 1)
      address = address + expr * stride.getExpr(map.getContext());
  if (llvm::all_of(buffer.strides, [](const Dim &stride) { return stride.isNumber(); }))
    return simplifyAffineExpr(address, map.getNumDims(), map.getNumSymbols());
  return address;
}

std::optional<Dim> m2c::emit::getCoefficient(AffineExpr address, unsigned dim, unsigned numDims) {
  AffineExpr d = getAffineDimExpr(dim, address.getContext());
  AffineExpr grown = address.replace(d, d + 1);
  bool isSymbolic = false;
  address.walk([&](AffineExpr part) { isSymbolic |= isa<AffineSymbolExpr>(part); });
  Dim difference = isSymbolic ? Dim(grown - address) : Dim(simplifyAffineExpr(grown - address, numDims, 0));
  bool isUniform = true;
  difference.getExpr(address.getContext()).walk([&](AffineExpr part) { isUniform &= !isa<AffineDimExpr>(part); });
  return isUniform ? std::optional(difference) : std::nullopt;
}

namespace {
/// Prints affine expressions; multiplications tight (i0*64), sums loose.
struct AffineTextPrinter : AffineExprVisitor<AffineTextPrinter, std::string> {
  ArrayRef<std::string> dims, symbols;
  AffineTextPrinter(ArrayRef<std::string> dims, ArrayRef<std::string> symbols) : dims(dims), symbols(symbols) {}

  std::string factor(AffineExpr expr) {
    std::string text = visit(expr);
    bool isSum = expr.getKind() == AffineExprKind::Add || StringRef(text).contains(' ');
    return isSum ? "(" + text + ")" : text;
  }
  std::string visitAddExpr(AffineBinaryOpExpr expr) { return join(visit(expr.getLHS()), visit(expr.getRHS())); }
  std::string visitMulExpr(AffineBinaryOpExpr expr) {
    if (auto constant = dyn_cast<AffineConstantExpr>(expr.getRHS())) {
      if (constant.getValue() == -1)
        return "-" + factor(expr.getLHS());
      if (constant.getValue() < 0)
        return "-" + factor(expr.getLHS()) + "*" + std::to_string(-constant.getValue());
    }
    return factor(expr.getLHS()) + "*" + factor(expr.getRHS());
  }
  std::string visitModExpr(AffineBinaryOpExpr expr) { return factor(expr.getLHS()) + " % " + factor(expr.getRHS()); }
  std::string visitFloorDivExpr(AffineBinaryOpExpr expr) {
    return factor(expr.getLHS()) + " / " + factor(expr.getRHS());
  }
  std::string visitCeilDivExpr(AffineBinaryOpExpr expr) {
    std::string divisor = factor(expr.getRHS());
    return "(" + visit(expr.getLHS()) + " + " + divisor + " - 1) / " + divisor;
  }
  std::string visitConstantExpr(AffineConstantExpr expr) { return std::to_string(expr.getValue()); }
  std::string visitDimExpr(AffineDimExpr expr) { return dims[expr.getPosition()]; }
  std::string visitSymbolExpr(AffineSymbolExpr expr) { return symbols[expr.getPosition()]; }
};
} // namespace

std::string m2c::emit::printSize(const Dim &dim, ArrayRef<std::string> symbols) {
  if (dim.isNumber())
    return std::to_string(dim.getNumber());
  AffineExpr expr = dim.getExpr(nullptr);
  std::string text = AffineTextPrinter({}, symbols).visit(expr);
  return StringRef(text).contains(' ') ? "(" + text + ")" : text;
}

std::string m2c::emit::printAffine(AffineExpr expr, ArrayRef<std::string> dims, ArrayRef<std::string> symbols) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr); constant && constant.getValue() == 0)
    return "";
  return AffineTextPrinter(dims, symbols).visit(expr);
}

std::string m2c::emit::getScalarType(Type type) {
  if (type.isIndex())
    return "rt::idx";
  if (type.isF32())
    return "float";
  if (type.isF64())
    return "double";
  if (type.isInteger(1))
    return "bool";
  if (auto integer = dyn_cast<IntegerType>(type);
      integer && llvm::is_contained({8u, 16u, 32u, 64u}, integer.getWidth()))
    return (integer.isUnsigned() ? "std::uint" : "std::int") + std::to_string(integer.getWidth()) + "_t";
  if (!getNarrowFormat(type).empty())
    return type.getIntOrFloatBitWidth() == 16 ? "std::uint16_t" : "std::uint8_t";
  return "";
}

std::string m2c::emit::getNarrowFormat(Type type) {
  return llvm::TypeSwitch<Type, const char *>(type)
      .Case([](Float16Type) { return "float16"; })
      .Case([](BFloat16Type) { return "bfloat16"; })
      .Case([](Float8E4M3FNType) { return "float8e4m3fn"; })
      .Case([](Float8E4M3FNUZType) { return "float8e4m3fnuz"; })
      .Case([](Float8E5M2Type) { return "float8e5m2"; })
      .Case([](Float8E5M2FNUZType) { return "float8e5m2fnuz"; })
      .Case([](Float8E8M0FNUType) { return "float8e8m0fnu"; })
      .Case([](Float4E2M1FNType) { return "float4e2m1fn"; })
      .Default([](Type) { return ""; });
}

std::string m2c::emit::getMemoryType(Type type) { return type.isInteger(1) ? "std::uint8_t" : getScalarType(type); }
