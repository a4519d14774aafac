"""Writes models whose tensors are encoded in every way, to the folder given."""
import os
import sys

import numpy as np
from onnx import TensorProto, helper, save

folder = sys.argv[1]


def model(name, tensors, sparse=(), ir_version=10):
    """Each tensor is an output."""
    outputs = [t.name for t in tensors] + [s.values.name for s in sparse]
    graph = helper.make_graph([], name, [], [helper.make_empty_tensor_value_info(o) for o in outputs], tensors,
                              sparse_initializer=sparse)
    save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=ir_version),
         f"{folder}/{name}.onnx")


def tensor(name, data_type, dims, **fields):
    proto = TensorProto(name=name, data_type=data_type, dims=dims)
    for field, value in fields.items():
        getattr(proto, field).extend(value) if isinstance(value, list) else setattr(proto, field, value)
    return proto


T = TensorProto
model("typed", [
    tensor("f32", T.FLOAT, [2], float_data=[1.5, -2.0]),
    tensor("f64", T.DOUBLE, [1], double_data=[0.1]),
    tensor("f16", T.FLOAT16, [2], int32_data=[0x3C00, 0xC000]),
    tensor("bf16", T.BFLOAT16, [1], int32_data=[0x3FC0]),
    tensor("f8", T.FLOAT8E4M3FN, [2], int32_data=[0x38, 0xB8]),
    tensor("e8m0", T.FLOAT8E8M0, [1], int32_data=[127]),
    tensor("f4", T.FLOAT4E2M1, [3], int32_data=[0x21, 0x07]),
    tensor("i4", T.INT4, [3], int32_data=[0xF1, 0x07]),
    tensor("u4", T.UINT4, [2], int32_data=[0xF1]),
    tensor("i2", T.INT2, [5], int32_data=[0b11100100, 1]),
    tensor("i8", T.INT8, [2], int32_data=[-1, 127]),
    tensor("u8", T.UINT8, [2], int32_data=[255, 1]),
    tensor("i16", T.INT16, [1], int32_data=[-300]),
    tensor("u16", T.UINT16, [1], int32_data=[65535]),
    tensor("i32", T.INT32, [2], int32_data=[-1, 2**31 - 1]),
    tensor("i64", T.INT64, [2], int64_data=[-(2**63), 5]),
    tensor("u32", T.UINT32, [1], uint64_data=[2**32 - 1]),
    tensor("u64", T.UINT64, [1], uint64_data=[2**64 - 1]),
    tensor("bool", T.BOOL, [3], int32_data=[1, 0, 1]),
    tensor("c64", T.COMPLEX64, [1], float_data=[1.0, 2.0]),
    tensor("text", T.STRING, [2], string_data=[b"ab", b""]),
    tensor("scalar", T.FLOAT, [], float_data=[3.0]),
    tensor("empty", T.FLOAT, [0, 4]),
])
model("raw", [
    tensor("f32", T.FLOAT, [2], raw_data=np.float32([1.5, -2]).tobytes()),
    tensor("f16", T.FLOAT16, [2], raw_data=np.float16([1, -2]).tobytes()),
    tensor("i4", T.INT4, [3], raw_data=bytes([0xF1, 0x07])),
    tensor("u2", T.UINT2, [5], raw_data=bytes([0b11100100, 1])),
    tensor("bool", T.BOOL, [3], raw_data=bytes([1, 0, 1])),
    tensor("c128", T.COMPLEX128, [1], raw_data=np.complex128([1 + 2j]).tobytes()),
    # Larger than what protobuf keeps: read from the file itself.
    tensor("large", T.FLOAT, [2000], raw_data=np.arange(2000, dtype=np.float32).tobytes()),
    tensor("large_typed", T.FLOAT, [2000], float_data=[0.5] * 2000),
])


def sparse(name, dims, values, indices):
    proto = helper.make_sparse_tensor(tensor(name, T.FLOAT, [len(values)], float_data=values),
                                      tensor(name + "_indices", T.INT64, np.shape(indices),
                                             int64_data=np.array(indices).flatten().tolist()), dims)
    return proto


model("sparse", [], [sparse("linear", [2, 3], [5.0, 7.0], [1, 5]), sparse("pairs", [2, 3], [5.0], [[1, 0]])])
model("sparse_outside", [], [sparse("s", [2, 3], [5.0], [6])])
model("sparse_absurd", [], [sparse("s", [2**30, 2**30], [5.0], [6])])
model("sparse_indices", [], [sparse("s", [2, 3], [5.0], [[1, 0, 0]])])


def external(name, dims, **entries):
    proto = tensor(name, T.FLOAT, dims, data_location=T.EXTERNAL)
    for key, value in entries.items():
        proto.external_data.add(key=key, value=str(value))
    return proto


np.arange(2048, dtype=np.float32).tofile(f"{folder}/weights.bin")
os.makedirs(f"{folder}/sub", exist_ok=True)
np.arange(4, dtype=np.float32).tofile(f"{folder}/sub/more.bin")
os.makedirs(f"{folder}/models", exist_ok=True)
model("external", [external("w", [1024], location="weights.bin", offset=4096, length=4096),
                   external("small", [2], location="weights.bin", offset=8),
                   external("sub", [4], location="sub/more.bin")])
model("models/external_up", [external("w", [4], location="../sub/more.bin")])
model("external_absolute", [external("w", [4], location="/etc/passwd")])
model("external_missing", [external("w", [4], location="nothing.bin")])
model("external_none", [external("w", [4], offset=0)])
model("external_folder", [external("w", [4], location="sub")])
model("external_long", [external("w", [4096], location="weights.bin")])
model("external_offset", [external("w", [4], location="weights.bin", offset=2**64 - 8, length=16)])
model("external_number", [external("w", [4], location="weights.bin", offset="-4")])
model("external_length", [external("w", [4], location="weights.bin", length=12)])
os.symlink("/etc/passwd", f"{folder}/models/link.bin")
os.symlink("../weights.bin", f"{folder}/models/link2.bin")
os.symlink("more.bin", f"{folder}/sub/inside.bin")
model("models/external_link", [external("w", [4], location="link.bin")])
model("models/external_link2", [external("w", [4], location="link2.bin")])
model("external_link_inside", [external("w", [4], location="sub/inside.bin")])
os.mkfifo(f"{folder}/pipe.bin")
model("external_pipe", [external("w", [4], location="pipe.bin")])

model("count", [tensor("t", T.FLOAT, [3], float_data=[1.0, 2.0])])
model("bytes", [tensor("t", T.FLOAT, [3], raw_data=bytes(8))])
model("wrong_field", [tensor("t", T.FLOAT, [2], int32_data=[1, 2])])
model("negative", [tensor("t", T.FLOAT, [-1], float_data=[1.0])])
model("overflow", [tensor("t", T.FLOAT, [2**40, 2**40], raw_data=bytes(4))])
model("absurd", [tensor("t", T.FLOAT, [2**45], raw_data=bytes(4))])
model("unknown_type", [tensor("t", 77, [1], raw_data=bytes(4))])
model("no_type", [tensor("t", 0, [1], raw_data=bytes(4))])
model("strings", [tensor("t", T.STRING, [3], string_data=[b"a"])])
model("large_wrong", [tensor("t", T.FLOAT, [2001], raw_data=bytes(8000))])
