"""Writes a model with a custom operator between two of ONNX's, and its data: DIR/model.onnx."""
import sys

import numpy as np

sys.path.insert(0, sys.argv[2])
from cases import node, write_case

x = np.random.default_rng(0).normal(size=(2, 3, 4)).astype(np.float32)
scale = np.array([1, 2, 200, 4], np.uint8)
nodes = [node("Relu", "x", "h"),
         node("ScaledSwish", "h scale", "z", domain="my.ops", alpha=1.5, offsets=[1, -3], title='a "swish"?'),
         node("Neg", "z", "y")]
h = np.maximum(x, 0)
write_case(sys.argv[1], nodes, {"x": x, "scale": scale}, {}, {"y": -(h / (1 + np.exp(-1.5 * h)) * scale - 2)},
           [("", 21), ("my.ops", 1)])
