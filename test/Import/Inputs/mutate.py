"""Writes mutated models to the folder given: seeds from onnx.parser, then bytes or fields changed at random, always alike."""
import math
import random
import sys

from google.protobuf.descriptor import FieldDescriptor
from onnx import ModelProto, TensorProto, parser

COUNT = 600
INTEGERS = [0, 1, -1, 2, 3, 7, 255, 2**31 - 1, -(2**31), 2**32, 2**40, 2**62, 2**63 - 1, -(2**63)]
HEADER = '<ir_version: 8, opset_import: ["" : 17, "f" : 1]>\n'

SEEDS = ["""g (float[1,3,8,8] x) => (float[1,10] y)
  <float[4,3,3,3] w, float[4] b, float[10,64] fw, float[4] k, int64[2] shape = {1, -1}> {
  c = Conv <kernel_shape = [3, 3], pads = [1, 1, 1, 1], strides = [1, 1]> (x, w, b)
  n = BatchNormalization(c, k, b, k, k)
  r = Relu(n)
  p = MaxPool <kernel_shape = [2, 2], strides = [2, 2], auto_pad = "SAME_UPPER"> (r)
  f = Reshape(p, shape)
  z = Gemm <transB = 1, alpha = 0.5> (f, fw)
  y = Softmax <axis = 1> (z)
}""", """g (float[5,2,4] x) => (float[5,1,2,3] y, float[1,2,3] h) <float[1,12,4] w, float[1,12,3] r, float[1,24] b> {
  y, h, c = LSTM <hidden_size = 3, direction = "forward"> (x, w, r, b, , , )
}""", """g (float[2,4] x) => (float[2,4] y) {
  one = Neg(x)
  axes = Constant <value = int64[1] {1}> ()
  s = ReduceSum <keepdims = 0> (one, axes)
  n = Shape(x)
  yes = Constant <value = bool {1}> ()
  z = If (yes) <then_branch = then () => (float[2,4] t) { t = Add(one, x) }, else_branch = other () => (float[2,4] e) { e = Abs(one) }>
  u = Expand(z, n)
  y = Mul(u, one)
}""", """g (bool c, float[2,4] x, int64 steps) => (float[2,4] y) {
  y = Loop (steps, c, x) <body = body (int64 i, bool in, float[2,4] v) => (bool out, float[2,4] w) { out = Identity(in)  w = Mul(v, x) }>
}""", """g (float[4,4] x) => (float[8,2] y) {
  a, b = Split <axis = 0> (x)
  k = Constant <value_ints = [0, 0]> ()
  l = Constant <value_ints = [2, 4]> ()
  s = f.Twice <scale = 2.0> (a)
  t = Slice (b, k, l)
  u = Concat <axis = -1> (s, t)
  v = Transpose <perm = [1, 0]> (u)
  y = Cast <to = 7> (v)
}
<domain: "f", opset_import: ["" : 17]> Twice <scale: float = 1.0> (a) => (b) { c = LeakyRelu <alpha: float = @scale> (a)  b = Add (c, c) }
""", """g (int64[1,6] ids) => (float[1,6,4] y) <float[9,4] table, float[4,4] q, float[4] g> {
  e = Gather(table, ids)
  n = LayerNormalization <axis = -1, epsilon = 0.001> (e, g, g)
  a = MatMul(n, q)
  t = Transpose <perm = [0, 2, 1]> (n)
  s = MatMul(a, t)
  p = Softmax <axis = -1> (s)
  o = MatMul(p, n)
  h = Erf(o)
  m = Clip(h)
  y = Add(m, e)
}"""]


def seed_models():
    models = [parser.parse_model(HEADER + text) for text in SEEDS]
    for model in models:
        for info in model.graph.value_info: # weights that the text declares without a value
            dims = [d.dim_value for d in info.type.tensor_type.shape.dim]
            model.graph.initializer.add(name=info.name, data_type=TensorProto.FLOAT, dims=dims,
                                        raw_data=bytes(4 * math.prod(dims)))
    for model in list(models):
        for opset in (6, 11, 13):
            old = ModelProto()
            old.CopyFrom(model)
            old.opset_import[0].version = opset
            models.append(old)
    external = models[0].graph.initializer[1]
    external.ClearField("raw_data")
    external.data_location = TensorProto.EXTERNAL
    external.external_data.add(key="location", value="weights.bin")
    external.external_data.add(key="length", value="432")
    return models


def mutate_bytes(data, rng, other):
    data = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(data) or 1)
        kind = rng.randrange(6)
        if kind == 0 and data:
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 1 and data:
            data[at] = rng.choice([0, 1, 0x7F, 0x80, 0xFF])
        elif kind == 2:
            del data[at:]
        elif kind == 3:
            del data[at:at + rng.randint(1, 16)]
        elif kind == 4:
            data[at:at] = rng.randbytes(rng.randint(1, 8))
        else:
            start = rng.randrange(len(other))
            data[at:at] = other[start:start + rng.randint(1, 64)]
    return bytes(data)


def is_repeated(value):
    return hasattr(value, "append")


def collect(message, found):
    """All messages inside, with the fields that they have."""
    found.append(message)
    for field, value in message.ListFields():
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            for inner in value if is_repeated(value) else [value]:
                collect(inner, found)


def new_scalar(field, old, rng, names):
    if field.type in (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES):
        text = rng.choice([*names, "", "Conv", "NOTSET", "ai.onnx.ml", "../x", "n" * 500, "a\nb"])
        return text if field.type == FieldDescriptor.TYPE_STRING else text.encode()
    if field.type in (FieldDescriptor.TYPE_FLOAT, FieldDescriptor.TYPE_DOUBLE):
        return rng.choice([0.0, -1.0, 1e30, float("nan"), float("inf")])
    if field.type == FieldDescriptor.TYPE_ENUM:
        return rng.choice(field.enum_type.values).number
    if field.type == FieldDescriptor.TYPE_INT32:
        return rng.choice([i for i in INTEGERS if -(2**31) <= i < 2**31])
    return rng.choice([i for i in INTEGERS if i >= 0] if field.type == FieldDescriptor.TYPE_UINT64 else INTEGERS)


def mutate_fields(model, rng, names):
    for _ in range(rng.randint(1, 3)):
        messages = []
        collect(model, messages)
        message = rng.choice([m for m in messages if m.ListFields()] or [model])
        fields = [f for f, _ in message.ListFields()]
        if not fields:
            return
        field = rng.choice(fields)
        value = getattr(message, field.name)
        kind = rng.randrange(3)
        if kind == 0:
            message.ClearField(field.name)
        elif is_repeated(value):
            at = rng.randrange(len(value))
            if kind == 1:
                del value[at]
            elif field.type == FieldDescriptor.TYPE_MESSAGE:
                value.add().CopyFrom(value[at])
            elif rng.random() < 0.5:
                value.append(value[at])
            else:
                value[at] = new_scalar(field, value[at], rng, names)
        elif field.type != FieldDescriptor.TYPE_MESSAGE:
            setattr(message, field.name, new_scalar(field, value, rng, names))


def main():
    folder = sys.argv[1]
    with open(f"{folder}/weights.bin", "wb") as file:
        file.write(bytes(432))
    models = seed_models()
    for i, model in enumerate(models):
        with open(f"{folder}/seed{i}.onnx", "wb") as file:
            file.write(model.SerializeToString())
    rng = random.Random(1)
    for i in range(COUNT):
        model = ModelProto()
        model.CopyFrom(rng.choice(models))
        names = sorted({n for node in model.graph.node for n in [*node.input, *node.output, node.op_type]})
        if i % 3:
            mutate_fields(model, rng, names)
        data = model.SerializeToString()
        if i % 3 == 0 or rng.random() < 0.1:
            data = mutate_bytes(data, rng, rng.choice(models).SerializeToString())
        with open(f"{folder}/mutant{i:03}.onnx", "wb") as file:
            file.write(data)


main()
