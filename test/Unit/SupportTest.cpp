#include "m2c/Support/Files.h"
#include "m2c/Support/Process.h"
#include "llvm/Support/FileSystem.h"
#include <cstdlib>
#include <gmock/gmock.h>

using namespace m2c;
using testing::ElementsAre;
using testing::HasSubstr;

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
