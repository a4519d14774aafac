#include "m2c/Support/Process.h"
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
  int error = posix_spawnp(&child, words[0], &files.actions, nullptr, words.data(), environ);
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
  result.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return result;
}

std::vector<std::string> m2c::getEnvironmentWords(StringRef variable, StringRef otherwise) {
  const char *value = std::getenv(variable.str().c_str());
  SmallVector<StringRef> words;
  SplitString(value && *value ? StringRef(value) : otherwise, words);
  return {words.begin(), words.end()};
}
