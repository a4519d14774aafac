// Signals end m2c without leaving anything half done: files and folders in the making go, and so do programs it runs.
#pragma once

#include "llvm/ADT/StringRef.h"
#include <csignal>
#include <sys/types.h>

namespace m2c {

/// What follows every message about a mistake of m2c.
inline constexpr char internalErrorAdvice[] = "this is a mistake of m2c, please report it with the model";

/// From now on a crash (SIGSEGV, SIGABRT ...), a fatal error of LLVM and a lack of memory print a message and end with
/// `crashStatus`; interrupts (SIGINT, SIGTERM ...) end with their own status. All of them clean up first.
void installSignalHandlers(int crashStatus);

/// A file or folder that a signal removes as long as this object lives.
class RemoveOnSignal {
public:
  explicit RemoveOnSignal(llvm::StringRef path);
  RemoveOnSignal(RemoveOnSignal &&other) noexcept : path(other.path) { other.path = nullptr; }
  RemoveOnSignal &operator=(RemoveOnSignal &&) = delete;
  ~RemoveOnSignal();

private:
  const char *path; // registered; null after a move
};

/// Signals are held back as long as this object lives.
class HoldSignals {
public:
  HoldSignals();
  HoldSignals(const HoldSignals &) = delete;
  HoldSignals &operator=(const HoldSignals &) = delete;
  ~HoldSignals();
  /// The mask of before, for programs that are started meanwhile.
  const sigset_t &getOldMask() const { return oldMask; }

private:
  sigset_t oldMask;
};

/// The program that a signal ends too and waits for; 0: none.
void setChildOnSignal(pid_t child);

} // namespace m2c
