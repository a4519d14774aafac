#include "m2c/Support/Process.h"
#include "m2c/Support/Signals.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace llvm;
using namespace m2c;

extern char **environ;

namespace {
/// posix_spawn's file actions, freed at the end of the scope.
struct FileActions {
  FileActions() { posix_spawn_file_actions_init(&actions); }
  ~FileActions() { posix_spawn_file_actions_destroy(&actions); }
  posix_spawn_file_actions_t actions;
};

/// posix_spawn's attributes: the mask of signals that the program starts with.
struct SpawnAttributes {
  explicit SpawnAttributes(const sigset_t &mask) {
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &mask);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  }
  ~SpawnAttributes() { posix_spawnattr_destroy(&attributes); }
  posix_spawnattr_t attributes;
};
} // namespace

/// Reads the pipe to its end and closes it.
static std::string drain(int descriptor) {
  std::string text;
  char buffer[4096];
  for (ssize_t count; (count = read(descriptor, buffer, sizeof buffer)) != 0;) {
    if (count > 0)
      text.append(buffer, static_cast<size_t>(count));
    else if (errno != EINTR)
      break;
  }
  close(descriptor);
  return text;
}

Expected<ProcessResult> m2c::runProcess(ArrayRef<std::string> arguments, const ProcessOptions &options) {
  FileActions files;
  if (!options.folder.empty())
    posix_spawn_file_actions_addchdir_np(&files.actions, options.folder.c_str());
  int ends[2] = {-1, -1};
  if (options.captureOutput) {
    if (pipe(ends) != 0)
      return createStringError("cannot make a pipe: " + Twine(std::strerror(errno)));
    posix_spawn_file_actions_adddup2(&files.actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files.actions, ends[1], STDERR_FILENO);
    posix_spawn_file_actions_addclose(&files.actions, ends[0]);
    posix_spawn_file_actions_addclose(&files.actions, ends[1]);
  }
  SmallVector<char *> words;
  for (const std::string &argument : arguments)
    words.push_back(const_cast<char *>(argument.c_str()));
  words.push_back(nullptr);
  pid_t child = 0;
  int error = 0;
  {
    HoldSignals hold; // none comes between the start and setChildOnSignal
    SpawnAttributes attributes(hold.getOldMask());
    error = posix_spawnp(&child, words[0], &files.actions, &attributes.attributes, words.data(), environ);
    if (error == 0)
      setChildOnSignal(child);
  }
  if (options.captureOutput)
    close(ends[1]);
  ProcessResult result;
  if (error != 0) {
    if (options.captureOutput)
      close(ends[0]);
    return createStringError("cannot run '" + arguments.front() + "': " + std::strerror(error));
  }
  if (options.captureOutput)
    result.output = drain(ends[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  setChildOnSignal(0);
  result.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return result;
}

std::vector<std::string> m2c::getEnvironmentWords(StringRef variable, StringRef otherwise) {
  const char *value = std::getenv(variable.str().c_str());
  SmallVector<StringRef> words;
  SplitString(value && *value ? StringRef(value) : otherwise, words);
  return {words.begin(), words.end()};
}
