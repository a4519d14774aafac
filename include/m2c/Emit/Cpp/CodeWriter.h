// Indented text, line by line.
#pragma once

#include "llvm/ADT/StringRef.h"
#include <string>

namespace m2c::emit {

/// Collects lines of C++ and indents them by the braces opened so far.
class CodeWriter {
public:
  /// Appends `text` as one or more lines at the current depth; an inner line keeps its own indent relative to the
  /// first.
  void line(llvm::StringRef text = "");
  /// `line(text)`, after which lines are indented one step deeper. `text` ends in an opening brace.
  void open(llvm::StringRef text);
  /// Closes one block and opens another: "} else {".
  void between(llvm::StringRef text);
  /// One step back, then `line(text)`.
  void close(llvm::StringRef text = "}");

  const std::string &str() const { return text; }
  std::string take() { return std::move(text); }

private:
  std::string text;
  unsigned depth = 0;
};

} // namespace m2c::emit
