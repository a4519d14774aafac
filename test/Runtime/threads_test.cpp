// The pool and the executor. threads_test-thread is the same under TSan.
#include <gtest/gtest.h>
#include <m2crt/threads.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace {
namespace rt = m2crt;
using rt::idx;

/// Whether each of `most` or `threads` parts runs once, and sees what was written before and is seen after.
void fork_once(rt::threads& threads, idx most, idx expected) {
  std::vector<int> in(static_cast<std::size_t>(expected), 3), out(static_cast<std::size_t>(expected), 0);
  threads.run(most, [&](rt::part part) {
    ASSERT_EQ(part.count, expected);
    out[static_cast<std::size_t>(part.index)] += in[static_cast<std::size_t>(part.index)];
  });
  for (int x : out) ASSERT_EQ(x, 3);
}

TEST(Threads, OneUntilTold) {
  rt::threads threads;
  const auto caller = std::this_thread::get_id();
  threads.run(8, [&](rt::part part) {
    EXPECT_EQ(part.index, 0);
    EXPECT_EQ(part.count, 1);
    EXPECT_EQ(std::this_thread::get_id(), caller);
  });
}

TEST(Threads, RunEachPartOnce) {
  for (idx count : {2, 3, 5}) {
    rt::threads threads;
    ASSERT_TRUE(threads.set(static_cast<std::size_t>(count), 0));
    for (int i = 0; i < 2000; ++i) fork_once(threads, 1 + i % 7, std::min<idx>(count, 1 + i % 7));
  }
}

TEST(Threads, WakeFromSleep) {
  rt::threads threads;
  ASSERT_TRUE(threads.set(3, 0));
  for (int i = 0; i < 20; ++i) {
    fork_once(threads, 3, 3);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));  // workers spin for some 50 us
  }
}

TEST(Threads, WaitForASlowPart) {
  rt::threads threads;
  ASSERT_TRUE(threads.set(2, 0));
  for (int i = 0; i < 5; ++i) {
    std::atomic<int> met{0};
    bool done[2] = {};
    threads.run(2, [&](rt::part part) {
      // Both at once, if the other comes in time; then the worker sleeps longer than its caller spins.
      ++met;
      for (int wait = 0; met.load() < 2 && wait < 200; ++wait)
        std::this_thread::sleep_for(std::chrono::microseconds(50));
      if (part.index == 1) std::this_thread::sleep_for(std::chrono::milliseconds(5));
      done[part.index] = true;
    });
    ASSERT_TRUE(done[0] && done[1]);
  }
}

TEST(Threads, AreSetAgain) {
  rt::threads threads;
  for (std::size_t count : {4, 1, 2, 0}) {
    ASSERT_TRUE(threads.set(count, 100));
    threads.run(4, [](rt::part) {});
  }
  fork_once(threads, 1, 1);
}

TEST(Threads, ThatNeverForkStartNoPool) {
  rt::threads threads;
  ASSERT_TRUE(threads.set(4, 0));
}

TEST(Threads, InstancesAreIndependent) {
  auto work = [] {
    rt::threads threads;
    ASSERT_TRUE(threads.set(2, 0));
    for (int i = 0; i < 300; ++i) fork_once(threads, 2, 2);
  };
  std::thread other(work);
  work();
  other.join();
}

TEST(Threads, GiveEachPartItsOwnScratch) {
  rt::threads threads;
  ASSERT_TRUE(threads.set(3, 8 * sizeof(double)));
  double arena[8];
  auto fill = [&](idx doubles) {
    double sums[3] = {};
    threads.run(3, [&](rt::part part) {
      double* own = threads.scratch(part, arena, 0);
      ASSERT_EQ(own == arena, part.index == 0);
      if (part.index != 0) {
        ASSERT_EQ(reinterpret_cast<std::uintptr_t>(own) % 64, 0u);
      }
      for (idx i = 0; i < doubles; ++i) own[i] = static_cast<double>(part.index);
      for (idx i = 0; i < doubles; ++i) sums[part.index] += own[i];
    });
    for (int i = 0; i < 3; ++i) EXPECT_EQ(sums[i], i * static_cast<double>(doubles));
  };
  fill(8);
  ASSERT_TRUE(threads.reserve(4));
  fill(8);
  ASSERT_TRUE(threads.reserve(800));
  threads.run(3, [&](rt::part part) {
    if (part.index == 0) return;
    double* own = threads.scratch(part, arena, 0);
    for (int i = 0; i < 100; ++i) own[i] = 1;
  });
}

/// Runs tasks on the caller's thread, the last first, and counts.
struct counting_executor {
  std::size_t forks = 0, tasks = 0;
  static void run(void* context, std::size_t count, void (*task)(void*, std::size_t), void* data) {
    auto& self = *static_cast<counting_executor*>(context);
    ++self.forks;
    for (std::size_t i = count; i-- > 0; ++self.tasks) task(data, i);
  }
};
TEST(Threads, ExecutorInsteadOfAPool) {
  counting_executor executor;
  rt::threads threads;
  ASSERT_TRUE(threads.set(counting_executor::run, &executor, 4, 0));
  fork_once(threads, 8, 4);
  fork_once(threads, 3, 3);
  fork_once(threads, 1, 1);
  EXPECT_EQ(executor.forks, 2u);
  EXPECT_EQ(executor.tasks, 7u);
  ASSERT_TRUE(threads.set(nullptr, nullptr, 4, 0));  // none: the caller's thread alone
  fork_once(threads, 8, 1);
  EXPECT_EQ(executor.forks, 2u);
}

}  // namespace
