// Memrefs as symbolic views.
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

/// Takes extents and strides from the type.
static bool setShape(Buffer &view, MemRefType type) {
  int64_t offset;
  view.shape.assign(type.getShape().begin(), type.getShape().end());
  view.strides.clear();
  return type.hasStaticShape() && succeeded(type.getStridesAndOffset(view.strides, offset)) &&
         llvm::none_of(view.strides, ShapedType::isDynamic);
}

Buffer Printer::makeView(Value memref) {
  auto fail = [&](const Twine &why) {
    hasFailed = true;
    emitError(memref.getLoc()) << why;
    return Buffer();
  };
  auto type = cast<MemRefType>(memref.getType());
  Operation *op = memref.getDefiningOp();
  if (!op)
    return fail("the C++ printer has no name for this buffer");

  if (auto cast = dyn_cast<memref::CastOp>(op)) {
    Buffer view = buffer(cast.getSource());
    setShape(view, type);
    return llvm::any_of(view.strides, ShapedType::isDynamic) ? buffer(cast.getSource()) : view;
  }
  if (isa<memref::CollapseShapeOp, memref::ExpandShapeOp>(op)) {
    Buffer view = buffer(op->getOperand(0));
    if (!setShape(view, type))
      return fail("a view whose strides are not known at conversion");
    return view;
  }
  if (auto subview = dyn_cast<memref::SubViewOp>(op)) {
    Buffer view = buffer(subview.getSource());
    for (auto [offset, stride] : llvm::zip_equal(subview.getMixedOffsets(), view.strides)) {
      if (std::optional<int64_t> constant = getConstantIntValue(offset)) {
        view.offset += *constant * stride;
        continue;
      }
      std::string term = scalar(cast<Value>(offset));
      if (StringRef(term).contains(' ') && !StringRef(term).starts_with("("))
        term = "(" + term + ")";
      if (stride != 1)
        term += "*" + std::to_string(stride);
      view.moved += (view.moved.empty() ? "" : " + ") + term;
    }
    if (!setShape(view, type))
      return fail("a view whose strides are not known at conversion");
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
    Buffer view = buffer(root);
    if (!offset || ShapedType::isDynamic(rootOffset) || !setShape(view, type))
      return fail("a view whose offset or strides are not known at conversion");
    view.offset += *offset - rootOffset;
    return view;
  }
  if (isa<memref::AllocOp, memref::AllocaOp>(op))
    return fail("a buffer without a place in the arena");
  return fail("the C++ printer cannot view memory through '" + op->getName().getStringRef() + "'");
}
