"""Small models with quantised operators, as quantisers write them: each operator reads what DequantizeLinear gives and is followed
by QuantizeLinear. What differs from the reference differs by a quantum of the output, which is large: 1/64."""
import math

import numpy as np

OUTPUT_QUANTUM = 1 / 64


def grid(low, high, kind):
    """Scale and zero point of codes for [low, high]; signed codes are symmetric."""
    if kind == np.int8:
        return np.float32(max(-low, high) / 127), np.int8(0)
    scale = np.float32((high - low) / 255)
    return scale, np.uint8(round(-low / scale))


class Quantizer:
    def __init__(self, g, kind):
        self.g, self.kind, self.scales = g, kind, {}

    def __call__(self, x, low=-4.0, high=4.0, scale=None):
        """x through codes of [low, high]."""
        g = self.g
        step, zero = grid(low, high, self.kind) if scale is None else (np.float32(scale), self.kind(0 if self.kind == np.int8 else 128))
        step_name, zero_name = g.initializer("scale", step), g.initializer("zero_point", zero)
        y = g.DequantizeLinear(g.QuantizeLinear(x, step_name, zero_name), step_name, zero_name)
        self.scales[y] = step
        return y

    def weight(self, name, shape, gain, axis):
        """Per-channel codes of 8 bits along `axis`, or one scale where that is None."""
        g = self.g
        fan_in = math.prod(shape) / (shape[axis] if axis is not None else shape[-1])
        values = g.random.standard_normal(shape) * math.sqrt(gain / fan_in)
        others = None if axis is None else tuple(d for d in range(len(shape)) if d != axis)
        scale = (np.abs(values).max(axis=others, keepdims=True) / 127).astype(np.float32)
        codes = np.rint(values / scale).astype(np.int8)
        scale = scale.reshape(() if axis is None else -1)
        y = g.DequantizeLinear(g.initializer(name, codes), g.initializer(name + "_scale", scale),
                               g.initializer(name + "_zero_point", np.zeros(scale.shape, np.int8)),
                               **({} if axis is None else {"axis": axis}))
        self.scales[y] = scale
        return y

    def bias(self, x, w, channels):
        g, scale = self.g, np.broadcast_to(self.scales[x] * self.scales[w], (channels,)).astype(np.float32)
        codes = np.rint(g.random.standard_normal(channels) * 0.1 / scale).astype(np.int32)
        return g.DequantizeLinear(g.initializer("bias", codes), g.initializer("bias_scale", scale), axis=0)

    def conv(self, x, name, channels, kernel, stride=1, groups=1):
        g, (fan_in, fan_out) = self.g, channels
        with g.scope(name):
            w = self.weight("weight", (fan_out, fan_in // groups, kernel, kernel), 2.0, 0)
            return g.Conv(x, w, self.bias(x, w, fan_out), kernel_shape=[kernel] * 2, strides=[stride] * 2,
                          pads=[kernel // 2] * 4, group=groups)


def cnn(g, kind=np.uint8, size=14):
    """A strided first layer, max pooling, depthwise and grouped convolutions, a residual, global pooling, Gemm."""
    q = Quantizer(g, kind)
    x = q(g.input("input", [1, 3, size, size]))
    x = q(g.Relu(q.conv(x, "stem", (3, 8), 3, 2)), 0, 4)
    x = q(g.MaxPool(x, kernel_shape=[2, 2], strides=[1, 1]), 0, 4)
    x = q(g.Clip(q.conv(x, "expand", (8, 24), 1), g.const(0), g.const(6)), 0, 6)
    x = q(g.Clip(q.conv(x, "depthwise", (24, 24), 3, 1, 24), g.const(0), g.const(6)), 0, 6)
    x = q(q.conv(x, "project", (24, 16), 1))
    y = q(g.Relu(q.conv(x, "grouped", (16, 16), 3, 1, 2)), 0, 4)
    y = q(q.conv(y, "wide", (16, 16), 3))
    x = q(g.Relu(g.Add(x, y)), 0, 5)
    x = q(g.Flatten(q(g.GlobalAveragePool(x), 0, 2), axis=1), 0, 2)
    w = q.weight("weight", (11, 16), 1.0, None)
    g.output(q(g.Gemm(x, w, q.bias(x, w, 11), transB=1), scale=OUTPUT_QUANTUM), "output", [1, 11])


def attention(g, kind=np.int8, length=9, heads=2, width=24):
    """Products with weights and of two activations."""
    q, each = Quantizer(g, kind), width // heads
    x = q(g.input("input", [1, length, width]))

    def project(name):
        y = g.Add(g.MatMul(x, q.weight(name, (width, width), 1.0, 1)), g.weight(name + "_bias", (width,), 0.1))
        return g.Transpose(g.Reshape(y, g.ints(1, length, heads, each)), perm=[0, 2, 1, 3])

    query, key, value = q(project("query")), q(g.Transpose(project("key"), perm=[0, 1, 3, 2])), q(project("value"))
    scores = g.Softmax(g.Mul(g.MatMul(query, key), g.const(1 / math.sqrt(each))), axis=-1)
    y = g.Transpose(g.MatMul(q(scores, 0, 1), value), perm=[0, 2, 1, 3])
    y = q(g.Reshape(y, g.ints(1, length, width)))
    g.output(q(g.MatMul(y, q.weight("out", (width, 13), 1.0, None)), scale=OUTPUT_QUANTUM), "output", [1, length, 13])


def dynamic(g, batch=3, widths=(20, 32, 7)):
    """Dense layers on codes whose scale the data decides."""
    x = g.input("input", [batch, widths[0]])
    for i, (fan_in, fan_out) in enumerate(zip(widths, widths[1:])):
        with g.scope(f"layer{i}"):
            values = g.random.standard_normal((fan_in, fan_out)) * math.sqrt(2 / fan_in)
            # Without VNNI onnxruntime saturates sums of two products in 16 bits, which codes of 7 bits keep clear of.
            scale = np.float32(np.abs(values).max() / 60)
            codes = (np.rint(values / scale) + 3 * i).astype(np.int8)
            quantized, step, zero = g.DynamicQuantizeLinear(x, outputs=3)
            product = g.MatMulInteger(quantized, g.initializer("weight", codes), zero,
                                      g.initializer("zero_point", np.int8(3 * i)))
            x = g.Mul(g.Cast(product, to=1), g.Mul(step, g.initializer("scale", scale)))
            x = g.Add(x, g.weight("bias", (fan_out,), 0.1))
            x = x if i == len(widths) - 2 else g.Relu(x)
    g.output(x, "output", [batch, widths[-1]])


SMALL = {
    "quantized_cnn": (cnn, {}),
    "quantized_cnn_s8": (cnn, dict(kind=np.int8)),
    "quantized_attention": (attention, {}),
    "quantized_attention_u8": (attention, dict(kind=np.uint8)),
    "quantized_dynamic": (dynamic, {}),
}
