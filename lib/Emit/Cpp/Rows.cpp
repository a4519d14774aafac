// Prints kernels that work on rows, the last dimension: softmax, normalisations, positions of extremes.
#include "Loops.h"
#include "m2c/Emit/Cpp/Expression.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::emit;

namespace {

/// Loops over all dimensions but the last, and `function(row of x, row of y, more..., epilogue)` inside.
LogicalResult emitRows(kernel::KernelOpInterface op, Value input, StringRef function, ArrayRef<std::string> more,
                       Printer &printer) {
  Buffer x = printer.buffer(input), y = printer.buffer(op.getDpsInits()[0]);
  if (printer.failed())
    return failure();
  for (const Buffer *buffer : {&x, &y})
    if (buffer->strides.back() != 1 && buffer->shape.back() != 1)
      return op->emitOpError("has rows whose elements are ")
             << buffer->strides.back().str() << " apart, expected consecutive ones";
  bool fused = Printer::hasEpilogue(op);
  std::string epilogue = printer.epilogue(op), name;
  if (printer.failed())
    return failure();
  SmallVector<Loop> loops;
  for (int64_t dim = 0; dim + 1 < x.rank(); ++dim)
    loops.push_back({x.shape[dim], {x.strides[dim], y.strides[dim]}});
  if (!fused) {
    loops = mergeLoops(loops);
  } else if (!loops.empty()) {
    name = printer.freshName("finish");
    printer.code().line("const auto " + name + " = " + epilogue + ";");
  }
  OpenLoops open(printer, loops, 2, Printer::isSplit(op));
  if (!name.empty()) {
    std::string column = printer.freshName("column");
    epilogue = "[&](auto acc, rt::idx " + column + ") { return " + name + "(acc";
    for (const std::string &index : open.indices)
      epilogue += index == "0" ? ", rt::idx{0}" : ", " + index;
    epilogue += ", " + column + "); }";
  }
  SmallVector<std::string> arguments{x.pointer(open.terms[0]), y.pointer(open.terms[1])};
  llvm::append_range(arguments, more);
  arguments.push_back(epilogue);
  if (x.shape.back().isNumber()) {
    printer.call("rt::" + function.str() + "<" + printer.text(x.shape.back()) + ">", arguments);
  } else {
    arguments.insert(arguments.begin(), printer.text(x.shape.back()));
    printer.call("rt::" + function.str(), arguments);
  }
  open.close();
  return success();
}

LogicalResult emitSoftmax(kernel::SoftmaxOp op, Printer &printer) {
  printer.require("softmax.h");
  return emitRows(op, op.getInput(), op.getLog() ? "log_softmax_row" : "softmax_row", {}, printer);
}

LogicalResult emitNormalize(kernel::NormalizeOp op, Printer &printer) {
  printer.require("normalize.h");
  Type element = cast<MemRefType>(op.getInput().getType()).getElementType();
  std::string epsilon = printConstant(FloatAttr::get(element, op.getEpsilon().convertToDouble()));
  return emitRows(op, op.getInput(), op.getKind() == "rms" ? "rms_norm_row" : "layer_norm_row", epsilon, printer);
}

LogicalResult emitArgReduce(kernel::ArgReduceOp op, Printer &printer) {
  printer.require("reduce.h");
  Buffer x = printer.buffer(op.getInput()), y = printer.buffer(op.getInits()[0]);
  if (printer.failed())
    return failure();
  auto axis = static_cast<int64_t>(op.getAxis());
  std::string how =
      std::string(op.getKind() == "max" ? "true" : "false") + ", " + (op.getSelectLast() ? "true" : "false");
  if (!x.shape[axis].isNumber())
    return op.emitOpError("has an axis of a length that only the run knows");
  std::string length = printer.text(x.shape[axis]), step = printer.text(x.strides[axis]);
  SmallVector<Loop> loops;
  for (int64_t dim = 0, out = 0; dim < x.rank(); ++dim)
    if (dim != axis) {
      loops.push_back({x.shape[dim], {x.strides[dim], y.strides[out]}});
      ++out;
    }
  loops = mergeLoops(loops);
  if (x.strides[axis] == 1 || x.shape[axis] == 1) {
    OpenLoops open(printer, loops, 2);
    printer.code().line(y.elementAt(open.terms[1]) + " = rt::arg_reduce<" + length + ", " + how + ">(" +
                        x.pointer(open.terms[0]) + ");");
    open.close();
    return success();
  }
  // Vectors run along the innermost of the other dimensions, if its elements lie side by side.
  Loop columns{1, {Dim(1), Dim(1)}};
  if (!loops.empty() && loops.back().strides[0] == 1 && loops.back().extent.isNumber())
    columns = loops.pop_back_val();
  OpenLoops open(printer, loops, 2);
  printer.call("rt::arg_reduce_rows<" + length + ", " + printer.text(columns.extent) + ", " + how + ">",
               {x.pointer(open.terms[0]), step, y.pointer(open.terms[1]), printer.text(columns.strides[1])});
  open.close();
  return success();
}

} // namespace

void m2c::emit::registerRowsEmitters(EmitterRegistry &registry) {
  registry.add(emitSoftmax);
  registry.add(emitNormalize);
  registry.add(emitArgReduce);
}
