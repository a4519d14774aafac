#include "m2crt/recurrent.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>
#include <vector>

namespace {

using namespace m2crt;
using activation = std::function<double(double)>;

double sigmoid_of(double x) { return 1 / (1 + std::exp(-x)); }
double tanh_of(double x) { return std::tanh(x); }

// Inputs of every kind for one shape.
template <class Shape, int Gates>
struct problem {
  static constexpr idx T = Shape::steps, B = Shape::batch, H = Shape::hidden;
  static constexpr bool linear = Shape::linear_before_reset;
  std::mt19937 engine{static_cast<unsigned>(T * 1000 + B * 100 + H)};
  std::vector<float> projected = draw(T * Shape::projected_step, 1), r = draw(Gates * H * H, 2.0 / std::sqrt(H)),
                     peephole = draw(3 * H, 0.5), bias = draw(H, 0.5), h0 = draw(B * H, 1), c0 = draw(B * H, 1);
  std::vector<std::int32_t> lengths = std::vector<std::int32_t>(B);
  std::vector<float> packed = std::vector<float>(packed_recurrence_size(Gates, H, Shape::width, Gates == 3 && !linear));
  std::vector<float> y = std::vector<float>(T * Shape::y_step, 42), last_h = std::vector<float>(B * H),
                     last_c = std::vector<float>(B * H), scratch = std::vector<float>(4 * B * recurrent_pitch(H), NAN);
  // The reference's results.
  std::vector<double> want_y = std::vector<double>(T * B * H), h = std::vector<double>(B * H), c = h;

  problem() {
    for (idx b = 0; b < B; ++b) lengths[b] = static_cast<std::int32_t>(b % (T + 1));
    if (Gates == 3 && !linear)
      pack_recurrence_split(r.data(), packed.data(), Gates, H, Shape::width);
    else
      pack_recurrence(r.data(), packed.data(), Gates, H, Shape::width);
  }
  std::vector<float> draw(idx n, double range) {
    std::uniform_real_distribution<double> values(-range, range);
    std::vector<float> v(n);
    for (float& x : v) x = static_cast<float>(values(engine));
    return v;
  }
  double clip(double x) const {
    return Shape::clip != 0 ? std::min<double>(std::max<double>(x, -Shape::clip), Shape::clip) : x;
  }

  // cell(b, x, h_before) over time; x = the row's projected gates.
  void run(bool initial, bool with_lengths, std::function<void(idx, const float*, const std::vector<double>&)> cell) {
    for (idx i = 0; i < B * H; ++i) h[i] = initial ? h0[i] : 0, c[i] = initial ? c0[i] : 0;
    for (idx b = 0; b < B; ++b) {
      idx length = with_lengths ? lengths[b] : T;
      for (idx s = 0; s < length; ++s) {
        idx t = Shape::reverse ? length - 1 - s : s;
        std::vector<double> before(h.begin() + b * H, h.begin() + (b + 1) * H);
        cell(b, &projected[t * Shape::projected_step + b * Shape::projected_row], before);
        for (idx u = 0; u < H; ++u) want_y[(t * B + b) * H + u] = h[b * H + u];
      }
    }
  }
  double dot(int gate, idx u, const std::vector<double>& v) const {
    double sum = 0;
    for (idx k = 0; k < H; ++k) sum += v[k] * r[(gate * H + u) * H + k];
    return sum;
  }
  void forget() {
    y.assign(y.size(), 42);
    scratch.assign(scratch.size(), NAN);
  }
  void check(bool cell) {
    for (idx t = 0; t < T; ++t)
      for (idx b = 0; b < B; ++b) {
        for (idx u = 0; u < H; ++u)
          ASSERT_NEAR(y[t * Shape::y_step + b * Shape::y_row + u], want_y[(t * B + b) * H + u], 4e-6)
              << t << " " << b << " " << u;
        if (Shape::y_row > H) {
          ASSERT_EQ(y[t * Shape::y_step + b * Shape::y_row + H], 42);
        }
      }
    for (idx i = 0; i < B * H; ++i) {
      ASSERT_NEAR(last_h[i], h[i], 4e-6);
      if (cell) {
        ASSERT_NEAR(last_c[i], c[i], 1e-5);
      }
    }
  }
};

/// The same shape with what the run may set as members.
template <class Shape>
struct sized : Shape {
  idx steps = Shape::steps, batch = Shape::batch, projected_step = Shape::projected_step,
      projected_row = Shape::projected_row, y_step = Shape::y_step, y_row = Shape::y_row;
};

template <class Shape>
void lstm_agrees(bool initial, bool peep, bool with_lengths) {
  problem<Shape, 4> p;
  constexpr idx H = Shape::hidden;
  p.run(initial, with_lengths, [&](idx b, const float* x, const std::vector<double>& before) {
    for (idx u = 0; u < H; ++u) {
      double c = p.c[b * H + u], pi = peep ? p.peephole[u] : 0, po = peep ? p.peephole[H + u] : 0,
             pf = peep ? p.peephole[2 * H + u] : 0;
      double i = sigmoid_of(p.clip(x[u] + p.dot(0, u, before) + pi * c));
      double f = Shape::input_forget ? 1 - i : sigmoid_of(p.clip(x[2 * H + u] + p.dot(2, u, before) + pf * c));
      c = f * c + i * tanh_of(p.clip(x[3 * H + u] + p.dot(3, u, before)));
      double o = sigmoid_of(p.clip(x[H + u] + p.dot(1, u, before)) + po * c);
      p.c[b * H + u] = c;
      p.h[b * H + u] = o * tanh_of(c);
    }
  });
  lstm<Shape>(p.projected.data(), p.packed.data(), peep ? p.peephole.data() : nullptr, initial ? p.h0.data() : nullptr,
              initial ? p.c0.data() : nullptr, with_lengths ? p.lengths.data() : nullptr, p.y.data(), p.last_h.data(),
              p.last_c.data(), p.scratch.data());
  p.check(true);
  p.forget();
  lstm_sized(sized<Shape>{}, p.projected.data(), p.packed.data(), peep ? p.peephole.data() : nullptr,
             initial ? p.h0.data() : nullptr, initial ? p.c0.data() : nullptr,
             with_lengths ? p.lengths.data() : nullptr, p.y.data(), p.last_h.data(), p.last_c.data(), p.scratch.data());
  p.check(true);
}

template <class Shape>
void gru_agrees(bool initial, bool bias, bool with_lengths) {
  problem<Shape, 3> p;
  constexpr idx H = Shape::hidden;
  p.run(initial, with_lengths, [&](idx b, const float* x, const std::vector<double>& before) {
    std::vector<double> z(H), r(H), rh(H);
    for (idx u = 0; u < H; ++u) {
      z[u] = sigmoid_of(p.clip(x[u] + p.dot(0, u, before)));
      r[u] = sigmoid_of(p.clip(x[H + u] + p.dot(1, u, before)));
      rh[u] = r[u] * before[u];
    }
    for (idx u = 0; u < H; ++u) {
      double extra = bias ? p.bias[u] : 0;
      double inner = Shape::linear_before_reset ? r[u] * (p.dot(2, u, before) + extra) : p.dot(2, u, rh) + extra;
      p.h[b * H + u] = (1 - z[u]) * tanh_of(p.clip(x[2 * H + u] + inner)) + z[u] * before[u];
    }
  });
  gru<Shape>(p.projected.data(), p.packed.data(), bias ? p.bias.data() : nullptr, initial ? p.h0.data() : nullptr,
             with_lengths ? p.lengths.data() : nullptr, p.y.data(), p.last_h.data(), p.scratch.data());
  p.check(false);
  p.forget();
  gru_sized(sized<Shape>{}, p.projected.data(), p.packed.data(), bias ? p.bias.data() : nullptr,
            initial ? p.h0.data() : nullptr, with_lengths ? p.lengths.data() : nullptr, p.y.data(), p.last_h.data(),
            p.scratch.data());
  p.check(false);
}

template <class Shape>
void rnn_agrees(bool initial, bool with_lengths) {
  problem<Shape, 1> p;
  constexpr idx H = Shape::hidden;
  p.run(initial, with_lengths, [&](idx b, const float* x, const std::vector<double>& before) {
    for (idx u = 0; u < H; ++u) p.h[b * H + u] = tanh_of(p.clip(x[u] + p.dot(0, u, before)));
  });
  rnn<Shape>(p.projected.data(), p.packed.data(), initial ? p.h0.data() : nullptr,
             with_lengths ? p.lengths.data() : nullptr, p.y.data(), p.last_h.data(), p.scratch.data());
  p.check(false);
}

template <idx Steps, idx Batch, idx Hidden, int Gates, idx Extra = 0>
struct plain_shape : recurrent_defaults {
  static constexpr idx steps = Steps, batch = Batch, hidden = Hidden;
  static constexpr idx projected_row = Gates * Hidden + Extra, projected_step = Batch * projected_row;
  static constexpr idx y_row = Hidden + Extra, y_step = Batch * y_row + Extra;
};
template <class Shape>
struct reversed : Shape {
  static constexpr bool reverse = true;
};
template <class Shape>
struct coupled : Shape {
  static constexpr bool input_forget = true;
  static constexpr float clip = 0.7f;
};
template <class Shape>
struct linear : Shape {
  static constexpr bool linear_before_reset = true;
};
template <class Shape, idx Width>
struct packed_for : Shape {
  static constexpr idx width = Width;
};

TEST(Lstm, OddSizes) {
  for (bool initial : {false, true}) {
    lstm_agrees<plain_shape<1, 1, 1, 4>>(initial, false, false);
    lstm_agrees<plain_shape<3, 1, 5, 4>>(initial, false, false);
    lstm_agrees<plain_shape<4, 2, 8, 4>>(initial, false, false);
    lstm_agrees<plain_shape<4, 3, 32, 4>>(initial, false, false);
    lstm_agrees<plain_shape<5, 7, 29, 4>>(initial, false, false);
    lstm_agrees<plain_shape<2, 45, 8, 4>>(initial, false, false);
  }
}
TEST(Lstm, StridesPeepholesLengthsAndDirections) {
  using shape = plain_shape<5, 6, 21, 4, 3>;
  for (bool peephole : {false, true})
    for (bool lengths : {false, true}) {
      lstm_agrees<shape>(true, peephole, lengths);
      lstm_agrees<reversed<shape>>(true, peephole, lengths);
    }
}
TEST(Lstm, InputForgetAndClip) { lstm_agrees<coupled<plain_shape<4, 5, 16, 4>>>(true, false, false); }

TEST(Gru, BothResets) {
  for (bool flag : {false, true}) {
    gru_agrees<plain_shape<1, 1, 1, 3>>(flag, flag, false);
    gru_agrees<plain_shape<4, 5, 32, 3>>(flag, !flag, false);
    gru_agrees<plain_shape<5, 6, 21, 3, 3>>(true, true, flag);
    gru_agrees<reversed<plain_shape<5, 6, 21, 3, 3>>>(true, true, flag);
    gru_agrees<linear<plain_shape<1, 1, 1, 3>>>(flag, flag, false);
    gru_agrees<linear<plain_shape<4, 5, 32, 3>>>(flag, !flag, false);
    gru_agrees<linear<plain_shape<5, 6, 21, 3, 3>>>(true, true, flag);
    gru_agrees<linear<reversed<plain_shape<5, 6, 21, 3, 3>>>>(true, true, flag);
  }
}

TEST(Rnn, OddSizesAndDirections) {
  for (bool flag : {false, true}) {
    rnn_agrees<plain_shape<1, 1, 1, 1>>(flag, false);
    rnn_agrees<plain_shape<4, 1, 40, 1>>(flag, false);
    rnn_agrees<plain_shape<4, 13, 33, 1, 5>>(flag, true);
    rnn_agrees<reversed<plain_shape<4, 13, 33, 1, 5>>>(true, flag);
  }
}

// Weights packed for another target's vectors.
template <idx Width>
void width_agrees() {
  lstm_agrees<packed_for<plain_shape<4, 5, 29, 4>, Width>>(true, true, true);
  lstm_agrees<packed_for<plain_shape<3, 2, 32, 4>, Width>>(false, false, false);
  gru_agrees<packed_for<plain_shape<4, 5, 29, 3>, Width>>(true, true, true);
  gru_agrees<linear<packed_for<plain_shape<4, 5, 29, 3>, Width>>>(true, true, false);
  rnn_agrees<packed_for<plain_shape<4, 5, 41, 1>, Width>>(true, true);
}
TEST(Width, IsThatOfThePacking) {
  width_agrees<4>();
  width_agrees<8>();
  width_agrees<16>();
}

TEST(Activations, FollowOnnx) {
  EXPECT_FLOAT_EQ((affine_activation{2, 3}(1.5f)), 6);
  EXPECT_FLOAT_EQ((leaky_relu_activation{0.1f}(-2.0f)), -0.2f);
  EXPECT_FLOAT_EQ((thresholded_relu_activation{1}(0.5f)), 0);
  EXPECT_FLOAT_EQ((scaled_tanh_activation{2, 0.5f}(1.0f)), 2 * std::tanh(0.5f));
  EXPECT_FLOAT_EQ((hard_sigmoid_activation{0.2f, 0.5f}(1.0f)), 0.7f);
  EXPECT_FLOAT_EQ((elu_activation{1}(-1.0f)), std::expm1(-1.0f));
  EXPECT_FLOAT_EQ(softsign_activation{}(-3.0f), -0.75f);
  EXPECT_FLOAT_EQ(softplus_activation{}(1.0f), std::log1p(std::exp(1.0f)));
}

}  // namespace
