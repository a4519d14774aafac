// Prints convolutions.
#include "Spatial.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::emit;

namespace {

LogicalResult emitConv(kernel::ConvOp op, Printer &printer) {
  printer.require("conv.h");
  Buffer in = printer.buffer(op.getInput()), filter = printer.buffer(op.getFilter()), out = printer.buffer(op.getInits()[0]);
  if (printer.failed() || failed(checkChannels(op, in)) || failed(checkChannels(op, out)))
    return failure();
  if (!op.getPanel())
    return op.emitOpError("needs a packed filter (pass pack-weights)");
  SmallVector<ShapeField> shape{{"batch", out.shape[0]},
                                {"out_h", out.shape[1]},
                                {"out_w", out.shape[2]},
                                {"in_channels", in.shape[3]},
                                {"out_channels", out.shape[3]},
                                {"groups", static_cast<int64_t>(op.getGroups())}};
  addWindow(shape, op.getKernelShape(), op.getStrides(), op.getDilations());
  addStrides(shape, in, out);
  shape.emplace_back("panel", static_cast<int64_t>(*op.getPanel()));
  printer.call("rt::conv<" + printer.shapeStruct("conv", shape) + ">",
               {in.pointer(), filter.pointer(), out.pointer(), printer.epilogue(cast<kernel::KernelOpInterface>(*op))});
  return success();
}

LogicalResult emitDepthwise(kernel::DepthwiseConvOp op, Printer &printer) {
  printer.require("depthwise.h");
  Buffer in = printer.buffer(op.getInput()), filter = printer.buffer(op.getFilter()), out = printer.buffer(op.getInits()[0]);
  if (printer.failed() || failed(checkChannels(op, in)) || failed(checkChannels(op, out)))
    return failure();
  if (!filter.isContiguous())
    return op.emitOpError("needs a contiguous filter");
  SmallVector<ShapeField> shape{
      {"batch", out.shape[0]}, {"out_h", out.shape[1]}, {"out_w", out.shape[2]}, {"channels", out.shape[3]}};
  addWindow(shape, ArrayRef<int64_t>(filter.shape).take_front(2), op.getStrides(), op.getDilations());
  addStrides(shape, in, out);
  printer.call("rt::depthwise<" + printer.shapeStruct("depthwise", shape) + ">",
               {in.pointer(), filter.pointer(), out.pointer(), printer.epilogue(cast<kernel::KernelOpInterface>(*op))});
  return success();
}

/// A filter that is an input of the model.
LogicalResult emitPack(kernel::PackOp op, Printer &printer) {
  printer.require("pack.h");
  Buffer source = printer.buffer(op.getSource()), packed = printer.buffer(op.getInits()[0]);
  if (printer.failed())
    return failure();
  auto text = [](int64_t value) { return std::to_string(value); };
  std::string panel = text(static_cast<int64_t>(op.getPanel()));
  if (op.getFormat() == "filter" && source.isContiguous()) {
    printer.call("rt::pack_filter", {source.pointer(), text(source.shape[0]), text(source.shape[1]), text(source.shape[2]),
                                     text(source.shape[3]), text(static_cast<int64_t>(op.getGroups())), panel, packed.pointer()});
    return success();
  }
  if (op.getFormat() == "rhs" || op.getFormat() == "rhs_transposed") {
    unsigned k = op.getFormat() == "rhs" ? 0 : 1;
    printer.call("rt::pack_panels", {source.pointer(), text(source.strides[k]), text(source.strides[1 - k]),
                                     text(source.shape[k]), text(source.shape[1 - k]), panel, packed.pointer()});
    return success();
  }
  return op.emitOpError("has no packer for the format '") << op.getFormat() << "' of this operand";
}

} // namespace

void m2c::emit::registerConvEmitters(EmitterRegistry &registry) {
  registry.add(emitConv);
  registry.add(emitDepthwise);
  registry.add(emitPack);
}
