"""Writes two streaming models: a cell whose state keeps its shape, and an attention step whose cache of keys grows."""
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def tensor(name, shape):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def save(path, nodes, inputs, outputs, weights):
    graph = helper.make_graph(nodes, "stream", inputs, outputs, [numpy_helper.from_array(w, n) for n, w in weights.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


def cell(path):
    """h:0 = tanh(x W + h U), y = sum of h."""
    random = np.random.default_rng(0)
    weights = {"W": random.standard_normal((3, 5)).astype(np.float32), "U": random.standard_normal((5, 5)).astype(np.float32)}
    nodes = [helper.make_node("MatMul", ["x", "W"], ["xw"]), helper.make_node("MatMul", ["h", "U"], ["hu"]),
             helper.make_node("Add", ["xw", "hu"], ["sum"]), helper.make_node("Tanh", ["sum"], ["h:0"]),
             helper.make_node("ReduceSum", ["h:0"], ["y"], keepdims=0)]
    save(path, nodes, [tensor("x", [1, 3]), tensor("h", [1, 5])], [tensor("y", []), tensor("h:0", [1, 5])], weights)


def attention(path):
    """One step of attention with two heads of four: the keys, which are the values too, are kept."""
    random = np.random.default_rng(1)
    weights = {"Wq": random.standard_normal((8, 8)).astype(np.float32), "Wk": random.standard_normal((8, 8)).astype(np.float32),
               "split": np.array([1, -1, 2, 4], np.int64)}
    nodes = []

    def heads(name, weight):
        nodes.extend([helper.make_node("MatMul", ["x", weight], [name + "_flat"]),
                      helper.make_node("Reshape", [name + "_flat", "split"], [name + "_split"]),
                      helper.make_node("Transpose", [name + "_split"], [name], perm=[0, 2, 1, 3])])

    heads("q", "Wq")
    heads("k", "Wk")
    nodes.extend([helper.make_node("Concat", ["past", "k"], ["present"], axis=2),
                  helper.make_node("Transpose", ["present"], ["transposed"], perm=[0, 1, 3, 2]),
                  helper.make_node("MatMul", ["q", "transposed"], ["scores"]),
                  helper.make_node("Softmax", ["scores"], ["weights"], axis=-1),
                  helper.make_node("MatMul", ["weights", "present"], ["y"])])
    save(path, nodes, [tensor("x", [1, "new", 8]), tensor("past", [1, 2, "length", 4])],
         [tensor("y", [1, 2, "new", 4]), tensor("present", [1, 2, "total", 4])], weights)


cell(sys.argv[1] + "/cell.onnx")
attention(sys.argv[1] + "/attention.onnx")
