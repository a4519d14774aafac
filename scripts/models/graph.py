"""A small builder of ONNX graphs: `g.Gemm(x, w, b, transB=1)` adds a node, `g.weight(...)` a seeded initializer."""
import math
import zlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64


class Graph:
    """One model under construction. Weights come from a generator seeded by the model's name."""

    def __init__(self, name, opset=17, ir_version=8):
        self.name, self.opset, self.ir_version = name, opset, ir_version
        self.random = np.random.default_rng(zlib.crc32(name.encode()))
        self.nodes, self.inputs, self.outputs, self.constants = [], [], [], []
        self.path, self.names, self.metadata = [], set(), {}

    # ---- values

    def input(self, name, shape, kind=FLOAT, below=None):
        """A graph input; `below` bounds an integer one, which the reference data respects."""
        self.inputs.append(helper.make_tensor_value_info(name, kind, shape))
        if below is not None:
            self.metadata[f"range.{name}"] = f"0 {below}"
        return name

    def output(self, value, name, shape, kind=FLOAT):
        """Ends the graph with `value` under the name `name`."""
        for node in self.nodes:
            for names in (node.input, node.output):
                names[:] = [name if n == value else n for n in names]
        self.outputs.append(helper.make_tensor_value_info(name, kind, shape))

    def initializer(self, name, array):
        name = self._unique(".".join(self.path + [name]))
        self.constants.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def weight(self, name, shape, spread):
        return self.initializer(name, (self.random.standard_normal(shape) * spread).astype(np.float32))

    def const(self, value, dtype=np.float32):
        return self.Constant(value=numpy_helper.from_array(np.asarray(value, dtype)))

    def ints(self, *values):
        return self.const(values, np.int64)

    # ---- nodes

    def __getattr__(self, operator):
        if not operator[0].isupper():
            raise AttributeError(operator)

        def add(*inputs, outputs=1, **attributes):
            name = self._unique("/" + "/".join(self.path + [operator]))
            results = [f"{name}_output_{i}" for i in range(outputs)]
            self.nodes.append(helper.make_node(operator, inputs, results, name=name, **attributes))
            return results[0] if outputs == 1 else results

        return add

    def scope(self, name):
        """`with g.scope("layer1"):` prefixes the names of nodes and weights made inside."""
        return _Scope(self, name)

    def _unique(self, name):
        candidate, count = name, 0
        while candidate in self.names:
            count += 1
            candidate = f"{name}_{count}"
        self.names.add(candidate)
        return candidate

    def finish(self):
        inputs = list(self.inputs)
        if self.ir_version < 4:  # old files list every initializer among the inputs
            inputs += [helper.make_tensor_value_info(c.name, c.data_type, c.dims) for c in self.constants]
        graph = helper.make_graph(self.nodes, self.name, inputs, self.outputs, self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)], ir_version=self.ir_version,
                                  producer_name="m2c make-models")
        helper.set_model_props(model, self.metadata)
        onnx.checker.check_model(model)
        return model

    # ---- layers

    def linear(self, x, name, fan_in, fan_out, gain=2.0):
        """A dense layer on a matrix: Gemm with the weight stored [out, in]."""
        with self.scope(name):
            weight = self.weight("weight", (fan_out, fan_in), math.sqrt(gain / fan_in))
            return self.Gemm(x, weight, self.weight("bias", (fan_out,), 0.05), transB=1)

    def dense(self, x, name, fan_in, fan_out, gain=1.0):
        """A dense layer on the last axis of any rank: MatMul, then Add with the bias first."""
        with self.scope(name):
            weight = self.weight("weight", (fan_in, fan_out), math.sqrt(gain / fan_in))
            return self.Add(self.weight("bias", (fan_out,), 0.05), self.MatMul(x, weight))

    def multilayer(self, x, widths):
        """Dense layers with Relu between them."""
        for i, (fan_in, fan_out) in enumerate(zip(widths, widths[1:])):
            last = i == len(widths) - 2
            x = self.linear(x, f"layer{i}", fan_in, fan_out, 1.0 if last else 2.0)
            x = x if last else self.Relu(x)
        return x

    def conv(self, x, name, channels, kernel, stride=1, pad=0, groups=1, rank=2, gain=2.0, **attributes):
        """A convolution with bias; `channels` = (in, out)."""
        fan_in, fan_out = channels
        with self.scope(name):
            window = (kernel,) * rank
            spread = math.sqrt(gain * groups / (fan_in * kernel**rank))
            weight = self.weight("weight", (fan_out, fan_in // groups) + window, spread)
            return self.Conv(x, weight, self.weight("bias", (fan_out,), 0.05), kernel_shape=window, strides=[stride] * rank,
                             pads=[pad] * 2 * rank, group=groups, **attributes)

    def batch_norm(self, x, name, channels):
        with self.scope(name):
            variance = self.random.uniform(0.5, 1.5, channels).astype(np.float32)
            scale = self.initializer("scale", 1 + 0.1 * self.random.standard_normal(channels).astype(np.float32))
            return self.BatchNormalization(x, scale, self.weight("bias", (channels,), 0.1),
                                           self.weight("mean", (channels,), 0.1), self.initializer("var", variance))

    def layer_norm(self, x, name, width):
        """LayerNormalization, spelled out below opset 17, as exporters wrote it."""
        with self.scope(name):
            scale = self.initializer("weight", 1 + 0.05 * self.random.standard_normal(width).astype(np.float32))
            bias = self.weight("bias", (width,), 0.05)
            if self.opset >= 17:
                return self.LayerNormalization(x, scale, bias, axis=-1, epsilon=1e-5)
            centred = self.Sub(x, self.ReduceMean(x, axes=[-1]))
            variance = self.ReduceMean(self.Pow(centred, self.const(2)), axes=[-1])
            normal = self.Div(centred, self.Sqrt(self.Add(variance, self.const(1e-5))))
            return self.Add(self.Mul(normal, scale), bias)

    def gelu(self, x):
        """GELU as exported: x * (erf(x / sqrt 2) + 1) / 2."""
        erf = self.Erf(self.Div(x, self.const(math.sqrt(2))))
        return self.Mul(self.Mul(x, self.Add(erf, self.const(1))), self.const(0.5))

    def size(self, x, axis):
        """x.shape[axis] as a traced export computes it."""
        return self.Gather(self.Shape(x), self.const(axis, np.int64), axis=0)

    def reshape(self, x, *sizes):
        """Reshape to sizes that are numbers or traced scalars."""
        if all(isinstance(s, int) for s in sizes):
            return self.Reshape(x, self.ints(*sizes))
        parts = [self.ints(s) if isinstance(s, int) else self.Unsqueeze(s, self.ints(0)) for s in sizes]
        return self.Reshape(x, self.Concat(*parts, axis=0))


class _Scope:
    def __init__(self, graph, name):
        self.graph, self.name = graph, name

    def __enter__(self):
        self.graph.path.append(self.name)

    def __exit__(self, *_):
        self.graph.path.pop()
