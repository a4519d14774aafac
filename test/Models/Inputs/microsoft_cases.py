"""Writes models of com.microsoft's operators with outputs from naive NumPy, which agrees with onnxruntime's: DIR/<case>/."""
import math
import os
import sys

import numpy as np

from cases import node, write_case

MS = "com.microsoft"
CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


def ms(op, inputs, outputs, **attributes):
    made = node(op, "", "", domain=MS, **attributes)
    made.input.extend("" if name == "-" else name for name in inputs.split())
    made.output.extend("" if name == "-" else name for name in outputs.split())
    return made


def normal(*shape, seed=0):
    return np.random.default_rng(seed + sum(shape)).normal(size=shape).astype(np.float32)


def gelu(x):
    return x * 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))


def layer_norm(x, gamma, beta, epsilon=1e-12):
    centered = x - x.mean(-1, keepdims=True)
    return centered / np.sqrt((centered**2).mean(-1, keepdims=True) + epsilon) * gamma + beta


def rms_norm(x, gamma, epsilon=1e-12):
    return x / np.sqrt((x**2).mean(-1, keepdims=True) + epsilon) * gamma


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def heads(x, n):
    return x.reshape(*x.shape[:2], n, -1).transpose(0, 2, 1, 3)


def attention(q, k, v, bias=0.0, causal=False, scale=None, window=None):
    """Heads [B, N, L, D] -> packed [B, L, N * D]."""
    scores = q @ k.swapaxes(2, 3) * (scale or 1 / math.sqrt(q.shape[3])) + bias
    queries, keys = scores.shape[2:]
    distance = np.arange(keys)[None] - np.arange(queries)[:, None] - (keys - queries)
    if causal:
        scores = np.where(distance > 0, -np.inf, scores)
    if window is not None:
        scores = np.where(distance < -window, -np.inf, scores)
    y = softmax(scores) @ v
    return y.transpose(0, 2, 1, 3).reshape(y.shape[0], queries, -1)


def f32(**values):
    return {k: np.asarray(v, np.float32) for k, v in values.items()}


@case
def products():
    x, w, b, z = normal(1, 3, 8, 8), normal(4, 3, 3, 3), normal(4), normal(1, 4, 8, 8)
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    conv = sum(np.einsum("nchw,oc->nohw", padded[:, :, i:i + 8, j:j + 8], w[:, :, i, j]) for i in range(3) for j in range(3))
    conv = conv + b[:, None, None]
    a, c, d = normal(2, 5, 7), normal(2, 9, 7), normal(2, 5, 4)
    nodes = [
        ms("FusedConv", "x w b", "relu", activation="Relu", pads=[1, 1, 1, 1]),
        ms("FusedConv", "x w b z", "leaky", activation="LeakyRelu", activation_params=[0.2], pads=[1, 1, 1, 1]),
        ms("FusedConv", "x w", "clipped", activation="Clip", activation_params=[-0.5, 0.5], pads=[1, 1, 1, 1]),
        ms("FusedMatMul", "a c", "ac", transB=1, alpha=0.5),
        ms("FusedMatMul", "a d", "ad", transA=1),
        ms("FusedGemm", "g h k", "gemm", transB=1, activation="Relu"),
    ]
    g, h, k = normal(3, 6), normal(5, 6), normal(5)
    plain, leaky = conv - b[:, None, None], conv + z
    outputs = f32(relu=conv.clip(0), leaky=np.where(leaky < 0, 0.2 * leaky, leaky), clipped=plain.clip(-0.5, 0.5),
                  ac=0.5 * a @ c.swapaxes(1, 2), ad=a.swapaxes(1, 2) @ d, gemm=(g @ h.T + k).clip(0))
    return nodes, {"x": x, "z": z, "a": a, "c": c, "d": d, "g": g}, {"w": w, "b": b, "h": h, "k": k}, outputs


@case
def activations():
    x, bias = normal(2, 5, 8), normal(8)
    tanh = lambda v: 0.5 * v * (1 + np.tanh(math.sqrt(2 / math.pi) * (v + 0.044715 * v**3)))
    nodes = [ms("Gelu", "x", "gelu"), ms("BiasGelu", "x bias", "bias_gelu"), ms("FastGelu", "x bias", "fast"),
             ms("FastGelu", "x", "fast_plain"), ms("QuickGelu", "x", "quick")]
    return nodes, {"x": x}, {"bias": bias}, f32(gelu=gelu(x), bias_gelu=gelu(x + bias), fast=tanh(x + bias), fast_plain=tanh(x),
                                                quick=x / (1 + np.exp(-1.702 * x)))


@case
def norms():
    x, skip = normal(2, 5, 8), normal(2, 5, 8, seed=1)
    gamma, beta, bias = normal(8, seed=1), normal(8, seed=2), normal(8, seed=3)
    nodes = [
        ms("SkipLayerNormalization", "x skip gamma beta bias", "ln - - sum", epsilon=1e-5),
        ms("SkipLayerNormalization", "x skip gamma", "ln_plain", epsilon=1e-5),
        ms("SkipSimplifiedLayerNormalization", "x skip gamma", "rms - - rms_sum", epsilon=1e-5),
        node("SimplifiedLayerNormalization", "x gamma", "simple", epsilon=1e-5),
    ]
    total = x + skip
    return nodes, {"x": x, "skip": skip}, {"gamma": gamma, "beta": beta, "bias": bias}, f32(
        ln=layer_norm(total + bias, gamma, beta, 1e-5), sum=total + bias, ln_plain=layer_norm(total, gamma, 0, 1e-5),
        rms=rms_norm(total, gamma, 1e-5), rms_sum=total, simple=rms_norm(x, gamma, 1e-5))


@case
def embeddings():
    ids, segments = np.array([[1, 4, 2], [0, 3, 3]], np.int32), np.array([[0, 0, 1], [0, 1, 1]], np.int32)
    mask = np.array([[1, 1, 0], [1, 1, 1]], np.int32)
    words, positions, kinds = normal(5, 8), normal(6, 8), normal(2, 8)
    gamma, beta = normal(8, seed=1), normal(8, seed=2)
    total = words[ids] + positions[None, :3] + kinds[segments]
    nodes = [ms("EmbedLayerNormalization", "ids segments words positions kinds gamma beta mask", "y lengths sum", epsilon=1e-5)]
    outputs = f32(y=layer_norm(total, gamma, beta, 1e-5))
    outputs["lengths"] = mask.sum(1).astype(np.int32)
    outputs["sum"] = total
    weights = {"words": words, "positions": positions, "kinds": kinds, "gamma": gamma, "beta": beta}
    return nodes, {"ids": ids, "segments": segments, "mask": mask}, weights, outputs


@case
def self_attention():
    x, w, b = normal(2, 5, 12), normal(12, 36) / 4, normal(36) / 4
    mask = np.array([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]], np.int32)
    lengths, extra = np.array([3, 5], np.int32), normal(1, 3, 5, 5)
    q, k, v = (heads(part, 3) for part in np.split(x @ w + b, 3, axis=2))
    past = normal(2, 2, 3, 4, 4)
    with_past = np.concatenate([past[0], k], axis=2), np.concatenate([past[1], v], axis=2)
    nodes = [
        ms("Attention", "x w b", "plain", num_heads=3),
        ms("Attention", "x w b mask", "masked", num_heads=3),
        ms("Attention", "x w b lengths", "cut", num_heads=3),
        ms("Attention", "x w b - - extra", "biased", num_heads=3, unidirectional=1),
        ms("Attention", "x w b - past", "continued present", num_heads=3, unidirectional=1),
    ]
    hidden = np.where(mask[:, None, None] > 0, 0, -10000.0)
    outputs = f32(plain=attention(q, k, v), masked=attention(q, k, v, hidden), cut=attention(q, k, v, hidden),
                  biased=attention(q, k, v, extra, causal=True), continued=attention(q, *with_past, causal=True),
                  present=np.stack(with_past))
    return nodes, {"x": x, "mask": mask, "lengths": lengths, "extra": extra, "past": past}, {"w": w, "b": b}, outputs


@case
def multi_head():
    q, k, v, bias = normal(2, 3, 12), normal(2, 5, 12), normal(2, 5, 18), normal(42)
    mask = np.array([[1, 1, 1, 0, 1], [1, 1, 1, 1, 1]], np.int32)
    extra, past_k, past_v = normal(2, 3, 3, 5), normal(2, 3, 2, 4), normal(2, 3, 2, 6)
    parts = [heads(a, 3) for a in (q, k, v)]
    shifted = [heads(a + b, 3) for a, b in zip((q, k, v), np.split(bias, [12, 24]))]
    nodes = [
        ms("MultiHeadAttention", "q k v", "plain", num_heads=3),
        ms("MultiHeadAttention", "q k v bias mask extra", "masked", num_heads=3, scale=0.3),
    ]
    hidden = np.where(mask[:, None, None] > 0, 0, -10000.0)
    outputs = f32(plain=attention(*parts), masked=attention(*shifted, hidden + extra, scale=0.3))
    inputs = {"q": q, "k": k, "v": v, "mask": mask, "extra": extra}
    return nodes, inputs, {"bias": bias}, outputs


def rotate(x, cos, sin, interleaved):
    """[B, N, L, H] with tables [B, L, H / 2]."""
    half = cos.shape[-1]
    cos, sin = cos[:, None], sin[:, None]
    a, b = (x[..., ::2], x[..., 1::2]) if interleaved else (x[..., :half], x[..., half:])
    real, imaginary = a * cos - b * sin, a * sin + b * cos
    if not interleaved:
        return np.concatenate([real, imaginary], axis=-1)
    return np.stack([real, imaginary], axis=-1).reshape(x.shape)


@case
def rotary():
    x, cos, sin = normal(2, 3, 16), normal(8, 4), normal(8, 4, seed=1)
    ids, offset = np.array([[2, 0, 5], [1, 2, 3]]), np.array([2])
    split = heads(x, 2)
    pack = lambda y: y.transpose(0, 2, 1, 3).reshape(x.shape)
    nodes = [ms("RotaryEmbedding", "x ids cos sin", "by_ids"),
             ms("RotaryEmbedding", "x offset cos sin", "by_offset", interleaved=1),
             ms("RotaryEmbedding", "split ids cos sin", "of_heads")]
    shifted = np.tile(np.arange(2, 5), (2, 1))
    return nodes, {"x": x, "ids": ids, "offset": offset, "split": split}, {"cos": cos, "sin": sin}, f32(
        by_ids=pack(rotate(split, cos[ids], sin[ids], False)), by_offset=pack(rotate(split, cos[shifted], sin[shifted], True)),
        of_heads=rotate(split, cos[ids], sin[ids], False))


@case
def group_query():
    q, k, v = normal(2, 5, 64), normal(2, 5, 32), normal(2, 5, 32, seed=1)
    cos, sin = normal(8, 8), normal(8, 8, seed=1)
    last, total = np.array([4, 4], np.int32), np.int32(5)
    positions = np.tile(np.arange(5), (2, 1))
    turned = [rotate(heads(a, n), cos[positions], sin[positions], False) for a, n in ((q, 4), (k, 2))]
    spread = lambda a: np.repeat(a, 2, axis=1)
    values = heads(v, 2)
    plain = heads(q, 4), spread(heads(k, 2)), spread(values)
    nodes = [
        ms("GroupQueryAttention", "q k v - - last total", "plain pk pv", num_heads=4, kv_num_heads=2),
        ms("GroupQueryAttention", "q k v - - last total cos sin", "turned pk1 pv1", num_heads=4, kv_num_heads=2, do_rotary=1),
        ms("GroupQueryAttention", "packed - - - - last total", "from_packed pk2 pv2", num_heads=4, kv_num_heads=2),
        ms("GroupQueryAttention", "q k v - - last total", "near pk3 pv3", num_heads=4, kv_num_heads=2, local_window_size=2),
    ]
    near = attention(*plain, causal=True, window=1)  # the local window counts the query's own position
    keys = heads(k, 2)
    outputs = f32(plain=attention(*plain, causal=True), pk=keys, pv=values,
                  turned=attention(turned[0], spread(turned[1]), spread(values), causal=True), pk1=turned[1], pv1=values,
                  from_packed=attention(*plain, causal=True), pk2=keys, pv2=values, near=near, pk3=keys, pv3=values)
    packed = np.concatenate([q, k, v], axis=2)
    return nodes, {"q": q, "k": k, "v": v, "packed": packed, "last": last, "total": total}, {"cos": cos, "sin": sin}, outputs


def blockwise(n, k, bits, size, seed, points):
    """A weight in blocks: packed, scales, packed zero points (or None), and its values [k, n]."""
    random = np.random.default_rng(seed)
    blocks = -(-k // size)
    q = random.integers(0, 1 << bits, size=(n, blocks, size))
    scales = random.uniform(0.01, 0.1, size=(n, blocks)).astype(np.float32)
    zero = random.integers(0, 1 << bits, size=(n, blocks)) if points else np.full((n, blocks), 1 << (bits - 1))
    per = 8 // bits

    def pack(values):
        values = np.concatenate([values, np.zeros((*values.shape[:-1], -values.shape[-1] % per), int)], axis=-1)
        values = values.reshape(*values.shape[:-1], -1, per)
        return sum(values[..., i] << (bits * i) for i in range(per)).astype(np.uint8)

    weight = ((q - zero[..., None]) * scales[..., None]).reshape(n, -1)[:, :k].T
    return pack(q), scales.ravel(), pack(zero).ravel() if points else None, weight


@case
def blocked_weights():
    x = normal(2, 3, 40)
    nodes, weights, outputs = [], {}, {}
    for name, bits, points in (("y4", 4, False), ("y4z", 4, True), ("y8", 8, False), ("y8z", 8, True)):
        packed, scales, zero, w = blockwise(6, 40, bits, 16, bits, points)
        weights.update({name + "w": packed, name + "s": scales})
        if points:
            weights[name + "z"] = zero
        nodes.append(ms("MatMulNBits", f"x {name}w {name}s" + (f" {name}z" if points else ""), name, K=40, N=6, bits=bits,
                        block_size=16))
        outputs[name] = np.float32(x @ w)
    return nodes, {"x": x}, weights, outputs


def quantize(x, scale, zero, dtype):
    limits = np.iinfo(dtype)
    return (np.rint(x / np.float32(scale)) + zero).clip(limits.min, limits.max).astype(dtype)


@case
def quantized():
    random = np.random.default_rng(3)
    a, b = random.integers(0, 256, size=(2, 1, 4, 6, 6)).astype(np.uint8)
    scales = {"sa": np.float32(0.0217), "za": np.uint8(120), "sb": np.float32(0.0531), "zb": np.uint8(10), "sy": np.float32(0.0613),
              "zy": np.uint8(100)}
    x, y = (a.astype(np.float32) - 120) * np.float32(0.0217), (b.astype(np.float32) - 10) * np.float32(0.0531)
    to = lambda v: quantize(v.astype(np.float32), 0.0613, 100, np.uint8)
    pooled = x.reshape(1, 4, 3, 2, 3, 2).mean((3, 5))
    nodes = [
        ms("QLinearAdd", "a sa za b sb zb sy zy", "add"), ms("QLinearMul", "a sa za b sb zb sy zy", "mul"),
        ms("QLinearSigmoid", "a sa za sy zy", "sigmoid"), ms("QLinearLeakyRelu", "a sa za sy zy", "leaky", alpha=0.1),
        ms("QLinearAveragePool", "a sa za sy zy", "pool", kernel_shape=[2, 2], strides=[2, 2]),
        ms("QLinearGlobalAveragePool", "a sa za sy zy", "global", channels_last=0),
        ms("QLinearConcat", "sy zy a sa za b sb zb", "joined", axis=1),
    ]
    outputs = {"add": to(x + y), "mul": to(x * y), "sigmoid": to(1 / (1 + np.exp(-x))), "leaky": to(np.where(x < 0, 0.1 * x, x)),
               "pool": to(pooled), "global": to(x.mean((2, 3), keepdims=True)), "joined": np.concatenate([to(x), to(y)], axis=1)}
    return nodes, {"a": a, "b": b}, scales, outputs


@case
def integer_products():
    random = np.random.default_rng(4)
    x, b = normal(3, 16), random.integers(-60, 61, size=(16, 5)).astype(np.int8)
    scale, bias = np.float32([0.01, 0.02, 0.03, 0.04, 0.05]), normal(5)
    a, points = random.integers(0, 256, size=(3, 16)).astype(np.uint8), np.int8([1, -2, 3, 0, 5])
    low, high = min(0, x.min()), max(0, x.max())
    step = np.float32(high - low) / 255
    zero = np.rint((0 - low) / step).clip(0, 255)
    q = quantize(x, step, zero, np.uint8).astype(np.int64) - int(zero)
    nodes = [ms("DynamicQuantizeMatMul", "x b scale points bias", "dynamic"),
             ms("MatMulIntegerToFloat", "a b sa scale za points bias", "scaled")]
    centered = b.astype(np.int64) - points
    outputs = f32(dynamic=(q @ centered) * step * scale + bias, scaled=((a.astype(np.int64) - 7) @ centered) * 0.02 * scale + bias)
    weights = {"b": b, "scale": scale, "points": points, "bias": bias, "sa": np.float32(0.02), "za": np.uint8(7)}
    return nodes, {"x": x, "a": a}, weights, outputs


if __name__ == "__main__":
    for name, function in CASES.items():
        write_case(os.path.join(sys.argv[1], name), *function(), [("", 21), (MS, 1)])
