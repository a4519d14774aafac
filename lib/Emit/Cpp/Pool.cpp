// Prints pools: by windows, or over the whole plane.
#include "Spatial.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::emit;

static LogicalResult emitPool(kernel::PoolOp op, Printer &printer) {
  printer.require("pool.h");
  Buffer in = printer.buffer(op.getInput()), out = printer.buffer(op.getInits()[0]);
  if (printer.failed() || failed(checkChannels(op, in)) || failed(checkChannels(op, out)))
    return failure();
  ArrayRef<Dim> plane = ArrayRef<Dim>(in.shape).slice(1, 2);
  bool global = ArrayRef<Dim>(toDims(op.getKernelShape())) == plane && out.shape[1] == 1 && out.shape[2] == 1 &&
                llvm::all_of(op.getPads(), [](int64_t pad) { return pad == 0; }) &&
                llvm::all_of(op.getDilations(), [](int64_t dilation) { return dilation == 1; });
  bool average = op.getKind() == "average";
  std::string epilogue = printer.epilogue(cast<kernel::KernelOpInterface>(*op));
  ImageLoop images(op, printer, in, out, epilogue);
  SmallVector<ShapeField> shape{
      {"batch", in.shape[0]}, {"in_h", in.shape[1]}, {"in_w", in.shape[2]}, {"channels", in.shape[3]}};
  if (!global) {
    shape.emplace_back("out_h", out.shape[1]);
    shape.emplace_back("out_w", out.shape[2]);
    addWindow(shape, op.getKernelShape(), op.getStrides(), op.getDilations());
    const char *const names[] = {"pad_top", "pad_left", "pad_bottom", "pad_right"};
    for (auto [name, pad] : llvm::zip_equal(names, op.getPads()))
      shape.emplace_back(name, pad);
    if (average)
      shape.emplace_back("count_include_pad", op.getCountIncludePad());
  }
  addStrides(shape, in, out);
  std::string function = std::string(global ? "rt::global_" : "rt::") + (average ? "average_pool<" : "max_pool<");
  SmallVector<std::string> arguments{in.pointer(), out.pointer(), epilogue};
  Printer::addPart(op, arguments);
  printer.call(function + printer.shapeStruct(global ? "global_pool" : "pool", shape) + ">", arguments);
  images.close();
  return failure(printer.failed());
}

void m2c::emit::registerPoolEmitters(EmitterRegistry &registry) { registry.add(emitPool); }
