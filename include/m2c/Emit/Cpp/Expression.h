// Scalar regions (arith, math) as C++ expressions over vectors of lanes: the text of a generic lambda's body, in which
// every value is a vector of consecutive elements or, in a tail, one element.
#pragma once

#include "m2c/Emit/Cpp/Printer.h"
#include "llvm/ADT/DenseSet.h"

namespace m2c::emit {

/// How tightly the outermost operator of a text binds, as in C++.
enum Precedence { Primary, Unary, Multiplicative, Additive, Shift, Relational, Bitwise, Logical, Conditional };

/// The C++ text of a value.
struct Expression {
  std::string text;
  Precedence precedence = Primary;
  /// Whether it is a vector of lanes; else a scalar, the same in all lanes.
  bool varying = false;
  /// For an index that grows evenly from lane to lane: the first lane's value is `text` and lane k's is that + k *
  /// step.
  std::optional<int64_t> step = std::nullopt;
  /// A constant with its type, where `text` alone would be an int: std::int64_t{5}.
  std::string typed = "";
};

/// Prints the operations of scalar code: the small ones become part of the expression that uses them, what is used
/// twice or grows long a local.
class ExpressionPrinter {
public:
  /// Lines go to `code`; `inRegion` says that nothing there writes memory, so that loads may move to their uses.
  ExpressionPrinter(Printer &printer, CodeWriter &code, NameScope &names, bool inRegion)
      : printer(printer), code(code), names(names), inRegion(inRegion) {}

  /// Goes on from `outer` with lines of its own.
  ExpressionPrinter(const ExpressionPrinter &outer, CodeWriter &code)
      : indexOf(outer.indexOf), printer(outer.printer), code(code), names(outer.names), inRegion(outer.inRegion),
        values(outer.values), varyingOps(outer.varyingOps), absorbed(outer.absorbed) {}

  void bind(mlir::Value value, Expression expression) { values[value] = std::move(expression); }
  /// The expression of a value of this code or of the function around it.
  Expression get(mlir::Value value);
  /// `get` as a vector of lanes.
  std::string getLanes(mlir::Value value);
  /// As it is stored: lanes, bool as bytes.
  std::string getStored(mlir::Value value, bool varying = true);

  enum class Part { All, Uniform, Varying };
  /// Prints the operations of `block` but its terminator: all, or those that are the same in all lanes, or the others.
  mlir::LogicalResult print(mlir::Block &block, Part part = Part::All);
  mlir::LogicalResult print(mlir::Operation *op);
  /// Leaves `op` to someone else.
  void skip(mlir::Operation *op) { absorbed.insert(op); }

  /// Gives `block`'s linalg.index ops and others their meaning: dimension -> its variable.
  std::function<Expression(int64_t dim)> indexOf;

  /// Whether any text so far used the name `lanes`.
  bool usesLanes = false;

  /// The element `terms` after the view's first: a vector of lanes `step` apart, or a scalar if `step` is 0.
  Expression load(const Buffer &view, llvm::StringRef terms, const Dim &step);

private:
  std::string text(const Expression &expression, Precedence limit, bool strict = false);
  std::string lanesOf(const Expression &expression);
  Expression call(llvm::StringRef function, mlir::Operation *op);
  Expression infix(mlir::Operation *op, llvm::StringRef symbol, Precedence precedence);
  std::optional<Expression> printSpecial(mlir::Operation *op);
  std::optional<Expression> printCast(mlir::Operation *op);
  Expression printLoad(mlir::memref::LoadOp op);
  Expression compare(mlir::Operation *op, llvm::StringRef predicate);
  Expression select(mlir::arith::SelectOp op);
  Expression indexArithmetic(mlir::Operation *op);
  void findVarying(mlir::Block &block);
  void absorbIdioms(mlir::Block &block);
  std::optional<Expression> printIdiom(mlir::Operation *op);
  void define(mlir::Operation *op, Expression expression);

  Printer &printer;
  CodeWriter &code;
  NameScope &names;
  bool inRegion;
  llvm::DenseMap<mlir::Value, Expression> values;
  llvm::DenseSet<mlir::Operation *> varyingOps; ///< those of the block being printed in parts
  llvm::DenseSet<mlir::Operation *> absorbed;   ///< printed as a part of an idiom
};

/// A constant as C++ text: 0.5f, -3, true.
std::string printConstant(mlir::Attribute value);
/// The same as an expression of just its type: std::int64_t{-3}.
std::string printTypedConstant(mlir::TypedAttr value);

/// The type of the most bytes.
mlir::Type widestType(llvm::ArrayRef<mlir::Type> types);

} // namespace m2c::emit
