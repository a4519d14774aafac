"""threads.py DIR [CASE...]: writes models of kernels that are each worth several threads, with data by onnx's reference."""
import sys

import numpy as np
import onnx
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from cases import node, write_case


def normal(*shape):
    return np.random.default_rng(len(shape) + sum(shape)).normal(size=shape).astype(np.float32)


def images():
    """Direct, strided, Winograd's, depthwise and grouped convolutions, strips, pools, resampling."""
    weights = {"w1": normal(24, 3, 3, 3) / 5, "we": normal(96, 24, 1, 1) / 5, "be": normal(96), "wd": normal(96, 1, 3, 3) / 3,
               "wp": normal(24, 96, 1, 1) / 10, "ww": normal(40, 24, 3, 3) / 15, "wg": normal(40, 20, 3, 3) / 13,
               "wo": normal(40, 1, 5, 5) / 5, "scales": np.array([1, 1, 2, 2], np.float32)}
    nodes = [node("Conv", "x w1", "c1", strides=[2, 2], pads=[1, 1, 1, 1]), node("Relu", "c1", "r1"),
             node("Conv", "r1 we be", "e"), node("Relu", "e", "er"),
             node("Conv", "er wd", "d", group=96, pads=[1, 1, 1, 1]), node("Relu", "d", "dr"),
             node("Conv", "dr wp", "p"), node("Add", "p r1", "s"),
             node("Conv", "s ww", "w", pads=[1, 1, 1, 1]), node("Relu", "w", "wr"),
             node("Conv", "wr wg", "g", group=2, pads=[1, 1, 1, 1]), node("Conv", "g wo", "o", group=40, pads=[2, 2, 2, 2]),
             node("Tanh", "o", "t"), node("MaxPool", "t", "m", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
             helper.make_node("Resize", ["m", "", "scales"], ["y"], mode="nearest", nearest_mode="floor",
                              coordinate_transformation_mode="asymmetric")]
    return nodes, weights, {"x": normal(1, 3, 224, 200)}, ["y"]


def sequences():
    """Products of constants and of activations, attention, normalisation, softmax, transposes, sums, element-wise code."""
    d, heads = 64, 4
    weights = {"g": normal(d), "b": normal(d), "w1": normal(d, 4 * d) / 8, "w2": normal(4 * d, d) / 16, "axis": np.array([1]),
               "last": np.array([2]), "w3": normal(4 * d, 2048) / 16, "g3": normal(2048), "b3": normal(2048), "split": np.array([2, 128, heads, d // heads])}
    nodes = [node("LayerNormalization", "x g b", "n", axis=-1), node("Reshape", "n split", "q4"),
             node("Transpose", "q4", "q", perm=[0, 2, 1, 3]), node("Transpose", "q4", "kt", perm=[0, 2, 3, 1]),
             node("MatMul", "q kt", "scores"), node("Softmax", "scores", "p", axis=-1), node("MatMul", "p q", "o"),
             node("Transpose", "o", "attended", perm=[0, 2, 3, 1]),
             node("MatMul", "n w1", "h"), node("Erf", "h", "e"), node("Mul", "h e", "a"), node("MatMul", "a w2", "f"),
             node("Add", "f x", "s"), node("Softmax", "h", "soft", axis=-1), node("Exp", "s", "ex"),
             node("MatMul", "soft w3", "wide"), node("LayerNormalization", "wide g3 b3", "wn", axis=-1),
             node("ReduceSum", "wide last", "rows", keepdims=0), node("ReduceMax", "wide axis", "columns", keepdims=0),
             node("Transpose", "s", "st", perm=[0, 2, 1]), node("MatMul", "st s", "gram")]
    return nodes, weights, {"x": normal(2, 128, d)}, ["attended", "ex", "wn", "rows", "columns", "gram"]


def recurrent():
    h = 40
    weights = {"w": normal(2, 4 * h, 24) / 5, "r": normal(2, 4 * h, h) / 6, "wg": normal(1, 3 * h, 2 * h) / 9,
               "rg": normal(1, 3 * h, h) / 6, "wr": normal(1, h, h) / 6, "shape": np.array([12, 45, 2 * h])}
    nodes = [node("LSTM", "x w r", "y2", hidden_size=h, direction="bidirectional"),
             node("Transpose", "y2", "yt", perm=[0, 2, 1, 3]), node("Reshape", "yt shape", "y"),
             node("GRU", "y wg rg", "z", hidden_size=h), node("Squeeze", "z axis", "zs"),
             node("RNN", "zs wr wr", "out last", hidden_size=h)]
    weights["axis"] = np.array([1])
    return nodes, weights, {"x": normal(12, 45, 24)}, ["out", "last"]


CASES = {"images": images, "sequences": sequences, "recurrent": recurrent}

for name in sys.argv[2:] or CASES:
    nodes, weights, inputs, outputs = CASES[name]()
    graph = helper.make_graph(
        nodes, name, [helper.make_tensor_value_info(k, onnx.TensorProto.FLOAT, v.shape) for k, v in inputs.items()],
        [helper.make_empty_tensor_value_info(k) for k in outputs], [numpy_helper.from_array(np.asarray(v), k) for k, v in weights.items()])
    opsets = [("", 21)]
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid(*o) for o in opsets], ir_version=10)
    results = ReferenceEvaluator(model).run(None, inputs)
    write_case(f"{sys.argv[1]}/{name}", nodes, inputs, weights, dict(zip(outputs, results)), opsets)
