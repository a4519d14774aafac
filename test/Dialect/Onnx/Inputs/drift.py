"""Compares the dialect's operators (as m2c-test-import --schemas prints them, on standard input) with onnx.defs."""
import sys

from onnx import defs

# Operators that the importer rewrites, and attributes that it folds into one.
REWRITTEN = {"Scatter", "Upsample"}
KINDS = {"INT": "int", "FLOAT": "float", "STRING": "string", "INTS": "ints", "FLOATS": "floats", "STRINGS": "strings",
         "TENSOR": "tensor", "SPARSE_TENSOR": "tensor", "TYPE_PROTO": "type", "GRAPH": "graph"}


def name(value):
    return str(value).rsplit(".", 1)[-1].upper()


def parameter(p):
    return p.name + {"SINGLE": "", "OPTIONAL": "?", "VARIADIC": f"*{p.min_arity}"}[name(p.option)]


def expected():
    newest = {}
    for schema in defs.get_all_schemas():
        newest[schema.domain, schema.name] = schema
    for (domain, op), schema in newest.items():
        if op in REWRITTEN:
            continue
        attributes = sorted(f"{n}:{KINDS[name(a.type)]}{'!' if a.required else ''}" for n, a in schema.attributes.items())
        if op == "Constant":
            attributes = ["value:tensor!"]
        yield (f"{domain or 'ai.onnx'} {op} {schema.since_version} ({', '.join(map(parameter, schema.inputs))}) -> "
               f"({', '.join(map(parameter, schema.outputs))}) {{{', '.join(attributes)}}}")


# Of other domains there are no schemas.
want = set(expected())
have = {line for line in sys.stdin.read().splitlines() if not line.startswith(("com.microsoft ", "m2c "))}
for line in sorted(want ^ have, key=lambda line: line.split()[:2]):
    print(("onnx:    " if line in want else "dialect: ") + line)
print(f"{len(want & have)} operators agree, {len(want ^ have)} lines differ")
