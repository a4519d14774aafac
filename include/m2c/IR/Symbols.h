// The symbols of a function: sizes that only the run knows. See Dim.h.
//
// A func.func has
//   m2c.symbols  their names, in order: ["batch", "sequence"]
//   m2c.bounds   per symbol its largest size; -1 where there is no bound
//   m2c.checks   pairs of sizes that the run has to find equal ("==") or in order ("<="), and which node wants that:
//                [[affine_map<()[s0, s1] -> (s0, s1)>, "==", "add"]]
//   m2c.held     symbols that the model's instance keeps from run to run, and their values after a run:
//                [[0, affine_map<()[s0] -> (s0 + 1)>]]
//   m2c.found    the symbols whose sizes the run finds in data, each with its largest size (an expression in the
//   symbols
//                before it, -1 where there is no bound) and the node that it comes from:
//                [[2, affine_map<()[s0] -> (s0 * 4)>, "nonzero"]]. The others are stated by the caller, or parts of the
//                arena.
#pragma once

#include "m2c/IR/Dim.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace m2c {

/// The names of the symbols of the function that is or holds `op`.
std::vector<std::string> getSymbolNames(mlir::Operation *op);

/// The largest size of each symbol, -1 where it has no bound.
llvm::SmallVector<int64_t> getSymbolBounds(mlir::Operation *op);

/// The symbol of this name, which is added where the function does not have it. "" is a new one, called after `hint`.
Dim getSymbol(mlir::func::FuncOp function, llvm::StringRef name, llvm::StringRef hint, int64_t bound = -1);

/// A new symbol, called after `hint`, for a size that the run finds: at most `bound`, which may be unknown. `op` is or
/// will be in the function, and gives the name of the node.
Dim addFoundSize(mlir::Operation *op, llvm::StringRef hint, const Dim &bound);

struct FoundSize {
  unsigned symbol;
  Dim bound; ///< unknown for none
  std::string node;
};
std::vector<FoundSize> getFoundSizes(mlir::Operation *op);

/// Per symbol of the function its largest size in the symbols that the caller states: itself for those, unknown for a
/// found one without a bound.
Dims getLargestSizes(mlir::Operation *op);

/// The largest that `count` elements can be, in the symbols that the caller states; unknown without a bound. What the
/// run checks to be equal has the bound of either.
Dim getLargest(mlir::Operation *op, const Dim &count);

/// The run shall check that a equals b, because the node of `op` needs that.
void addEquality(mlir::Operation *op, const Dim &a, const Dim &b);

/// The same for a <= b.
void addAtMost(mlir::Operation *op, const Dim &a, const Dim &b);

/// A check of m2c.checks.
struct SizeCheck {
  Dim a, b;
  bool isEquality;
  std::string node;
};
std::vector<SizeCheck> getSizeChecks(mlir::func::FuncOp function);

/// A symbol that grows with a state of the model.
struct HeldSymbol {
  unsigned symbol;
  Dim next; ///< after a run
};
std::vector<HeldSymbol> getHeldSymbols(mlir::func::FuncOp function);
void setHeldSymbols(mlir::func::FuncOp function, llvm::ArrayRef<HeldSymbol> held);

} // namespace m2c
