"""Writes models with symbolic dimensions, each with data of several sizes computed by onnx's reference: DIR/<case>/."""
import os
import sys

import numpy as np
import onnx
from onnx import TensorProto as T, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


def normal(*shape):
    return np.random.default_rng(len(shape) + sum(shape)).normal(size=shape).astype(np.float32)


def node(op, inputs, outputs, **attributes):
    return helper.make_node(op, inputs.split(), outputs.split(), **attributes)


def ints(*values):
    return np.array(values, np.int64)


# A case: nodes, weights, the inputs' types and symbolic shapes, and the sizes to run with.


@case
def dense():
    nodes = [node("Gemm", "x w1 b1", "h", transB=1), node("Relu", "h", "r"), node("Gemm", "r w2 b2", "y", transB=1),
             node("Softmax", "y", "p", axis=1), node("ArgMax", "p", "label", axis=1, keepdims=0)]
    weights = {"w1": normal(130, 33), "b1": normal(130), "w2": normal(10, 130), "b2": normal(10)}
    return nodes, weights, {"x": (T.FLOAT, ["batch", 33])}, [{"batch": n} for n in (1, 2, 3, 4, 7, 33)]


@case
def encoder():
    """Attention as exporters write it: shapes computed, heads split and joined, a table of positions sliced."""
    d, heads, nodes = 32, 4, []
    weights = {"table": normal(50, d), "positions": normal(1, 64, d), "zero": ints(0), "one": ints(1), "axis": ints(1),
               "scale": np.float32(np.sqrt(d // heads)), "tail": ints(heads, d // heads), "wide": ints(d),
               "i0": np.array(0), "i1": np.array(1), "g": normal(d), "b": normal(d), "wo": normal(d, d) / 6}
    nodes += [node("Gather", "table ids", "e"), node("Shape", "ids", "s"), node("Gather", "s i0", "B0"),
              node("Gather", "s i1", "L0"), node("Unsqueeze", "B0 zero", "B"), node("Unsqueeze", "L0 zero", "L"),
              node("Slice", "positions zero L axis", "pos"), node("Add", "e pos", "x"),
              node("Concat", "B L tail", "split", axis=0), node("Concat", "B L wide", "join", axis=0)]
    for name in "qkv":
        weights["w" + name] = normal(d, d) / 6
        nodes += [node("MatMul", f"x w{name}", name), node("Reshape", f"{name} split", name + "r"),
                  node("Transpose", name + "r", name + "t", perm=[0, 2, 1, 3])]
    nodes += [node("Transpose", "kt", "ktt", perm=[0, 1, 3, 2]), node("MatMul", "qt ktt", "scores"),
              node("Div", "scores scale", "scaled"), node("Softmax", "scaled", "p", axis=-1), node("MatMul", "p vt", "o"),
              node("Transpose", "o", "ot", perm=[0, 2, 1, 3]), node("Reshape", "ot join", "oj"), node("MatMul", "oj wo", "a"),
              node("Add", "a x", "sum"), node("LayerNormalization", "sum g b", "n", axis=-1),
              node("ReduceMean", "n axis", "y", keepdims=0)]
    return (nodes, weights, {"ids": (T.INT64, ["batch", "length"])},
            [{"batch": b, "length": n} for b, n in ((1, 1), (2, 5), (1, 33), (3, 17), (1, 64))])


@case
def cache():
    """One step of decoding: a cache is extended, positions are counted from it, later keys are hidden."""
    weights = {"w": normal(16, 16), "one": np.array(1), "axis": np.array(2), "seq": np.array(1), "low": np.float32(-1e9),
               "ax": ints(1), "zero": np.float32(0), "rows": ints(1)}
    nodes = [node("MatMul", "x w", "q"), node("Concat", "past x", "keys", axis=1), node("Transpose", "keys", "kt", perm=[0, 2, 1]),
             node("MatMul", "q kt", "scores"), node("Shape", "past", "ps"), node("Gather", "ps seq", "p"),
             node("Shape", "x", "xs"), node("Gather", "xs seq", "n"), node("Add", "p n", "total"),
             node("Range", "p total one", "qpos"), node("Unsqueeze", "qpos ax", "qcol"), node("Constant", "", "start", value_int=0),
             node("Range", "start total one", "kpos"), node("Less", "qcol kpos", "hidden"),
             node("Where", "hidden low scores", "masked"), node("Softmax", "masked", "weights", axis=-1),
             node("MatMul", "weights keys", "y")]
    nodes[11] = helper.make_node("Constant", [], ["start"], value_int=0)
    return (nodes, weights, {"x": (T.FLOAT, ["batch", "now", 16]), "past": (T.FLOAT, ["batch", "before", 16])},
            [{"batch": b, "now": n, "before": p} for b, n, p in ((1, 1, 0), (1, 1, 40), (2, 5, 3), (3, 2, 17))])


@case
def recurrent():
    weights = {"table": normal(9, 12), "w": normal(2, 4 * 20, 12) / 4, "r": normal(2, 4 * 20, 20) / 4, "b": normal(2, 8 * 20) / 4}
    nodes = [node("Gather", "table ids", "e"), node("Transpose", "e", "x", perm=[1, 0, 2]),
             node("LSTM", "x w r b", "y h c", hidden_size=20, direction="bidirectional")]
    return (nodes, weights, {"ids": (T.INT64, ["batch", "length"])},
            [{"batch": b, "length": n} for b, n in ((1, 1), (1, 19), (2, 5), (37, 4))])


@case
def images():
    weights = {"w1": normal(8, 3, 3, 3) / 3, "b1": normal(8), "w2": normal(8, 1, 3, 3) / 3, "w3": normal(16, 8, 1, 1) / 3}
    nodes = [node("Conv", "x w1 b1", "c1", pads=[1, 1, 1, 1]), node("Relu", "c1", "r1"),
             node("Conv", "r1 w2", "c2", group=8, pads=[1, 1, 1, 1], strides=[2, 2]), node("Conv", "c2 w3", "c3"),
             node("MaxPool", "c3", "p", kernel_shape=[2, 2], strides=[2, 2]), node("GlobalAveragePool", "p", "g"),
             node("Flatten", "g", "y")]
    # A size may be called like the variable of a loop over it.
    return nodes, weights, {"x": (T.FLOAT, ["n", 3, 12, 14])}, [{"n": n} for n in (1, 2, 5)]


def write(name, folder):
    nodes, weights, inputs, runs = CASES[name]()
    used = {value for n in nodes for value in n.input}
    outputs = [value for n in nodes for value in n.output if value not in used]
    graph = helper.make_graph(nodes, name, [helper.make_tensor_value_info(k, *v) for k, v in inputs.items()],
                              [helper.make_empty_tensor_value_info(k) for k in outputs],
                              [numpy_helper.from_array(np.asarray(v), k) for k, v in weights.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    reference = ReferenceEvaluator(model)
    for i, sizes in enumerate(runs):
        values = {}
        for k, (kind, dims) in inputs.items():
            shape = [sizes.get(d, d) for d in dims]
            values[k] = normal(*shape) if kind == T.FLOAT else np.random.default_rng(i).integers(0, 9, shape)
        results = reference.run(None, values)
        if i == 0:
            for k, v in zip(outputs, results):
                info = next(o for o in model.graph.output if o.name == k)
                info.CopyFrom(helper.make_tensor_value_info(k, helper.np_dtype_to_tensor_dtype(v.dtype), [None] * v.ndim))
        data = os.path.join(folder, name, f"test_data_set_{i}")
        os.makedirs(data, exist_ok=True)
        for kind, tensors in (("input", values.items()), ("output", zip(outputs, results))):
            for n, (k, v) in enumerate(tensors):
                with open(os.path.join(data, f"{kind}_{n}.pb"), "wb") as file:
                    file.write(numpy_helper.from_array(np.ascontiguousarray(v).reshape(v.shape), k).SerializeToString())
    onnx.save(model, os.path.join(folder, name, "model.onnx"))


if __name__ == "__main__":
    for name in CASES:
        write(name, sys.argv[1])
