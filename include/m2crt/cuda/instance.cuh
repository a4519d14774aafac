// One instance of a model on a GPU: its stream, memory and graph. Not for kernels: this is what a generated file's
// class uses.
#pragma once

#include <algorithm>
#include <mutex>

#include "m2crt/block.h"
#include "m2crt/cuda/base.cuh"

namespace m2crt {
namespace cuda {

using m2crt::at;
using m2crt::block;

/// A copy of elements that lie in one run on both sides.
template <class T>
inline void copy_run(queue& to, const T* from, T* target, std::size_t elements) {
  to.check(cudaMemcpyAsync(target, from, elements * sizeof(T), cudaMemcpyDeviceToDevice, to.stream), "cudaMemcpyAsync");
}

/// Weights on the device, which all instances share: the first one uploads, the last one frees.
struct device_weights {
  std::mutex mutex;
  unsigned char* data = nullptr;
  std::size_t users = 0;
};

/// Bytes of the program that go to an offset of the weights.
struct weight_part {
  std::size_t offset, bytes;
  const void* data;
};

/// An input or output.
struct argument_info {
  std::size_t bytes;
  bool is_output;
};

/// Prints the model's kernels into the queue, on the device's pointers, arena and weights.
using kernels_function = void (*)(queue& to, void* const* arguments, unsigned char* arena,
                                  const unsigned char* weights);

class instance {
 public:
  /// Takes memory and uploads the weights. Where that fails, `error` says why.
  bool start(kernels_function kernels, const argument_info* arguments, std::size_t count, std::size_t arena_bytes,
             device_weights& weights, const weight_part* parts, std::size_t num_parts, std::size_t weight_bytes,
             char* error, std::size_t error_bytes) {
    kernels_ = kernels;
    arguments_ = arguments;
    count_ = count;
    error_ = error;
    error_bytes_ = error_bytes;
    int devices = 0;
    if (!check(cudaGetDeviceCount(&devices), "cudaGetDeviceCount") ||
        !check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "cudaStreamCreateWithFlags"))
      return false;
    if (arena_bytes != 0 && !allocate(&arena_, arena_bytes, "the arena")) return false;
    for (std::size_t i = 0; i < count; ++i) {
      void *host = nullptr, *device = nullptr;
      if (!check(cudaMallocHost(&host, padded(arguments[i].bytes)), "cudaMallocHost")) return false;
      host_.push_back(host);
      if (!allocate(&device, padded(arguments[i].bytes), "an input or output")) return false;
      device_.push_back(device);
    }
    return share(weights, parts, num_parts, weight_bytes);
  }

  /// From and to the host's memory; waits for the outputs. The first call records the graph of copies and kernels.
  bool run(void* const* arguments) {
    if (graph_ == nullptr && !record(device_.data(), true, graph_)) return false;
    for (std::size_t i = 0; i < count_; ++i)
      if (!arguments_[i].is_output) std::memcpy(host_[i], arguments[i], arguments_[i].bytes);
    if (!check(cudaGraphLaunch(graph_, stream_), "cudaGraphLaunch") ||
        !check(cudaStreamSynchronize(stream_), "cudaStreamSynchronize"))
      return false;
    for (std::size_t i = 0; i < count_; ++i)
      if (arguments_[i].is_output) std::memcpy(arguments[i], host_[i], arguments_[i].bytes);
    return true;
  }

  /// On the device's memory, in the caller's stream, without waiting. The graph is recorded again where a pointer is
  /// another than the last time.
  bool run_async(void* const* arguments, cudaStream_t stream) {
    if (async_graph_ == nullptr || !std::equal(async_.begin(), async_.end(), arguments)) {
      // The old graph may still run.
      if (async_graph_ != nullptr && !check(cudaStreamSynchronize(stream), "cudaStreamSynchronize")) return false;
      release(async_graph_);
      async_.assign(arguments, arguments + count_);
      if (!record(arguments, false, async_graph_)) return false;
    }
    return check(cudaGraphLaunch(async_graph_, stream), "cudaGraphLaunch");
  }

  /// Prints what a run takes on the device, and each launch on its own; between launches that are not in a graph some
  /// microseconds pass, which count as the next one's.
  bool profile() {
    if (async_graph_ == nullptr || async_ != device_) {
      release(async_graph_);
      async_ = device_;
      if (!record(device_.data(), false, async_graph_)) return false;
    }
    cudaEvent_t begin{}, end{};
    float milliseconds = 0;
    if (!check(cudaEventCreate(&begin), "cudaEventCreate") || !check(cudaEventCreate(&end), "cudaEventCreate"))
      return false;
    constexpr int warm_up = 3, runs = 50;
    bool done = true;
    for (int i = 0; i < warm_up + runs && done; ++i) {
      if (i == warm_up) done = check(cudaEventRecord(begin, stream_), "cudaEventRecord");
      done = done && check(cudaGraphLaunch(async_graph_, stream_), "cudaGraphLaunch");
    }
    done = done && check(cudaEventRecord(end, stream_), "cudaEventRecord") &&
           check(cudaStreamSynchronize(stream_), "cudaStreamSynchronize") &&
           check(cudaEventElapsedTime(&milliseconds, begin, end), "cudaEventElapsedTime");
    if (done)
      std::printf("graph    %10.2f us a run, without copies from and to the host\n", milliseconds * 1000 / runs);
    std::vector<queue::mark> marks;
    for (int i = 0; i < 2 && done; ++i) {  // the first loads the kernels
      for (const queue::mark& mark : marks) cudaEventDestroy(mark.event);
      marks.clear();
      queue to;
      to.stream = stream_;
      to.marks = &marks;
      done = check(cudaEventRecord(begin, stream_), "cudaEventRecord");
      if (done) kernels_(to, device_.data(), arena_, shared_->data);
      done = done && check(to.error, to.failed_call, to.failed_kernel) &&
             check(cudaStreamSynchronize(stream_), "cudaStreamSynchronize");
    }
    cudaEvent_t before = begin;
    for (const queue::mark& mark : marks) {
      done = done && check(cudaEventElapsedTime(&milliseconds, before, mark.event), "cudaEventElapsedTime");
      if (done) std::printf("launch   %10.2f us  %s\n", milliseconds * 1000, mark.kernel);
      before = mark.event;
    }
    for (const queue::mark& mark : marks) cudaEventDestroy(mark.event);
    cudaEventDestroy(begin);
    cudaEventDestroy(end);
    return done;
  }

  ~instance() {
    release(graph_);
    release(async_graph_);
    for (void* p : host_) cudaFreeHost(p);
    for (void* p : device_) cudaFree(p);
    cudaFree(arena_);
    if (shared_ != nullptr) {
      std::lock_guard<std::mutex> lock(shared_->mutex);
      if (--shared_->users == 0) {
        cudaFree(shared_->data);
        shared_->data = nullptr;
      }
    }
    if (stream_ != nullptr) cudaStreamDestroy(stream_);
  }

 private:
  static std::size_t padded(std::size_t bytes) { return bytes != 0 ? bytes : 1; }
  static void release(cudaGraphExec_t& graph) {
    if (graph != nullptr) cudaGraphExecDestroy(graph);
    graph = nullptr;
  }

  bool check(cudaError_t result, const char* call, const char* what = "") {
    if (result == cudaSuccess) return true;
    std::snprintf(error_, error_bytes_, "%s%s%s failed: %s", call, *what != '\0' ? " for " : "", what,
                  cudaGetErrorString(result));
    cudaGetLastError();  // it is told; the next call starts afresh
    return false;
  }

  template <class T>
  bool allocate(T** p, std::size_t bytes, const char* what) {
    char text[96];
    std::snprintf(text, sizeof text, "%s of %zu bytes", what, bytes);
    return check(cudaMalloc(p, bytes), "cudaMalloc", text);
  }

  bool share(device_weights& weights, const weight_part* parts, std::size_t num_parts, std::size_t weight_bytes) {
    std::lock_guard<std::mutex> lock(weights.mutex);
    if (weights.users == 0 && weight_bytes != 0) {
      unsigned char* data = nullptr;
      if (!allocate(&data, weight_bytes, "the weights")) return false;
      for (std::size_t i = 0; i < num_parts; ++i)
        if (!check(cudaMemcpy(data + parts[i].offset, parts[i].data, parts[i].bytes, cudaMemcpyHostToDevice),
                   "cudaMemcpy", "the weights")) {
          cudaFree(data);
          return false;
        }
      weights.data = data;
    }
    ++weights.users;
    shared_ = &weights;
    return true;
  }

  bool record(void* const* arguments, bool with_copies, cudaGraphExec_t& made) {
    if (!check(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeRelaxed), "cudaStreamBeginCapture")) return false;
    queue to;
    to.stream = stream_;
    for (std::size_t i = 0; with_copies && i < count_; ++i)
      if (!arguments_[i].is_output && arguments_[i].bytes != 0)
        to.check(cudaMemcpyAsync(arguments[i], host_[i], arguments_[i].bytes, cudaMemcpyHostToDevice, stream_),
                 "cudaMemcpyAsync");
    kernels_(to, arguments, arena_, shared_->data);
    for (std::size_t i = 0; with_copies && i < count_; ++i)
      if (arguments_[i].is_output && arguments_[i].bytes != 0)
        to.check(cudaMemcpyAsync(host_[i], arguments[i], arguments_[i].bytes, cudaMemcpyDeviceToHost, stream_),
                 "cudaMemcpyAsync");
    cudaGraph_t graph{};
    cudaError_t ended = cudaStreamEndCapture(stream_, &graph);
    if (to.error != cudaSuccess) {  // why the capture failed
      if (ended == cudaSuccess) cudaGraphDestroy(graph);
      return check(to.error, to.failed_call, to.failed_kernel);
    }
    if (!check(ended, "cudaStreamEndCapture")) return false;
    bool done = check(cudaGraphInstantiate(&made, graph, 0), "cudaGraphInstantiate");
    cudaGraphDestroy(graph);
    return done;
  }

  kernels_function kernels_ = nullptr;
  const argument_info* arguments_ = nullptr;
  std::size_t count_ = 0, error_bytes_ = 0;
  char* error_ = nullptr;
  cudaStream_t stream_ = nullptr;
  unsigned char* arena_ = nullptr;
  device_weights* shared_ = nullptr;
  std::vector<void*> host_, device_, async_;
  cudaGraphExec_t graph_ = nullptr, async_graph_ = nullptr;
};

}  // namespace cuda
}  // namespace m2crt
