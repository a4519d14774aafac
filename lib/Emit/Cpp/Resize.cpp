// Prints resampling by tables of taps.
#include "Spatial.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::emit;

static LogicalResult emitResize(kernel::ResizeOp op, Printer &printer) {
  printer.require("resize.h");
  Buffer in = printer.buffer(op.getInput()), out = printer.buffer(op.getInits()[0]);
  Buffer tables[] = {printer.buffer(op.getYIndex()), printer.buffer(op.getYWeight()), printer.buffer(op.getXIndex()),
                     printer.buffer(op.getXWeight())};
  if (printer.failed() || failed(checkChannels(op, in)) || failed(checkChannels(op, out)))
    return failure();
  std::string epilogue = printer.epilogue(cast<kernel::KernelOpInterface>(*op));
  ImageLoop images(op, printer, in, out, epilogue);
  SmallVector<ShapeField> shape{{"batch", out.shape[0]},        {"out_h", out.shape[1]},
                                {"out_w", out.shape[2]},        {"channels", out.shape[3]},
                                {"taps_h", tables[0].shape[1]}, {"taps_w", tables[2].shape[1]}};
  addStrides(shape, in, out);
  auto axis = [&](const Buffer &index, const Buffer &weight) {
    return "rt::resize_axis{" + index.pointer() + ", " + weight.pointer() + "}";
  };
  SmallVector<std::string> arguments{in.pointer(), axis(tables[0], tables[1]), axis(tables[2], tables[3]),
                                     out.pointer(), epilogue};
  Printer::addPart(op, arguments);
  printer.callShaped(op, "resize", shape, arguments);
  images.close();
  return failure(printer.failed());
}

void m2c::emit::registerResizeEmitters(EmitterRegistry &registry) { registry.add(emitResize); }
