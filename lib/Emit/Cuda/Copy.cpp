// Launches of copies: from views to views, transposes, and the borders of padded buffers.
#include "Cpp/Loops.h"
#include "Functor.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::emit;
using cuda::Functor;

namespace {

/// A thread per element, neighbours along the target's closest elements. loops[..].strides are those of x and y.
LogicalResult copyStrided(const Buffer &x, const Buffer &y, SmallVector<Loop> loops, Printer &printer) {
  llvm::sort(loops, [](const Loop &a, const Loop &b) {
    return std::pair(a.strides[1].getNumber(), a.strides[0].getNumber()) >
           std::pair(b.strides[1].getNumber(), b.strides[0].getNumber());
  });
  SmallVector<int64_t> extents;
  int64_t elements = 1;
  for (const Loop &loop : loops) {
    extents.push_back(loop.extent.getNumber());
    elements *= extents.back();
  }
  Functor functor(printer, "element");
  (void)functor.device().freshName("i");
  Buffer from = functor.buffer(x), to = functor.buffer(y);
  std::string terms[2];
  for (auto [loop, digit] : llvm::zip_equal(loops, cuda::splitIndex("i", extents)))
    for (unsigned side : {0u, 1u})
      if (loop.strides[side] != 0)
        terms[side] += (terms[side].empty() ? "" : " + ") + digit +
                       (loop.strides[side] == 1 ? "" : "*" + printer.text(loop.strides[side]));
  CodeWriter code;
  code.line("__device__ void operator()([[maybe_unused]] rt::idx i) const { " + to.elementAt(terms[1]) + " = " +
            from.elementAt(terms[0]) + "; }");
  printer.require("map.h");
  printer.call("rt::map", {std::to_string(elements), functor.finish(code.str())});
  return success();
}

LogicalResult copyLoops(const Buffer &x, const Buffer &y, SmallVector<Loop> loops, Printer &printer) {
  if (loops.empty() || (loops.size() == 1 && loops[0].strides[0] == 1 && loops[0].strides[1] == 1)) {
    printer.require("cuda/instance.cuh");
    printer.call("rt::copy_run", {x.pointer(), y.pointer(), printer.text(loops.empty() ? Dim(1) : loops[0].extent)});
    return success();
  }
  return copyStrided(x, y, std::move(loops), printer);
}

LogicalResult emitCopy(memref::CopyOp op, Printer &printer) {
  Buffer x = printer.buffer(op.getSource()), y = printer.buffer(op.getTarget());
  if (printer.failed())
    return failure();
  SmallVector<Loop> loops;
  for (auto [extent, from, to] : llvm::zip_equal(y.shape, x.strides, y.strides))
    loops.push_back({extent, {from, to}});
  return copyLoops(x, y, mergeLoops(loops), printer);
}

LogicalResult emitTranspose(linalg::TransposeOp op, Printer &printer) {
  Buffer x = printer.buffer(op.getInput()), y = printer.buffer(op.getInit());
  if (printer.failed())
    return failure();
  // The output's dimensions in order, with the stride of each in the input and in the output.
  SmallVector<Loop> loops;
  for (auto [dim, source] : llvm::enumerate(op.getPermutation()))
    loops.push_back({y.shape[dim], {x.strides[source], y.strides[dim]}});
  loops = mergeLoops(loops);
  auto find = [&](size_t buffer) {
    return llvm::find_if(loops, [&](const Loop &loop) { return loop.strides[buffer] == 1; });
  };
  auto columns = find(0), rows = find(1); // side by side in the input, in the output
  constexpr size_t outerDims = 3;
  constexpr int64_t worthSquares = 8, mostMatrices = 65535; // that a grid has place for
  int64_t matrices = 1;
  for (auto it = loops.begin(); it != loops.end(); ++it)
    if (it != columns && it != rows)
      matrices *= it->extent.getNumber();
  if (columns == loops.end() || rows == loops.end() || columns == rows || loops.size() > outerDims + 2 ||
      columns->extent.getNumber() < worthSquares || rows->extent.getNumber() < worthSquares || matrices > mostMatrices)
    return copyLoops(x, y, loops, printer);
  SmallVector<ShapeField> shape{{"rows", rows->extent},
                                {"columns", columns->extent},
                                {"x_row", rows->strides[0]},
                                {"y_column", columns->strides[1]}};
  SmallVector<Loop> outer;
  for (auto it = loops.begin(); it != loops.end(); ++it)
    if (it != columns && it != rows)
      outer.push_back(*it);
  while (outer.size() < outerDims)
    outer.insert(outer.begin(), {1, {Dim(0), Dim(0)}});
  for (auto [i, loop] : llvm::enumerate(outer)) {
    shape.emplace_back("outer_" + std::to_string(i), loop.extent);
    shape.emplace_back("x_" + std::to_string(i), loop.strides[0]);
    shape.emplace_back("y_" + std::to_string(i), loop.strides[1]);
  }
  printer.require("transpose.h");
  printer.call("rt::transpose<" + printer.shapeStruct("transpose", shape) + ">", {x.pointer(), y.pointer()});
  return success();
}

/// A thread per element of the buffer: those of the interior have nothing to do.
LogicalResult emitPadBorder(kernel::PadBorderOp op, Printer &printer) {
  Buffer y = printer.buffer(op.getInits()[0]);
  if (printer.failed())
    return failure();
  Functor functor(printer, "element");
  (void)functor.device().freshName("i");
  Buffer to = functor.buffer(y);
  std::string outside, terms;
  auto orElse = [&](const std::string &test) { outside += (outside.empty() ? "" : " || ") + test; };
  CodeWriter code;
  code.open("__device__ void operator()(rt::idx i) const {");
  for (auto [dim, digit] : llvm::enumerate(cuda::splitIndex("i", *asNumbers(y.shape)))) {
    int64_t low = op.getLow()[dim], high = op.getHigh()[dim];
    if (y.shape[dim] == 1 && low + high == 0)
      continue;
    std::string index = functor.device().freshName("i" + std::to_string(dim));
    code.line("const rt::idx " + index + " = " + digit + ";");
    terms += (terms.empty() ? "" : " + ") + index + (y.strides[dim] == 1 ? "" : "*" + printer.text(y.strides[dim]));
    if (low > 0)
      orElse(index + " < " + std::to_string(low));
    if (high > 0)
      orElse(index + " >= " + printer.text(y.shape[dim] - high));
  }
  if (outside.empty())
    return success();
  code.line("if (" + outside + ") " + to.elementAt(terms) + " = " + printConstant(op.getValue()) + ";");
  code.close();
  printer.require("map.h");
  printer.call("rt::map", {printer.text(y.size()), functor.finish(code.str())});
  return success();
}

LogicalResult emitDealloc(memref::DeallocOp, Printer &) { return success(); }

} // namespace

void cuda::registerCopyEmitters(EmitterRegistry &registry) {
  registry.add(emitCopy);
  registry.add(emitTranspose);
  registry.add(emitPadBorder);
  registry.add(emitDealloc);
}
