"""Writes models with Gradient and NumPy's central differences as outputs: DIR/<case>/."""
import os
import sys

import numpy as np

from cases import node, write_case

TRAINING = "ai.onnx.preview.training"


def gradient(inputs, outputs, **attributes):
    return node("Gradient", inputs, outputs, domain=TRAINING, **attributes)


def differences(f, *xs):
    results = []
    for i, x in enumerate(xs):
        g = np.zeros(x.shape)
        for at in np.ndindex(*x.shape):
            moved = [v.astype(np.float64) for v in xs]
            h = 1e-5
            moved[i][at] += h
            up = f(*moved).sum()
            moved[i][at] -= 2 * h
            g[at] = (up - f(*moved).sum()) / (2 * h)
        results.append(g.astype(np.float32))
    return results


def normal(*shape, seed=0):
    return np.random.default_rng(seed + sum(shape)).normal(size=shape).astype(np.float32)


def network():
    """Two layers with a softmax, by all their operands."""
    x, w1, b1, w2 = normal(3, 4), normal(4, 5), normal(5), normal(5, 2)

    def f(x, w1, b1, w2):
        h = np.tanh(x @ w1 + b1)
        e = np.exp(h @ w2)
        p = e / e.sum(1, keepdims=True)
        return (np.log(p[:, :1]) * [[1.0]]).mean() + np.sqrt((x * x).sum())

    nodes = [node("MatMul", "x w1", "a"), node("Add", "a b1", "s"), node("Tanh", "s", "h"), node("MatMul", "h w2", "l"),
             node("Softmax", "l", "p", axis=1), node("MatMul", "p first", "q"), node("Log", "q", "lq"),
             node("ReduceMean", "lq", "m", keepdims=0), node("Mul", "x x", "xx"), node("ReduceSum", "xx", "n", keepdims=0),
             node("Sqrt", "n", "r"), node("Add", "m r", "y"),
             gradient("x w1 b1 w2", "dx dw1 db1 dw2", xs=["x", "w1", "b1", "w2"], y="y")]
    values = {"x": x, "w1": w1, "b1": b1, "w2": w2}
    return nodes, values, {"first": np.float32([[1], [0]])}, dict(zip(("dx", "dw1", "db1", "dw2"), differences(f, *values.values())))


def elsewhere():
    """At other values than the graph's own, and by a tensor between."""
    a, b, p, q = normal(2, 3), normal(3), normal(2, 3, seed=1), normal(3, seed=2)
    nodes = [node("Mul", "a b", "t"), node("Sigmoid", "t", "u"), node("Transpose", "u", "v", perm=[1, 0]),
             node("Div", "v c", "w"), node("Neg", "w", "y"), gradient("p q", "da db", xs=["a"], zs=["b"], y="y"),
             gradient("t", "dt", xs=["t"], y="y")]
    nodes[-2].output.pop()
    c = np.float32([1.5, -2])
    f = lambda a, b: -(1 / (1 + np.exp(-a * b))).T / c
    outputs = {"y": f(a, b), "da": differences(f, p, q)[0], "dt": differences(lambda t: f(t, 1), a * b)[0]}
    return nodes, {"a": a, "b": b, "p": p, "q": q}, {"c": c}, outputs


if __name__ == "__main__":
    for case in (network, elsewhere):
        write_case(os.path.join(sys.argv[1], case.__name__), *case(), [("", 21), (TRAINING, 1)])
