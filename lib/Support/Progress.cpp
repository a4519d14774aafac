#include "m2c/Support/Progress.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/raw_ostream.h"

using namespace m2c;

Progress::Progress(bool quiet) : enabled(!quiet && llvm::sys::Process::StandardErrIsDisplayed()) {}

void Progress::show(llvm::StringRef what) {
  if (!enabled)
    return;
  llvm::errs() << "\r\033[K" << what << " ...";
  shown = true;
}

void Progress::clear() {
  if (shown)
    llvm::errs() << "\r\033[K";
  shown = false;
}
