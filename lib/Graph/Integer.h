// What the parts of recover-integer share.
#pragma once

#include "m2c/Target/CostModel.h"
#include "mlir/IR/PatternMatch.h"

namespace m2c::graph {

/// Products and convolutions of dequantised values, and those of integers -> sums of 16-bit integers. With a target,
/// convolutions stay in float32 where they are faster there.
void addIntegerProductPatterns(mlir::RewritePatternSet &patterns, const Target *target);

/// QuantizeLinear and DequantizeLinear around them -> one factor and clipping in 16 bits.
void addRequantizePatterns(mlir::RewritePatternSet &patterns);

} // namespace m2c::graph
