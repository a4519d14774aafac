"""Writes models whose sizes depend on data, each with several data sets computed by NumPy: DIR/<case>/."""
import os
import sys

import numpy as np
import onnx
from onnx import TensorProto as T, helper, numpy_helper

from cases import node

CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


def normal(*shape, seed=0):
    return np.random.default_rng(seed + sum(shape)).normal(size=shape).astype(np.float32)


def ints(*values):
    return np.array(values, np.int64)


# A case: nodes, weights, the inputs' types and shapes, the outputs' types and ranks, and (inputs, outputs) of each run.


@case
def masked_select():
    """x[x > limit] * 2 as PyTorch exports it."""
    nodes = [node("Greater", "x limit", "mask"), node("NonZero", "mask", "at"), node("Transpose", "at", "tuples"),
             node("GatherND", "x tuples", "chosen"), node("Mul", "chosen two", "y")]

    def run(limit):
        x = normal(3, 5)
        return {"x": x, "limit": np.float32(limit)}, {"at": np.array(np.nonzero(x > limit)), "y": x[x > limit] * 2}
    return (nodes, {"two": np.float32(2)}, {"x": (T.FLOAT, [3, 5]), "limit": (T.FLOAT, [])},
            {"at": (T.INT64, 2), "y": (T.FLOAT, 1)}, [run(limit) for limit in (0, -9, 9, 0.7)])


def overlap(a, b):
    low, high = np.maximum(a[:2], b[:2]), np.minimum(a[2:], b[2:])
    common = np.prod(np.maximum(high - low, 0))
    return common / (np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2]) - common)


@case
def detection():
    """The end of a detector: suppression, the boxes, classes and scores of what is left, and the best three of them."""
    weights = {"most": ints(4), "iou": np.float32([0.4]), "class": np.array(1), "box": np.array(2), "zero": ints(0),
               "one": ints(1), "three": ints(3), "first": ints(0), "end": ints(3)}
    nodes = [node("NonMaxSuppression", "boxes scores most iou threshold", "kept"), node("Gather", "kept class", "classes", axis=1),
             node("Gather", "kept box", "places", axis=1), node("Squeeze", "boxes zero", "table"),
             node("Gather", "table places", "found"), node("GatherND", "scores kept", "score"),
             node("Unsqueeze", "score one", "column"), node("Cast", "classes", "label", to=T.FLOAT),
             node("Unsqueeze", "label one", "labels"), node("Concat", "found column labels", "detections", axis=1),
             node("Shape", "score", "count"), node("Min", "count three", "k"), node("TopK", "score k", "best order", axis=0),
             node("Gather", "detections order", "top")]

    def run(threshold, seed):
        rng = np.random.default_rng(seed)
        corner = rng.uniform(0, 60, (24, 2))
        boxes = np.concatenate([corner, corner + rng.uniform(10, 40, (24, 2))], 1).astype(np.float32)
        scores = rng.uniform(0, 1, (1, 2, 24)).astype(np.float32)
        rows = []
        for c in range(2):
            kept = []
            for i in np.argsort(-scores[0, c], kind="stable"):
                if scores[0, c, i] > threshold and len(kept) < 4 and all(overlap(boxes[i], boxes[j]) <= 0.4 for j in kept):
                    kept.append(i)
            rows += [(0, c, i) for i in kept]
        rows = np.array(rows, np.int64).reshape(-1, 3)
        score = scores[rows[:, 0], rows[:, 1], rows[:, 2]]
        table = np.concatenate([boxes[rows[:, 2]], score[:, None], rows[:, 1:2]], 1).astype(np.float32)
        top = table[np.argsort(-score, kind="stable")[:3]]
        return ({"boxes": boxes[None], "scores": scores, "threshold": np.float32([threshold])},
                {"kept": rows, "detections": table, "top": top})
    return (nodes, weights, {"boxes": (T.FLOAT, [1, 24, 4]), "scores": (T.FLOAT, [1, 2, 24]), "threshold": (T.FLOAT, [1])},
            {"kept": (T.INT64, 2), "detections": (T.FLOAT, 2), "top": (T.FLOAT, 2)},
            [run(0.3, 1), run(0.9, 2), run(2, 3), run(0.97, 4)])


@case
def arange():
    """torch.arange(n): positions and their outer product, of any size."""
    nodes = [node("Range", "start n step", "r"), node("Cast", "r", "x", to=T.FLOAT), node("Unsqueeze", "x one", "column"),
             node("Mul", "column x", "table"), node("Softmax", "table", "p", axis=-1), node("ReduceMax", "table one", "m", keepdims=0)]

    def run(n):
        x = np.arange(3, n, 2).astype(np.float32)
        table = x[:, None] * x
        e = np.exp(table - table.max(1, keepdims=True)) if len(x) else table
        return {"n": np.array(n)}, {"r": np.arange(3, n, 2), "p": (e / e.sum(1, keepdims=True)).astype(np.float32),
                                    "m": table.max(1) if len(x) else x}
    return (nodes, {"start": np.array(3), "step": np.array(2), "one": ints(1)}, {"n": (T.INT64, [])},
            {"r": (T.INT64, 1), "p": (T.FLOAT, 2), "m": (T.FLOAT, 1)}, [run(n) for n in (12, 400, 3, 0, 5)])


@case
def range_of_floats():
    nodes = [node("Range", "a b c", "y")]
    runs = [({"a": np.float32(a), "b": np.float32(b), "c": np.float32(c)},
             {"y": (a + np.arange(max(0, int(np.ceil((b - a) / c)))) * np.float32(c)).astype(np.float32)})
            for a, b, c in ((0, 4, 0.5), (3, -2, -1.5), (1, 0, 1))]
    return nodes, {}, {k: (T.FLOAT, []) for k in "abc"}, {"y": (T.FLOAT, 1)}, runs


@case
def shapes_given():
    """Reshape, Expand, ConstantOfShape and Tile to shapes that are inputs."""
    nodes = [node("Reshape", "x shape", "a"), node("Relu", "a", "r"), node("Expand", "row wide", "b"),
             node("ConstantOfShape", "wide", "c", value=numpy_helper.from_array(np.array([7], np.int32))),
             node("Tile", "row times", "d"), node("Concat", "b b", "e", axis=0)]

    def run(shape, wide, times):
        x, row = normal(4, 6), normal(1, 5)
        a = np.reshape(x, [x.shape[i] if s == 0 else s for i, s in enumerate(shape)])
        b = row * np.ones(wide, np.float32)
        return ({"x": x, "shape": ints(*shape), "row": row, "wide": ints(*wide), "times": ints(*times)},
                {"r": np.maximum(a, 0), "c": np.full(wide, 7, np.int32), "d": np.tile(row, times), "e": np.concatenate([b, b])})
    return (nodes, {}, {"x": (T.FLOAT, [4, 6]), "shape": (T.INT64, [3]), "row": (T.FLOAT, [1, 5]), "wide": (T.INT64, [2]),
                        "times": (T.INT64, [2])},
            {"r": (T.FLOAT, 3), "c": (T.INT32, 2), "d": (T.FLOAT, 2), "e": (T.FLOAT, 2)},
            [run((2, -1, 3), (4, 5), (2, 3)), run((0, 3, 2), (1, 1), (1, 1)), run((24, 1, 1), (0, 5), (0, 2))])


@case
def slices():
    nodes = [node("Slice", "x starts ends axes", "a"), node("Slice", "x starts ends axes back", "b"),
             node("Slice", "x starts ends some steps", "c"), node("Split", "x parts", "d e", axis=1),
             node("Pad", "x pads value", "f"), node("Pad", "x pads", "g", mode="edge"), node("Pad", "x pads", "h", mode="reflect"),
             node("Pad", "x pads", "i", mode="wrap")]
    weights = {"axes": ints(0, -1), "back": ints(2, -1)}

    def run(starts, ends, some, steps, parts, pads):
        x = normal(6, 7)

        def cut(axes, steps):
            index = [slice(None)] * 2
            for s, e, a, t in zip(starts, ends, axes, steps):
                index[a] = slice(s, None if t < 0 and e < -x.shape[a] else e, t)
            return x[tuple(index)]

        def pad(mode, **more):
            return np.pad(x, [(pads[0], pads[2]), (pads[1], pads[3])], mode, **more)
        d, e = np.split(x, [parts[0]], 1)
        return ({"x": x, "starts": ints(*starts), "ends": ints(*ends), "some": ints(*some), "steps": ints(*steps),
                 "parts": ints(*parts), "pads": ints(*pads), "value": np.float32(3)},
                {"a": cut((0, 1), (1, 1)), "b": cut((0, 1), (2, -1)), "c": cut(some, steps), "d": d, "e": e,
                 "f": pad("constant", constant_values=3), "g": pad("edge"), "h": pad("reflect"), "i": pad("wrap")})
    return (nodes, weights,
            {"x": (T.FLOAT, [6, 7]), **{n: (T.INT64, [2]) for n in ("starts", "ends", "some", "steps", "parts")},
             "pads": (T.INT64, [4]), "value": (T.FLOAT, [])},
            {n: (T.FLOAT, 2) for n in "abcdefghi"},
            [run((1, 2), (4, 6), (0, 1), (1, 2), (3, 4), (1, 0, 2, 3)),
             run((-5, -2), (1000, -9), (1, 0), (1, -2), (7, 0), (0, 0, 0, 0)),
             run((5, 6), (2, 1), (-1, 0), (-3, -1), (0, 7), (4, 3, 0, 1))])


@case
def topk():
    nodes = [node("TopK", "x k", "y i"), node("OneHot", "i depth values", "h")]
    x = normal(3, 8)

    def run(k):
        order = np.argsort(-x, 1, kind="stable")[:, :k]
        depth = 8 + k
        return ({"x": x, "k": ints(k), "depth": ints(depth)},
                {"y": np.take_along_axis(x, order, 1), "h": np.eye(depth)[order]})
    return (nodes, {"values": np.array([0.0, 1.0])}, {"x": (T.FLOAT, [3, 8]), "k": (T.INT64, [1]), "depth": (T.INT64, [1])},
            {"y": (T.FLOAT, 2), "h": (T.DOUBLE, 3)}, [run(k) for k in (3, 8, 0, 1)])


@case
def unique():
    nodes = [node("Unique", "x", "y first inverse counts", sorted=1), node("Unique", "x", "u", sorted=0),
             node("Unique", "x", "rows", axis=0)]

    def run(x):
        y, first, inverse, counts = np.unique(x, return_index=True, return_inverse=True, return_counts=True)
        return ({"x": x}, {"y": y, "first": first, "inverse": inverse.reshape(-1), "counts": counts,
                           "u": x.reshape(-1)[np.sort(first)], "rows": np.unique(x, axis=0)})
    return (nodes, {}, {"x": (T.FLOAT, [4, 2])},
            {"y": (T.FLOAT, 1), "first": (T.INT64, 1), "inverse": (T.INT64, 1), "counts": (T.INT64, 1), "u": (T.FLOAT, 1),
             "rows": (T.FLOAT, 2)},
            [run(np.float32(x)) for x in ([[2, 1], [1, 3], [2, 1], [4, 3]], np.ones((4, 2)), np.arange(8).reshape(4, 2))])


@case
def chosen_rows():
    """Of a batch of any size, the rows that a mask keeps go through a layer."""
    nodes = [node("Compress", "x keep", "rows", axis=0), node("Gemm", "rows w b", "h", transB=1), node("Relu", "h", "r"),
             node("ScatterND", "zeros tuples r", "back"), node("NonZero", "keep", "at"), node("Transpose", "at", "tuples"),
             node("Shape", "x", "s", start=0, end=1), node("Concat", "s four", "shape", axis=0),
             node("ConstantOfShape", "shape", "zeros")]
    nodes = nodes[:3] + nodes[4:] + nodes[3:4]
    weights = {"w": normal(4, 6), "b": normal(4), "four": ints(4)}

    def run(n, seed):
        x, keep = normal(n, 6), np.random.default_rng(seed).uniform(size=n) > 0.5
        r = np.maximum(x[keep] @ weights["w"].T + weights["b"], 0)
        back = np.zeros((n, 4), np.float32)
        back[keep] = r
        return {"x": x, "keep": keep}, {"r": r, "back": back}
    return (nodes, weights, {"x": (T.FLOAT, ["batch", 6]), "keep": (T.BOOL, ["batch"])},
            {"r": (T.FLOAT, 2), "back": (T.FLOAT, 2)}, [run(1, 0), run(7, 1), run(33, 2), run(1, 3)])


def info(name, kind, shape):
    return helper.make_tensor_value_info(name, kind, shape)


@case
def loop_by_count():
    """Outputs by trip of a loop whose trips an input counts, and sizes found in each trip."""
    body = helper.make_graph(
        [node("Add", "state_in x", "state_out"), node("Greater", "state_out limit", "mask"), node("NonZero", "mask", "at"),
         node("Shape", "at", "shape"), node("ReduceProd", "shape", "found", keepdims=0), node("Identity", "go_in", "go_out")],
        "body", [info("trip", T.INT64, []), info("go_in", T.BOOL, []), info("state_in", T.FLOAT, [4])],
        [info("go_out", T.BOOL, []), info("state_out", T.FLOAT, [4]), info("state_out", T.FLOAT, [4]), info("found", T.INT64, [])])
    body.node.insert(0, node("Identity", "state_out", "scanned"))
    body.node.append(body.node[0])
    del body.node[0]
    body.output[2].name = "scanned"
    nodes = [node("Loop", "n go start", "last states counts", body=body)]

    def run(n):
        x = np.float32([1, -1, 0.5, 2])
        states = np.cumsum(np.tile(x, (n, 1)), 0).astype(np.float32).reshape(n, 4)
        return ({"n": np.array(n), "x": x}, {"last": states[-1] if n else np.zeros(4, np.float32), "states": states,
                                             "counts": (states > 2).sum(1)})
    return (nodes, {"go": np.array(True), "start": np.zeros(4, np.float32), "limit": np.float32(2)},
            {"n": (T.INT64, []), "x": (T.FLOAT, [4])}, {"last": (T.FLOAT, 1), "states": (T.FLOAT, 2), "counts": (T.INT64, 1)},
            [run(n) for n in (3, 1, 6, 0)])


def to_numpy(values):
    return {name: np.ascontiguousarray(value).reshape(np.shape(value)) for name, value in values.items()}


def write(folder, name, nodes, weights, inputs, outputs, runs):
    graph = helper.make_graph(
        nodes, name, [helper.make_tensor_value_info(k, *v) for k, v in inputs.items()],
        [helper.make_tensor_value_info(k, kind, [None] * rank) for k, (kind, rank) in outputs.items()],
        [numpy_helper.from_array(np.asarray(v), k) for k, v in weights.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    os.makedirs(folder, exist_ok=True)
    onnx.save(model, os.path.join(folder, "model.onnx"))
    for n, (given, expected) in enumerate(runs):
        data = os.path.join(folder, f"test_data_set_{n}")
        os.makedirs(data, exist_ok=True)
        for kind, names, values in (("input", inputs, to_numpy(given)), ("output", outputs, to_numpy(expected))):
            for i, key in enumerate(names):
                with open(os.path.join(data, f"{kind}_{i}.pb"), "wb") as file:
                    file.write(numpy_helper.from_array(values[key], key).SerializeToString())


if __name__ == "__main__":
    for name, make in CASES.items():
        write(os.path.join(sys.argv[1], name), name, *make())
