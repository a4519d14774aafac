// Everything here that a handler reaches uses async-signal-safe functions only: no allocation, no streams.
#include "m2c/Support/Signals.h"
#include "llvm/Support/ErrorHandling.h"
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <new>
#include <sys/wait.h>
#include <unistd.h>

using namespace llvm;
using namespace m2c;

static constexpr int crashSignals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS};
static constexpr int interruptSignals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGXCPU};

static int crashExitStatus = 1;
static std::atomic<pid_t> child = 0;
static std::array<std::atomic<const char *>, 16> registeredPaths;

/// Ends and awaits the running program, so that it writes no more.
static void endChild(int signal) {
  if (pid_t running = child.exchange(0)) {
    kill(running, signal);
    while (waitpid(running, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
}

static void removeFolder(const char *path) {
  pid_t remover = _Fork(); // fork would run handlers that may wait for a lock of malloc
  if (remover == 0) {
    execl("/bin/rm", "rm", "-rf", "--", path, static_cast<char *>(nullptr));
    _exit(127);
  }
  while (remover > 0 && waitpid(remover, nullptr, 0) < 0 && errno == EINTR) {
  }
}

static void removeRegisteredPaths() {
  for (std::atomic<const char *> &slot : registeredPaths)
    if (const char *path = slot.exchange(nullptr))
      if (unlink(path) != 0 && (errno == EISDIR || errno == EPERM))
        removeFolder(path);
}

static void print(const char *text) {
  for (size_t length = std::strlen(text); length > 0;) {
    ssize_t written = write(STDERR_FILENO, text, length);
    if (written <= 0)
      return;
    text += written;
    length -= static_cast<size_t>(written);
  }
}

/// Ends m2c after a mistake of its own.
[[noreturn]] static void crash(std::initializer_list<const char *> reason) {
  endChild(SIGTERM);
  removeRegisteredPaths();
  print("internal error: ");
  for (const char *part : reason)
    print(part);
  print("; ");
  print(internalErrorAdvice);
  print("\n");
  _exit(crashExitStatus);
}

static void onCrash(int signal) {
  const char *name = sigabbrev_np(signal);
  crash({"m2c was ended by SIG", name ? name : "?"});
}

static void onInterrupt(int signal) {
  endChild(signal);
  removeRegisteredPaths();
  raise(signal); // SA_RESETHAND has restored the default
}

static void onFatalError(void *, const char *reason, bool) { crash({reason}); }
static void onOutOfMemory() {
  crash({"out of memory, which is to blame on the model only where its data is as large"});
}

static void handle(int signal, void (*handler)(int), int flags) {
  struct sigaction old = {}, action = {};
  sigaction(signal, nullptr, &old);
  if (old.sa_handler == SIG_IGN) // by nohup, for example
    return;
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, nullptr);
}

void m2c::installSignalHandlers(int crashStatus) {
  crashExitStatus = crashStatus;
  static std::array<char, 1 << 16> stack; // a stack overflow leaves no room on the other one
  stack_t description = {};
  description.ss_sp = stack.data();
  description.ss_size = stack.size();
  sigaltstack(&description, nullptr);
  for (int signal : crashSignals)
    handle(signal, onCrash, static_cast<int>(SA_ONSTACK | SA_RESETHAND));
  for (int signal : interruptSignals)
    handle(signal, onInterrupt, static_cast<int>(SA_ONSTACK | SA_RESETHAND | SA_NODEFER));
  handle(SIGXFSZ, [](int) {}, SA_RESTART); // writing then fails with an error of its own
  install_fatal_error_handler(onFatalError);
  install_bad_alloc_error_handler([](void *, const char *, bool) { onOutOfMemory(); });
  std::set_new_handler(onOutOfMemory);
}

RemoveOnSignal::RemoveOnSignal(StringRef text) : path(strdup(text.str().c_str())) {
  for (std::atomic<const char *> &slot : registeredPaths) {
    const char *none = nullptr;
    if (slot.compare_exchange_strong(none, path))
      return;
  }
  report_fatal_error("more files in the making than m2c can clean up");
}

RemoveOnSignal::~RemoveOnSignal() {
  for (std::atomic<const char *> &slot : registeredPaths) {
    const char *expected = path;
    if (path && slot.compare_exchange_strong(expected, nullptr))
      break;
  }
  free(const_cast<char *>(path));
}

HoldSignals::HoldSignals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &oldMask);
}

HoldSignals::~HoldSignals() { pthread_sigmask(SIG_SETMASK, &oldMask, nullptr); }

void m2c::setChildOnSignal(pid_t running) { child = running; }
