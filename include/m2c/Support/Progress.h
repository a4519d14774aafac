// A line on the terminal that says what takes long; silent where stderr is no terminal.
#pragma once

#include "llvm/ADT/StringRef.h"

namespace m2c {

class Progress {
public:
  explicit Progress(bool quiet);
  ~Progress() { clear(); }
  Progress(const Progress &) = delete;
  Progress &operator=(const Progress &) = delete;
  /// Replaces the line.
  void show(llvm::StringRef what);
  /// Removes it, so that other text may follow.
  void clear();

private:
  bool enabled;
  bool shown = false;
};

} // namespace m2c
