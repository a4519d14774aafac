"""mutate.py COUNT MODELS_DIR TEMP_DIR: converts COUNT damaged copies of the models in MODELS_DIR.

Each must either convert, or end with status 2 and a message that names the file, and then leave no output behind. A few
of those that convert are compiled. Mutation N depends on the seed and N only: --seed, --first and --compile-every make
other and larger campaigns; --keep-going collects the failures instead of stopping at the first.
"""
import argparse
import concurrent.futures
import os
import pathlib
import random
import shutil
import subprocess
import sys

import onnx
from google.protobuf.descriptor import FieldDescriptor as Field

INTEGERS = (-(1 << 63), -(1 << 31), -5, -1, 0, 1, 2, 3, 7, 99, 1 << 16, (1 << 31) - 1, 1 << 31, 1 << 40, 1 << 62, (1 << 63) - 1)
REALS = (float("nan"), float("inf"), -float("inf"), 0.0, -0.0, -1.0, 0.5, 1e-30, 1e30)
# What generated code, its comments and messages must survive.
NAMES = ("", "a b", "*/", "ends in \\", "x\n#error y", "??/", "ü€", '"quoted"', "int", "run", "std", "a" * 3000, "a\0b", "0", "a.b/c", "%s", "{}")
MAX_RESIDENT_BYTES = 4 << 30


def change_value(rng, field, old, model):
    """Another value of a scalar field's type."""
    if field.type == Field.TYPE_ENUM:
        return rng.choice(field.enum_type.values).number
    if field.cpp_type in (Field.CPPTYPE_INT64, Field.CPPTYPE_INT32, Field.CPPTYPE_UINT64, Field.CPPTYPE_UINT32):
        if field.name == "data_type" or field.name == "elem_type":
            return rng.randrange(27)
        bits = 64 if field.cpp_type in (Field.CPPTYPE_INT64, Field.CPPTYPE_UINT64) else 32
        value = rng.choice(INTEGERS + (old + 1, old - 1, old * 2, -old)) & ((1 << bits) - 1)
        unsigned = field.cpp_type in (Field.CPPTYPE_UINT64, Field.CPPTYPE_UINT32)
        return value if unsigned or value < 1 << (bits - 1) else value - (1 << bits)
    if field.cpp_type in (Field.CPPTYPE_DOUBLE, Field.CPPTYPE_FLOAT):
        return rng.choice(REALS + (-old, old * 2))
    if field.type == Field.TYPE_BYTES:
        data = bytearray(old)
        kind = rng.randrange(3)
        if kind == 0:
            return bytes(data[: rng.randrange(len(data) + 1)])
        if kind == 1:
            return bytes(data) + bytes(rng.choice((1, 3, 4, 8, 64)))
        for _ in range(min(len(data), rng.choice((1, 4, 16)))):
            data[rng.randrange(len(data))] = rng.choice((0, 1, 127, 128, 255))
        return bytes(data)
    if rng.random() < 0.5:  # another name of the model: edges, operators
        node = rng.choice(model.graph.node) if model.graph.node else onnx.NodeProto()
        return rng.choice([node.op_type, *node.input, *node.output] + [tensor.name for tensor in model.graph.initializer])
    return rng.choice(NAMES)


def change_field(rng, message, model):
    """Changes one field of the message, set or not."""
    present = [field for field, _ in message.ListFields()]
    field = rng.choice(present if present and rng.random() < 0.85 else message.DESCRIPTOR.fields)
    is_message = field.cpp_type == Field.CPPTYPE_MESSAGE
    values = getattr(message, field.name)
    if not field.is_repeated:
        if is_message:
            message.ClearField(field.name)
        else:
            setattr(message, field.name, change_value(rng, field, values, model))
        return
    kind = rng.randrange(5)
    if not values:
        values.add() if is_message else values.append(change_value(rng, field, type_default(field), model))
    elif kind == 0:
        del values[rng.randrange(len(values))]
    elif kind == 1:
        again = rng.choice(values)
        values.add().CopyFrom(again) if is_message else values.append(again)
    elif is_message:
        one, two = rng.choice(values), rng.choice(values)
        copy = type(one)()
        copy.CopyFrom(one)
        one.CopyFrom(two)
        two.CopyFrom(copy)
    elif kind == 2:
        kept = list(values)
        rng.shuffle(kept)
        values[:] = kept
    else:
        i = rng.randrange(len(values))
        values[i] = change_value(rng, field, values[i], model)


def type_default(field):
    if field.cpp_type == Field.CPPTYPE_STRING:
        return b"" if field.type == Field.TYPE_BYTES else ""
    return 0


def choose_message(rng, message):
    """A message somewhere inside, found by descending."""
    while rng.random() < 0.8:
        children = []
        for field, value in message.ListFields():
            if field.cpp_type == Field.CPPTYPE_MESSAGE:
                group = list(value) if field.is_repeated else [value]
                children.extend([group] if group else [])
        if not children:
            break
        message = rng.choice(rng.choice(children))
    return message


def damage_fields(rng, data):
    model = onnx.load_from_string(data)
    for _ in range(rng.choice((1, 1, 2, 4))):
        root = model if rng.random() < 0.1 else model.graph
        change_field(rng, choose_message(rng, root), model)
    return model.SerializeToString()


def damage_graph(rng, data):
    """Changes that keep more of the model valid, so that they get further."""
    model = onnx.load_from_string(data)
    graph = model.graph
    node, other = rng.choice(graph.node), rng.choice(graph.node)
    kind = rng.randrange(9)
    if kind == 0 and node.input:
        node.input[rng.randrange(len(node.input))] = rng.choice([*other.input, *other.output])
    elif kind == 1 and node.attribute:
        attribute = rng.choice(node.attribute)
        small = (-2, -1, 0, 1, 2, 3, 4, 8)
        if attribute.ints:
            attribute.ints[rng.randrange(len(attribute.ints))] = rng.choice(small)
        else:
            attribute.i = rng.choice(small)
    elif kind == 2:
        del node.attribute[:]
    elif kind == 3:
        node.op_type = other.op_type
        del node.attribute[:]
        node.attribute.extend(other.attribute)
    elif kind == 4:  # a renamed value, everywhere
        old, new = rng.choice(node.output), rng.choice(NAMES)
        for each in graph.node:
            each.input[:] = [new if name == old else name for name in each.input]
            each.output[:] = [new if name == old else name for name in each.output]
        for value in (*graph.output, *graph.value_info):
            value.name = new if value.name == old else value.name
    elif kind == 5:  # other sizes at the border
        dims = rng.choice(graph.input).type.tensor_type.shape.dim
        if dims:
            rng.choice(dims).dim_value = rng.choice((0, 1, 2, 5, 31, 1000))
    elif kind == 6 and graph.initializer:  # a weight as a scalar, a vector, or with its extents turned
        tensor = rng.choice(graph.initializer)
        dims = list(tensor.dims)
        rng.shuffle(dims)
        tensor.dims[:] = rng.choice((dims, dims + [1], [1] + dims))
    elif kind == 7:
        graph.output.add().name = rng.choice(node.output)
    else:
        for value_type in {v.type.tensor_type.elem_type for v in graph.input}:
            new_type = rng.choice((1, 6, 7, 9, 10, 11))
            for value in (*graph.input, *graph.output, *graph.initializer):
                if isinstance(value, onnx.TensorProto):
                    value.data_type = new_type if value.data_type == value_type else value.data_type
                elif value.type.tensor_type.elem_type == value_type:
                    value.type.tensor_type.elem_type = new_type
    return model.SerializeToString()


def damage_bytes(rng, data):
    data = bytearray(data)
    kind = rng.randrange(4)
    if kind == 0:
        return bytes(data[: rng.randrange(len(data))])
    for _ in range(rng.choice((1, 3, 20))):
        # The graph's structure is at both ends of the file; most of the rest is weights.
        where = rng.randrange(min(len(data), 4000)) * rng.choice((1, -1))
        if kind == 1:
            data[where] = rng.randrange(256)
        elif kind == 2:
            data[where] ^= 1 << rng.randrange(8)
        else:
            del data[where : where + rng.randrange(1, 9)]
    return bytes(data)


def convert(path, output, timeout):
    """The exit status (or "timeout"), what was printed and the peak memory."""
    with open(output.with_name("messages"), "w+b") as messages:
        process = subprocess.Popen(["m2c", "convert", path, "-o", output, "--march=x86-64-v3", "--main"],
                                   stdout=messages, stderr=subprocess.STDOUT)
        with concurrent.futures.ThreadPoolExecutor(1) as waiter:
            waiting = waiter.submit(os.wait4, process.pid, 0)
            try:
                _, status, usage = waiting.result(timeout)
                status = os.waitstatus_to_exitcode(status)
            except concurrent.futures.TimeoutError:
                process.kill()
                status, usage = "timeout", waiting.result()[2]
        process.returncode = 0  # it has been waited for
        messages.seek(0)
        return status, messages.read(), usage.ru_maxrss * 1024


def find_problem(status, messages, memory, folder, output):
    try:
        text = messages.decode()
    except UnicodeDecodeError:
        return "a message that is no UTF-8"
    if status not in (0, 2):
        return f"status {status}"
    if memory > MAX_RESIDENT_BYTES:
        return f"{memory >> 20} MB of memory"
    left = [path for path in folder.iterdir() if path.name.startswith("out")]
    if status == 0:
        return None if output.exists() and output.with_suffix(".h").exists() else "no output"
    if "error: " not in text or "damaged.onnx: " not in text:
        return "a message without the file's name"
    return f"{left[0].name} left behind" if left else None


def compile_output(output):
    """What the compiler says against the generated code."""
    compiler = os.environ.get("CXX", "c++").split()
    run = subprocess.run([*compiler, "-std=c++17", "-Wall", "-Wextra", "-Werror", "-march=x86-64-v3", "-fsyntax-only", output],
                         capture_output=True, text=True, errors="replace")
    return run.stderr if run.returncode else None


def run_mutation(number, options, sources):
    rng = random.Random(f"{options.seed}/{number}")
    name, source = rng.choice(sources)
    damage = rng.choice((damage_bytes, damage_fields, damage_fields, damage_graph))
    folder = options.temp / str(number)
    folder.mkdir()
    path, output = folder / "damaged.onnx", folder / "out.cpp"
    path.write_bytes(damage(rng, source))
    status, messages, memory = convert(path, output, options.timeout)
    problem = find_problem(status, messages, memory, folder, output)
    compiled = problem is None and status == 0 and number % options.compile_every == 0
    if compiled and (errors := compile_output(output)):
        problem = "the generated code does not compile\n" + errors
    if problem is None:
        shutil.rmtree(folder)
        return status, compiled, None
    text = messages.decode(errors="replace")
    return status, compiled, f"mutation {number} of {name} by {damage.__name__}: {problem}; see {folder}\n{text}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("count", type=int)
    parser.add_argument("models", type=pathlib.Path)
    parser.add_argument("temp", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--compile-every", type=int, default=40)
    parser.add_argument("--timeout", type=float, default=120)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep-going", action="store_true")
    options = parser.parse_args()
    shutil.rmtree(options.temp, ignore_errors=True)
    options.temp.mkdir(parents=True)
    paths = sorted(options.models.glob("*/model.onnx"))
    sources = [(path.parent.name, path.read_bytes()) for path in paths if path.parent.name != "external"]
    converted = refused = compiled = failed = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        numbers = range(options.first, options.first + options.count)
        for status, was_compiled, problem in pool.map(lambda number: run_mutation(number, options, sources), numbers):
            converted += status == 0
            refused += status == 2
            compiled += was_compiled
            if problem:
                failed += 1
                print(problem, flush=True)
                if not options.keep_going:
                    os._exit(1)
    print(f"{options.count} mutated models: {converted} converted ({compiled} compiled), {refused} refused, {failed} failed")
    sys.exit(1 if failed else 0)


main()
