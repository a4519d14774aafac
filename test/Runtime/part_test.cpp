// Kernels in parts: together they give the bits of the whole, however many there are. (What the whole gives is compared
// with references in the kernels' own tests.)
#include <gtest/gtest.h>
#include <m2crt/attention.h>
#include <m2crt/conv.h>
#include <m2crt/depthwise.h>
#include <m2crt/gemm.h>
#include <m2crt/pool.h>
#include <m2crt/recurrent.h>
#include <m2crt/reduce.h>
#include <m2crt/resize.h>
#include <m2crt/transpose.h>
#include <m2crt/winograd.h>

#include <cstring>
#include <vector>

#include "values.h"

namespace {
namespace rt = m2crt;
using rt::idx;

std::vector<float> values(idx count, unsigned seed) { return random_values(count, seed); }

/// kernel(out, scratch, part) as a whole and in several numbers of parts, the last first, each with scratch of its own.
template <class Kernel>
void compare(idx outputs, idx scratch, Kernel kernel) {
  auto make = [&] { return std::vector<float>(static_cast<std::size_t>(outputs), 99.0f); };
  auto own = [&] { return std::vector<float>(static_cast<std::size_t>(scratch + 1), 55.0f); };
  std::vector<float> want = make(), memory = own();
  kernel(want.data(), memory.data(), rt::whole{});
  for (idx count : {1, 2, 3, 5, 16, 61}) {
    std::vector<float> got = make();
    for (idx i = count - 1; i >= 0; --i) {
      memory = own();
      kernel(got.data(), memory.data(), rt::part{i, count});
    }
    ASSERT_EQ(std::memcmp(got.data(), want.data(), got.size() * sizeof(float)), 0) << count << " parts";
  }
}

const auto plus_index = [](auto acc, idx m, idx n) {
  using V = decltype(acc);
  return static_cast<V>(acc + rt::splat<V>(static_cast<float>(m * 3 + n / 64)));
};

TEST(Part, RangesMeet) {
  for (idx size : {0, 1, 7, 64, 1000})
    for (idx count : {1, 2, 3, 7, 100}) {
      idx end = 0, aligned_end = 0;
      for (idx i = 0; i < count; ++i) {
        const rt::range units = rt::part{i, count}.of(size), aligned = rt::part{i, count}.of(size, 64);
        ASSERT_EQ(units.begin, end);
        end = units.end;
        ASSERT_EQ(aligned.begin, aligned_end);
        ASSERT_TRUE(aligned.begin % 64 == 0 || aligned.begin == size);
        aligned_end = aligned.end;
      }
      ASSERT_EQ(end, size);
      ASSERT_EQ(aligned_end, size);
    }
}

template <idx M, idx N, idx K, idx Panel>
struct packed_shape {
  static constexpr idx m = M, n = N, k = K, a_row = K + 3, a_column = 1, c_row = N + 5, panel = Panel;
};
template <class S>
struct sized_shape {
  static constexpr idx n = S::n, k = S::k, a_column = 1, panel = S::panel;
  idx m = S::m, a_row = S::a_row, c_row = S::c_row;
};
template <class S>
void check_packed() {
  const auto a = values(S::m * S::a_row, 1), b = values(S::k * S::n, 2);
  std::vector<float> packed(static_cast<std::size_t>(rt::packed_size(S::k, S::n, S::panel)));
  rt::pack_panels(b.data(), S::n, idx{1}, S::k, S::n, S::panel, packed.data());
  compare(S::m * S::c_row, 0,
          [&](float* c, float*, auto part) { rt::gemm<S>(a.data(), packed.data(), c, plus_index, part); });
  compare(S::m * S::c_row, 0, [&](float* c, float*, auto part) {
    rt::gemm_sized(sized_shape<S>{}, a.data(), packed.data(), c, plus_index, part);
  });
}
TEST(Part, Gemm) {
  check_packed<packed_shape<1, 200, 33, 16>>();
  check_packed<packed_shape<13, 50, 7, 16>>();
  check_packed<packed_shape<301, 40, 300, 16>>();  // several blocks of rows
  check_packed<packed_shape<97, 130, 9, 64>>();    // wide panels, in slices
  check_packed<packed_shape<40, 2, 65, 1>>();      // dot products
  check_packed<packed_shape<3, 5, 4, 8>>();        // fewer tiles than parts
}

template <idx M, idx N, idx K, bool Transposed>
struct any_shape {
  static constexpr idx m = M, n = N, k = K, a_row = K, a_column = 1, c_row = N;
  static constexpr idx b_row = Transposed ? 1 : N, b_column = Transposed ? K : 1;
};
template <class S>
void check_any() {
  const auto a = values(S::m * S::k, 1), b = values(S::k * S::n, 2);
  compare(S::m * S::n, rt::gemm_scratch<S, float>, [&](float* c, float* scratch, auto part) {
    rt::gemm_any<S>(a.data(), b.data(), c, scratch, plus_index, part);
  });
  struct {
    idx m = S::m, n = S::n, k = S::k, a_row = S::a_row, a_column = 1, c_row = S::c_row, b_row = S::b_row,
        b_column = S::b_column;
  } sized;
  compare(S::m * S::n, 0,
          [&](float* c, float*, auto part) { rt::product_sized(sized, a.data(), b.data(), c, plus_index, part); });
}
TEST(Part, GemmOfAnyOperands) {
  check_any<any_shape<5, 77, 30, false>>();    // rows as they lie
  check_any<any_shape<2, 77, 30, true>>();     // columns as they lie
  check_any<any_shape<30, 77, 100, true>>();   // packed by panels
  check_any<any_shape<700, 70, 100, true>>();  // packed at once
  check_any<any_shape<1, 300, 20, false>>();
}

template <idx H, idx W, idx C, idx O, idx Kernel, idx Groups>
struct conv_shape {
  static constexpr idx batch = 2, out_h = H, out_w = W, in_channels = C, out_channels = O, groups = Groups;
  static constexpr idx kernel_h = Kernel, kernel_w = Kernel, stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1;
  static constexpr idx in_pixel = C, in_row = (W + Kernel - 1) * C, in_batch = (H + Kernel - 1) * in_row;
  static constexpr idx out_pixel = O + 1, out_row = W * out_pixel, out_batch = H * out_row + 7;
  static constexpr idx panel = 16, tile_h = 4, tile_w = 4, channels = C;
};
const auto plus_place = [](auto acc, idx n, idx h, idx w, idx c) {
  using V = decltype(acc);
  return static_cast<V>(acc + rt::splat<V>(static_cast<float>(n * 7 + h * 5 + w * 3 + c / 64)));
};
template <class S>
void check_conv() {
  const auto in = values(S::batch * S::in_batch, 1);
  const idx group_in = S::in_channels / S::groups;
  const auto filter = values(S::out_channels * group_in * S::kernel_h * S::kernel_w, 2);
  std::vector<float> packed(static_cast<std::size_t>(
      rt::packed_filter_size(S::out_channels, group_in, S::kernel_h, S::kernel_w, S::groups, S::panel)));
  rt::pack_filter(filter.data(), S::out_channels, group_in, S::kernel_h, S::kernel_w, S::groups, S::panel,
                  packed.data());
  compare(S::batch * S::out_batch, 0,
          [&](float* out, float*, auto part) { rt::conv<S>(in.data(), packed.data(), out, plus_place, part); });
}
TEST(Part, Conv) {
  check_conv<conv_shape<9, 11, 8, 40, 3, 1>>();
  check_conv<conv_shape<30, 29, 33, 17, 1, 1>>();
  check_conv<conv_shape<5, 7, 8, 12, 3, 2>>();
}

template <class S>
void check_winograd() {
  using tiles = rt::winograd_tiles<S>;
  const auto in = values(S::batch * S::in_batch, 1);
  const auto filter = values(S::out_channels * S::in_channels * S::kernel_h * S::kernel_w, 2);
  std::vector<float> packed(
      static_cast<std::size_t>(rt::packed_winograd_size(S::out_channels, S::in_channels, tiles::taps, S::panel)));
  rt::pack_winograd(filter.data(), S::out_channels, S::in_channels, S::kernel_h, S::kernel_w, S::tile_h, S::tile_w,
                    S::panel, packed.data());
  compare(S::batch * S::out_batch,
          rt::winograd_scratch(tiles::total, S::in_channels, tiles::taps, S::panel, sizeof(float)),
          [&](float* out, float* scratch, auto part) {
            rt::winograd<S>(in.data(), packed.data(), out, scratch, plus_place, part);
          });
}
TEST(Part, Winograd) {
  check_winograd<conv_shape<30, 26, 20, 40, 3, 1>>();  // several blocks of tiles
  check_winograd<conv_shape<6, 7, 9, 70, 3, 1>>();     // one block, shared by parts
}

template <class S>
void check_depthwise() {
  const auto in = values(S::batch * S::in_batch, 1), filter = values(S::kernel_h * S::kernel_w * S::channels, 2);
  compare(S::batch * S::out_batch, 0,
          [&](float* out, float*, auto part) { rt::depthwise<S>(in.data(), filter.data(), out, plus_place, part); });
}
TEST(Part, Depthwise) {
  check_depthwise<conv_shape<9, 13, 20, 20, 3, 20>>();
  check_depthwise<conv_shape<6, 10, 512, 512, 3, 512>>();  // staged
}

struct pool_shape : conv_shape<9, 11, 20, 20, 3, 1> {
  static constexpr idx in_h = 9, in_w = 11, pad_top = 1, pad_left = 1, pad_bottom = 1, pad_right = 1;
  static constexpr bool count_include_pad = false;
};
TEST(Part, Pool) {
  using S = pool_shape;
  const auto in = values(S::batch * S::in_batch, 1);
  compare(S::batch * S::out_batch, 0,
          [&](float* out, float*, auto part) { rt::max_pool<S>(in.data(), out, plus_place, part); });
  compare(S::batch * S::out_batch, 0,
          [&](float* out, float*, auto part) { rt::average_pool<S>(in.data(), out, plus_place, part); });
}

struct resize_shape : conv_shape<8, 10, 20, 20, 1, 1> {
  static constexpr idx taps_h = 2, taps_w = 1;
};
TEST(Part, Resize) {
  using S = resize_shape;
  const auto in = values(S::batch * S::in_batch, 1), weights = values(16, 2);
  std::vector<std::int32_t> rows, columns;
  for (int i = 0; i < 16; ++i) rows.push_back(i / 3);
  for (int i = 0; i < 10; ++i) columns.push_back(i / 2);
  compare(S::batch * S::out_batch, 0, [&](float* out, float*, auto part) {
    rt::resize<S>(in.data(), rt::resize_axis<float>{rows.data(), weights.data()},
                  rt::resize_axis<float>{columns.data(), weights.data()}, out, plus_place, part);
  });
}

template <idx Queries, idx Keys>
struct attention_shape {
  static constexpr idx batch = 2, heads = 3, queries = Queries, keys = Keys, width = 12, value_width = 20;
  static constexpr idx q_column = 1, q_row = 12, q_head = Queries * q_row, q_batch = heads * q_head;
  static constexpr idx k_column = 1, k_row = 12, k_head = Keys * k_row, k_batch = heads * k_head;
  static constexpr idx v_column = 1, v_row = 20, v_head = Keys * v_row, v_batch = heads * v_head;
  static constexpr idx out_row = 20, out_head = Queries * out_row, out_batch = heads * out_head;
  static constexpr bool causal = true;
};
template <class S>
void check_attention() {
  const auto q = values(S::batch * S::q_batch, 1), k = values(S::batch * S::k_batch, 2),
             v = values(S::batch * S::v_batch, 3);
  auto score = [](auto acc, idx, idx h, idx, idx) {
    return static_cast<decltype(acc)>(acc * rt::splat<decltype(acc)>(1.0f + static_cast<float>(h)));
  };
  compare(S::batch * S::out_batch, rt::attention_scratch(S::queries, S::keys, S::width, S::value_width),
          [&](float* out, float* scratch, auto part) {
            rt::attention<S>(q.data(), k.data(), v.data(), out, scratch, 0.3f, score, part);
          });
  compare(S::batch * S::out_batch, rt::attention_sized_scratch(S::keys, S::width),
          [&](float* out, float* scratch, auto part) {
            rt::attention_sized(S{}, q.data(), k.data(), v.data(), out, scratch, 0.3f, score, part);
          });
}
TEST(Part, Attention) {
  check_attention<attention_shape<10, 17>>();
  check_attention<attention_shape<70, 1500>>();  // several blocks of queries, the last one shorter
}

template <idx Batch>
struct recurrent_shape : rt::recurrent_defaults {
  static constexpr idx steps = 4, batch = Batch, hidden = 21;
  static constexpr idx projected_row = 4 * hidden, projected_step = batch * projected_row, y_row = hidden,
                       y_step = batch * y_row;
};
struct open_recurrent : rt::recurrent_defaults {
  static constexpr idx hidden = 21, projected_row = 4 * hidden, y_row = hidden;
  idx steps, batch, projected_step, y_step;
};
template <idx Batch>
void check_recurrent() {
  using S = recurrent_shape<Batch>;
  const auto projected = values(S::steps * S::projected_step, 1), r = values(4 * S::hidden * S::hidden, 2),
             initial = values(Batch * S::hidden, 3);
  const open_recurrent open{{}, S::steps, S::batch, S::projected_step, S::y_step};
  auto pack = [&](idx gates, bool split) {
    std::vector<float> packed(static_cast<std::size_t>(rt::packed_recurrence_size(gates, S::hidden, S::width, split)));
    (split ? rt::pack_recurrence_split<float> : rt::pack_recurrence<float>)(r.data(), packed.data(), gates, S::hidden,
                                                                            S::width);
    return packed;
  };
  const auto lstm = pack(4, false), gru = pack(3, true), rnn = pack(1, false);
  // The state is shared: parts own rows of it, so it must last from part to part.
  auto check = [&](auto kernel) {
    std::vector<float> state(static_cast<std::size_t>(rt::gru_scratch(Batch, S::hidden)));
    const idx y = S::steps * S::y_step, last = Batch * S::hidden;
    compare(y + 2 * last, 0,
            [&](float* out, float*, auto part) { kernel(out, out + y, out + y + last, state.data(), part); });
  };
  const rt::sigmoid_activation s;
  const rt::tanh_activation t;
  const float* none = nullptr;
  const std::int32_t* no_lengths = nullptr;
  auto run = [&](const auto& shape) {
    check([&](float* y, float* h, float* c, float* state, auto part) {
      rt::lstm_sized(shape, projected.data(), lstm.data(), none, initial.data(), initial.data(), no_lengths, y, h, c,
                     state, s, t, t, part);
    });
    check([&](float* y, float* h, float*, float* state, auto part) {
      rt::gru_sized(shape, projected.data(), gru.data(), none, none, no_lengths, y, h, state, s, t, part);
    });
    check([&](float* y, float* h, float*, float* state, auto part) {
      rt::rnn_sized(shape, projected.data(), rnn.data(), none, no_lengths, y, h, state, t, part);
    });
  };
  run(S{});
  run(open);
}
TEST(Part, Recurrent) {
  check_recurrent<1>();
  check_recurrent<5>();
  check_recurrent<32>();
  check_recurrent<45>();
}

TEST(Part, Transpose) {
  const auto x = values(130 * 70, 1);
  compare(130 * 70, 0, [&](float* y, float*, auto part) { rt::transpose_2d<130, 70, 70, 130>(x.data(), y, part); });
  compare(130 * 70, 0, [&](float* y, float*, auto part) { rt::transpose_2d<70, 130, 130, 70>(x.data(), y, part); });
  compare(130 * 70, 0,
          [&](float* y, float*, auto part) { rt::transpose_2d_sized(130, 70, 70, 130, x.data(), y, part); });
  compare(130 * 70, 0,
          [&](float* y, float*, auto part) { rt::transpose_2d_sized(70, 130, 130, 70, x.data(), y, part); });
  compare(9000, 0, [&](float* y, float*, auto part) { rt::copy_strided<9000, 1, 1>(x.data(), y, part); });
  compare(2000, 0, [&](float* y, float*, auto part) { rt::copy_strided<1000, 3, 2>(x.data(), y, part); });
}

TEST(Part, Loops) {
  const auto x = values(10 * 333, 1);
  auto over = [](auto part) {
    if constexpr (decltype(part)::is_whole)
      return idx{333};
    else
      return part.of(333, 64);
  };
  compare(333, 0, [&](float* y, float*, auto part) {
    rt::vloop(over(part), [&](auto lanes, idx i) { rt::store(y + i, rt::exp(rt::load(lanes, x.data() + i))); });
  });
  compare(333, 0, [&](float* y, float*, auto part) {
    rt::vreduce_rows(
        10, over(part), 0.0f, [&](auto lanes, idx row, idx i) { return rt::load(lanes, x.data() + row * 333 + i); },
        rt::add_op{}, [&](auto, idx i, auto total) { rt::store(y + i, total); });
  });
}

}  // namespace
