// The kernels for GPUs against naive references in double, on the CPU (cuda_on_host).
#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "m2crt/cuda/attention.cuh"
#include "m2crt/cuda/conv.cuh"
#include "m2crt/cuda/depthwise.cuh"
#include "m2crt/cuda/gemm.cuh"
#include "m2crt/cuda/instance.cuh"
#include "m2crt/cuda/pool.cuh"
#include "m2crt/cuda/recurrent.cuh"
#include "m2crt/cuda/rows.cuh"
#include "m2crt/cuda/transpose.cuh"
#include "m2crt/recurrent.h"

namespace {

namespace rt = m2crt::cuda;
using rt::arithmetic;
using rt::idx;

/// Device memory with random numbers.
struct device_array {
  explicit device_array(idx n, unsigned seed = 1) : n(n) {
    cudaMalloc(&data, static_cast<std::size_t>(n) * sizeof(float));
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    for (idx i = 0; i < n; ++i) data[i] = normal(random);
  }
  device_array(const device_array&) = delete;
  ~device_array() { cudaFree(data); }
  operator float*() const { return data; }
  float* data = nullptr;
  idx n;
};

class CudaTest : public testing::Test {
 protected:
  CudaTest() { cudaStreamCreateWithFlags(&queue.stream, cudaStreamNonBlocking); }
  ~CudaTest() override { cudaStreamDestroy(queue.stream); }
  void wait() {
    ASSERT_EQ(queue.error, cudaSuccess) << queue.failed_call;
    ASSERT_EQ(cudaStreamSynchronize(queue.stream), cudaSuccess);
  }
  rt::queue queue;
};

/// |got - expected| <= tolerance * the largest expected; NaN is far from everything.
void expect_close(const std::vector<double>& expected, const float* got, double tolerance) {
  double largest = 0;
  for (double x : expected) largest = std::max(largest, std::fabs(x));
  for (std::size_t i = 0; i < expected.size(); ++i)
    ASSERT_TRUE(std::fabs(got[i] - expected[i]) <= tolerance * largest) << i << ": " << got[i] << ", " << expected[i];
}

// ---- matrix products ----------------------------------------------------------------------------------------------

template <idx M, idx N, idx K, idx Panel, bool Transposed = false, idx Batches = 1>
struct gemm_shape {
  static constexpr idx m = M, n = N, k = K, a_row = K, a_column = 1, c_row = N, batch_0 = 1, batch_1 = Batches,
                       batch_2 = 1;
  static constexpr idx b_row = Transposed ? 1 : Panel, b_column = Transposed ? K : 1;
  static constexpr idx a_batch_0 = 0, a_batch_1 = M * K, a_batch_2 = 0, b_batch_0 = 0, b_batch_1 = K * Panel,
                       b_batch_2 = 0;
  static constexpr idx c_batch_0 = 0, c_batch_1 = M * N, c_batch_2 = 0;
  static constexpr bool b_padded = !Transposed;
};
struct add_bias {
  const float* bias;
  M2CRT_DEVICE float operator()(float acc, idx, idx, idx n) const { return rt::relu(acc + bias[n]); }
};

class CudaGemmTest : public CudaTest {
 protected:
  template <class S, arithmetic Math>
  void check(idx misaligned = 0) {
    device_array a(S::batch_1 * S::m * S::k + misaligned), b(S::batch_1 * S::b_batch_1, 2),
        c(S::batch_1 * S::m * S::n, 3), bias(S::n, 4);
    rt::gemm<S, Math>(queue, a + misaligned, b.data, c.data, add_bias{bias});
    wait();
    std::vector<double> expected;
    for (idx z = 0; z < S::batch_1; ++z)
      for (idx m = 0; m < S::m; ++m)
        for (idx n = 0; n < S::n; ++n) {
          double sum = bias[n];
          for (idx k = 0; k < S::k; ++k)
            sum += double{a[misaligned + z * S::a_batch_1 + m * S::k + k]} *
                   b[z * S::b_batch_1 + k * S::b_row + n * S::b_column];
          expected.push_back(std::max(sum, 0.0));
        }
    expect_close(expected, c, Math == arithmetic::tf32 ? 1e-3 : 1e-6);
  }
};

TEST_F(CudaGemmTest, TakesRowsThatDoNotFillATile) {
  check<gemm_shape<65, 70, 44, 72>, arithmetic::fp32>();
  check<gemm_shape<9, 5, 3, 8>, arithmetic::fp32>();
  check<gemm_shape<65, 70, 44, 72>, arithmetic::tf32>();
  check<gemm_shape<130, 3, 33, 4>, arithmetic::tf32>();
}
TEST_F(CudaGemmTest, TakesFewRows) {
  check<gemm_shape<1, 70, 44, 72>, arithmetic::tf32>();
  check<gemm_shape<8, 33, 7, 36>, arithmetic::tf32>();
}
TEST_F(CudaGemmTest, TakesATransposedRightSideAndBatches) {
  check<gemm_shape<20, 30, 17, 30, true, 3>, arithmetic::fp32>();
  check<gemm_shape<20, 30, 16, 30, true, 3>, arithmetic::tf32>();
}
TEST_F(CudaGemmTest, TakesRowsThatAreNotAligned) { check<gemm_shape<40, 24, 32, 24>, arithmetic::tf32>(3); }
TEST_F(CudaGemmTest, UsesLargeTiles) { check<gemm_shape<1030, 260, 20, 260, false, 5>, arithmetic::tf32>(); }
TEST_F(CudaGemmTest, MeetsNoBankConflicts) {
  cuda_on_host::count = {};
  check<gemm_shape<64, 64, 64, 64>, arithmetic::tf32>();
  check<gemm_shape<1030, 260, 20, 260, false, 5>, arithmetic::tf32>();
  EXPECT_GT(cuda_on_host::count.tensor_products, 0);
  EXPECT_EQ(cuda_on_host::count.conflicts, 0);
}

// ---- images -------------------------------------------------------------------------------------------------------

template <idx Channels, idx Outputs, idx Groups, idx Stride, idx Dilation>
struct conv_shape {
  static constexpr idx batch = 2, out_h = 5, out_w = 4, in_channels = Channels, out_channels = Outputs, groups = Groups;
  static constexpr idx channels = Channels, kernel_h = 3, kernel_w = 2, stride_h = Stride, stride_w = Stride;
  static constexpr idx dilation_h = Dilation, dilation_w = Dilation;
  static constexpr idx in_h = (out_h - 1) * Stride + 2 * Dilation + 1, in_w = (out_w - 1) * Stride + Dilation + 1;
  static constexpr idx in_pixel = Channels + 4, in_row = in_w * in_pixel, in_batch = in_h * in_row;
  static constexpr idx out_pixel = Outputs + 1, out_row = out_w * out_pixel, out_batch = out_h * out_row;
  static constexpr idx panel = (Outputs / Groups + 3) / 4 * 4;
};
struct add_channel {
  const float* bias;
  M2CRT_DEVICE float operator()(float acc, idx n, idx oh, idx, idx c) const { return acc + bias[c] + float(n - oh); }
};

class CudaConvTest : public CudaTest {
 protected:
  /// `tap(kh, kw, group's channel, output)` is the weight's place.
  template <class S, class Tap>
  void compare(const device_array& in, const device_array& filter, const device_array& out, const device_array& bias,
               idx channels, Tap tap, double tolerance) {
    double largest = 0, worst = 0;
    for (idx n = 0; n < S::batch; ++n)
      for (idx oh = 0; oh < S::out_h; ++oh)
        for (idx ow = 0; ow < S::out_w; ++ow)
          for (idx o = 0; o < S::out_channels; ++o) {
            const idx group = o / (S::out_channels / S::groups);
            double sum = double{bias[o]} + n - oh;
            for (idx kh = 0; kh < S::kernel_h; ++kh)
              for (idx kw = 0; kw < S::kernel_w; ++kw)
                for (idx c = 0; c < channels; ++c)
                  sum += double{in[n * S::in_batch + (oh * S::stride_h + kh * S::dilation_h) * S::in_row +
                                   (ow * S::stride_w + kw * S::dilation_w) * S::in_pixel + group * channels + c]} *
                         filter[tap(kh, kw, c, o)];
            const float got = out[n * S::out_batch + oh * S::out_row + ow * S::out_pixel + o];
            ASSERT_EQ(got, got);
            largest = std::max(largest, std::fabs(sum));
            worst = std::max(worst, std::fabs(sum - got));
          }
    EXPECT_LE(worst, tolerance * largest);
  }
  template <class S, arithmetic Math>
  void check() {
    constexpr idx channels = S::in_channels / S::groups, outputs = S::out_channels / S::groups;
    device_array in(S::batch * S::in_batch), filter(S::groups * 6 * channels * S::panel, 2),
        out(S::batch * S::out_batch, 3), bias(S::out_channels, 4);
    rt::conv<S, Math>(queue, in.data, filter.data, out.data, add_channel{bias});
    wait();
    auto tap = [&](idx kh, idx kw, idx c, idx o) {
      return ((o / outputs * 6 + kh * 2 + kw) * channels + c) * S::panel + o % outputs;
    };
    compare<S>(in, filter, out, bias, channels, tap, Math == arithmetic::tf32 ? 1e-3 : 1e-6);
  }
};

TEST_F(CudaConvTest, TakesStridesDilationsAndGroups) {
  check<conv_shape<3, 10, 1, 1, 1>, arithmetic::fp32>();
  check<conv_shape<8, 10, 1, 2, 1>, arithmetic::tf32>();
  check<conv_shape<8, 12, 2, 1, 2>, arithmetic::tf32>();
  check<conv_shape<6, 4, 2, 2, 1>, arithmetic::fp32>();
}
TEST_F(CudaConvTest, WorksByChannel) {
  using S = conv_shape<7, 7, 7, 2, 1>;
  device_array in(S::batch * S::in_batch), filter(6 * 7, 2), out(S::batch * S::out_batch, 3), bias(7, 4);
  rt::depthwise<S>(queue, in.data, filter.data, out.data, add_channel{bias});
  wait();
  compare<S>(in, filter, out, bias, 1, [](idx kh, idx kw, idx, idx o) { return (kh * 2 + kw) * 7 + o; }, 1e-6);
}

struct pool_shape {
  static constexpr idx batch = 2, in_h = 7, in_w = 6, channels = 5, out_h = 4, out_w = 4, kernel_h = 3, kernel_w = 3;
  static constexpr idx stride_h = 2, stride_w = 2, dilation_h = 1, dilation_w = 1;
  static constexpr idx pad_top = 1, pad_left = 1, pad_bottom = 1, pad_right = 2;
  static constexpr idx in_batch = 210, in_row = 30, in_pixel = 5, out_batch = 80, out_row = 20, out_pixel = 5;
  static constexpr bool count_include_pad = true;
};
struct plane_shape : pool_shape {
  static constexpr idx out_batch = 5;
};
using CudaPoolTest = CudaTest;
TEST_F(CudaPoolTest, ClipsWindows) {
  using S = pool_shape;
  device_array in(420), largest(160, 2), mean(160, 3), whole(10, 4);
  rt::max_pool<S>(queue, in.data, largest.data, rt::keep{});
  rt::average_pool<S>(queue, in.data, mean.data, rt::keep{});
  rt::global_average_pool<plane_shape>(queue, in.data, whole.data, rt::keep{});
  wait();
  std::vector<double> maxima, means, planes;
  for (idx n = 0; n < 2; ++n)
    for (idx oh = 0; oh < 4; ++oh)
      for (idx ow = 0; ow < 4; ++ow)
        for (idx c = 0; c < 5; ++c) {
          double best = -1e9, sum = 0;
          idx padded = 0;
          for (idx h = oh * 2 - 1; h < oh * 2 + 2; ++h)
            for (idx w = ow * 2 - 1; w < ow * 2 + 2; ++w) {
              padded += h < 7 + 1 && w < 6 + 2;
              if (h < 0 || w < 0 || h >= 7 || w >= 6) continue;
              best = std::max(best, double{in[n * 210 + h * 30 + w * 5 + c]});
              sum += in[n * 210 + h * 30 + w * 5 + c];
            }
          maxima.push_back(best);
          means.push_back(sum / padded);
        }
  for (idx n = 0; n < 2; ++n)
    for (idx c = 0; c < 5; ++c) {
      double sum = 0;
      for (idx i = 0; i < 42; ++i) sum += in[n * 210 + i * 5 + c];
      planes.push_back(sum / 42);
    }
  expect_close(maxima, largest, 0);
  expect_close(means, mean, 1e-6);
  expect_close(planes, whole, 1e-5);
}

// ---- rows ---------------------------------------------------------------------------------------------------------

template <idx Length>
struct row_shape {
  static constexpr idx rows = 6, length = Length, outer_1 = 2, outer_2 = 1, step = 1;
  static constexpr idx x_0 = 2 * Length + 5, x_1 = Length, x_2 = 0, y_0 = 2 * Length, y_1 = Length, y_2 = 0;
};
struct place_shape : row_shape<40> {
  static constexpr idx y_0 = 2, y_1 = 1;
};
class CudaRowsTest : public CudaTest {
 protected:
  template <idx Length>
  void check() {
    using S = row_shape<Length>;
    device_array x(3 * S::x_0), soft(6 * Length, 2), logs(6 * Length, 3), norm(6 * Length, 4);
    rt::softmax<S>(queue, x.data, soft.data, rt::keep{});
    rt::log_softmax<S>(queue, x.data, logs.data, rt::keep{});
    rt::layer_norm<S>(queue, x.data, norm.data, 1e-5f, rt::keep{});
    wait();
    std::vector<double> softmax, log_softmax, layer_norm;
    for (idx r = 0; r < 6; ++r) {
      const float* row = x + r / 2 * S::x_0 + r % 2 * S::x_1;
      double total = 0, mean = 0, square = 0;
      for (idx i = 0; i < Length; ++i) total += std::exp(double{row[i]}), mean += double{row[i]} / Length;
      for (idx i = 0; i < Length; ++i) square += (row[i] - mean) * (row[i] - mean) / Length;
      for (idx i = 0; i < Length; ++i) {
        softmax.push_back(std::exp(double{row[i]}) / total);
        log_softmax.push_back(row[i] - std::log(total));
        layer_norm.push_back((row[i] - mean) / std::sqrt(square + 1e-5));
      }
    }
    expect_close(softmax, soft, 1e-5);
    expect_close(log_softmax, logs, 1e-5);
    expect_close(layer_norm, norm, 1e-5);
  }
};
TEST_F(CudaRowsTest, TakesRowsOfAnyLength) {
  check<3>();
  check<300>();
  check<1500>();
}
TEST_F(CudaRowsTest, FindsTheFirstAndTheLastExtreme) {
  using S = row_shape<40>;
  device_array x(3 * S::x_0);
  for (idx i : {7, 30}) x[i] = 9;
  x[40 + 35] = std::nanf("");
  std::int64_t* y = nullptr;
  cudaMalloc(&y, 12 * sizeof *y);
  rt::arg_reduce<place_shape, true, false>(queue, x.data, y);
  rt::arg_reduce<place_shape, true, true>(queue, x.data, y + 6);
  wait();
  EXPECT_EQ(y[0], 7);
  EXPECT_EQ(y[6], 30);
  EXPECT_EQ(y[1], 35);
  cudaFree(y);
}

template <bool Columns>
struct sums {
  using type = float;
  static constexpr idx outputs = 70, terms = 300;
  static constexpr bool columns = Columns;
  const float* x;
  float* y;
  static __device__ float identity() { return 0; }
  static __device__ float combine(float a, float b) { return a + b; }
  __device__ float term(idx o, idx r) const { return Columns ? x[r * 70 + o] : x[o * 300 + r]; }
  __device__ void finish(idx o, float total) const { y[o] = total; }
};
using CudaReduceTest = CudaTest;
TEST_F(CudaReduceTest, AddsRowsAndColumns) {
  device_array x(70 * 300), y(140, 2);
  rt::reduce(queue, sums<false>{x, y});
  rt::reduce(queue, sums<true>{x, y + 70});
  wait();
  std::vector<double> expected(140);
  for (idx o = 0; o < 70; ++o)
    for (idx r = 0; r < 300; ++r) {
      expected[static_cast<std::size_t>(o)] += x[o * 300 + r];
      expected[static_cast<std::size_t>(70 + o)] += x[r * 70 + o];
    }
  expect_close(expected, y, 1e-5);
}

struct transpose_shape {
  static constexpr idx rows = 35, columns = 70, x_row = 73, y_column = 37, outer_0 = 1, outer_1 = 1, outer_2 = 2;
  static constexpr idx x_0 = 0, x_1 = 0, x_2 = 35 * 73, y_0 = 0, y_1 = 0, y_2 = 70 * 37;
};
using CudaTransposeTest = CudaTest;
TEST_F(CudaTransposeTest, GoesThroughSquares) {
  device_array x(2 * 35 * 73), y(2 * 70 * 37, 2);
  rt::transpose<transpose_shape>(queue, x.data, y.data);
  wait();
  for (idx z = 0; z < 2; ++z)
    for (idx r = 0; r < 35; ++r)
      for (idx c = 0; c < 70; ++c) ASSERT_EQ(y[z * 70 * 37 + c * 37 + r], x[z * 35 * 73 + r * 73 + c]);
}

// ---- attention ----------------------------------------------------------------------------------------------------

template <bool Causal>
struct attention_shape {
  static constexpr idx batch = 2, heads = 3, queries = 37, keys = 45, width = 10, value_width = 12;
  static constexpr idx q_batch = 37 * 30, q_head = 10, q_row = 30, q_column = 1, k_batch = 45 * 30, k_head = 10,
                       k_row = 30, k_column = 1, v_batch = 45 * 36, v_head = 12, v_row = 36, v_column = 1,
                       out_batch = 37 * 36, out_head = 12, out_row = 36;
  static constexpr bool causal = Causal;
};
struct add_mask {
  const float* mask;
  M2CRT_DEVICE float operator()(float acc, idx, idx, idx q, idx k) const { return acc + mask[q * 45 + k]; }
};
class CudaAttentionTest : public CudaTest {
 protected:
  template <bool Causal>
  void check() {
    using S = attention_shape<Causal>;
    device_array q(2 * S::q_batch), k(2 * S::k_batch, 2), v(2 * S::v_batch, 3), out(2 * S::out_batch, 4),
        mask(37 * 45, 5);
    for (idx i = 0; i < 45; ++i) mask[11 * 45 + i] = -std::numeric_limits<float>::infinity();  // sees nothing
    rt::attention<S>(queue, q, k, v, out, 0.3f, add_mask{mask});
    wait();
    std::vector<double> expected(static_cast<std::size_t>(2 * S::out_batch));
    for (idx b = 0; b < 2; ++b)
      for (idx h = 0; h < 3; ++h)
        for (idx i = 0; i < S::queries; ++i) {
          std::vector<double> p;
          double total = 0;
          for (idx j = 0; j < (Causal ? std::min(i + 1, S::keys) : S::keys); ++j) {
            double score = 0;
            for (idx c = 0; c < S::width; ++c)
              score += double{q[b * S::q_batch + h * 10 + i * 30 + c]} * k[b * S::k_batch + h * 10 + j * 30 + c];
            p.push_back(std::exp(score * 0.3 + mask[i * 45 + j]));
            total += p.back();
          }
          for (idx c = 0; c < S::value_width; ++c)
            for (std::size_t j = 0; j < p.size() && total > 0; ++j)
              expected[static_cast<std::size_t>(b * S::out_batch + h * 12 + i * 36 + c)] +=
                  p[j] / total * v[b * S::v_batch + h * 12 + static_cast<idx>(j) * 36 + c];
        }
    expect_close(expected, out, 1e-5);
  }
};
TEST_F(CudaAttentionTest, TakesMasks) { check<false>(); }
TEST_F(CudaAttentionTest, TakesCausalMasks) { check<true>(); }

// ---- recurrences: as the kernels for the CPU, which have their own references ------------------------------------

template <bool Reverse, bool Linear>
struct recurrent_shape : m2crt::recurrent_defaults {
  static constexpr idx steps = 5, batch = 10, hidden = 35;
  static constexpr bool reverse = Reverse, linear_before_reset = Linear;
  static constexpr idx y_step = 350, y_row = 35;
};
template <idx Gates, bool Reverse, bool Linear, idx Width>
struct recurrent_gates : recurrent_shape<Reverse, Linear> {
  static constexpr idx projected_step = 350 * Gates, projected_row = 35 * Gates, width = Width;
};

class CudaRecurrentTest : public CudaTest {
 protected:
  std::vector<float> packed(const float* r, idx gates, idx width, bool split) {
    std::vector<float> to(static_cast<std::size_t>(m2crt::packed_recurrence_size(gates, 35, width, split)));
    (split ? m2crt::pack_recurrence_split<float> : m2crt::pack_recurrence<float>)(r, to.data(), gates, 35, width);
    return to;
  }
  static void expect_same(const std::vector<float>& expected, const float* got) {
    expect_close(std::vector<double>(expected.begin(), expected.end()), got, 1e-5);
  }
  device_array initial_h{350, 6}, initial_c{350, 7}, scratch{4 * 10 * 64, 8}, y{1750, 9}, h{350, 10}, c{350, 11},
      bias{105, 12};
  std::vector<float> expected_y = std::vector<float>(1750), expected_h = std::vector<float>(350),
                     expected_c = std::vector<float>(350), host_scratch = std::vector<float>(4 * 10 * 64);
  std::int32_t lengths[10] = {5, 1, 3, 5, 2, 4, 5, 5, 1, 3};
};

TEST_F(CudaRecurrentTest, RunsLstm) {
  device_array x(5 * 10 * 140), r(140 * 35, 2);
  for (idx i = 0; i < r.n; ++i) r[i] *= 0.2f;
  auto ours = packed(r, 4, 36, false), theirs = packed(r, 4, 8, false);
  rt::lstm<recurrent_gates<4, true, false, 36>>(queue, x, ours.data(), bias, initial_h, initial_c, lengths, y, h, c,
                                                scratch);
  wait();
  m2crt::lstm<recurrent_gates<4, true, false, 8>>(x, theirs.data(), bias, initial_h, initial_c, lengths,
                                                  expected_y.data(), expected_h.data(), expected_c.data(),
                                                  host_scratch.data());
  expect_same(expected_y, y);
  expect_same(expected_h, h);
  expect_same(expected_c, c);
}
TEST_F(CudaRecurrentTest, RunsGru) {
  device_array x(5 * 10 * 105), r(105 * 35, 2);
  for (idx i = 0; i < r.n; ++i) r[i] *= 0.2f;
  auto ours = packed(r, 3, 36, true), theirs = packed(r, 3, 8, true);
  rt::gru<recurrent_gates<3, false, false, 36>>(queue, x, ours.data(), bias, nullptr, lengths, y, h, scratch);
  wait();
  m2crt::gru<recurrent_gates<3, false, false, 8>>(x, theirs.data(), bias, nullptr, lengths, expected_y.data(),
                                                  expected_h.data(), host_scratch.data());
  expect_same(expected_y, y);
  expect_same(expected_h, h);
  ours = packed(r, 3, 36, false), theirs = packed(r, 3, 8, false);
  rt::gru<recurrent_gates<3, true, true, 36>>(queue, x, ours.data(), bias, initial_h, nullptr, y, h, scratch);
  wait();
  m2crt::gru<recurrent_gates<3, true, true, 8>>(x, theirs.data(), bias, initial_h, nullptr, expected_y.data(),
                                                expected_h.data(), host_scratch.data());
  expect_same(expected_y, y);
  expect_same(expected_h, h);
}
TEST_F(CudaRecurrentTest, RunsRnn) {
  device_array x(5 * 10 * 35), r(35 * 35, 2);
  for (idx i = 0; i < r.n; ++i) r[i] *= 0.2f;
  auto ours = packed(r, 1, 36, false), theirs = packed(r, 1, 8, false);
  rt::rnn<recurrent_gates<1, false, false, 36>>(queue, x, ours.data(), initial_h, nullptr, y, h, scratch);
  wait();
  m2crt::rnn<recurrent_gates<1, false, false, 8>>(x, theirs.data(), initial_h, nullptr, expected_y.data(),
                                                  expected_h.data(), host_scratch.data());
  expect_same(expected_y, y);
  expect_same(expected_h, h);
}

// ---- instances ----------------------------------------------------------------------------------------------------

const rt::argument_info arguments[] = {{64 * sizeof(float), false}, {64 * sizeof(float), true}};
struct doubled {
  const float *x, *weights;
  float* y;
  __device__ void operator()(idx i) const { y[i] = 2 * x[i] + weights[i]; }
};
void kernels(rt::queue& queue, void* const* a, unsigned char*, const unsigned char* weights) {
  queue.kernel = "doubled";
  rt::map(queue, 64,
          doubled{static_cast<const float*>(a[0]), reinterpret_cast<const float*>(weights), static_cast<float*>(a[1])});
}

TEST(CudaInstanceTest, ReplaysItsGraphAndSharesWeights) {
  rt::device_weights weights;
  float values[64], x[64], y[64];
  for (int i = 0; i < 64; ++i) values[i] = float(i);
  const rt::weight_part part{0, sizeof values, values};
  char error[256] = "";
  {
    rt::instance first, second;
    for (rt::instance* model : {&first, &second})
      ASSERT_TRUE(model->start(kernels, arguments, 2, 128, weights, &part, 1, sizeof values, error, sizeof error))
          << error;
    EXPECT_EQ(weights.users, 2u);
    for (int run = 0; run < 3; ++run)
      for (rt::instance* model : {&first, &second}) {
        for (int i = 0; i < 64; ++i) x[i] = float(run * i), y[i] = -1;
        void* pointers[] = {x, y};
        ASSERT_TRUE(model->run(pointers)) << error;
        for (int i = 0; i < 64; ++i) ASSERT_EQ(y[i], float(2 * run * i + i));
      }
    device_array in(64), out(64), other(64);
    cudaStream_t stream;
    cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);
    for (const device_array* to : {&out, &other, &out}) {
      (*to)[5] = -1;
      void* pointers[] = {in.data, to->data};
      ASSERT_TRUE(first.run_async(pointers, stream)) << error;
      cudaStreamSynchronize(stream);
      ASSERT_EQ((*to)[5], 2 * in[5] + 5);
    }
    cudaStreamDestroy(stream);
  }
  EXPECT_EQ(weights.data, nullptr);
  EXPECT_EQ(cuda_on_host::allocations, 0);
}

TEST(CudaInstanceTest, SaysWhatFails) {
  rt::device_weights weights;
  char error[256] = "";
  setenv("CUDA_ON_HOST_DEVICES", "0", 1);
  {
    rt::instance model;
    EXPECT_FALSE(model.start(kernels, arguments, 2, 128, weights, nullptr, 0, 0, error, sizeof error));
    EXPECT_STREQ(error, "cudaGetDeviceCount failed: no CUDA-capable device is detected");
  }
  unsetenv("CUDA_ON_HOST_DEVICES");
  setenv("CUDA_ON_HOST_MEMORY", "1000", 1);
  {
    rt::instance model;
    EXPECT_FALSE(model.start(kernels, arguments, 2, 4096, weights, nullptr, 0, 0, error, sizeof error));
    EXPECT_STREQ(error, "cudaMalloc for the arena of 4096 bytes failed: out of memory");
  }
  unsetenv("CUDA_ON_HOST_MEMORY");
  EXPECT_EQ(cuda_on_host::allocations, 0);
}

}  // namespace
