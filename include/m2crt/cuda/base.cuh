// What every kernel for GPUs stands on: the queue that launches go to, shared memory, warps, and the few instructions
// that C++ has no words for. The only file with PTX; each instruction has a second body for the CPU, on which the tests
// run the same kernels (test/Runtime/cuda_on_host).
#pragma once

#include <cuda_runtime.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

#if defined(M2C_CUDA_ON_HOST)
#  define M2CRT_DEVICE inline __attribute__((always_inline))
#  define M2CRT_UNROLLED
#else
#  define M2CRT_DEVICE __host__ __device__ __forceinline__
#  define M2CRT_UNROLLED _Pragma("unroll")
#endif

namespace m2crt {
namespace cuda {

/// Indices and sizes: 32 bits, since dividing 64 takes a GPU several times as long. No tensor has more elements.
using idx = int;

constexpr M2CRT_DEVICE idx ceil_div(idx a, idx b) { return (a + b - 1) / b; }

/// The arithmetic of matrix products of float32.
enum class arithmetic { fp32, tf32 };
#if !defined(M2CRT_ARITHMETIC)
#  define M2CRT_ARITHMETIC fp32
#endif
inline constexpr arithmetic model_arithmetic = arithmetic::M2CRT_ARITHMETIC;

// ---- launches -----------------------------------------------------------------------------------------------------

/// What kernels are put into. After an error it takes no more.
struct queue {
  cudaStream_t stream = nullptr;
  const char* kernel = "";  // whose launches come next
  cudaError_t error = cudaSuccess;
  const char *failed_kernel = "", *failed_call = "";
  /// Times, where someone asks for them: an event after each launch.
  struct mark {
    const char* kernel;
    cudaEvent_t event;
  };
  std::vector<mark>* marks = nullptr;

  /// Notes what a call of the runtime returned. Whether all is well.
  bool check(cudaError_t result, const char* call) {
    if (result == cudaSuccess || error != cudaSuccess) return error == cudaSuccess;
    error = result;
    failed_kernel = kernel;
    failed_call = call;
    return false;
  }
};

// T, which no argument decides.
template <class T>
struct same_type {
  using type = T;
};
template <class T>
using same = typename same_type<T>::type;

/// Runs `kernel` on a grid of blocks of `threads` threads with `shared_bytes` bytes of shared memory each.
template <class... Parameters>
inline void launch(queue& to, void (*kernel)(Parameters...), dim3 grid, idx threads, std::size_t shared_bytes,
                   same<Parameters>... arguments) {
  if (to.error != cudaSuccess) return;
  constexpr std::size_t without_asking = 48 * 1024;
  if (shared_bytes > without_asking &&
      !to.check(
          cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(shared_bytes)),
          "cudaFuncSetAttribute"))
    return;
  cudaLaunchConfig_t config{};
  config.gridDim = grid;
  config.blockDim = dim3(static_cast<unsigned>(threads));
  config.dynamicSmemBytes = shared_bytes;
  config.stream = to.stream;
  if (!to.check(cudaLaunchKernelEx(&config, kernel, arguments...), "cudaLaunchKernelEx")) return;
  if (to.marks != nullptr) {
    cudaEvent_t event{};
    if (!to.check(cudaEventCreate(&event), "cudaEventCreate")) return;
    to.check(cudaEventRecord(event, to.stream), "cudaEventRecord");
    to.marks->push_back({to.kernel, event});
  }
}

inline dim3 grid_of(idx x, idx y = 1, idx z = 1) {
  return dim3(static_cast<unsigned>(x), static_cast<unsigned>(y), static_cast<unsigned>(z));
}

/// The block's shared memory, as launched.
template <class S>
__device__ inline S& shared() {
#if defined(M2C_CUDA_ON_HOST)
  return *static_cast<S*>(cuda_on_host::block.shared);
#else
  extern __shared__ __align__(128) unsigned char shared_bytes[];
  return *reinterpret_cast<S*>(shared_bytes);
#endif
}

__device__ inline idx thread_index() { return static_cast<idx>(threadIdx.x); }
__device__ inline idx block_x() { return static_cast<idx>(blockIdx.x); }
__device__ inline idx block_y() { return static_cast<idx>(blockIdx.y); }
__device__ inline idx block_z() { return static_cast<idx>(blockIdx.z); }

/// Four floats at once, which lie at a multiple of 16 bytes.
__device__ inline float4 read_four(const float* from) {
#if defined(M2C_CUDA_ON_HOST)
  cuda_on_host::check_alignment(from, 16);
#endif
  return *reinterpret_cast<const float4*>(from);
}

// ---- warps --------------------------------------------------------------------------------------------------------

inline constexpr idx warp_size = 32;

/// combine over the values of a warp's threads; all get the result, in the same order of operations on every run.
template <class T, class Combine>
__device__ inline T warp_reduce(T value, Combine combine) {
  for (int mask = 16; mask > 0; mask /= 2) value = combine(value, __shfl_xor_sync(~0u, value, mask));
  return value;
}

// ---- asynchronous copies ------------------------------------------------------------------------------------------

/// Starts a copy of Bytes (4 or 16) bytes into shared memory; where not `valid`, of zeros, and `from` is not read.
template <int Bytes>
__device__ inline void copy_async(void* to, const void* from, bool valid) {
#if defined(M2C_CUDA_ON_HOST)
  cuda_on_host::copy_async(to, from, Bytes, valid ? Bytes : 0);
#else
  const unsigned address = static_cast<unsigned>(__cvta_generic_to_shared(to));
  if constexpr (Bytes == 16)
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(address), "l"(from), "r"(valid ? 16 : 0)
                 : "memory");
  else
    asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(address), "l"(from), "r"(valid ? 4 : 0)
                 : "memory");
#endif
}
/// Makes one group of the copies started since the last group.
__device__ inline void commit_copies() {
#if defined(M2C_CUDA_ON_HOST)
  cuda_on_host::commit_copies();
#else
  asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}
/// Until at most Left of this thread's groups are under way.
template <int Left>
__device__ inline void wait_for_copies() {
#if defined(M2C_CUDA_ON_HOST)
  cuda_on_host::wait_for_copies(Left);
#else
  asm volatile("cp.async.wait_group %0;" ::"n"(Left) : "memory");
#endif
}

// ---- tensor cores -------------------------------------------------------------------------------------------------

/// A word of a fragment from shared memory, which all threads of the warp read together.
__device__ inline float read_fragment(const float* from) {
#if defined(M2C_CUDA_ON_HOST)
  cuda_on_host::note_read(from);
#endif
  return *from;
}
/// x rounded to tf32, to nearest.
__device__ inline std::uint32_t round_tf32(float x) {
#if defined(M2C_CUDA_ON_HOST)
  std::uint32_t bits;
  std::memcpy(&bits, &x, 4);
  return x != x ? bits : (bits + 0x1000u) & 0xffffe000u;
#else
  std::uint32_t bits;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(x));
  return bits;
#endif
}
/// c[16][8] += a[16][8] * b[8][8] by the warp. With group = lane / 4 and t = lane % 4 a thread has
///   a: (group, t), (group + 8, t), (group, t + 4), (group + 8, t + 4)     b: (t, group), (t + 4, group)
///   c: (group, 2t), (group, 2t + 1), (group + 8, 2t), (group + 8, 2t + 1)
__device__ inline void tensor_product(float (&c)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2]) {
#if defined(M2C_CUDA_ON_HOST)
  cuda_on_host::product_tf32(c, a, b);
#else
  asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
      "{%0, %1, %2, %3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#endif
}

}  // namespace cuda
}  // namespace m2crt
