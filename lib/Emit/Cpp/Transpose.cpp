// Prints transposes: copies of runs where the fastest dimension stays, squares of registers where it changes.
#include "Loops.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::emit;

namespace {

LogicalResult emitTranspose(linalg::TransposeOp op, Printer &printer) {
  printer.require("transpose.h");
  Buffer x = printer.buffer(op.getInput()), y = printer.buffer(op.getInit());
  if (printer.failed())
    return failure();
  // The output's dimensions in order, with the stride of each in the input and in the output.
  SmallVector<Loop> loops;
  for (auto [dim, source] : llvm::enumerate(op.getPermutation()))
    loops.push_back({y.shape[dim], {x.strides[source], y.strides[dim]}});
  loops = mergeLoops(loops);
  auto take = [&](size_t buffer) {
    for (auto it = loops.begin(); it != loops.end(); ++it)
      if (it->strides[buffer] == 1) {
        Loop loop = *it;
        loops.erase(it);
        return loop;
      }
    return Loop{1, {Dim(1), Dim(1)}};
  };
  auto text = [&](const Dim &value) { return printer.text(value); };
  // Where the loops outside are too short for several threads, the copy itself is split.
  bool isSplit = Printer::isSplit(op);
  auto areSplit = [&] {
    constexpr int64_t enough = 16;
    return isSplit && llvm::any_of(loops, [](const Loop &loop) {
             return !loop.extent.isNumber() || loop.extent.getNumber() >= enough;
           });
  };
  // Sizes and strides that only the run knows are arguments.
  auto call = [&](StringRef function, ArrayRef<Dim> sizes, SmallVector<std::string> pointers) {
    if (!areSplit())
      Printer::addPart(op, pointers);
    std::string list;
    for (const Dim &size : sizes)
      list += (list.empty() ? "" : ", ") + text(size);
    if (asNumbers(sizes))
      return printer.call(("rt::" + function + "<" + list + ">").str(), pointers);
    SmallVector<std::string> arguments{list};
    llvm::append_range(arguments, pointers);
    printer.call(("rt::" + function + "_sized").str(), arguments);
  };
  auto copy = [&](Loop run) {
    OpenLoops open(printer, loops, 2, areSplit());
    call("copy_strided", {run.extent, run.strides[0], run.strides[1]},
         {x.pointer(open.terms[0]), y.pointer(open.terms[1])});
    open.close();
    return success();
  };
  Loop columns = take(0); // side by side in the input
  if (columns.strides[1] == 1)
    return copy(columns);
  Loop rows = take(1); // side by side in the output
  if (rows.extent == 1)
    return copy(columns);
  OpenLoops open(printer, loops, 2, areSplit());
  call("transpose_2d", {rows.extent, columns.extent, rows.strides[0], columns.strides[1]},
       {x.pointer(open.terms[0]), y.pointer(open.terms[1])});
  open.close();
  return success();
}

} // namespace

void m2c::emit::registerTransposeEmitters(EmitterRegistry &registry) { registry.add(emitTranspose); }
