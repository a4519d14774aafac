#include "m2c/Support/Files.h"
#include "m2c/Support/Process.h"
#include "m2c/Support/Signals.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <new>
#include <sys/mman.h>
#include <unistd.h>

using namespace m2c;
using testing::ElementsAre;
using testing::HasSubstr;

/// The names in a folder, sorted; "no such folder" where it is not there.
static std::vector<std::string> listFolder(llvm::StringRef folder) {
  if (!llvm::sys::fs::is_directory(folder))
    return {"no such folder"};
  std::vector<std::string> names;
  std::error_code error;
  for (llvm::sys::fs::directory_iterator it(folder, error), end; it != end && !error; it.increment(error))
    names.push_back(llvm::sys::path::filename(it->path()).str());
  llvm::sort(names);
  return names;
}

TEST(Files, AreWrittenTogether) {
  TemporaryFolder folder = llvm::cantFail(TemporaryFolder::create());
  llvm::cantFail(writeFiles({{folder.path("a"), "one"}, {folder.path("b"), "two"}}));
  EXPECT_EQ(llvm::cantFail(readFile(folder.path("a"))), "one");
  EXPECT_EQ(llvm::cantFail(readFile(folder.path("b"))), "two");
}

TEST(Files, AreNotWrittenWhereOneCannotBe) {
  TemporaryFolder folder = llvm::cantFail(TemporaryFolder::create());
  auto error = writeFiles({{folder.path("a"), "one"}, {folder.path("missing/b"), "two"}});
  EXPECT_THAT(llvm::toString(std::move(error)), HasSubstr("missing/b': No such file or directory"));
  EXPECT_FALSE(llvm::sys::fs::exists(folder.path("a")));
}

TEST(Files, AreNotWrittenWhereOneCannotBeReplaced) {
  TemporaryFolder folder = llvm::cantFail(TemporaryFolder::create());
  ASSERT_FALSE(llvm::sys::fs::create_directory(folder.path("b")));
  auto error = writeFiles({{folder.path("a"), "one"}, {folder.path("b"), "two"}});
  EXPECT_THAT(llvm::toString(std::move(error)), HasSubstr("b': Is a directory"));
  EXPECT_THAT(listFolder(folder.path()), ElementsAre("b"));
}

namespace {
/// A folder that signals do not remove.
struct SignalsDeathTest : testing::Test {
  SignalsDeathTest() { EXPECT_FALSE(llvm::sys::fs::createUniqueDirectory("m2c-test", folder)); }
  ~SignalsDeathTest() override { EXPECT_FALSE(llvm::sys::fs::remove_directories(folder)); }
  std::string path(llvm::StringRef name) const { return (folder + "/" + name).str(); }
  llvm::SmallString<128> folder;
};
} // namespace

/// Text that cannot be read: the pages of a file that has become shorter.
static llvm::StringRef makeUnreadableText(const std::string &path) {
  llvm::cantFail(writeFiles({{path, std::string(100, 'x')}}));
  int descriptor = open(path.c_str(), O_RDWR);
  void *text = mmap(nullptr, 100, PROT_READ, MAP_SHARED, descriptor, 0);
  EXPECT_NE(text, MAP_FAILED);
  EXPECT_EQ(ftruncate(descriptor, 0), 0);
  close(descriptor);
  llvm::cantFail(llvm::errorCodeToError(llvm::sys::fs::remove(path)));
  return {static_cast<const char *>(text), 100};
}

TEST_F(SignalsDeathTest, CrashesLeaveNoFiles) {
  llvm::StringRef unreadable = makeUnreadableText(path("shortened"));
  auto crash = [&] {
    installSignalHandlers(4);
    llvm::consumeError(writeFiles({{path("a"), "one"}, {path("b"), unreadable}}));
  };
  EXPECT_EXIT(crash(), testing::ExitedWithCode(4), "internal error: m2c was ended by SIGBUS; this is a mistake of m2c");
  EXPECT_THAT(listFolder(folder), ElementsAre());
}

TEST_F(SignalsDeathTest, CrashesLeaveNoFolders) {
  auto crash = [&](int signal) {
    installSignalHandlers(4);
    setenv("TMPDIR", folder.c_str(), 1);
    TemporaryFolder inner = llvm::cantFail(TemporaryFolder::create());
    llvm::cantFail(writeFiles({{inner.path("a"), "one"}}));
    (void)llvm::sys::fs::create_directory(inner.path("b"));
    raise(signal);
  };
  EXPECT_EXIT(crash(SIGSEGV), testing::ExitedWithCode(4), "SIGSEGV");
  EXPECT_THAT(listFolder(folder), ElementsAre());
  EXPECT_EXIT(crash(SIGTERM), testing::KilledBySignal(SIGTERM), "");
  EXPECT_THAT(listFolder(folder), ElementsAre());
}

TEST_F(SignalsDeathTest, MistakesAreInternalErrors) {
  auto run = [](void (*mistake)()) {
    installSignalHandlers(4);
    mistake();
  };
  EXPECT_EXIT(run([] { llvm::report_fatal_error("what went wrong"); }), testing::ExitedWithCode(4),
              "internal error: what went wrong; this is a mistake of m2c, please report it");
  EXPECT_EXIT(run([] { std::terminate(); }), testing::ExitedWithCode(4), "SIGABRT");
  EXPECT_EXIT(run([] { std::get_new_handler()(); }), testing::ExitedWithCode(4), "internal error: out of memory");
  EXPECT_EXIT(run([] { std::raise(SIGFPE); }), testing::ExitedWithCode(4), "SIGFPE");
}

TEST_F(SignalsDeathTest, StackOverflowIsReported) {
  struct Recursion {
    static int descend(volatile int *last) { // NOLINT(misc-no-recursion): on purpose
      volatile int room[1000] = {};
      return room[0] + (last == room ? 0 : descend(room)) + room[1];
    }
  };
  auto overflow = [] {
    installSignalHandlers(4);
    return Recursion::descend(nullptr);
  };
  EXPECT_EXIT(overflow(), testing::ExitedWithCode(4), "SIGSEGV");
}

TEST(Files, TemporaryFoldersGo) {
  std::string path;
  {
    TemporaryFolder folder = llvm::cantFail(TemporaryFolder::create());
    path = folder.path().str();
    llvm::cantFail(writeFiles({{folder.path("a"), "one"}}));
  }
  EXPECT_FALSE(llvm::sys::fs::exists(path));
}

TEST(Files, Sha256) { EXPECT_THAT(sha256("abc"), testing::StartsWith("ba7816bf8f01cfea414140de5dae2223")); }

TEST(Process, CapturesOutputAndStatus) {
  ProcessResult result =
      llvm::cantFail(runProcess({"sh", "-c", "pwd; echo oops >&2; exit 3"}, {.folder = "/", .captureOutput = true}));
  EXPECT_EQ(result.status, 3);
  EXPECT_EQ(result.output, "/\noops\n");
}

TEST(Process, SaysWhatCannotBeRun) {
  auto result = runProcess({"no-such-program-anywhere"});
  ASSERT_FALSE(result);
  EXPECT_THAT(llvm::toString(result.takeError()), HasSubstr("cannot run 'no-such-program-anywhere': No such file"));
}

TEST(Process, SplitsEnvironmentVariables) {
  setenv("M2C_TEST_WORDS", "ccache  g++ -O1", 1);
  EXPECT_THAT(getEnvironmentWords("M2C_TEST_WORDS", "c++"), ElementsAre("ccache", "g++", "-O1"));
  unsetenv("M2C_TEST_WORDS");
  EXPECT_THAT(getEnvironmentWords("M2C_TEST_WORDS", "c++"), ElementsAre("c++"));
}
