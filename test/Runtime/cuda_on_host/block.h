// One block of CUDA threads on the CPU: fibers in turn, barriers between them, and what threads of a warp do together.
// A kernel's mistakes show: shared memory starts as NaN, copies arrive as late (or as early) as they may, threads run
// in the order that $CUDA_ON_HOST says (forward, reverse, random, early: forward with early copies), and a barrier that
// some threads do not reach is reported. ThreadSanitizer sees real barriers as the only order between threads.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "fibers.h"

struct uint3 {
  unsigned x, y, z;
};
struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
};
inline uint3 threadIdx, blockIdx;
inline dim3 blockDim, gridDim;

namespace cuda_on_host {

enum class order { forward, reverse, random, early };

inline order schedule() {
  static const order chosen = [] {
    const char* text = std::getenv("CUDA_ON_HOST");
    std::string name = text != nullptr ? text : "forward";
    for (auto [known, value] : {std::pair("forward", order::forward),
                                {"reverse", order::reverse},
                                {"random", order::random},
                                {"early", order::early}})
      if (name == known) return value;
    std::fprintf(stderr, "CUDA_ON_HOST=%s is none of forward, reverse, random, early\n", name.c_str());
    std::exit(1);
  }();
  return chosen;
}

/// What kernels did that costs time on a GPU.
struct counters {
  long conflicts = 0;        // extra passes over shared memory, of reads by fragment
  long fragment_reads = 0;   // such reads, by warps
  long tensor_products = 0;  // mma.sync, by warps
  long launches = 0;
};
inline counters count;

struct async_copy {
  void* to;
  const void* from;
  unsigned bytes, valid;  // the rest becomes 0
  unsigned group;
};

struct cuda_thread {
  fiber own;
  uint3 index;
  unsigned number = 0, exchanges = 0, syncs = 0, warp_syncs = 0, groups = 0;
  std::vector<async_copy> copies;
  std::vector<const void*> reads;  // of shared memory, by fragments, since the last product
};

struct warp {
  unsigned threads = 0, arrived = 0;
  std::uint64_t values[2][32][8];
  char sync[2];
  std::vector<unsigned> waiting;
};

struct block_state {
  std::function<void()> kernel;
  std::vector<std::unique_ptr<cuda_thread>> threads;  // kept from block to block
  std::vector<warp> warps;
  std::vector<unsigned> sequence, ready, waiting;
  std::size_t next_ready = 0;
  unsigned size = 0, next = 0, finished = 0, arrived = 0;
  char launch_sync = 0, end_sync = 0, sync[2];
  fiber scheduler;
  cuda_thread* current = nullptr;
  void* shared = nullptr;
  std::mt19937 random{1};
};
inline block_state block;

inline void acquire([[maybe_unused]] char& word) {
#if defined(CUDA_ON_HOST_TSAN)
  __tsan_acquire(&word);
#endif
}
inline void release([[maybe_unused]] char& word) {
#if defined(CUDA_ON_HOST_TSAN)
  __tsan_release(&word);
#endif
}

CUDA_ON_HOST_INTERNAL inline void become(unsigned number) {
  block.current = block.threads[number].get();
  threadIdx = block.current->index;
}

CUDA_ON_HOST_INTERNAL inline void run_thread() {
  cuda_thread& self = *block.current;
  self.exchanges = self.syncs = self.warp_syncs = self.groups = 0;
  {
    unwatched own;
    self.copies.clear();
    self.reads.clear();
  }
  acquire(block.launch_sync);
  block.kernel();
  release(block.end_sync);
  ++block.finished;
}

// A fiber's life: its thread of each block in turn.
CUDA_ON_HOST_INTERNAL inline void live() {
  begin_fiber();
  for (;;) {
    run_thread();
    switch_fiber(block.current->own, block.scheduler);
  }
}

CUDA_ON_HOST_INTERNAL inline void wait_for_others() { switch_fiber(block.current->own, block.scheduler); }

CUDA_ON_HOST_INTERNAL inline void wake(std::vector<unsigned>& waiting) {
  if (schedule() == order::random) std::shuffle(waiting.begin(), waiting.end(), block.random);
  if (schedule() == order::reverse) std::reverse(waiting.begin(), waiting.end());
  block.ready.insert(block.ready.end(), waiting.begin(), waiting.end());
  waiting.clear();
}

/// Runs one block of `threads` threads.
CUDA_ON_HOST_INTERNAL inline void run_block(dim3 threads, std::size_t shared_bytes) {
  block.size = threads.x * threads.y * threads.z;
  while (block.threads.size() < block.size) {
    block.threads.push_back(std::make_unique<cuda_thread>());
    make_fiber(block.threads.back()->own, live, static_cast<unsigned>(block.threads.size()));
  }
#if defined(CUDA_ON_HOST_TSAN)
  block.scheduler.tsan = __tsan_get_current_fiber();
#endif
  block.warps.resize((block.size + 31) / 32);
  for (warp& w : block.warps) w.threads = w.arrived = 0, w.waiting.clear();
  block.sequence.clear();
  for (unsigned i = 0; i < block.size; ++i) {
    cuda_thread& t = *block.threads[i];
    t.number = i;
    t.index = {i % threads.x, i / threads.x % threads.y, i / threads.x / threads.y};
    ++block.warps[i / 32].threads;
    block.sequence.push_back(i);
  }
  if (schedule() == order::random) std::shuffle(block.sequence.begin(), block.sequence.end(), block.random);
  if (schedule() == order::reverse) std::reverse(block.sequence.begin(), block.sequence.end());
  // Exactly as large as asked for, so that AddressSanitizer sees what lies beyond.
  if (posix_memalign(&block.shared, 128, shared_bytes != 0 ? shared_bytes : 1) != 0) std::abort();
  std::memset(block.shared, 0xff, shared_bytes);
  block.ready.clear();
  block.waiting.clear();
  block.next_ready = block.next = block.finished = block.arrived = 0;
  release(block.launch_sync);
  while (block.finished < block.size) {
    if (block.next_ready < block.ready.size()) {
      become(block.ready[block.next_ready++]);
      if (block.next_ready == block.ready.size()) block.ready.clear(), block.next_ready = 0;
    } else if (block.next < block.size) {
      become(block.sequence[block.next++]);
    } else {
      std::fprintf(stderr,
                   "cuda_on_host: block (%u,%u,%u) hangs: %u of %u threads wait at a barrier that the others do not "
                   "reach\n",
                   blockIdx.x, blockIdx.y, blockIdx.z, block.size - block.finished, block.size);
      std::abort();
    }
    switch_fiber(block.scheduler, block.current->own);
  }
  acquire(block.end_sync);
  std::free(block.shared);
}

/// __syncthreads.
CUDA_ON_HOST_INTERNAL inline void block_barrier() {
  cuda_thread& self = *block.current;
  // Two words in turn: with one, a thread already at the next barrier would order this one.
  char& word = block.sync[self.syncs++ % 2];
  release(word);
  {
    unwatched own;
    if (++block.arrived == block.size) {
      block.arrived = 0;
      wake(block.waiting);
    } else {
      block.waiting.push_back(self.number);
      wait_for_others();
    }
  }
  acquire(word);
}

// All threads of the warp arrive before one goes on. It orders no memory: __syncwarp does.
CUDA_ON_HOST_INTERNAL inline void warp_meet() {
  unwatched own;
  cuda_thread& self = *block.current;
  warp& w = block.warps[self.number / 32];
  if (++w.arrived == w.threads) {
    w.arrived = 0;
    wake(w.waiting);
  } else {
    w.waiting.push_back(self.number);
    wait_for_others();
  }
}

CUDA_ON_HOST_INTERNAL inline void warp_barrier() {
  cuda_thread& self = *block.current;
  char& word = block.warps.data()[self.number / 32].sync[self.warp_syncs++ % 2];
  release(word);
  warp_meet();
  acquire(word);
}

/// Every thread gives `words` words and gets those of all.
CUDA_ON_HOST_INTERNAL inline auto exchange(const std::uint64_t* mine, unsigned words) -> std::uint64_t (*)[8] {
  unwatched own;
  cuda_thread& self = *block.current;
  warp& w = block.warps[self.number / 32];
  auto* slots = w.values[self.exchanges++ % 2];
  std::memcpy(slots[self.number % 32], mine, words * 8);
  warp_meet();
  return slots;
}

template <class T>
CUDA_ON_HOST_INTERNAL inline T shuffle(T value, unsigned source) {
  static_assert(sizeof(T) <= 8);
  unwatched own;
  std::uint64_t word = 0;
  std::memcpy(&word, &value, sizeof(T));
  auto* slots = exchange(&word, 1);
  const warp& w = block.warps[block.current->number / 32];
  if (source < w.threads) std::memcpy(&value, slots[source], sizeof(T));
  return value;
}

/// A vector of `bytes` bytes is read or written at `address`.
inline void check_alignment(const void* address, unsigned bytes) {
  if (reinterpret_cast<std::uintptr_t>(address) % bytes == 0) return;
  std::fprintf(stderr, "cuda_on_host: misaligned address %p of %u bytes\n", address, bytes);
  std::abort();
}

// ---- cp.async -----------------------------------------------------------------------------------------------------

inline void perform(const async_copy& copy) {
  if (copy.valid != 0) std::memcpy(copy.to, copy.from, copy.valid);
  std::memset(static_cast<char*>(copy.to) + copy.valid, 0, copy.bytes - copy.valid);
}
inline void copy_async(void* to, const void* from, unsigned bytes, unsigned valid) {
  check_alignment(to, bytes);
  if (valid != 0) check_alignment(from, bytes);
  async_copy copy{to, from, bytes, valid, block.current->groups};
  if (schedule() == order::early) return perform(copy);
  std::memset(to, 0xff, bytes);
  block.current->copies.push_back(copy);
}
inline void commit_copies() { ++block.current->groups; }
/// Until at most `left` groups are under way.
inline void wait_for_copies(unsigned left) {
  auto& copies = block.current->copies;
  std::size_t done = 0;
  while (done < copies.size() && copies[done].group + left < block.current->groups) perform(copies[done++]);
  copies.erase(copies.begin(), copies.begin() + static_cast<std::ptrdiff_t>(done));
}

// ---- tensor cores -------------------------------------------------------------------------------------------------

/// Notes a read of shared memory that all threads of the warp make together, for the count of bank conflicts.
inline void note_read(const void* address) {
  unwatched own;
  block.current->reads.push_back(address);
}

// How many passes the banks need for the noted reads of a warp, beyond one each.
CUDA_ON_HOST_INTERNAL inline void count_conflicts(unsigned first) {
  std::size_t reads = block.threads[first]->reads.size();
  for (std::size_t r = 0; r < reads; ++r) {
    std::vector<std::uintptr_t> banks[32];
    std::size_t passes = 1;
    for (unsigned lane = 0; lane < 32; ++lane) {
      std::uintptr_t word = reinterpret_cast<std::uintptr_t>(block.threads[first + lane]->reads[r]) / 4;
      auto& bank = banks[word % 32];
      if (std::find(bank.begin(), bank.end(), word) == bank.end()) bank.push_back(word);
      passes = std::max(passes, bank.size());
    }
    count.conflicts += static_cast<long>(passes - 1);
    ++count.fragment_reads;
  }
  for (unsigned lane = 0; lane < 32; ++lane) block.threads[first + lane]->reads.clear();
}

/// mma.sync.m16n8k8 of tf32: c += a * b, in the registers that PTX puts their elements.
CUDA_ON_HOST_INTERNAL inline void product_tf32(float (&c)[4], const std::uint32_t (&a)[4],
                                               const std::uint32_t (&b)[2]) {
  const std::uint64_t mine[6] = {a[0], a[1], a[2], a[3], b[0], b[1]};
  unwatched own;
  unsigned lane = block.current->number % 32;
  const warp& together = block.warps[block.current->number / 32];
  if (together.threads != 32) {
    std::fprintf(stderr, "cuda_on_host: mma.sync in a warp of %u threads\n", together.threads);
    std::abort();
  }
  if (together.arrived == 31) {  // the last one of the warp: all have read, none goes on
    ++count.tensor_products;
    count_conflicts(block.current->number - lane);
  }
  const auto* slots = exchange(mine, 6);
  auto value = [](std::uint64_t word) {
    std::uint32_t bits = static_cast<std::uint32_t>(word) & 0xffffe000u;  // the hardware reads no more
    float x;
    std::memcpy(&x, &bits, 4);
    return x;
  };
  unsigned group = lane / 4, column = lane % 4 * 2;
  for (unsigned i = 0; i < 4; ++i) {
    unsigned row = group + i / 2 * 8, n = column + i % 2;
    float sum = c[i];
    for (unsigned k = 0; k < 8; ++k)
      sum += value(slots[row % 8 * 4 + k % 4][row / 8 + k / 4 * 2]) * value(slots[n * 4 + k % 4][4 + k / 4]);
    c[i] = sum;
  }
}

}  // namespace cuda_on_host

inline void __syncthreads() { cuda_on_host::block_barrier(); }
inline void __syncwarp(unsigned = ~0u) { cuda_on_host::warp_barrier(); }
template <class T>
inline T __shfl_xor_sync(unsigned, T value, int mask) {
  return cuda_on_host::shuffle(value, (cuda_on_host::block.current->number % 32) ^ static_cast<unsigned>(mask));
}
template <class T>
inline T __shfl_sync(unsigned, T value, int source) {
  return cuda_on_host::shuffle(value, static_cast<unsigned>(source));
}
