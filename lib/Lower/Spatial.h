// What the lowerings of convolution, pooling and resampling share: windows, and the way into and out of channels-last
// order.
#pragma once

#include "m2c/Dialect/Kernel/Kernel.h"
#include "m2c/Lower/Lower.h"

namespace m2c::lower {

/// A window sliding over one or two spatial dimensions; one dimension is two, the first of extent 1.
struct Window {
  llvm::SmallVector<int64_t, 2> kernel, strides, dilations; ///< height, width
  llvm::SmallVector<int64_t, 2> low, high;                  ///< padding before and after

  /// Elements that the window covers along dimension d.
  int64_t span(unsigned d) const { return (kernel[d] - 1) * dilations[d] + 1; }
};

/// The window's attributes as an operator has them.
struct WindowAttributes {
  llvm::StringRef autoPad;
  llvm::ArrayRef<int64_t> kernel;
  std::optional<llvm::ArrayRef<int64_t>> strides, dilations, pads;
};

/// The window over `input` [N, C, ..] that gives `output` [N, C', ..] (both static, rank 3 or 4). auto_pad becomes
/// padding.
Window getWindow(const WindowAttributes &attributes, mlir::RankedTensorType input, mlir::RankedTensorType output);

/// The converted type of a result of `op` whose dimensions are all known, but for the batch (dimension 0), which may be
/// symbolic. Otherwise null, and the pattern that asks has failed to match.
mlir::RankedTensorType getImageResult(mlir::Operation *op, const mlir::TypeConverter *converter,
                                      mlir::RewriterBase &rewriter, unsigned result = 0);

/// [N, C, W] or [N, C, H, W] to [N, H, W, C].
mlir::Value toChannelsLast(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value);

/// The type of `type`, [N, C, W] or [N, C, H, W], as [N, H, W, C].
mlir::RankedTensorType channelsLastType(mlir::RankedTensorType type);

/// [N, H, W, C] back to the order and rank of `type`.
mlir::Value fromChannelsLast(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value,
                             mlir::RankedTensorType type);

/// Fills a kernel's epilogue with: yield acc, plus the one extra if `hasBias`.
void buildBiasEpilogue(mlir::OpBuilder &builder, mlir::Location loc, mlir::Region &region, mlir::Type element,
                       bool hasBias);

/// kernel.conv, or kernel.depthwise_conv where each channel has its own filter. `input` is channels-last and padded;
/// `filter` [O, I, KH, KW]; `bias` [O] may be null; `type` the output's, channels-last.
mlir::Value createConv(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value input, mlir::Value filter,
                       mlir::Value bias, mlir::RankedTensorType type, const Window &window, int64_t groups);

} // namespace m2c::lower
