"""mutate.py COUNT MODELS_DIR TEMP_DIR: converts COUNT damaged copies of the models.

Each must either convert or end with status 2 and a message that names the file, and then leave no output behind.
"""
import pathlib
import random
import subprocess
import sys

import onnx

count, models, temp = int(sys.argv[1]), pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
names = ("mlp", "cnn", "sentiment_gru", "transformer", "lipsync_unet", "resnet18", "transitionnet", "mlp_ir3")
sources = [(models / name / "model.onnx").read_bytes() for name in names]
rng = random.Random(1)


def damage_bytes(data):
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


def damage_graph(data):
    model = onnx.load_from_string(data)
    graph = model.graph
    node = rng.choice(graph.node)
    tensor = rng.choice(graph.initializer)
    kind = rng.randrange(9)
    if kind == 0:
        node.input[rng.randrange(len(node.input))] = rng.choice(graph.node).output[0] if node.input else ""
    elif kind == 1 and node.input:
        del node.input[rng.randrange(len(node.input))]
    elif kind == 2:
        node.op_type = rng.choice(graph.node).op_type
    elif kind == 3 and tensor.dims:
        tensor.dims[rng.randrange(len(tensor.dims))] = rng.choice((-1, 0, 1, 7, 1 << 31, 1 << 62))
    elif kind == 4:
        tensor.data_type = rng.randrange(25)
    elif kind == 5 and node.attribute:
        attribute = rng.choice(node.attribute)
        attribute.i = rng.choice((-1 << 63, -3, 0, 99, (1 << 63) - 1))
        attribute.ints[:] = [rng.choice((-(1 << 40), -1, 0, 5, 1 << 40)) for _ in attribute.ints]
    elif kind == 6:
        shape = rng.choice(graph.input).type.tensor_type.shape
        if shape.dim:
            rng.choice(shape.dim).dim_value = rng.choice((-5, 0, 3, 1 << 33, 1 << 62))
    elif kind == 7:
        graph.node.remove(node)
    else:
        nodes = list(graph.node)
        rng.shuffle(nodes)
        del graph.node[:]
        graph.node.extend(nodes)
    return model.SerializeToString()


temp.mkdir(parents=True, exist_ok=True)
path, output = temp / "damaged.onnx", temp / "out.cpp"
statuses = {}
for i in range(count):
    source = rng.choice(sources)
    path.write_bytes(rng.choice((damage_bytes, damage_graph))(source))
    for old in temp.glob("out.*"):
        old.unlink()
    run = subprocess.run(["m2c", "convert", path, "-o", output, "--march=x86-64-v3"], capture_output=True, text=True, errors="replace", timeout=60)
    statuses[run.returncode] = statuses.get(run.returncode, 0) + 1
    problem = None
    if run.returncode not in (0, 2):
        problem = f"status {run.returncode}"
    elif run.returncode == 2 and ("error: " not in run.stderr or "damaged.onnx" not in run.stderr):
        problem = "a message without the file's name"
    elif run.returncode == 2 and list(temp.glob("out.*")):
        problem = "output left behind"
    elif run.returncode == 0 and not output.exists():
        problem = "no output"
    if problem:
        kept = temp / f"failed_{i}.onnx"
        kept.write_bytes(path.read_bytes())
        sys.exit(f"mutation {i}: {problem}; the model is {kept}\n{run.stderr}")
print(f"{count} mutated models: {statuses.get(0, 0)} converted, {statuses.get(2, 0)} refused")
