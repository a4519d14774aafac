// A file in memory, read by the page when it is looked at.
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <string>

namespace m2c {

class MappedFile {
public:
  /// An error if it is no regular file or cannot be read.
  static llvm::Expected<std::shared_ptr<MappedFile>> open(llvm::StringRef path);
  ~MappedFile();

  llvm::StringRef getBytes() const { return bytes; }

  /// Tells the system that these bytes will not be needed again soon, so that they do not count as used memory.
  void release(llvm::StringRef part) const;

  /// In hexadecimal.
  std::string sha256() const;

private:
  MappedFile(llvm::StringRef bytes) : bytes(bytes) {}
  MappedFile(const MappedFile &) = delete;
  llvm::StringRef bytes;
};

} // namespace m2c
