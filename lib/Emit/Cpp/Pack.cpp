// Borders of padded buffers, and weights packed at run time.
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
  std::string rank = "[" + std::to_string(out.rank()) + "]";
  std::string shape = printer.shapeStruct("border", {{"rank", out.rank()},
                                                     {"extent" + rank, "rt::idx", list(out.shape)},
                                                     {"stride" + rank, "rt::idx", list(out.strides)},
                                                     {"low" + rank, "rt::idx", list(op.getLow())},
                                                     {"high" + rank, "rt::idx", list(op.getHigh())}});
  std::string value = printTypedConstant(op.getValue());
  if (op.getValue().getType().isInteger(1))
    value = out.element + "{" + value + "}";
  printer.call("rt::pad_border<" + shape + ">", {out.pointer(), value});
  return success();
}

static LogicalResult emitPack(kernel::PackOp op, Printer &printer) {
  Buffer from = printer.buffer(op.getSource()), to = printer.buffer(op.getInits()[0]);
  if (printer.failed())
    return failure();
  auto text = [](int64_t value) { return std::to_string(value); };
  std::string panel = text(op.getPanel());
  int64_t rank = from.rank();
  if (!from.isContiguous())
    return op.emitOpError("expects its source in one run of memory");
  if (op.getFormat() == "filter" && rank == 4) {
    printer.require("pack.h");
    printer.call("rt::pack_filter", {from.pointer(), text(from.shape[0]), text(from.shape[1]), text(from.shape[2]),
                                     text(from.shape[3]), text(op.getGroups()), panel, to.pointer()});
    return success();
  }
  if ((op.getFormat() == "recurrence" || op.getFormat() == "recurrence_split") && rank == 2) {
    printer.require("recurrent.h");
    printer.call("rt::pack_" + op.getFormat().str(),
                 {from.pointer(), to.pointer(), text(from.shape[0] / from.shape[1]), text(from.shape[1]), panel});
    return success();
  }
  return op.emitOpError("has an unknown format '") << op.getFormat() << "'";
}

void m2c::emit::registerPackEmitters(EmitterRegistry &registry) {
  registry.add(emitPadBorder);
  registry.add(emitPack);
}
