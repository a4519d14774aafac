"""Writes small models with branches and loops, each with data computed by NumPy: DIR/<case>/.

onnx's own reference knows no directions and axes of Scan, no Loop without a condition, and joins the outputs of a Loop along
a dimension that they have already."""
import os
import sys

import numpy as np
import onnx
from onnx import numpy_helper, parser

CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


def normal(*shape):
    return np.random.default_rng(len(shape) + sum(shape)).normal(size=shape).astype(np.float32)


def int64(value):
    return np.asarray(value, np.int64)


def relu(x):
    return np.maximum(x, 0)


# A case returns the graph, its weights, the inputs of each data set, and the function that the graph computes, of the
# inputs by their names.


@case
def if_layers():
    graph = """g (bool c, float[3,8] x) => (float[3,8] y, float[3,8] z) {
      s = Mul (x, x)
      y, z = If (c) <
        then_branch = a () => (float[3,8] p, float[3,8] q) { h = MatMul (s, w)  p = Add (h, b)  q = Relu (p) },
        else_branch = e () => (float[3,8] p, float[3,8] q) { p = MatMul (x, v)  q = Softmax <axis = 1> (s) }>
    }"""
    weights = {"w": normal(8, 8), "b": normal(8), "v": normal(8, 8) * 2}

    def expected(c, x):
        p = x * x @ weights["w"] + weights["b"]
        e = np.exp(x * x)
        return (p, relu(p)) if c else (x @ weights["v"], e / e.sum(1, keepdims=True))

    return graph, weights, [{"c": np.bool_(c), "x": normal(3, 8)} for c in (True, False)], expected


@case
def if_values_from_outside():
    """Branches that yield what is there already: an input, a constant, a part of another tensor, the same twice."""
    graph = """g (float[4,6] x, float[4,6] w) => (float[2,6] y, float[4,6] z, float[4,6] n) {
      sum = ReduceSum <keepdims = 0> (x)
      c = Greater (sum, zero)
      h = Neg (w)
      y, z, n = If (c) <
        then_branch = a () => (float[2,6] p, float[4,6] q, float[4,6] r) {
          p = Slice (h, one, three)  q = Identity (w)  r = Identity (h) },
        else_branch = e () => (float[2,6] p, float[4,6] q, float[4,6] r) {
          p = Identity (k)  q = Identity (h)  r = Identity (h) }>
    }"""
    weights = {"zero": np.float32(0), "one": int64([1]), "three": int64([3]), "k": normal(2, 6)}

    def expected(x, w):
        return (-w[1:3], w, -w) if x.sum() > 0 else (weights["k"], -w, -w)

    return graph, weights, [{"x": normal(4, 6) + shift, "w": normal(4, 6)} for shift in (9, -9)], expected


@case
def if_nested():
    graph = """g (bool[1] c, bool d, float[5] x, uint8[5] u) => (float[5] y, uint8[5] v) {
      y, v = If (c) <
        then_branch = a () => (float[5] p, uint8[5] q) {
          t = Exp (x)
          p, q = If (d) <
            then_branch = aa () => (float[5] i, uint8[5] j) { i = Add (t, x)  j = Add (u, u) },
            else_branch = ae () => (float[5] i, uint8[5] j) { i = Sub (t, x)  j = Identity (u) }> },
        else_branch = e () => (float[5] p, uint8[5] q) { p = Sqrt (x)  q = Div (u, two) }>
      }"""
    values = {"x": np.abs(normal(5)), "u": np.array([1, 100, 127, 128, 254], np.uint8)}

    def expected(c, d, x, u):
        if not c[0]:
            return np.sqrt(x), u // np.uint8(2)
        return (np.exp(x) + x, u + u) if d else (np.exp(x) - x, u)

    return graph, {"two": np.uint8(2)}, [{"c": np.array([c]), "d": np.bool_(d), **values}
                                         for c, d in ((True, True), (True, False), (False, True))], expected


@case
def loop_counted():
    """A constant trip count: carried state, outputs by trip, the trip's number, a value from outside."""
    graph = """g (float[2,8] x, float[8] o) => (float[2,8] y, float[5,2,8] all, float[5,2] means, int64[5] numbers) {
      y, all, means, numbers = Loop (five, , x) <
        body = b (int64 i, bool go, float[2,8] h) => (bool on, float[2,8] n, float[2,8] s, float[2] m, int64 k) {
          on = Identity (go)
          p = MatMul (h, w)
          a = Add (p, o)
          n = Tanh (a)
          f = Cast <to = 1> (i)
          s = Mul (n, f)
          m = ReduceMean <keepdims = 0> (n, axes)
          k = Mul (i, i)
        }>
    }"""
    weights = {"five": int64(5), "w": normal(8, 8), "axes": int64([1])}

    def expected(x, o):
        y, everything = x, []
        for i in range(5):
            y = np.tanh(y @ weights["w"] + o)
            everything.append((y * np.float32(i), y.mean(1), int64(i * i)))
        return y, *(np.stack(part) for part in zip(*everything))

    return graph, weights, [{"x": normal(2, 8), "o": normal(8)}], expected


@case
def loop_run_time_count():
    """A trip count that only the run knows; two states that change places; a state of bools, and one that stays."""
    graph = """g (int64[1] n, float[4] x, float[4] z, bool[4] f, float[4] k)
        => (float[4] y, float[4] w, bool[4] odd, float[4] kept) {
      y, w, odd, kept = Loop (n, yes, x, z, f, k) <
        body = b (int64 i, bool go, float[4] a, float[4] c, bool[4] d, float[4] e)
            => (bool on, float[4] an, float[4] cn, bool[4] dn, float[4] en) {
          on = Constant <value = bool {1}> ()
          an = Identity (c)
          t = Add (a, c)
          cn = Mul (t, e)
          dn = Not (d)
          en = Identity (e)
        }>
    }"""
    values = {"x": normal(4), "z": normal(4) + 1, "f": np.array([True, False, False, True]), "k": normal(4)}

    def expected(n, x, z, f, k):
        for _ in range(n[0]):
            x, z, f = z, (x + z) * k, ~f
        return x, z, f, k

    return graph, {"yes": np.bool_(True)}, [{"n": int64([n]), **values} for n in (4, 1, 0, -3)], expected


@case
def loop_states_exchanged():
    graph = """g (int64 n, float[4,4] x, float[4,4] z) => (float[4,4] y, float[4,4] w) {
      y, w = Loop (n, , x, z) <
        body = b (int64 i, bool go, float[4,4] a, float[4,4] c) => (bool go2, float[4,4] an, float[4,4] cn) {
          go2 = Identity (go)
          an = Transpose <perm = [1, 0]> (c)
          cn = Identity (a)
        }>
    }"""

    def expected(n, x, z):
        for _ in range(n):
            x, z = z.T, x
        return x, z

    return graph, {}, [{"n": int64(n), "x": normal(4, 4), "z": normal(4, 4) + 1} for n in (0, 1, 2, 3)], expected


@case
def loop_views():
    """Views of old states become the other state and outputs by trip."""
    graph = """g (float[4] x, float[2,2] z) => (float[4] y, float[2,2] w, float[3,2,2] all, float[3,2] parts) {
      y, w, all, parts = Loop (three, , x, z) <
        body = b (int64 i, bool go, float[4] a, float[2,2] c) => (bool on, float[4] an, float[2,2] cn, float[2,2] s, float[2] p) {
          on = Identity (go)
          an = Reshape (c, row)
          cn = Reshape (a, square)
          s = Reshape (a, square)
          p = Slice (a, first, last)
        }>
    }"""
    weights = {"three": int64(3), "row": int64([4]), "square": int64([2, 2]), "first": int64([1]), "last": int64([3])}

    def expected(x, z):
        everything = []
        for _ in range(3):
            everything.append((x.reshape(2, 2), x[1:3]))
            x, z = z.reshape(4), x.reshape(2, 2)
        return x, z, *(np.stack(part) for part in zip(*everything))

    return graph, weights, [{"x": normal(4), "z": normal(2, 2)}], expected


@case
def loop_from_state():
    """A loop that starts from the state of the one around it, which is read again afterwards; both states start alike."""
    graph = """g (float[4] x, int64 n) => (float[4] y, float[4] z) {
      y, z = Loop (n, , x, x) <
        body = b (int64 i, bool go, float[4] a, float[4] c) => (bool on, float[4] an, float[4] cn) {
          on = Identity (go)
          an = Loop (n, , a) <
            body = bb (int64 j, bool g, float[4] q) => (bool o, float[4] qn) {
              o = Identity (g)
              r = Add (q, c)
              qn = Tanh (r)
            }>
          cn = Sub (an, a)
        }>
    }"""

    def expected(x, n):
        a = c = x
        for _ in range(n):
            q = a
            for _ in range(n):
                q = np.tanh(q + c)
            a, c = q, q - a
        return a, c

    return graph, {}, [{"x": normal(4), "n": int64(n)} for n in (3, 1)], expected


@case
def loop_until():
    """Ends by its condition alone."""
    graph = """g (bool begins, float[4] x) => (float[4] y, int64 count) {
      y, count = Loop (, begins, x, zero) <
        body = b (int64 i, bool go, float[4] h, int64 k) => (bool on, float[4] n, int64 kn) {
          n = Mul (h, factor)
          top = ReduceMax <keepdims = 0> (n)
          on = Less (top, hundred)
          kn = Add (i, one)
        }>
    }"""
    weights = {"zero": int64(0), "one": int64(1), "factor": np.float32(1.7), "hundred": np.float32(100)}

    def expected(begins, x):
        count = 0
        while begins:
            x = x * np.float32(1.7)
            begins, count = x.max() < 100, count + 1
        return x, int64(count)

    return graph, weights, [{"begins": np.bool_(b), "x": np.abs(normal(4))} for b in (True, False)], expected


@case
def loop_until_or_count():
    graph = """g (int64 limit, float[4] x) => (float[4] y, int64 count) {
      y, count = Loop (limit, yes, x, zero) <
        body = b (int64 i, bool go, float[4] h, int64 k) => (bool on, float[4] n, int64 kn) {
          n = Mul (h, factor)
          top = ReduceMax <keepdims = 0> (n)
          on = Less (top, hundred)
          kn = Add (k, one)
        }>
    }"""
    weights = {"yes": np.bool_(True), "zero": int64(0), "one": int64(1), "factor": np.float32(1.7),
               "hundred": np.float32(100)}

    def expected(limit, x):
        count = 0
        while count < limit and (count == 0 or x.max() < 100):
            x, count = x * np.float32(1.7), count + 1
        return x, int64(count)

    return graph, weights, [{"limit": int64(n), "x": np.abs(normal(4))} for n in (0, 3, 1000)], expected


@case
def loops_nested():
    """A loop in a loop in a branch, with values from all around, and a branch in the innermost."""
    graph = """g (bool c, float[3,4] x, float[4] o) => (float[3,4] y) {
      y = If (c) <
        then_branch = a () => (float[3,4] p) {
          p = Loop (three, , x) <
            body = b (int64 i, bool go, float[3,4] h) => (bool on, float[3,4] hn) {
              on = Identity (go)
              odd = BitwiseAnd (i, one)
              isodd = Equal (odd, one)
              outer = Add (h, o)
              hn = Loop (two, , outer) <
                body = bb (int64 j, bool g, float[3,4] s) => (bool q, float[3,4] sn) {
                  q = Identity (g)
                  m = MatMul (s, w)
                  sn = If (isodd) <
                    then_branch = ba () => (float[3,4] t) { t = Add (m, outer) },
                    else_branch = be () => (float[3,4] t) { r = Sigmoid (m)  t = Sub (r, x) }>
                }>
            }> },
        else_branch = e () => (float[3,4] p) { p = Relu (x) }>
    }"""
    weights = {"one": int64(1), "two": int64(2), "three": int64(3), "w": normal(4, 4)}

    def expected(c, x, o):
        if not c:
            return (relu(x),)
        h = x
        for i in range(3):
            outer = s = h + o
            for _ in range(2):
                m = s @ weights["w"]
                s = m + outer if i % 2 else 1 / (1 + np.exp(-m)) - x
            h = s
        return (h,)

    return graph, weights, [{"c": np.bool_(c), "x": normal(3, 4), "o": normal(4)} for c in (True, False)], expected


@case
def scan_cell():
    """A recurrent cell, its weights from outside; the inputs along dimension 1."""
    graph = """g (float[2,8] h, float[2,5,8] x) => (float[2,8] y, float[2,5,8] all) {
      y, all = Scan <num_scan_inputs = 1, scan_input_axes = [1], scan_output_axes = [1],
        body = b (float[2,8] a, float[2,8] t) => (float[2,8] n, float[2,8] s) {
          p = MatMul (a, w)
          q = MatMul (t, v)
          r = Add (p, q)
          n = Tanh (r)
          s = Identity (n)
        }> (h, x)
    }"""
    weights = {"w": normal(8, 8), "v": normal(8, 8) * 0.5}

    def expected(h, x):
        everything = []
        for t in range(5):
            h = np.tanh(h @ weights["w"] + x[:, t] @ weights["v"])
            everything.append(h)
        return h, np.stack(everything, 1)

    return graph, weights, [{"h": normal(2, 8), "x": normal(2, 5, 8)}], expected


@case
def scan_backwards():
    """Two inputs, one from its end; two outputs, one to its start, along other dimensions."""
    graph = """g (float[3] h, float[6,3] x, float[3,6] z) => (float[3] y, float[3,6] p, float[6,3] q) {
      y, p, q = Scan <num_scan_inputs = 2, scan_input_axes = [0, -1], scan_input_directions = [1, 0],
                      scan_output_axes = [1, 0], scan_output_directions = [0, 1],
        body = b (float[3] a, float[3] s, float[3] t) => (float[3] n, float[3] u, float[3] v) {
          n = Add (a, s)
          u = Mul (n, t)
          v = Sub (s, t)
        }> (h, x, z)
    }"""

    def expected(h, x, z):
        p, q = np.zeros((3, 6), np.float32), np.zeros((6, 3), np.float32)
        for t in range(6):
            h = h + x[5 - t]
            p[:, t], q[5 - t] = h * z[:, t], x[5 - t] - z[:, t]
        return h, p, q

    return graph, {}, [{"h": normal(3), "x": normal(6, 3), "z": normal(3, 6)}], expected


@case
def scan_symbolic():
    """Any number of rows, each of any number of steps."""
    graph = """g (float[rows,4] h, float[steps,rows,4] x) => (float[rows,4] y, float[steps,rows,4] all) {
      y, all = Scan <num_scan_inputs = 1,
        body = b (float[rows,4] a, float[rows,4] t) => (float[rows,4] n, float[rows,4] s) {
          p = MatMul (a, w)
          n = Add (p, t)
          s = Relu (n)
        }> (h, x)
    }"""
    weights = {"w": normal(4, 4)}

    def expected(h, x):
        everything = []
        for t in x:
            h = h @ weights["w"] + t
            everything.append(relu(h))
        return h, np.stack(everything)

    return graph, weights, [{"h": normal(r, 4), "x": normal(s, r, 4)} for s, r in ((3, 2), (1, 5))], expected


@case
def loop_symbolic():
    """As many trips as there are rows."""
    graph = """g (float[rows,4] x) => (float[4] y, float[rows,4] sums) {
      n = Shape <start = 0, end = 1> (x)
      start = Mul (zero, zero4)
      y, sums = Loop (n, , start) <
        body = b (int64 i, bool go, float[4] a) => (bool on, float[4] an, float[4] s) {
          on = Identity (go)
          row = Gather <axis = 0> (x, i)
          an = Add (a, row)
          s = Identity (an)
        }>
    }"""

    def expected(x):
        return x.sum(0), np.cumsum(x, 0)

    return graph, {"zero": np.float32(0), "zero4": np.zeros(4, np.float32)}, [{"x": normal(r, 4)} for r in (3, 1)], expected


@case
def if_symbolic():
    graph = """g (bool c, float[rows,4] x) => (float[rows,4] y) {
      y = If (c) <
        then_branch = a () => (float[rows,4] p) { p = MatMul (x, w) },
        else_branch = e () => (float[rows,4] p) { p = Neg (x) }>
    }"""
    weights = {"w": normal(4, 4)}

    def expected(c, x):
        return (x @ weights["w"] if c else -x,)

    return graph, weights, [{"c": np.bool_(c), "x": normal(r, 4)} for c, r in ((True, 3), (False, 5))], expected


def save(tensors, folder, kind):
    for i, (name, value) in enumerate(tensors):
        tensor = numpy_helper.from_array(np.ascontiguousarray(value).reshape(value.shape), name)
        with open(os.path.join(folder, f"{kind}_{i}.pb"), "wb") as file:
            file.write(tensor.SerializeToString())


def write(name, folder):
    text, weights, sets, expected = CASES[name]()
    model = parser.parse_model('<ir_version: 10, opset_import: ["" : 21]> ' + text)
    model.graph.initializer.extend(numpy_helper.from_array(np.asarray(v), k) for k, v in weights.items())
    for i, inputs in enumerate(sets):
        data = os.path.join(folder, name, f"test_data_set_{i}")
        os.makedirs(data, exist_ok=True)
        inputs = {k: np.asarray(v) for k, v in inputs.items()}
        results = [np.asarray(result) for result in expected(**inputs)]
        save(inputs.items(), data, "input")
        save(zip((output.name for output in model.graph.output), results), data, "output")
    onnx.save(model, os.path.join(folder, name, "model.onnx"))


if __name__ == "__main__":
    for name in CASES:
        write(name, sys.argv[1])
