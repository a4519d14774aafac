// Fibers: stacks that a program switches between by itself, one per CUDA thread. The sanitizers are told of each
// switch.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#if defined(__SANITIZE_THREAD__)
#  define CUDA_ON_HOST_TSAN 1
#elif defined(__has_feature)
#  if __has_feature(thread_sanitizer)
#    define CUDA_ON_HOST_TSAN 1
#  endif
#  if __has_feature(address_sanitizer)
#    define CUDA_ON_HOST_ASAN 1
#  endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#  define CUDA_ON_HOST_ASAN 1
#endif
#if defined(CUDA_ON_HOST_TSAN)
#  define CUDA_ON_HOST_INTERNAL __attribute__((noinline, no_sanitize("thread")))
extern "C" {
void* __tsan_get_current_fiber();
void* __tsan_create_fiber(unsigned flags);
void __tsan_switch_to_fiber(void* fiber, unsigned flags);
void __tsan_acquire(void* address);
void __tsan_release(void* address);
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
void AnnotateIgnoreWritesBegin(const char* file, int line);
void AnnotateIgnoreWritesEnd(const char* file, int line);
}
#else
#  define CUDA_ON_HOST_INTERNAL
#endif
#if defined(CUDA_ON_HOST_ASAN)
extern "C" {
void __sanitizer_start_switch_fiber(void** fake_stack_save, const void* bottom, std::size_t size);
void __sanitizer_finish_switch_fiber(void* fake_stack, const void** bottom, std::size_t* size);
}
#endif

// void cuda_on_host_switch(void** from, void* to): keeps what the callee keeps, and changes stacks.
extern "C" void cuda_on_host_switch(void** from, void* to);
#if defined(__x86_64__)
__asm__(
    ".text\n.weak cuda_on_host_switch\ncuda_on_host_switch:\n"
    "pushq %rbp\npushq %rbx\npushq %r12\npushq %r13\npushq %r14\npushq %r15\n"
    "movq %rsp, (%rdi)\nmovq %rsi, %rsp\n"
    "popq %r15\npopq %r14\npopq %r13\npopq %r12\npopq %rbx\npopq %rbp\nret\n");
#elif defined(__aarch64__)
__asm__(
    ".text\n.weak cuda_on_host_switch\ncuda_on_host_switch:\n"
    "sub sp, sp, #160\nstp x19, x20, [sp]\nstp x21, x22, [sp, #16]\nstp x23, x24, [sp, #32]\n"
    "stp x25, x26, [sp, #48]\nstp x27, x28, [sp, #64]\nstp x29, x30, [sp, #80]\nstp d8, d9, [sp, #96]\n"
    "stp d10, d11, [sp, #112]\nstp d12, d13, [sp, #128]\nstp d14, d15, [sp, #144]\n"
    "mov x9, sp\nstr x9, [x0]\nmov sp, x1\n"
    "ldp x19, x20, [sp]\nldp x21, x22, [sp, #16]\nldp x23, x24, [sp, #32]\nldp x25, x26, [sp, #48]\n"
    "ldp x27, x28, [sp, #64]\nldp x29, x30, [sp, #80]\nldp d8, d9, [sp, #96]\nldp d10, d11, [sp, #112]\n"
    "ldp d12, d13, [sp, #128]\nldp d14, d15, [sp, #144]\nadd sp, sp, #160\nret\n");
#else
#  error "cuda_on_host knows how to switch stacks on x86-64 and aarch64"
#endif

namespace cuda_on_host {

/// While one lives, ThreadSanitizer takes no notice of what this fiber reads and writes: the emulator's own state.
struct unwatched {
#if defined(CUDA_ON_HOST_TSAN)
  unwatched() {
    AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
    AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
  }
  ~unwatched() {
    AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
    AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
  }
#else
  unwatched() {}
  ~unwatched() {}
#endif
  unwatched(const unwatched&) = delete;
};

struct fiber {
  void* stack_pointer = nullptr;
  char* stack = nullptr;  // null: the thread that main runs on
  void* tsan = nullptr;
  void* fake_stack = nullptr;
  const void* bottom = nullptr;
  std::size_t size = 0;
};

#if defined(CUDA_ON_HOST_ASAN) || defined(CUDA_ON_HOST_TSAN)
inline constexpr std::size_t stack_bytes = 256 * 1024;
#else
inline constexpr std::size_t stack_bytes = 64 * 1024;
#endif

inline fiber* switched_from = nullptr;

/// From `from`, which runs now, to `to`.
CUDA_ON_HOST_INTERNAL inline void switch_fiber(fiber& from, fiber& to) {
  switched_from = &from;
#if defined(CUDA_ON_HOST_ASAN)
  __sanitizer_start_switch_fiber(&from.fake_stack, to.bottom, to.size);
#endif
#if defined(CUDA_ON_HOST_TSAN)
  __tsan_switch_to_fiber(to.tsan, 1);  // 1: a switch orders nothing
#endif
  cuda_on_host_switch(&from.stack_pointer, to.stack_pointer);
#if defined(CUDA_ON_HOST_ASAN)
  __sanitizer_finish_switch_fiber(from.fake_stack, &switched_from->bottom, &switched_from->size);
#endif
}

/// What a new fiber calls first.
inline void begin_fiber() {
#if defined(CUDA_ON_HOST_ASAN)
  __sanitizer_finish_switch_fiber(nullptr, &switched_from->bottom, &switched_from->size);
#endif
}

/// A fiber that will run `entry`, which never returns. `number` staggers the tops of stacks, or all would share a set
/// of the cache.
CUDA_ON_HOST_INTERNAL inline void make_fiber(fiber& f, void (*entry)(), unsigned number) {
  void* memory = mmap(nullptr, stack_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    std::fprintf(stderr, "cuda_on_host: there is no memory for a thread's stack\n");
    std::abort();
  }
  f.stack = static_cast<char*>(memory);
  f.bottom = f.stack;
  f.size = stack_bytes;
#if defined(CUDA_ON_HOST_TSAN)
  f.tsan = __tsan_create_fiber(0);
#endif
  auto top = reinterpret_cast<std::uintptr_t>(f.stack + stack_bytes - 256 - number % 32 * 192) / 16 * 16;
  auto* words = reinterpret_cast<void**>(top);
#if defined(__x86_64__)
  words[0] = reinterpret_cast<void*>(entry);
  for (int i = 1; i <= 6; ++i) words[-i] = nullptr;
  f.stack_pointer = words - 6;
#else
  words -= 20;
  for (int i = 0; i < 20; ++i) words[i] = nullptr;
  words[11] = reinterpret_cast<void*>(entry);
  f.stack_pointer = words;
#endif
}

}  // namespace cuda_on_host
