// Launches of the kernels that work on rows: softmax, normalisations, positions of extremes.
#include "Cpp/Loops.h"
#include "Functor.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::emit;

namespace {

constexpr size_t outerDims = 3;

/// The members that say where rows start, from the loops over them; nullopt where they are too many.
std::optional<SmallVector<ShapeField>> describeRows(ArrayRef<Loop> loops, int64_t length) {
  int64_t rows = 1;
  for (const Loop &loop : loops)
    rows *= loop.extent.getNumber();
  SmallVector<Loop> merged = mergeLoops(loops);
  if (merged.size() > outerDims)
    return std::nullopt;
  while (merged.size() < outerDims)
    merged.insert(merged.begin(), {1, {Dim(0), Dim(0)}});
  SmallVector<ShapeField> shape{
      {"rows", rows}, {"length", length}, {"outer_1", merged[1].extent}, {"outer_2", merged[2].extent}};
  const char *const sides[] = {"x_", "y_"};
  for (auto [side, name] : llvm::enumerate(sides))
    for (auto [i, loop] : llvm::enumerate(merged))
      shape.emplace_back(name + std::to_string(i), loop.strides[side]);
  return shape;
}

LogicalResult reportOuterDims(Operation *op) {
  return op->emitOpError("has rows in more than ")
         << outerDims << " dimensions that cannot be merged, for which there is no kernel on GPUs; use --target cpu";
}

LogicalResult emitRows(kernel::KernelOpInterface op, Value input, StringRef function, ArrayRef<std::string> more,
                       Printer &printer) {
  printer.require("rows.h");
  Buffer x = printer.buffer(input), y = printer.buffer(op.getDpsInits()[0]);
  if (printer.failed() || failed(cuda::checkSameElements(op, {x, y})))
    return failure();
  for (const Buffer *buffer : {&x, &y})
    if (buffer->strides.back() != 1 && buffer->shape.back() != 1)
      return op->emitOpError("has rows whose elements are ")
             << buffer->strides.back().str() << " apart, expected consecutive ones";
  SmallVector<Loop> loops;
  for (int64_t dim = 0; dim + 1 < x.rank(); ++dim)
    loops.push_back({x.shape[dim], {x.strides[dim], y.strides[dim]}});
  std::optional<SmallVector<ShapeField>> shape = describeRows(loops, x.shape.back().getNumber());
  if (!shape)
    return reportOuterDims(op);
  SmallVector<std::string> indices = cuda::splitIndex("row", *asNumbers(ArrayRef<Dim>(x.shape).drop_back()));
  indices.push_back("i");
  std::string epilogue = cuda::printEpilogue(op, printer, {"row", "i"}, indices);
  SmallVector<std::string> arguments{x.pointer(), y.pointer()};
  llvm::append_range(arguments, more);
  arguments.push_back(epilogue);
  printer.call("rt::" + function.str() + "<" + printer.shapeStruct("rows", *shape) + ">", arguments);
  return failure(epilogue.empty());
}

LogicalResult emitSoftmax(kernel::SoftmaxOp op, Printer &printer) {
  return emitRows(op, op.getInput(), op.getLog() ? "log_softmax" : "softmax", {}, printer);
}

LogicalResult emitNormalize(kernel::NormalizeOp op, Printer &printer) {
  Type element = cast<MemRefType>(op.getInput().getType()).getElementType();
  std::string epsilon = printConstant(FloatAttr::get(element, op.getEpsilon().convertToDouble()));
  return emitRows(op, op.getInput(), op.getKind() == "rms" ? "rms_norm" : "layer_norm", epsilon, printer);
}

LogicalResult emitArgReduce(kernel::ArgReduceOp op, Printer &printer) {
  printer.require("rows.h");
  Buffer x = printer.buffer(op.getInput()), y = printer.buffer(op.getInits()[0]);
  if (printer.failed())
    return failure();
  auto axis = static_cast<int64_t>(op.getAxis());
  SmallVector<Loop> loops;
  for (int64_t dim = 0, out = 0; dim < x.rank(); ++dim)
    if (dim != axis)
      loops.push_back({x.shape[dim], {x.strides[dim], y.strides[out++]}});
  std::optional<SmallVector<ShapeField>> shape = describeRows(loops, x.shape[axis].getNumber());
  if (!shape)
    return reportOuterDims(op);
  shape->emplace_back("step", x.strides[axis]);
  printer.call("rt::arg_reduce<" + printer.shapeStruct("rows", *shape) + ", " +
                   (op.getKind() == "max" ? "true" : "false") + ", " + (op.getSelectLast() ? "true" : "false") + ">",
               {x.pointer(), y.pointer()});
  return success();
}

} // namespace

void cuda::registerRowEmitters(EmitterRegistry &registry) {
  registry.add(emitSoftmax);
  registry.add(emitNormalize);
  registry.add(emitArgReduce);
}
