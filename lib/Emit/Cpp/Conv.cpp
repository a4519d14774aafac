// Prints convolutions.
#include "Spatial.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::emit;

namespace {

LogicalResult emitConv(kernel::ConvOp op, Printer &printer) {
  printer.require("conv.h");
  Buffer in = printer.buffer(op.getInput()), filter = printer.buffer(op.getFilter()),
         out = printer.buffer(op.getInits()[0]);
  if (printer.failed() || failed(checkChannels(op, in)) || failed(checkChannels(op, out)))
    return failure();
  if (!op.getPanel())
    return op.emitOpError("needs a packed filter (pass pack-weights)");
  SmallVector<ShapeField> shape{{"batch", out.shape[0]},        {"out_h", out.shape[1]},
                                {"out_w", out.shape[2]},        {"in_channels", in.shape[3]},
                                {"out_channels", out.shape[3]}, {"groups", static_cast<int64_t>(op.getGroups())}};
  addWindow(shape, op.getKernelShape(), op.getStrides(), op.getDilations());
  addStrides(shape, in, out);
  shape.emplace_back("panel", static_cast<int64_t>(*op.getPanel()));
  printer.call("rt::conv<" + printer.shapeStruct("conv", shape) + ">",
               {in.pointer(), filter.pointer(), out.pointer(), printer.epilogue(cast<kernel::KernelOpInterface>(*op))});
  return success();
}

LogicalResult emitDepthwise(kernel::DepthwiseConvOp op, Printer &printer) {
  printer.require("depthwise.h");
  Buffer in = printer.buffer(op.getInput()), filter = printer.buffer(op.getFilter()),
         out = printer.buffer(op.getInits()[0]);
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

} // namespace

void m2c::emit::registerConvEmitters(EmitterRegistry &registry) {
  registry.add(emitConv);
  registry.add(emitDepthwise);
}
