// Convolutions of any rank and type as loop nests.
#pragma once

#include "Spatial.h"

namespace m2c::lower {

/// `x` [N, C, spatial..] with `filter` [O, I, taps..]; `bias` may be null.
mlir::Value createConvLoops(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value x, mlir::Value filter,
                            mlir::Value bias, mlir::RankedTensorType type, const Window &window, int64_t groups);

/// The window of a transposed convolution, per spatial dimension; `pads` are those before it.
struct TransposedWindow {
  llvm::SmallVector<int64_t> strides, dilations, pads;
};

/// `x` [N, C, spatial..] with `filter` [C, O / groups, taps..]; `bias` may be null.
mlir::Value createConvTransposeLoops(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value x, mlir::Value filter,
                                     mlir::Value bias, mlir::RankedTensorType type, const TransposedWindow &window,
                                     int64_t groups);

} // namespace m2c::lower
