"""Models for m2c quantize, and checks of what it wrote.

quantize.py make DIR                       writes models and their data sets
quantize.py check FLOAT QUANTIZED DATA REPORT   compares by onnx's reference, independent of m2c
"""
import copy
import json
import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

node = helper.make_node


def model(name, nodes, constants, outputs, shape=(1, 3, 8, 8), opset=21, ir_version=10):
    graph = helper.make_graph(
        nodes, name, [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(o, TensorProto.FLOAT, s) for o, s in outputs.items()],
        [numpy_helper.from_array(value, key) for key, value in constants.items()])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=ir_version)


def residual(random):
    """Two convolutions with normalizations, a sum, pools and a classifier."""
    def normal(*shape):
        return random.standard_normal(shape).astype(np.float32)

    constants = {"w0": normal(16, 3, 3, 3), "w1": normal(16, 16, 3, 3) / 6, "b1": normal(16), "w2": normal(16, 10) / 4, "b2": normal(10)}
    for i in (0, 1):
        constants |= {f"scale{i}": normal(16), f"offset{i}": normal(16), f"mean{i}": normal(16), f"variance{i}": normal(16) ** 2}
    norm = [[f"scale{i}", f"offset{i}", f"mean{i}", f"variance{i}"] for i in (0, 1)]
    nodes = [node("Conv", ["x", "w0"], ["c0"], name="/conv0", pads=[1, 1, 1, 1]),
             node("BatchNormalization", ["c0", *norm[0]], ["n0"], name="/norm0"),
             node("Relu", ["n0"], ["r0"], name="/relu0"),
             node("Conv", ["r0", "w1", "b1"], ["c1"], name="/conv1", pads=[1, 1, 1, 1]),
             node("BatchNormalization", ["c1", *norm[1]], ["n1"], name="/norm1"),
             node("Add", ["n1", "r0"], ["s"], name="/sum"),
             node("Relu", ["s"], ["r1"], name="/relu1"),
             node("MaxPool", ["r1"], ["p"], name="/pool", kernel_shape=[2, 2], strides=[2, 2]),
             node("GlobalAveragePool", ["p"], ["g"], name="/average"),
             node("Flatten", ["g"], ["f"], name="/flatten"),
             node("Gemm", ["f", "w2", "b2"], ["y"], name="/classifier")]
    return model("residual", nodes, constants, {"y": (1, 10)})


def shared(random):
    """Weights of two nodes, a value that an output and a subgraph use, a weight that is a graph input, a Constant node."""
    w = random.standard_normal((3, 3, 1, 1)).astype(np.float32)
    k = random.standard_normal((3, 3, 1, 1)).astype(np.float32)
    branch = [helper.make_graph([node(op, ["a"], ["t"], name=f"/{op}")], op, [], [helper.make_tensor_value_info("t", TensorProto.FLOAT, (1, 3, 8, 8))])
              for op in ("Neg", "Abs")]
    nodes = [node("Constant", [], ["k"], name="/k", value=numpy_helper.from_array(k)),
             node("Conv", ["x", "w"], ["a"], name="/first"),
             node("Conv", ["a", "w"], ["b"], name="/second"),
             node("Conv", ["b", "k"], ["c"], name="/third"),
             node("If", ["flag"], ["d"], name="/if", then_branch=branch[0], else_branch=branch[1]),
             node("Concat", ["a", "c"], ["e"], name="/join", axis=1),
             node("Sub", ["c", "d"], ["y"], name="/difference"),
             node("Conv", ["e", "v"], ["z"], name="/last")]
    constants = {"w": w, "v": random.standard_normal((4, 6, 1, 1)).astype(np.float32), "flag": np.array(True)}
    made = model("shared", nodes, constants, {"a": (1, 3, 8, 8), "y": (1, 3, 8, 8), "z": (1, 4, 8, 8)})
    made.graph.input.append(helper.make_tensor_value_info("w", TensorProto.FLOAT, w.shape))
    return made


def make(folder):
    random = np.random.default_rng(7)
    folder.mkdir(parents=True, exist_ok=True)
    base = residual(random)
    onnx.save(base, folder / "residual.onnx")
    for name, opset in (("old", 9), ("clip", 9), ("infinite", 21)):
        changed = copy.deepcopy(base)
        changed.opset_import[0].version = opset
        if name == "clip":
            del changed.graph.node[:]
            changed.graph.node.extend([node("Clip", ["x"], ["y"], name="/limit", min=0.0)])
        if name == "infinite":
            changed.graph.initializer[[t.name for t in changed.graph.initializer].index("w2")].CopyFrom(
                numpy_helper.from_array(np.full((16, 10), np.inf, np.float32), "w2"))
        onnx.save(changed, folder / f"{name}.onnx")
    onnx.save(shared(random), folder / "shared.onnx")
    onnx.save(model("float", [node("Relu", ["x"], ["y"], name="/relu")], {}, {"y": (1, 3, 8, 8)}), folder / "float.onnx")
    samples = random.standard_normal((4, 1, 3, 8, 8)).astype(np.float32)
    w = random.standard_normal((4, 3, 1, 1)).astype(np.float32)
    onnx.save(model("single", [node("Conv", ["x", "w"], ["y"], name="/conv")], {"w": w}, {"y": (1, 4, 8, 8)}), folder / "single.onnx")
    reduced = model("reduced", [node("ReduceMean", ["x"], ["m"], name="/mean", axes=[2, 3], keepdims=0),
                                node("MatMul", ["m", "w"], ["y"], name="/product")],
                    {"w": random.standard_normal((3, 10)).astype(np.float32)}, {"y": (1, 10)}, opset=17, ir_version=8)
    onnx.save(reduced, folder / "reduced.onnx")
    onnx.save(model("open", [node("MatMul", ["x", "w"], ["y"], name="/product")], {"w": np.ones((3, 10), np.float32)},
                    {"y": ("rows", 10)}, shape=("rows", 3)), folder / "open.onnx")
    for kind in ("npy", "npz", "sets", "compressed", "nan", "wrong"):
        (folder / kind).mkdir(exist_ok=True)
    for i, sample in enumerate(samples):
        np.save(folder / "npy" / f"image{i}.npy", sample)
        np.savez(folder / "npz" / f"image{i}.npz", x=sample)
        (folder / "sets" / f"test_data_set_{i}").mkdir(exist_ok=True)
        (folder / "sets" / f"test_data_set_{i}" / "input_0.pb").write_bytes(numpy_helper.from_array(sample).SerializeToString())
    np.savez_compressed(folder / "compressed" / "image.npz", x=samples[0])
    np.save(folder / "nan" / "image.npy", np.full((1, 3, 8, 8), np.nan, np.float32))
    np.save(folder / "wrong" / "image.npy", samples[0][:, :2])


def read(path):
    return np.load(path) if path.suffix == ".npy" else numpy_helper.to_array(onnx.load_tensor(path / "input_0.pb"))


def check_layers(quantized):
    """Each layer reads integers; a bias has the products' scale; weights use the whole of their range."""
    values = {t.name: numpy_helper.to_array(t) for t in quantized.graph.initializer}
    makers = {o: n for n in quantized.graph.node for o in n.output}
    layers = 0
    for layer in quantized.graph.node:
        if layer.op_type not in ("Conv", "Gemm", "MatMul"):
            continue
        sources = [makers.get(i) for i in layer.input]
        if not all(s is not None and s.op_type == "DequantizeLinear" for s in sources):
            continue
        layers += 1
        scales = [values[s.input[1]] for s in sources]
        weights = values[sources[1].input[0]]
        axis = next(a.i for a in sources[1].attribute if a.name == "axis")
        assert weights.dtype == np.int8 and scales[1].shape == (weights.shape[axis],), layer.name
        others = tuple(i for i in range(weights.ndim) if i != axis)
        assert (np.abs(weights.astype(int)).max(others) == 127).all(), layer.name
        if len(sources) > 2:
            bias = values[sources[2].input[0]]
            assert bias.dtype == np.int32 and len(sources[2].input) == 2
            np.testing.assert_array_equal(scales[2], scales[0] * scales[1])
    return layers


def describe_blocks(quantized):
    tensors = {t.name: t for t in quantized.graph.initializer}
    for dequantize in quantized.graph.node:
        attributes = {a.name: a.i for a in dequantize.attribute}
        if "block_size" in attributes:
            w, s = (tensors[i] for i in dequantize.input)
            yield f"{w.name} {TensorProto.DataType.Name(w.data_type).lower()} {list(w.dims)} {s.name} {list(s.dims)} axis {attributes['axis']} block {attributes['block_size']}"


def check(float_path, quantized_path, data, report_path, *blocks):
    onnx.checker.check_model(str(quantized_path), full_check=True)
    report = json.loads(report_path.read_text())
    quantized = onnx.load(quantized_path)
    reference, actual = ReferenceEvaluator(str(float_path)), ReferenceEvaluator(str(quantized_path))
    noise, signal = {}, {}
    for path in sorted(data.iterdir()):
        feeds = {"x": read(path)}
        for name, r, a in zip(reference.output_names, reference.run(None, feeds), actual.run(None, feeds)):
            noise[name] = noise.get(name, 0) + ((a - r).astype(float) ** 2).sum()
            signal[name] = signal.get(name, 0) + (r.astype(float) ** 2).sum()
    error = max((noise[n] / signal[n]) ** 0.5 for n in noise)
    # A value on the edge of two integers may fall either way, so the errors differ a little.
    assert abs(error - report["error"]) < 0.1 * error, (error, report["error"])
    assert error < (0.2 if blocks else 0.05), error
    print(*describe_blocks(quantized) if blocks else ("layers", check_layers(quantized)))
    print("operators", " ".join(n.op_type for n in quantized.graph.node))


if __name__ == "__main__":
    paths = [pathlib.Path(a) for a in sys.argv[2:]]
    make(*paths) if sys.argv[1] == "make" else check(*paths)
