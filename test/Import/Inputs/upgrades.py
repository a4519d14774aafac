"""Writes models of old opsets, each with one operator, to the folder given."""
import sys

import numpy as np
from onnx import TensorProto, helper, numpy_helper, save

FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64


def model(name, opset, op_type, inputs, outputs=("y",), initializers=(), ir_version=4, **attributes):
    """`inputs` maps names to shapes; those of the initializers are added."""
    values = [helper.make_tensor_value_info(n, FLOAT, s) for n, s in inputs.items()]
    tensors = [numpy_helper.from_array(np.array(v), n) for n, v in initializers]
    node = helper.make_node(op_type, [*inputs, *[n for n, _ in initializers]], outputs, op_type.lower(), **attributes)
    graph = helper.make_graph([node], name, values, [helper.make_empty_tensor_value_info(o) for o in outputs if o], tensors)
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=ir_version)
    save(proto, f"{sys.argv[1]}/{name}.onnx")


x = {"x": (2, 3, 4, 5)}
f32 = np.float32
model("add6_axis", 6, "Add", {**x, "b": (3,)}, broadcast=1, axis=1)
model("add6_plain", 6, "Add", {**x, "b": (5,)}, broadcast=1)
model("batchnorm6", 6, "BatchNormalization", {**x, "s": (3,), "b": (3,), "m": (3,), "v": (3,)}, is_test=1, epsilon=1e-3)
model("batchnorm7_training", 7, "BatchNormalization", {**x, "s": (3,), "b": (3,), "m": (3,), "v": (3,)}, ("y", "mean"))
model("cast1", 1, "Cast", x, to="INT64")
model("clip6", 6, "Clip", x, min=0.0, max=6.0)
model("clip6_min", 6, "Clip", x, min=0.5)
model("dft17", 17, "DFT", {"x": (1, 8, 1)}, axis=1)
model("dropout10", 10, "Dropout", x, ratio=0.25)
model("gemm6", 6, "Gemm", {"a": (2, 3), "b": (3, 4), "c": (4,)}, broadcast=1, alpha=0.5)
model("gridsample16", 16, "GridSample", {**x, "g": (2, 6, 7, 2)}, mode="bilinear")
model("groupnorm18", 18, "GroupNormalization", {"x": (2, 4, 3), "s": (2,), "b": (2,)}, num_groups=2)
model("lstm1", 1, "LSTM", {"x": (1, 1, 4), "w": (1, 8, 4), "r": (1, 8, 2)}, ("", "h"), hidden_size=2, output_sequence=1)
model("pad2", 2, "Pad", {"x": (2, 3)}, pads=[0, 1, 0, 1], value=1.5)
model("pad1", 1, "Pad", {"x": (2, 3)}, paddings=[0, 1, 0, 1])
model("prelu6", 6, "PRelu", {**x, "s": (3,)})
model("reducemean11", 11, "ReduceMean", x, axes=[-1], keepdims=0)
model("reducesum12", 12, "ReduceSum", x, axes=[1, 2])
model("reshape1", 1, "Reshape", x, shape=[6, -1])
model("resize10", 10, "Resize", x, initializers=[("scales", f32([1, 1, 2, 2]))], mode="linear")
model("resize11_empty", 11, "Resize", x, initializers=[("roi", f32([])), ("scales", f32([1, 1, 2, 2]))])
model("roialign10", 10, "RoiAlign", {**x, "rois": (1, 4)}, initializers=[("i", np.int64([0]))])
model("scatter9", 9, "Scatter", {"x": (3, 3)}, initializers=[("i", np.int64([[0]])), ("u", f32([[1]]))])
model("slice1", 1, "Slice", x, starts=[0, 1], ends=[2, 3], axes=[0, 2])
model("softmax11_axis1", 11, "Softmax", x, axis=1)
model("softmax11_last", 11, "Softmax", x, axis=3)
model("split2", 2, "Split", x, ("y", "z"), axis=1, split=[1, 2])
model("split13", 13, "Split", x, ("y", "z"), axis=0)
model("squeeze11", 11, "Squeeze", {"x": (1, 3)}, axes=[0])
model("tile1", 1, "Tile", {"x": (1, 3)}, initializers=[("t", f32([2])), ("a", f32([1]))])
model("topk1", 1, "TopK", {"x": (3, 4)}, ("v", "i"), k=2, axis=1)
model("unsqueeze1", 1, "Unsqueeze", {"x": (3,)}, axes=[0, 2])
model("upsample7", 7, "Upsample", x, scales=[1.0, 1.0, 2.0, 2.0], mode="nearest")
model("upsample9", 9, "Upsample", x, initializers=[("scales", f32([1, 1, 2, 2]))], mode="linear")
