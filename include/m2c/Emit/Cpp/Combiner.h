// Reductions whose terms may be joined in any order, in both languages.
#pragma once

#include "m2c/Emit/Cpp/Expression.h"
#include "mlir/IR/Operation.h"
#include <optional>
#include <string>

namespace m2c::emit {

/// How a reduction joins its terms: m2crt's functor and its neutral element.
struct Combiner {
  mlir::Operation *op;
  mlir::Value term; ///< what is joined with the accumulator
  std::string functor, neutral;
};

/// The combiner of a structured operation's body whose one output is `accumulator`; nothing where terms have to be
/// joined in order, or have less than 32 bits.
std::optional<Combiner> findCombiner(mlir::Block &body, mlir::BlockArgument accumulator);

/// The value that a fill before the reduction gave its output, of just its type where it is a constant.
std::string printFilled(mlir::Value filled, ExpressionPrinter &expressions);

} // namespace m2c::emit
