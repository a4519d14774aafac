// Loops around kernels that work on one row or one plane.
#pragma once

#include "m2c/Emit/Cpp/Printer.h"

namespace m2c::emit {

/// One loop and by how much it moves the pointer into each of the buffers that it walks.
struct Loop {
  Dim extent;
  Dims strides; // one per buffer
};

/// Drops loops of one iteration and joins neighbours that step through memory as one would. Nothing may use their
/// indices.
inline llvm::SmallVector<Loop> mergeLoops(llvm::ArrayRef<Loop> loops) {
  llvm::SmallVector<Loop> merged;
  for (const Loop &loop : loops) {
    if (loop.extent == 1)
      continue;
    bool joins = !merged.empty();
    for (size_t i = 0; joins && i < loop.strides.size(); ++i)
      joins = merged.back().strides[i] == loop.strides[i] * loop.extent;
    if (joins)
      merged.back() = {merged.back().extent * loop.extent, loop.strides};
    else
      merged.push_back(loop);
  }
  return merged;
}

/// Opens the loops; on return terms[i] is the offset into buffer i and `indices` the loops' variables ("0" for a loop
/// of one iteration).
struct OpenLoops {
  llvm::SmallVector<std::string> terms, indices;

  OpenLoops(Printer &printer, llvm::ArrayRef<Loop> loops, size_t buffers) : terms(buffers), printer(printer) {
    for (const Loop &loop : loops) {
      if (loop.extent == 1) {
        indices.push_back("0");
        continue;
      }
      std::string i = printer.freshName("i");
      indices.push_back(i);
      printer.code().open("for (rt::idx " + i + " = 0; " + i + " < " + printer.text(loop.extent) + "; ++" + i + ") {");
      ++depth;
      for (size_t b = 0; b < buffers; ++b) {
        if (loop.strides[b] == 0)
          continue;
        terms[b] += terms[b].empty() ? "" : " + ";
        terms[b] += loop.strides[b] == 1 ? i : i + "*" + printer.text(loop.strides[b]);
      }
    }
  }
  void close() {
    for (; depth > 0; --depth)
      printer.code().close();
  }

private:
  Printer &printer;
  unsigned depth = 0;
};

} // namespace m2c::emit
