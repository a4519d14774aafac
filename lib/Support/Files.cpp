#include "m2c/Support/Files.h"
#include "m2c/Support/Signals.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SHA256.h"
#include "llvm/Support/raw_ostream.h"
#include <vector>

using namespace llvm;
using namespace m2c;

static Error inFile(StringRef path, std::error_code code) {
  return createStringError(code, "cannot write '" + path + "': " + code.message());
}

static std::error_code writeFile(StringRef path, ArrayRef<StringRef> pieces) {
  std::error_code code;
  raw_fd_ostream stream(path, code);
  if (code)
    return code;
  for (StringRef piece : pieces)
    stream << piece;
  stream.close();
  code = stream.error();
  stream.clear_error();
  return code;
}

namespace {
/// A file in the making: it goes with this object, or with a signal, unless it is kept.
class Unfinished {
public:
  explicit Unfinished(StringRef path) : path(path), removeOnSignal(path) {}
  Unfinished(Unfinished &&other) noexcept
      : path(std::move(other.path)), removeOnSignal(std::move(other.removeOnSignal)) {
    other.path.clear();
  }
  Unfinished &operator=(Unfinished &&) = delete;
  ~Unfinished() {
    if (!path.empty())
      (void)sys::fs::remove(path);
  }
  void keep() { path.clear(); }

  std::string path;

private:
  RemoveOnSignal removeOnSignal;
};
} // namespace

Error m2c::checkOutputs(ArrayRef<std::string> outputs, ArrayRef<std::string> inputs) {
  for (auto [i, output] : enumerate(outputs)) {
    if (is_contained(outputs.take_front(i), output))
      return createStringError("'" + output + "' would be written twice; give the output another name");
    sys::fs::file_status status;
    if (sys::fs::status(output, status)) // there is nothing yet, or what is wrong shows when it is written
      continue;
    if (!sys::fs::is_regular_file(status))
      return createStringError("'" + output + "' is no regular file; give the output another name");
    for (const std::string &input : inputs)
      if (sys::fs::equivalent(output, input))
        return createStringError("'" + output + "' would replace what is read from '" + input +
                                 "'; give the output another name or folder");
  }
  return Error::success();
}

/// Where a link leads, else `path`.
static std::string resolve(StringRef path) {
  SmallString<128> target;
  return sys::fs::is_symlink_file(path) && !sys::fs::real_path(path, target) ? target.str().str() : path.str();
}

Error m2c::writeFiles(ArrayRef<OutputFile> given) {
  std::vector<Unfinished> temporaries, renamed;
  SmallVector<OutputFile> files(given);
  for (OutputFile &file : files) {
    file.path = resolve(file.path);
    SmallString<128> name;
    if (std::error_code code = sys::fs::getPotentiallyUniqueFileName(file.path + ".%%%%%%", name))
      return inFile(file.path, code);
    temporaries.emplace_back(name);
    if (std::error_code code = writeFile(name, file.pieces))
      return inFile(file.path, code);
  }
  for (auto [temporary, file] : zip_equal(temporaries, files)) {
    if (std::error_code code = sys::fs::rename(temporary.path, file.path))
      return inFile(file.path, code);
    temporary.keep();
    renamed.emplace_back(file.path);
  }
  for (Unfinished &file : renamed)
    file.keep();
  return Error::success();
}

Expected<std::string> m2c::readFile(StringRef path) {
  auto buffer = MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer)
    return createStringError(buffer.getError(), "cannot read '" + path + "': " + buffer.getError().message());
  return (*buffer)->getBuffer().str();
}

std::string m2c::sha256(StringRef text) { return toHex(SHA256::hash(arrayRefFromStringRef(text)), /*LowerCase=*/true); }

Expected<TemporaryFolder> TemporaryFolder::create() {
  SmallString<128> folder;
  if (std::error_code code = sys::fs::createUniqueDirectory("m2c", folder))
    return createStringError(code, "cannot make a temporary folder: " + code.message());
  return TemporaryFolder(folder);
}

TemporaryFolder::TemporaryFolder(StringRef folder) : folder(folder), removeOnSignal(folder) {}

TemporaryFolder::~TemporaryFolder() {
  if (!folder.empty())
    (void)sys::fs::remove_directories(folder);
}

std::string TemporaryFolder::path(StringRef name) const {
  SmallString<128> result = folder;
  sys::path::append(result, name);
  return result.str().str();
}
