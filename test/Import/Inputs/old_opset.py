"""Writes a model of opset 9 whose operators nearly all changed since, with onnxruntime's outputs as test data."""
import os
import sys

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper, save

folder = sys.argv[1]
node = helper.make_node
rng = np.random.default_rng(1)


def constant(name, *shape):
    return numpy_helper.from_array((rng.random(shape) + 0.5).astype(np.float32), name)


nodes = [
    node("Pad", ["x"], ["padded"], "pad", pads=[0, 0, 1, 1, 0, 0, 1, 1], value=0.5),
    node("Clip", ["padded"], ["clipped"], "clip", min=-0.75, max=0.75),
    node("Upsample", ["clipped", "scales"], ["upsampled"], "upsample", mode="nearest"),
    node("Slice", ["upsampled"], ["slice"], "slice", starts=[2, 3], ends=[18, -1], axes=[2, 3]),
    node("Softmax", ["slice"], ["soft"], "softmax", axis=1),
    node("LogSoftmax", ["slice"], ["log_soft"], "log_softmax", axis=3),
    node("ReduceMean", ["slice"], ["mean"], "mean", axes=[2, 3], keepdims=0),
    node("Unsqueeze", ["mean"], ["column"], "unsqueeze", axes=[2, 3]),
    node("Split", ["soft"], ["first", "others"], "split", split=[1, 2], axis=1),
    node("Concat", ["others", "first"], ["turned"], "concat", axis=1),
    node("Dropout", ["turned"], ["kept"], "dropout", ratio=0.25),
    node("BatchNormalization", ["kept", "s", "b", "m", "v"], ["normal"], "batch_norm"),
    node("Sum", ["normal", "column", "log_soft"], ["y"], "sum"),
]
tensors = [numpy_helper.from_array(np.float32([1, 1, 2, 2]), "scales"), *(constant(n, 3) for n in "sbmv")]
graph = helper.make_graph(nodes, "old", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 8, 8])],
                          [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 3, 16, 16])], tensors)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 9)], ir_version=4)
save(model, f"{folder}/old.onnx")

x = rng.standard_normal((1, 3, 8, 8), dtype=np.float32)
session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
os.makedirs(f"{folder}/test_data_set_0", exist_ok=True)
for name, value in {"input_0": x, "output_0": session.run(None, {"x": x})[0]}.items():
    with open(f"{folder}/test_data_set_0/{name}.pb", "wb") as file:
        file.write(numpy_helper.from_array(value, name).SerializeToString())
