#include "MappedFile.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SHA256.h"
#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace llvm;
using namespace m2c;

Expected<std::shared_ptr<MappedFile>> MappedFile::open(StringRef path) {
  auto fail = [] { return createStringError(std::error_code(errno, std::generic_category()), strerror(errno)); };
  // Not blocking, so that a pipe does not make us wait before we can refuse it.
  int file = ::open(path.str().c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0)
    return fail();
  struct stat status = {};
  if (::fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(file);
    return createStringError("is not a regular file");
  }
  size_t size = static_cast<size_t>(status.st_size);
  void *memory = size == 0 ? nullptr : ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
  int error = errno;
  ::close(file);
  errno = error;
  if (memory == MAP_FAILED)
    return fail();
  return std::shared_ptr<MappedFile>(new MappedFile(StringRef(static_cast<const char *>(memory), size)));
}

MappedFile::~MappedFile() {
  if (!bytes.empty())
    ::munmap(const_cast<char *>(bytes.data()), bytes.size());
}

void MappedFile::release(StringRef part) const {
  uintptr_t page = ::sysconf(_SC_PAGESIZE);
  uintptr_t begin = (reinterpret_cast<uintptr_t>(part.begin()) + page - 1) / page * page;
  uintptr_t end = reinterpret_cast<uintptr_t>(part.end()) / page * page;
  if (begin < end)
    ::madvise(reinterpret_cast<void *>(begin), end - begin, MADV_DONTNEED);
}

std::string MappedFile::sha256() const {
  constexpr size_t kChunk = 4 << 20;
  SHA256 hash;
  for (size_t i = 0; i < bytes.size(); i += kChunk) {
    hash.update(bytes.substr(i, kChunk));
    release(bytes.substr(i, kChunk));
  }
  return toHex(hash.final(), /*LowerCase=*/true);
}
