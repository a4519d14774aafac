"""bad_models.py DIR: writes one broken model per kind of mistake, DIR/<kind>.onnx."""
import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FLOAT = TensorProto.FLOAT
out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)


def value(name, shape, kind=FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def model(nodes, weights=(), inputs=(("x", [2, 3]),), outputs=(("y", [2, 3]),), opset=17):
    graph = helper.make_graph(nodes, "bad", [value(*i) for i in inputs], [value(*o) for o in outputs], list(weights))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def node(kind, inputs, outputs, name="/the/node", **attributes):
    return helper.make_node(kind, inputs, outputs, name=name, **attributes)


def weight(name, shape):
    return numpy_helper.from_array(np.ones(shape, np.float32), name)


def save(kind, proto):
    (out / f"{kind}.onnx").write_bytes(proto.SerializeToString())


good = model([node("Relu", ["x"], ["y"])])
save("good", good)
save("dangling", model([node("Add", ["x", "nowhere"], ["y"])]))
save("cyclic", model([node("Add", ["x", "b"], ["a"], "/first"), node("Relu", ["a"], ["b"], "/second"),
                      node("Relu", ["b"], ["y"], "/third")]))
save("no_producer", model([node("Relu", ["x"], ["z"])]))
save("wrong_rank", model([node("Conv", ["x", "w"], ["y"])], [weight("w", (4, 3, 3, 3))]))
save("wrong_extent", model([node("MatMul", ["x", "w"], ["y"])], [weight("w", (5, 3))]))
save("unknown_operator", model([node("Relux", ["x"], ["z"], "/one"), node("Foo", ["z"], ["u"], "/two"),
                                node("Foo", ["u"], ["y"], "/three")]))
save("unknown_domain", model([helper.make_node("Gelux", ["x"], ["y"], name="/custom", domain="example.org")]))
save("unknown_attribute", model([node("Relu", ["x"], ["y"], sharpness=3)]))
save("attribute_type", model([node("Softmax", ["x"], ["y"], axis="last")]))
save("axis", model([node("Softmax", ["x"], ["y"], axis=7)]))
save("too_few_inputs", model([node("Add", ["x"], ["y"])]))
save("new_opset", model([node("Relu", ["x"], ["y"])], opset=999))
save("dynamic", model([node("Conv", ["x", "w"], ["y"])], inputs=[("x", ["batch", 3, "height", 4]), ("w", [3, 3, 1, 1])], outputs=[("y", ["batch", 3, "height", 4])]))
save("absurd_size", model([node("Relu", ["x"], ["y"])], inputs=[("x", [1 << 40, 1 << 40])], outputs=[("y", [1 << 40, 1 << 40])]))
save("no_output", model([node("Relu", ["x"], ["y"])], outputs=()))
save("complex", model([node("Identity", ["x"], ["y"])], inputs=[("x", [2, 3], TensorProto.COMPLEX64)]))
save("strings", model([node("Cast", ["x"], ["h"], "/narrow", to=TensorProto.STRING), node("Cast", ["h"], ["y"], to=FLOAT)], opset=21))
save("negative_extent", model([node("Relu", ["x"], ["y"])], inputs=[("x", [-7, 3])]))
duplicate = model([node("Relu", ["x"], ["y"]), node("Neg", ["x"], ["y"])])
save("duplicate_output", duplicate)
short = model([node("Add", ["x", "w"], ["y"])], [weight("w", (2, 3))])
short.graph.initializer[0].raw_data = b"1234"
save("short_weight", short)
bare = onnx.ModelProto()
bare.ir_version = 8
save("no_graph", bare)

for kind, location in (("external_missing", "missing.bin"), ("external_outside", "../../../../etc/passwd"),
                       ("external_absolute", "/etc/passwd")):
    proto = model([node("Add", ["x", "w"], ["y"])], [weight("w", (2, 3))])
    tensor = proto.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=location)
    save(kind, proto)

data = good.SerializeToString()
(out / "truncated.onnx").write_bytes(data[:-20])
(out / "empty.onnx").write_bytes(b"")
(out / "text.onnx").write_text("This is no model.\n" * 20)
(out / "png.onnx").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
