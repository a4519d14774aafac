// Matrix products C[M,N] = finish(A[M,K] * B[K,N]) for matrices and for convolutions, whose A is made of the windows of
// a channels-last image.
//
// A problem P gives, in elements:
//   m, n, k, batches
//   a_row(m) + a_column(k) + a_batch(z)    where an element of A lies: a sum, because borders are part of the image
//   b_row, b_column, b_batch(z)            the strides of B
//   c_row(m) + c_batch(z)                  where a row of C starts; its columns are consecutive
//   a_runs, b_runs                         whether groups of four along k (of A) and n (of B) lie in one run, aligned
//                                          to 16 bytes as far as strides decide it
//   finish(f, acc, z, m, n)                the epilogue's call
//
// Tiles of A and B pass through shared memory, several under way at once (cp.async); their rows are padded so that the
// threads of a warp never meet in a bank. Sums are in float32, over k in one order that the shape decides.
#pragma once

#include "m2crt/cuda/lanes.cuh"

namespace m2crt {
namespace cuda {

/// How a block of WarpsM x WarpsN warps shares a tile of M x N, and how many steps of K are under way.
template <idx M, idx N, idx K, idx WarpsM, idx WarpsN, idx Stages>
struct product_tile {
  static constexpr idx m = M, n = N, k = K, stages = Stages;
  static constexpr idx warps_m = WarpsM, warps_n = WarpsN, threads = WarpsM * WarpsN * warp_size;
  // 4 (8) words beyond a multiple of 32 in turn: rows of A by columns of B lie in different banks.
  static constexpr idx a_pitch = K + 4, b_pitch = N + 8;
  struct memory {
    alignas(16) float a[Stages][M][a_pitch];
    alignas(16) float b[Stages][K][b_pitch];
  };
};

/// Four consecutive floats in shared memory from `from`, or zeros.
__device__ inline void copy_four(float* to, const float* from, bool valid, bool aligned) {
  if (aligned)
    copy_async<16>(to, from, valid);
  else
    M2CRT_UNROLLED
  for (idx i = 0; i < 4; ++i) copy_async<4>(to + i, valid ? from + i : from, valid);
}

/// Brings tiles of A and B into shared memory. VA and VB elements (4 or 1) are copied at a time.
template <class P, class Tile, idx VA, idx VB>
struct tile_loader {
  static constexpr idx a_chunks = Tile::k / VA, a_rows = Tile::threads / a_chunks, a_passes = Tile::m / a_rows;
  static constexpr idx b_chunks = Tile::n / VB, b_rows = Tile::threads / b_chunks, b_passes = Tile::k / b_rows;
  static_assert(a_passes * a_rows == Tile::m && b_passes * b_rows == Tile::k);

  const float *a, *b;
  bool a_aligned, b_aligned, b_valid;
  idx a_chunk, a_first, b_chunk, b_first;
  idx a_offset[a_passes];

  __device__ tile_loader(const float* a, const float* b, bool a_aligned, bool b_aligned, idx m0, idx n0)
      : a(a), b(b), a_aligned(a_aligned), b_aligned(b_aligned) {
    const idx thread = thread_index();
    a_chunk = thread % a_chunks * VA;
    a_first = thread / a_chunks;
    b_chunk = thread % b_chunks * VB;
    b_first = thread / b_chunks;
    M2CRT_UNROLLED
    for (idx p = 0; p < a_passes; ++p) {
      const idx row = m0 + a_first + p * a_rows;
      a_offset[p] = row < P::m ? P::a_row(row) : -1;
    }
    b_valid = n0 + b_chunk < P::n;
    if (b_valid) this->b += (n0 + b_chunk) * P::b_column;
  }

  __device__ void load(typename Tile::memory& memory, idx stage, idx k0) const {
    const idx k = k0 + a_chunk;
    const bool k_valid = k < P::k;
    const float* column = a + (k_valid ? P::a_column(k) : 0);
    M2CRT_UNROLLED
    for (idx p = 0; p < a_passes; ++p) {
      const bool valid = k_valid && a_offset[p] >= 0;
      const float* from = valid ? column + a_offset[p] : a;
      float* to = &memory.a[stage][a_first + p * a_rows][a_chunk];
      if constexpr (VA == 4)
        copy_four(to, from, valid, a_aligned);
      else
        copy_async<4>(to, from, valid);
    }
    M2CRT_UNROLLED
    for (idx p = 0; p < b_passes; ++p) {
      const idx row = k0 + b_first + p * b_rows;
      const bool valid = b_valid && row < P::k;
      const float* from = valid ? b + row * P::b_row : b;
      float* to = &memory.b[stage][b_first + p * b_rows][b_chunk];
      if constexpr (VB == 4)
        copy_four(to, from, valid, b_aligned);
      else
        copy_async<4>(to, from, valid);
    }
  }
};

/// The sums of a thread, by multiply-adds: its rows are 8 apart, its columns four in a row.
template <class Tile>
struct simt_sums {
  static constexpr idx m = Tile::m / Tile::warps_m, n = Tile::n / Tile::warps_n;  // of a warp
  static constexpr idx rows = m / 8, columns = n / 16;
  static_assert(rows * 8 == m && columns * 16 == n);
  float acc[rows][columns][4] = {};
  idx row, column;

  __device__ simt_sums() {
    const idx lane = thread_index() % warp_size, warp = thread_index() / warp_size;
    row = warp / Tile::warps_n * m + lane / 4;
    column = warp % Tile::warps_n * n + lane % 4 * 4;
  }
  __device__ void add(const typename Tile::memory& memory, idx stage) {
    M2CRT_UNROLLED
    for (idx k = 0; k < Tile::k; k += 4) {
      float a[rows][4];
      M2CRT_UNROLLED
      for (idx i = 0; i < rows; ++i) {
        const float4 v = read_four(&memory.a[stage][row + i * 8][k]);
        a[i][0] = v.x, a[i][1] = v.y, a[i][2] = v.z, a[i][3] = v.w;
      }
      M2CRT_UNROLLED
      for (idx s = 0; s < 4; ++s) {
        M2CRT_UNROLLED
        for (idx j = 0; j < columns; ++j) {
          const float4 b = read_four(&memory.b[stage][k + s][column + j * 16]);
          M2CRT_UNROLLED
          for (idx i = 0; i < rows; ++i) {
            acc[i][j][0] += a[i][s] * b.x;
            acc[i][j][1] += a[i][s] * b.y;
            acc[i][j][2] += a[i][s] * b.z;
            acc[i][j][3] += a[i][s] * b.w;
          }
        }
      }
    }
  }
  /// f(row, column, sum) for each.
  template <class F>
  __device__ void for_each(F f) const {
    M2CRT_UNROLLED
    for (idx i = 0; i < rows; ++i) M2CRT_UNROLLED
    for (idx j = 0; j < columns; ++j) M2CRT_UNROLLED
    for (idx s = 0; s < 4; ++s) f(row + i * 8, column + j * 16 + s, acc[i][j][s]);
  }
};

/// The sums of a thread, by tensor cores.
template <class Tile>
struct tensor_sums {
  static constexpr idx m = Tile::m / Tile::warps_m, n = Tile::n / Tile::warps_n;
  static constexpr idx rows = m / 16, columns = n / 8;
  static_assert(rows * 16 == m && columns * 8 == n);
  float acc[rows][columns][4] = {};
  idx row, column, group, t;

  __device__ tensor_sums() {
    const idx lane = thread_index() % warp_size, warp = thread_index() / warp_size;
    row = warp / Tile::warps_n * m;
    column = warp % Tile::warps_n * n;
    group = lane / 4;
    t = lane % 4;
  }
  __device__ void add(const typename Tile::memory& memory, idx stage) {
    M2CRT_UNROLLED
    for (idx k = 0; k < Tile::k; k += 8) {
      std::uint32_t a[rows][4], b[columns][2];
      M2CRT_UNROLLED
      for (idx i = 0; i < rows; ++i) M2CRT_UNROLLED
      for (idx r = 0; r < 4; ++r)
        a[i][r] = round_tf32(read_fragment(&memory.a[stage][row + i * 16 + group + r % 2 * 8][k + t + r / 2 * 4]));
      M2CRT_UNROLLED
      for (idx j = 0; j < columns; ++j) M2CRT_UNROLLED
      for (idx r = 0; r < 2; ++r)
        b[j][r] = round_tf32(read_fragment(&memory.b[stage][k + t + r * 4][column + j * 8 + group]));
      M2CRT_UNROLLED
      for (idx i = 0; i < rows; ++i) M2CRT_UNROLLED
      for (idx j = 0; j < columns; ++j) tensor_product(acc[i][j], a[i], b[j]);
    }
  }
  template <class F>
  __device__ void for_each(F f) const {
    M2CRT_UNROLLED
    for (idx i = 0; i < rows; ++i) M2CRT_UNROLLED
    for (idx j = 0; j < columns; ++j) M2CRT_UNROLLED
    for (idx r = 0; r < 4; ++r) f(row + i * 16 + group + r / 2 * 8, column + j * 8 + t * 2 + r % 2, acc[i][j][r]);
  }
};

template <class P, class Tile, arithmetic Math, idx VA, idx VB, class Finish>
__global__ void __launch_bounds__(Tile::threads)
    product_kernel(const float* a, const float* b, float* c, bool a_aligned, bool b_aligned, Finish finish) {
  auto& memory = shared<typename Tile::memory>();
  const idx m0 = block_x() * Tile::m, n0 = block_y() * Tile::n, z = block_z();
  const tile_loader<P, Tile, VA, VB> loader(a + P::a_batch(z), b + P::b_batch(z), a_aligned, b_aligned, m0, n0);
  std::conditional_t<Math == arithmetic::tf32, tensor_sums<Tile>, simt_sums<Tile>> sums;
  constexpr idx steps = ceil_div(P::k, Tile::k);
  for (idx s = 0; s < Tile::stages - 1; ++s) {
    if (s < steps) loader.load(memory, s, s * Tile::k);
    commit_copies();
  }
  for (idx step = 0; step < steps; ++step) {
    wait_for_copies<Tile::stages - 2>();
    __syncthreads();  // this step's tiles are there, and the step before is read by all
    if (const idx next = step + Tile::stages - 1; next < steps)
      loader.load(memory, next % Tile::stages, next * Tile::k);
    commit_copies();
    sums.add(memory, step % Tile::stages);
  }
  sums.for_each([&](idx row, idx column, float sum) {
    const idx m = m0 + row, n = n0 + column;
    if (m < P::m && n < P::n) c[P::c_batch(z) + P::c_row(m) + n] = P::finish(finish, sum, z, m, n);
  });
}

/// Few rows: a column per thread of a warp, each with all rows; the warps of a block share k.
template <class P, class Finish>
__global__ void __launch_bounds__(256) product_rows_kernel(const float* a, const float* b, float* c, Finish finish) {
  constexpr idx shares = 8;
  struct memory {
    float parts[shares][P::m][warp_size];
  };
  auto& parts = shared<memory>().parts;
  const idx lane = thread_index() % warp_size, share = thread_index() / warp_size, z = block_z();
  const idx n = block_x() * warp_size + lane;
  a += P::a_batch(z);
  b += P::b_batch(z);
  float acc[P::m] = {};
  if (n < P::n) {
    const float* column = b + n * P::b_column;
#if !defined(M2C_CUDA_ON_HOST)
#  pragma unroll 4
#endif
    for (idx k = share; k < P::k; k += shares) {
      const float x = column[k * P::b_row];
      M2CRT_UNROLLED
      for (idx m = 0; m < P::m; ++m) acc[m] += a[P::a_row(m) + P::a_column(k)] * x;
    }
  }
  M2CRT_UNROLLED
  for (idx m = 0; m < P::m; ++m) parts[share][m][lane] = acc[m];
  __syncthreads();
  for (idx m = share; m < P::m; m += shares) {
    float sum = 0;
    M2CRT_UNROLLED
    for (idx s = 0; s < shares; ++s) sum += parts[s][m][lane];
    if (n < P::n) c[P::c_batch(z) + P::c_row(m) + n] = P::finish(finish, sum, z, m, n);
  }
}

/// Types that are no float32: a thread per element.
template <class P, class T, class Finish>
__global__ void __launch_bounds__(256) product_plain_kernel(const T* a, const T* b, T* c, Finish finish) {
  const idx i = block_x() * 256 + thread_index(), m = i / P::n, n = i % P::n, z = block_z();
  if (m >= P::m) return;
  a += P::a_batch(z) + P::a_row(m);
  b += P::b_batch(z) + n * P::b_column;
  T acc{};
  for (idx k = 0; k < P::k; ++k) acc = static_cast<T>(acc + a[P::a_column(k)] * b[k * P::b_row]);
  c[P::c_batch(z) + P::c_row(m) + n] = P::finish(finish, acc, z, m, n);
}

inline bool is_aligned(const void* p) { return reinterpret_cast<std::uintptr_t>(p) % 16 == 0; }

/// What the second and third dimension of a grid can be.
inline constexpr idx most_batches = 65535;
/// Blocks that keep a large GPU busy.
inline constexpr std::int64_t full_gpu = 128;
template <class P, class Tile>
constexpr std::int64_t count_tiles() {
  return std::int64_t{ceil_div(P::m, Tile::m)} * ceil_div(P::n, Tile::n) * P::batches;
}

template <class P, arithmetic Math, class T, class Finish>
inline void product(queue& to, const T* a, const T* b, T* c, Finish finish) {
  if constexpr (P::m == 0 || P::n == 0 || P::batches == 0) {
  } else if constexpr (!std::is_same_v<T, float>) {
    static_assert(P::batches <= most_batches);
    launch(to, product_plain_kernel<P, T, Finish>, grid_of(ceil_div(P::m * P::n, 256), 1, P::batches), 256, 0, a, b, c,
           finish);
  } else if constexpr (P::m <= 8) {
    launch(to, product_rows_kernel<P, Finish>, grid_of(ceil_div(P::n, warp_size), 1, P::batches), 256,
           256 * P::m * sizeof(float), a, b, c, finish);
  } else {
    // Large tiles read shared memory less often, but only where they still fill a GPU.
    using large = product_tile<128, 128, 16, 2, 4, 4>;
    using middle = product_tile<64, 64, 32, 2, 2, 3>;
    using small = product_tile<32, 32, 32, 2, 2, 3>;
    using tile = std::conditional_t<(count_tiles<P, large>() >= full_gpu), large,
                                    std::conditional_t<(count_tiles<P, middle>() >= full_gpu), middle, small>>;
    constexpr idx va = P::a_runs ? 4 : 1, vb = P::b_runs ? 4 : 1;
    static_assert(ceil_div(P::n, tile::n) <= most_batches && P::batches <= most_batches);
    launch(to, product_kernel<P, tile, Math, va, vb, Finish>,
           grid_of(ceil_div(P::m, tile::m), ceil_div(P::n, tile::n), P::batches), tile::threads,
           sizeof(typename tile::memory), a, b, c, is_aligned(a), is_aligned(b), finish);
  }
}

}  // namespace cuda
}  // namespace m2crt
