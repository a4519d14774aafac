// LSTM, GRU and simple RNN over time, one direction a call, with ONNX's semantics and gate order (LSTM i o f c, GRU z r
// h). The input's share of the gates, X W^T plus the biases, comes ready as `projected` [steps, batch, gates * hidden]:
// one big GEMM outside the time loop. What is left, h R^T and the gates, is one pass a step: a tile of a few batch rows
// by the gates of one vector of units, so that all gates of a unit are in registers when its dot products end, and the
// cell follows at once.
#pragma once

#include <utility>

#include "m2crt/elementwise.h"
#include "m2crt/pack.h"
#include "m2crt/part.h"

namespace m2crt {

// ---- activations --------------------------------------------------------------------------------------------------

struct sigmoid_activation {
  template <class V>
  M2CRT_INLINE V operator()(V x) const {
    return sigmoid(x);
  }
};
struct tanh_activation {
  template <class V>
  M2CRT_INLINE V operator()(V x) const {
    return tanh(x);
  }
};
struct relu_activation {
  template <class V>
  M2CRT_INLINE V operator()(V x) const {
    return relu(x);
  }
};
struct affine_activation {
  float alpha, beta;
  template <class V>
  M2CRT_INLINE V operator()(V x) const {
    return mul_add(x, splat<V>(alpha), splat<V>(beta));
  }
};
struct leaky_relu_activation {
  float alpha;
  template <class V>
  M2CRT_INLINE V operator()(V x) const {
    return select(x < V{}, x * alpha, x);
  }
};
struct thresholded_relu_activation {
  float alpha;
  template <class V>
  M2CRT_INLINE V operator()(V x) const {
    return select(x > splat<V>(alpha), x, V{});
  }
};
struct scaled_tanh_activation {
  float alpha, beta;
  template <class V>
  M2CRT_INLINE V operator()(V x) const {
    return alpha * tanh(beta * x);
  }
};
struct hard_sigmoid_activation {
  float alpha, beta;
  template <class V>
  M2CRT_INLINE V operator()(V x) const {
    return clamp(mul_add(x, splat<V>(alpha), splat<V>(beta)), 0.0f, 1.0f);
  }
};
struct elu_activation {
  float alpha;
  template <class V>
  M2CRT_INLINE V operator()(V x) const {
    return select(x < V{}, alpha * expm1(x), x);
  }
};
struct softsign_activation {
  template <class V>
  M2CRT_INLINE V operator()(V x) const {
    return x / (1.0f + abs(x));
  }
};
struct softplus_activation {
  template <class V>
  M2CRT_INLINE V operator()(V x) const {
    return softplus(x);
  }
};

// ---- shapes and packing -------------------------------------------------------------------------------------------

/// What a shape struct may leave out. It must give `hidden`, a constant, and `steps`, `batch` and the strides (in
/// elements) `projected_step`, `projected_row`, `y_step`, `y_row`, which may be members that the run sets.
struct recurrent_defaults {
  static constexpr bool reverse = false;              // time runs backwards, from each sequence's own end
  static constexpr bool input_forget = false;         // LSTM: the forget gate is 1 - the input gate
  static constexpr bool linear_before_reset = false;  // GRU: the reset gate scales h R^T + its bias rather than h
  static constexpr float clip = 0;                    // bound of the gates' inputs; 0 for none
  static constexpr idx width = lanes<float>;          // that the recurrent weights were packed for, on any target
};

/// Distance of rows in the kernels' own copies of the state: not a power of two.
constexpr idx recurrent_pitch(idx hidden) { return (hidden + 15) / 16 * 16 + 16; }

/// Floats of scratch memory: h twice and c (LSTM); h twice, z and r * h (GRU); h twice (RNN).
constexpr idx lstm_scratch(idx batch, idx hidden) { return 3 * batch * recurrent_pitch(hidden); }
constexpr idx gru_scratch(idx batch, idx hidden) { return 4 * batch * recurrent_pitch(hidden); }
constexpr idx rnn_scratch(idx batch, idx hidden) { return 2 * batch * recurrent_pitch(hidden); }

/// Units of a panel for a target with `width` float lanes: one vector of each gate; of a single gate two, or the tile
/// would be bound by loads.
constexpr idx recurrence_panel(idx gates, idx width) { return gates == 1 ? 2 * width : width; }

/// Floats of recurrent weights packed for `width` lanes. `split`: see pack_recurrence_split.
constexpr idx packed_recurrence_size(idx gates, idx hidden, idx width, bool split = false) {
  if (split) return packed_recurrence_size(gates - 1, hidden, width) + packed_recurrence_size(1, hidden, width);
  const idx panel = recurrence_panel(gates, width);
  return (hidden + panel - 1) / panel * panel * hidden * gates;
}

/// Packs recurrent weights r [gates * hidden, hidden] as [ceil(hidden / panel)][hidden][gates][panel], zero-padded,
/// with panel = recurrence_panel(gates, width): for each k the inner loop reads the weights of all gates of a panel's
/// units.
template <class T>
inline void pack_recurrence(const T* r, T* out, idx gates, idx hidden, idx width) {
  const idx panel = recurrence_panel(gates, width);
  for (idx u0 = 0; u0 < hidden; u0 += panel)
    for (idx k = 0; k < hidden; ++k)
      for (idx g = 0; g < gates; ++g)
        for (idx u = u0; u < u0 + panel; ++u) *out++ = u < hidden ? r[(g * hidden + u) * hidden + k] : T{};
}

/// A GRU's r [3 * hidden, hidden] without linear_before_reset: gates z and r first, then the hidden gate, which has to
/// wait for r.
template <class T>
inline void pack_recurrence_split(const T* r, T* out, idx gates, idx hidden, idx width) {
  pack_recurrence(r, out, gates - 1, hidden, width);
  pack_recurrence(r + (gates - 1) * hidden * hidden, out + packed_recurrence_size(gates - 1, hidden, width), idx{1},
                  hidden, width);
}

// ---- one step's matrix product ------------------------------------------------------------------------------------

// The sums of a tile, Rows rows from `h` on by one panel, go to out [Rows][gates * panel].
// RowSize is gates * panel; Width and Vectors say how a panel's row is cut into vectors, and how many are summed at a
// time: all of them, unless the panel was made for wider vectors.
template <idx Hidden, int Rows, idx RowSize, int Width, int Vectors>
M2CRT_INLINE void recurrent_tile(const float* h, idx h_pitch, const float* panel, float* out, idx out_pitch) {
  using V = vec<float, Width>;
  const float* rows[Rows];
  M2CRT_UNROLL for (int r = 0; r < Rows; ++r) rows[r] = h + r * h_pitch;
  for (idx first = 0; first < RowSize; first += Vectors * Width) {
    V acc[Rows][Vectors];
    multiply_tile<runs<Hidden>, RowSize>(acc, rows, panel + first);
    M2CRT_UNROLL for (int r = 0; r < Rows; ++r) {
      M2CRT_UNROLL for (int v = 0; v < Vectors; ++v) { store(out + r * out_pitch + first + v * Width, acc[r][v]); }
    }
  }
}

// The same for the rows `own` of a block, which is cut into tiles of Large rows, from `large_rows` on of Large - 1.
// A function of its own: among the cells' constants gcc finds no registers for the sums.
template <idx Hidden, int Large, idx RowSize, int Width, int Vectors>
__attribute__((noinline)) void recurrent_tiles(range own, idx large_rows, const float* h, idx h_pitch,
                                               const float* panel, float* out, idx out_pitch) {
  idx row = own.begin;
  for (; row < own.end && row < large_rows; row += Large)
    recurrent_tile<Hidden, Large, RowSize, Width, Vectors>(h + row * h_pitch, h_pitch, panel, out + row * out_pitch,
                                                           out_pitch);
  if constexpr (Large > 1)
    for (; row < own.end; row += Large - 1)
      recurrent_tile<Hidden, Large - 1, RowSize, Width, Vectors>(h + row * h_pitch, h_pitch, panel,
                                                                 out + row * out_pitch, out_pitch);
}

// How recurrent_product goes through its batch: in blocks of rows, these in tiles.
inline constexpr idx recurrent_block = 32;
template <int Gates, idx PackedWidth>
struct recurrent_tiling {
  static constexpr idx panel = recurrence_panel(Gates, PackedWidth), row_size = Gates * panel;
  static constexpr int width = panel_lanes<float, panel>;
  static constexpr int all_vectors = static_cast<int>(row_size / width), slices = (all_vectors + 7) / 8;
  static constexpr int vectors = all_vectors / slices;
  static_assert(vectors * slices == all_vectors);
  static constexpr even_split split(idx rows) { return even_split(rows, tile_rows(vectors)); }
  /// The row near `row` at which a tile begins.
  static constexpr idx tile_near(idx batch, bool is_constant, idx row) {
    if (row >= batch) return batch;
    idx begin = row / recurrent_block * recurrent_block;
    if (const idx rows = batch - begin; rows >= recurrent_block || is_constant) {
      const even_split tiles = split(rows < recurrent_block ? rows : recurrent_block);
      idx tile = 0;
      while (begin + tiles.start_of(tile) + tiles.large / 2 < row) ++tile;
      return begin + tiles.start_of(tile);
    }
    for (idx piece = 8; begin < row; piece = piece == 4 ? 1 : piece / 2)
      while (begin < row && begin + piece <= batch) begin += piece;
    return begin;
  }
};

// cell(lanes, row, unit, gates) over the rows `own` of the batch and all units: gate g of `unit` is row `row` of h
// times its weights, at gates[g * panel], panel = recurrence_panel(Gates, PackedWidth). Zero: h is known to be 0, so
// nothing is multiplied. Before the sums of some units, ahead(row, unit) may fetch what their cells will read: a row
// apart, the hardware sees no pattern.
//
// Sums and cells take turns: a batch of sums, enough to keep a loop of cells busy, waits in a buffer in the first-level
// cache. (A cell is a chain of some 110 cycles and as many instructions: at the end of each tile it cost 160 cycles, in
// a loop of its own 80.)
template <idx Batch, idx Hidden, int Gates, idx PackedWidth, bool Zero, class Ahead, class Cell>
inline void recurrent_product(range own, const float* __restrict h, idx h_pitch, const float* __restrict weights,
                              Ahead ahead, Cell cell) {
  using tiling = recurrent_tiling<Gates, PackedWidth>;
  constexpr idx panel = tiling::panel, row_size = tiling::row_size;
  constexpr int width = tiling::width;
  [[maybe_unused]] constexpr int vectors = tiling::vectors;
  constexpr idx block = Batch < recurrent_block ? Batch : recurrent_block;
  constexpr idx chunk = block < 16 ? (16 + block - 1) / block : 1;  // panels whose sums wait together
  constexpr even_split split = tiling::split(block);
  constexpr even_split rest_split = tiling::split(Batch % block ? Batch % block : 1);
  constexpr idx all_panels = (Hidden + panel - 1) / panel;
  alignas(64) float sums[block * chunk * row_size];
  if constexpr (Zero)
    for (float& x : sums) x = 0;
  auto rows_by_panels = [&](auto large, idx large_rows, idx row, idx rows, idx first, idx panels) {
    constexpr int large_tile = decltype(large)::count;
    const range here = own.clip(row, rows);
    for (idx r = here.begin; r < here.end; ++r)
      for (idx p = first; p < first + panels; ++p) ahead(row + r, p * panel);
    if constexpr (!Zero) {
      const float* x = h + row * h_pitch;
      for (idx p = 0; p < panels; ++p) {
        const float* b = weights + (first + p) * Hidden * row_size;
        float* out = sums + p * row_size;
        recurrent_tiles<Hidden, large_tile, row_size, width, vectors>(here, large_rows, x, h_pitch, b, out,
                                                                      chunk * row_size);
      }
    }
    for (idx r = here.begin; r < here.end; ++r)
      for (idx p = 0; p < panels; ++p) {
        const float* gates = sums + (r * chunk + p) * row_size;
        const idx unit = (first + p) * panel;
        auto at = [&](auto lanes, idx i) { cell(lanes, row + r, unit + i, gates + i); };
        if (Hidden % panel == 0 || unit + panel <= Hidden)
          vloop_by<panel, width>(at);
        else
          vloop_by<Hidden % panel, width>(at);
      }
  };
  for (idx first = 0; first < all_panels; first += chunk) {
    const idx panels = first + chunk < all_panels ? chunk : all_panels - first;
    for (idx row = 0; row + block <= Batch; row += block)
      rows_by_panels(lane_tag<static_cast<int>(split.large)>{}, split.large_tiles * split.large, row, block, first,
                     panels);
    if constexpr (Batch % block != 0)
      rows_by_panels(lane_tag<static_cast<int>(rest_split.large)>{}, rest_split.large_tiles * rest_split.large,
                     Batch - Batch % block, Batch % block, first, panels);
  }
}

// ---- time and state -----------------------------------------------------------------------------------------------

// Where step s of row `row` reads and writes, and whether the row's sequence still runs then.
struct recurrent_place {
  idx time;
  bool running;
};
template <class Shape>
M2CRT_INLINE recurrent_place place_of(const Shape& shape, idx s, idx row, const std::int32_t* lengths) {
  idx length = lengths ? lengths[row] : shape.steps;
  if (s >= length) return {s, false};
  return {Shape::reverse ? length - 1 - s : s, true};
}

template <class Shape, class V>
M2CRT_INLINE V clip_gate(V x) {
  if constexpr (Shape::clip != 0)
    return clamp(x, -Shape::clip, Shape::clip);
  else
    return x;
}

// Copies `rows` of `hidden` floats; a null source means zeros, a null destination nothing.
template <class Shape>
M2CRT_INLINE void copy_state(range rows, const float* from, idx from_row, float* to, idx to_row) {
  if (!to) return;
  for (idx row = rows.begin; row < rows.end; ++row)
    vloop<Shape::hidden>([&](auto lanes, idx i) {
      store(to + row * to_row + i, from ? load(lanes, from + row * from_row + i) : splat(lanes, 0.0f));
    });
}

// step(s, now, next, zero) for every step: `now` and `next` take turns as h [batch][pitch]; `zero` (a type) is true for
// a first step that starts from h = 0. Leaves the last h in `last_h`.
template <class Shape, class Step>
M2CRT_INLINE void run_steps(const Shape& shape, range rows, const float* initial_h, float* last_h, float* scratch,
                            Step step) {
  constexpr idx pitch = recurrent_pitch(Shape::hidden);
  float* now = scratch;
  float* next = scratch + shape.batch * pitch;
  copy_state<Shape>(rows, initial_h, Shape::hidden, now, pitch);
  for (idx s = 0; s < shape.steps; ++s) {
    if (s == 0 && !initial_h)
      step(s, now, next, std::true_type{});
    else
      step(s, now, next, std::false_type{});
    std::swap(now, next);
  }
  copy_state<Shape>(rows, now, pitch, last_h, Shape::hidden);
}

// Row `row`'s new state goes to `next` and, if wanted, to y; a sequence that has ended keeps its state and gives zeros.
template <class Shape, class V>
M2CRT_INLINE void store_state(const Shape& shape, V h, recurrent_place at, idx row, idx unit, const float* now,
                              float* next, float* y) {
  constexpr idx pitch = recurrent_pitch(Shape::hidden);
  store(next + row * pitch + unit, at.running ? h : load<V>(now + row * pitch + unit));
  if (y) store(y + at.time * shape.y_step + row * shape.y_row + unit, at.running ? h : V{});
}

// Whether a shape's batch is a constant rather than a member that the run sets.
template <class Shape>
inline constexpr bool has_constant_batch = !std::is_member_object_pointer_v<decltype(&Shape::batch)>;

// The rows of the batch that a part computes over all time: whole tiles.
template <int Gates, class Shape, class Part>
M2CRT_INLINE range rows_of(const Shape& shape, Part part) {
  const range rows = part.of(shape.batch);
  if constexpr (Part::is_whole) {
    return rows;
  } else {
    auto near = [&](idx row) {
      return recurrent_tiling<Gates, Shape::width>::tile_near(shape.batch, has_constant_batch<Shape>, row);
    };
    return {near(rows.begin), near(rows.end)};
  }
}

// recurrent_product over rows of the shape's batch: at once, or, where only the run knows it, in pieces of known size.
template <idx Hidden, int Gates, bool Zero, class Shape, class Ahead, class Cell>
M2CRT_INLINE void recurrent_rows([[maybe_unused]] const Shape& shape, range own, const float* __restrict h, idx h_pitch,
                                 const float* __restrict weights, Ahead ahead, Cell cell) {
  if constexpr (has_constant_batch<Shape>) {
    recurrent_product<Shape::batch, Hidden, Gates, Shape::width, Zero>(own, h, h_pitch, weights, ahead, cell);
  } else {
    idx row = 0;
    auto pieces = [&](auto size) {
      for (; row + decltype(size)::count <= shape.batch; row += decltype(size)::count)
        recurrent_product<decltype(size)::count, Hidden, Gates, Shape::width, Zero>(
            own.clip(row, decltype(size)::count), h + row * h_pitch, h_pitch, weights,
            [&](idx r, idx unit) { ahead(row + r, unit); },
            [&](auto lanes, idx r, idx unit, const float* gates) { cell(lanes, row + r, unit, gates); });
    };
    pieces(lane_tag<recurrent_block>{});
    pieces(lane_tag<8>{});  // as tile_near has them
    pieces(lane_tag<4>{});
    pieces(lane_tag<1>{});
  }
}

// ---- LSTM ---------------------------------------------------------------------------------------------------------

// The cell c and state h from the gates' inputs. With sigmoid and tanh two divisions do for five functions: the
// exponents are bounded by 40 (a gate of 4e-18), so no product of denominators overflows.
template <class V>
struct lstm_state {
  V c, h;
};
template <bool InputForget, class V, class Gate, class Cell, class Hidden>
M2CRT_INLINE lstm_state<V> lstm_cell(V i, V f, V g, V c, Gate gate, Cell cell, Hidden hidden, V peephole_o, V o) {
  constexpr bool usual = std::is_same_v<Gate, sigmoid_activation> && std::is_same_v<Cell, tanh_activation> &&
                         std::is_same_v<Hidden, tanh_activation> && !InputForget;
  if constexpr (usual) {
    V one = splat<V>(1);
    auto denominator = [&](V x) { return one + exp_bounded<-1>(clamp(x, -40.0f, 40.0f)); };
    V di = denominator(i), df = denominator(f);
    auto [p, q] = tanh_ratio(g);
    V dc = q * di;
    c = mul_add(c, dc, p * df) / (dc * df);
    auto [hp, hq] = tanh_ratio(c);
    return {c, hp / (hq * denominator(mul_add(peephole_o, c, o)))};
  } else {
    V gi = gate(i);
    V gf = InputForget ? splat<V>(1) - gi : gate(f);
    c = mul_add(gf, c, gi * cell(g));
    return {c, gate(mul_add(peephole_o, c, o)) * hidden(c)};
  }
}

/// y[t] = h, with i, o, f = Gate(gate inputs), c = f * c + i * Cell(c's input), h = o * Hidden(c).
///
/// projected [steps, batch, 4 * hidden]; recurrence packed by pack_recurrence with 4 gates for Shape::width
/// lanes; peephole [3 * hidden] (i, o, f); initial_h, initial_c, last_h, last_c [batch, hidden]; lengths [batch]; y
/// [steps, batch, hidden]. All but `projected` and `recurrence` may be null. `scratch` holds lstm_scratch floats.
/// A part has rows of the batch, over all time.
template <class Shape, class Gate = sigmoid_activation, class Cell = tanh_activation, class Hidden = tanh_activation,
          class Part = whole>
inline void lstm_sized(const Shape& shape, const float* __restrict projected, const float* __restrict recurrence,
                       const float* peephole, const float* initial_h, const float* initial_c,
                       const std::int32_t* lengths, float* y, float* last_h, float* last_c, float* __restrict scratch,
                       Gate gate = {}, Cell cell = {}, Hidden hidden = {}, Part part = {}) {
  constexpr idx H = Shape::hidden, pitch = recurrent_pitch(H), panel = recurrence_panel(4, Shape::width);
  float* state = scratch + 2 * shape.batch * pitch;
  const range rows = rows_of<4>(shape, part);
  copy_state<Shape>(rows, initial_c, H, state, pitch);
  run_steps(shape, rows, initial_h, last_h, scratch, [&](idx s, const float* now, float* next, auto zero) {
    recurrent_rows<H, 4, decltype(zero)::value>(
        shape, rows, now, pitch, recurrence,
        [&](idx row, idx unit) {
          const recurrent_place at = place_of(shape, s, row, lengths);
          const float* x = projected + at.time * shape.projected_step + row * shape.projected_row + unit;
          for (int g = 0; g < 4; ++g) __builtin_prefetch(x + g * H, 0, 3);
          if (y) __builtin_prefetch(y + at.time * shape.y_step + row * shape.y_row + unit, 1, 3);
        },
        [&](auto lanes, idx row, idx unit, const float* gates) {
          using V = vec<float, decltype(lanes)::count>;
          const recurrent_place at = place_of(shape, s, row, lengths);
          const float* x = projected + at.time * shape.projected_step + row * shape.projected_row + unit;
          V c = load<V>(state + row * pitch + unit);
          V i = load<V>(gates) + load<V>(x), o = load<V>(gates + panel) + load<V>(x + H);
          V f = load<V>(gates + 2 * panel) + load<V>(x + 2 * H), g = load<V>(gates + 3 * panel) + load<V>(x + 3 * H);
          V peephole_o{};
          if (peephole) {
            i = mul_add(load<V>(peephole + unit), c, i);
            peephole_o = load<V>(peephole + H + unit);
            f = mul_add(load<V>(peephole + 2 * H + unit), c, f);
          }
          i = clip_gate<Shape>(i), o = clip_gate<Shape>(o), f = clip_gate<Shape>(f), g = clip_gate<Shape>(g);
          auto [new_c, h] = lstm_cell<Shape::input_forget>(i, f, g, c, gate, cell, hidden, peephole_o, o);
          store(state + row * pitch + unit, at.running ? new_c : c);
          store_state(shape, h, at, row, unit, now, next, y);
        });
  });
  copy_state<Shape>(rows, state, pitch, last_c, H);
}

// ---- GRU ----------------------------------------------------------------------------------------------------------

/// h = (1 - z) * Candidate(...) + z * h with z, r = Gate(...); the candidate's input is x_h + r * (h R_h^T +
/// recurrence_bias) with Shape::linear_before_reset, else x_h + (r * h) R_h^T.
///
/// projected [steps, batch, 3 * hidden]; recurrence packed by pack_recurrence with 3 gates (linear_before_reset) or by
/// pack_recurrence_split; recurrence_bias [hidden] or null; the rest as for lstm. `scratch` holds gru_scratch floats.
template <class Shape, class Gate = sigmoid_activation, class Candidate = tanh_activation, class Part = whole>
inline void gru_sized(const Shape& shape, const float* __restrict projected, const float* __restrict recurrence,
                      const float* recurrence_bias, const float* initial_h, const std::int32_t* lengths, float* y,
                      float* last_h, float* __restrict scratch, Gate gate = {}, Candidate candidate = {},
                      Part part = {}) {
  constexpr idx H = Shape::hidden, pitch = recurrent_pitch(H), panel = recurrence_panel(3, Shape::width);
  [[maybe_unused]] float* update = scratch + 2 * shape.batch * pitch;
  [[maybe_unused]] float* reset_h = update + shape.batch * pitch;
  // The tiles of all gates together, or of two gates and then the third: panels of one gate are twice as wide.
  const range rows = rows_of<(Shape::linear_before_reset ? 3 : 2)>(shape, part);
  run_steps(shape, rows, initial_h, last_h, scratch, [&](idx s, const float* now, float* next, auto zero) {
    constexpr bool first = decltype(zero)::value;
    auto input = [&](recurrent_place at, idx row, idx unit) {
      return projected + at.time * shape.projected_step + row * shape.projected_row + unit;
    };
    if constexpr (Shape::linear_before_reset) {
      recurrent_rows<H, 3, first>(
          shape, rows, now, pitch, recurrence, [](idx, idx) {},
          [&](auto lanes, idx row, idx unit, const float* gates) {
            using V = vec<float, decltype(lanes)::count>;
            const recurrent_place at = place_of(shape, s, row, lengths);
            const float* x = input(at, row, unit);
            V z = gate(clip_gate<Shape>(load<V>(gates) + load<V>(x)));
            V r = gate(clip_gate<Shape>(load<V>(gates + panel) + load<V>(x + H)));
            V inner = recurrence_bias ? load<V>(gates + 2 * panel) + load<V>(recurrence_bias + unit)
                                      : load<V>(gates + 2 * panel);
            V n = candidate(clip_gate<Shape>(mul_add(r, inner, load<V>(x + 2 * H))));
            V h = load<V>(now + row * pitch + unit);
            store_state(shape, mul_add(z, h - n, n), at, row, unit, now, next, y);
          });
    } else {
      recurrent_rows<H, 2, first>(
          shape, rows, now, pitch, recurrence, [](idx, idx) {},
          [&](auto lanes, idx row, idx unit, const float* gates) {
            using V = vec<float, decltype(lanes)::count>;
            const float* x = input(place_of(shape, s, row, lengths), row, unit);
            store(update + row * pitch + unit, gate(clip_gate<Shape>(load<V>(gates) + load<V>(x))));
            V r = gate(clip_gate<Shape>(load<V>(gates + panel) + load<V>(x + H)));
            store(reset_h + row * pitch + unit, r * load<V>(now + row * pitch + unit));
          });
      recurrent_rows<H, 1, first>(
          shape, rows, reset_h, pitch, recurrence + packed_recurrence_size(2, H, Shape::width), [](idx, idx) {},
          [&](auto lanes, idx row, idx unit, const float* gates) {
            using V = vec<float, decltype(lanes)::count>;
            const recurrent_place at = place_of(shape, s, row, lengths);
            V inner = recurrence_bias ? load<V>(gates) + load<V>(recurrence_bias + unit) : load<V>(gates);
            V n = candidate(clip_gate<Shape>(inner + load<V>(input(at, row, unit) + 2 * H)));
            V z = load<V>(update + row * pitch + unit), h = load<V>(now + row * pitch + unit);
            store_state(shape, mul_add(z, h - n, n), at, row, unit, now, next, y);
          });
    }
  });
}

// ---- RNN ----------------------------------------------------------------------------------------------------------

/// h = Activation(projected + h R^T). `recurrence` packed by pack_recurrence with one gate; the rest as for lstm.
/// `scratch` holds rnn_scratch floats.
template <class Shape, class Activation = tanh_activation, class Part = whole>
inline void rnn_sized(const Shape& shape, const float* __restrict projected, const float* __restrict recurrence,
                      const float* initial_h, const std::int32_t* lengths, float* y, float* last_h,
                      float* __restrict scratch, Activation activation = {}, Part part = {}) {
  constexpr idx H = Shape::hidden, pitch = recurrent_pitch(H);
  const range rows = rows_of<1>(shape, part);
  run_steps(shape, rows, initial_h, last_h, scratch, [&](idx s, const float* now, float* next, auto zero) {
    recurrent_rows<H, 1, decltype(zero)::value>(
        shape, rows, now, pitch, recurrence, [](idx, idx) {},
        [&](auto lanes, idx row, idx unit, const float* gates) {
          using V = vec<float, decltype(lanes)::count>;
          const recurrent_place at = place_of(shape, s, row, lengths);
          const float* x = projected + at.time * shape.projected_step + row * shape.projected_row + unit;
          V h = activation(clip_gate<Shape>(load<V>(gates) + load<V>(x)));
          store_state(shape, h, at, row, unit, now, next, y);
        });
  });
}

// For shapes that are known at conversion.
template <class Shape, class... Arguments>
inline void lstm(const Arguments&... arguments) {
  lstm_sized(Shape{}, arguments...);
}
template <class Shape, class... Arguments>
inline void gru(const Arguments&... arguments) {
  gru_sized(Shape{}, arguments...);
}
template <class Shape, class... Arguments>
inline void rnn(const Arguments&... arguments) {
  rnn_sized(Shape{}, arguments...);
}

}  // namespace m2crt
