"""Writes models whose graphs are right or wrong in many ways, to the folder given."""
import sys

from onnx import GraphProto, TensorProto, helper, parser, save

folder = sys.argv[1]
FLOAT = TensorProto.FLOAT


def write(name, model):
    save(model, f"{folder}/{name}.onnx")


def text(name, body, opset=17, functions="", ir_version=8):
    write(name, parser.parse_model(f'<ir_version: {ir_version}, opset_import: ["" : {opset}, "f" : 1]>\n{body}\n{functions}'))


def graph(name, nodes, inputs=("x",), outputs=("y",), opset=17, initializers=(), opsets=None, shape=(2, 3), **fields):
    values = [helper.make_tensor_value_info(i, FLOAT, shape) for i in inputs]
    proto = helper.make_graph(nodes, name, values, [helper.make_empty_tensor_value_info(o) for o in outputs],
                              list(initializers))
    model = helper.make_model(proto, opset_imports=opsets or [helper.make_opsetid("", opset)], ir_version=8)
    for field, value in fields.items():
        setattr(model, field, value)
    write(name, model)
    return model


node = helper.make_node
weight = helper.make_tensor("w", FLOAT, [3], [1.0, 2.0, 3.0])

# Right ones.
model = graph("metadata", [node("Relu", ["x"], ["y"], "act")], producer_name="tool", producer_version="1.2")
helper.set_model_props(model, {"range.x": "0 1"})
write("metadata", model)
text("optional", "g (float[2,3] x) => (float[2,3] y) { max = Constant <value = float {6}> ()  y = Clip(x, , max) }")
graph("unused_outputs", [node("LSTM", ["x", "x", "x", "", "", "x"], ["", "", "c"], "lstm", hidden_size=1)], outputs=["c"])
graph("unsorted", [node("Neg", ["a"], ["y"], "second"), node("Abs", ["x"], ["a"], "first")])
graph("initializer_input", [node("Add", ["x", "w"], ["y"])], inputs=("x", "w"), initializers=[weight])
graph("output_is_input", [], outputs=("x",))
graph("unnamed", [node("Relu", ["x"], ["y"])])
graph("constants", [node("Constant", [], ["i"], value_int=3), node("Constant", [], ["is"], value_ints=[1, 2]),
                    node("Constant", [], ["f"], value_float=0.5), node("Constant", [], ["fs"], value_floats=[1.0, 2.0]),
                    node("Constant", [], ["s"], value_string="ab"), node("Constant", [], ["ss"], value_strings=["a", "b"]),
                    node("Constant", [], ["t"], value=weight)], outputs=["i", "is", "f", "fs", "s", "ss", "t"])
text("subgraph", """g (bool c, float[2] x) => (float[2] y) {
  one = Neg(x)
  y = If (c) <then_branch = then () => (float[2] t) { t = Add(one, x) }, else_branch = other () => (float[2] e) { e = Abs(one) }>
}""")
text("function", "g (float[2] x) => (float[2] y) { y = f.Twice <scale = 3.0> (x) }", functions="""
<domain: "f", opset_import: ["" : 17, "f" : 1]> Twice <scale: float = 1.0, alpha: float = 0.5> (a, missing) => (b)
{ s = LeakyRelu <alpha: float = @alpha> (a)  c = Clip (s, missing)  b = f.Inner <k: float = @scale> (c) }
<domain: "f", opset_import: ["" : 17]> Inner <k> (a) => (b) { b = Elu <alpha: float = @k> (a) }""")
symbolic = helper.make_model(helper.make_graph(
    [node("Add", ["x", "z"], ["y"])], "g",
    [helper.make_tensor_value_info("x", FLOAT, ["N", 3]), helper.make_tensor_value_info("z", FLOAT, [None, 3])],
    [helper.make_empty_tensor_value_info("y")]), opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
write("symbolic", symbolic)

# Wrong ones.
graph("cycle", [node("Add", ["x", "c"], ["a"], "one"), node("Neg", ["a"], ["b"], "two"), node("Abs", ["b"], ["c"], "three"),
                node("Relu", ["c"], ["y"], "behind")])
graph("self_cycle", [node("Add", ["x", "y"], ["y"], "own")])
graph("dangling", [node("Add", ["x", "nowhere"], ["y"], "add")])
graph("dangling_output", [node("Relu", ["x"], ["y"])], outputs=["z"])
graph("duplicate_value", [node("Relu", ["x"], ["y"], "a"), node("Neg", ["x"], ["y"], "b")])
graph("duplicate_input", [node("Relu", ["x"], ["y"])], inputs=("x", "x"))
graph("duplicate_initializer", [node("Relu", ["x"], ["y"])], initializers=[weight, weight])
graph("too_many_inputs", [node("Relu", ["x", "x"], ["y"], "relu")])
graph("too_few_inputs", [node("Add", ["x"], ["y"], "add")])
graph("left_out_input", [node("Add", ["", "x"], ["y"], "add")])
graph("too_many_outputs", [node("Relu", ["x"], ["y", "z"], "relu")])
graph("missing_attribute", [node("Concat", ["x"], ["y"], "concat")])
graph("wrong_attribute", [node("Concat", ["x"], ["y"], "concat", axis=1.5)])
twice = node("Concat", ["x"], ["y"], "concat", axis=1)
twice.attribute.append(helper.make_attribute("axis", 0))
graph("attribute_twice", [twice])
graph("unsupported", [node("Gelu", ["x"], ["a"], "n0", domain="com.example"), node("Gelu", ["a"], ["b"], "n1", domain="com.example"),
                      node("Nothing", ["b"], ["c"], "n2"), node("Relu", ["c"], ["y"], "n3", color="red")],
      opsets=[helper.make_opsetid("", 17), helper.make_opsetid("com.example", 1)])
graph("no_opset", [node("Relu", ["x"], ["y"], "relu")], opsets=[helper.make_opsetid("other", 1)])
graph("new_opset", [node("Relu", ["x"], ["y"], "relu")], opset=99)
graph("no_branch", [node("If", ["x"], ["y"], "if", then_branch=GraphProto(name="g"))])
graph("empty_constant", [node("Constant", [], ["y"], "k")])
graph("wrong_constant", [node("Constant", [], ["y"], "k", value_int=0.5)])
graph("negative_dim", [node("Relu", ["x"], ["y"])], shape=(-2, 3))
graph("absurd_dim", [node("Relu", ["x"], ["y"])], shape=(2**40, 2**40))
typeless = graph("typeless", [node("Relu", ["x"], ["y"])])
typeless.graph.input[0].ClearField("type")
write("typeless", typeless)
text("endless_function", "g (float[2] x) => (float[2] y) { y = f.Again (x) }",
     functions='<domain: "f", opset_import: ["" : 17, "f" : 1]> Again (a) => (b) { b = f.Again (a) }')
text("growing_function", "g (float[2] x) => (float[2] y) { y = f.F0 (x) }", functions="\n".join(
    f'<domain: "f", opset_import: ["" : 17, "f" : 1]> F{i} (a) => (b) {{ c = f.F{i + 1} (a)  b = f.F{i + 1} (c) }}'
    for i in range(40)) + '<domain: "f", opset_import: ["" : 17]> F40 (a) => (b) { b = Neg (a) }')
text("function_attribute", "g (float[2] x) => (float[2] y) { y = f.F <k = 1> (x) }",
     functions='<domain: "f", opset_import: ["" : 17]> F (a) => (b) { b = Neg (a) }')


def field(number, data):
    """A field of bytes in the wire format."""
    size, varint = len(data), b""
    while size >= 128:
        varint += bytes([size & 127 | 128])
        size >>= 7
    return bytes([number << 3 | 2]) + varint + bytes([size]) + data


nested = b""
for _ in range(60):
    nested = field(1, field(5, field(6, nested)))  # a graph's node's attribute's graph

with open(f"{folder}/metadata.onnx", "rb") as file:
    data = file.read()
for name, content in {"empty": b"", "text": b"Hello, world!\n" * 100, "truncated": data[:-7], "zeros": bytes(1000), "nested": field(7, nested),
                      "png": b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "ends_in_number": b"\x08\xff"}.items():
    with open(f"{folder}/{name}.onnx", "wb") as file:
        file.write(content)
