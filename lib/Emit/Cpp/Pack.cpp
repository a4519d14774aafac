// Borders of padded buffers, and weights packed at run time.
#include "Loops.h"
#include "m2c/Emit/Cpp/Expression.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::emit;

static std::string list(ArrayRef<int64_t> values) {
  std::string text;
  for (int64_t value : values)
    text += (text.empty() ? "" : ", ") + std::to_string(value);
  return "{" + text + "}";
}

static LogicalResult emitPadBorder(kernel::PadBorderOp op, Printer &printer) {
  printer.require("pad.h");
  Buffer out = printer.buffer(op.getInits()[0]);
  // A leading dimension without border, which may be symbolic, is a loop.
  SmallVector<Loop> loops;
  if (out.rank() > 1 && !out.shape[0].isNumber()) {
    if (op.getLow()[0] != 0 || op.getHigh()[0] != 0)
      return op.emitOpError("cannot pad a dimension that only the run knows");
    loops.push_back({out.shape[0], {out.strides[0]}});
  }
  size_t skipped = loops.size();
  auto shapeNumbers = asNumbers(ArrayRef<Dim>(out.shape).drop_front(skipped)),
       strideNumbers = asNumbers(ArrayRef<Dim>(out.strides).drop_front(skipped));
  if (!shapeNumbers || !strideNumbers)
    return op.emitOpError("pads a buffer of which more than the first dimension is symbolic");
  std::string rank = "[" + std::to_string(shapeNumbers->size()) + "]";
  std::string shape =
      printer.shapeStruct("border", {{"rank", shapeNumbers->size()},
                                     {"extent" + rank, "rt::idx", list(*shapeNumbers)},
                                     {"stride" + rank, "rt::idx", list(*strideNumbers)},
                                     {"low" + rank, "rt::idx", list(op.getLow().drop_front(skipped))},
                                     {"high" + rank, "rt::idx", list(op.getHigh().drop_front(skipped))}});
  std::string value = printTypedConstant(op.getValue());
  if (op.getValue().getType().isInteger(1))
    value = out.element + "{" + value + "}";
  OpenLoops open(printer, loops, 1);
  printer.call("rt::pad_border<" + shape + ">", {out.pointer(open.terms[0]), value});
  open.close();
  return success();
}

static LogicalResult emitPack(kernel::PackOp op, Printer &printer) {
  Buffer from = printer.buffer(op.getSource()), to = printer.buffer(op.getInits()[0]);
  if (printer.failed())
    return failure();
  auto text = [&](const Dim &value) { return printer.text(value); };
  std::string panel = text(int64_t(op.getPanel()));
  int64_t rank = from.rank();
  if (!from.isContiguous())
    return op.emitOpError("expects its source in one run of memory");
  if (op.getFormat() == "filter" && rank == 4) {
    printer.require("pack.h");
    printer.call("rt::pack_filter", {from.pointer(), text(from.shape[0]), text(from.shape[1]), text(from.shape[2]),
                                     text(from.shape[3]), text(int64_t(op.getGroups())), panel, to.pointer()});
    return success();
  }
  if ((op.getFormat() == "recurrence" || op.getFormat() == "recurrence_split") && rank == 2) {
    printer.require("recurrent.h");
    printer.call(
        "rt::pack_" + op.getFormat().str(),
        {from.pointer(), to.pointer(), text(from.shape[0].floorDiv(from.shape[1])), text(from.shape[1]), panel});
    return success();
  }
  return op.emitOpError("has an unknown format '") << op.getFormat() << "'";
}

void m2c::emit::registerPackEmitters(EmitterRegistry &registry) {
  registry.add(emitPadBorder);
  registry.add(emitPack);
}
