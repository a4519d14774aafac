// Sizes in symbols: a canonical form, so that equal sizes are equal objects.
#include "m2c/IR/Dim.h"
#include <map>

using namespace mlir;

namespace m2c {
namespace {

/// An expression that is neither sum nor product: a symbol, or a division. Ordered by its text, which is the same in
/// every run.
struct Atom {
  AffineExpr expr;
  std::string text;
  bool operator<(const Atom &other) const { return text < other.text; }
  bool operator==(const Atom &other) const { return expr == other.expr; }
};

/// A product of atoms, sorted.
using Monomial = std::vector<Atom>;

/// A sum of monomials with coefficients; the empty monomial is the constant.
using Polynomial = std::map<Monomial, int64_t>;

std::string toText(AffineExpr expr) {
  std::string text;
  llvm::raw_string_ostream(text) << expr;
  return text;
}

void add(Polynomial &sum, const Polynomial &other, int64_t factor) {
  for (const auto &[monomial, coefficient] : other) {
    int64_t &total = sum[monomial];
    total += coefficient * factor;
    if (total == 0)
      sum.erase(monomial);
  }
}

Polynomial multiply(const Polynomial &a, const Polynomial &b) {
  Polynomial product;
  for (const auto &[x, i] : a)
    for (const auto &[y, j] : b) {
      Monomial both = x;
      both.insert(both.end(), y.begin(), y.end());
      std::sort(both.begin(), both.end());
      add(product, {{both, i * j}}, 1);
    }
  return product;
}

AffineExpr rebuild(const Polynomial &sum, MLIRContext *context);

Polynomial expand(AffineExpr expr) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return constant.getValue() == 0 ? Polynomial() : Polynomial{{{}, constant.getValue()}};
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return {{{{expr, toText(expr)}}, 1}};
  Polynomial lhs = expand(binary.getLHS()), rhs = expand(binary.getRHS());
  switch (expr.getKind()) {
  case AffineExprKind::Add:
    add(lhs, rhs, 1);
    return lhs;
  case AffineExprKind::Mul:
    return multiply(lhs, rhs);
  default:
    break;
  }
  // (q * d + r) / d = q + r / d: take out what the divisor divides.
  AffineExpr divisor = rebuild(rhs, expr.getContext());
  Polynomial whole;
  if (auto number = dyn_cast<AffineConstantExpr>(divisor);
      number && number.getValue() > 0 && expr.getKind() == AffineExprKind::FloorDiv)
    for (auto it = lhs.begin(); it != lhs.end();) {
      if (it->second % number.getValue() == 0) {
        whole[it->first] = it->second / number.getValue();
        it = lhs.erase(it);
      } else {
        ++it;
      }
    }
  AffineExpr rest = getAffineBinaryOpExpr(expr.getKind(), rebuild(lhs, expr.getContext()), divisor);
  if (isa<AffineBinaryOpExpr>(rest) && rest.getKind() != AffineExprKind::Add && rest.getKind() != AffineExprKind::Mul)
    add(whole, {{{{rest, toText(rest)}}, 1}}, 1);
  else
    add(whole, expand(rest), 1);
  return whole;
}

AffineExpr rebuild(const Polynomial &sum, MLIRContext *context) {
  AffineExpr total = getAffineConstantExpr(0, context);
  for (auto it = sum.rbegin(); it != sum.rend(); ++it) { // the constant last
    AffineExpr term;
    for (const Atom &atom : it->first)
      term = term ? term * atom.expr : atom.expr;
    term = term ? term * it->second : getAffineConstantExpr(it->second, context);
    total = total + term;
  }
  return total;
}

AffineExpr canonicalize(AffineExpr expr) { return rebuild(expand(expr), expr.getContext()); }

MLIRContext *contextOf(AffineExpr a, AffineExpr b) { return a ? a.getContext() : b.getContext(); }

} // namespace

Dim::Dim(AffineExpr given) {
  AffineExpr simple = canonicalize(given);
  if (auto constant = dyn_cast<AffineConstantExpr>(simple))
    number = constant.getValue();
  else
    expr = simple;
}

AffineExpr Dim::getExpr(MLIRContext *context) const { return expr ? expr : getAffineConstantExpr(number, context); }

Dim Dim::operator+(const Dim &other) const {
  if (isUnknown() || other.isUnknown())
    return unknown();
  if (isNumber() && other.isNumber())
    return number + other.number;
  MLIRContext *context = contextOf(expr, other.expr);
  return Dim(getExpr(context) + other.getExpr(context));
}

Dim Dim::operator-(const Dim &other) const { return *this + other * -1; }

Dim Dim::operator*(const Dim &other) const {
  if (*this == 0 || other == 0)
    return 0;
  if (isUnknown() || other.isUnknown())
    return unknown();
  if (isNumber() && other.isNumber())
    return number * other.number;
  MLIRContext *context = contextOf(expr, other.expr);
  return Dim(getExpr(context) * other.getExpr(context));
}

Dim Dim::floorDiv(const Dim &divisor) const {
  if (divisor == 1)
    return *this;
  if (isUnknown() || divisor.isUnknown() || divisor == 0)
    return unknown();
  if (isNumber() && divisor.isNumber())
    return llvm::divideFloorSigned(number, divisor.number);
  if (auto exact = divideExactly(divisor))
    return *exact;
  MLIRContext *context = contextOf(expr, divisor.expr);
  return Dim(getExpr(context).floorDiv(divisor.getExpr(context)));
}

std::optional<Dim> Dim::divideExactly(const Dim &divisor) const {
  if (isUnknown() || divisor.isUnknown() || divisor == 0)
    return std::nullopt;
  if (isNumber() && divisor.isNumber())
    return number % divisor.number == 0 ? std::optional<Dim>(number / divisor.number) : std::nullopt;
  if (*this == divisor)
    return Dim(1);
  if (*this == 0)
    return Dim(0);
  MLIRContext *context = contextOf(expr, divisor.expr);
  Polynomial by = expand(divisor.getExpr(context)), quotient;
  if (by.size() != 1)
    return std::nullopt;
  const auto &[atoms, factor] = *by.begin();
  for (const auto &[monomial, coefficient] : expand(getExpr(context))) {
    Monomial rest = monomial;
    for (const Atom &atom : atoms) {
      auto found = llvm::find(rest, atom);
      if (found == rest.end())
        return std::nullopt;
      rest.erase(found);
    }
    if (coefficient % factor != 0)
      return std::nullopt;
    quotient[rest] = coefficient / factor;
  }
  return Dim(rebuild(quotient, context));
}

Dim Dim::atMost(ArrayRef<Dim> largest) const {
  if (!expr)
    return *this;
  MLIRContext *context = expr.getContext();
  auto isFixed = [&](AffineExpr part) {
    return !Dim(part).dependsOn([&](unsigned symbol) {
      return symbol >= largest.size() || largest[symbol] != Dim(getAffineSymbolExpr(symbol, context));
    });
  };
  auto most = [&](AffineExpr atom) -> Dim {
    if (isFixed(atom))
      return Dim(atom);
    if (auto symbol = dyn_cast<AffineSymbolExpr>(atom))
      return symbol.getPosition() < largest.size() ? largest[symbol.getPosition()] : unknown();
    auto binary = cast<AffineBinaryOpExpr>(atom);
    Dim dividend = Dim(binary.getLHS()).atMost(largest), divisor(binary.getRHS());
    return binary.getKind() == AffineExprKind::FloorDiv && divisor.isNumber() ? dividend.floorDiv(divisor) : dividend;
  };
  Dim total = 0;
  for (const auto &[monomial, coefficient] : expand(expr)) {
    bool areFixed = llvm::all_of(monomial, [&](const Atom &atom) { return isFixed(atom.expr); });
    if (coefficient < 0 && !areFixed)
      continue; // at most 0
    Dim term = coefficient;
    for (const Atom &atom : monomial)
      term *= most(atom.expr);
    total += term;
  }
  return total;
}

bool Dim::dependsOn(llvm::function_ref<bool(unsigned)> symbol) const {
  bool found = false;
  if (expr)
    expr.walk([&](AffineExpr part) {
      if (auto leaf = dyn_cast<AffineSymbolExpr>(part))
        found |= symbol(leaf.getPosition());
    });
  return found;
}

int64_t Dim::evaluate(ArrayRef<int64_t> symbols) const {
  if (!expr)
    return number;
  SmallVector<AffineExpr> values;
  for (int64_t value : symbols)
    values.push_back(getAffineConstantExpr(value, expr.getContext()));
  return cast<AffineConstantExpr>(canonicalize(expr.replaceSymbols(values))).getValue();
}

std::string Dim::str(ArrayRef<std::string> symbols) const {
  if (isUnknown())
    return "?";
  if (!expr)
    return std::to_string(number);
  // Sums of products, as the canonical form has them.
  auto nameOf = [&](AffineExpr atom) {
    if (auto symbol = dyn_cast<AffineSymbolExpr>(atom))
      return symbol.getPosition() < symbols.size() ? symbols[symbol.getPosition()] : toText(atom);
    auto division = cast<AffineBinaryOpExpr>(atom);
    const char *sign = atom.getKind() == AffineExprKind::FloorDiv ? "/"
                       : atom.getKind() == AffineExprKind::Mod    ? "%"
                                                                  : "ceildiv";
    auto part = [&](AffineExpr side) {
      std::string text = Dim(side).str(symbols);
      return StringRef(text).contains(' ') ? "(" + text + ")" : text;
    };
    return part(division.getLHS()) + sign + part(division.getRHS());
  };
  std::string text;
  Polynomial sum = expand(expr);
  for (auto it = sum.rbegin(); it != sum.rend(); ++it) {
    const auto &[monomial, coefficient] = *it;
    bool isNegative = coefficient < 0 && !text.empty();
    text += text.empty() ? "" : isNegative ? " - " : " + ";
    std::string factors;
    for (const Atom &atom : monomial)
      factors += (factors.empty() ? "" : "*") + nameOf(atom.expr);
    int64_t number = isNegative ? -coefficient : coefficient;
    if (number != 1 || factors.empty())
      factors += (factors.empty() ? "" : "*") + std::to_string(number);
    text += factors;
  }
  return text;
}

Dim product(ArrayRef<Dim> dims) {
  Dim total = 1;
  for (const Dim &dim : dims)
    total *= dim;
  return total;
}

Dims getDims(RankedTensorType type) {
  auto map = dyn_cast_or_null<AffineMapAttr>(type.getEncoding());
  if (!map)
    return toDims(type.getShape());
  Dims dims;
  for (auto [size, expr] : llvm::zip_equal(type.getShape(), map.getValue().getResults())) {
    auto constant = dyn_cast<AffineConstantExpr>(expr);
    dims.push_back(constant && constant.getValue() < 0 ? Dim::unknown() // unknown among symbols
                   : ShapedType::isDynamic(size)       ? Dim(expr)
                                                       : Dim(size));
  }
  return dims;
}

RankedTensorType getTensorType(ArrayRef<Dim> dims, Type element) {
  SmallVector<int64_t> shape;
  SmallVector<AffineExpr> exprs;
  bool symbolic = false;
  unsigned symbols = 0;
  for (const Dim &dim : dims) {
    shape.push_back(dim.getTypeDim());
    AffineExpr expr =
        dim.isUnknown() ? getAffineConstantExpr(-1, element.getContext()) : dim.getExpr(element.getContext());
    expr.walk([&](AffineExpr part) {
      if (auto symbol = dyn_cast<AffineSymbolExpr>(part))
        symbols = std::max(symbols, symbol.getPosition() + 1);
    });
    exprs.push_back(expr);
    symbolic |= dim.isSymbolic();
  }
  if (!symbolic)
    return RankedTensorType::get(shape, element);
  return RankedTensorType::get(shape, element,
                               AffineMapAttr::get(AffineMap::get(0, symbols, exprs, element.getContext())));
}

std::optional<SmallVector<int64_t>> asNumbers(ArrayRef<Dim> dims) {
  SmallVector<int64_t> numbers;
  for (const Dim &dim : dims) {
    if (!dim.isNumber())
      return std::nullopt;
    numbers.push_back(dim.getNumber());
  }
  return numbers;
}

Dims toDims(ArrayRef<int64_t> shape) { return Dims(shape.begin(), shape.end()); }

std::string formatDims(ArrayRef<Dim> dims, ArrayRef<std::string> symbols) {
  std::string text = "[";
  for (auto [i, dim] : llvm::enumerate(dims))
    text += (i ? "," : "") + dim.str(symbols);
  return text + "]";
}

} // namespace m2c
