// Windows of convolutions and pools: attributes with their defaults, padding, output sizes.
#pragma once

#include "m2c/Graph/ShapeMath.h"
#include "m2c/IR/Dim.h"
#include "mlir/IR/BuiltinAttributes.h"

namespace m2c::graph {

/// The window of a Conv, ConvTranspose or pool op over `spatial` dimensions, all attributes filled in. With auto_pad,
/// `pads` are the ones it stands for.
struct Window {
  llvm::SmallVector<int64_t> kernel, strides, dilations;
  llvm::SmallVector<int64_t> pads; // begins, then ends
  Dims output;
};

/// Attributes as ONNX gives them; empty where absent.
struct WindowAttrs {
  llvm::StringRef autoPad = "NOTSET";
  llvm::ArrayRef<int64_t> kernel, strides, dilations, pads;
  bool ceilMode = false;
  // ConvTranspose only
  llvm::ArrayRef<int64_t> outputPadding, outputShape;
};

/// Resolves the window over `spatial` input dimensions. Nothing if an attribute has the wrong length or an impossible
/// value; then `problem` says which.
std::optional<Window> resolveWindow(const WindowAttrs &attrs, llvm::ArrayRef<Dim> spatial, std::string &problem);

/// The same for ConvTranspose.
std::optional<Window> resolveTransposedWindow(const WindowAttrs &attrs, llvm::ArrayRef<Dim> spatial,
                                              std::string &problem);

/// The attributes of any Conv, ConvTranspose or pool op, as far as it has them.
template <class Op>
WindowAttrs getWindowAttrs(Op op) {
  WindowAttrs attrs;
  auto list = [](std::optional<llvm::ArrayRef<int64_t>> v) { return v ? *v : llvm::ArrayRef<int64_t>(); };
  attrs.kernel = list(op.getKernelShape());
  attrs.strides = list(op.getStrides());
  attrs.pads = list(op.getPads());
  if constexpr (requires { op.getDilations(); })
    attrs.dilations = list(op.getDilations());
  if constexpr (requires { op.getAutoPad(); })
    attrs.autoPad = op.getAutoPad();
  if constexpr (requires { op.getCeilMode(); })
    attrs.ceilMode = op.getCeilMode() != 0;
  if constexpr (requires { op.getOutputPadding(); }) {
    attrs.outputPadding = list(op.getOutputPadding());
    attrs.outputShape = list(op.getOutputShape());
  }
  return attrs;
}

} // namespace m2c::graph
