// Files that appear complete or not at all.
#pragma once

#include "m2c/Support/Signals.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>

namespace m2c {

struct OutputFile {
  OutputFile(std::string path, llvm::StringRef content) : path(std::move(path)), pieces{content} {}
  OutputFile(std::string path, llvm::ArrayRef<llvm::StringRef> pieces) : path(std::move(path)), pieces(pieces) {}

  std::string path;
  llvm::SmallVector<llvm::StringRef> pieces; ///< the content
};

/// Refuses outputs that would replace one of the `inputs`, each other, or something that is no file.
llvm::Error checkOutputs(llvm::ArrayRef<std::string> outputs, llvm::ArrayRef<std::string> inputs);

/// Writes all files or none, also where a signal ends m2c: each to a temporary file beside its place, then all are
/// renamed.
llvm::Error writeFiles(llvm::ArrayRef<OutputFile> files);

/// The whole file.
llvm::Expected<std::string> readFile(llvm::StringRef path);

/// `text` in SHA-256, as 64 hexadecimal digits.
std::string sha256(llvm::StringRef text);

/// A folder under the system's temporary folder that goes when this object does, or with a signal.
class TemporaryFolder {
public:
  static llvm::Expected<TemporaryFolder> create();
  TemporaryFolder(TemporaryFolder &&other) noexcept
      : folder(std::move(other.folder)), removeOnSignal(std::move(other.removeOnSignal)) {
    other.folder.clear();
  }
  TemporaryFolder &operator=(TemporaryFolder &&) = delete;
  ~TemporaryFolder();
  /// The path of `name` inside.
  std::string path(llvm::StringRef name) const;
  llvm::StringRef path() const { return folder; }

private:
  explicit TemporaryFolder(llvm::StringRef folder);
  llvm::SmallString<128> folder;
  RemoveOnSignal removeOnSignal;
};

} // namespace m2c
