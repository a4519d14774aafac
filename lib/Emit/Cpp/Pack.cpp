// Borders of padded buffers, and weights packed at run time.
#include "m2c/Emit/Cpp/Printer.h"

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
  std::string shape = printer.shapeStruct(
      "border", {{"rank", out.rank()},
                 {"extent" + rank, "rt::idx", list(out.shape)},
                 {"stride" + rank, "rt::idx", list(out.strides)},
                 {"low" + rank, "rt::idx", list(op.getLow())},
                 {"high" + rank, "rt::idx", list(op.getHigh())}});
  SmallString<32> value;
  APFloat(op.getValue().convertToDouble()).toString(value);
  if (!StringRef(value).contains_insensitive("n") && !StringRef(value).contains('.') && !StringRef(value).contains('E'))
    value += ".0";
  std::string number = op.getValue().isInfinity()
                           ? std::string(op.getValue().isNegative() ? "-" : "") + "std::numeric_limits<double>::infinity()"
                           : value.str().str();
  printer.call("rt::pad_border<" + shape + ">", {out.pointer(), "static_cast<" + out.element + ">(" + number + ")"});
  return success();
}

void m2c::emit::registerPackEmitters(EmitterRegistry &registry) { registry.add(emitPadBorder); }
