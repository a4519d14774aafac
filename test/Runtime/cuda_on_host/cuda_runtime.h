// The CUDA runtime on the CPU, for tests: with this folder in front of the include path, `g++ -x c++ model.cu` is all
// that a program of m2c's kernels needs. Streams queue their work and do it when someone waits (with CUDA_ON_HOST=early
// at once), graphs are recorded and replayed, fresh memory is NaN.
#pragma once

#define M2C_CUDA_ON_HOST 1
#define __global__
#define __device__
#define __host__
#define __launch_bounds__(...)

#include <chrono>
#include <mutex>
#include <tuple>
#include <utility>

#include "block.h"

struct alignas(16) float4 {
  float x, y, z, w;
};

enum cudaError_t {
  cudaSuccess = 0,
  cudaErrorInvalidValue = 1,
  cudaErrorMemoryAllocation = 2,
  cudaErrorInvalidConfiguration = 9,
  cudaErrorNoDevice = 100,
  cudaErrorStreamCaptureUnsupported = 900
};
enum cudaMemcpyKind { cudaMemcpyHostToHost, cudaMemcpyHostToDevice, cudaMemcpyDeviceToHost, cudaMemcpyDeviceToDevice };
enum cudaStreamCaptureMode {
  cudaStreamCaptureModeGlobal,
  cudaStreamCaptureModeThreadLocal,
  cudaStreamCaptureModeRelaxed
};
enum cudaFuncAttribute { cudaFuncAttributeMaxDynamicSharedMemorySize = 8 };
enum { cudaStreamNonBlocking = 1 };

namespace cuda_on_host {

using work = std::vector<std::function<void()>>;
struct stream {
  work queue;
  bool captures = false;
  work graph;
};
struct event {
  std::chrono::steady_clock::time_point time;
};
inline cudaError_t last_error = cudaSuccess;
inline long allocations = 0;  // that are not freed yet

inline cudaError_t fail(cudaError_t error) {
  if (error != cudaSuccess) last_error = error;
  return error;
}
inline void flush(stream& s) {
  for (auto& task : s.queue) task();
  s.queue.clear();
}
inline void enqueue(stream& s, std::function<void()> task) {
  (s.captures ? s.graph : s.queue).push_back(std::move(task));
  if (!s.captures && schedule() == order::early) flush(s);
}

// One block after the other; the next kernel only after them.
CUDA_ON_HOST_INTERNAL inline void run_grid(dim3 grid, dim3 threads, std::size_t shared_bytes) {
  ++count.launches;
  gridDim = grid;
  blockDim = threads;
  unsigned blocks = grid.x * grid.y * grid.z;
  for (unsigned i = 0; i < blocks; ++i) {
    unsigned b = schedule() == order::reverse ? blocks - 1 - i : i;
    blockIdx = {b % grid.x, b / grid.x % grid.y, b / grid.x / grid.y};
    run_block(threads, shared_bytes);
  }
}

// Shared memory that a kernel may use without asking, and with.
inline constexpr std::size_t default_shared = 48 * 1024, most_shared = 99 * 1024;
inline std::vector<const void*> asked_for_more;

}  // namespace cuda_on_host

using cudaStream_t = cuda_on_host::stream*;
using cudaEvent_t = cuda_on_host::event*;
using cudaGraph_t = cuda_on_host::work*;
using cudaGraphExec_t = cuda_on_host::work*;
struct cudaLaunchAttribute {};
struct cudaLaunchConfig_t {
  dim3 gridDim, blockDim;
  std::size_t dynamicSmemBytes = 0;
  cudaStream_t stream = nullptr;
  cudaLaunchAttribute* attrs = nullptr;
  unsigned numAttrs = 0;
};

inline const char* cudaGetErrorString(cudaError_t error) {
  switch (error) {
    case cudaSuccess:
      return "no error";
    case cudaErrorInvalidValue:
      return "invalid argument";
    case cudaErrorMemoryAllocation:
      return "out of memory";
    case cudaErrorInvalidConfiguration:
      return "invalid configuration argument";
    case cudaErrorNoDevice:
      return "no CUDA-capable device is detected";
    case cudaErrorStreamCaptureUnsupported:
      return "operation not permitted when stream is capturing";
  }
  return "unknown error";
}
inline cudaError_t cudaGetLastError() { return std::exchange(cuda_on_host::last_error, cudaSuccess); }

/// $CUDA_ON_HOST_DEVICES says how many devices there are; one if it is not set.
inline cudaError_t cudaGetDeviceCount(int* devices) {
  const char* text = std::getenv("CUDA_ON_HOST_DEVICES");
  *devices = text != nullptr ? std::atoi(text) : 1;
  return *devices > 0 ? cudaSuccess : cuda_on_host::fail(cudaErrorNoDevice);
}

/// $CUDA_ON_HOST_MEMORY is the device's memory in bytes, if set.
inline cudaError_t cudaMalloc(void** p, std::size_t bytes) {
  const char* memory = std::getenv("CUDA_ON_HOST_MEMORY");
  if ((memory != nullptr && bytes > std::strtoull(memory, nullptr, 10)) ||
      posix_memalign(p, 256, bytes ? bytes : 1) != 0)
    return *p = nullptr, cuda_on_host::fail(cudaErrorMemoryAllocation);
  ++cuda_on_host::allocations;
  std::memset(*p, 0xff, bytes);
  return cudaSuccess;
}
template <class T>
cudaError_t cudaMalloc(T** p, std::size_t bytes) {
  return cudaMalloc(reinterpret_cast<void**>(p), bytes);
}
inline cudaError_t cudaFree(void* p) {
  if (p != nullptr) --cuda_on_host::allocations;
  std::free(p);
  return cudaSuccess;
}
template <class T>
cudaError_t cudaMallocHost(T** p, std::size_t bytes) {
  return cudaMalloc(p, bytes);
}
inline cudaError_t cudaFreeHost(void* p) { return cudaFree(p); }
inline cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind, cudaStream_t stream) {
  cuda_on_host::enqueue(*stream, [=] { std::memcpy(to, from, bytes); });
  return cudaSuccess;
}
inline cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind) {
  std::memcpy(to, from, bytes);
  return cudaSuccess;
}
inline cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  *stream = new cuda_on_host::stream;
  return cudaSuccess;
}
inline cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  cuda_on_host::flush(*stream);
  delete stream;
  return cudaSuccess;
}
inline cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  if (stream->captures) return cuda_on_host::fail(cudaErrorStreamCaptureUnsupported);
  cuda_on_host::flush(*stream);
  return cudaSuccess;
}

inline cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode) {
  stream->captures = true;
  return cudaSuccess;
}
inline cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  stream->captures = false;
  *graph = new cuda_on_host::work(std::move(stream->graph));
  stream->graph.clear();
  return cudaSuccess;
}
inline cudaError_t cudaGraphInstantiate(cudaGraphExec_t* made, cudaGraph_t graph, unsigned long long = 0) {
  *made = new cuda_on_host::work(*graph);
  return cudaSuccess;
}
inline cudaError_t cudaGraphLaunch(cudaGraphExec_t graph, cudaStream_t stream) {
  for (auto& task : *graph) cuda_on_host::enqueue(*stream, task);
  return cudaSuccess;
}
inline cudaError_t cudaGraphDestroy(cudaGraph_t graph) { return delete graph, cudaSuccess; }
inline cudaError_t cudaGraphExecDestroy(cudaGraphExec_t graph) { return delete graph, cudaSuccess; }

inline cudaError_t cudaEventCreate(cudaEvent_t* event) {
  *event = new cuda_on_host::event;
  return cudaSuccess;
}
inline cudaError_t cudaEventDestroy(cudaEvent_t event) { return delete event, cudaSuccess; }
inline cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  cuda_on_host::enqueue(*stream, [=] { event->time = std::chrono::steady_clock::now(); });
  return cudaSuccess;
}
inline cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t end) {
  *milliseconds = std::chrono::duration<float, std::milli>(end->time - start->time).count();
  return cudaSuccess;
}

template <class Kernel>
cudaError_t cudaFuncSetAttribute(Kernel* kernel, cudaFuncAttribute, int bytes) {
  if (static_cast<std::size_t>(bytes) > cuda_on_host::most_shared) return cuda_on_host::fail(cudaErrorInvalidValue);
  cuda_on_host::asked_for_more.push_back(reinterpret_cast<const void*>(kernel));
  return cudaSuccess;
}

template <class... Parameters, class... Arguments>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(Parameters...),
                               Arguments&&... arguments) {
  using namespace cuda_on_host;
  const dim3 grid = config->gridDim, threads = config->blockDim;
  std::size_t shared = config->dynamicSmemBytes;
  if (threads.x * threads.y * threads.z == 0 || threads.x * threads.y * threads.z > 1024 || grid.x == 0 ||
      grid.x > 0x7fffffffu || grid.y == 0 || grid.y > 65535 || grid.z == 0 || grid.z > 65535)
    return fail(cudaErrorInvalidConfiguration);
  const auto& asked = asked_for_more;
  if (shared > most_shared ||
      (shared > default_shared &&
       std::find(asked.begin(), asked.end(), reinterpret_cast<const void*>(kernel)) == asked.end()))
    return fail(cudaErrorInvalidValue);
  std::tuple<Parameters...> values(std::forward<Arguments>(arguments)...);
  enqueue(*config->stream, [=] {
    static std::mutex one_at_a_time;
    std::lock_guard<std::mutex> lock(one_at_a_time);
    block.kernel = [&] { std::apply(kernel, values); };
    run_grid(grid, threads, shared);
  });
  return cudaSuccess;
}
