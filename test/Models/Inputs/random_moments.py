"""`make DIR` writes a model of random operators; `check DIR A B` compares the outputs of two runs and their moments."""
import sys

import numpy as np
import onnx
from onnx import TensorProto as T, helper

N = 40000


def make(folder):
    node = helper.make_node
    nodes = [
        node("RandomNormal", [], ["normal"], shape=[N], mean=2.0, scale=3.0, seed=5.0),
        node("RandomNormal", [], ["again"], shape=[N], mean=2.0, scale=3.0, seed=5.0),
        node("RandomNormal", [], ["unseeded"], shape=[N], name="a"),
        node("RandomNormal", [], ["other"], shape=[N], name="b"),
        node("RandomUniformLike", ["p"], ["uniform"], low=-1.0, high=1.0, seed=1.0, dtype=T.DOUBLE),
        node("RandomUniform", [], ["half"], shape=[N], seed=9.0, dtype=T.FLOAT16),
        node("Bernoulli", ["p"], ["coin"], seed=2.0, dtype=T.INT32),
        node("Multinomial", ["logits"], ["classes"], sample_size=N, seed=3.0, dtype=T.INT64),
    ]
    graph = helper.make_graph(nodes, "random", [helper.make_tensor_value_info("p", T.FLOAT, [N]),
                                                helper.make_tensor_value_info("logits", T.FLOAT, [1, 3])],
                              [helper.make_empty_tensor_value_info(o) for n in nodes for o in n.output])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10), folder + "/model.onnx")
    np.save(folder + "/p.npy", np.full(N, 0.3, np.float32))
    np.save(folder + "/logits.npy", np.log(np.float32([[0.2, 0.5, 0.3]])))


def check(folder, first, second):
    def load(name, run=first):
        return np.load(f"{folder}/{run}/{name}.npy").astype(np.float64).ravel()

    def moments(name, mean, deviation):
        y = load(name)
        assert abs(y.mean() - mean) < 5 * deviation / N**0.5, (name, y.mean(), mean)
        assert abs(y.std() - deviation) < 0.03 * deviation, (name, y.std(), deviation)
        return y

    for name in ("normal", "unseeded", "uniform", "coin", "classes"):
        assert (load(name) == load(name, second)).all(), name + " differs between runs"
    normal = moments("normal", 2, 3)
    assert (normal == load("again")).all(), "the same seed draws other numbers"
    unseeded, other = moments("unseeded", 0, 1), moments("other", 0, 1)
    assert abs((unseeded * other).mean()) < 5 / N**0.5, "nodes without a seed draw the same numbers"
    uniform = moments("uniform", 0, 1 / 3**0.5)
    assert uniform.min() >= -1 and uniform.max() < 1
    moments("half", 0.5, 1 / 12**0.5)
    moments("coin", 0.3, 0.21**0.5)
    shares = np.bincount(load("classes").astype(int), minlength=3) / N
    assert np.abs(shares - [0.2, 0.5, 0.3]).max() < 0.02, shares


if __name__ == "__main__":
    {"make": make, "check": check}[sys.argv[1]](*sys.argv[2:])
