// The threads of a model's instance: a pool that forks the parts of a kernel and joins them, or an executor of the
// caller's. Not for kernels: this is what a generated file's class uses.
//
// A fork hands out numbered parts, which are taken by whoever comes first, worker i looking at part i first: so the
// caller does all of them where no worker wakes in time, and a sleeping thread delays nobody. Between forks workers
// spin for a moment, as the next kernel mostly follows at once, and then sleep.
#pragma once

#include <algorithm>
#include <atomic>
#include <new>
#include <thread>
#if defined(__linux__)
#  include <linux/futex.h>
#  include <sys/syscall.h>
#  include <unistd.h>
#else
#  include <condition_variable>
#  include <mutex>
#endif
#include <pthread.h>

#include "m2crt/memory.h"
#include "m2crt/part.h"

namespace m2crt {

/// Runs task(data, i) for each i < count, in any order and on any threads, and returns when all have ended.
using executor = void (*)(void* context, std::size_t count, void (*task)(void* data, std::size_t index), void* data);

/// Tells the processor that the loop around it waits.
inline void relax() {
#if defined(__SSE2__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#endif
}

/// What threads sleep at until it rings: a futex, or a condition variable where there is none.
class doorbell {
 public:
  std::uint32_t rings() const { return rings_.load(); }
  /// Sleeps unless it has rung since rings() gave `seen`; may wake early.
  void sleep(std::uint32_t seen) {
#if defined(__linux__)
    syscall(SYS_futex, &rings_, FUTEX_WAIT_PRIVATE, seen, nullptr, nullptr, 0);
#else
    std::unique_lock<std::mutex> lock(mutex_);
    if (rings_.load() == seen) changed_.wait(lock);
#endif
  }
  /// Wakes `most` of those that sleep here, or all.
  void ring([[maybe_unused]] int most = 0x7fffffff) {
#if defined(__linux__)
    rings_.fetch_add(1);
    syscall(SYS_futex, &rings_, FUTEX_WAKE_PRIVATE, most, nullptr, nullptr, 0);
#else
    {
      std::lock_guard<std::mutex> lock(mutex_);
      rings_.fetch_add(1);
    }
    changed_.notify_all();
#endif
  }

 private:
  std::atomic<std::uint32_t> rings_{0};
#if !defined(__linux__)
  std::mutex mutex_;
  std::condition_variable changed_;
#endif
};
static_assert(sizeof(std::atomic<std::uint32_t>) == 4, "a futex is 32 bits");

/// Worker threads that wait for forks of one caller.
class thread_pool {
 public:
  static constexpr idx most_parts = 1024;

  /// Starts `threads` - 1 workers, or as many as the system grants: fork() needs none.
  explicit thread_pool(idx threads) noexcept
      : size_(std::min(threads, most_parts)),
        slots_(new (std::nothrow) slot[static_cast<std::size_t>(size_)]),
        workers_(new (std::nothrow) worker[static_cast<std::size_t>(size_)]) {
    if (!ok()) return;
    for (idx i = 1; i < size_; ++i) {
      workers_[i].owner = this;
      workers_[i].index = i;
      if (pthread_create(&workers_[i].thread, nullptr, start, &workers_[i]) != 0) break;
      started_ = i;
    }
  }
  ~thread_pool() {
    stop_.store(true);
    bell_.ring();
    for (idx i = 1; i <= started_; ++i) pthread_join(workers_[i].thread, nullptr);
    delete[] workers_;
    delete[] slots_;
  }
  thread_pool(const thread_pool&) = delete;
  thread_pool& operator=(const thread_pool&) = delete;

  bool ok() const { return slots_ != nullptr && workers_ != nullptr; }

  /// An executor with a pool as its context, for up to as many parts as it has threads.
  static void execute(void* context, std::size_t count, void (*task)(void*, std::size_t), void* data) {
    static_cast<thread_pool*>(context)->fork(static_cast<idx>(count), task, data);
  }

 private:
  struct alignas(64) slot {
    std::atomic<std::uint64_t> taken{0};  // the last job of which this part was taken
  };
  struct worker {
    thread_pool* owner = nullptr;
    idx index = 0;
    pthread_t thread{};
  };

  // How often a waiting thread looks before it sleeps: some 50 us for workers, more for the caller, who sleeps only if
  // a worker was interrupted in its part.
  static constexpr int worker_spins = 2000, caller_spins = 10000;

  void fork(idx count, void (*task)(void*, std::size_t), void* data) {
    task_ = task;  // read by those who have taken a part, so not before they see the job
    data_ = data;
    unfinished_.store(count);
    const std::uint64_t job = (++number_ << 16) | static_cast<std::uint64_t>(count);
    job_.store(job);
    if (sleepers_.load() > 0) bell_.ring(static_cast<int>(count - 1));
    perform(job, 0);
    for (int spin = 0; unfinished_.load() != 0; ++spin) {
      if (spin < caller_spins) {
        relax();
        continue;
      }
      const std::uint32_t seen = done_.rings();
      caller_sleeps_.store(true);
      if (unfinished_.load() != 0) done_.sleep(seen);
      caller_sleeps_.store(false);
    }
  }

  /// Does the parts of a job that nobody has taken, `first` before the others.
  void perform(std::uint64_t job, idx first) {
    const auto count = static_cast<idx>(job & 0xffff);
    for (idx k = 0; k < count; ++k) {
      const idx i = first + k < count ? first + k : first + k - count;
      // A part can be taken once a job. A job whose parts are all taken may be over: then nothing of it may be read.
      std::uint64_t before = slots_[i].taken.load();
      if (before >= job || !slots_[i].taken.compare_exchange_strong(before, job)) continue;
      task_(data_, static_cast<std::size_t>(i));
      if (unfinished_.fetch_sub(1) == 1 && caller_sleeps_.load()) done_.ring();
    }
  }

  static void* start(void* argument) {
    const worker& self = *static_cast<worker*>(argument);
    self.owner->work(self.index);
    return nullptr;
  }

  void work(idx index) {
    std::uint64_t last = 0;
    for (int spin = 0; !stop_.load(); ++spin) {
      if (const std::uint64_t job = job_.load(); job != last) {
        perform(job, index % static_cast<idx>(job & 0xffff));
        last = job;
        spin = 0;
      } else if (spin < worker_spins) {
        relax();
      } else {
        const std::uint32_t seen = bell_.rings();
        sleepers_.fetch_add(1);
        if (job_.load() == last && !stop_.load()) bell_.sleep(seen);
        sleepers_.fetch_sub(1);
        spin = 0;
      }
    }
  }

  idx size_, started_ = 0;
  slot* slots_;
  worker* workers_;
  void (*task_)(void*, std::size_t) = nullptr;
  void* data_ = nullptr;
  std::uint64_t number_ = 0;
  alignas(64) std::atomic<std::uint64_t> job_{0};  // its number and, in 16 bits, its parts
  std::atomic<bool> stop_{false};
  std::atomic<idx> sleepers_{0};
  doorbell bell_;
  alignas(64) std::atomic<idx> unfinished_{0};
  std::atomic<bool> caller_sleeps_{false};
  doorbell done_;
};

/// How an instance runs kernels that can be split.
class threads {
 public:
  threads() = default;
  ~threads() { clear(); }
  threads(const threads&) = delete;
  threads& operator=(const threads&) = delete;

  /// Up to `count` threads of a pool, which the first fork starts; 0 for as many as the machine has. Each but the first
  /// gets `scratch` bytes; false where there is no memory for them.
  bool set(std::size_t count, std::size_t scratch) {
    clear();
    if (count == 0) count = std::max(1u, std::thread::hardware_concurrency());
    return reserve(std::min(count, static_cast<std::size_t>(thread_pool::most_parts)), scratch);
  }
  /// Up to `count` parts at a time, run by the caller's `fork`.
  bool set(executor fork, void* context, std::size_t count, std::size_t scratch) {
    clear();
    fork_ = fork;
    context_ = context;
    return reserve(fork == nullptr ? 1 : std::max(count, std::size_t{1}), scratch);
  }

  /// More memory for each but the first of them, where a run needs it.
  bool reserve(std::size_t scratch) {
    return scratch <= scratch_bytes_ || reserve(static_cast<std::size_t>(count_), scratch);
  }

  /// Runs body(part) for each of at most `most` parts.
  template <class Body>
  void run(idx most, const Body& body) {
    const idx count = std::min(most, count_);
    if (count <= 1) return body(part{});
    struct job {
      const Body& body;
      idx count;
    } data{body, count};
    if (fork_ == nullptr) start();
    fork_(
        context_, static_cast<std::size_t>(count),
        [](void* of, std::size_t index) {
          const job& own = *static_cast<const job*>(of);
          own.body(part{static_cast<idx>(index), own.count});
        },
        &data);
  }

  /// What a part writes besides its outputs: `own`, in the arena, for the first; for the others their own memory, from
  /// byte `offset` of it on.
  template <class T>
  T* scratch(part which, T* own, std::size_t offset) const {
    if (which.index == 0) return own;
    return reinterpret_cast<T*>(scratch_ + static_cast<std::size_t>(which.index - 1) * scratch_bytes_ + offset);
  }

 private:
  bool reserve(std::size_t count, std::size_t scratch) {
    free_pages(scratch_);
    scratch_ = nullptr;
    scratch_bytes_ = (scratch + 63) / 64 * 64;
    if (count > 1 && scratch_bytes_ > 0) {
      scratch_ = static_cast<unsigned char*>(allocate_pages((count - 1) * scratch_bytes_));
      if (scratch_ == nullptr) {
        clear();
        return false;
      }
    }
    count_ = static_cast<idx>(count);
    return true;
  }
  void start() {
    pool_ = new (std::nothrow) thread_pool(count_);
    const bool runs = pool_ != nullptr && pool_->ok();
    fork_ = runs ? thread_pool::execute : in_turn;
    context_ = pool_;
  }
  static void in_turn(void*, std::size_t count, void (*task)(void*, std::size_t), void* data) {
    for (std::size_t i = 0; i < count; ++i) task(data, i);
  }
  void clear() {
    delete pool_;
    free_pages(scratch_);
    pool_ = nullptr;
    scratch_ = nullptr;
    fork_ = nullptr;
    context_ = nullptr;
    count_ = 1;
  }

  idx count_ = 1;
  executor fork_ = nullptr;
  void* context_ = nullptr;
  thread_pool* pool_ = nullptr;
  unsigned char* scratch_ = nullptr;
  std::size_t scratch_bytes_ = 0;
};

}  // namespace m2crt
