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
  std::string shape = printer.shapeStruct("border", {{"rank", out.rank()},
                                                     {"extent" + rank, "rt::idx", list(out.shape)},
                                                     {"stride" + rank, "rt::idx", list(out.strides)},
                                                     {"low" + rank, "rt::idx", list(op.getLow())},
                                                     {"high" + rank, "rt::idx", list(op.getHigh())}});
  SmallString<32> value;
  APFloat(op.getValue().convertToDouble()).toString(value);
  if (!StringRef(value).contains_insensitive("n") && !StringRef(value).contains('.') && !StringRef(value).contains('E'))
    value += ".0";
  std::string number = op.getValue().isInfinity() ? std::string(op.getValue().isNegative() ? "-" : "") +
                                                        "std::numeric_limits<double>::infinity()"
                                                  : value.str().str();
  printer.call("rt::pad_border<" + shape + ">", {out.pointer(), "static_cast<" + out.element + ">(" + number + ")"});
  return success();
}

static LogicalResult emitPack(kernel::PackOp op, Printer &printer) {
  Buffer from = printer.buffer(op.getSource()), to = printer.buffer(op.getInits()[0]);
  if (printer.failed())
    return failure();
  auto text = [](int64_t value) { return std::to_string(value); };
  std::string panel = text(op.getPanel());
  int64_t rank = from.rank();
  if (op.getFormat() == "rhs" || op.getFormat() == "rhs_transposed") {
    printer.require("pack.h");
    int64_t k = op.getFormat() == "rhs" ? rank - 2 : rank - 1, n = op.getFormat() == "rhs" ? rank - 1 : rank - 2;
    std::string fromTerms, toTerms;
    for (int64_t dim = 0; dim < rank - 2; ++dim) { // batches, one after the other
      std::string i = printer.freshName("i");
      printer.code().open("for (rt::idx " + i + " = 0; " + i + " < " + text(from.shape[dim]) + "; ++" + i + ") {");
      fromTerms += (dim ? " + " : "") + i + "*" + text(from.strides[dim]);
      toTerms += (dim ? " + " : "") + i + "*" + text(to.strides[dim]);
    }
    printer.call("rt::pack_panels", {from.pointer(fromTerms), text(from.strides[k]), text(from.strides[n]),
                                     text(from.shape[k]), text(from.shape[n]), panel, to.pointer(toTerms)});
    for (int64_t dim = 0; dim < rank - 2; ++dim)
      printer.code().close();
    return success();
  }
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
