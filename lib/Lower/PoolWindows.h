// Pools of any rank and type as loop nests.
#pragma once

#include "Spatial.h"

namespace m2c::lower {

/// The largest elements of [N, C, spatial..] and their flat positions (i64), of shape `shape`.
llvm::SmallVector<mlir::Value> poolMaximum(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value source,
                                           llvm::ArrayRef<int64_t> shape, const Window &window, bool isUnsigned,
                                           bool columnMajor);

/// The mean over the elements in the input, or in the padded input.
mlir::Value poolAverage(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value source, llvm::ArrayRef<int64_t> shape,
                        const Window &window, bool countPadding);

/// (sum |x|^p)^(1/p)
mlir::Value poolNorm(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value source, llvm::ArrayRef<int64_t> shape,
                     const Window &window, int64_t p);

} // namespace m2c::lower
