// What callers can say about threads, in C++ and C: the outputs are the same bits.
#include "recurrent.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

namespace {

struct outputs {
  std::vector<float> out = std::vector<float>(recurrent::Model::out_size),
                     last = std::vector<float>(recurrent::Model::last_size);
  bool operator==(const outputs &other) const {
    return std::memcmp(out.data(), other.out.data(), out.size() * sizeof(float)) == 0 &&
           std::memcmp(last.data(), other.last.data(), last.size() * sizeof(float)) == 0;
  }
};

/// A thread per task, and how many tasks at most.
struct spawner {
  std::size_t most = 0;
  static void run(void *context, std::size_t count, void (*task)(void *data, std::size_t index), void *data) {
    auto &self = *static_cast<spawner *>(context);
    if (count > self.most)
      self.most = count;
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < count; ++i)
      threads.emplace_back(task, data, i);
    for (std::thread &thread : threads)
      thread.join();
  }
};

int failures = 0;
void expect(bool holds, const char *what) {
  if (!holds)
    std::printf("failed: %s\n", what);
  failures += !holds;
}

} // namespace

int main() {
  std::vector<float> x(recurrent::Model::x_size);
  for (std::size_t i = 0; i < x.size(); ++i)
    x[i] = static_cast<float>(i % 17) / 8 - 1;
  outputs want;
  recurrent::Model one;
  expect(one.run(x, want.out, want.last), one.error());

  for (std::size_t count : {2, 3, 0, 1}) {
    outputs got;
    expect(one.set_threads(count), one.error());
    for (int i = 0; i < 3; ++i)
      expect(one.run(x, got.out, got.last) && got == want, "set_threads");
  }

  spawner executor;
  outputs got;
  expect(one.set_executor(spawner::run, &executor, 4), one.error());
  expect(one.run(x, got.out, got.last) && got == want, "set_executor");
  expect(executor.most == 4, "the executor got the tasks");
  executor.most = 0;
  expect(one.set_executor(nullptr, nullptr, 0) && one.run(x, got.out, got.last) && executor.most == 0, "no executor");

  recurrent_model *model = recurrent_create();
  auto run = [&] {
    outputs c;
    return recurrent_run(model, x.data(), x.size(), c.out.data(), c.out.size(), c.last.data(), c.last.size()) == 0 &&
           c == want;
  };
  expect(recurrent_set_threads(model, 2) == 0 && run(), "recurrent_set_threads");
  expect(recurrent_set_executor(model, spawner::run, &executor, 3) == 0 && run(), "recurrent_set_executor");
  expect(executor.most == 3, "the executor got the tasks from C");
  recurrent_destroy(model);

  // Instances side by side, each with threads of its own.
  std::vector<std::thread> callers;
  for (int i = 0; i < 3; ++i)
    callers.emplace_back([&] {
      recurrent::Model own;
      outputs mine;
      if (!own.set_threads(2) || !own.run(x, mine.out, mine.last) || !(mine == want))
        std::abort();
    });
  for (std::thread &caller : callers)
    caller.join();
  return failures != 0;
}
