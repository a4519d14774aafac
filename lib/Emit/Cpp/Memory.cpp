// Copies and stores: memref.copy, memref.store.
#include "m2c/Emit/Cpp/Expression.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::emit;

namespace {
/// A loop that a copy goes through: its length and the steps of both sides.
struct CopyLoop {
  Dim length, from, to;
};
} // namespace

/// The loops of a copy, those that run through memory as one merged.
static SmallVector<CopyLoop> getLoops(const Buffer &from, const Buffer &to) {
  SmallVector<CopyLoop> loops;
  for (auto [length, fromStep, toStep] : llvm::zip_equal(to.shape, from.strides, to.strides)) {
    if (length == 1)
      continue;
    if (!loops.empty() && loops.back().from == fromStep * length && loops.back().to == toStep * length)
      loops.back() = {loops.back().length * length, fromStep, toStep};
    else
      loops.push_back({length, fromStep, toStep});
  }
  return loops;
}

static std::string addTerm(Printer &printer, std::string sum, StringRef variable, const Dim &step) {
  return sum + (sum.empty() ? "" : " + ") + variable.str() + (step == 1 ? "" : "*" + printer.text(step));
}

static LogicalResult emitCopy(memref::CopyOp op, Printer &printer) {
  Buffer from = printer.buffer(op.getSource()), to = printer.buffer(op.getTarget());
  if (printer.failed())
    return failure();
  SmallVector<CopyLoop> loops = getLoops(from, to);
  bool hasRun = !loops.empty() && loops.back().from == 1 && loops.back().to == 1;
  CopyLoop run = hasRun ? loops.pop_back_val() : CopyLoop{1, 1, 1};
  std::string fromTerms, toTerms;
  for (const CopyLoop &loop : loops) {
    std::string i = printer.freshName("i");
    printer.code().open("for (rt::idx " + i + " = 0; " + i + " < " + printer.text(loop.length) + "; ++" + i + ") {");
    fromTerms = addTerm(printer, fromTerms, i, loop.from);
    toTerms = addTerm(printer, toTerms, i, loop.to);
  }
  if (hasRun) {
    printer.require("vec.h"); // <cstring>
    // An empty array of the caller may be null, which memcpy must not see.
    std::string guard = run.length.isNumber() ? "" : "if (" + printer.text(run.length) + " > 0) ";
    printer.code().line(guard + "std::memcpy(" + to.pointer(toTerms) + ", " + from.pointer(fromTerms) + ", " +
                        printer.text(run.length) + " * sizeof(" + to.element + "));");
  } else {
    printer.code().line(to.elementAt(toTerms) + " = " + from.elementAt(fromTerms) + ";");
  }
  for (size_t i = 0; i < loops.size(); ++i)
    printer.code().close();
  return success();
}

static LogicalResult emitStore(memref::StoreOp op, Printer &printer) {
  printer.require("lanes.h"); // what scalars are printed with
  Buffer to = printer.buffer(op.getMemref());
  std::string terms;
  for (auto [index, step] : llvm::zip_equal(op.getIndices(), to.strides)) {
    std::string position = printer.scalar(index);
    if (position != "0")
      terms = addTerm(printer, terms, position, step);
  }
  printer.code().line(to.elementAt(terms) + " = " + printer.scalar(op.getValueToStore()) + ";");
  return success(!printer.failed());
}

static LogicalResult emitDealloc(memref::DeallocOp, Printer &) { return success(); }

void m2c::emit::registerMemoryEmitters(EmitterRegistry &registry) {
  registry.add(emitCopy);
  registry.add(emitStore);
  registry.add(emitDealloc);
}
