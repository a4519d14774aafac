// Memory of a model's instances: typed places in a block of bytes, large pages, and weights that all instances share.
// Not for kernels: this is what a generated file's class uses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <string>
#if defined(__unix__) || defined(__APPLE__)
#  include <fcntl.h>
#  include <sys/mman.h>
#  include <sys/stat.h>
#  include <unistd.h>
#endif

#include "m2crt/block.h"

namespace m2crt {

inline constexpr std::size_t huge_page = std::size_t{2} << 20;

/// At least `bytes`, aligned to 64; from 2 MB on they start on a huge page, where the system has those. nullptr if
/// there is no memory left. free_pages(p) gives them back.
inline void* allocate_pages(std::size_t bytes) {
  std::size_t alignment = bytes >= huge_page ? huge_page : 64;
  void* p = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
#if defined(__linux__)
  if (p != nullptr && bytes >= huge_page) madvise(p, (bytes + huge_page - 1) / huge_page * huge_page, MADV_HUGEPAGE);
#endif
  return p;
}
inline void free_pages(void* p) { std::free(p); }

/// Memory for at least `needed` bytes in `memory`, which has `bytes` of them: the same, or newly allocated without what
/// it held. nullptr if there is no memory left.
inline unsigned char* reserve(unsigned char*& memory, std::size_t& bytes, std::size_t needed) {
  if (memory != nullptr && needed <= bytes) return memory;
  free_pages(memory);
  memory = static_cast<unsigned char*>(allocate_pages(needed + 64));  // never nothing
  bytes = memory != nullptr ? needed + 64 : 0;
  return memory;
}

/// Bytes that the first instance loads, all use, and the last one frees.
struct shared_bytes {
  std::mutex mutex;
  const unsigned char* data = nullptr;
  std::size_t users = 0;
  void* copy = nullptr;     // what free_pages gets
  void* mapping = nullptr;  // what munmap gets
  std::size_t mapped = 0;
};

/// Embedded weights: on huge pages from 2 MB on (where the copy fails, in place), else in place.
inline const unsigned char* share_embedded(shared_bytes& shared, const unsigned char* embedded, std::size_t bytes) {
  if (bytes < huge_page) return embedded;
  std::lock_guard<std::mutex> lock(shared.mutex);
  if (shared.users++ == 0) {
    shared.copy = allocate_pages(bytes);
    if (shared.copy != nullptr) std::memcpy(shared.copy, embedded, bytes);
    shared.data = shared.copy != nullptr ? static_cast<unsigned char*>(shared.copy) : embedded;
  }
  return shared.data;
}

/// The folder of the running program with a / behind it; empty where the system does not say.
inline std::string program_folder() {
#if defined(__linux__)
  char path[4096];
  auto length = readlink("/proc/self/exe", path, sizeof path);
  if (length > 0) {
    std::string text(path, static_cast<std::size_t>(length));
    return text.substr(0, text.rfind('/') + 1);
  }
#endif
  return {};
}

/// The bytes of `path`: mapped, or read where that is not possible. Returns why not, or an empty text.
inline std::string load_weights(shared_bytes& shared, const std::string& path, std::size_t bytes, const char* mark,
                                std::size_t mark_bytes) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return "cannot open the weights file '" + path + "'";
  std::fseek(file, 0, SEEK_END);
  long size = std::ftell(file);
  std::string found(mark_bytes, '\0');
  bool right = size >= 0 && static_cast<std::size_t>(size) == bytes + mark_bytes &&
               std::fseek(file, static_cast<long>(bytes), SEEK_SET) == 0 &&
               std::fread(&found[0], 1, mark_bytes, file) == mark_bytes && found.compare(0, mark_bytes, mark) == 0;
  std::string error = right ? "" : "the weights file '" + path + "' is not the one made with this program";
#if defined(__unix__) || defined(__APPLE__)
  if (right && bytes < huge_page) {
    void* mapping = mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE, fileno(file), 0);
    if (mapping != MAP_FAILED) {
      shared.mapping = mapping;
      shared.mapped = bytes;
      shared.data = static_cast<unsigned char*>(mapping);
    }
  }
#endif
  if (right && shared.mapping == nullptr) {
    shared.copy = allocate_pages(bytes);
    std::rewind(file);
    if (shared.copy == nullptr)
      error = "there is no memory left for the weights";
    else if (std::fread(shared.copy, 1, bytes, file) != bytes)
      error = "cannot read the weights file '" + path + "'";
    shared.data = static_cast<unsigned char*>(shared.copy);
  }
  std::fclose(file);
  return error;
}

inline void unload(shared_bytes& shared) {
  free_pages(shared.copy);
#if defined(__unix__) || defined(__APPLE__)
  if (shared.mapping != nullptr) munmap(shared.mapping, shared.mapped);
#endif
  shared.copy = shared.mapping = nullptr;
  shared.data = nullptr;
}

/// Weights in a file: `path`; else what the environment variable `variable` says; else `name` beside the program, else
/// in the current folder. nullptr and `error` where that fails.
inline const unsigned char* share_file(shared_bytes& shared, const char* path, const char* variable, const char* name,
                                       std::size_t bytes, const char* mark, std::size_t mark_bytes,
                                       std::string& error) {
  std::lock_guard<std::mutex> lock(shared.mutex);
  if (shared.users == 0) {
    std::string chosen = path != nullptr ? path : "";
    if (chosen.empty() && std::getenv(variable) != nullptr) chosen = std::getenv(variable);
    if (!chosen.empty()) {
      error = load_weights(shared, chosen, bytes, mark, mark_bytes);
    } else {
      error = load_weights(shared, program_folder() + name, bytes, mark, mark_bytes);
      if (!error.empty() && load_weights(shared, name, bytes, mark, mark_bytes).empty()) error.clear();
    }
    if (!error.empty()) {
      unload(shared);
      return nullptr;
    }
  }
  ++shared.users;
  return shared.data;
}

/// Ends one use.
inline void unshare(shared_bytes& shared) {
  std::lock_guard<std::mutex> lock(shared.mutex);
  if (shared.users > 0 && --shared.users == 0) unload(shared);
}

}  // namespace m2crt
