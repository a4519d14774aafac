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

/// The loop that is split among threads: the outermost that is long enough for many, else the longest.
inline size_t chooseSplitLoop(llvm::ArrayRef<Dim> extents) {
  constexpr int64_t enough = 32;
  size_t best = 0;
  for (auto [i, extent] : llvm::enumerate(extents)) {
    if (!extent.isNumber() || extent.getNumber() >= enough)
      return i;
    if (extent.getNumber() > extents[best].getNumber())
      best = i;
  }
  return best;
}

/// Prints the range of `extent` that the part takes, and returns its name.
inline std::string printOwnRange(Printer &printer, const Dim &extent) {
  printer.require("part.h");
  std::string name = printer.freshName("own");
  printer.code().line("const rt::range " + name + " = part.of(" + printer.text(extent) + ");");
  return name;
}

/// Opens the loops, one of which is split where `isSplit` says so; on return terms[i] is the offset into buffer i and
/// `indices` the loops' variables ("0" for a loop of one iteration).
struct OpenLoops {
  llvm::SmallVector<std::string> terms, indices;

  OpenLoops(Printer &printer, llvm::ArrayRef<Loop> loops, size_t buffers, bool isSplit = false)
      : terms(buffers), printer(printer) {
    std::string own;
    size_t split = loops.size();
    if (isSplit && !loops.empty()) {
      split = chooseSplitLoop(llvm::map_to_vector(loops, [](const Loop &loop) { return loop.extent; }));
      own = printOwnRange(printer, loops[split].extent);
    }
    for (auto [position, loop] : llvm::enumerate(loops)) {
      if (loop.extent == 1) {
        indices.push_back("0");
        continue;
      }
      std::string i = printer.freshName("i");
      indices.push_back(i);
      bool isOwn = position == split;
      printer.code().open("for (rt::idx " + i + " = " + (isOwn ? own + ".begin" : "0") + "; " + i + " < " +
                          (isOwn ? own + ".end" : printer.text(loop.extent)) + "; ++" + i + ") {");
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
