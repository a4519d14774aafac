// Sizes that depend on data: operators are rewritten so that the run finds the size first.
//
// Where an operator's result is as large as values say that only the run knows, ordinary operators compute that size as
// an integer tensor, an m2c.FoundSizes gives it to a new symbol of the function, and the operator is replaced by one
// whose shape is known in symbols: Range(a, b, 1) -> n = FoundSizes(max(b - a, 0)), a + Range(0, n, 1).
#pragma once

#include "m2c/Graph/Decompose.h"
#include "m2c/IR/Dim.h"
#include "llvm/ADT/StringMap.h"
#include <functional>

namespace m2c::graph {

/// Rewrites `op`, whose operands have types (and, of a loop, its body), if its sizes depend on data and it can be.
/// Returns the first operation of what stands in its place, null where it stays.
mlir::Operation *findSizes(mlir::Operation *op);

/// What rewrites of such operators are written with.
class SizeComposer : public Composer {
public:
  SizeComposer(mlir::PatternRewriter &rewriter, mlir::Operation *op) : Composer(rewriter, op->getLoc()), op(op) {}

  /// Whether the elements of an operand are numbers or expressions in symbols, or it is absent.
  bool isKnown(mlir::Value value) const;
  /// Whether an operand is a list of so many integers that the run can find, or one of them.
  bool isList(mlir::Value value) const;

  /// The integers of such an operand as int64 [n].
  mlir::Value list(mlir::Value value);
  mlir::Value sizes(mlir::ArrayRef<Dim> dims);
  mlir::Value size(const Dim &dim) { return sizes({dim}); }
  /// a where `condition`, else b.
  mlir::Value where(mlir::Value condition, mlir::Value a, mlir::Value b) { return make("Where", {condition, a, b}); }
  mlir::Value equal(mlir::Value a, int64_t b) { return make("Equal", {a, ints(b)}); }
  mlir::Value max(mlir::Value a, mlir::Value b) { return make("Max", {a, b}); }
  mlir::Value min(mlir::Value a, mlir::Value b) { return make("Min", {a, b}); }
  mlir::Value sub(mlir::Value a, mlir::Value b) { return make("Sub", {a, b}); }
  mlir::Value concat(mlir::ArrayRef<mlir::Value> parts) { return make("Concat", parts, attr("axis", int64_t(0))); }
  /// 0, 1, .. n - 1
  mlir::Value count(mlir::Value n);

  /// The int64 list `values` as sizes: FoundSizes. Element i is at most bounds[i], if there are any.
  mlir::Value find(mlir::Value values, mlir::ArrayRef<Dim> bounds = {});

  /// Values for the results of `op`, with the shapes that the model declares.
  llvm::SmallVector<mlir::Value> declare(mlir::ArrayRef<mlir::Value> values);

  mlir::Operation *op;
};

// One per family (lib/Graph/FindSizes/<Family>.cpp).
using FindFunction = std::function<Composed(mlir::Operation *, SizeComposer &)>;
class FinderRegistry {
public:
  static const FinderRegistry &get();
  template <class Op>
  void add(Composed (*find)(Op, SizeComposer &)) {
    functions[Op::getOperationName()] = [find](mlir::Operation *op, SizeComposer &c) {
      return find(mlir::cast<Op>(op), c);
    };
  }
  /// The same for an operator that makes shapes of operands, which exporters often compute in ways that conversion
  /// cannot follow: results whose whole shape the model declares get that, and the run checks the number of elements.
  template <class Op>
  void addWithDeclared(Composed (*find)(Op, SizeComposer &)) {
    functions[Op::getOperationName()] = [find](mlir::Operation *op, SizeComposer &c) {
      Composed results = find(mlir::cast<Op>(op), c);
      return results ? c.declare(*results) : results;
    };
  }
  const FindFunction *find(llvm::StringRef name) const {
    auto it = functions.find(name);
    return it == functions.end() ? nullptr : &it->second;
  }

private:
  llvm::StringMap<FindFunction> functions;
};
void addControlFlowFinders(FinderRegistry &);
void addShapeFinders(FinderRegistry &);
void addSelectionFinders(FinderRegistry &);

} // namespace m2c::graph
