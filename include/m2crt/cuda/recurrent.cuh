// LSTM, GRU and simple RNN over time, as m2crt/recurrent.h has them: `projected` is the input's share of the gates. A
// launch per step: a block has 32 units of some batch rows, whose dot products its warps share, and then their cells.
//
// Shape has steps, batch, hidden, projected_step, projected_row, y_step, y_row, width (that the recurrent weights were
// packed for, no less than hidden), reverse, clip, and input_forget or linear_before_reset.
#pragma once

#include "m2crt/cuda/map.cuh"

namespace m2crt {
namespace cuda {

// ---- activations --------------------------------------------------------------------------------------------------

struct sigmoid_activation {
  M2CRT_DEVICE float operator()(float x) const { return sigmoid(x); }
};
struct tanh_activation {
  M2CRT_DEVICE float operator()(float x) const { return tanh(x); }
};
struct relu_activation {
  M2CRT_DEVICE float operator()(float x) const { return relu(x); }
};
struct affine_activation {
  float alpha, beta;
  M2CRT_DEVICE float operator()(float x) const { return alpha * x + beta; }
};
struct leaky_relu_activation {
  float alpha;
  M2CRT_DEVICE float operator()(float x) const { return x < 0 ? alpha * x : x; }
};
struct thresholded_relu_activation {
  float alpha;
  M2CRT_DEVICE float operator()(float x) const { return x > alpha ? x : 0.0f; }
};
struct scaled_tanh_activation {
  float alpha, beta;
  M2CRT_DEVICE float operator()(float x) const { return alpha * tanh(beta * x); }
};
struct hard_sigmoid_activation {
  float alpha, beta;
  M2CRT_DEVICE float operator()(float x) const { return clamp(alpha * x + beta, 0.0f, 1.0f); }
};
struct elu_activation {
  float alpha;
  M2CRT_DEVICE float operator()(float x) const { return x < 0 ? alpha * expm1(x) : x; }
};
struct softsign_activation {
  M2CRT_DEVICE float operator()(float x) const { return x / (1.0f + abs(x)); }
};
struct softplus_activation {
  M2CRT_DEVICE float operator()(float x) const { return softplus(x); }
};

// ---- one step -----------------------------------------------------------------------------------------------------

/// cell(row, unit, sums) for all rows and units, sums[g] = h[row] * column (g, unit) of weights [hidden][Gates][Panel];
/// h is [batch][hidden], or null for zeros.
template <class Shape, idx Gates, idx Panel, idx Rows, class Cell>
__global__ void __launch_bounds__(256) step_kernel(const float* h, const float* weights, Cell cell) {
  constexpr idx shares = 8;
  struct memory {
    float parts[shares][Rows][Gates][warp_size];
  };
  auto& parts = shared<memory>().parts;
  const idx lane = thread_index() % warp_size, share = thread_index() / warp_size;
  const idx unit = block_x() * warp_size + lane, first = block_y() * Rows;
  float acc[Rows][Gates] = {};
  if (h != nullptr && unit < Shape::hidden)
    for (idx k = share; k < Shape::hidden; k += shares) {
      float w[Gates];
      M2CRT_UNROLLED
      for (idx g = 0; g < Gates; ++g) w[g] = weights[(k * Gates + g) * Panel + unit];
      M2CRT_UNROLLED
      for (idx r = 0; r < Rows; ++r) {
        const float x = first + r < Shape::batch ? h[(first + r) * Shape::hidden + k] : 0.0f;
        M2CRT_UNROLLED
        for (idx g = 0; g < Gates; ++g) acc[r][g] += x * w[g];
      }
    }
  M2CRT_UNROLLED
  for (idx r = 0; r < Rows; ++r) M2CRT_UNROLLED
  for (idx g = 0; g < Gates; ++g) parts[share][r][g][lane] = acc[r][g];
  __syncthreads();
  for (idx r = share; r < Rows; r += shares) {
    if (first + r >= Shape::batch || unit >= Shape::hidden) continue;
    float sums[Gates] = {};
    M2CRT_UNROLLED
    for (idx g = 0; g < Gates; ++g)
      for (idx s = 0; s < shares; ++s) sums[g] += parts[s][r][g][lane];
    cell(first + r, unit, sums);
  }
}

template <class Shape, idx Gates, idx Panel, class Cell>
inline void recurrent_step(queue& to, const float* h, const float* weights, Cell cell) {
  constexpr idx rows = Shape::batch < 8 ? Shape::batch : 8;
  launch(to, step_kernel<Shape, Gates, Panel, rows, Cell>,
         grid_of(ceil_div(Shape::hidden, warp_size), ceil_div(Shape::batch, rows)), 256,
         256 * rows * Gates * sizeof(float), h, weights, cell);
}

/// What the cells of step `step` share: where they read and write.
template <class Shape>
struct recurrent_place {
  idx step;
  const float* projected;
  const std::int32_t* lengths;  // null: all rows run to the end
  const float* now;             // h before, null for zeros
  float *next, *y, *last_h;     // y and last_h may be null

  M2CRT_DEVICE bool runs(idx row) const { return lengths == nullptr || step < lengths[row]; }
  M2CRT_DEVICE idx time(idx row) const {
    if (!Shape::reverse || !runs(row)) return step;
    return (lengths != nullptr ? lengths[row] : Shape::steps) - 1 - step;
  }
  M2CRT_DEVICE const float* input(idx row, idx unit) const {
    return projected + time(row) * Shape::projected_step + row * Shape::projected_row + unit;
  }
  M2CRT_DEVICE float state(idx row, idx unit) const { return now != nullptr ? now[row * Shape::hidden + unit] : 0.0f; }
  /// The new h; a sequence that has ended keeps its own and gives zeros.
  M2CRT_DEVICE void store(float h, idx row, idx unit) const {
    const bool running = runs(row);
    const float kept = running ? h : state(row, unit);
    next[row * Shape::hidden + unit] = kept;
    if (y != nullptr) y[time(row) * Shape::y_step + row * Shape::y_row + unit] = running ? h : 0.0f;
    if (last_h != nullptr && step == Shape::steps - 1) last_h[row * Shape::hidden + unit] = kept;
  }
};

template <class Shape>
M2CRT_DEVICE float clip_gate(float x) {
  if constexpr (Shape::clip != 0)
    return clamp(x, -Shape::clip, Shape::clip);
  else
    return x;
}

/// step(place) for all steps; h takes turns in two parts of `scratch`.
template <class Shape, class Step>
inline void run_steps(const float* projected, const std::int32_t* lengths, const float* initial_h, float* y,
                      float* last_h, float* scratch, Step step) {
  static_assert(Shape::steps > 0);
  float* turns[2] = {scratch, scratch + Shape::batch * Shape::hidden};
  const float* now = initial_h;
  for (idx s = 0; s < Shape::steps; ++s) {
    float* next = turns[s % 2];
    step(recurrent_place<Shape>{s, projected, lengths, now, next, y, last_h});
    now = next;
  }
}

// ---- LSTM ---------------------------------------------------------------------------------------------------------

template <class Shape, class Gate, class Cell, class Hidden>
struct lstm_cell {
  recurrent_place<Shape> place;
  const float *peephole, *c_before;  // may be null
  float *c_after, *last_c;
  Gate gate;
  Cell cell;
  Hidden hidden;
  __device__ void operator()(idx row, idx unit, const float* sums) const {
    constexpr idx H = Shape::hidden;
    const float* x = place.input(row, unit);
    const float c = c_before != nullptr ? c_before[row * H + unit] : 0.0f;
    float i = sums[0] + x[0], o = sums[1] + x[H], f = sums[2] + x[2 * H], g = sums[3] + x[3 * H], peephole_o = 0;
    if (peephole != nullptr) {
      i += peephole[unit] * c;
      peephole_o = peephole[H + unit];
      f += peephole[2 * H + unit] * c;
    }
    const float gi = gate(clip_gate<Shape>(i)), gf = Shape::input_forget ? 1.0f - gi : gate(clip_gate<Shape>(f));
    const float now = gf * c + gi * cell(clip_gate<Shape>(g));
    const float h = gate(clip_gate<Shape>(o) + peephole_o * now) * hidden(now);
    const float kept = place.runs(row) ? now : c;
    c_after[row * H + unit] = kept;
    if (last_c != nullptr && place.step == Shape::steps - 1) last_c[row * H + unit] = kept;
    place.store(h, row, unit);
  }
};
template <class Shape, class Gate = sigmoid_activation, class Cell = tanh_activation, class Hidden = tanh_activation>
inline void lstm(queue& to, const float* projected, const float* recurrence, const float* peephole,
                 const float* initial_h, const float* initial_c, const std::int32_t* lengths, float* y, float* last_h,
                 float* last_c, float* scratch, Gate gate = {}, Cell cell = {}, Hidden hidden = {}) {
  float* state = scratch + 2 * Shape::batch * Shape::hidden;
  run_steps<Shape>(projected, lengths, initial_h, y, last_h, scratch, [&](recurrent_place<Shape> place) {
    recurrent_step<Shape, 4, Shape::width>(
        to, place.now, recurrence,
        lstm_cell<Shape, Gate, Cell, Hidden>{place, peephole, place.step == 0 ? initial_c : state, state, last_c, gate,
                                             cell, hidden});
  });
}

// ---- GRU ----------------------------------------------------------------------------------------------------------

template <class Shape, class Gate, class Candidate>
struct gru_cell {  // linear_before_reset: all gates at once
  recurrent_place<Shape> place;
  const float* bias;
  Gate gate;
  Candidate candidate;
  __device__ void operator()(idx row, idx unit, const float* sums) const {
    constexpr idx H = Shape::hidden;
    const float* x = place.input(row, unit);
    const float z = gate(clip_gate<Shape>(sums[0] + x[0])), r = gate(clip_gate<Shape>(sums[1] + x[H]));
    const float inner = bias != nullptr ? sums[2] + bias[unit] : sums[2];
    const float n = candidate(clip_gate<Shape>(r * inner + x[2 * H]));
    place.store(n + z * (place.state(row, unit) - n), row, unit);
  }
};
template <class Shape, class Gate>
struct gru_gates {
  recurrent_place<Shape> place;
  float *update, *reset_h;
  Gate gate;
  __device__ void operator()(idx row, idx unit, const float* sums) const {
    const float* x = place.input(row, unit);
    update[row * Shape::hidden + unit] = gate(clip_gate<Shape>(sums[0] + x[0]));
    reset_h[row * Shape::hidden + unit] = gate(clip_gate<Shape>(sums[1] + x[Shape::hidden])) * place.state(row, unit);
  }
};
template <class Shape, class Candidate>
struct gru_candidate {
  recurrent_place<Shape> place;
  const float *bias, *update;
  Candidate candidate;
  __device__ void operator()(idx row, idx unit, const float* sums) const {
    const float inner = bias != nullptr ? sums[0] + bias[unit] : sums[0];
    const float n = candidate(clip_gate<Shape>(inner + place.input(row, unit)[2 * Shape::hidden]));
    const float z = update[row * Shape::hidden + unit];
    place.store(n + z * (place.state(row, unit) - n), row, unit);
  }
};
template <class Shape, class Gate = sigmoid_activation, class Candidate = tanh_activation>
inline void gru(queue& to, const float* projected, const float* recurrence, const float* recurrence_bias,
                const float* initial_h, const std::int32_t* lengths, float* y, float* last_h, float* scratch,
                Gate gate = {}, Candidate candidate = {}) {
  [[maybe_unused]] float* update = scratch + 2 * Shape::batch * Shape::hidden;
  [[maybe_unused]] float* reset_h = update + Shape::batch * Shape::hidden;
  run_steps<Shape>(projected, lengths, initial_h, y, last_h, scratch, [&](recurrent_place<Shape> place) {
    if constexpr (Shape::linear_before_reset) {
      recurrent_step<Shape, 3, Shape::width>(to, place.now, recurrence,
                                             gru_cell<Shape, Gate, Candidate>{place, recurrence_bias, gate, candidate});
    } else {
      recurrent_step<Shape, 2, Shape::width>(to, place.now, recurrence,
                                             gru_gates<Shape, Gate>{place, update, reset_h, gate});
      recurrent_step<Shape, 1, 2 * Shape::width>(
          to, reset_h, recurrence + Shape::hidden * 2 * Shape::width,
          gru_candidate<Shape, Candidate>{place, recurrence_bias, update, candidate});
    }
  });
}

// ---- RNN ----------------------------------------------------------------------------------------------------------

template <class Shape, class Activation>
struct rnn_cell {
  recurrent_place<Shape> place;
  Activation activation;
  __device__ void operator()(idx row, idx unit, const float* sums) const {
    place.store(activation(clip_gate<Shape>(sums[0] + place.input(row, unit)[0])), row, unit);
  }
};
template <class Shape, class Activation = tanh_activation>
inline void rnn(queue& to, const float* projected, const float* recurrence, const float* initial_h,
                const std::int32_t* lengths, float* y, float* last_h, float* scratch, Activation activation = {}) {
  run_steps<Shape>(projected, lengths, initial_h, y, last_h, scratch, [&](recurrent_place<Shape> place) {
    recurrent_step<Shape, 1, 2 * Shape::width>(to, place.now, recurrence,
                                               rnn_cell<Shape, Activation>{place, activation});
  });
}

}  // namespace cuda
}  // namespace m2crt
