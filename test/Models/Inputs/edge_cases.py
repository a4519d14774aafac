"""Writes small models at the edges of what operators take, each with data computed by onnx's reference: DIR/<case>/."""
import os
import sys

import numpy as np
import onnx
from onnx import TensorProto as T, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

CASES = {}
TYPES = {np.float32: T.FLOAT, np.float64: T.DOUBLE, np.int32: T.INT32, np.int64: T.INT64, np.bool_: T.BOOL}


def case(function):
    CASES[function.__name__] = function
    return function


def normal(*shape, dtype=np.float32):
    return np.random.default_rng(len(shape) + sum(shape)).normal(size=shape).astype(dtype)


def integers(*shape, dtype=np.int64):
    return np.random.default_rng(sum(shape)).integers(-50, 50, size=shape).astype(dtype)


def node(op, inputs, outputs, **attributes):
    return helper.make_node(op, inputs.split(), outputs.split(), **attributes)


# Element types that change behind a kernel: nothing to fuse.


@case
def gemm_greater():
    nodes = [node("Gemm", "x w b", "h"), node("Greater", "h zero", "y")]
    return nodes, {"x": normal(5, 7)}, {"w": normal(7, 9), "b": normal(9), "zero": np.float32(0)}


@case
def conv_cast():
    nodes = [node("Conv", "x w", "h", pads=[1, 1, 1, 1]), node("Mul", "h ten", "t"), node("Cast", "t", "y", to=T.INT32)]
    return nodes, {"x": normal(1, 3, 8, 8)}, {"w": normal(4, 3, 3, 3), "ten": np.float32(10)}


@case
def softmax_greater():
    return [node("Softmax", "x", "h"), node("Greater", "h limit", "y")], {"x": normal(4, 9)}, {"limit": np.float32(0.1)}


# Integers and doubles where float32 is usual.


@case
def reduce_sum_int64():
    return [node("ReduceSum", "x axes", "y", keepdims=0)], {"x": integers(6, 13)}, {"axes": np.array([1])}


@case
def reduce_sum_columns_int64():
    return [node("ReduceSum", "x axes", "y", keepdims=0)], {"x": integers(6, 13)}, {"axes": np.array([0])}


@case
def reduce_prod_int64():
    return [node("ReduceProd", "x axes", "y")], {"x": integers(6, 5)}, {"axes": np.array([1])}


@case
def reduce_max_int32():
    return [node("ReduceMax", "x axes", "y")], {"x": integers(6, 13, dtype=np.int32)}, {"axes": np.array([1])}


@case
def reduce_min_int32():
    return [node("ReduceMin", "x axes", "y")], {"x": integers(6, 13, dtype=np.int32)}, {"axes": np.array([0])}


@case
def argmax_uint8():
    nodes = [node("Cast", "x", "u", to=T.UINT8), node("ArgMax", "u", "y", axis=1), node("ArgMin", "u", "z", axis=0)]
    return nodes, {"x": integers(6, 13, dtype=np.int32)}, {}


@case
def matmul_float64():
    return [node("MatMul", "a b", "y")], {"a": normal(20, 65, dtype=np.float64), "b": normal(65, 67, dtype=np.float64)}, {}


@case
def matmul_int64():
    return [node("MatMul", "a b", "y")], {"a": integers(20, 65), "b": integers(65, 67)}, {}


@case
def matmul_weights_float64():
    return [node("MatMul", "a w", "y")], {"a": normal(20, 33, dtype=np.float64)}, {"w": normal(33, 41, dtype=np.float64)}


@case
def pad_int64():
    return ([node("Pad", "x pads value", "p"), node("Neg", "p", "y")], {"x": integers(3, 4)},
            {"pads": np.array([1, 2, 3, 1]), "value": np.int64(2**63 - 1)})


@case
def pad_nan():
    return ([node("Pad", "x pads value", "p"), node("Neg", "p", "y")], {"x": normal(3, 4)},
            {"pads": np.array([1, 2, 3, 1]), "value": np.float32("nan")})


# Operands that are a part of another buffer.


def lstm_weights(hidden, width):
    return {"w": normal(1, 4 * hidden, width), "r": normal(1, 4 * hidden, hidden)}


@case
def lstm_state_joined():
    nodes = [node("LSTM", "x w r", "ys h c", hidden_size=5), node("Squeeze", "h axes", "hs"),
             node("Squeeze", "c axes", "cs"), node("Concat", "hs cs z", "joined", axis=1), node("Neg", "joined", "y")]
    return nodes, {"x": normal(4, 2, 3), "z": normal(2, 5)}, lstm_weights(5, 3) | {"axes": np.array([0])}


@case
def lstm_state_sliced():
    nodes = [node("Slice", "s from to axis", "h0"), node("LSTM", "x w r  h0", "y h c", hidden_size=5)]
    nodes[1].input[:] = ["x", "w", "r", "", "", "h0"]
    return (nodes, {"x": normal(4, 2, 3), "s": normal(1, 2, 9)},
            lstm_weights(5, 3) | {"from": np.array([2]), "to": np.array([7]), "axis": np.array([2])})


@case
def conv_filter_sliced():
    nodes = [node("Slice", "f from to axis", "w"), node("Conv", "x w", "y")]
    return (nodes, {"x": normal(1, 3, 6, 6), "f": normal(4, 5, 3, 3)},
            {"from": np.array([1]), "to": np.array([4]), "axis": np.array([1])})


@case
def depthwise_filter_sliced():
    nodes = [node("Slice", "f from to axis", "w"), node("Conv", "x w", "y", group=6)]
    return (nodes, {"x": normal(1, 6, 6, 6), "f": normal(6, 1, 3, 5)},
            {"from": np.array([1]), "to": np.array([4]), "axis": np.array([3])})


# Nothing to compute.


@case
def matmul_no_rows():
    return [node("MatMul", "a w", "h"), node("Add", "h b", "y")], {"a": normal(0, 4)}, {"w": normal(4, 6), "b": normal(6)}


@case
def matmul_no_depth():
    return [node("MatMul", "a c", "h"), node("Add", "h b", "y")], {"a": normal(3, 0), "c": normal(0, 6)}, {"b": normal(6)}


@case
def gemm_no_depth_weights():
    return [node("Gemm", "a w b", "h"), node("Relu", "h", "y")], {"a": normal(3, 0)}, {"w": normal(0, 6), "b": normal(6)}


# Names that meet each other or those of the generated code.


@case
def output_files():
    return [node("Relu", "x", "a/b"), node("Neg", "x", "a_b")], {"x": normal(3, 4)}, {}


@case
def node_names():
    nodes = [node("Relu", "x", "h"), node("Neg", "h", "y")]
    nodes[0].name, nodes[1].name = "a\\\nb\\", "c\\"
    return nodes, {"x": normal(3, 4)}, {}


@case
def input_names():
    names = ["weights", "arena", "x", "x_count", "x_size", "X", "model", "ready_", "run"]
    return [node("Sum", " ".join(names), "y")], {name: normal(i + 1, 4)[:1] for i, name in enumerate(names)}, {}


# Sequences of a known length are lists of values.


@case
def sequence_split_join():
    nodes = [node("SplitToSequence", "x", "s", axis=1, keepdims=0), node("SequenceAt", "s first", "a"),
             node("SequenceInsert", "s a last", "t"), node("SequenceErase", "t first", "u"), node("SequenceLength", "u", "n"),
             node("ConcatFromSequence", "u", "stacked", axis=-1, new_axis=1), node("ConcatFromSequence", "u", "joined", axis=0),
             node("Cast", "n", "f", to=T.FLOAT), node("Mul", "stacked f", "y")]
    nodes.append(node("ReduceSum", "joined", "z"))
    return nodes, {"x": normal(3, 4)}, {"first": np.array(1), "last": np.array(-1)}


@case
def sequence_run_time_position():
    nodes = [node("SplitToSequence", "x parts", "s", axis=0), node("SequenceAt", "s at", "y")]
    return nodes, {"x": normal(6, 4), "at": np.array(-2)}, {"parts": np.array([2, 2, 2])}


@case
def sequence_in_loop():
    seq = helper.make_tensor_sequence_value_info
    body = helper.make_graph(
        [node("Add", "state x", "state_out"), node("SequenceInsert", "list state_out", "list_out"),
         node("Identity", "go", "go_out")], "body",
        [helper.make_tensor_value_info("i", T.INT64, []), helper.make_tensor_value_info("go", T.BOOL, []),
         helper.make_tensor_value_info("state", T.FLOAT, [3]), seq("list", T.FLOAT, None)],
        [helper.make_tensor_value_info("go_out", T.BOOL, []), helper.make_tensor_value_info("state_out", T.FLOAT, [3]),
         seq("list_out", T.FLOAT, None)])
    nodes = [node("SequenceConstruct", "x", "start"), node("Loop", "trips true x start", "last list_last", body=body),
             node("ConcatFromSequence", "list_last", "y", axis=0, new_axis=1)]
    return nodes, {"x": normal(3)}, {"trips": np.array(3), "true": np.array(True)}


def write(name, folder):
    nodes, inputs, weights = CASES[name]()
    used = {value for n in nodes for value in n.input}
    outputs = [value for n in nodes for value in n.output if value not in used]
    values = {k: np.asarray(v) for k, v in inputs.items()}
    graph = helper.make_graph(
        nodes, name,
        [helper.make_tensor_value_info(k, helper.np_dtype_to_tensor_dtype(v.dtype), v.shape) for k, v in values.items()],
        [helper.make_empty_tensor_value_info(k) for k in outputs],
        [numpy_helper.from_array(np.asarray(v), k) for k, v in weights.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    results = ReferenceEvaluator(model).run(None, values)
    del graph.output[:], model.graph.output[:]
    for k, v in zip(outputs, results):
        model.graph.output.append(helper.make_tensor_value_info(k, helper.np_dtype_to_tensor_dtype(v.dtype), v.shape))
    data = os.path.join(folder, name, "test_data_set_0")
    os.makedirs(data, exist_ok=True)
    onnx.save(model, os.path.join(folder, name, "model.onnx"))
    for kind, tensors in (("input", values.items()), ("output", zip(outputs, results))):
        for i, (k, v) in enumerate(tensors):
            with open(os.path.join(data, f"{kind}_{i}.pb"), "wb") as file:
                file.write(numpy_helper.from_array(np.ascontiguousarray(v).reshape(v.shape), k).SerializeToString())


if __name__ == "__main__":
    for name in CASES:
        write(name, sys.argv[1])
