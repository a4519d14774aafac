"""Writes a model of some nodes with the data that its outputs should have, for m2c verify."""
import os

import numpy as np
import onnx
from onnx import helper, numpy_helper


def node(op, inputs, outputs, domain="", **attributes):
    attributes = {key: value for key, value in attributes.items() if value is not None}
    return helper.make_node(op, inputs.split(), outputs.split(), domain=domain, **attributes)


def info(name, value):
    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)


def write_case(folder, nodes, inputs, weights, outputs, opsets):
    """`inputs`, `weights` and `outputs` are arrays by name."""
    values = {k: np.asarray(v) for k, v in inputs.items()}
    results = {k: np.asarray(v) for k, v in outputs.items()}
    graph = helper.make_graph(
        nodes, "case", [info(k, v) for k, v in values.items()], [info(k, v) for k, v in results.items()],
        [numpy_helper.from_array(np.asarray(v), k) for k, v in weights.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid(*o) for o in opsets], ir_version=10)
    data = os.path.join(folder, "test_data_set_0")
    os.makedirs(data, exist_ok=True)
    onnx.save(model, os.path.join(folder, "model.onnx"))
    for kind, tensors in (("input", values), ("output", results)):
        for i, (k, v) in enumerate(tensors.items()):
            with open(os.path.join(data, f"{kind}_{i}.pb"), "wb") as file:
                file.write(numpy_helper.from_array(np.ascontiguousarray(v).reshape(v.shape), k).SerializeToString())
