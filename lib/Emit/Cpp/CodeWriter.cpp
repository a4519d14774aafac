// Indented text, line by line.
#include "m2c/Emit/Cpp/CodeWriter.h"
#include <utility>

using namespace m2c::emit;
using llvm::StringRef;

void CodeWriter::line(StringRef lines) {
  // "a\n" is a line and an empty one.
  for (bool more = true; more;) {
    more = lines.contains('\n');
    auto [first, rest] = lines.split('\n');
    lines = rest;
    if (!first.empty() && !first.starts_with("#"))
      text.append(2 * depth, ' ');
    text += first.rtrim().str();
    text += '\n';
  }
}

void CodeWriter::open(StringRef first) {
  line(first);
  ++depth;
}

void CodeWriter::between(StringRef text) {
  --depth;
  line(text);
  ++depth;
}

void CodeWriter::close(StringRef last) {
  --depth;
  line(last);
}
