// Memrefs as symbolic views.
#include "m2c/Dialect/Kernel/Sizes.h"
#include "m2c/Emit/Cpp/Printer.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace m2c::emit;

Buffer Printer::buffer(Value memref) {
  if (auto found = buffers.find(memref); found != buffers.end())
    return found->second;
  Buffer view = makeView(memref);
  buffers[memref] = view;
  return view;
}

Buffer Printer::makeView(Value memref) {
  auto fail = [&](const Twine &why) {
    hasFailed = true;
    emitError(memref.getLoc()) << why;
    return Buffer();
  };
  Operation *op = memref.getDefiningOp();
  if (!op)
    return fail("the C++ printer has no name for this buffer");

  // Sizes and strides follow from the views that it is made of; here is only where it begins.
  auto viewOf = [&](Value source) {
    Buffer view = buffer(source);
    view.shape = getBufferDims(memref);
    view.strides = getBufferStrides(memref);
    if (!allKnown(view.shape) || !allKnown(view.strides))
      return fail("a view whose sizes or strides are not known in the model's symbols");
    return view;
  };
  if (auto cast = dyn_cast<memref::CastOp>(op))
    return buffer(cast.getSource());
  if (isa<memref::CollapseShapeOp, memref::ExpandShapeOp>(op))
    return viewOf(op->getOperand(0));
  if (auto subview = dyn_cast<memref::SubViewOp>(op)) {
    Buffer view = viewOf(subview.getSource());
    for (auto [offset, stride] : llvm::zip_equal(subview.getMixedOffsets(), buffer(subview.getSource()).strides)) {
      Dim move = getSize(offset);
      if (Dim shift = move * stride; shift.isNumber()) {
        view.offset += shift.getNumber();
        continue;
      }
      std::string term = move.isUnknown() ? scalar(cast<Value>(offset)) : text(move);
      if (StringRef(term).contains(' ') && !StringRef(term).starts_with("("))
        term = "(" + term + ")";
      if (stride != 1)
        term += "*" + text(stride);
      view.moved += (view.moved.empty() ? "" : " + ") + term;
    }
    return view;
  }
  if (auto reinterpreted = dyn_cast<memref::ReinterpretCastOp>(op)) {
    // Its offset counts from the start of the underlying buffer.
    Value root = reinterpreted.getSource();
    while (Operation *inner = root.getDefiningOp()) {
      if (!isa<ViewLikeOpInterface>(inner) || isa<memref::ViewOp>(inner))
        break;
      root = inner->getOperand(0);
    }
    SmallVector<int64_t> strides;
    int64_t rootOffset = 0;
    (void)cast<MemRefType>(root.getType()).getStridesAndOffset(strides, rootOffset);
    std::optional<int64_t> offset = getConstantIntValue(reinterpreted.getMixedOffsets()[0]);
    if (!offset || ShapedType::isDynamic(rootOffset))
      return fail("a view whose offset is not known at conversion");
    Buffer view = viewOf(root);
    view.offset += *offset - rootOffset;
    return view;
  }
  if (isa<memref::AllocOp, memref::AllocaOp>(op))
    return fail("a buffer without a place in the arena");
  return fail("the C++ printer cannot view memory through '" + op->getName().getStringRef() + "'");
}
