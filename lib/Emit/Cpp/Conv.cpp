// Prints convolutions.
#include "Spatial.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::emit;

namespace {

LogicalResult emitConv(kernel::ConvOp op, Printer &printer) {
  Buffer in = printer.buffer(op.getInput()), filter = printer.buffer(op.getFilter()),
         out = printer.buffer(op.getInits()[0]);
  if (printer.failed() || failed(checkChannels(op, in)) || failed(checkChannels(op, out)))
    return failure();
  if (!op.getPanel())
    return op.emitOpError("needs a packed filter (pass pack-weights)");
  std::optional<ArrayRef<int64_t>> tile = op.getWinogradTile();
  if (tile && !op.getScratch())
    return op.emitOpError("needs scratch memory (pass add-scratch)");
  std::string epilogue = printer.epilogue(cast<kernel::KernelOpInterface>(*op));
  ImageLoop images(op, printer, in, out, epilogue);
  SmallVector<ShapeField> shape{{"batch", out.shape[0]},
                                {"out_h", out.shape[1]},
                                {"out_w", out.shape[2]},
                                {"in_channels", in.shape[3]},
                                {"out_channels", out.shape[3]}};
  if (tile) {
    shape.append({{"kernel_h", op.getKernelShape()[0]},
                  {"kernel_w", op.getKernelShape()[1]},
                  {"tile_h", (*tile)[0]},
                  {"tile_w", (*tile)[1]}});
  } else {
    shape.emplace_back("groups", static_cast<int64_t>(op.getGroups()));
    addWindow(shape, op.getKernelShape(), op.getStrides(), op.getDilations());
  }
  addStrides(shape, in, out);
  shape.emplace_back("panel", static_cast<int64_t>(*op.getPanel()));
  SmallVector<std::string> arguments{in.pointer(), filter.pointer(), out.pointer()};
  if (tile)
    arguments.push_back(printer.buffer(op.getScratch()).pointer());
  arguments.push_back(epilogue);
  Printer::addPart(op, arguments);
  std::string kernel = tile ? "winograd" : "conv";
  printer.require(tile ? "winograd.h" : "conv.h");
  printer.callShaped(op, kernel, shape, arguments);
  images.close();
  return failure(printer.failed());
}

LogicalResult emitDepthwise(kernel::DepthwiseConvOp op, Printer &printer) {
  printer.require("depthwise.h");
  Buffer in = printer.buffer(op.getInput()), filter = printer.buffer(op.getFilter()),
         out = printer.buffer(op.getInits()[0]);
  if (printer.failed() || failed(checkChannels(op, in)) || failed(checkChannels(op, out)))
    return failure();
  if (!filter.isContiguous())
    return op.emitOpError("needs a contiguous filter");
  auto kernel = asNumbers(ArrayRef<Dim>(filter.shape).take_front(2));
  if (!kernel)
    return op.emitOpError("needs a filter whose size is known at conversion");
  std::string epilogue = printer.epilogue(cast<kernel::KernelOpInterface>(*op));
  ImageLoop images(op, printer, in, out, epilogue);
  SmallVector<ShapeField> shape{
      {"batch", out.shape[0]}, {"out_h", out.shape[1]}, {"out_w", out.shape[2]}, {"channels", out.shape[3]}};
  addWindow(shape, *kernel, op.getStrides(), op.getDilations());
  addStrides(shape, in, out);
  SmallVector<std::string> arguments{in.pointer(), filter.pointer(), out.pointer(), epilogue};
  Printer::addPart(op, arguments);
  printer.callShaped(op, "depthwise", shape, arguments);
  images.close();
  return failure(printer.failed());
}

} // namespace

void m2c::emit::registerConvEmitters(EmitterRegistry &registry) {
  registry.add(emitConv);
  registry.add(emitDepthwise);
}
