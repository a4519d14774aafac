// Kernels with the mistakes that tests must find, each chosen by name; right results end with status 0, wrong ones
// with 3.
#include <cstdio>
#include <cstring>
#include <string>

#include "m2crt/cuda/base.cuh"

namespace {

namespace rt = m2crt::cuda;
using rt::idx;

enum class bug { none, barrier, late_barrier, wait, bound, shared_bound, misaligned, divergent, warp };

/// y[i] = x[n - 1 - i] + x[i] by way of shared memory, then the same for twice x.
template <bug B>
__global__ void reverse_kernel(const float *x, float *y, idx n) {
  struct memory {
    float values[128];
  };
  auto &values = rt::shared<memory>().values;
  const idx i = rt::thread_index();
  for (idx round = 0; round < 2; ++round) {
    const float scale = B == bug::wait ? 1.0f : float(round + 1);
    if constexpr (B == bug::wait) {
      rt::copy_async<4>(&values[i], x + i, true);
      rt::commit_copies();
    } else {
      values[B == bug::shared_bound ? i + 1 : i] = scale * x[B == bug::bound ? i + 1 : i];
    }
    if constexpr (B == bug::divergent) {
      if (i < 64)
        __syncthreads();
    } else if constexpr (B != bug::barrier) {
      __syncthreads();
    }
    if constexpr (B == bug::misaligned) {
      const float4 four = rt::read_four(&values[(n - 1 - i) % 125]);
      y[i] = four.x + four.y + four.z + four.w;
    }
    if constexpr (B != bug::misaligned)
      y[i] = values[n - 1 - i] + scale * x[i];
    if constexpr (B != bug::late_barrier)
      __syncthreads();
  }
}

/// y[i] = x[neighbour in the warp] with a shuffle where a __syncwarp is needed: right only by luck.
__global__ void warp_kernel(const float *x, float *y) {
  struct memory {
    float values[128];
  };
  auto &values = rt::shared<memory>().values;
  const idx i = rt::thread_index();
  values[i] = x[i];
  __shfl_xor_sync(~0u, 0, 1);
  y[i] = values[i ^ 1];
}

template <bug B>
int run() {
  float *x = nullptr, *y = nullptr;
  cudaMalloc(&x, 128 * sizeof(float));
  cudaMalloc(&y, 128 * sizeof(float));
  for (idx i = 0; i < 128; ++i)
    x[i] = float(i);
  rt::queue queue;
  cudaStreamCreateWithFlags(&queue.stream, cudaStreamNonBlocking);
  if constexpr (B == bug::warp)
    rt::launch(queue, warp_kernel, rt::grid_of(1), 128, 128 * sizeof(float), x, y);
  else
    rt::launch(queue, reverse_kernel<B>, rt::grid_of(1), 128, 128 * sizeof(float), x, y, 128);
  cudaStreamSynchronize(queue.stream);
  bool right = true;
  for (idx i = 0; i < 128; ++i)
    right &= y[i] == (B == bug::warp ? float(i ^ 1) : B == bug::wait ? 127.0f : 254.0f);
  std::printf(right ? "right\n" : "wrong\n");
  cudaStreamDestroy(queue.stream);
  cudaFree(x);
  cudaFree(y);
  return right ? 0 : 3;
}

} // namespace

int main(int, char **argv) {
  const std::string name = argv[1];
  if (name == "none")
    return run<bug::none>();
  if (name == "barrier")
    return run<bug::barrier>();
  if (name == "late_barrier")
    return run<bug::late_barrier>();
  if (name == "wait")
    return run<bug::wait>();
  if (name == "bound")
    return run<bug::bound>();
  if (name == "shared_bound")
    return run<bug::shared_bound>();
  if (name == "misaligned")
    return run<bug::misaligned>();
  if (name == "divergent")
    return run<bug::divergent>();
  if (name == "warp")
    return run<bug::warp>();
  return 1;
}
